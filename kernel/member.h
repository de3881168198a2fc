/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_MEMBER_H
#define CGSPAN_MEMBER_H

#include <linux/kref.h>
#include <linux/rbtree.h>
#include <linux/rculist.h>

#include "event.h"
#include "group.h"

struct cgroup;
struct cgspan_group;
struct cgspan_node;
struct file;
struct netlink_ext_ack;

enum cgspan_member_state {
	CGSPAN_MEMBER_PENDING,	/* its path is taken, its tasks are not yet */
	CGSPAN_MEMBER_BOUND,
	CGSPAN_MEMBER_GONE,
};

/**
 * struct cgspan_member - a local cgroup directory bound to a group
 * @group: the group; referenced and pinned
 * @id: the directory's; 0: there is none now
 * @state: see there
 * @by_fd: ends with its directory
 * @leaving: already named in the request that is being served
 * @by_id: while it is bound and has a directory: how charges find it
 * @by_path: until it is gone: how a new directory finds it
 * @outer: the innermost member around it
 * @batch: in the request that is being served
 * @cgrp: while it has one: its directory, referenced
 * @memory: what its directory had when it was measured last
 * @until: and which groups counted that: its own and those above, to below here
 * @ref: held by the tree of paths and by who looked it up
 * @rcu: the table of ids is read without a lock
 * @freezer: the cgroup.freeze of the directory @freezer_id, or NULL
 * @frozen_id: the directory that was frozen here; 0: none
 * @event: what is still to be told
 * @path: seen from the initial cgroup namespace; "" for the root
 */
struct cgspan_member {
	struct cgspan_group *group;
	u64 id;
	enum cgspan_member_state state;
	bool by_fd;
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

/**
 * struct cgspan_bind - one cgroup to bind or to unbind
 * @group: to bind to; its reference stays the caller's
 * @path: in the caller's cgroup namespace; NULL: see @fd
 * @fd: an open cgroup directory; negative: see @id
 * @freezer: to bind only: the fd of its cgroup.freeze; negative: none
 * @id: to unbind only: the directory's id
 * @attr: what to point at where it is refused
 */
struct cgspan_bind {
	struct cgspan_group *group;
	const char *path;
	int fd;
	int freezer;
	u64 id;
	const struct nlattr *attr;
};

int cgspan_member_add(struct cgspan_node *node, const struct cgspan_bind *binds,
		      unsigned int n, struct netlink_ext_ack *extack);
int cgspan_member_del(struct cgspan_node *node, const struct cgspan_bind *binds,
		      unsigned int n, struct netlink_ext_ack *extack);
void cgspan_member_put(struct cgspan_member *member);
struct cgspan_member *cgspan_member_next(struct cgspan_node *node,
					 struct cgspan_member *last);

int cgspan_member_check_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack);
void cgspan_member_freeze(struct cgspan_member *member, bool frozen);
u32 cgspan_member_flags(const struct cgspan_member *member);

struct cgspan_group *cgspan_member_group(struct cgroup *cgrp);
void cgspan_member_measure(const struct cgspan_group *within);
void cgspan_member_mkdir(struct cgroup *cgrp);
void cgspan_member_rmdir(struct cgroup *cgrp);

int cgspan_member_settle(void);
bool cgspan_member_retire(struct cgspan_group *root);
void cgspan_member_rescan(void);
void cgspan_member_idle(struct cgspan_group *group);
void cgspan_member_exit(void);

#endif /* CGSPAN_MEMBER_H */
