/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys, values and transactions of the store. Keys are printable text, values are
 * bytes.
 */
#ifndef CGSPAN_KV_H
#define CGSPAN_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most compares plus changes in a transaction; etcd's default: 128 of each. */
#define STORE_TXN_MAX	120

/* One key with its value, or without one. */
struct store_kv {
	char *key;
	char *val;			/* NULL: the key does not exist */
	size_t len;			/* bytes in @val */
	int64_t mod_rev;		/* revision of the last change; 0: no key */
};

/* A condition of a transaction: @key has this mod_rev; 0: it does not exist. */
struct store_cmp {
	const char *key;
	int64_t mod_rev;
};

/* A change of a transaction, at most one for each key; @val NULL deletes it. */
struct store_op {
	const char *key;
	const char *val;
	size_t len;
};

/* A transaction: if all compares hold, all changes are made, else none. */
struct store_txn {
	const struct store_cmp *cmps;
	size_t n_cmps;
	const struct store_op *ops;
	size_t n_ops;
};

/* How a transaction ended. */
enum store_result {
	STORE_APPLIED,		/* durable; the answer has its revision */
	STORE_CONFLICT,		/* nothing changed; answer has all compared keys */
	/* No answer: the transaction was applied, will be applied, or will not
	 * be. It will not be after a write has changed the mod_rev of a key
	 * that it compares.
	 */
	STORE_UNKNOWN,
	STORE_ERROR,		/* refused or not sent: never applied */
};

/* Whether the store answers reads and writes now. */
enum store_state {
	STORE_DOWN,	/* no answer, as without server, or quorum in etcd */
	STORE_READONLY,	/* reads work, writes do not, as without space */
	STORE_UP,
};

#endif /* CGSPAN_KV_H */
