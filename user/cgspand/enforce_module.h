/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This node's kernel, through libcgspan. Requests are answered at once, so
 * calls wait for them; notifications come from the loop. All times are the
 * kernel's, as node_clock() tells them.
 */
#ifndef CGSPAN_NODE_H
#define CGSPAN_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "libcgspan/cgspan.h"

struct ledger_fact;
struct ledger_held;
struct ledger_item;
struct node;
struct sd_event;

/**
 * typedef node_event_fn - the kernel tells of a group, a member or the session
 * @arg: from node_open()
 * @ev: what it tells; NULL: some of these were lost, look at all there is
 */
typedef void node_event_fn(void *arg, const struct cgspan_event *ev);

/**
 * node_open() - connect to the kernel
 * @out: the node; close it with node_close()
 * @event: the event loop
 * @fn: called for each notification
 * @arg: for @fn
 * @err: why it failed
 *
 * Return: 0; -ENOENT: the module is not loaded; or another negative errno.
 */
int node_open(struct node **out, struct sd_event *event, node_event_fn *fn,
	      void *arg, struct cgspan_err *err);

/**
 * node_close() - disconnect; the kernel keeps session, leases and members
 * @n: may be NULL
 */
void node_close(struct node *n);

/**
 * node_kernel() - the connection, for requests that need no care
 * @n: the node
 *
 * Return: owned by the node.
 */
struct cgspan *node_kernel(struct node *n);

/**
 * node_clock() - the kernel's clock
 * @n: the node
 *
 * Return: ns; never ahead of what the kernel itself would say.
 */
uint64_t node_clock(const struct node *n);

/**
 * node_loop_time() - a time of the kernel's as one of loop_now()'s
 * @n: the node
 * @when: ns of node_clock()
 *
 * Return: ns of loop_now().
 */
uint64_t node_loop_time(const struct node *n, uint64_t when);

/**
 * struct node_view - all groups of this kernel at one time
 * @groups: parents first
 * @n: their number
 * @members: per group: members in its subtree
 * @by_path: the groups by their paths
 */
struct node_view {
	struct cgspan_group *groups;
	size_t n;
	uint32_t *members;
	const struct cgspan_group **by_path;
};

/**
 * node_read() - look at all groups
 * @n: the node
 * @v: filled; release it with node_view_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int node_read(struct node *n, struct node_view *v, struct cgspan_err *err);

/**
 * node_view_free() - release it
 * @v: may be all zero; is all zero afterwards
 */
void node_view_free(struct node_view *v);

/**
 * node_view_find() - a group by its path
 * @v: the view
 * @path: of the group
 *
 * Return: the group, or NULL.
 */
const struct cgspan_group *node_view_find(const struct node_view *v,
					  const char *path);

/* A resource of a group; NULL: nobody limits or uses it. */
const struct cgspan_res *node_res(const struct cgspan_group *g, uint32_t res);

/**
 * node_headroom() - what may still be admitted to a group
 * @v: the view
 * @g: one of its groups
 * @res: enum cgspan_resource
 *
 * Return: what the group's own lease and those of all above it leave;
 * CGSPAN_MAX: none of them has a limit.
 */
uint64_t node_headroom(const struct node_view *v, const struct cgspan_group *g,
		       uint32_t res);

/**
 * node_facts() - a view as the ledger wants it
 * @v: the view; the facts point into it
 * @facts: to be freed
 * @n: their number
 *
 * Return: 0 or -ENOMEM.
 */
int node_facts(const struct node_view *v, struct ledger_fact **facts,
	       size_t *n);

/**
 * node_lease_set() - set leases
 * @n: the node
 * @epoch: the session's; 0 on a node that is not joined
 * @items: what to set
 * @count: at most CGSPAN_LEASES_MAX
 * @held: @count answers; a group that the kernel does not have is @missing
 * @err: why it failed; then nothing was set
 *
 * Return: 0 or a negative errno.
 */
int node_lease_set(struct node *n, uint64_t epoch,
		   const struct ledger_item *items, size_t count,
		   struct ledger_held *held, struct cgspan_err *err);

#endif /* CGSPAN_NODE_H */
