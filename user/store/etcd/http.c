// SPDX-License-Identifier: GPL-2.0
/*
 * libcurl's callbacks copy bytes, set flags and change event sources; settle()
 * calls the done and data functions after libcurl has returned.
 *
 * libcurl must never send a request twice: the second copy of an applied
 * transaction would report a conflict. It would send a request again by itself
 * when a kept connection breaks before the answer; for that it must rewind the
 * body, and rewind_body() refuses.
 */
#include "http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>

#include "libcgspan/err.h"
#include "curl.h"
#include "store/store.h"

#define TIMEOUT_MS	2000
/* Longest answer, bytes. All keys of a thousand nodes are a few megabytes. */
#define REPLY_MAX	(256u << 20)

struct http_call {
	const struct curl *curl;
	struct http *http;
	struct http_call *next;
	CURL *easy;
	struct curl_slist *headers;
	http_done_fn *done_fn;
	http_data_fn *data_fn;
	void *arg;

	char *body;
	const char *unsent;	/* the part of @body that libcurl lacks */
	bool stream;
	bool sent;
	bool paused;

	char *reply;
	size_t reply_len;
	bool done;
	CURLcode rc;
	char why[CURL_ERROR_SIZE];
};

struct http {
	struct curl curl;
	sd_event *event;
	const struct store_conf *conf;
	CURLM *multi;
	sd_event_source *timer;
	sd_event_source *resume;
	struct http_call *calls;
};

/* Callbacks of libcurl */

static size_t read_body(char *buf, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;
	size_t len = strnlen(call->unsent, size * n);

	if (!len && call->stream) {
		call->paused = true;
		return CURL_READFUNC_PAUSE;
	}
	call->sent = true;
	memcpy(buf, call->unsent, len);
	call->unsent += len;
	return len;
}

static int rewind_body(void *arg, curl_off_t offset, int origin)
{
	(void)arg;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

static size_t write_reply(char *buf, size_t size, size_t n, void *arg)
{
	struct http_call *call = arg;
	size_t len = size * n;
	char *reply;

	if (len > REPLY_MAX - call->reply_len)
		return 0;
	reply = realloc(call->reply, call->reply_len + len + 1);
	if (!reply)
		return 0;
	memcpy(reply + call->reply_len, buf, len);
	call->reply = reply;
	call->reply_len += len;
	reply[call->reply_len] = '\0';
	return len;
}

/* Set how long bytes may stay unacknowledged before the connection fails. */
static int set_socket(void *arg, curl_socket_t fd, curlsocktype type)
{
	const struct store_conf *conf = arg;
	unsigned int ms = 2 * (conf->timeout_ms ? conf->timeout_ms :
						  TIMEOUT_MS);

	(void)type;
	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)))
		return CURL_SOCKOPT_ERROR;
	return CURL_SOCKOPT_OK;
}

static struct http_call *find_news(struct http *h)
{
	for (struct http_call *c = h->calls; c; c = c->next)
		if ((c->data_fn && c->reply_len) || (c->done && c->done_fn))
			return c;
	return NULL;
}

static void tell_done(struct http_call *call)
{
	struct http_reply reply = { .sent = call->sent };
	http_done_fn *done = call->done_fn;
	long status = 0;

	if (call->rc) {
		reply.text = call->why[0] ? call->why :
			     call->curl->easy_strerror(call->rc);
	} else {
		call->curl->easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE,
					 &status);
		reply.status = (int)status;
		reply.text = call->reply ? call->reply : "";
	}
	call->done_fn = NULL;
	done(call->arg, &reply);
}

/* Call back, after libcurl has returned. Callbacks may start and free calls. */
static void settle(struct http *h)
{
	struct http_call *call;
	CURLMsg *msg;
	size_t len;
	int left;

	while ((msg = h->curl.multi_info_read(h->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		h->curl.easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &call);
		call->rc = msg->data.result;
		call->done = true;
		h->curl.multi_remove_handle(h->multi, call->easy);
	}

	while ((call = find_news(h))) {
		len = call->reply_len;
		if (!call->data_fn || !len) {
			tell_done(call);
			continue;
		}
		call->reply_len = 0;
		call->data_fn(call->arg, call->reply, len);
	}
}

static void act(struct http *h, curl_socket_t fd)
{
	int running;

	/* With mask 0 libcurl itself checks what the socket is ready for. */
	h->curl.multi_socket_action(h->multi, fd, 0, &running);
	settle(h);
}

static int socket_ready(sd_event_source *src, int fd, uint32_t revents,
			void *arg)
{
	(void)src;
	(void)revents;
	act(arg, fd);
	return 0;
}

static int socket_changed(CURL *easy, curl_socket_t fd, int what, void *arg,
			  void *arg_src)
{
	struct http *h = arg;
	sd_event_source *src = arg_src;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		h->curl.multi_assign(h->multi, fd, NULL);
		sd_event_source_disable_unref(src);
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (src)
		return sd_event_source_set_io_events(src, events) < 0 ? -1 : 0;
	if (sd_event_add_io(h->event, &src, fd, events, socket_ready, h) < 0)
		return -1;
	h->curl.multi_assign(h->multi, fd, src);
	return 0;
}

static int timer_due(sd_event_source *src, uint64_t usec, void *arg)
{
	(void)src;
	(void)usec;
	act(arg, CURL_SOCKET_TIMEOUT);
	return 0;
}

/* Set libcurl's timer to @ms; below 0: stop it. */
static int timer_changed(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;
	int ret = 0;

	(void)multi;
	if (ms >= 0)
		ret = sd_event_source_set_time_relative(h->timer,
							(uint64_t)ms * 1000);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(h->timer, ms < 0 ?
						  SD_EVENT_OFF : SD_EVENT_ONESHOT);
	return ret < 0 ? -1 : 0;
}

/* Resume paused calls, and call back, which http_call_send() must not do. */
static int resume_due(sd_event_source *src, void *arg)
{
	struct http *h = arg;

	(void)src;
	for (struct http_call *c = h->calls; c; c = c->next) {
		if (c->done || !c->paused || !*c->unsent)
			continue;
		c->paused = false;
		h->curl.easy_pause(c->easy, CURLPAUSE_CONT);
	}
	settle(h);
	return 0;
}

/* Pools of connections */

void http_free(struct http *h)
{
	if (!h)
		return;
	while (h->calls)
		http_call_free(h->calls);
	h->curl.multi_cleanup(h->multi);
	sd_event_source_disable_unref(h->timer);
	sd_event_source_disable_unref(h->resume);
	sd_event_unref(h->event);
	free(h);
}

static int add_sources(struct http *h)
{
	int ret;

	/* Accuracy 1 us: a timer of 0 means "at once" to libcurl. */
	ret = sd_event_add_time_relative(h->event, &h->timer, CLOCK_MONOTONIC,
					 0, 1, timer_due, h);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(h->timer, SD_EVENT_OFF);
	if (ret >= 0)
		ret = sd_event_add_defer(h->event, &h->resume, resume_due, h);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(h->resume, SD_EVENT_OFF);
	return ret < 0 ? ret : 0;
}

int http_new(struct http **out, struct sd_event *event,
	     const struct store_conf *conf, struct cgspan_err *err)
{
	struct http *h;
	int ret;

	h = calloc(1, sizeof(*h));
	if (!h)
		return cgspan_err_nomem(err);
	ret = curl_load(&h->curl, err);
	if (ret) {
		free(h);
		return ret;
	}
	h->event = sd_event_ref(event);
	h->conf = conf;
	h->multi = h->curl.multi_init();
	ret = h->multi ? add_sources(h) : -ENOMEM;
	if (ret) {
		http_free(h);
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	}
	h->curl.multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
	h->curl.multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	h->curl.multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
	h->curl.multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	*out = h;
	return 0;
}

/* HTTP calls */

static bool add_header(struct http_call *call, const char *line)
{
	struct curl_slist *l = call->curl->slist_append(call->headers, line);

	if (!l)
		return false;
	call->headers = l;
	return true;
}

static bool set_headers(struct http_call *call, const char *token)
{
	char *line;
	bool ok;

	/* "hasleader": a watch ends when its member has lost the quorum. */
	if (!add_header(call, "Content-Type: application/json") ||
	    !add_header(call, "Expect:") ||
	    (call->stream &&
	     !add_header(call, "Grpc-Metadata-hasleader: true")))
		return false;
	if (!token)
		return true;
	if (asprintf(&line, "Authorization: %s", token) < 0)
		return false;
	ok = add_header(call, line);
	free(line);
	return ok;
}

static bool set_url(struct http_call *call, const char *url, const char *path)
{
	char *whole;

	if (asprintf(&whole, "%s%s", url, path) < 0)
		return false;
	call->curl->easy_setopt(call->easy, CURLOPT_URL, whole);
	free(whole);
	return true;
}

static void set_body(struct http_call *call)
{
	const struct curl *curl = call->curl;
	CURL *e = call->easy;

	curl->easy_setopt(e, CURLOPT_POST, 1L);
	if (!call->stream)
		curl->easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
				  (curl_off_t)strlen(call->body));
	curl->easy_setopt(e, CURLOPT_READFUNCTION, read_body);
	curl->easy_setopt(e, CURLOPT_READDATA, call);
	curl->easy_setopt(e, CURLOPT_SEEKFUNCTION, rewind_body);
	curl->easy_setopt(e, CURLOPT_SEEKDATA, call);
	curl->easy_setopt(e, CURLOPT_WRITEFUNCTION, write_reply);
	curl->easy_setopt(e, CURLOPT_WRITEDATA, call);
}

static void set_options(struct http_call *call)
{
	const struct store_conf *conf = call->http->conf;
	const struct curl *curl = call->curl;
	long ms = conf->timeout_ms ? (long)conf->timeout_ms : TIMEOUT_MS;
	CURL *e = call->easy;

	if (conf->cacert)
		curl->easy_setopt(e, CURLOPT_CAINFO, conf->cacert);
	curl->easy_setopt(e, CURLOPT_SSLCERT, conf->cert);
	curl->easy_setopt(e, CURLOPT_SSLKEY, conf->key);
	curl->easy_setopt(e, CURLOPT_PRIVATE, call);
	curl->easy_setopt(e, CURLOPT_ERRORBUFFER, call->why);
	curl->easy_setopt(e, CURLOPT_HTTPHEADER, call->headers);
	curl->easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	curl->easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl->easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	/* Ignore proxies that the environment names. */
	curl->easy_setopt(e, CURLOPT_PROXY, "");
	curl->easy_setopt(e, CURLOPT_SOCKOPTFUNCTION, set_socket);
	curl->easy_setopt(e, CURLOPT_SOCKOPTDATA, conf);
	curl->easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, ms);
	if (!call->stream)
		curl->easy_setopt(e, CURLOPT_TIMEOUT_MS, ms);
}

struct http_call *http_start(struct http *h, const struct http_post *post)
{
	struct http_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->curl = &h->curl;
	call->http = h;
	call->next = h->calls;
	h->calls = call;
	call->stream = !post->body;
	call->unsent = "";
	call->done_fn = post->done;
	call->data_fn = post->data;
	call->arg = post->arg;
	call->easy = h->curl.easy_init();
	if (!call->easy || !set_url(call, post->url, post->path) ||
	    !set_headers(call, post->token) ||
	    (post->body && http_call_send(call, post->body)))
		goto fail;

	set_options(call);
	set_body(call);
	if (h->curl.multi_add_handle(h->multi, call->easy))
		goto fail;
	return call;

fail:
	http_call_free(call);
	return NULL;
}

void http_call_free(struct http_call *call)
{
	struct http_call **p;

	if (!call)
		return;
	for (p = &call->http->calls; *p != call; p = &(*p)->next)
		;
	*p = call->next;

	if (call->easy && !call->done)
		call->curl->multi_remove_handle(call->http->multi, call->easy);
	call->curl->easy_cleanup(call->easy);
	call->curl->slist_free_all(call->headers);
	free(call->body);
	free(call->reply);
	free(call);
}

int http_call_send(struct http_call *call, const char *text)
{
	char *body;

	if (asprintf(&body, "%s%s", call->unsent, text) < 0)
		return -ENOMEM;
	free(call->body);
	call->body = body;
	call->unsent = body;
	if (call->paused)
		sd_event_source_set_enabled(call->http->resume,
					    SD_EVENT_ONESHOT);
	return 0;
}
