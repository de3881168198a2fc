/* SPDX-License-Identifier: GPL-2.0 */
/* Leases into the kernel. */
#ifndef CGSPAN_LEDGER_LEASE_SET_H
#define CGSPAN_LEDGER_LEASE_SET_H

#include <linux/cgspan.h>

#include "intent.h"
#include "state.h"

/* Why an item is in the LEASE_SET under way: the reply may come late. */
enum set_why {
	SET_AMOUNT,		/* to what the store has */
	SET_SHRINK,		/* to return the rest */
	SET_CLAIM,		/* to what is in use, to claim it */
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
	uint64_t id;			/* 0: none under way */
	uint64_t retry;			/* not before this, ns */
	struct batch *batch;		/* owned; NULL: none was sent yet */
	size_t n;			/* items in it */
};

void lease_set_send(struct ledger *l);
/* @held: in the order of the items; NULL: the kernel has refused. */
void lease_set_done(struct ledger *l, const struct ledger_held *held);

#endif /* CGSPAN_LEDGER_LEASE_SET_H */
