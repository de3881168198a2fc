/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of the etcd engine, requests and watches, share. */
#ifndef CGSPAN_STORE_ETCD_H
#define CGSPAN_STORE_ETCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/engine.h"
#include "json.h"

struct etcd_call;
struct etcd_stream;
struct http;

/**
 * struct etcd_member - one endpoint
 * @url: without a slash at the end
 * @bad: it failed since any of them last answered
 */
struct etcd_member {
	char *url;
	bool bad;
};

/**
 * struct etcd - the engine's own part of a store
 * @store: the common part
 * @conf: copied
 * @members: the endpoints
 * @n_members: how many
 * @current: where requests go
 * @http: connections for requests
 * @calls: under way, or waiting for a token
 * @token: for the Authorization header; NULL: none yet, or none needed
 * @authing: a token is being fetched
 * @open_door: a user is configured, but etcd says that it asks for none
 * @rev: the highest revision any answer had
 * @probing: a probe is under way
 * @probe: when to look whether the store is back
 * @stream: the watches
 */
struct etcd {
	struct store *store;
	struct store_conf conf;
	struct etcd_member *members;
	size_t n_members;
	size_t current;
	struct http *http;
	struct etcd_call *calls;
	char *token;
	bool authing;
	bool open_door;
	int64_t rev;
	bool probing;
	struct sd_event_source *probe;
	struct etcd_stream *stream;
};

/**
 * etcd_url() - where to send something
 * @e: the engine
 * @member: which endpoint
 * @path: beginning with a slash
 *
 * Return: to be freed, or NULL without memory.
 */
char *etcd_url(const struct etcd *e, size_t member, const char *path);

/**
 * etcd_token_ready() - can something be sent now?
 * @e: the engine
 *
 * If not, a token is being fetched; etcd_stream_kick() follows.
 */
bool etcd_token_ready(struct etcd *e);

/**
 * etcd_token_drop() - the token was refused
 * @e: the engine
 */
void etcd_token_drop(struct etcd *e);

/**
 * etcd_probe() - look what state the store is in
 * @e: the engine
 */
void etcd_probe(struct etcd *e);

/**
 * etcd_stream_new() - watches, none yet
 * @e: the engine
 * @err: why it failed
 *
 * Return: NULL with @err set.
 */
struct etcd_stream *etcd_stream_new(struct etcd *e, struct cgspan_err *err);

/**
 * etcd_stream_free() - end them
 * @st: may be NULL
 */
void etcd_stream_free(struct etcd_stream *st);

/**
 * etcd_stream_watch() - a watch was added
 * @st: the stream
 * @w: the watch
 *
 * Return: 0 or -ENOMEM.
 */
int etcd_stream_watch(struct etcd_stream *st, struct store_watch *w);

/**
 * etcd_stream_unwatch() - a watch is about to go
 * @st: the stream
 * @w: the watch
 */
void etcd_stream_unwatch(struct etcd_stream *st, struct store_watch *w);

/**
 * etcd_stream_kick() - try again soon to have a stream
 * @st: the stream
 */
void etcd_stream_kick(struct etcd_stream *st);

#endif /* CGSPAN_STORE_ETCD_H */
