/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the store and its engines. engine.c owns requests, watches and the
 * state; an engine only carries them out. An engine answers from handlers of
 * the event loop, never from within a call. Keys inside requests and watches
 * have the store's prefix; keys in lists (struct kvs) have not.
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
 * struct store_req - a read or a transaction under way
 * @store: the store
 * @next: for the engine's queues
 * @key: of a read; NULL makes this a transaction
 * @prefix: of a read: all keys that start with @key
 * @txn: of a transaction: deep copy
 * @get_fn: gets the answer of a read
 * @txn_fn: gets the result of a transaction
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
 * @store: the store
 * @next: in the store's list
 * @prefix: of the keys, with the store's prefix
 * @next_rev: the first revision that @fn has not been told of
 * @fn: gets the changes; NULL after STORE_WATCH_LOST
 * @arg: for @fn
 * @gone: unwatched while a callback runs; freed when that returns
 * @id: for the engine
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
 * @engine: its functions
 * @priv: the engine's data
 * @event: the loop
 * @prefix: in front of every key
 * @prefix_len: its length
 * @identity: see store_identity(); empty until known
 * @setbacks: see store_setbacks()
 * @watches: all of them, including those that ended
 * @depth: callbacks under way
 * @told: @state is valid: @on_state has been called
 * @state: the last state given to @on_state
 * @on_state: called for each change of state; or NULL
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
 * struct store_engine - functions of an engine
 * @open: fill in store->priv; may block for a moment
 * @close: free store->priv; requests under way are freed without an answer
 * @submit: own the request, and give it to store_req_finish() later; on failure
 *	the caller still owns it
 * @watch: a watch is about to be added to the list
 * @unwatch: a watch is about to be removed, or was lost
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

/**
 * store_new() - make a store with a given engine; see store_open()
 * @out: the store; close it with store_close()
 * @event: the loop; it must outlive the store
 * @engine: must outlive the store
 * @conf: copied
 * @on_state: told of each change of state; or NULL
 * @arg: for @on_state
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int store_new(struct store **out, struct sd_event *event,
	      const struct store_engine *engine, const struct store_conf *conf,
	      store_state_fn *on_state, void *arg, struct cgspan_err *err);

/**
 * store_prefix_end() - the first key after all keys that start with a prefix
 * @prefix: the prefix
 *
 * Return: text to be freed: @prefix with its last byte increased by one (bytes
 * 0xff at its end are left out); empty: no key is after them; NULL: no memory.
 */
char *store_prefix_end(const char *prefix);

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
 * store_req_finish() - call back with the answer and free the request
 * @req: the request
 */
void store_req_finish(struct store_req *req);

/**
 * store_req_free() - free a request without calling back
 * @req: the request
 */
void store_req_free(struct store_req *req);

/**
 * store_state_set() - call back if the state has changed
 * @s: the store
 * @state: the state
 * @why: NULL for STORE_UP
 */
void store_state_set(struct store *s, enum store_state state,
		     const struct cgspan_err *why);

/**
 * store_watch_changes() - give changes to one watch, revision by revision
 * @w: the watch
 * @l: changes ordered by mod_rev, each revision complete; keys outside of the
 *	watch's prefix and revisions before its next_rev are skipped
 */
void store_watch_changes(struct store_watch *w, const struct kvs *l);

/**
 * store_watch_progress() - tell one watch that no change is missing
 * @w: the watch
 * @rev: up to and including this revision
 */
void store_watch_progress(struct store_watch *w, int64_t rev);

/**
 * store_watch_lost() - end one watch
 * @w: the watch
 * @rev: the newest known revision of the store
 */
void store_watch_lost(struct store_watch *w, int64_t rev);

/**
 * store_set_back() - the store was replaced, or restored to an older revision
 * @s: the store
 * @rev: its revision now
 *
 * Counts it in @s->setbacks, and ends all watches with STORE_WATCH_LOST.
 */
void store_set_back(struct store *s, int64_t rev);

/**
 * store_enter() - begin a handler that may call back more than once
 * @s: the store
 *
 * No watch is freed until store_leave(), so that the list may be walked.
 */
void store_enter(struct store *s);

/**
 * store_leave() - end the handler
 * @s: the store
 */
void store_leave(struct store *s);

#endif /* CGSPAN_STORE_ENGINE_H */
