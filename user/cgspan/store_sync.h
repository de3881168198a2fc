/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store with blocking calls: to read, change or wait sleeps in an event
 * loop until the answer or the time-out.
 */
#ifndef CGSPAN_STORE_SYNC_H
#define CGSPAN_STORE_SYNC_H

#include "libcgspan/cgspan.h"
#include "model/kvs.h"
#include "store/store.h"

struct config;
struct sync;
struct txn;

/**
 * struct keys - keys read from the store
 * @kvs: the keys, owned
 * @rev: revision of the last sync_get(), or the first in sync_get_desired()
 */
struct keys {
	struct kvs kvs;
	int64_t rev;
};

/**
 * sync_open() - open the store that the configuration names
 * @out: close it with sync_close()
 * @config: has a store; must outlive the handle
 * @err: why it failed
 *
 * Return: 0 or a negative errno. A store that does not answer fails at the
 * first request.
 */
int sync_open(struct sync **out, const struct config *config,
	      struct cgspan_err *err);

void sync_close(struct sync *s);

/* The store's identity, see store_identity(); "" as long as it is unknown. */
const char *sync_identity(struct sync *s);

/**
 * sync_get() - read a key or a prefix
 * @s: the store
 * @key: the key or prefix
 * @prefix: it is a prefix
 * @keys: the keys are added here, and the revision is set
 * @err: why it failed
 *
 * Return: 0, -ETIMEDOUT, or another negative errno.
 */
int sync_get(struct sync *s, const char *key, bool prefix, struct keys *keys,
	     struct cgspan_err *err);

/* Replace @keys by desired state; changes after keys->rev may be missing. */
int sync_get_desired(struct sync *s, struct keys *keys, struct cgspan_err *err);

/**
 * sync_txn() - change keys
 * @s: the store
 * @txn: the transaction
 * @rev: set with STORE_APPLIED
 * @err: set with STORE_ERROR and STORE_UNKNOWN
 *
 * Return: enum store_result; STORE_UNKNOWN if no answer came in time.
 */
enum store_result sync_txn(struct sync *s, const struct store_txn *txn,
			   int64_t *rev, struct cgspan_err *err);

/**
 * sync_wait() - wait for a change under any of some prefixes
 * @s: the store
 * @prefixes: at most 4, ended by NULL; the same in every call
 * @from: the first revision to watch, when the watches are started
 * @deadline: ms of sync_now()
 * @err: why it failed
 *
 * Return: 0: keys may have changed; -ETIME: the deadline has passed; or
 * another negative errno.
 */
int sync_wait(struct sync *s, const char *const *prefixes, int64_t from,
	      uint64_t deadline, struct cgspan_err *err);

/* The present time: CLOCK_MONOTONIC in ms. */
uint64_t sync_now(void);

#endif /* CGSPAN_STORE_SYNC_H */
