// SPDX-License-Identifier: GPL-2.0
/*
 * A call that was certainly not sent is tried on the next endpoint: as often as
 * there are endpoints, at least twice, as a kept connection may be dead. So is
 * a call without an answer, except a transaction that may have been sent: it is
 * UNKNOWN, and is never sent again.
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
	LIST_ENTRY(etcd_call) next;
	struct etcd *etcd;
	enum kind kind;
	struct store_req *req;		/* NULL: the call is AUTH or PROBE */
	struct http_call *http;		/* NULL: the call waits for a token */
	size_t endpoint;
	unsigned int tries;
	bool reauthed;
	/* The store's revision and setbacks when the call was sent: */
	int64_t rev;
	unsigned int setbacks;
};

/* How one attempt ended. */
enum outcome {
	ANSWERED,
	REFUSED,	/* not executed; not tried on another endpoint */
	UNAUTHED,	/* not executed: etcd needs a token, or a new one */
	SILENT,		/* no answer, or none that tells if it was executed */
};

static const struct cgspan_err no_memory = { -ENOMEM, "out of memory" };

static void call_done(void *arg, const struct http_reply *reply);

/* State of the store */

static void probe_later(struct etcd *e)
{
	/* A random pause: a thousand nodes do not probe at the same time. */
	uint64_t usec = PROBE_USEC / 2 + arc4random_uniform(PROBE_USEC);

	sd_event_source_set_time_relative(e->probe, usec);
	sd_event_source_set_enabled(e->probe, SD_EVENT_ONESHOT);
}

static void state_down(struct etcd *e, const struct cgspan_err *why)
{
	store_state_set(e->store, STORE_DOWN, why);
	probe_later(e);
}

/* Starting and ending calls */

/* Free a call, which may be NULL, but not its request. */
static void call_free(struct etcd_call *call)
{
	if (!call)
		return;
	LIST_REMOVE(call, next);
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
		return etcd_json_txn(&call->req->cmps, &call->req->ops);
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
	char *body = call_body(call);

	call->endpoint = e->endpoints.current;
	call->rev = e->store->rev;
	call->setbacks = e->store->setbacks;
	call->tries++;
	http_call_free(call->http);
	call->http = NULL;
	if (body)
		call->http = http_start(e->http, &(struct http_post) {
			.url = e->endpoints.list[call->endpoint].url,
			.path = paths[call->kind],
			.body = body,
			.token = call->kind == AUTH ? NULL : e->token,
			.done = call_done,
			.arg = call,
		});
	free(body);
	return call->http ? 0 : -ENOMEM;
}

static int call_start(struct etcd_call *call)
{
	/* Without a token, wait for start_waiting() or fail_waiting(). */
	if (call->kind != AUTH && !etcd_token_ready(call->etcd))
		return 0;
	return call_send(call);
}

static int call_new(struct etcd *e, enum kind kind, struct store_req *req)
{
	struct etcd_call *call = calloc(1, sizeof(*call));

	if (!call)
		return -ENOMEM;
	call->etcd = e;
	call->kind = kind;
	call->req = req;
	LIST_INSERT_HEAD(&e->calls, call, next);
	if (!call_start(call))
		return 0;
	call_free(call);
	return -ENOMEM;
}

static bool under_way(const struct etcd *e, enum kind kind)
{
	struct etcd_call *call;

	LIST_FOREACH(call, &e->calls, next)
		if (call->kind == kind)
			return true;
	return false;
}

/* End a call that has failed: its request, if any, gets @res and @why. */
static void call_fail(struct etcd_call *call, enum store_result res,
		      const struct cgspan_err *why)
{
	struct store_req *req = call->req;

	call_free(call);
	if (!req)
		return;
	req->res = res;
	req->err = *why;
	store_req_finish(req);
}

/*
 * The highest revision known when the call was sent; 0 if there was a setback
 * since: calls that were under way then must not count it again.
 */
static int64_t known_rev(const struct etcd_call *call)
{
	return call->setbacks == call->etcd->store->setbacks ? call->rev : 0;
}

/* Getting a token */

static struct etcd_call *find_waiting(struct etcd *e)
{
	struct etcd_call *call;

	LIST_FOREACH(call, &e->calls, next)
		if (!call->http && call->kind != AUTH)
			return call;
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
		e->on_token(e);
}

bool etcd_token_ready(struct etcd *e)
{
	if (!e->conf.user || e->token || e->auth_disabled)
		return true;
	/* If memory is short, the next call that needs a token tries again. */
	if (!under_way(e, AUTH))
		call_new(e, AUTH, NULL);
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

static enum outcome judge_refusal(const struct etcd_call *call, int status,
				  const char *url, const char *msg,
				  struct cgspan_err *why)
{
	if (call->kind != AUTH && call->etcd->conf.user &&
	    token_is_old(status, msg)) {
		cgspan_err_set(why, -EACCES, "%s: %s", url, msg);
		return UNAUTHED;
	}
	if (status == 429 && strstr(msg, "database space exceeded")) {
		cgspan_err_set(why, -ENOSPC,
			       "%s: %s: free space, then etcdctl alarm disarm",
			       url, msg);
	} else if (status == 429 && strstr(msg, "too many requests")) {
		cgspan_err_set(why, -EAGAIN, "%s: %s", url, msg);
	} else if (status == 400 && strstr(msg, "CommonName")) {
		cgspan_err_set(why, -EINVAL,
			       "%s: with users, etcd needs a certificate without a common name (see cgspan-certs): %s",
			       url, msg);
	} else if (status >= 400 && status < 500 && status != 408 &&
		   status != 429) {
		cgspan_err_set(why, status == 401 || status == 403 ? -EACCES :
								     -EINVAL,
			       "%s: refused: %s", url, msg);
	} else {
		cgspan_err_set(why, -ETIMEDOUT, "%s: status %d: %s", url,
			       status, msg);
		return SILENT;
	}
	return REFUSED;
}

static enum outcome judge(const struct etcd_call *call,
			  const struct http_reply *reply,
			  struct cgspan_err *why)
{
	const char *url = call->etcd->endpoints.list[call->endpoint].url;
	char msg[128];

	if (reply->status == 200)
		return ANSWERED;
	if (reply->status) {
		etcd_parse_failure(reply->text, msg, sizeof(msg));
		return judge_refusal(call, reply->status, url, msg, why);
	}
	cgspan_err_set(why, reply->sent ? -ETIMEDOUT : -EHOSTUNREACH, "%s: %s",
		       url, reply->text);
	return SILENT;
}

/* Handling answers */

static void req_answered(struct etcd_call *call, const char *text)
{
	size_t skip = call->etcd->store->prefix_len;
	struct store_req *req = call->req;
	int64_t known = known_rev(call);
	struct etcd_header h;
	struct cgspan_err err;

	if (etcd_parse_answer(text, skip, req, &h, &err)) {
		call_fail(call, STORE_UNKNOWN, &err);
		return;
	}
	call_free(call);
	store_req_answer(req, h.cluster, known);
}

static void auth_answered(struct etcd_call *call, const char *text)
{
	struct etcd *e = call->etcd;
	struct cgspan_err err;
	int ret = etcd_parse_token(text, &e->token, &err);

	call_free(call);
	if (ret)
		fail_waiting(e, &err);
	else
		start_waiting(e);
}

static void probe_answered(struct etcd_call *call, const char *text)
{
	struct etcd *e = call->etcd;
	int64_t known = known_rev(call);
	struct etcd_header h;
	struct cgspan_err err;
	int ret = etcd_parse_header(text, &h, &err);

	call_free(call);
	if (ret) {
		state_down(e, &err);
		return;
	}
	store_see(e->store, h.cluster, h.rev, known);
	store_state_set(e->store, STORE_UP, NULL);
}

static void answered(struct etcd_call *call, const char *text)
{
	struct etcd *e = call->etcd;

	endpoints_good(&e->endpoints);
	/* Reads may work while writes do not: only a probe shows UP. */
	if (e->store->told && e->store->state == STORE_DOWN)
		etcd_probe(e);

	if (call->kind == AUTH)
		auth_answered(call, text);
	else if (call->kind == PROBE)
		probe_answered(call, text);
	else
		req_answered(call, text);
}

/* Handling refusals */

static void auth_refused(struct etcd_call *call, const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;
	struct cgspan_err err = *why;

	call_free(call);
	if (strstr(why->msg, "authentication is not enabled")) {
		e->auth_disabled = true;
		start_waiting(e);
		return;
	}
	err.no = -EACCES;
	cgspan_err_wrap(&err, "user %s: check name and password", e->conf.user);
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
		/* etcd works; it only forbids the user to write that key. */
		store_state_set(e->store, STORE_UP, NULL);
	} else if (probe) {
		state_down(e, why);
	}
}

/* etcd has not executed the call: send it with a new token, but only once. */
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
	if (!under_way(e, AUTH))
		etcd_token_drop(e);
	if (call_start(call))
		call_fail(call, STORE_ERROR, &no_memory);
}

/* Handling failures */

static void unanswered(struct etcd_call *call, bool sent,
		       const struct cgspan_err *why)
{
	struct etcd *e = call->etcd;
	size_t tries = e->endpoints.n > 1 ? e->endpoints.n : 2;
	enum kind kind = call->kind;

	if (endpoints_bad(&e->endpoints, call->endpoint))
		state_down(e, why);
	if (!(sent && kind == TXN) && call->tries < tries && !call_send(call))
		return;

	call_fail(call, sent ? STORE_UNKNOWN : STORE_ERROR, why);
	if (kind == AUTH)
		fail_waiting(e, why);
	/* Probe whether other endpoints answer, before the next request. */
	if (kind != PROBE && kind != AUTH && e->store->state == STORE_UP)
		etcd_probe(e);
}

static void call_done(void *arg, const struct http_reply *reply)
{
	struct etcd_call *call = arg;
	struct store *s = call->etcd->store;
	struct cgspan_err why;

	store_enter(s);
	switch (judge(call, reply, &why)) {
	case ANSWERED:
		answered(call, reply->text);
		break;
	case REFUSED:
		refused(call, &why);
		break;
	case UNAUTHED:
		unauthed(call, &why);
		break;
	case SILENT:
		unanswered(call, reply->sent, &why);
		break;
	}
	store_leave(s);
}

/* Probing the store */

void etcd_probe(struct etcd *e)
{
	if (!under_way(e, PROBE) && call_new(e, PROBE, NULL))
		probe_later(e);
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
	/* The timer's delay is 0: it sends the first probe at once. */
	ret = sd_event_add_time_relative(event, &e->probe, CLOCK_MONOTONIC, 0,
					 1000, probe_due, e);
	if (ret < 0)
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	return 0;
}

void etcd_calls_close(struct etcd *e)
{
	struct etcd_call *call;

	while ((call = LIST_FIRST(&e->calls))) {
		store_req_free(call->req);
		call_free(call);
	}
	http_free(e->http);
	sd_event_source_disable_unref(e->probe);
	free(e->token);
}

int etcd_submit(struct store *s, struct store_req *req, struct cgspan_err *err)
{
	return call_new(s->priv, req->key ? RANGE : TXN, req) ?
	       cgspan_err_nomem(err) : 0;
}
