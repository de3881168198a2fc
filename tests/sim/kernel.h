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

/* Make a group: its leases are unlimited, or 0 if there is a session. */
void kernel_add_group(struct wnode *n, int i);
/* Charge @by, which may be negative, to group @i and those above it. */
void kernel_charge(struct world *w, struct wnode *n, int i, int res,
		   int64_t by);
/* Send an event that the credit of a lease is @credit, unless that or a worse one
 * was sent since the last LEASE_SET.
 */
void kernel_tell(struct world *w, struct wnode *n, int i, int res,
		 enum cgspan_credit credit);
/* Admit and charge @amount. Return: false if refused. @again: a retry: the refusal
 * is counted already.
 */
bool kernel_admit(struct world *w, struct wnode *n, int i, int res,
		  uint64_t amount, bool again);
/* RENEW: -ERANGE: time stamp in the future; -ESTALE: old epoch. */
int kernel_renew(struct wnode *n, uint64_t epoch, uint64_t sent, uint64_t now);
/* LEAVE: -EBUSY: units are in use. */
int kernel_leave(struct wnode *n);
/* Carry out one line of a LEASE_SET. */
struct ledger_held kernel_set_lease(struct world *w, struct wnode *n,
				    const struct ledger_item *it);

#endif /* CGSPAN_SIM_KERNEL_H */
