// SPDX-License-Identifier: GPL-2.0
/*
 * All watches of a store share one stream to one endpoint. It has a connection
 * of its own, so that watches never wait behind requests.
 *
 * After QUIET_USEC without data a progress request is sent. If no data comes
 * within ANSWER_USEC, the stream is ended; the watches continue with the next
 * endpoint, each from its next_rev. The revision of a progress answer is not
 * passed on: etcd before 3.4.25 and 3.5.8 sends it ahead of events.
 *
 * The timer alone starts and ends the stream, never a callback of the stream.
 */
#include "watch.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "call.h"
#include "http.h"
#include "json.h"

#define QUIET_USEC	3000000
#define ANSWER_USEC	3000000
#define TICK_USEC	1000000
/* Mean pause after every endpoint has failed, or as in fail_slowly(). */
#define PAUSE_USEC	1000000

struct etcd_stream {
	struct etcd *etcd;
	struct http *http;		/* connection of the stream; NULL: none */
	struct http_call *call;		/* HTTP call of the stream; NULL: none */
	struct json_tokener *tok;
	sd_event_source *tick;
	size_t endpoint;
	int64_t last_id;
	bool broken;			/* end the stream at the next tick */
	bool again;			/* create the watches that lack an id */
	unsigned int fails;	/* failures in a row; see fail_slowly() */
	/* Times in microseconds of CLOCK_BOOTTIME: */
	uint64_t heard;			/* start, or arrival of the last data */
	uint64_t asked;			/* time of the progress request; 0: none */
	uint64_t start_at;		/* earliest time of the next stream */
};

static uint64_t now(struct etcd_stream *st)
{
	uint64_t usec = 0;

	sd_event_now(st->etcd->store->event, CLOCK_BOOTTIME, &usec);
	return usec;
}

static void tick_in(struct etcd_stream *st, uint64_t usec)
{
	sd_event_source_set_time_relative(st->tick, usec);
	sd_event_source_set_enabled(st->tick, SD_EVENT_ONESHOT);
}

static bool wanted(const struct etcd_stream *st)
{
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		if (w->fn)
			return true;
	return false;
}

/* The stream has failed: continue with the next endpoint. */
static void fail(struct etcd_stream *st)
{
	if (st->broken)
		return;
	st->broken = true;
	st->fails++;
	st->endpoint = (st->endpoint + 1) % st->etcd->endpoints.n;
	st->start_at = now(st);
	if (st->fails >= st->etcd->endpoints.n)
		st->start_at += PAUSE_USEC / 2 + arc4random_uniform(PAUSE_USEC);
	/* Perhaps the whole store is down: probe it. */
	etcd_probe(st->etcd);
	tick_in(st, 0);
}

/* Pause as if all endpoints had failed: a new stream would fail at once. */
static void fail_slowly(struct etcd_stream *st)
{
	st->fails = (unsigned int)st->etcd->endpoints.n;
	fail(st);
}

/* Sending on the stream */

static void send_text(struct etcd_stream *st, char *text)
{
	if (!text || http_call_send(st->call, text))
		fail(st);
	free(text);
}

void etcd_stream_watch(struct store *s)
{
	const struct etcd *e = s->priv;

	e->stream->again = true;
	tick_in(e->stream, 0);
}

void etcd_stream_unwatch(struct store_watch *w)
{
	const struct etcd *e = w->store->priv;
	struct etcd_stream *st = e->stream;

	if (st->call && !st->broken && w->id)
		send_text(st, etcd_json_watch_cancel(w->id));
	w->id = 0;
	/* If no watch is left, the tick ends the stream. */
	tick_in(st, 0);
}

/* Receiving from the stream */

static struct store_watch *find(struct etcd_stream *st, int64_t id)
{
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		if (w->fn && w->id == id)
			return w;
	return NULL;
}

/* A watch (etcd may not say which) was refused: no permission, or old token. */
static void refused(struct etcd_stream *st, const struct etcd_watch_msg *msg)
{
	struct etcd *e = st->etcd;
	struct cgspan_err why;

	cgspan_err_set(&why, -EACCES, "%s: a watch is refused: %s",
		       e->endpoints.list[st->endpoint].url,
		       msg->reason[0] ? msg->reason : "canceled");
	etcd_token_drop(e);
	store_state_set(e->store, STORE_DOWN, &why);
	fail_slowly(st);
}

static void hear(struct etcd_stream *st, const struct etcd_watch_msg *msg)
{
	struct store *s = st->etcd->store;
	struct store_watch *w;

	if (msg->code) {
		if (msg->code == 401 || msg->code == 403)
			etcd_token_drop(st->etcd);
		fail(st);
		return;
	}
	/* Another cluster: the next answer to a request will be a setback. */
	if (s->identity[0] && strcmp(s->identity, msg->header.cluster)) {
		fail_slowly(st);
		return;
	}

	st->fails = 0;
	w = find(st, msg->id);
	if (msg->canceled && !msg->compact_rev && (w || msg->id < 0)) {
		refused(st, msg);
		return;
	}
	if (!w)
		return;
	/* A slow member, or a restored store: a probe finds out. */
	if (msg->created && msg->header.rev < w->next_rev - 1)
		etcd_probe(st->etcd);
	if (msg->canceled)
		store_watch_lost(w, msg->header.rev);
	else
		store_watch_changes(w, &msg->changes);
}

static void hear_object(struct etcd_stream *st, struct json_object *obj)
{
	struct etcd_watch_msg msg;

	if (etcd_parse_watch(obj, st->etcd->store->prefix_len, &msg, NULL))
		fail_slowly(st);
	else
		hear(st, &msg);
	kvs_fini(&msg.changes);
}

/* Parse the stream, which is lines of JSON; a piece of it may end anywhere. */
static void data(void *arg, const char *text, size_t len)
{
	struct etcd_stream *st = arg;
	struct store *s = st->etcd->store;
	struct json_object *obj;
	size_t n;

	st->heard = now(st);
	st->asked = 0;

	store_enter(s);
	for (; len && !st->broken; len -= n, text += n) {
		obj = json_tokener_parse_ex(st->tok, text, (int)len);
		n = json_tokener_get_parse_end(st->tok);
		if (obj) {
			hear_object(st, obj);
			json_object_put(obj);
		} else if (json_tokener_get_error(st->tok) !=
			   json_tokener_continue) {
			fail(st);
		}
	}
	store_leave(s);
}

static void done(void *arg, const struct http_reply *reply)
{
	struct etcd_stream *st = arg;

	if (reply->status == 400 || reply->status == 401 ||
	    reply->status == 403)
		etcd_token_drop(st->etcd);
	fail(st);
}

/* Starting and ending the stream */

static void end(struct etcd_stream *st)
{
	/* End the stream with its connection, which may be dead. */
	http_free(st->http);
	st->http = NULL;
	st->call = NULL;
	st->broken = false;
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		w->id = 0;
}

static void start(struct etcd_stream *st)
{
	struct etcd *e = st->etcd;

	if (!etcd_token_ready(e) ||
	    http_new(&st->http, e->store->event, &e->conf, NULL))
		return;
	st->call = http_start(st->http, &(struct http_post) {
		.url = e->endpoints.list[st->endpoint].url,
		.path = "/v3/watch",
		.token = e->token,
		.done = done,
		.data = data,
		.arg = st,
	});
	if (!st->call) {
		end(st);
		return;
	}
	json_tokener_reset(st->tok);
	st->heard = now(st);
	st->asked = 0;
	st->again = true;
}

static void create_all(struct etcd_stream *st)
{
	st->again = false;
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next) {
		if (!w->fn || w->id)
			continue;
		/* Never use an id twice: messages to old ids are ignored. */
		w->id = ++st->last_id;
		send_text(st, etcd_json_watch_create(w->id, w->prefix,
						     w->next_rev));
	}
}

static void check_life(struct etcd_stream *st)
{
	uint64_t usec = now(st);

	if (st->asked) {
		if (usec - st->asked > ANSWER_USEC)
			fail(st);
		return;
	}
	if (usec - st->heard < QUIET_USEC)
		return;
	st->asked = usec;
	send_text(st, etcd_json_watch_progress());
}

static int tick(sd_event_source *src, uint64_t usec, void *arg)
{
	struct etcd_stream *st = arg;
	bool want = wanted(st);

	(void)src;
	(void)usec;
	if (st->http && (st->broken || !want))
		end(st);
	if (!want)
		return 0;

	tick_in(st, TICK_USEC);
	if (!st->http && now(st) >= st->start_at)
		start(st);
	if (st->call && st->again)
		create_all(st);
	if (st->call)
		check_life(st);
	return 0;
}

static void on_token(const struct etcd *e)
{
	tick_in(e->stream, 0);
}

int etcd_stream_open(struct etcd *e, struct cgspan_err *err)
{
	struct etcd_stream *st = calloc(1, sizeof(*st));
	int ret;

	if (!st)
		return cgspan_err_nomem(err);
	e->stream = st;
	st->etcd = e;
	st->endpoint = e->endpoints.current;
	st->tok = json_tokener_new();
	if (!st->tok)
		return cgspan_err_nomem(err);
	ret = sd_event_add_time_relative(e->store->event, &st->tick,
					 CLOCK_BOOTTIME, 0, 1000, tick, st);
	if (ret < 0)
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	sd_event_source_set_enabled(st->tick, SD_EVENT_OFF);
	e->on_token = on_token;
	return 0;
}

void etcd_stream_free(struct etcd_stream *st)
{
	if (!st)
		return;
	http_free(st->http);
	sd_event_source_disable_unref(st->tick);
	if (st->tok)
		json_tokener_free(st->tok);
	free(st);
}
