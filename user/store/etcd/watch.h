/* SPDX-License-Identifier: GPL-2.0 */
/* The stream that carries all watches of a store. */
#ifndef CGSPAN_STORE_ETCD_WATCH_H
#define CGSPAN_STORE_ETCD_WATCH_H

struct cgspan_err;
struct etcd;
struct etcd_stream;
struct store_watch;

/**
 * etcd_stream_new() - prepare a stream; it connects with the first watch
 * @e: the engine; its on_token becomes the stream's
 * @err: why it failed
 *
 * Return: the stream, or NULL with @err set.
 */
struct etcd_stream *etcd_stream_new(struct etcd *e, struct cgspan_err *err);

/**
 * etcd_stream_free() - end the stream
 * @st: may be NULL
 */
void etcd_stream_free(struct etcd_stream *st);

/**
 * etcd_stream_watch() - carry one more watch
 * @st: the stream
 * @w: the watch, about to be added to the store's list
 */
void etcd_stream_watch(struct etcd_stream *st, struct store_watch *w);

/**
 * etcd_stream_unwatch() - cancel a watch
 * @st: the stream
 * @w: the watch, about to be removed or lost
 */
void etcd_stream_unwatch(struct etcd_stream *st, struct store_watch *w);

#endif /* CGSPAN_STORE_ETCD_WATCH_H */
