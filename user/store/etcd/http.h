/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HTTP/2 (or 1.1) over TLS on the event loop: libcurl's multi API on sd-event.
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

/**
 * struct http_reply - how a call ended
 * @status: HTTP status; 0: no complete answer
 * @text: a request's answer, or why there is none; ends in NUL; not to be freed
 * @sent: may the server have received the request? false only if libcurl took
 *	no byte of the body
 */
struct http_reply {
	int status;
	const char *text;
	bool sent;
};

/* The call has ended. It may be freed here; @reply is then gone, too. */
typedef void http_done_fn(void *arg, const struct http_reply *reply);

/* @len more bytes of a stream's answer, valid during the callback. */
typedef void http_data_fn(void *arg, const char *text, size_t len);

/**
 * struct http_post - a request
 * @url: URL of the server
 * @path: path of the service there
 * @body: body of the request; NULL makes this a stream: see http_call_send()
 * @token: for the Authorization header; or NULL
 * @done: called once, when the call ends by itself
 * @data: called with each piece of a stream's answer
 * @arg: for @done and @data
 */
struct http_post {
	const char *url;
	const char *path;
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

/* Free a pool (may be NULL) with its calls; not to be called in a callback. */
void http_free(struct http *h);

/**
 * http_start() - begin a call
 * @h: the pool
 * @post: copied
 *
 * A request has the time-out of the pool; a stream only to connect.
 *
 * Return: the call, to be freed by http_call_free(), also after @done; or NULL.
 */
struct http_call *http_start(struct http *h, const struct http_post *post);

/* Free a call (may be NULL), also in its callbacks; then it calls no more. */
void http_call_free(struct http_call *call);

/* Send more text on a stream; the text is copied. Return: 0 or -ENOMEM. */
int http_call_send(struct http_call *call, const char *text);

#endif /* CGSPAN_STORE_HTTP_H */
