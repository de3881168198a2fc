/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel module of this node, through libcgspan: requests, each of which
 * waits for its answer (at most 5 s), and notifications, which come from the
 * event loop. Times are those of the module's clock, see enforce_clock().
 *
 * In all functions @e is the kernel, @v a view, and @res enum cgspan_resource.
 * Unless said otherwise a function returns 0 or a negative errno, with the
 * reason in @err.
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
 * @ev: event of a group, member or session; NULL: notifications were lost
 */
typedef void enforce_event_fn(void *arg, const struct cgspan_event *ev);

/**
 * enforce_open() - connect to the kernel; -ENOENT: the module is not loaded
 * @out: close it with enforce_close()
 * @event: the event loop
 * @fn: called for each notification
 * @arg: for @fn
 */
int enforce_open(struct enforce **out, struct sd_event *event,
		 enforce_event_fn *fn, void *arg, struct cgspan_err *err);

/**
 * enforce_close() - disconnect; the kernel keeps session, leases and members
 */
void enforce_close(struct enforce *e);

/**
 * enforce_kernel() - the connection, for requests of libcgspan; owned by @e
 */
struct cgspan *enforce_kernel(struct enforce *e);

/**
 * enforce_clock() - estimate of the kernel's clock, ns; never ahead of that clock
 */
uint64_t enforce_clock(const struct enforce *e);

/**
 * enforce_loop_time() - convert ns of enforce_clock() to ns of loop_now()
 */
uint64_t enforce_loop_time(const struct enforce *e, uint64_t when);

/* All groups of this kernel, as of one time. */
struct enforce_view {
	struct cgspan_group *groups;	/* parents come before children */
	size_t n;
	uint32_t *members;		/* number of members in each subtree */
	const struct cgspan_group **by_path;	/* the groups, sorted by path */
};

/**
 * enforce_read() - read all groups; release @v with enforce_view_free()
 */
int enforce_read(struct enforce *e, struct enforce_view *v,
		 struct cgspan_err *err);

/**
 * enforce_view_free() - free a view, which may be all zero; it is so afterwards
 */
void enforce_view_free(struct enforce_view *v);

/**
 * enforce_view_find() - the group with this path, or NULL
 */
const struct cgspan_group *enforce_view_find(const struct enforce_view *v,
					     const char *path);

/**
 * enforce_res() - a resource of a group; NULL: unlimited and never used here
 */
const struct cgspan_res *enforce_res(const struct cgspan_group *g,
				     uint32_t res);

/**
 * enforce_refused() - the resource that a credit event says was refused
 * @g: the group of the event
 *
 * Return: the first resource that was refused or overdrawn; -1: none was.
 */
int enforce_refused(const struct cgspan_group *g);

/**
 * enforce_headroom() - the amount that may still be admitted to a group of @v
 *
 * Return: the least that a lease of the group or of a group above it leaves;
 * CGSPAN_MAX: all these leases are CGSPAN_MAX.
 */
uint64_t enforce_headroom(const struct enforce_view *v,
			  const struct cgspan_group *g, uint32_t res);

/**
 * enforce_facts() - convert a view to facts for the ledger
 * @facts: an array of @n, to be freed; it points into @v
 *
 * Return: 0 or -ENOMEM.
 */
int enforce_facts(const struct enforce_view *v, struct ledger_fact **facts,
		  size_t *n);

/**
 * enforce_lease_set() - set leases of existing groups; if one is refused, none
 * @epoch: the session's; 0 on a node that is not joined
 * @items: the leases to set
 * @count: number of @items, at most CGSPAN_LEASES_MAX
 * @held: set to @count answers; held[i].missing: the kernel lacks that group
 */
int enforce_lease_set(struct enforce *e, uint64_t epoch,
		      const struct ledger_item *items, size_t count,
		      struct ledger_held *held, struct cgspan_err *err);

#endif /* CGSPAN_ENFORCE_MODULE_H */
