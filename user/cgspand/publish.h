/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Usage in both directions. The usage of this node goes to the store on change,
 * at times without one, but at most once a second. That of the other nodes is
 * added up and given to the kernel, so that each reader there sees the whole
 * tree and the age of the figures.
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
 * publish_new() - a publisher; free it with publish_free()
 * @name: name of this node; copied
 * @rest_ns: time after which a record is sent even without a change
 *
 * Return: 0 or a negative errno.
 */
int publish_new(struct publish **out, struct sd_event *event, struct store *s,
		struct enforce *e, const char *name, uint64_t rest_ns,
		struct cgspan_err *err);

/**
 * publish_free() - free a publisher, after store_close()
 */
void publish_free(struct publish *p);

/**
 * publish_tick() - send what is due to the store and to the kernel
 * @v: this node's groups, now
 * @l: has the ids of the groups
 *
 * This process must own the session.
 *
 * Return: 0 or a negative errno; the next tick tries again.
 */
int publish_tick(struct publish *p, const struct enforce_view *v,
		 const struct ledger *l, struct cgspan_err *err);

/**
 * publish_stop() - send nothing to the store any more: the node is leaving
 */
void publish_stop(struct publish *p);

#endif /* CGSPAN_PUBLISH_H */
