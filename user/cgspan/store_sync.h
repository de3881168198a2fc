/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store, for a command that waits: an event loop of its own that runs only
 * within these calls.
 */
#ifndef CGSPAN_SYNC_H
#define CGSPAN_SYNC_H

#include "cmd.h"
#include "model/kvs.h"
#include "store/store.h"

struct config;
struct sync;
struct txn;

/**
 * struct keys - keys read from the store
 * @kvs: the keys, owned, sorted
 * @rev: revision of the read
 */
struct keys {
	struct kvs kvs;
	int64_t rev;
};

/**
 * sync_open() - the store that the configuration names
 * @out: close it with sync_close()
 * @config: has a store; it must outlive the handle
 * @err: why it failed
 *
 * Return: 0 or a negative errno; that nobody answers shows with the first read.
 */
int sync_open(struct sync **out, const struct config *config,
	      struct cgspan_err *err);

void sync_close(struct sync *s);

/* store_identity(), once something was read. */
const char *sync_identity(struct sync *s);

/**
 * sync_get() - read a key or a prefix
 * @s: the store
 * @key: the key or prefix
 * @prefix: it is a prefix
 * @keys: what was read is added to it, and its revision set
 * @err: why it failed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int sync_get(struct sync *s, const char *key, bool prefix, struct keys *keys,
	     struct cgspan_err *err);

/* All that transactions on desired state are built from: @keys anew. */
int sync_get_desired(struct sync *s, struct keys *keys, struct cgspan_err *err);

/**
 * sync_txn() - change keys
 * @s: the store
 * @txn: what
 * @rev: set with STORE_APPLIED
 * @err: set with STORE_ERROR and STORE_UNKNOWN
 *
 * Return: enum store_result; no answer in time is STORE_UNKNOWN.
 */
enum store_result sync_txn(struct sync *s, const struct store_txn *txn,
			   int64_t *rev, struct cgspan_err *err);

/**
 * sync_wait() - wait for a change under any of some prefixes
 * @s: the store
 * @prefixes: NULL ends them; the same ones in every call
 * @from: changes of this revision and later ones count
 * @deadline: ms, as sync_now() tells it
 * @err: why it failed
 *
 * Return: 0: something has changed, perhaps; -ETIME: the deadline has passed;
 * or another negative errno.
 */
int sync_wait(struct sync *s, const char *const *prefixes, int64_t from,
	      uint64_t deadline, struct cgspan_err *err);

/* ms of CLOCK_MONOTONIC */
uint64_t sync_now(void);

#endif /* CGSPAN_SYNC_H */
