/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel of a node: it charges, admits and refuses, and keeps the leases.
 */
#ifndef CGSPAN_SIM_KERNEL_H
#define CGSPAN_SIM_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct world;
struct wnode;

/* Create group @i: its leases are 0 in a session, unlimited without one. */
void kernel_add_group(struct wnode *n, int i);
/* Charge @by units, which may be negative, to group @i and its ancestors. */
void kernel_charge(struct world *w, struct wnode *n, int i, int res,
		   int64_t by);
/* Tell the daemon, if it runs, of low headroom, a refusal or an overdraft (@credit), unless
 * it was told that or worse since the last LEASE_SET; if kres.exhausted, only of overdrafts.
 */
void kernel_tell(struct world *w, struct wnode *n, int i, int res,
		 enum cgspan_credit credit);
/* Admit and charge @amount. Return: false if refused. @again: the request has waited:
 * a refusal is neither counted nor told.
 */
bool kernel_admit(struct world *w, struct wnode *n, int i, int res,
		  uint64_t amount, bool again);
/* RENEW. Return: 0; -ERANGE: @sent is after @now; -ESTALE: @epoch is below the kernel's. */
int kernel_renew(struct wnode *n, uint64_t epoch, uint64_t sent, uint64_t now);
/* LEAVE. Return: 0; -EBUSY: units are in use. */
int kernel_leave(struct wnode *n);
/* Carry out one line of a LEASE_SET. Return: lease and use after it; .missing: no such group. */
struct ledger_held kernel_set_lease(struct world *w, struct wnode *n,
				    const struct ledger_item *it);

#endif /* CGSPAN_SIM_KERNEL_H */
