/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_TREE_H
#define CGSPAN_TREE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/ktime.h>

#include "../include/uapi/linux/cgspan.h"
#include "counter.h"
#include "event.h"
#include "refusal.h"

struct cgspan_queue;
struct cgspan_sched;
struct dentry;
struct netlink_ext_ack;

/**
 * struct cgspan_tree - the groups of one node
 * @lock: protects the tree, @epoch, and the session and names of the node
 * @root: the group "/"
 * @groups: all groups, parents first, with orphans of other namespaces
 * @nr_groups: length of @groups
 * @nr_members: number of members that its groups have
 * @gen: changes when a group comes or goes; never 0
 * @member_gen: changes when a member comes or goes; never 0
 * @epoch: of the session under which leases hold; 0: no session, no deadline
 * @deadline: ns of CLOCK_BOOTTIME, 0: none; charges read it without @lock
 * @used: a group was made, a member bound or the session joined, at any time
 * @closing: LEAVE is in progress: nothing is admitted
 * @deaf_until: jiffies; earlier exits are not told by "exit": they count as lost
 * @inum: inode number of the network namespace
 * @name: of the node; empty until NODE_SET
 */
struct cgspan_tree {
	struct mutex lock; /* protects the tree; lock order: tree.c */
	struct cgspan_group *root;
	struct list_head groups;
	unsigned int nr_groups;
	atomic_t nr_members;
	atomic_t gen;
	atomic_t member_gen;
	u64 epoch;
	u64 deadline;
	bool used;
	bool closing;
	unsigned long deaf_until;
	u32 inum;
	char name[CGSPAN_NAME_LEN + 1];
};

static inline bool cgspan_tree_expired(const struct cgspan_tree *tree)
{
	u64 deadline = READ_ONCE(tree->deadline);

	return deadline && ktime_get_boottime_ns() >= deadline;
}

/* Statistics of a group besides its resources; each includes the subtree. */
enum cgspan_group_stat {
	CGSPAN_STAT_JOINED,	/* live tasks moved in or found, minus moved out */
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

/* The use of a task: CPU time in ns, context switches, major page faults. */
struct cgspan_usage {
	u64 cpu;
	u64 voluntary;
	u64 involuntary;
	u64 major_faults;
};

/**
 * struct cgspan_memory - the memory of member cgroups
 * @used: memory.current, bytes
 * @peak: memory.peak, bytes
 * @unmeasured: number of directories without figures: see place.c
 */
struct cgspan_memory {
	u64 used;
	u64 peak;
	u64 unmeasured;
};

/**
 * struct cgspan_peers - use of a resource on the other nodes, told by the daemon
 * @known: the daemon has told it
 * @nodes: number of other nodes that @used includes
 * @used: the sum of their use
 * @time: of the oldest figure in @used, ns of CLOCK_BOOTTIME
 * @headroom: the largest headroom of one node
 * @node: the name of that node; "": none
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
 * @counter: charges and lease on this node
 * @limit: cluster-wide; shown, and a request above it is not queued
 * @waiting: sum of amounts of queued requests to this group, not its subgroups
 * @caller: id of the group that the missing part of the lease is for; 0: none
 * @cause: enum cgspan_cause: why the lease is low; told with refusals
 * @peers: use on the other nodes
 */
struct cgspan_share {
	struct cgspan_group *group;
	struct cgspan_counter counter;
	u64 limit;
	u64 waiting;
	u64 caller;
	u8 cause;
	struct cgspan_peers peers;
};

/**
 * struct cgspan_group - one level of the cluster-wide tree, on this node
 * @id: not used twice before the module is unloaded; see cgspan_group_id()
 * @parent: the enclosing group, referenced; NULL for "/"
 * @top: the ancestor right below "/", or itself for that and for "/"
 * @tree: the tree of its node; changes once, when it becomes an orphan
 * @lock: of a @top only: protects shares and stats of its whole subtree, except
 *        counters and stats of "/", which are atomic
 * @shares: by enum cgspan_resource
 * @stats: by enum cgspan_group_stat
 * @refusals: kinds of refusals of forks and requests in it, not in subgroups
 * @sched: histograms of the tasks of its subtree; NULL until they are counted
 * @debug: its directory in debugfs; under the tree's lock
 * @memory: of the topmost members of its subtree; under the lock of members
 * @depth: number of its ancestors: 0 for "/"
 * @on_expiry: enum cgspan_on_expiry
 * @orphan: its network namespace has ended
 * @expired: an orphan whose node had joined: all its deadlines have passed
 * @refused: REFUSED was raised after the lease of tasks last changed
 * @dead: removed or being removed: takes no member, subgroup, task or grant
 * @emptied: the deadline for which EMPTY was raised, or 0; written by expiry.c
 * @members: number of its members, without those of subgroups
 * @grants: number of its grants and queued requests; under the lock of @top
 * @queued: number of its queued requests; under the lock of @top
 * @claimed: the last pass of the queue in which a request made a claim on it
 * @claims: bits of resources that are claimed in that pass; queue.c
 * @queue: of a @top and of "/": requests that wait; NULL until the first one
 * @children: its subgroups, by their @sibling; under the tree's lock
 * @all: in the tree's list of groups
 * @by_path: in the table of paths
 * @ref: held by the tree until removal, by subgroups, members, reserves, records
 *       of reaped tasks, queued work and events, and each lookup
 * @rcu: tables are read under RCU
 * @event: notifications to send
 * @path: "/" or "/a/b"
 */
struct cgspan_group {
	u64 id;
	struct cgspan_group *parent;
	struct cgspan_group *top;
	struct cgspan_tree *tree;
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
	bool expired;
	bool refused;
	bool dead;
	u64 emptied;
	atomic_t members;
	unsigned int grants;
	unsigned int queued;
	u64 claimed;
	u8 claims;
	struct cgspan_queue *queue;
	struct list_head children;
	struct list_head sibling;
	struct list_head all;
	struct hlist_node by_path;
	struct kref ref;
	struct rcu_head rcu;
	struct cgspan_event event;
	char path[];
};

/**
 * struct cgspan_tree_observer - callbacks for new and removed groups
 * @list: in the list of tree.c
 * @born: a group can be found, or an orphan has its new tree
 * @gone: a group is removed, or "/" and all below it become orphans
 *
 * Called with the tree locked (for orphans, the new one); they may sleep.
 */
struct cgspan_tree_observer {
	struct list_head list;
	void (*born)(struct cgspan_group *group);
	void (*gone)(struct cgspan_group *group);
};

extern struct cgspan_event_type cgspan_group_events;

void cgspan_tree_observe(struct cgspan_tree_observer *observer);
void cgspan_tree_setup(struct cgspan_tree *tree, u32 inum);
void cgspan_tree_changed(atomic_t *gen);

/* lookup */
struct cgspan_group *cgspan_group_get_by_path(struct cgspan_tree *tree,
					      const char *path);
struct cgspan_group *cgspan_group_get_by_id(struct cgspan_tree *tree, u64 id);
struct cgspan_group *cgspan_group_next(struct cgspan_tree *tree, u64 *id);
void cgspan_group_put(struct cgspan_group *group);
bool cgspan_group_contains(const struct cgspan_group *group,
			   const struct cgspan_group *inner);
void cgspan_tree_close(struct cgspan_tree *tree);

/* creation and removal */
int cgspan_group_check_path(const char *path, struct netlink_ext_ack *extack);
struct cgspan_group *cgspan_group_create(struct cgspan_tree *tree,
					 const char *path, int on_expiry,
					 struct netlink_ext_ack *extack);
int cgspan_group_set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack);
int cgspan_group_remove(struct cgspan_group *group,
			struct netlink_ext_ack *extack);
int cgspan_group_pin(struct cgspan_group *group);
void cgspan_group_unpin(struct cgspan_group *group);
int cgspan_group_create_root(struct cgspan_tree *tree);
void cgspan_group_expire_all(struct cgspan_tree *tree);
void cgspan_group_remove_tree(struct cgspan_group *root);
void cgspan_group_orphan_tree(struct cgspan_group *root,
			      struct cgspan_tree *new_tree);

/* Return: the id of a group in the protocol, where the "/" of a node has the id 1. */
static inline u64 cgspan_group_id(const struct cgspan_group *group)
{
	return group->parent || READ_ONCE(group->orphan) ? group->id : 1;
}

static inline struct cgspan_group *cgspan_group_root(struct cgspan_group *group)
{
	return group->top->parent ?: group->top;
}

/* Does on_expiry, or a LEAVE, refuse admissions to the group? Its @top is locked. */
static inline bool cgspan_group_held(const struct cgspan_group *group)
{
	const struct cgspan_tree *tree = READ_ONCE(group->tree);

	return READ_ONCE(tree->closing) ||
	       (READ_ONCE(group->on_expiry) >= CGSPAN_ON_EXPIRY_HOLD &&
		cgspan_tree_expired(tree));
}

static inline u64 cgspan_group_stat(const struct cgspan_group *group,
				    enum cgspan_group_stat stat)
{
	return atomic64_read(&group->stats[stat]);
}

/*
 * How many tasks have not exited. A task is counted in forks or joined first, in
 * exits later. Read in the opposite order, so that a concurrent change never makes
 * the result too small.
 */
static inline u64 cgspan_group_live(const struct cgspan_group *group)
{
	u64 exits, joined;

	exits = cgspan_group_stat(group, CGSPAN_STAT_EXITS);
	smp_rmb();	/* read exits before joined, both written under one lock */
	joined = cgspan_group_stat(group, CGSPAN_STAT_JOINED);
	smp_rmb();	/* read joined before forks */
	return cgspan_group_stat(group, CGSPAN_STAT_FORKS) + joined - exits;
}

static inline u64 cgspan_group_tasks(const struct cgspan_group *group)
{
	return cgspan_counter_used(&group->shares[CGSPAN_RES_TASKS].counter);
}

#endif /* CGSPAN_TREE_H */
