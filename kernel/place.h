/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_PLACE_H
#define CGSPAN_PLACE_H

#include <linux/kref.h>
#include <linux/rbtree.h>
#include <linux/rculist.h>

#include "tree.h"

struct cgroup;
struct file;
struct netlink_ext_ack;

enum cgspan_member_state {
	CGSPAN_MEMBER_PENDING,	/* path reserved, tasks not charged yet */
	CGSPAN_MEMBER_BOUND,
	CGSPAN_MEMBER_GONE,
};

/**
 * struct cgspan_member - a local cgroup directory bound to a group
 * @group: the group; referenced and pinned
 * @id: of the directory; 0: there is none
 * @state: enum cgspan_member_state
 * @by_fd: bound by fd, so that the member ends with its directory
 * @killable: the caller that bound it may kill its tasks
 * @leaving: in the batch of an unbind request
 * @by_id: in the table of ids, while it is bound and has a directory
 * @by_path: in the tree of paths, until it is gone
 * @outer: the innermost member that encloses it, or NULL
 * @batch: in the batch of the present request
 * @cgrp: its directory, referenced; NULL: none
 * @memory: of the directory, when it was last measured
 * @until: first of @group and its ancestors that does not count @memory, or NULL
 * @ref: held by the tree of paths, by batches, queued events and lookups
 * @rcu: the table of ids is read under RCU
 * @freezer: the cgroup.freeze of the directory @freezer_id, or NULL
 * @frozen_id: id of the directory that the module has frozen; 0: none
 * @event: notifications to send
 * @path: seen from the initial cgroup namespace; "" for the root
 */
struct cgspan_member {
	struct cgspan_group *group;
	u64 id;
	enum cgspan_member_state state;
	bool by_fd;
	bool killable;
	bool leaving;
	struct hlist_node by_id;
	struct rb_node by_path;
	struct cgspan_member *outer;
	struct list_head batch;
	struct cgroup *cgrp;
	struct cgspan_memory memory;
	const struct cgspan_group *until;
	struct kref ref;
	struct rcu_head rcu;
	struct file *freezer;
	u64 freezer_id;
	u64 frozen_id;
	struct cgspan_event event;
	char path[];
};

extern struct cgspan_event_type cgspan_member_events;

struct cgspan_group *cgspan_place_group(struct cgroup *cgrp);
void cgspan_place_measure(const struct cgspan_group *within);
void cgspan_place_mkdir(struct cgroup *cgrp);
void cgspan_place_rmdir(struct cgroup *cgrp);

/* member cgroups: references, walks, state */
void cgspan_member_put(struct cgspan_member *member);
struct cgspan_member *cgspan_member_next(struct cgspan_tree *tree,
					 struct cgspan_member *last);
struct cgspan_member *cgspan_member_next_any(struct cgspan_tree *tree,
					     struct cgspan_member *last);
u32 cgspan_member_flags(const struct cgspan_member *member);
bool cgspan_member_has_freezer(const struct cgspan_member *member);
struct file *cgspan_member_get_freezer(struct cgspan_member *member, u64 *id);

/* functions for bind.c, which handles one request at a time */
int cgspan_place_claim(struct cgspan_member *member,
		       struct netlink_ext_ack *extack);
void cgspan_place_resolve(struct cgspan_member *member, struct cgroup *cgrp);
void cgspan_place_abandon(struct cgspan_member *member);
void cgspan_place_settle(struct cgspan_member *member);
bool cgspan_place_renew(struct cgspan_member *member, bool dry);
void cgspan_place_bind(void *batch);
void cgspan_place_unbind(void *batch);
int cgspan_place_choose(struct cgspan_tree *tree, const char *path, u64 id,
			struct list_head *batch,
			struct netlink_ext_ack *extack);
void cgspan_place_collect(const struct cgspan_group *root,
			  struct list_head *batch);
bool cgspan_place_empty(void);
void cgspan_place_on_empty(void (*fn)(void));

#endif /* CGSPAN_PLACE_H */
