// SPDX-License-Identifier: GPL-2.0
#include "store_sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "config/store.h"
#include "model/desired.h"

/* Time-out of one request: enough to try three members of etcd. */
#define ANSWER_MS	8000
#define WATCHES_MAX	4

struct sync {
	const struct config *config;
	struct sd_event *event;
	struct store *store;		/* NULL: the store is closed */
	struct cgspan_err why;		/* why the store is not up */
	/* The present request: */
	struct keys *keys;
	bool answered;
	struct cgspan_err err;
	enum store_result result;
	int64_t rev;
	/* The watches of sync_wait(): */
	struct store_watch *watches[WATCHES_MAX];
	size_t n_watches;
	bool changed;			/* a watch reported changes, or ended */
	bool lost;			/* a watch has ended */
};

uint64_t sync_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* --- the loop ---------------------------------------------------------- */

/* Run the loop until @flag is true: 0; -ETIME; or another negative errno. */
static int run(struct sync *s, const bool *flag, uint64_t deadline)
{
	uint64_t now;
	int ret;

	while (!*flag) {
		now = sync_now();
		if (now >= deadline)
			return -ETIME;
		ret = sd_event_run(s->event, (deadline - now) * 1000);
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	return 0;
}

static void watches_end(struct sync *s)
{
	while (s->n_watches)
		store_unwatch(s->watches[--s->n_watches]);
}

/* Close the store: at the end, or after a time-out, to ignore a late answer. */
static void disconnect(struct sync *s)
{
	watches_end(s);
	store_close(s->store);
	s->store = NULL;
}

static void on_state(void *arg, enum store_state state,
		     const struct cgspan_err *why)
{
	struct sync *s = arg;

	s->why = (struct cgspan_err){};
	if (state != STORE_UP && why)
		s->why = *why;
}

/* Prepare for a request; opens the store if it is closed. */
static int begin(struct sync *s, struct cgspan_err *err)
{
	s->answered = false;
	s->err = (struct cgspan_err){};
	s->result = STORE_UNKNOWN;
	return s->store ? 0 : config_store_open(&s->store, s->event, s->config,
						on_state, s, err);
}

/* Wait for the answer to the present request. */
static int answer(struct sync *s, struct cgspan_err *err)
{
	if (!run(s, &s->answered, sync_now() + ANSWER_MS)) {
		if (s->err.no)
			*err = s->err;
		return s->err.no;
	}
	if (s->why.no)
		cgspan_err_set(err, -ETIMEDOUT,
			       "the store does not answer: %.200s",
			       s->why.msg);
	else
		cgspan_err_set(err, -ETIMEDOUT,
			       "the store has not answered within %d s",
			       ANSWER_MS / 1000);
	disconnect(s);
	return -ETIMEDOUT;
}

int sync_open(struct sync **out, const struct config *config,
	      struct cgspan_err *err)
{
	struct sync *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return cgspan_err_nomem(err);
	s->config = config;
	ret = sd_event_new(&s->event);
	if (ret < 0)
		cgspan_err_set(err, ret, "cannot make an event loop: %s",
			       strerror(-ret));
	else
		ret = begin(s, err);
	if (ret < 0)
		sync_close(s);
	else
		*out = s;
	return ret;
}

void sync_close(struct sync *s)
{
	if (!s)
		return;
	disconnect(s);
	sd_event_unref(s->event);
	free(s);
}

/* --- reading ----------------------------------------------------------- */

static void on_get(void *arg, const struct store_kv *kvs, size_t n,
		   int64_t rev, const struct cgspan_err *err)
{
	struct sync *s = arg;
	size_t i;

	s->answered = true;
	if (err) {
		s->err = *err;
		return;
	}
	s->keys->rev = rev;
	for (i = 0; i < n; i++)
		if (kvs_set(&s->keys->kvs, kvs[i].key, kvs[i].val, kvs[i].len,
			    kvs[i].mod_rev) < 0)
			cgspan_err_nomem(&s->err);
}

int sync_get(struct sync *s, const char *key, bool prefix, struct keys *keys,
	     struct cgspan_err *err)
{
	int ret = begin(s, err);

	s->keys = keys;
	if (!ret)
		ret = store_get(s->store, key, prefix, on_get, s, err);
	return ret ? ret : answer(s, err);
}

int sync_get_desired(struct sync *s, struct keys *keys, struct cgspan_err *err)
{
	int64_t first = 0;
	size_t i;
	int ret;

	kvs_fini(&keys->kvs);
	for (i = 0; desired_prefixes[i]; i++) {
		ret = sync_get(s, desired_prefixes[i],
			       !!strchr(desired_prefixes[i], '/'), keys, err);
		if (ret)
			return ret;
		if (!i)
			first = keys->rev;
	}
	/* Changes after the first read may be missing: tell its revision. */
	keys->rev = first;
	return 0;
}

const char *sync_identity(struct sync *s)
{
	const char *id = s->store ? store_identity(s->store) : NULL;

	return id ? id : "";
}

/* --- changing ---------------------------------------------------------- */

static void on_txn(void *arg, enum store_result res, int64_t rev,
		   const struct store_kv *kvs, size_t n,
		   const struct cgspan_err *err)
{
	struct sync *s = arg;

	(void)kvs;
	(void)n;
	s->answered = true;
	s->result = res;
	s->rev = rev;
	if (err)
		s->err = *err;
}

enum store_result sync_txn(struct sync *s, const struct store_txn *txn,
			   int64_t *rev, struct cgspan_err *err)
{
	if (begin(s, err) || store_txn(s->store, txn, on_txn, s, err))
		return STORE_ERROR;
	answer(s, err);
	if (s->result == STORE_APPLIED)
		*rev = s->rev;
	return s->result;
}

/* --- waiting ----------------------------------------------------------- */

static void on_watch(void *arg, enum store_watch_kind kind, int64_t rev,
		     const struct store_kv *kvs, size_t n)
{
	struct sync *s = arg;

	(void)rev;
	(void)kvs;
	(void)n;
	if (kind == STORE_WATCH_PROGRESS)
		return;
	s->changed = true;
	s->lost |= kind == STORE_WATCH_LOST;
}

int sync_wait(struct sync *s, const char *const *prefixes, int64_t from,
	      uint64_t deadline, struct cgspan_err *err)
{
	int ret;

	/* If a watch has ended, start all again at revision @from. */
	if (s->lost)
		watches_end(s);
	s->lost = false;
	ret = begin(s, err);
	if (ret)
		return ret;
	while (s->n_watches < WATCHES_MAX && prefixes[s->n_watches]) {
		ret = store_watch(s->store, prefixes[s->n_watches], from,
				  on_watch, s, &s->watches[s->n_watches], err);
		if (ret)
			return ret;
		s->n_watches++;
	}
	ret = run(s, &s->changed, deadline);
	/* Clear the flag before the caller reads: a later change sets it. */
	s->changed = false;
	if (ret == -ETIME)
		return ret;
	return ret ? cgspan_err_set(err, ret, "the event loop failed: %s",
				    strerror(-ret)) : 0;
}
