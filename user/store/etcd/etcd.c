// SPDX-License-Identifier: GPL-2.0
/*
 * etcd behind the store's interface: requests, endpoints, token, state.
 *
 * A request that surely was not sent goes to the next endpoint, each at most
 * once, but at least twice in all: a kept connection may have died unnoticed.
 * So does a read or a probe that got no answer. A transaction that may have
 * been sent and got no answer is UNKNOWN, and is never sent again.
 */
#include "etcd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "http.h"

#define PROBE_USEC	1000000

enum kind {
	RANGE,
	TXN,
	AUTH,
	PROBE,
};

static const char *const paths[] = {
	[RANGE] = "/v3/kv/range",
	[TXN] = "/v3/kv/txn",
	[AUTH] = "/v3/auth/authenticate",
	[PROBE] = "/v3/kv/txn",
};

struct etcd_call {
	struct etcd *etcd;
	struct etcd_call *next;
	enum kind kind;
	struct store_req *req;		/* of RANGE and TXN */
	struct http_call *http;		/* NULL while waiting for a token */
	size_t member;
	unsigned int tries;
	bool reauthed;
	int64_t rev;			/* known when it was sent */
};

/* How one attempt ended. */
enum outcome {
	ANSWERED,
	REFUSED,	/* nothing was done, and nowhere would be */
	UNAUTHED,	/* nothing was done: the token is not known */
	UNSENT,		/* nothing was done: nobody there */
	SILENT,		/* it may have been done */
};

static void call_done(struct http_call *http, void *arg);

/* Endpoints and state */

char *etcd_url(const struct etcd *e, size_t member, const char *path)
{
	char *url;

	if (asprintf(&url, "%s%s", e->members[member].url, path) < 0)
		return NULL;
	return url;
}

static void probe_later(struct etcd *e)
{
	/* a thousand nodes need not ask in the same millisecond */
	uint64_t usec = PROBE_USEC / 2 + arc4random_uniform(PROBE_USEC);

	sd_event_source_set_time_relative(e->probe, usec);
	sd_event_source_set_enabled(e->probe, SD_EVENT_ONESHOT);
}

static void state_down(struct etcd *e, const struct cgspan_err *why)
{
	store_state_set(e->store, STORE_DOWN, why);
	probe_later(e);
}

/* Down means: every member failed since one last answered. */
static void member_good(struct etcd *e)
{
	for (size_t i = 0; i < e->n_members; i++)
		e->members[i].bad = false;
}

static void member_bad(struct etcd *e, size_t member,
		       const struct cgspan_err *why)
{
	e->members[member].bad = true;
	if (e->current == member)
		e->current = (member + 1) % e->n_members;
	for (size_t i = 0; i < e->n_members; i++)
		if (!e->members[i].bad)
			return;
	state_down(e, why);
}

/*
 * Every answer says which cluster it is and where that stands. Reads are
 * linearizable: what was asked for after revision n was known cannot be
 * answered as of before n, unless the cluster was replaced or restored. True if
 * it was.
 */
static bool see(struct etcd *e, const struct etcd_header *h, int64_t known)
{
	struct store *s = e->store;
	bool other = s->identity[0] && strcmp(s->identity, h->cluster);

	snprintf(s->identity, sizeof(s->identity), "%s", h->cluster);
	if (!other && h->rev >= known) {
		if (h->rev > e->rev)
			e->rev = h->rev;
		return false;
	}
	e->rev = h->rev;
	/* What else is under way need not say so again. */
	for (struct etcd_call *c = e->calls; c; c = c->next)
		c->rev = 0;
	store_set_back(s, h->rev);
	return true;
}

/* Calls */

static struct etcd_call *call_new(struct etcd *e, enum kind kind,
				  struct store_req *req)
{
	struct etcd_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->etcd = e;
	call->kind = kind;
	call->req = req;
	call->next = e->calls;
	e->calls = call;
	return call;
}

/* The request is not freed. */
static void call_free(struct etcd_call *call)
{
	struct etcd_call **p;

	for (p = &call->etcd->calls; *p != call; p = &(*p)->next)
		;
	*p = call->next;
	http_call_free(call->http);
	free(call);
}

static char *call_body(const struct etcd_call *call)
{
	const struct etcd *e = call->etcd;

	switch (call->kind) {
	case RANGE:
		return etcd_json_range(call->req->key, call->req->prefix);
	case TXN:
		return etcd_json_txn(&call->req->txn);
	case AUTH:
		return etcd_json_auth(e->conf.user, e->conf.password);
	case PROBE:
	default:
		return etcd_json_probe(e->store->prefix[0] ? e->store->prefix :
							     "cgspan");
	}
}

static int call_send(struct etcd_call *call)
{
	struct etcd *e = call->etcd;
	char *url, *body;

	call->member = e->current;
	call->rev = e->rev;
	call->tries++;
	http_call_free(call->http);
	call->http = NULL;

	url = etcd_url(e, call->member, paths[call->kind]);
	body = call_body(call);
	if (url && body)
		call->http = http_start(e->http, &(struct http_post) {
			.url = url,
			.body = body,
			.token = call->kind == AUTH ? NULL : e->token,
			.done = call_done,
			.arg = call,
		});
	free(url);
	free(body);
	return call->http ? 0 : -ENOMEM;
}

static int call_start(struct etcd_call *call)
{
	/* where a token must come first, its arrival starts what waits */
	if (call->kind != AUTH && !etcd_token_ready(call->etcd))
		return 0;
	return call_send(call);
}

/* It ended without an answer. */
static void call_fail(struct etcd_call *call, enum store_result res,
		      const struct cgspan_err *why)
{
	struct store_req *req = call->req;
	struct etcd *e = call->etcd;

	if (call->kind == AUTH)
		e->authing = false;
	if (call->kind == PROBE)
		e->probing = false;
	call_free(call);
	if (!req)
		return;
	store_req_fail(req, res, why->no, "%s", why->msg);
	store_req_finish(req);
}

/* Tokens */

static struct etcd_call *find_waiting(struct etcd *e)
{
	for (struct etcd_call *c = e->calls; c; c = c->next)
		if (!c->http && c->kind != AUTH)
			return c;
	return NULL;
}

static void fail_waiting(struct etcd *e, const struct cgspan_err *why)
{
	struct etcd_call *call;

	while ((call = find_waiting(e)))
		call_fail(call, STORE_ERROR, why);
}

static void start_waiting(struct etcd *e)
{
	const struct cgspan_err nomem = { -ENOMEM, "out of memory" };
	struct etcd_call *call;

	while ((call = find_waiting(e)))
		if (call_send(call))
			call_fail(call, STORE_ERROR, &nomem);
	etcd_stream_kick(e->stream);
}

bool etcd_token_ready(struct etcd *e)
{
	struct etcd_call *call;

	if (!e->conf.user || e->token || e->open_door)
		return true;
	if (e->authing)
		return false;
	/* without memory now: the next that needs a token tries again */
	call = call_new(e, AUTH, NULL);
	if (!call)
		return false;
	e->authing = true;
	if (call_send(call)) {
		e->authing = false;
		call_free(call);
	}
	return false;
}

void etcd_token_drop(struct etcd *e)
{
	free(e->token);
	e->token = NULL;
	e->open_door = false;
}

/* What one attempt came to */

static bool token_is_old(int status, const char *msg)
{
	return status == 401 || strstr(msg, "invalid auth token") ||
	       strstr(msg, "revision of auth store is old") ||
	       strstr(msg, "user name is empty");
}

static enum outcome judge_refusal(const struct etcd_call *call, int status,
				  const char *msg, struct cgspan_err *why)
{
	const char *url = call->etcd->members[call->member].url;

	if (call->kind != AUTH && call->etcd->conf.user &&
	    token_is_old(status, msg)) {
		cgspan_err_set(why, -EACCES, "%s: %s", url, msg);
		return UNAUTHED;
	}
	if (status == 429 && strstr(msg, "database space exceeded")) {
		cgspan_err_set(why, -ENOSPC,
			       "%s: %s: free space, then etcdctl alarm disarm",
			       url, msg);
		return REFUSED;
	}
	if (status == 429 && strstr(msg, "too many requests")) {
		cgspan_err_set(why, -EAGAIN, "%s: %s", url, msg);
		return REFUSED;
	}
	if (status == 400 && strstr(msg, "CommonName")) {
		cgspan_err_set(why, -EINVAL,
			       "%s: etcd with users wants a certificate without a common name (see cgspan-certs): %s",
			       url, msg);
		return REFUSED;
	}
	if (status >= 400 && status < 500 && status != 408 && status != 429) {
		cgspan_err_set(why, status == 401 || status == 403 ? -EACCES :
								     -EINVAL,
			       "%s: refused: %s", url, msg);
		return REFUSED;
	}
	cgspan_err_set(why, -ETIMEDOUT, "%s: status %d: %s", url, status, msg);
	return SILENT;
}

static enum outcome judge(const struct etcd_call *call, struct cgspan_err *why)
{
	const char *text, *reply;
	char msg[128];
	size_t len;
	int status;

	status = http_call_status(call->http, &text);
	if (!status) {
		bool sent = http_call_sent(call->http);

		cgspan_err_set(why, sent ? -ETIMEDOUT : -EHOSTUNREACH,
			       "%s: %s", call->etcd->members[call->member].url,
			       text);
		return sent ? SILENT : UNSENT;
	}
	if (status == 200)
		return ANSWERED;
	reply = http_call_reply(call->http, &len);
	etcd_parse_failure(reply, len, msg, sizeof(msg));
	return judge_refusal(call, status, msg, why);
}

/* Answers */

static void range_answered(struct etcd_call *call, const char *reply,
			   size_t len)
{
	struct store_req *req = call->req;
	struct etcd *e = call->etcd;
	struct etcd_header h;
	struct cgspan_err err;

	if (etcd_parse_range(reply, len, e->store->prefix_len, &h, &req->kvs,
			     &err)) {
		call_fail(call, STORE_ERROR, &err);
		return;
	}
	req->rev = h.rev;
	see(e, &h, call->rev);
	call_free(call);
	store_req_finish(req);
}

static void txn_answered(struct etcd_call *call, const char *reply, size_t len)
{
	struct store_req *req = call->req;
	struct etcd *e = call->etcd;
	struct etcd_header h;
	struct cgspan_err err;
	bool succeeded;

	if (etcd_parse_txn(reply, len, e->store->prefix_len, &req->txn, &h,
			   &succeeded, &req->kvs, &err)) {
		call_fail(call, STORE_UNKNOWN, &err);
		return;
	}
	req->res = succeeded ? STORE_APPLIED : STORE_CONFLICT;
	req->rev = h.rev;
	if (see(e, &h, call->rev))
		store_req_fail(req, STORE_UNKNOWN, -ESTALE,
			       "another store has answered, or an older one: was it restored from a backup?");
	call_free(call);
	store_req_finish(req);
}

static void auth_answered(struct etcd_call *call, const char *reply,
			  size_t len)
{
	struct etcd *e = call->etcd;
	struct cgspan_err err;

	if (etcd_parse_token(reply, len, &e->token, &err)) {
		call_fail(call, STORE_ERROR, &err);
		fail_waiting(e, &err);
		return;
	}
	e->authing = false;
	call_free(call);
	start_waiting(e);
}

static void probe_answered(struct etcd_call *call, const char *reply,
			   size_t len)
{
	const struct store_txn none = { 0 };
	struct kvs kvs = { 0 };
	struct etcd *e = call->etcd;
	int64_t known = call->rev;
	struct etcd_header h;
	struct cgspan_err err;
	bool succeeded;
	int ret;

	ret = etcd_parse_txn(reply, len, 0, &none, &h, &succeeded, &kvs, &err);
	kvs_fini(&kvs);
	if (ret) {
		call_fail(call, STORE_ERROR, &err);
		state_down(e, &err);
		return;
	}
	e->probing = false;
	call_free(call);
	see(e, &h, known);
	store_state_set(e->store, STORE_UP, NULL);
}

static void answered(struct etcd_call *call)
{
	size_t len;
	const char *reply = http_call_reply(call->http, &len);
	struct etcd *e = call->etcd;

	member_good(e);
	/* a read may work where no write does: only a probe tells */
	if (e->store->told && e->store->state == STORE_DOWN)
		etcd_probe(e);

	switch (call->kind) {
	case RANGE:
		range_answered(call, reply, len);
		break;
	case TXN:
		txn_answered(call, reply, len);
		break;
	case AUTH:
		auth_answered(call, reply, len);
		break;
	case PROBE:
		probe_answered(call, reply, len);
		break;
	}
}

/* Refusals */

static void auth_refused(struct etcd_call *call, const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;
	struct cgspan_err err = *why;

	if (strstr(why->msg, "authentication is not enabled")) {
		e->authing = false;
		e->open_door = true;
		call_free(call);
		start_waiting(e);
		return;
	}
	err.no = -EACCES;
	cgspan_err_wrap(&err, "user %s: check name and password", e->conf.user);
	call_fail(call, STORE_ERROR, &err);
	fail_waiting(e, &err);
	state_down(e, &err);
}

static void refused(struct etcd_call *call, const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;
	bool probe = call->kind == PROBE;

	member_good(e);
	if (call->kind == AUTH) {
		auth_refused(call, why);
		return;
	}
	call_fail(call, STORE_ERROR, why);
	if (why->no == -ENOSPC) {
		store_state_set(e->store, STORE_READONLY, why);
		probe_later(e);
	} else if (probe && why->no == -EACCES) {
		/* this user may not write there, but somebody answers */
		store_state_set(e->store, STORE_UP, NULL);
	} else if (probe) {
		state_down(e, why);
	}
}

/* Nothing was done: once more with a new token. */
static void unauthed(struct etcd_call *call, const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;
	const struct cgspan_err nomem = { -ENOMEM, "out of memory" };

	if (call->reauthed) {
		refused(call, why);
		return;
	}
	call->reauthed = true;
	call->tries = 0;
	http_call_free(call->http);
	call->http = NULL;
	if (!e->authing)
		etcd_token_drop(e);
	if (call_start(call))
		call_fail(call, STORE_ERROR, &nomem);
}

/* Failures */

static void unanswered(struct etcd_call *call, bool sent,
		       const struct cgspan_err *why)
{
	enum store_result res = sent ? STORE_UNKNOWN : STORE_ERROR;
	struct etcd *e = call->etcd;
	size_t tries = e->n_members > 1 ? e->n_members : 2;
	enum kind kind = call->kind;

	member_bad(e, call->member, why);
	if (!(sent && kind == TXN) && call->tries < tries && !call_send(call))
		return;

	call_fail(call, res, why);
	if (kind == AUTH)
		fail_waiting(e, why);
	/* whether the others answer is better known before the next request */
	if (kind != PROBE && kind != AUTH && e->store->state == STORE_UP)
		etcd_probe(e);
}

static void call_done(struct http_call *http, void *arg)
{
	struct etcd_call *call = arg;
	struct etcd *e = call->etcd;
	struct cgspan_err why;

	(void)http;
	store_enter(e->store);
	switch (judge(call, &why)) {
	case ANSWERED:
		answered(call);
		break;
	case REFUSED:
		refused(call, &why);
		break;
	case UNAUTHED:
		unauthed(call, &why);
		break;
	case UNSENT:
		unanswered(call, false, &why);
		break;
	case SILENT:
		unanswered(call, true, &why);
		break;
	}
	store_leave(e->store);
}

/* Probes */

void etcd_probe(struct etcd *e)
{
	struct etcd_call *call;

	if (e->probing)
		return;
	call = call_new(e, PROBE, NULL);
	if (!call) {
		probe_later(e);
		return;
	}
	e->probing = true;
	if (call_start(call)) {
		e->probing = false;
		call_free(call);
		probe_later(e);
	}
}

static int probe_due(sd_event_source *src, uint64_t usec, void *arg)
{
	struct etcd *e = arg;

	(void)src;
	(void)usec;
	if (e->store->told && e->store->state == STORE_UP)
		return 0;
	etcd_probe(e);
	probe_later(e);
	return 0;
}

/* Opening and closing */

static int copy_text(const char **to, const char *from, struct cgspan_err *err)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : cgspan_err_set(err, -ENOMEM, "out of memory");
}

static int copy_file(const char **to, const char *path, const char *what,
		     struct cgspan_err *err)
{
	if (path && access(path, R_OK))
		return cgspan_err_set(err, -errno, "%s %s: %s", what, path,
				      strerror(errno));
	return copy_text(to, path, err);
}

static int copy_conf(struct store_conf *to, const struct store_conf *from,
		     struct cgspan_err *err)
{
	int ret;

	if (!from->user != !from->password)
		return cgspan_err_set(err, -EINVAL,
				      "a store's user and password go together");
	if (!from->cert != !from->key)
		return cgspan_err_set(err, -EINVAL,
				      "a store's cert and key go together");
	to->timeout_ms = from->timeout_ms;
	ret = copy_file(&to->cacert, from->cacert, "cacert", err);
	if (!ret)
		ret = copy_file(&to->cert, from->cert, "cert", err);
	if (!ret)
		ret = copy_file(&to->key, from->key, "key", err);
	if (!ret)
		ret = copy_text(&to->user, from->user, err);
	if (!ret)
		ret = copy_text(&to->password, from->password, err);
	return ret;
}

static int add_member(struct etcd *e, const char *url, size_t len,
		      struct cgspan_err *err)
{
	struct etcd_member *m;

	while (len && url[len - 1] == '/')
		len--;
	if (strncmp(url, "https://", 8) || len <= 8 ||
	    strcspn(url + 8, "/ \t") < len - 8)
		return cgspan_err_set(err, -EINVAL,
				      "store endpoint '%.*s': must be https://host:port",
				      (int)len, url);
	m = reallocarray(e->members, e->n_members + 1, sizeof(*m));
	if (!m)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	e->members = m;
	m += e->n_members;
	m->bad = false;
	m->url = strndup(url, len);
	if (!m->url)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	e->n_members++;
	return 0;
}

static int add_members(struct etcd *e, const char *urls, struct cgspan_err *err)
{
	int ret;

	for (;;) {
		size_t len = strcspn(urls, ",");

		ret = add_member(e, urls, len, err);
		if (ret)
			return ret;
		if (!urls[len])
			break;
		urls += len + 1;
	}
	/* not every node on the same member */
	e->current = arc4random_uniform((uint32_t)e->n_members);
	return 0;
}

static void etcd_close(struct store *s)
{
	struct etcd *e = s->priv;

	etcd_stream_free(e->stream);
	while (e->calls) {
		store_req_free(e->calls->req);
		call_free(e->calls);
	}
	http_free(e->http);
	sd_event_source_disable_unref(e->probe);
	for (size_t i = 0; i < e->n_members; i++)
		free(e->members[i].url);
	free(e->members);
	free(e->token);
	free((char *)e->conf.cacert);
	free((char *)e->conf.cert);
	free((char *)e->conf.key);
	free((char *)e->conf.user);
	free((char *)e->conf.password);
	free(e);
}

static int etcd_open(struct store *s, const struct store_conf *conf,
		     struct cgspan_err *err)
{
	struct etcd *e = calloc(1, sizeof(*e));
	int ret;

	if (!e)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	s->priv = e;
	e->store = s;
	ret = copy_conf(&e->conf, conf, err);
	if (!ret)
		ret = add_members(e, conf->url, err);
	if (!ret)
		ret = http_new(&e->http, s->event, &e->conf, err);
	if (!ret) {
		e->stream = etcd_stream_new(e, err);
		ret = e->stream ? 0 : -ENOMEM;
	}
	if (!ret) {
		/* the first probe: at once */
		ret = sd_event_add_time_relative(s->event, &e->probe,
						 CLOCK_MONOTONIC, 0, 1000,
						 probe_due, e);
		if (ret < 0)
			cgspan_err_set(err, ret, "event loop: %s",
				       strerror(-ret));
	}
	if (ret < 0) {
		etcd_close(s);
		return ret;
	}
	return 0;
}

static int etcd_submit(struct store *s, struct store_req *req,
		       struct cgspan_err *err)
{
	struct etcd *e = s->priv;
	struct etcd_call *call;

	call = call_new(e, req->key ? RANGE : TXN, req);
	if (!call)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	if (call_start(call)) {
		call_free(call);
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static int etcd_watch(struct store *s, struct store_watch *w,
		      struct cgspan_err *err)
{
	struct etcd *e = s->priv;

	if (etcd_stream_watch(e->stream, w))
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	return 0;
}

static void etcd_unwatch(struct store *s, struct store_watch *w)
{
	struct etcd *e = s->priv;

	etcd_stream_unwatch(e->stream, w);
}

const struct store_engine store_etcd = {
	.open = etcd_open,
	.close = etcd_close,
	.submit = etcd_submit,
	.watch = etcd_watch,
	.unwatch = etcd_unwatch,
};
