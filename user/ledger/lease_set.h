/* SPDX-License-Identifier: GPL-2.0 */
/* Requests that set leases in the kernel. */
#ifndef CGSPAN_LEDGER_LEASE_SET_H
#define CGSPAN_LEDGER_LEASE_SET_H

#include <linux/cgspan.h>

#include "intent.h"
#include "state.h"

/* Why an item is in the pending LEASE_SET: decides what its reply means. */
enum set_why {
	SET_AMOUNT,		/* set the lease that the store has, or "max" */
	SET_SHRINK,		/* shrink the lease, to return the rest */
	SET_CLAIM,		/* set store's lease, or use if more: claim */
};

struct set_item {
	uint64_t group;
	enum set_why why;
};

struct batch {
	struct ledger_item items[CGSPAN_LEASES_MAX];
	struct set_item set[CGSPAN_LEASES_MAX];
};

struct lease_set {
	uint64_t id;			/* id of the pending LEASE_SET; 0: none */
	uint64_t retry;			/* earliest time of the next request, ns */
	struct batch *batch;		/* owned; NULL: not in session so far */
	size_t n;			/* number of items in @batch */
};

void lease_set_send(struct ledger *l);
/* Reply to the LEASE_SET. @held: in the order of its items; NULL: refused. */
void lease_set_done(struct ledger *l, const struct ledger_held *held);

#endif /* CGSPAN_LEDGER_LEASE_SET_H */
