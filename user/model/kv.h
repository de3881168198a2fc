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

/* Compares plus operations in one transaction; etcd's own cap is 128. */
#define STORE_TXN_MAX	120

/**
 * struct store_kv - one key
 * @key: its name
 * @val: its value, NULL if the key does not exist or was deleted
 * @len: bytes in @val
 * @mod_rev: revision of its last change; 0 if it does not exist
 */
struct store_kv {
	char *key;
	char *val;
	size_t len;
	int64_t mod_rev;
};

/**
 * struct store_cmp - a condition of a transaction
 * @key: its name
 * @mod_rev: what its revision must be; 0: it must not exist
 */
struct store_cmp {
	const char *key;
	int64_t mod_rev;
};

/**
 * struct store_op - a change of a transaction
 * @key: its name; at most one change for each key
 * @val: the new value, NULL to delete
 * @len: bytes in @val
 */
struct store_op {
	const char *key;
	const char *val;
	size_t len;
};

/**
 * struct store_txn - all or nothing
 * @cmps: all must hold, else nothing is changed
 * @ops: the changes
 */
struct store_txn {
	const struct store_cmp *cmps;
	size_t n_cmps;
	const struct store_op *ops;
	size_t n_ops;
};

/**
 * enum store_result - how a transaction ended
 * @STORE_APPLIED: durable, at the revision given
 * @STORE_CONFLICT: nothing changed; the answer has the compared keys
 * @STORE_UNKNOWN: no answer: it may have been applied, or may be applied later;
 *	after a write that changes a compared key's mod_rev it cannot be
 * @STORE_ERROR: refused: not applied, now or later
 */
enum store_result {
	STORE_APPLIED,
	STORE_CONFLICT,
	STORE_UNKNOWN,
	STORE_ERROR,
};

/**
 * enum store_state - whether reads and writes work now
 * @STORE_DOWN: no member answers (a member without a quorum cannot)
 * @STORE_READONLY: reads work, writes do not (no space)
 * @STORE_UP: both work
 */
enum store_state {
	STORE_DOWN,
	STORE_READONLY,
	STORE_UP,
};

#endif /* CGSPAN_KV_H */
