/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to etcd: where they go, the token that they need, what their answers
 * say about the state of the store.
 */
#ifndef CGSPAN_STORE_ETCD_CALL_H
#define CGSPAN_STORE_ETCD_CALL_H

#include <stdbool.h>
#include <sys/queue.h>

#include "endpoint.h"
#include "store/engine.h"

struct etcd_call;
struct etcd_stream;
struct http;
struct sd_event_source;

/**
 * struct etcd - the engine's data of a store
 * @store: the store
 * @conf: copied, without url and prefix
 * @endpoints: the members of the cluster
 * @http: connections for requests
 * @calls: calls under way, or waiting for a token
 * @token: for the Authorization header; NULL: none yet, or none needed
 * @auth_disabled: a user is configured, but etcd answered that authentication
 *	is not enabled
 * @on_token: called when a token has come or is not needed; or NULL
 * @probe: timer of the next probe, while the store is not UP
 * @stream: the stream that carries all watches
 */
struct etcd {
	struct store *store;
	struct store_conf conf;
	struct endpoints endpoints;
	struct http *http;
	LIST_HEAD(, etcd_call) calls;
	char *token;
	bool auth_disabled;
	void (*on_token)(const struct etcd *e);
	struct sd_event_source *probe;
	struct etcd_stream *stream;
};

/**
 * etcd_calls_open() - prepare to send requests, and start the first probe
 * @e: with @store, @conf and @endpoints; also after an error, end it with
 *	etcd_calls_close()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int etcd_calls_open(struct etcd *e, struct cgspan_err *err);

/* Free what etcd_calls_open() made, and all calls with their requests. */
void etcd_calls_close(struct etcd *e);

/* Send a read or a transaction: function @submit of the engine. */
int etcd_submit(struct store *s, struct store_req *req, struct cgspan_err *err);

/**
 * etcd_token_ready() - can a request be sent now?
 * @e: the engine
 *
 * Return: false if a token must come first: it is requested, if memory allows,
 * and @e->on_token is called if it comes or is not needed.
 */
bool etcd_token_ready(struct etcd *e);

/* Forget the token, or that none is needed: etcd refused a call or a watch. */
void etcd_token_drop(struct etcd *e);

/* Send a probe to find out the store's state, unless one is under way. */
void etcd_probe(struct etcd *e);

#endif /* CGSPAN_STORE_ETCD_CALL_H */
