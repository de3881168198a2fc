/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transaction under construction: owns its keys and values, and shows itself
 * as the struct store_txn that store_txn() takes. An allocation that fails is
 * remembered, so that a builder checks once, at its end (txn_error()).
 */
#ifndef CGSPAN_TXN_H
#define CGSPAN_TXN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kv.h"

struct cgspan_err;

/* Changes of one transaction of the ledger: design 5.2. */
#define CHANGES_MAX	40

/**
 * struct txn - owned compares and changes
 * @view: what to hand to store_txn(); valid until the next change or txn_fini()
 * @cmps: the compares, @view.n_cmps of them
 * @ops: the changes, @view.n_ops of them
 * @error: 0, or -ENOMEM or -E2BIG (beyond STORE_TXN_MAX) from some step
 */
struct txn {
	struct store_txn view;
	struct store_cmp cmps[STORE_TXN_MAX];
	struct store_op ops[STORE_TXN_MAX];
	int error;
};

/* An empty one. Needs txn_fini() after it. */
void txn_init(struct txn *t);
void txn_fini(struct txn *t);

/* @key must be at @mod_rev (0: must not exist). The same twice is kept once. */
void txn_compare(struct txn *t, const char *key, int64_t mod_rev);
/* Put @val, a malloc()ed string that the transaction owns from here on; NULL
 * counts as an allocation that failed. A second put of a key takes its place.
 */
void txn_put(struct txn *t, const char *key, char *val);
void txn_delete(struct txn *t, const char *key);

/* Room for this many more compares and changes together? */
bool txn_room(const struct txn *t, size_t n);
int txn_error(const struct txn *t);

/**
 * txn_check() - whether all steps of building it succeeded
 * @t: the transaction
 * @err: why not
 *
 * Return: 0; -ENOMEM; -E2BIG.
 */
int txn_check(const struct txn *t, struct cgspan_err *err);

#endif /* CGSPAN_TXN_H */
