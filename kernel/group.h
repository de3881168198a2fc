/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_GROUP_H
#define CGSPAN_GROUP_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "../include/uapi/linux/cgspan.h"
#include "counter.h"
#include "event.h"
#include "refusal.h"

struct cgspan_grant;
struct cgspan_lack;
struct cgspan_node;
struct cgspan_sched;
struct dentry;
struct netlink_ext_ack;
struct task_struct;

/* What a group counts beside its resources; each includes the subtree. */
enum cgspan_group_stat {
	CGSPAN_STAT_JOINED,	/* alive from elsewhere, less what left alive */
	CGSPAN_STAT_FORKS,
	CGSPAN_STAT_EXECS,
	CGSPAN_STAT_EXITS,
	CGSPAN_STAT_REFUSALS,
	CGSPAN_STAT_CPU,
	CGSPAN_STAT_VOLUNTARY,
	CGSPAN_STAT_INVOLUNTARY,
	CGSPAN_STAT_MAJOR_FAULTS,
	CGSPAN_STAT_MAX_RSS,
	CGSPAN_STAT_EXITS_TOLD,
	CGSPAN_STAT_EXITS_LOST,
	__CGSPAN_STAT_LAST
};

/* What a task uses: CPU time in ns, switches, faults. */
struct cgspan_usage {
	u64 cpu;
	u64 voluntary;
	u64 involuntary;
	u64 major_faults;
};

/**
 * struct cgspan_memory - what members have of memory
 * @used: memory.current, bytes
 * @peak: memory.peak, bytes
 * @unmeasured: how many directories have no memory controller
 */
struct cgspan_memory {
	u64 used;
	u64 peak;
	u64 unmeasured;
};

/**
 * struct cgspan_peers - the other nodes and a resource, as the daemon told
 * @known: it has
 * @nodes: how many they are
 * @used: what they use
 * @time: of the oldest figure in that
 * @headroom: the most that one of them has
 * @node: which one; "": none
 */
struct cgspan_peers {
	bool known;
	u32 nodes;
	u64 used;
	u64 time;
	u64 headroom;
	char node[CGSPAN_NAME_LEN + 1];
};

/**
 * struct cgspan_share - one resource of one group
 * @group: the group
 * @counter: what is charged here, and what may be
 * @limit: cluster-wide; shown, not enforced
 * @waiting: what requests in the queue ask of this very group
 * @peers: what the other nodes use
 */
struct cgspan_share {
	struct cgspan_group *group;
	struct cgspan_counter counter;
	u64 limit;
	u64 waiting;
	struct cgspan_peers peers;
};

/**
 * struct cgspan_group - one level of the cluster-wide tree, on this node
 * @id: never used twice; the root's own is shown as 1 where it is "/"
 * @parent: the enclosing group, referenced; NULL for "/"
 * @top: the ancestor right below "/", or itself for that and for "/"
 * @node: the node it belongs to; changes once, when it becomes an orphan
 * @lock: in a @top only: protects the shares and counts of its whole subtree,
 *        but "/", where these are atomic
 * @shares: by enum cgspan_resource
 * @stats: by enum cgspan_group_stat
 * @refusals: why its own tasks were refused
 * @sched: how its tasks were scheduled; NULL until that is counted
 * @debug: its directory in debugfs; under the node's lock
 * @memory: of the members that are inside no other one of its subtree; under
 *          the lock of members
 * @depth: 0 for "/"
 * @on_expiry: enum cgspan_on_expiry
 * @orphan: its namespace has gone
 * @doomed: that was joined, so that all its deadlines have passed
 * @dead: removed, or being it: takes no member and no subgroup
 * @emptied: the deadline after which it was told to be empty; expiry.c's own
 * @members: how many members it has itself
 * @grants: how many grants, and requests for one; under the top's lock
 * @claimed: the queue's: when somebody was last seen to wait for it
 * @children: its subgroups, by their @sibling; under the node's lock
 * @all: in the node's list of groups
 * @by_path: in the table of paths
 * @ref: held by subgroups, by members and by who looked it up
 * @rcu: tables are read without a lock
 * @event: what is still to be told
 * @path: "/" or "/a/b"
 */
struct cgspan_group {
	u64 id;
	struct cgspan_group *parent;
	struct cgspan_group *top;
	struct cgspan_node *node;
	raw_spinlock_t lock;
	struct cgspan_share shares[__CGSPAN_RES_LAST];
	atomic64_t stats[__CGSPAN_STAT_LAST];
	struct cgspan_refusals refusals;
	struct cgspan_sched __percpu *sched;
	struct dentry *debug;
	struct cgspan_memory memory;
	unsigned int depth;
	u8 on_expiry;
	bool orphan;
	bool doomed;
	bool dead;
	u64 emptied;
	atomic_t members;
	unsigned int grants;
	u64 claimed;
	struct list_head children;
	struct list_head sibling;
	struct list_head all;
	struct hlist_node by_path;
	struct kref ref;
	struct rcu_head rcu;
	struct cgspan_event event;
	char path[];
};

/* A consistent reading of one share. */
struct cgspan_reading {
	u64 lease;
	u64 used;
	u64 reserved;
	u64 unspent;
	u64 waiting;
	u64 peak;
	u64 refusals;
	u64 asked;
	u64 low;
	u64 limit;
	bool exhausted;
	u8 credit;
	struct cgspan_peers peers;
};

/* lookup */
struct cgspan_group *cgspan_group_get_by_path(struct cgspan_node *node,
					      const char *path);
struct cgspan_group *cgspan_group_get_by_id(struct cgspan_node *node, u64 id);
struct cgspan_group *cgspan_group_next(struct cgspan_node *node, u64 *id);
void cgspan_group_put(struct cgspan_group *group);
bool cgspan_group_contains(const struct cgspan_group *group,
			   const struct cgspan_group *inner);
struct cgspan_group *cgspan_group_root(struct cgspan_group *group);
u64 cgspan_group_id(const struct cgspan_group *group);

/* the tree */
int cgspan_group_check_path(const char *path, struct netlink_ext_ack *extack);
struct cgspan_group *cgspan_group_create(struct cgspan_node *node,
					 const char *path, int on_expiry,
					 struct netlink_ext_ack *extack);
int cgspan_group_set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack);
int cgspan_group_remove(struct cgspan_group *group,
			struct netlink_ext_ack *extack);
int cgspan_group_pin(struct cgspan_group *group);
void cgspan_group_unpin(struct cgspan_group *group);
int cgspan_group_create_root(struct cgspan_node *node);
void cgspan_group_doom(struct cgspan_node *node);
void cgspan_group_remove_tree(struct cgspan_group *root);
void cgspan_group_orphan_tree(struct cgspan_group *root,
			      struct cgspan_node *heir);

/* leases */
u64 cgspan_group_set_lease(struct cgspan_share *share, u64 amount, u64 low,
			   bool exhausted, u64 *used);
void cgspan_group_void_leases(struct cgspan_node *node);
void cgspan_group_set_peers(struct cgspan_share *share,
			    const struct cgspan_peers *peers);
bool cgspan_group_hint(struct cgspan_group *group, const u64 *amounts,
		       const struct cgspan_lack *lack,
		       struct cgspan_peers *hint);
void cgspan_group_read_refusals(struct cgspan_group *group,
				struct cgspan_refusals *refusals);
void cgspan_group_read(struct cgspan_share *share,
		       struct cgspan_reading *reading);

/* grants */
enum cgspan_group_try {
	CGSPAN_TRY,		/* a refusal is counted, and told of */
	CGSPAN_TRY_AGAIN,	/* for somebody who waits */
	CGSPAN_TRY_DRY,		/* change nothing */
};

int cgspan_group_reserve(struct cgspan_group *group, const u64 *amounts,
			 enum cgspan_group_try how, struct cgspan_lack *lack);
bool cgspan_group_reserved(const struct cgspan_group *group);
void cgspan_group_unreserve(struct cgspan_group *group, const u64 *amounts,
			    u64 spent);
int cgspan_group_wait(struct cgspan_group *group, const u64 *amounts);
void cgspan_group_unwait(struct cgspan_group *group, const u64 *amounts);

/* tasks */
int cgspan_group_fork(struct cgspan_group *group, bool force,
		      struct cgspan_grant *grant);
void cgspan_group_unfork(struct cgspan_group *group,
			 struct cgspan_grant *grant);
void cgspan_group_exec(struct cgspan_group *group);
void cgspan_group_exit(struct cgspan_group *group);
void cgspan_group_move(struct cgspan_group *from, struct cgspan_group *to,
		       bool live, struct cgspan_grant *grant);
void cgspan_group_leave(struct cgspan_group *group, bool live, bool ended,
			struct cgspan_grant *grant);
void cgspan_group_use(struct cgspan_group *group,
		      const struct cgspan_usage *usage, u64 max_rss);
void cgspan_group_count(struct cgspan_group *group, enum cgspan_group_stat stat,
			s64 n);

static inline u64 cgspan_group_stat(const struct cgspan_group *group,
				    enum cgspan_group_stat stat)
{
	return atomic64_read(&group->stats[stat]);
}

/*
 * How many tasks have not exited. A task is forked or joins, and then leaves or
 * exits: reading that backwards, one that does so meanwhile is never missing.
 */
static inline u64 cgspan_group_live(const struct cgspan_group *group)
{
	u64 exits, joined;

	exits = cgspan_group_stat(group, CGSPAN_STAT_EXITS);
	smp_rmb();	/* see above; each was counted under the top's lock */
	joined = cgspan_group_stat(group, CGSPAN_STAT_JOINED);
	smp_rmb();	/* likewise */
	return cgspan_group_stat(group, CGSPAN_STAT_FORKS) + joined - exits;
}

static inline u64 cgspan_group_tasks(const struct cgspan_group *group)
{
	return cgspan_counter_used(&group->shares[CGSPAN_RES_TASKS].counter);
}

#endif /* CGSPAN_GROUP_H */
