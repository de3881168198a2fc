/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: the strongly consistent key-value engine that holds limits and
 * shares. Asynchronous, one thread: every call returns at once and its answer
 * comes from the event loop, never from within the call.
 *
 * There are no TTLs and no sessions here: liveness is judged by observers of
 * hb/ keys. Keys are printable text; values are bytes.
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
 * enum store_watch_kind - what a watch has to say
 * @STORE_WATCH_REV: one whole revision's changes under the prefix, in order
 * @STORE_WATCH_PROGRESS: nothing up to and including this revision is missing
 *	(SQLite only: old etcds say so too early)
 * @STORE_WATCH_LOST: changes were missed (compaction, a store gone back):
 *	read the prefix again and watch from there; this watch has ended
 */
enum store_watch_kind {
	STORE_WATCH_REV,
	STORE_WATCH_PROGRESS,
	STORE_WATCH_LOST,
};

/* @err is NULL on success; else @kvs is empty and @rev 0. Valid in the call. */
typedef void store_get_fn(void *arg, const struct store_kv *kvs, size_t n,
			  int64_t rev, const struct cgspan_err *err);

/* @rev is set with APPLIED and CONFLICT: the store's; @kvs with CONFLICT; @err
 * with UNKNOWN and ERROR.
 */
typedef void store_txn_fn(void *arg, enum store_result res, int64_t rev,
			  const struct store_kv *kvs, size_t n,
			  const struct cgspan_err *err);

typedef void store_watch_fn(void *arg, enum store_watch_kind kind, int64_t rev,
			    const struct store_kv *kvs, size_t n);

typedef void store_state_fn(void *arg, enum store_state state,
			    const struct cgspan_err *why);

/**
 * struct store_conf - how to reach it
 * @url: "sqlite:/path/file.db", or "https://a:2379,https://b:2379,..."
 * @prefix: put in front of every key, e.g. "/cgspan/"; callers never see it
 * @cacert: etcd: PEM file of the authority that signed the members; or NULL
 * @cert: etcd: PEM file of our certificate (without a common name); or NULL
 * @key: etcd: PEM file of its key; or NULL
 * @user: etcd: name for an auth token; or NULL
 * @password: etcd: that user's password; or NULL
 * @timeout_ms: etcd: of one request; 0 = 2000
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
 * store_open() - a store on this event loop
 * @out: the store; close it with store_close()
 * @event: the loop; it must outlive the store
 * @conf: copied
 * @on_state: told of each change of state, the first one included; or NULL
 * @arg: for @on_state
 * @err: why it failed
 *
 * Does not wait for the engine: an etcd that is down is a state, not an error.
 *
 * Return: 0, -EINVAL for a bad configuration, or another negative errno.
 */
int store_open(struct store **out, struct sd_event *event,
	       const struct store_conf *conf, store_state_fn *on_state,
	       void *arg, struct cgspan_err *err);

/**
 * store_close() - end all and free it
 * @s: may be NULL
 *
 * No callback runs any more, not even for requests under way: what they do in
 * the engine is then unknown. Not from within a callback of this store.
 */
void store_close(struct store *s);

/**
 * store_get() - read a key or all keys under a prefix, linearizably
 * @s: the store
 * @key: the key, or the prefix
 * @prefix: true: all keys that start with @key, in their order
 * @fn: gets the answer, once
 * @arg: for @fn
 * @err: why it could not even be sent
 *
 * Return: 0 or a negative errno; then @fn is not called.
 */
int store_get(struct store *s, const char *key, bool prefix, store_get_fn *fn,
	      void *arg, struct cgspan_err *err);

/**
 * store_txn() - change keys, all or nothing
 * @s: the store
 * @txn: copied; at most STORE_TXN_MAX compares and changes together
 * @fn: gets the result, once
 * @arg: for @fn
 * @err: why it could not even be sent
 *
 * Return: 0 or a negative errno; then nothing was sent and @fn is not called.
 */
int store_txn(struct store *s, const struct store_txn *txn, store_txn_fn *fn,
	      void *arg, struct cgspan_err *err);

struct store_watch;

/**
 * store_watch() - be told of changes under a prefix
 * @s: the store
 * @prefix: of the keys
 * @from_rev: the first revision wanted: that of a read, plus 1
 * @fn: called for each revision, in order, also over reconnects; after
 *	STORE_WATCH_LOST never again
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
 * store_unwatch() - end a watch
 * @w: may be NULL; may be called from within its own callback
 */
void store_unwatch(struct store_watch *w);

/**
 * store_identity() - which incarnation of the engine answers
 * @s: the store
 *
 * Return: etcd's cluster id in decimal, or SQLite's random id of the file; NULL
 * before the first answer. A change, or a revision that goes back, means that
 * the store was replaced or restored. Owned by the store.
 */
const char *store_identity(struct store *s);

/**
 * store_setbacks() - how often the store was replaced, or has gone back
 * @s: the store
 *
 * Each time that an answer came under another identity, or as of an earlier
 * revision than was known when it was asked for. All watches are LOST then, and
 * a transaction that was answered so is UNKNOWN.
 *
 * Return: the count since store_open().
 */
unsigned int store_setbacks(const struct store *s);

#endif /* CGSPAN_STORE_H */
