// SPDX-License-Identifier: GPL-2.0
/*
 * Watches: all of a store's share one stream to one member, on a connection of
 * its own, so that they never wait behind requests.
 *
 * A stream that says nothing is asked for a sign of life (a progress request);
 * one that gives none is ended, and the watches go on from where they were at
 * the next endpoint. The revision in a progress answer is not passed on: etcd
 * before 3.4.25 and 3.5.8 names revisions there whose events are still to come.
 *
 * One timer does all starting and ending, never a callback of the stream.
 */
#include "etcd.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "http.h"

/* Quiet for this long: ask. No answer for this long: end it. */
#define QUIET_USEC	3000000
#define ANSWER_USEC	3000000
#define TICK_USEC	1000000
/* Between attempts, once every endpoint has failed. */
#define PAUSE_USEC	1000000

struct etcd_stream {
	struct etcd *etcd;
	struct http *http;		/* NULL: no stream */
	struct http_call *call;
	struct json_tokener *tok;
	sd_event_source *tick;
	size_t member;
	int64_t last_id;
	bool broken;			/* end it at the next tick */
	bool again;			/* some watch has no id: create it */
	unsigned int fails;		/* since a message last came */
	uint64_t heard;			/* last message, on the boot clock */
	uint64_t asked;			/* for a sign of life; 0: not */
	uint64_t start_at;
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

void etcd_stream_kick(struct etcd_stream *st)
{
	tick_in(st, 0);
}

static bool wanted(const struct etcd_stream *st)
{
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		if (w->fn)
			return true;
	return false;
}

/* It has failed: go elsewhere. */
static void fail(struct etcd_stream *st)
{
	if (st->broken)
		return;
	st->broken = true;
	st->fails++;
	st->member = (st->member + 1) % st->etcd->n_members;
	st->start_at = now(st);
	if (st->fails >= st->etcd->n_members)
		st->start_at += PAUSE_USEC / 2 + arc4random_uniform(PAUSE_USEC);
	/* is the store still there at all? */
	etcd_probe(st->etcd);
	tick_in(st, 0);
}

/* It speaks, and would say the same again at once: pause, wherever it is. */
static void fail_slowly(struct etcd_stream *st)
{
	st->fails = (unsigned int)st->etcd->n_members;
	fail(st);
}

/* Saying */

static void say(struct etcd_stream *st, char *text)
{
	if (!text || http_call_send(st->call, text))
		fail(st);
	free(text);
}

static void create(struct etcd_stream *st, struct store_watch *w)
{
	/* a new id each time: answers to an older one are not its own */
	w->id = ++st->last_id;
	say(st, etcd_json_watch_create(w->id, w->prefix, w->next_rev));
}

int etcd_stream_watch(struct etcd_stream *st, struct store_watch *w)
{
	w->id = 0;
	st->again = true;
	etcd_stream_kick(st);
	return 0;
}

void etcd_stream_unwatch(struct etcd_stream *st, struct store_watch *w)
{
	if (st->call && !st->broken && w->id)
		say(st, etcd_json_watch_cancel(w->id));
	w->id = 0;
	/* the tick ends a stream that nobody wants */
	etcd_stream_kick(st);
}

/* Hearing */

static struct store_watch *find(struct etcd_stream *st, int64_t id)
{
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		if (w->fn && w->id == id)
			return w;
	return NULL;
}

/* Not allowed, or the token has aged: etcd does not say for which watch. */
static void refused(struct etcd_stream *st, const struct etcd_watch_msg *msg)
{
	struct etcd *e = st->etcd;
	struct cgspan_err why;

	cgspan_err_set(&why, -EACCES, "%s: a watch is refused: %s",
		       e->members[st->member].url,
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
	/* a request notices, and does what is to be done */
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
	/* behind what was seen: a slow member, or a store that went back? */
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

/* Lines of JSON, in pieces that may end anywhere. */
static void data(struct http_call *call, void *arg)
{
	struct etcd_stream *st = arg;
	struct store *s = st->etcd->store;
	struct json_object *obj;
	const char *text;
	size_t len;

	text = http_call_reply(call, &len);
	st->heard = now(st);
	st->asked = 0;

	store_enter(s);
	while (len && !st->broken) {
		obj = json_tokener_parse_ex(st->tok, text, (int)len);
		if (obj) {
			hear_object(st, obj);
			json_object_put(obj);
		} else if (json_tokener_get_error(st->tok) !=
			   json_tokener_continue) {
			fail(st);
		}
		len -= json_tokener_get_parse_end(st->tok);
		text += json_tokener_get_parse_end(st->tok);
	}
	http_call_consume(call);
	store_leave(s);
}

static void done(struct http_call *call, void *arg)
{
	struct etcd_stream *st = arg;
	const char *why;
	int status;

	status = http_call_status(call, &why);
	if (status == 400 || status == 401 || status == 403)
		etcd_token_drop(st->etcd);
	fail(st);
}

/* Starting, ending */

static void end(struct etcd_stream *st)
{
	/* connections and all: this one may be dead without knowing it */
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
	char *url;

	if (!etcd_token_ready(e) ||
	    http_new(&st->http, e->store->event, &e->conf, NULL))
		return;
	url = etcd_url(e, st->member, "/v3/watch");
	if (url)
		st->call = http_start(st->http, &(struct http_post) {
			.url = url,
			.token = e->token,
			.done = done,
			.data = data,
			.arg = st,
		});
	free(url);
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
	for (struct store_watch *w = st->etcd->store->watches; w; w = w->next)
		if (w->fn && !w->id)
			create(st, w);
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
	say(st, etcd_json_watch_progress());
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

struct etcd_stream *etcd_stream_new(struct etcd *e, struct cgspan_err *err)
{
	struct etcd_stream *st = calloc(1, sizeof(*st));
	int ret = -ENOMEM;

	if (!st)
		goto fail;
	st->etcd = e;
	st->member = e->current;
	st->tok = json_tokener_new();
	if (!st->tok)
		goto fail;
	ret = sd_event_add_time_relative(e->store->event, &st->tick,
					 CLOCK_BOOTTIME, 0, 1000, tick, st);
	if (ret < 0)
		goto fail;
	sd_event_source_set_enabled(st->tick, SD_EVENT_OFF);
	return st;

fail:
	etcd_stream_free(st);
	cgspan_err_set(err, ret, "watches: %s", strerror(-ret));
	return NULL;
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
