/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: a linearizable key-value store, which holds the limits and leases
 * of the cluster. One thread, asynchronous: reads, changes and watches return
 * at once; their callbacks run later from the event loop, never in the call.
 *
 * The store has no TTLs and no sessions: nodes watch each other's hb/ keys to
 * see which node is alive. Keys are printable text; values are bytes.
 */
#ifndef CGSPAN_STORE_H
#define CGSPAN_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kv.h"

struct cgspan_err;
struct sd_event;
struct store;

/**
 * enum store_watch_kind - what a watch's callback reports
 * @STORE_WATCH_REV: all changes of one revision under the prefix, in order
 * @STORE_WATCH_PROGRESS: no change up to and including this revision is missing
 *	(SQLite only: old versions of etcd report it too early)
 * @STORE_WATCH_LOST: changes may be missed (compaction, a restored store, no
 *	memory), and the watch has ended: read the prefix and watch again
 */
enum store_watch_kind {
	STORE_WATCH_REV,
	STORE_WATCH_PROGRESS,
	STORE_WATCH_LOST,
};

/* @err: NULL on success, else @n and @rev are 0. Do not keep @kvs or @err. */
typedef void store_get_fn(void *arg, const struct store_kv *kvs, size_t n,
			  int64_t rev, const struct cgspan_err *err);

/* Valid during the callback: @rev, the store's, with APPLIED or CONFLICT;
 * with CONFLICT also @kvs, all compared keys; @err with UNKNOWN and ERROR.
 */
typedef void store_txn_fn(void *arg, enum store_result res, int64_t rev,
			  const struct store_kv *kvs, size_t n,
			  const struct cgspan_err *err);

typedef void store_watch_fn(void *arg, enum store_watch_kind kind, int64_t rev,
			    const struct store_kv *kvs, size_t n);

typedef void store_state_fn(void *arg, enum store_state state,
			    const struct cgspan_err *why);

/**
 * struct store_conf - where the store is and how to connect
 * @url: "sqlite:/path/file.db", or "https://a:2379,https://b:2379,..."
 * @prefix: put in front of every key, as "/cgspan/"; never in keys of callers
 * @cacert: etcd: PEM file of the authority for its certificates; or NULL
 * @cert: etcd: PEM file of our certificate (without a common name); or NULL
 * @key: etcd: PEM file of its key; or NULL
 * @user: etcd: name for an auth token; or NULL
 * @password: etcd: that user's password; or NULL
 * @timeout_ms: etcd: time-out of each attempt of a request; 0 = 2000
 */
struct store_conf {
	const char *url;
	const char *prefix;
	const char *cacert;
	const char *cert;
	const char *key;
	const char *user;
	const char *password;
	unsigned int timeout_ms;
};

/**
 * store_open() - open a store with the engine that its URL names
 * @out: the store; close it with store_close()
 * @event: the loop; it must outlive the store
 * @conf: copied
 * @on_state: called for the first state and each change of it; or NULL
 * @arg: for @on_state
 * @err: why it failed
 *
 * That etcd is down is a state, not an error. SQLite may block for seconds.
 *
 * Return: 0, -EINVAL for a bad configuration, or another negative errno.
 */
int store_open(struct store **out, struct sd_event *event,
	       const struct store_conf *conf, store_state_fn *on_state,
	       void *arg, struct cgspan_err *err);

/**
 * store_close() - free the store with all its requests and watches
 * @s: may be NULL
 *
 * No callback runs any more, not even for requests under way: whether they are
 * executed is then unknown. Must not be called from a callback of this store.
 */
void store_close(struct store *s);

/**
 * store_get() - read a key or all keys under a prefix, linearizably
 * @s: the store
 * @key: the key, or the prefix
 * @prefix: true: all keys that start with @key, in their order
 * @fn: gets the answer, once
 * @arg: for @fn
 * @err: why it was not sent
 *
 * Return: 0; or a negative errno, and @fn is not called.
 */
int store_get(struct store *s, const char *key, bool prefix, store_get_fn *fn,
	      void *arg, struct cgspan_err *err);

/**
 * store_txn() - change keys, all or nothing
 * @s: the store
 * @txn: copied; at most STORE_TXN_MAX compares and changes together
 * @fn: gets the result, once
 * @arg: for @fn
 * @err: why it was not sent
 *
 * Return: 0; or a negative errno: nothing was sent and @fn is not called.
 */
int store_txn(struct store *s, const struct store_txn *txn, store_txn_fn *fn,
	      void *arg, struct cgspan_err *err);

struct store_watch;

/**
 * store_watch() - watch for changes under a prefix
 * @s: the store
 * @prefix: prefix of the keys
 * @from_rev: the first revision to report: that of a read, plus 1
 * @fn: called for each revision that changes such keys, in order, also over
 *	reconnects; after STORE_WATCH_LOST never again
 * @arg: for @fn
 * @out: the watch; store_unwatch() frees it, also after LOST
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int store_watch(struct store *s, const char *prefix, int64_t from_rev,
		store_watch_fn *fn, void *arg, struct store_watch **out,
		struct cgspan_err *err);

/**
 * store_unwatch() - end a watch and free it; also from its own callback
 * @w: may be NULL
 */
void store_unwatch(struct store_watch *w);

/**
 * store_identity() - identity of the database that answers
 * @s: the store
 *
 * Return: etcd's cluster id in decimal, or the random id of SQLite's file; NULL
 * before etcd's first answer. If it changes, or the revision falls, the store
 * was replaced or restored. Owned by the store.
 */
const char *store_identity(struct store *s);

/**
 * store_setbacks() - how often the store was replaced or restored
 * @s: the store
 *
 * Counts answers with another identity, or with a lower revision than was known
 * when the request was sent; each event once. It ends all watches with LOST,
 * and the result of a transaction with such an answer is UNKNOWN.
 *
 * Return: the count since store_open().
 */
unsigned int store_setbacks(const struct store *s);

#endif /* CGSPAN_STORE_H */
