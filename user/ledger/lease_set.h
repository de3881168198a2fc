/* SPDX-License-Identifier: GPL-2.0 */
/* Requests that set leases in the kernel. */
#ifndef CGSPAN_LEDGER_LEASE_SET_H
#define CGSPAN_LEDGER_LEASE_SET_H

#include <linux/cgspan.h>

#include "intent.h"
#include "state.h"

/* Purpose of an item of the pending LEASE_SET, as its reply may be late. */
enum set_why {
	SET_AMOUNT,		/* set the store's lease */
	SET_SHRINK,		/* shrink, to return the rest */
	SET_CLAIM,		/* shrink to the use, to claim it */
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
	uint64_t retry;			/* time before which none is sent, ns */
	struct batch *batch;		/* owned; NULL: none was sent yet */
	size_t n;			/* items in it */
};

void lease_set_send(struct ledger *l);
/* @held: in the order of the items; NULL: the kernel has refused. */
void lease_set_done(struct ledger *l, const struct ledger_held *held);

#endif /* CGSPAN_LEDGER_LEASE_SET_H */
