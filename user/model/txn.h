/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transaction under construction: it owns its keys and values; @view is what
 * store_txn() takes. The error of a step is kept, so that a builder checks
 * once, at its end.
 */
#ifndef CGSPAN_TXN_H
#define CGSPAN_TXN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kv.h"

struct cgspan_err;

/* Most changes in moves or a step of nodes_fence() on 2 or more groups. */
#define CHANGES_MAX	40

/* Compares and changes, owned. */
struct txn {
	struct store_txn view;		/* valid until the next step or txn_fini() */
	struct store_cmp cmps[STORE_TXN_MAX];
	struct store_op ops[STORE_TXN_MAX];
	int error;			/* 0; -ENOMEM; -E2BIG: see STORE_TXN_MAX */
};

/* Make an empty transaction; txn_fini() frees it. */
void txn_init(struct txn *t);
void txn_fini(struct txn *t);

/* Compare mod_rev of @key (0: no key); a second compare of @key is ignored. */
void txn_compare(struct txn *t, const char *key, int64_t mod_rev);
/* Put @val, from malloc(), which then belongs to the transaction; NULL counts
 * as a failed allocation. A second put or deletion of @key replaces the first.
 */
void txn_put(struct txn *t, const char *key, char *val);
void txn_delete(struct txn *t, const char *key);

/* Is there room for @n more compares and changes together? */
bool txn_room(const struct txn *t, size_t n);
/* 0, or the error of an earlier step: -ENOMEM or -E2BIG, with a text. */
int txn_check(const struct txn *t, struct cgspan_err *err);

#endif /* CGSPAN_TXN_H */
