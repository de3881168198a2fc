/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HTTP/2 over TLS on the event loop: libcurl's multi interface on sd-event.
 * Callbacks come from the loop, never from within libcurl or a call.
 */
#ifndef CGSPAN_STORE_HTTP_H
#define CGSPAN_STORE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;
struct http;
struct http_call;
struct sd_event;
struct store_conf;

/* The call has ended: see http_call_status(). May free the call. */
typedef void http_done_fn(struct http_call *call, void *arg);

/* More of a stream's answer has come: see http_call_reply(). */
typedef void http_data_fn(struct http_call *call, void *arg);

/**
 * struct http_post - a request
 * @url: of the service
 * @body: of the request; NULL makes this a stream: see http_call_send()
 * @token: for the Authorization header; or NULL
 * @done: called once
 * @data: of a stream
 * @arg: for either
 */
struct http_post {
	const char *url;
	const char *body;
	const char *token;
	http_done_fn *done;
	http_data_fn *data;
	void *arg;
};

/**
 * http_new() - a pool of connections
 * @out: free it with http_free()
 * @event: the loop
 * @conf: certificates and time-out; must outlive the pool
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int http_new(struct http **out, struct sd_event *event,
	     const struct store_conf *conf, struct cgspan_err *err);

/**
 * http_free() - end all connections and calls
 * @h: may be NULL; not from a callback of its own
 */
void http_free(struct http *h);

/**
 * http_start() - begin a call
 * @h: the pool
 * @post: copied
 *
 * A request is under the time-out of @conf; a stream has none once connected.
 *
 * Return: the call, to be ended with http_call_free(); NULL without memory.
 */
struct http_call *http_start(struct http *h, const struct http_post *post);

/**
 * http_call_free() - end a call; its callbacks do not run any more
 * @call: may be NULL; may be called from within its callbacks
 */
void http_call_free(struct http_call *call);

/**
 * http_call_send() - send more on a stream
 * @call: the stream
 * @text: copied
 *
 * Return: 0 or -ENOMEM.
 */
int http_call_send(struct http_call *call, const char *text);

/**
 * http_call_status() - how it ended
 * @call: a call that is done
 * @why: text of the failure, owned by the call
 *
 * Return: the HTTP status; 0: no complete answer.
 */
int http_call_status(const struct http_call *call, const char **why);

/**
 * http_call_sent() - may the server have received the request?
 * @call: the call
 *
 * Return: false only if no byte of the body was given to libcurl.
 */
bool http_call_sent(const struct http_call *call);

/**
 * http_call_reply() - the answer so far
 * @call: the call
 * @len: bytes in it
 *
 * Return: owned by the call; not ended by NUL.
 */
const char *http_call_reply(const struct http_call *call, size_t *len);

/**
 * http_call_consume() - drop the answer so far
 * @call: a stream
 */
void http_call_consume(struct http_call *call);

#endif /* CGSPAN_STORE_HTTP_H */
