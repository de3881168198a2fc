/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a daemon does for its ledger: send transactions, set leases, renew,
 * watch, leave, note statuses.
 */
#ifndef CGSPAN_SIM_INTENT_H
#define CGSPAN_SIM_INTENT_H

struct ledger_intent;
struct wnode;
struct world;

/* Carry one intent out; LEDGER_LEFT sets @n->left. */
void intent_carry_out(struct world *w, struct wnode *n,
		      const struct ledger_intent *in);

#endif /* CGSPAN_SIM_INTENT_H */
