/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the store and its engines share. store.c owns requests, watches and
 * the state; an engine only carries them out. Engines answer from handlers of
 * the event loop, never from within a call. Keys inside requests and watches
 * are whole (with the store's prefix); keys in lists are the caller's.
 */
#ifndef CGSPAN_STORE_ENGINE_H
#define CGSPAN_STORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcgspan/err.h"
#include "model/kvs.h"
#include "store.h"

struct sd_event_source;
struct store_engine;

/**
 * struct store_req - a read or a transaction on its way
 * @store: where it was made
 * @next: for the engine's queues
 * @key: of a read; NULL makes this a transaction
 * @prefix: of a read: all keys that start with @key
 * @txn: of a transaction: deep copy
 * @get_fn: who asked for a read
 * @txn_fn: who asked for a transaction
 * @arg: for either
 * @res: answer: how a transaction ended
 * @rev: answer: revision
 * @kvs: answer: keys
 * @err: answer: set if a read failed, or with UNKNOWN and ERROR
 */
struct store_req {
	struct store *store;
	struct store_req *next;
	char *key;
	bool prefix;
	struct store_txn txn;
	store_get_fn *get_fn;
	store_txn_fn *txn_fn;
	void *arg;
	enum store_result res;
	int64_t rev;
	struct kvs kvs;
	struct cgspan_err err;
};

/**
 * struct store_watch - a watch
 * @store: where it was made
 * @next: in the store's list
 * @prefix: whole prefix
 * @next_rev: the first revision not yet told
 * @fn: who wants to know; NULL once LOST was told
 * @arg: for @fn
 * @gone: unwatched while a callback runs; freed when that returns
 * @id: the engine's
 */
struct store_watch {
	struct store *store;
	struct store_watch *next;
	char *prefix;
	int64_t next_rev;
	store_watch_fn *fn;
	void *arg;
	bool gone;
	int64_t id;
};

/**
 * struct store - see store.h
 * @engine: how it is done
 * @priv: the engine's own
 * @event: the loop
 * @prefix: in front of every key
 * @prefix_len: its length
 * @identity: see store_identity(); empty until known
 * @setbacks: see store_setbacks()
 * @watches: all of them, those that ended included
 * @depth: callbacks under way
 * @told: a state was told
 * @state: which
 * @on_state: to whom
 * @arg: for @on_state
 */
struct store {
	const struct store_engine *engine;
	void *priv;
	struct sd_event *event;
	char *prefix;
	size_t prefix_len;
	char identity[40];
	unsigned int setbacks;
	struct store_watch *watches;
	unsigned int depth;
	bool told;
	enum store_state state;
	store_state_fn *on_state;
	void *arg;
};

/**
 * struct store_engine - one way to keep the keys
 * @open: fill in store->priv; may block shortly
 * @close: drop all; requests under way are freed, unanswered
 * @submit: takes the request over and gives it to store_req_finish() later;
 *	on failure it stays the caller's
 * @watch: a watch was added to the list
 * @unwatch: a watch is about to go, or was lost
 */
struct store_engine {
	int (*open)(struct store *s, const struct store_conf *conf,
		    struct cgspan_err *err);
	void (*close)(struct store *s);
	int (*submit)(struct store *s, struct store_req *req,
		      struct cgspan_err *err);
	int (*watch)(struct store *s, struct store_watch *w,
		     struct cgspan_err *err);
	void (*unwatch)(struct store *s, struct store_watch *w);
};

extern const struct store_engine store_sqlite;
extern const struct store_engine store_etcd;

/**
 * store_req_fail() - fill in a failure
 * @req: the request
 * @res: for a transaction: STORE_ERROR or STORE_UNKNOWN
 * @no: a negative errno
 * @fmt: printf format of the reason
 */
void store_req_fail(struct store_req *req, enum store_result res, int no,
		    const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * store_req_finish() - tell the answer and free the request
 * @req: the request
 */
void store_req_finish(struct store_req *req);

/**
 * store_req_free() - free a request without telling anyone
 * @req: the request
 */
void store_req_free(struct store_req *req);

/**
 * store_state_set() - tell the state, if it is a new one
 * @s: the store
 * @state: the state
 * @why: NULL for STORE_UP
 */
void store_state_set(struct store *s, enum store_state state,
		     const struct cgspan_err *why);

/**
 * store_watch_changes() - tell one watch what is new to it, revision by revision
 * @w: the watch
 * @l: changes ordered by mod_rev, each revision whole; other prefixes and
 *	revisions told before are left out
 */
void store_watch_changes(struct store_watch *w, const struct kvs *l);

/**
 * store_watch_progress() - tell one watch that nothing is missing
 * @w: the watch
 * @rev: up to and including this revision
 */
void store_watch_progress(struct store_watch *w, int64_t rev);

/**
 * store_watch_lost() - end one watch
 * @w: the watch
 * @rev: the revision of the store, as far as known
 */
void store_watch_lost(struct store_watch *w, int64_t rev);

/**
 * store_set_back() - the store was replaced, or has gone back
 * @s: the store
 * @rev: its revision now
 *
 * Counts it, and ends all watches.
 */
void store_set_back(struct store *s, int64_t rev);

/**
 * store_enter() - a handler begins that may call back more than once
 * @s: the store
 *
 * Until store_leave(), no watch is freed, so that the list may be walked.
 */
void store_enter(struct store *s);

/**
 * store_leave() - the handler ends
 * @s: the store
 */
void store_leave(struct store *s);

#endif /* CGSPAN_STORE_ENGINE_H */
