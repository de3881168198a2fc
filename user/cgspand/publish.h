/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Usage in both directions. The usage of this node goes to the store, on change
 * and at most once a second. The usage of the other nodes is added up and given
 * to the kernel, so that each reader there sees the whole tree and the age of
 * the figures.
 */
#ifndef CGSPAN_PUBLISH_H
#define CGSPAN_PUBLISH_H

#include <stdint.h>

struct cgspan_err;
struct ledger;
struct enforce;
struct enforce_view;
struct publish;
struct sd_event;
struct store;

/**
 * publish_new() - a publisher
 * @out: free it with publish_free()
 * @event: the event loop
 * @s: the store
 * @e: the kernel of this node
 * @name: of the node; copied
 * @rest_ns: publish after so long without a change, too
 * @err: set on error
 *
 * Return: 0 or a negative errno.
 */
int publish_new(struct publish **out, struct sd_event *event, struct store *s,
		struct enforce *e, const char *name, uint64_t rest_ns,
		struct cgspan_err *err);

/**
 * publish_free() - free a publisher; call it after store_link_close()
 * @p: may be NULL
 */
void publish_free(struct publish *p);

/**
 * publish_tick() - send what is due to the store and to the kernel
 * @p: the publisher
 * @v: this node's groups, now
 * @l: has the ids of the groups
 * @err: set on error; the next tick tries again
 *
 * The node must own the session.
 *
 * Return: 0 or a negative errno.
 */
int publish_tick(struct publish *p, const struct enforce_view *v,
		 const struct ledger *l, struct cgspan_err *err);

/**
 * publish_stop() - send nothing any more: the node is leaving
 * @p: the publisher
 */
void publish_stop(struct publish *p);

#endif /* CGSPAN_PUBLISH_H */
