/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel module of this node, through libcgspan: requests, which wait for
 * their answer (at most 5 s), and notifications, which come from the event
 * loop. All times are those of the module's clock, see enforce_clock().
 */
#ifndef CGSPAN_ENFORCE_MODULE_H
#define CGSPAN_ENFORCE_MODULE_H

#include <stddef.h>
#include <stdint.h>

#include "libcgspan/cgspan.h"

struct ledger_fact;
struct ledger_held;
struct ledger_item;
struct enforce;
struct sd_event;

/**
 * typedef enforce_event_fn - a notification of the module
 * @arg: from enforce_open()
 * @ev: of a group, a member or the session; NULL: notifications were lost
 */
typedef void enforce_event_fn(void *arg, const struct cgspan_event *ev);

/**
 * enforce_open() - connect to the kernel
 * @out: the node; close it with enforce_close()
 * @event: the event loop
 * @fn: called for each notification
 * @arg: for @fn
 * @err: why it failed
 *
 * Return: 0; -ENOENT: the module is not loaded; or another negative errno.
 */
int enforce_open(struct enforce **out, struct sd_event *event, enforce_event_fn *fn,
		 void *arg, struct cgspan_err *err);

/**
 * enforce_close() - disconnect; the kernel keeps session, leases and members
 * @e: may be NULL
 */
void enforce_close(struct enforce *e);

/**
 * enforce_kernel() - the connection, for requests of libcgspan
 * @e: the kernel
 *
 * Return: owned by the node.
 */
struct cgspan *enforce_kernel(struct enforce *e);

/**
 * enforce_clock() - the kernel's clock
 * @e: the kernel
 *
 * Return: ns; never ahead of what the kernel itself would say.
 */
uint64_t enforce_clock(const struct enforce *e);

/**
 * enforce_loop_time() - convert a time of the kernel's clock to loop_now()'s
 * @e: the kernel
 * @when: ns of enforce_clock()
 *
 * Return: ns of loop_now().
 */
uint64_t enforce_loop_time(const struct enforce *e, uint64_t when);

/**
 * struct enforce_view - all groups of this kernel at one time
 * @groups: parents first
 * @n: their number
 * @members: per group: members in its subtree
 * @by_path: the groups by their paths
 */
struct enforce_view {
	struct cgspan_group *groups;
	size_t n;
	uint32_t *members;
	const struct cgspan_group **by_path;
};

/**
 * enforce_read() - read all groups
 * @e: the kernel
 * @v: filled; release it with enforce_view_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int enforce_read(struct enforce *e, struct enforce_view *v, struct cgspan_err *err);

/**
 * enforce_view_free() - release it
 * @v: may be all zero; is all zero afterwards
 */
void enforce_view_free(struct enforce_view *v);

/**
 * enforce_view_find() - a group by its path
 * @v: the view
 * @path: of the group
 *
 * Return: the group, or NULL.
 */
const struct cgspan_group *enforce_view_find(const struct enforce_view *v,
					     const char *path);

/**
 * enforce_res() - a resource of a group
 * @g: the group
 * @res: enum cgspan_resource
 *
 * Return: the resource; NULL: it has no limit and no use.
 */
const struct cgspan_res *enforce_res(const struct cgspan_group *g, uint32_t res);

/**
 * enforce_refused() - the resource that a credit event is about
 * @g: the group of the event
 *
 * Return: the first resource that was refused or overdrawn, or -1.
 */
int enforce_refused(const struct cgspan_group *g);

/**
 * enforce_headroom() - the amount that may still be admitted to a group
 * @v: the view
 * @g: one of its groups
 * @res: enum cgspan_resource
 *
 * Return: what the group's own lease and those of all above it leave;
 * CGSPAN_MAX: none of them has a limit.
 */
uint64_t enforce_headroom(const struct enforce_view *v, const struct cgspan_group *g,
			  uint32_t res);

/**
 * enforce_facts() - convert a view to facts for the ledger
 * @v: the view; the facts point into it
 * @facts: to be freed
 * @n: their number
 *
 * Return: 0 or -ENOMEM.
 */
int enforce_facts(const struct enforce_view *v, struct ledger_fact **facts,
		  size_t *n);

/**
 * enforce_lease_set() - set leases
 * @e: the kernel
 * @epoch: the session's; 0 on a node that is not joined
 * @items: what to set
 * @count: at most CGSPAN_LEASES_MAX
 * @held: @count answers; a group that the kernel does not have is @missing
 * @err: why it failed; then nothing was set
 *
 * Return: 0 or a negative errno.
 */
int enforce_lease_set(struct enforce *e, uint64_t epoch,
		      const struct ledger_item *items, size_t count,
		   struct ledger_held *held, struct cgspan_err *err);

#endif /* CGSPAN_ENFORCE_MODULE_H */
