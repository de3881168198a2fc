/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the store and its engines. engine.c makes and frees requests and
 * watches, and keeps the state; an engine carries them out. It answers from
 * handlers of the event loop, never from within a call. Keys in requests and
 * watches have the store's prefix; keys of answers and changes have not.
 */
#ifndef CGSPAN_STORE_ENGINE_H
#define CGSPAN_STORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "libcgspan/err.h"
#include "model/kvs.h"
#include "store.h"

struct store_engine;

extern const struct store_engine store_etcd;
extern const struct store_engine store_sqlite;

/**
 * struct store_req - a read or a transaction under way
 * @next: for the engine's queues
 * @store: the store
 * @key: key or prefix of a read; NULL makes this a transaction
 * @prefix: of a read: read all keys that start with @key
 * @cmps: of a transaction: keys, and the mod_rev that each must have
 * @ops: of a transaction: keys to put, and keys to delete (val is NULL)
 * @get_fn: gets the answer of a read
 * @txn_fn: gets the result of a transaction
 * @arg: for @get_fn or @txn_fn
 * @res: answer: how a transaction ended
 * @rev: answer: revision of the store
 * @kvs: answer: the keys of a read, or, after a conflict, all compared keys
 * @err: answer: set if a read failed, or with UNKNOWN and ERROR; the callback
 *	then gets neither @rev nor @kvs
 */
struct store_req {
	STAILQ_ENTRY(store_req) next;
	struct store *store;
	char *key;
	bool prefix;
	struct kvs cmps;
	struct kvs ops;
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
 * @next: next watch of the store
 * @prefix: prefix of the keys, behind the store's prefix
 * @next_rev: @fn is still to get the changes from this revision on
 * @fn: gets the changes; NULL after STORE_WATCH_LOST or store_unwatch()
 * @arg: for @fn
 * @gone: unwatched; freed once @depth of the store is 0
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
 * @engine: functions of the engine
 * @priv: the engine's data
 * @event: the loop
 * @prefix: the store's prefix, in front of every key
 * @prefix_len: length of @prefix
 * @identity: see store_identity(); empty until known
 * @rev: the highest revision of any answer since the last setback
 * @setbacks: see store_setbacks()
 * @watches: all watches, including those that were lost or are @gone
 * @depth: calls of store_enter() without their store_leave() yet
 * @told: @state is valid: store_state_set() has been called
 * @state: the last state given to @on_state
 * @on_state: called for the first state and each change of it; or NULL
 * @arg: for @on_state
 */
struct store {
	const struct store_engine *engine;
	void *priv;
	struct sd_event *event;
	char *prefix;
	size_t prefix_len;
	char identity[40];
	int64_t rev;
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
 * @open: fill in store->priv; may block for seconds
 * @close: free store->priv, and requests under way, which get no answer
 * @submit: own the request, and answer it later with store_req_answer() or
 *	store_req_finish(); on failure the caller still owns it
 * @watch: a watch was added to the list
 * @unwatch: a watch is about to be removed, or was lost; or NULL
 */
struct store_engine {
	int (*open)(struct store *s, const struct store_conf *conf,
		    struct cgspan_err *err);
	void (*close)(struct store *s);
	int (*submit)(struct store *s, struct store_req *req,
		      struct cgspan_err *err);
	void (*watch)(struct store *s);
	void (*unwatch)(struct store_watch *w);
};

/* As store_open(), but with a given engine, which must outlive the store. */
int store_new(struct store **out, struct sd_event *event,
	      const struct store_engine *engine, const struct store_conf *conf,
	      store_state_fn *on_state, void *arg, struct cgspan_err *err);

/**
 * store_see() - check identity and revision of an answer
 * @s: the store
 * @identity: of the database that answered; NULL: the answer has none
 * @rev: revision of the answer
 * @known: a revision that the store had reached before; 0: none
 *
 * Reads are linearizable: another identity, or a @rev below @known, means that
 * the store was replaced or restored. That is counted in @s->setbacks, and all
 * watches end with STORE_WATCH_LOST.
 *
 * Return: true if the store was replaced or restored.
 */
bool store_see(struct store *s, const char *identity, int64_t rev,
	       int64_t known);

/**
 * store_req_answer() - call back with an answer and free the request
 * @req: the request, with @rev and @kvs, and @res of a transaction
 * @identity: see store_see()
 * @known: see store_see(); after a setback a transaction's result is UNKNOWN
 */
void store_req_answer(struct store_req *req, const char *identity,
		      int64_t known);

/* Call back with the failure or answer that @req has, and free the request. */
void store_req_finish(struct store_req *req);

/* Free a request without a call of its callback; @req may be NULL. */
void store_req_free(struct store_req *req);

/* Call @on_state if @state is the first or a new one; @why: NULL with UP. */
void store_state_set(struct store *s, enum store_state state,
		     const struct cgspan_err *why);

/**
 * store_watch_changes() - give changes to one watch, by revision; or LOST
 * @w: the watch
 * @l: changes ordered by mod_rev, each revision complete; keys outside of the
 *	watch's prefix and revisions before its next_rev are skipped
 */
void store_watch_changes(struct store_watch *w, const struct kvs *l);

/* Tell one watch that it has missed no change up to and including @rev. */
void store_watch_progress(struct store_watch *w, int64_t rev);

/* End one watch as STORE_WATCH_LOST, unless it has ended; @rev: for @fn. */
void store_watch_lost(struct store_watch *w, int64_t rev);

/*
 * Begin and end a handler that may call back more than once. In between no
 * watch is freed, so that @s->watches may be walked. May be nested.
 */
void store_enter(struct store *s);
void store_leave(struct store *s);

#endif /* CGSPAN_STORE_ENGINE_H */
