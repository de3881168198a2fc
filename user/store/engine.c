// SPDX-License-Identifier: GPL-2.0
/*
 * The part of the store that does not depend on the engine. It puts the prefix
 * in front of keys, copies, answers and frees requests, and keeps the list of
 * watches. Engines remove the prefix again from the keys that they answer with.
 */
#include "engine.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

/* A key holds one path of CGSPAN_PATH_LEN bytes at most, and a few words. */
#define KEY_MAX		2048

/* Callbacks, and watches that end in them */

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

char *store_prefix_end(const char *prefix)
{
	size_t len = strlen(prefix);
	char *end;

	while (len && (unsigned char)prefix[len - 1] == 0xff)
		len--;
	end = strndup(prefix, len);
	if (end && len)
		end[len - 1]++;
	return end;
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
	for (size_t i = 0; i < req->txn.n_cmps; i++)
		free((char *)req->txn.cmps[i].key);
	for (size_t i = 0; i < req->txn.n_ops; i++) {
		free((char *)req->txn.ops[i].key);
		free((char *)req->txn.ops[i].val);
	}
	free((void *)req->txn.cmps);
	free((void *)req->txn.ops);
	free(req->key);
	kvs_fini(&req->kvs);
	free(req);
}

void store_req_fail(struct store_req *req, enum store_result res, int no,
		    const char *fmt, ...)
{
	char msg[sizeof(req->err.msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);

	cgspan_err_set(&req->err, no, "%s", msg);
	req->res = res;
	req->rev = 0;
	kvs_fini(&req->kvs);
}

void store_req_finish(struct store_req *req)
{
	const struct cgspan_err *err = req->err.no ? &req->err : NULL;
	struct store *s = req->store;

	store_enter(s);
	if (req->key)
		req->get_fn(req->arg, req->kvs.kv, req->kvs.n, req->rev, err);
	else
		req->txn_fn(req->arg, req->res, req->rev, req->kvs.kv,
			    req->kvs.n, err);
	store_req_free(req);
	store_leave(s);
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

static int copy_op(const struct store *s, struct store_op *to,
		   const struct store_op *from)
{
	char *val;

	to->key = whole_key(s, from->key);
	if (!to->key)
		return -ENOMEM;
	if (!from->val)
		return 0;
	val = malloc(from->len + 1);
	to->val = val;
	if (!val)
		return -ENOMEM;
	memcpy(val, from->val, from->len);
	val[from->len] = '\0';
	to->len = from->len;
	return 0;
}

/* After a failure, store_req_free() frees what has been copied. */
static int txn_copy(const struct store *s, struct store_txn *to,
		    const struct store_txn *from)
{
	struct store_cmp *cmps = calloc(from->n_cmps + 1, sizeof(*cmps));
	struct store_op *ops = calloc(from->n_ops + 1, sizeof(*ops));

	to->cmps = cmps;
	to->ops = ops;
	if (!cmps || !ops)
		return -ENOMEM;

	to->n_cmps = from->n_cmps;
	to->n_ops = from->n_ops;
	for (size_t i = 0; i < from->n_cmps; i++) {
		cmps[i].mod_rev = from->cmps[i].mod_rev;
		cmps[i].key = whole_key(s, from->cmps[i].key);
		if (!cmps[i].key)
			return -ENOMEM;
	}
	for (size_t i = 0; i < from->n_ops; i++)
		if (copy_op(s, &ops[i], &from->ops[i]))
			return -ENOMEM;
	return 0;
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
	if (!req || txn_copy(s, &req->txn, txn)) {
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

	ret = s->engine->watch(s, w, err);
	if (ret) {
		watch_free(w);
		return ret;
	}
	w->next = s->watches;
	s->watches = w;
	*out = w;
	return 0;
}

void store_unwatch(struct store_watch *w)
{
	struct store *s;

	if (!w)
		return;
	s = w->store;
	if (w->fn)
		s->engine->unwatch(s, w);
	w->fn = NULL;
	w->gone = true;
	if (!s->depth)
		free_ended(s);
}

static void watch_tell(struct store_watch *w, enum store_watch_kind kind,
		       int64_t rev, const struct store_kv *kvs, size_t n)
{
	store_enter(w->store);
	w->fn(w->arg, kind, rev, kvs, n);
	store_leave(w->store);
}

void store_watch_lost(struct store_watch *w, int64_t rev)
{
	store_watch_fn *fn = w->fn;

	if (!fn)
		return;
	w->store->engine->unwatch(w->store, w);
	w->fn = NULL;
	store_enter(w->store);
	fn(w->arg, STORE_WATCH_LOST, rev, NULL, 0);
	store_leave(w->store);
}

void store_watch_progress(struct store_watch *w, int64_t rev)
{
	if (!w->fn || rev < w->next_rev)
		return;
	w->next_rev = rev + 1;
	watch_tell(w, STORE_WATCH_PROGRESS, rev, NULL, 0);
}

void store_set_back(struct store *s, int64_t rev)
{
	s->setbacks++;
	store_enter(s);
	for (struct store_watch *w = s->watches; w; w = w->next)
		store_watch_lost(w, rev);
	store_leave(s);
}

/* The changes of one revision that fall under the watch: shallow copies. */
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
