// SPDX-License-Identifier: GPL-2.0
/*
 * A request that was certainly not sent is tried on the next endpoint: each
 * endpoint at most once, but two attempts at least, because a kept connection
 * may be dead. So is a read or a probe without an answer. A transaction that
 * may have been sent and has no answer is UNKNOWN, and is never sent again.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "http.h"
#include "json.h"

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
	size_t endpoint;
	unsigned int tries;
	bool reauthed;
	int64_t rev;			/* known when it was sent */
};

/* How one attempt ended. */
enum outcome {
	ANSWERED,
	REFUSED,	/* not executed; every endpoint would refuse it */
	UNAUTHED,	/* not executed: etcd does not know the token */
	UNSENT,		/* not executed: no connection */
	SILENT,		/* no answer: it may have been executed */
};

static const struct cgspan_err no_memory = { -ENOMEM, "out of memory" };

static void call_done(struct http_call *http, void *arg);

/* Endpoints and state */

static void probe_later(struct etcd *e)
{
	/* Random, so that a thousand nodes do not ask in one millisecond. */
	uint64_t usec = PROBE_USEC / 2 + arc4random_uniform(PROBE_USEC);

	sd_event_source_set_time_relative(e->probe, usec);
	sd_event_source_set_enabled(e->probe, SD_EVENT_ONESHOT);
}

static void state_down(struct etcd *e, const struct cgspan_err *why)
{
	store_state_set(e->store, STORE_DOWN, why);
	probe_later(e);
}

static void endpoint_failed(struct etcd *e, size_t i,
			    const struct cgspan_err *why)
{
	if (endpoints_bad(&e->endpoints, i))
		state_down(e, why);
}

/*
 * Check cluster and revision of an answer. Reads are linearizable: the answer
 * to a request that was sent when revision @known was known cannot have an
 * older revision, unless the cluster was replaced or restored. True if it was.
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
	/* Other calls under way must not count the same set-back again. */
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

	call->endpoint = e->endpoints.current;
	call->rev = e->rev;
	call->tries++;
	http_call_free(call->http);
	call->http = NULL;

	url = endpoints_url(&e->endpoints, call->endpoint, paths[call->kind]);
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
	/* Without a token the call waits for start_waiting(). */
	if (call->kind != AUTH && !etcd_token_ready(call->etcd))
		return 0;
	return call_send(call);
}

/* End a call without an answer. */
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
	struct etcd_call *call;

	while ((call = find_waiting(e)))
		if (call_send(call))
			call_fail(call, STORE_ERROR, &no_memory);
	if (e->on_token)
		e->on_token(e->on_token_arg);
}

bool etcd_token_ready(struct etcd *e)
{
	struct etcd_call *call;

	if (!e->conf.user || e->token || e->auth_disabled)
		return true;
	if (e->authing)
		return false;
	/* Without memory now: the next call that needs a token tries again. */
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
	e->auth_disabled = false;
}

/* The outcome of one attempt */

static bool token_is_old(int status, const char *msg)
{
	return status == 401 || strstr(msg, "invalid auth token") ||
	       strstr(msg, "revision of auth store is old") ||
	       strstr(msg, "user name is empty");
}

static const char *endpoint_of(const struct etcd_call *call)
{
	return call->etcd->endpoints.list[call->endpoint].url;
}

static enum outcome judge_refusal(const struct etcd_call *call, int status,
				  const char *msg, struct cgspan_err *why)
{
	const char *url = endpoint_of(call);

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
			       "%s: with users, etcd needs a certificate without a common name (see cgspan-certs): %s",
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
			       "%s: %s", endpoint_of(call),
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
			       "the store was replaced, or restored from a backup: whether the transaction was applied is unknown");
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

	endpoints_good(&e->endpoints);
	/* A read may work where no write does: only a probe shows UP. */
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
		e->auth_disabled = true;
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

	endpoints_good(&e->endpoints);
	if (call->kind == AUTH) {
		auth_refused(call, why);
		return;
	}
	call_fail(call, STORE_ERROR, why);
	if (why->no == -ENOSPC) {
		store_state_set(e->store, STORE_READONLY, why);
		probe_later(e);
	} else if (probe && why->no == -EACCES) {
		/* The user may not write the probe's key, but etcd answers. */
		store_state_set(e->store, STORE_UP, NULL);
	} else if (probe) {
		state_down(e, why);
	}
}

/* The request was not executed: try once more with a new token. */
static void unauthed(struct etcd_call *call, const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;

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
		call_fail(call, STORE_ERROR, &no_memory);
}

/* Failures */

static void unanswered(struct etcd_call *call, bool sent,
		       const struct cgspan_err *why)
{
	enum store_result res = sent ? STORE_UNKNOWN : STORE_ERROR;
	struct etcd *e = call->etcd;
	size_t tries = e->endpoints.n > 1 ? e->endpoints.n : 2;
	enum kind kind = call->kind;

	endpoint_failed(e, call->endpoint, why);
	if (!(sent && kind == TXN) && call->tries < tries && !call_send(call))
		return;

	call_fail(call, res, why);
	if (kind == AUTH)
		fail_waiting(e, why);
	/* Learn before the next request whether other endpoints answer. */
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

int etcd_calls_open(struct etcd *e, struct cgspan_err *err)
{
	struct sd_event *event = e->store->event;
	int ret;

	ret = http_new(&e->http, event, &e->conf, err);
	if (ret)
		return ret;
	/* The first probe runs at once. */
	ret = sd_event_add_time_relative(event, &e->probe, CLOCK_MONOTONIC, 0,
					 1000, probe_due, e);
	if (ret < 0)
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	return 0;
}

void etcd_calls_close(struct etcd *e)
{
	while (e->calls) {
		store_req_free(e->calls->req);
		call_free(e->calls);
	}
	http_free(e->http);
	sd_event_source_disable_unref(e->probe);
	free(e->token);
}

int etcd_submit(struct etcd *e, struct store_req *req)
{
	struct etcd_call *call = call_new(e, req->key ? RANGE : TXN, req);

	if (!call)
		return -ENOMEM;
	if (!call_start(call))
		return 0;
	call_free(call);
	return -ENOMEM;
}
