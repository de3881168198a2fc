// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the store that does not depend on the engine. It puts the prefix
 * in front of keys, copies, answers and frees requests, and keeps the list of
 * watches. Engines remove the prefix again from the keys that they answer with.
 */
#include "engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

/* Longest key or prefix: room for CGSPAN_PATH_LEN bytes and a few words. */
#define KEY_MAX		2048

/* Callbacks, and watches that end during them */

static void watch_free(struct store_watch *w)
{
	free(w->prefix);
	free(w);
}

static void free_ended(struct store *s)
{
	struct store_watch **p = &s->watches;

	while (*p) {
		struct store_watch *w = *p;

		if (!w->gone) {
			p = &w->next;
			continue;
		}
		*p = w->next;
		watch_free(w);
	}
}

void store_enter(struct store *s)
{
	s->depth++;
}

void store_leave(struct store *s)
{
	if (!--s->depth)
		free_ended(s);
}

void store_state_set(struct store *s, enum store_state state,
		     const struct cgspan_err *why)
{
	if (s->told && s->state == state)
		return;

	s->told = true;
	s->state = state;
	if (!s->on_state)
		return;
	store_enter(s);
	s->on_state(s->arg, state, why);
	store_leave(s);
}

/* Requests */

static char *whole_key(const struct store *s, const char *key)
{
	char *whole;

	if (asprintf(&whole, "%s%s", s->prefix, key) < 0)
		return NULL;
	return whole;
}

static int key_check(const char *key, bool may_be_empty,
		     struct cgspan_err *err)
{
	size_t len = strlen(key);

	if (!len && !may_be_empty)
		return cgspan_err_set(err, -EINVAL, "a store key is empty");
	if (len > KEY_MAX)
		return cgspan_err_set(err, -EINVAL,
				      "a store key has %zu bytes: at most %d",
				      len, KEY_MAX);
	for (const unsigned char *c = (const unsigned char *)key; *c; c++)
		if (*c < 0x20 || *c == 0x7f)
			return cgspan_err_set(err, -EINVAL,
					      "a store key holds the control character %d",
					      *c);
	return 0;
}

void store_req_free(struct store_req *req)
{
	if (!req)
		return;
	free(req->key);
	kvs_fini(&req->cmps);
	kvs_fini(&req->ops);
	kvs_fini(&req->kvs);
	free(req);
}

void store_req_finish(struct store_req *req)
{
	const struct cgspan_err *err = NULL;
	struct store *s = req->store;

	if (req->err.no) {
		err = &req->err;
		req->rev = 0;
		kvs_fini(&req->kvs);
	}
	store_enter(s);
	if (req->key)
		req->get_fn(req->arg, req->kvs.kv, req->kvs.n, req->rev, err);
	else
		req->txn_fn(req->arg, req->res, req->rev, req->kvs.kv,
			    req->kvs.n, err);
	store_req_free(req);
	store_leave(s);
}

void store_req_answer(struct store_req *req, const char *identity,
		      int64_t known)
{
	if (store_see(req->store, identity, req->rev, known) && !req->key) {
		req->res = STORE_UNKNOWN;
		cgspan_err_set(&req->err, -ESTALE,
			       "the store was replaced, or restored from a backup: whether the transaction was applied is unknown");
	}
	store_req_finish(req);
}

static struct store_req *req_new(struct store *s, void *arg)
{
	struct store_req *req = calloc(1, sizeof(*req));

	if (!req)
		return NULL;
	req->store = s;
	req->arg = arg;
	return req;
}

static int submit(struct store *s, struct store_req *req,
		  struct cgspan_err *err)
{
	int ret = s->engine->submit(s, req, err);

	if (ret)
		store_req_free(req);
	return ret;
}

int store_get(struct store *s, const char *key, bool prefix, store_get_fn *fn,
	      void *arg, struct cgspan_err *err)
{
	struct store_req *req;
	int ret;

	ret = key_check(key, prefix, err);
	if (ret)
		return ret;

	req = req_new(s, arg);
	if (!req)
		goto nomem;
	req->get_fn = fn;
	req->prefix = prefix;
	req->key = whole_key(s, key);
	if (!req->key)
		goto nomem;
	return submit(s, req, err);

nomem:
	store_req_free(req);
	return cgspan_err_nomem(err);
}

static int txn_check(const struct store_txn *txn, struct cgspan_err *err)
{
	int ret;

	if (txn->n_cmps + txn->n_ops > STORE_TXN_MAX)
		return cgspan_err_set(err, -E2BIG,
				      "a transaction has %zu compares and %zu changes: together at most %d",
				      txn->n_cmps, txn->n_ops, STORE_TXN_MAX);
	for (size_t i = 0; i < txn->n_cmps; i++) {
		ret = key_check(txn->cmps[i].key, false, err);
		if (ret)
			return ret;
	}
	for (size_t i = 0; i < txn->n_ops; i++) {
		ret = key_check(txn->ops[i].key, false, err);
		if (ret)
			return ret;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(txn->ops[i].key, txn->ops[j].key))
				return cgspan_err_set(err, -EINVAL,
						      "a transaction changes %s twice",
						      txn->ops[i].key);
	}
	return 0;
}

/* Append a copy of a key, behind the store's prefix, and of its value. */
static int add_key(const struct store *s, struct kvs *to, const char *key,
		   const char *val, size_t len, int64_t mod_rev)
{
	char *whole = whole_key(s, key);
	int ret = -ENOMEM;

	if (whole)
		ret = kvs_append(to, whole, strlen(whole), val, len, mod_rev);
	free(whole);
	return ret;
}

static int txn_copy(const struct store *s, struct store_req *req,
		    const struct store_txn *txn)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < txn->n_cmps; i++)
		ret = add_key(s, &req->cmps, txn->cmps[i].key, NULL, 0,
			      txn->cmps[i].mod_rev);
	for (size_t i = 0; !ret && i < txn->n_ops; i++)
		ret = add_key(s, &req->ops, txn->ops[i].key, txn->ops[i].val,
			      txn->ops[i].len, 0);
	return ret;
}

int store_txn(struct store *s, const struct store_txn *txn, store_txn_fn *fn,
	      void *arg, struct cgspan_err *err)
{
	struct store_req *req;
	int ret;

	ret = txn_check(txn, err);
	if (ret)
		return ret;

	req = req_new(s, arg);
	if (!req || txn_copy(s, req, txn)) {
		store_req_free(req);
		return cgspan_err_nomem(err);
	}
	req->txn_fn = fn;
	return submit(s, req, err);
}

/* Watches */

int store_watch(struct store *s, const char *prefix, int64_t from_rev,
		store_watch_fn *fn, void *arg, struct store_watch **out,
		struct cgspan_err *err)
{
	struct store_watch *w;
	int ret;

	ret = key_check(prefix, true, err);
	if (ret)
		return ret;
	if (from_rev < 1)
		return cgspan_err_set(err, -EINVAL,
				      "a watch starts at revision 1 or later");

	w = calloc(1, sizeof(*w));
	if (!w)
		return cgspan_err_nomem(err);
	w->store = s;
	w->next_rev = from_rev;
	w->fn = fn;
	w->arg = arg;
	w->prefix = whole_key(s, prefix);
	if (!w->prefix) {
		watch_free(w);
		return cgspan_err_nomem(err);
	}

	w->next = s->watches;
	s->watches = w;
	s->engine->watch(s);
	*out = w;
	return 0;
}

static void watch_end(struct store_watch *w)
{
	if (w->fn && w->store->engine->unwatch)
		w->store->engine->unwatch(w);
	w->fn = NULL;
}

void store_unwatch(struct store_watch *w)
{
	struct store *s;

	if (!w)
		return;
	s = w->store;
	watch_end(w);
	w->gone = true;
	if (!s->depth)
		free_ended(s);
}

static void watch_tell(struct store_watch *w, enum store_watch_kind kind,
		       int64_t rev, const struct store_kv *kvs, size_t n)
{
	store_watch_fn *fn = w->fn;

	store_enter(w->store);
	if (kind == STORE_WATCH_LOST)
		watch_end(w);
	fn(w->arg, kind, rev, kvs, n);
	store_leave(w->store);
}

void store_watch_lost(struct store_watch *w, int64_t rev)
{
	if (w->fn)
		watch_tell(w, STORE_WATCH_LOST, rev, NULL, 0);
}

void store_watch_progress(struct store_watch *w, int64_t rev)
{
	if (!w->fn || rev < w->next_rev)
		return;
	w->next_rev = rev + 1;
	watch_tell(w, STORE_WATCH_PROGRESS, rev, NULL, 0);
}

bool store_see(struct store *s, const char *identity, int64_t rev,
	       int64_t known)
{
	bool back = rev < known;

	if (identity) {
		back |= s->identity[0] && strcmp(s->identity, identity);
		snprintf(s->identity, sizeof(s->identity), "%s", identity);
	}
	if (back || rev > s->rev)
		s->rev = rev;
	if (!back)
		return false;
	s->setbacks++;
	store_enter(s);
	for (struct store_watch *w = s->watches; w; w = w->next)
		store_watch_lost(w, rev);
	store_leave(s);
	return true;
}

/* Put the changes under the watch's prefix into @to. Return: their number. */
static size_t select_kvs(const struct store_watch *w, struct store_kv *to,
			 const struct store_kv *from, size_t n)
{
	const char *prefix = w->prefix + w->store->prefix_len;
	size_t len = strlen(prefix);
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		if (!strncmp(from[i].key, prefix, len))
			to[found++] = from[i];
	return found;
}

void store_watch_changes(struct store_watch *w, const struct kvs *l)
{
	struct store_kv *kvs;
	size_t end, n;

	if (!l->n)
		return;
	kvs = reallocarray(NULL, l->n, sizeof(*kvs));
	store_enter(w->store);
	if (!kvs)
		store_watch_lost(w, l->kv[l->n - 1].mod_rev);

	for (size_t i = 0; i < l->n && w->fn; i = end) {
		int64_t rev = l->kv[i].mod_rev;

		for (end = i; end < l->n && l->kv[end].mod_rev == rev; )
			end++;
		n = select_kvs(w, kvs, &l->kv[i], end - i);
		if (!n || rev < w->next_rev)
			continue;
		w->next_rev = rev + 1;
		watch_tell(w, STORE_WATCH_REV, rev, kvs, n);
	}
	store_leave(w->store);
	free(kvs);
}

/* The store itself */

static void store_free(struct store *s)
{
	while (s->watches) {
		struct store_watch *w = s->watches;

		s->watches = w->next;
		watch_free(w);
	}
	sd_event_unref(s->event);
	free(s->prefix);
	free(s);
}

int store_new(struct store **out, struct sd_event *event,
	      const struct store_engine *engine, const struct store_conf *conf,
	      store_state_fn *on_state, void *arg, struct cgspan_err *err)
{
	const char *prefix = conf->prefix ? conf->prefix : "";
	struct store *s;
	int ret;

	ret = key_check(prefix, true, err);
	if (ret)
		return ret;

	s = calloc(1, sizeof(*s));
	if (!s)
		return cgspan_err_nomem(err);
	s->engine = engine;
	s->event = sd_event_ref(event);
	s->on_state = on_state;
	s->arg = arg;
	s->prefix = strdup(prefix);
	s->prefix_len = strlen(prefix);
	ret = s->prefix ? engine->open(s, conf, err) : cgspan_err_nomem(err);
	if (ret) {
		store_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	s->engine->close(s);
	store_free(s);
}

unsigned int store_setbacks(const struct store *s)
{
	return s->setbacks;
}

const char *store_identity(struct store *s)
{
	return s->identity[0] ? s->identity : NULL;
}
