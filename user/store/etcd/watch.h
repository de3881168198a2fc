/* SPDX-License-Identifier: GPL-2.0 */
/* The stream that carries all watches of a store. */
#ifndef CGSPAN_STORE_ETCD_WATCH_H
#define CGSPAN_STORE_ETCD_WATCH_H

struct cgspan_err;
struct etcd;
struct etcd_stream;
struct store;
struct store_watch;

/**
 * etcd_stream_open() - prepare a stream; it connects with the first watch
 * @e: the engine; its on_token becomes the stream's
 * @err: why it failed
 *
 * Return: 0 or a negative errno; also then etcd_stream_free() frees @e->stream.
 */
int etcd_stream_open(struct etcd *e, struct cgspan_err *err);

/* Free a stream, which may be NULL. */
void etcd_stream_free(struct etcd_stream *st);

/* A watch was added to the list: function @watch of the engine. */
void etcd_stream_watch(struct store *s);

/* A watch is about to be removed, or was lost: function @unwatch. */
void etcd_stream_unwatch(struct store_watch *w);

#endif /* CGSPAN_STORE_ETCD_WATCH_H */
