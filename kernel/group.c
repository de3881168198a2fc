// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of groups: create, look up, reference, remove; and what happens in
 * it when a task comes, moves or goes.
 *
 * Locks, outermost first:
 *   the bind lock		member.c
 *   a node's lock
 *   cgroup_mutex, cgroup_threadgroup_rwsem, trace_cgroup_path_lock
 *   the lock of members	member.c
 *   a bucket of the task table	task.c
 *   a top-level group's lock	one at a time
 *
 * A group is freed a grace period after its last reference. It holds one on
 * its parent, and it cannot be removed while it has members, subgroups or
 * charged tasks: whoever holds one of those, or has found one in an RCU
 * section, may use the group and all above it.
 */
#include "group.h"

#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/xarray.h>

#include "debug.h"
#include "grant.h"
#include "node.h"
#include "sched.h"
#include "session.h"
#include "trace.h"

/* Of all nodes. In the order of ids, parents come before their subgroups. */
static DEFINE_XARRAY(ids);
static atomic64_t last_id = ATOMIC64_INIT(1);

/* By node and path; changed under a node's lock, and paths_lock. */
static DEFINE_HASHTABLE(paths, 12);
static DEFINE_SPINLOCK(paths_lock);

static u32 path_hash(const struct cgspan_node *node, const char *path)
{
	return full_name_hash(node, path, strlen(path));
}

/* Looking up. */

/**
 * cgspan_group_get_by_path() - find a group of a node
 * @node: the node
 * @path: its path
 *
 * Return: the group, referenced, or NULL. Orphans are not found by path.
 */
struct cgspan_group *cgspan_group_get_by_path(struct cgspan_node *node,
					      const char *path)
{
	struct cgspan_group *group;

	rcu_read_lock();
	hash_for_each_possible_rcu(paths, group, by_path,
				   path_hash(node, path)) {
		if (READ_ONCE(group->node) != node ||
		    strcmp(group->path, path))
			continue;
		if (!kref_get_unless_zero(&group->ref))
			continue;
		rcu_read_unlock();
		return group;
	}
	rcu_read_unlock();
	return NULL;
}

/**
 * cgspan_group_get_by_id() - find a group of a node
 * @node: the node
 * @id: as shown there: 1 is "/"
 *
 * Return: the group, referenced, or NULL.
 */
struct cgspan_group *cgspan_group_get_by_id(struct cgspan_node *node, u64 id)
{
	struct cgspan_group *group;

	rcu_read_lock();
	group = id == 1 ? node->root : xa_load(&ids, id);
	if (group && (READ_ONCE(group->node) != node ||
		      cgspan_group_id(group) != id ||
		      !kref_get_unless_zero(&group->ref)))
		group = NULL;
	rcu_read_unlock();
	return group;
}

/**
 * cgspan_group_next() - walk the groups of a node, parents first
 * @node: the node; NULL: of all nodes
 * @id: where to go on; start with 0. Set to where to go on after this group
 *
 * Return: a group, referenced, or NULL at the end.
 */
struct cgspan_group *cgspan_group_next(struct cgspan_node *node, u64 *id)
{
	struct cgspan_group *group;
	unsigned long index = *id;

	rcu_read_lock();
	xa_for_each_start(&ids, index, group, index) {
		if (node && READ_ONCE(group->node) != node)
			continue;
		if (kref_get_unless_zero(&group->ref))
			break;
	}
	rcu_read_unlock();
	*id = index + 1;
	return group;
}

static void free_group(struct rcu_head *rcu)
{
	struct cgspan_group *group =
		container_of(rcu, struct cgspan_group, rcu);

	free_percpu(group->sched);
	kfree(group);
}

static void release(struct kref *ref)
{
	struct cgspan_group *group =
		container_of(ref, struct cgspan_group, ref);

	if (group->parent)
		cgspan_group_put(group->parent);
	call_rcu(&group->rcu, free_group);
}

void cgspan_group_put(struct cgspan_group *group)
{
	kref_put(&group->ref, release);
}

/* Is @inner this group, or anywhere below it? */
bool cgspan_group_contains(const struct cgspan_group *group,
			   const struct cgspan_group *inner)
{
	while (inner && inner->depth > group->depth)
		inner = inner->parent;
	return inner == group;
}

struct cgspan_group *cgspan_group_root(struct cgspan_group *group)
{
	return group->top->parent ?: group->top;
}

/* The id that a reader sees. */
u64 cgspan_group_id(const struct cgspan_group *group)
{
	return group->parent || READ_ONCE(group->orphan) ? group->id : 1;
}

/* The tree. */

static int check_level(const char *name, size_t len,
		       struct netlink_ext_ack *extack)
{
	if (!len) {
		NL_SET_ERR_MSG(extack,
			       "a group's path has an empty level, or ends with a slash");
		return -EINVAL;
	}
	if (len > CGSPAN_NAME_LEN) {
		NL_SET_ERR_MSG(extack,
			       "a level of a group's path is longer than 63 bytes");
		return -ENAMETOOLONG;
	}
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.'))) {
		NL_SET_ERR_MSG(extack,
			       "a group's path has a level called . or ..");
		return -EINVAL;
	}
	for (; len; name++, len--)
		if (*(unsigned char *)name < ' ' || *name == 0x7f) {
			NL_SET_ERR_MSG(extack,
				       "a group's path has a control character");
			return -EINVAL;
		}
	return 0;
}

/* Is @path one that a group can have? */
int cgspan_group_check_path(const char *path, struct netlink_ext_ack *extack)
{
	unsigned int depth = 0;
	size_t len;
	int ret;

	if (path[0] != '/') {
		NL_SET_ERR_MSG(extack, "a group's path begins with a slash");
		return -EINVAL;
	}
	if (!path[1])
		return 0;

	for (; *path; path += len) {
		path++;
		len = strcspn(path, "/");
		ret = check_level(path, len, extack);
		if (ret)
			return ret;
		if (++depth > CGSPAN_DEPTH_MAX) {
			NL_SET_ERR_MSG(extack,
				       "a group's path has more than 32 levels");
			return -ENAMETOOLONG;
		}
	}
	return 0;
}

static void tell_credit(struct cgspan_counter *counter)
{
	struct cgspan_share *share =
		container_of(counter, struct cgspan_share, counter);

	cgspan_event_raise(&share->group->event, CGSPAN_EVENT_CREDIT);
}

static void init_shares(struct cgspan_group *group, u64 lease)
{
	struct cgspan_group *parent = group->parent;
	struct cgspan_share *share;
	int i;

	for (i = 0; i < __CGSPAN_RES_LAST; i++) {
		share = &group->shares[i];
		share->group = group;
		share->limit = CGSPAN_MAX;
		cgspan_counter_init(&share->counter,
				    parent ? &parent->shares[i].counter : NULL,
				    lease, tell_credit);
	}
}

static struct cgspan_group *alloc_group(struct cgspan_node *node,
					struct cgspan_group *parent,
					const char *path, u64 lease)
{
	struct cgspan_group *group;
	size_t size = strlen(path) + 1;

	group = kzalloc(struct_size(group, path, size), GFP_KERNEL_ACCOUNT);
	if (!group)
		return NULL;

	memcpy(group->path, path, size);
	group->node = node;
	group->parent = parent;
	group->top = parent && parent->parent ? parent->top : group;
	group->depth = parent ? parent->depth + 1 : 0;
	group->event.kind = CGSPAN_EVENT_GROUP;
	raw_spin_lock_init(&group->lock);
	kref_init(&group->ref);
	INIT_LIST_HEAD(&group->children);
	init_shares(group, lease);
	return group;
}

/* Makes a group visible, or frees it. */
static int publish(struct cgspan_group *group)
{
	struct cgspan_node *node = group->node;
	int ret;

	lockdep_assert_held(&node->lock);

	group->id = atomic64_inc_return(&last_id);
	ret = xa_insert(&ids, group->id, group, GFP_KERNEL_ACCOUNT);
	if (ret) {
		kfree(group);
		return ret;
	}

	spin_lock(&paths_lock);
	hash_add_rcu(paths, &group->by_path, path_hash(node, group->path));
	spin_unlock(&paths_lock);

	if (group->parent) {
		kref_get(&group->parent->ref);
		list_add_tail(&group->sibling, &group->parent->children);
	}
	list_add_tail(&group->all, &node->groups);
	node->nr_groups++;
	cgspan_node_changed(node);
	cgspan_sched_add(group);
	cgspan_debug_add(group);
	return 0;
}

static void unpublish(struct cgspan_group *group)
{
	struct cgspan_node *node = group->node;

	lockdep_assert_held(&node->lock);

	group->dead = true;
	cgspan_debug_remove(group);
	xa_erase(&ids, group->id);
	if (!group->orphan) {
		spin_lock(&paths_lock);
		hash_del_rcu(&group->by_path);
		spin_unlock(&paths_lock);
	}
	if (group->parent)
		list_del(&group->sibling);
	list_del(&group->all);
	node->nr_groups--;
	cgspan_node_changed(node);
}

static struct cgspan_group *find_parent(struct cgspan_node *node,
					const char *path)
{
	struct cgspan_group *parent;
	size_t len = strrchr(path, '/') - path;
	char *name;

	name = len ? kmemdup_nul(path, len, GFP_KERNEL) :
		     kstrdup("/", GFP_KERNEL);
	if (!name)
		return ERR_PTR(-ENOMEM);

	parent = cgspan_group_get_by_path(node, name);
	kfree(name);
	return parent;
}

/* Under the node's lock a group that was found stays what it is. */
static bool exists(struct cgspan_node *node, const char *path)
{
	struct cgspan_group *group = cgspan_group_get_by_path(node, path);

	if (group)
		cgspan_group_put(group);
	return group;
}

/**
 * cgspan_group_create() - create a group
 * @node: the node, locked
 * @path: as cgspan_group_check_path() allows it
 * @on_expiry: enum cgspan_on_expiry; -1: the parent's
 * @extack: says why not
 *
 * Return: the group, or an ERR_PTR. It lives as long as the node's lock is
 * held; whoever needs it longer takes a reference.
 */
struct cgspan_group *cgspan_group_create(struct cgspan_node *node,
					 const char *path, int on_expiry,
					 struct netlink_ext_ack *extack)
{
	struct cgspan_group *parent, *group;
	int ret;

	lockdep_assert_held(&node->lock);

	if (exists(node, path)) {
		NL_SET_ERR_MSG(extack, "the group exists already");
		return ERR_PTR(-EEXIST);
	}

	parent = find_parent(node, path);
	if (IS_ERR(parent))
		return parent;
	if (!parent) {
		NL_SET_ERR_MSG(extack, "the group's parent does not exist");
		return ERR_PTR(-ENOENT);
	}

	ret = -EINVAL;
	if (on_expiry < 0)
		on_expiry = parent->on_expiry;
	if (on_expiry < parent->on_expiry) {
		NL_SET_ERR_MSG(extack, "on_expiry is weaker than the parent's");
		goto put;
	}

	ret = -ENOMEM;
	group = alloc_group(node, parent, path,
			    node->session.epoch ? 0 : CGSPAN_MAX);
	if (!group)
		goto put;
	group->on_expiry = on_expiry;

	ret = publish(group);
	if (ret)
		goto put;

	cgspan_group_put(parent);
	cgspan_event_raise(&group->event, CGSPAN_EVENT_CHANGED);
	return group;

put:
	cgspan_group_put(parent);
	return ERR_PTR(ret);
}

/* Change what a group does from the deadline on. */
int cgspan_group_set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack)
{
	struct cgspan_group *child;

	lockdep_assert_held(&group->node->lock);

	if (group->parent && on_expiry < group->parent->on_expiry) {
		NL_SET_ERR_MSG(extack, "on_expiry is weaker than the parent's");
		return -EINVAL;
	}
	list_for_each_entry(child, &group->children, sibling)
		if (child->on_expiry < on_expiry) {
			NL_SET_ERR_MSG(extack,
				       "on_expiry is stronger than a subgroup's: change that first");
			return -EINVAL;
		}

	WRITE_ONCE(group->on_expiry, on_expiry);
	return 0;
}

/* From here on no grant is given in it, if there is none. */
static bool close_to_grants(struct cgspan_group *group)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&group->top->lock, flags);
	if (!group->grants)
		group->dead = true;
	raw_spin_unlock_irqrestore(&group->top->lock, flags);
	return group->dead;
}

/* Remove a group that nothing depends on any more. */
int cgspan_group_remove(struct cgspan_group *group,
			struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&group->node->lock);

	if (group->dead) {
		NL_SET_ERR_MSG(extack, "there is no such group");
		return -ENOENT;
	}
	if (!group->parent && !group->orphan) {
		NL_SET_ERR_MSG(extack, "the group / cannot be removed");
		return -EINVAL;
	}
	if (!list_empty(&group->children)) {
		NL_SET_ERR_MSG(extack, "the group has subgroups");
		return -EBUSY;
	}
	if (atomic_read(&group->members)) {
		NL_SET_ERR_MSG(extack, "the group has members");
		return -EBUSY;
	}
	if (cgspan_group_tasks(group)) {
		NL_SET_ERR_MSG(extack,
			       "the group has tasks; zombies count too");
		return -EBUSY;
	}
	if (!close_to_grants(group)) {
		NL_SET_ERR_MSG(extack, "the group has grants, or requests that wait for one");
		return -EBUSY;
	}

	unpublish(group);
	cgspan_event_raise(&group->event, CGSPAN_EVENT_GONE);
	cgspan_group_put(group);
	return 0;
}

/**
 * cgspan_group_pin() - keep a group from being removed, for a member
 * @group: the group, referenced
 *
 * Return: 0, or -ENOENT: it has been removed.
 */
int cgspan_group_pin(struct cgspan_group *group)
{
	struct cgspan_node *node = group->node;
	int ret = 0;

	mutex_lock(&node->lock);
	if (group->dead)
		ret = -ENOENT;
	else
		atomic_inc(&group->members);
	mutex_unlock(&node->lock);

	if (!ret)
		atomic_inc(&node->nr_members);
	return ret;
}

void cgspan_group_unpin(struct cgspan_group *group)
{
	atomic_dec(&group->node->nr_members);
	atomic_dec(&group->members);
}

int cgspan_group_create_root(struct cgspan_node *node)
{
	struct cgspan_group *root;
	int ret;

	root = alloc_group(node, NULL, "/", CGSPAN_MAX);
	if (!root)
		return -ENOMEM;

	mutex_lock(&node->lock);
	ret = publish(root);
	if (!ret)
		node->root = root;
	mutex_unlock(&node->lock);
	return ret;
}

/* The node's namespace goes, and its session with it. */
void cgspan_group_doom(struct cgspan_node *node)
{
	struct cgspan_group *group;

	lockdep_assert_held(&node->lock);

	list_for_each_entry(group, &node->groups, all)
		WRITE_ONCE(group->doomed, true);
}

/* Remove a whole tree that has neither members nor tasks. */
void cgspan_group_remove_tree(struct cgspan_group *root)
{
	struct cgspan_node *node = root->node;
	struct cgspan_group *group, *next;

	mutex_lock(&node->lock);
	list_for_each_entry_safe_reverse(group, next, &node->groups, all) {
		if (!cgspan_group_contains(root, group))
			continue;
		unpublish(group);
		cgspan_event_raise(&group->event, CGSPAN_EVENT_GONE);
		cgspan_group_put(group);
	}
	mutex_unlock(&node->lock);
}

/**
 * cgspan_group_orphan_tree() - hand a node's groups to another node
 * @root: the node's root; nobody else can reach the node any more
 * @heir: the other node
 *
 * Its leases are void already. On return nobody sees the old node through a
 * group any more.
 */
void cgspan_group_orphan_tree(struct cgspan_group *root,
			      struct cgspan_node *heir)
{
	struct cgspan_node *node = root->node;
	struct cgspan_group *group;

	mutex_lock(&heir->lock);
	cgspan_debug_remove(root);
	list_for_each_entry(group, &node->groups, all) {
		spin_lock(&paths_lock);
		hash_del_rcu(&group->by_path);
		spin_unlock(&paths_lock);
		WRITE_ONCE(group->orphan, true);
		WRITE_ONCE(group->node, heir);
		cgspan_debug_add(group);
		cgspan_event_raise(&group->event, CGSPAN_EVENT_CHANGED);
	}
	list_splice_tail_init(&node->groups, &heir->groups);
	heir->nr_groups += node->nr_groups;
	cgspan_node_changed(heir);
	mutex_unlock(&heir->lock);

	/* Charges and directories on their way may still see the old node. */
	synchronize_rcu();
	atomic_add(atomic_xchg(&node->nr_members, 0), &heir->nr_members);
}

/* Leases. */

static bool is_root(const struct cgspan_group *group)
{
	return !group->parent;
}

/**
 * cgspan_group_set_lease() - set a lease
 * @share: of which resource of which group; its node is locked
 * @amount: the lease asked for
 * @low: the low-water mark
 * @exhausted: see struct cgspan_counter
 * @used: set to what is used, and reserved, at the same moment
 *
 * Return: the lease that holds now.
 */
u64 cgspan_group_set_lease(struct cgspan_share *share, u64 amount, u64 low,
			   bool exhausted, u64 *used)
{
	struct cgspan_group *top = share->group->top;
	struct cgspan_counter *counter = &share->counter;
	unsigned long flags;
	u64 asked = amount;

	raw_spin_lock_irqsave(&top->lock, flags);
	WRITE_ONCE(counter->low, min_t(u64, low, S64_MAX));
	WRITE_ONCE(counter->exhausted, exhausted);
	amount = cgspan_counter_set(counter, amount);
	*used = cgspan_counter_taken(counter);
	trace_lease_set(share->group, share - share->group->shares, asked);
	raw_spin_unlock_irqrestore(&top->lock, flags);
	cgspan_grant_kick();
	return amount;
}

/**
 * cgspan_group_void_leases() - make all leases of a node 0
 * @node: the node, locked
 *
 * When this returns, no admission under an old lease is still on its way.
 */
void cgspan_group_void_leases(struct cgspan_node *node)
{
	struct cgspan_group *group;
	unsigned long flags;
	int i;

	lockdep_assert_held(&node->lock);

	list_for_each_entry(group, &node->groups, all) {
		if (group->orphan)
			continue;
		raw_spin_lock_irqsave(&group->top->lock, flags);
		for (i = 0; i < __CGSPAN_RES_LAST; i++) {
			cgspan_counter_void(&group->shares[i].counter);
			trace_lease_set(group, i, 0);
		}
		raw_spin_unlock_irqrestore(&group->top->lock, flags);
	}
}

void cgspan_group_set_peers(struct cgspan_share *share,
			    const struct cgspan_peers *peers)
{
	struct cgspan_group *top = share->group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	share->peers = *peers;
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

/*
 * The nearest level up to @until that names a peer speaks for all above it: a
 * node counts what is left there too. Return: whether there is one.
 */
static bool find_peer(struct cgspan_group *group,
		      const struct cgspan_group *until, u32 res,
		      struct cgspan_peers *peers)
{
	unsigned long flags;

	for (; group != until; group = group->parent) {
		raw_spin_lock_irqsave(&group->top->lock, flags);
		*peers = group->shares[res].peers;
		raw_spin_unlock_irqrestore(&group->top->lock, flags);
		if (peers->node[0])
			return true;
	}
	return false;
}

/**
 * cgspan_group_hint() - which other node may have headroom for a request
 * @group: the group asked
 * @amounts: by enum cgspan_resource
 * @lack: what it, or one above it, lacks here
 * @hint: set to what is told of that node and what lacks
 *
 * Of each resource only the node that has the most is known. So the one named
 * has enough of what lacks, and of no other resource asked for has every node
 * too little.
 *
 * Return: false if none is known.
 */
bool cgspan_group_hint(struct cgspan_group *group, const u64 *amounts,
		       const struct cgspan_lack *lack,
		       struct cgspan_peers *hint)
{
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (amounts[res] && find_peer(group, NULL, res, hint) &&
		    hint->headroom < amounts[res])
			return false;
	return find_peer(group, lack->group->parent, lack->res, hint);
}

void cgspan_group_read_refusals(struct cgspan_group *group,
				struct cgspan_refusals *refusals)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&group->top->lock, flags);
	*refusals = group->refusals;
	raw_spin_unlock_irqrestore(&group->top->lock, flags);
}

/* Tasks are charged. Of all else, what grants hold counts as used. */
static u64 used(const struct cgspan_share *share)
{
	if (share == &share->group->shares[CGSPAN_RES_TASKS])
		return cgspan_counter_used(&share->counter);
	return atomic64_read(&share->counter.reserved);
}

void cgspan_group_read(struct cgspan_share *share,
		       struct cgspan_reading *reading)
{
	struct cgspan_group *top = share->group->top;
	struct cgspan_counter *counter = &share->counter;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	*reading = (struct cgspan_reading) {
		.lease = counter->lease,
		.used = used(share),
		.reserved = atomic64_read(&counter->reserved),
		.unspent = atomic64_read(&counter->spare),
		.waiting = share->waiting,
		.peak = atomic64_read(&counter->peak),
		.refusals = atomic64_read(&counter->refusals),
		.asked = counter->asked,
		.low = counter->low,
		.limit = share->limit,
		.exhausted = counter->exhausted,
		.credit = counter->credit,
		.peers = share->peers,
	};
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

static bool held(const struct cgspan_group *group)
{
	return READ_ONCE(group->on_expiry) >= CGSPAN_ON_EXPIRY_HOLD &&
	       cgspan_session_expired(&READ_ONCE(group->node)->session);
}

/* Grants. */

static struct cgspan_counter *counter_of(struct cgspan_group *group, u32 res)
{
	return &group->shares[res].counter;
}

static bool lacks(struct cgspan_group *group, const u64 *amounts,
		  struct cgspan_lack *lack)
{
	struct cgspan_counter *c;
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		if (!amounts[res])
			continue;
		c = cgspan_counter_lacking(counter_of(group, res),
					   amounts[res], &lack->missing);
		if (!c)
			continue;
		lack->group = container_of(c, struct cgspan_share,
					   counter)->group;
		lack->res = res;
		return true;
	}
	return false;
}

static void give_back(struct cgspan_group *group, const u64 *amounts, u32 end,
		      u64 spent)
{
	u32 res;

	for (res = 0; res < end; res++)
		if (amounts[res])
			cgspan_counter_unreserve(counter_of(group, res),
						 amounts[res], amounts[res] -
						 (res ? 0 : spent));
}

/* Return: false if another top-level group took what the root still had. */
static bool take(struct cgspan_group *group, const u64 *amounts)
{
	u32 res;

	BUILD_BUG_ON(CGSPAN_RES_TASKS);

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		if (!amounts[res] ||
		    cgspan_counter_reserve(counter_of(group, res), amounts[res]))
			continue;
		give_back(group, amounts, res, 0);
		return false;
	}
	return true;
}

static void note(struct cgspan_group *group, struct cgspan_group *by, u32 res,
		 u64 n, enum cgspan_reason reason)
{
	cgspan_refusal_note(&group->refusals, by->depth, res, reason);
	trace_refuse(group, by, res, n, reason);
}

static void refuse_grant(struct cgspan_group *group, const u64 *amounts,
			 const struct cgspan_lack *lack)
{
	cgspan_counter_refuse(counter_of(lack->group, lack->res),
			      amounts[lack->res]);
	note(group, lack->group, lack->res, amounts[lack->res],
	     CGSPAN_REASON_LEASE);
}

static void tell_grant(struct cgspan_group *group, const u64 *amounts)
{
	u32 res;

	if (!trace_admit_enabled())
		return;
	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (amounts[res])
			trace_admit(group, res, amounts[res]);
}

/* With the top's lock held. */
static int reserve(struct cgspan_group *group, const u64 *amounts,
		   enum cgspan_group_try how, struct cgspan_lack *lack)
{
	if (group->dead)
		return -ENOENT;
	if (held(group))
		return -ESTALE;

	do {
		if (lacks(group, amounts, lack)) {
			if (how == CGSPAN_TRY)
				refuse_grant(group, amounts, lack);
			return -EAGAIN;
		}
	} while (how != CGSPAN_TRY_DRY && !take(group, amounts));

	if (how != CGSPAN_TRY_DRY) {
		group->grants++;
		tell_grant(group, amounts);
	}
	return 0;
}

/**
 * cgspan_group_reserve() - reserve all of several amounts, or nothing
 * @group: the group
 * @amounts: by enum cgspan_resource
 * @how: what becomes of it
 * @lack: filled where headroom lacks
 *
 * Return: 0; -EAGAIN: headroom lacks; -ESTALE: the session has expired, and
 * the group holds; -ENOENT: the group has been removed.
 */
int cgspan_group_reserve(struct cgspan_group *group, const u64 *amounts,
			 enum cgspan_group_try how, struct cgspan_lack *lack)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&top->lock, flags);
	ret = reserve(group, amounts, how, lack);
	raw_spin_unlock_irqrestore(&top->lock, flags);
	return ret;
}

/* Do grants hold anything in it, or below? */
bool cgspan_group_reserved(const struct cgspan_group *group)
{
	int res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (atomic64_read(&group->shares[res].counter.reserved))
			return true;
	return false;
}

/**
 * cgspan_group_unreserve() - give reserved amounts back
 * @group: the group
 * @amounts: as they were reserved
 * @spent: so many of the tasks are charged: these stay
 */
void cgspan_group_unreserve(struct cgspan_group *group, const u64 *amounts,
			    u64 spent)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	give_back(group, amounts, __CGSPAN_RES_LAST, spent);
	group->grants--;
	raw_spin_unlock_irqrestore(&top->lock, flags);
	cgspan_grant_kick();
}

/* A request begins to wait in the queue: 0, or -ENOENT. */
int cgspan_group_wait(struct cgspan_group *group, const u64 *amounts)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int res, ret = 0;

	raw_spin_lock_irqsave(&top->lock, flags);
	if (group->dead) {
		ret = -ENOENT;
	} else {
		group->grants++;
		for (res = 0; res < __CGSPAN_RES_LAST; res++)
			group->shares[res].waiting += amounts[res];
	}
	raw_spin_unlock_irqrestore(&top->lock, flags);
	return ret;
}

/* It waits no more, whatever has become of it. */
void cgspan_group_unwait(struct cgspan_group *group, const u64 *amounts)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;
	int res;

	raw_spin_lock_irqsave(&top->lock, flags);
	group->grants--;
	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		group->shares[res].waiting -= amounts[res];
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

/* Tasks. */

static struct cgspan_counter *tasks_of(struct cgspan_group *group)
{
	return group ? &group->shares[CGSPAN_RES_TASKS].counter : NULL;
}

/* Under the top's lock, but for the root. */
static void add(struct cgspan_group *group, enum cgspan_group_stat stat, s64 n)
{
	atomic64_t *v = &group->stats[stat];

	if (is_root(group))
		atomic64_add(n, v);
	else
		atomic64_set(v, atomic64_read(v) + n);
}

/* Up the chain to below @until. */
static void count(struct cgspan_group *group, const struct cgspan_group *until,
		  enum cgspan_group_stat stat, s64 n)
{
	for (; group != until; group = group->parent)
		add(group, stat, n);
}

/* What encloses a group never has less, so most of the time one look is all. */
static void raise_rss(struct cgspan_group *group, s64 rss)
{
	atomic64_t *v;
	s64 now;

	for (; group; group = group->parent) {
		v = &group->stats[CGSPAN_STAT_MAX_RSS];
		now = atomic64_read(v);
		do {
			if (now >= rss)
				return;
		} while (!atomic64_try_cmpxchg(v, &now, rss));
	}
}

/*
 * Where on the way up from @group to before @until a grant's reserve begins to
 * pay for a task; @until: nowhere, as it was given elsewhere.
 */
static struct cgspan_group *payer(struct cgspan_group *group,
				  struct cgspan_group *until,
				  const struct cgspan_grant *grant)
{
	if (!grant || !cgspan_group_contains(grant->group, group) ||
	    (until && cgspan_group_contains(grant->group, until)))
		return until;
	return grant->group;
}

/* Charges a task to a group, whatever the leases say. */
static void charge(struct cgspan_group *group, struct cgspan_group *until,
		   struct cgspan_grant *grant)
{
	struct cgspan_group *from = payer(group, until, grant);

	if (from != until && !cgspan_grant_add_task(grant))
		from = until;
	cgspan_counter_charge(tasks_of(group), tasks_of(from), 1);
	if (from != until)
		cgspan_counter_spend(tasks_of(from), tasks_of(until), 1);
	if (!trace_debt_enabled())
		return;
	for (; group != until; group = group->parent)
		if (cgspan_group_tasks(group) > READ_ONCE(tasks_of(group)->lease))
			trace_debt(group, CGSPAN_RES_TASKS, 1);
}

static void uncharge(struct cgspan_group *group, struct cgspan_group *until,
		     struct cgspan_grant *grant)
{
	struct cgspan_group *from = payer(group, until, grant);

	if (from != until && !cgspan_grant_del_task(grant))
		from = until;
	cgspan_counter_uncharge(tasks_of(group), tasks_of(from), 1);
	if (from != until)
		cgspan_counter_unspend(tasks_of(from), tasks_of(until), 1);
}

static void refuse(struct cgspan_group *group, struct cgspan_group *by,
		   enum cgspan_reason reason)
{
	count(group, NULL, CGSPAN_STAT_REFUSALS, 1);
	note(group, by, CGSPAN_RES_TASKS, 1, reason);
}

/* What the leases do not refuse; those above a reserve are not asked again. */
static struct cgspan_counter *try_spend(struct cgspan_group *group,
					struct cgspan_grant *grant)
{
	struct cgspan_group *from = payer(group, NULL, grant);
	bool pays = from && cgspan_grant_add_task(grant);
	struct cgspan_counter *by;

	by = cgspan_counter_try_charge(tasks_of(group),
				       tasks_of(pays ? from : NULL), 1);
	if (by && from)
		cgspan_grant_del_task(grant);
	else if (pays)
		cgspan_counter_spend(tasks_of(from), NULL, 1);
	return by;
}

/* A subgroup's on_expiry is never weaker, so the innermost one decides. */
static int try_charge(struct cgspan_group *group, struct cgspan_grant *grant)
{
	struct cgspan_counter *by;

	if (held(group)) {
		refuse(group, group, CGSPAN_REASON_EXPIRED);
		return -EAGAIN;
	}
	by = try_spend(group, grant);
	if (by) {
		refuse(group, container_of(by, struct cgspan_share, counter)->group,
		       READ_ONCE(group->orphan) ? CGSPAN_REASON_ORPHAN :
						  CGSPAN_REASON_LEASE);
		return -EAGAIN;
	}
	trace_admit(group, CGSPAN_RES_TASKS, 1);
	return 0;
}

/* From here on all are called with a record locked, so interrupts are off. */

/**
 * cgspan_group_fork() - a task is about to be forked into a group
 * @group: the group
 * @force: charge it, whatever the leases say
 * @grant: whose reserve it may spend; NULL: none
 *
 * Return: 0 if it may, -EAGAIN if not.
 */
int cgspan_group_fork(struct cgspan_group *group, bool force,
		      struct cgspan_grant *grant)
{
	struct cgspan_group *top = group->top;
	int ret = 0;

	raw_spin_lock(&top->lock);
	if (force)
		charge(group, NULL, grant);
	else
		ret = try_charge(group, grant);
	if (!ret)
		count(group, NULL, CGSPAN_STAT_FORKS, 1);
	raw_spin_unlock(&top->lock);
	return ret;
}

/* The fork failed later on: it never was. */
void cgspan_group_unfork(struct cgspan_group *group,
			 struct cgspan_grant *grant)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	uncharge(group, NULL, grant);
	count(group, NULL, CGSPAN_STAT_FORKS, -1);
	raw_spin_unlock(&top->lock);
	cgspan_grant_kick();
}

void cgspan_group_exec(struct cgspan_group *group)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	count(group, NULL, CGSPAN_STAT_EXECS, 1);
	raw_spin_unlock(&top->lock);
}

/* A task does not live any more, but stays charged until it is reaped. */
void cgspan_group_exit(struct cgspan_group *group)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	count(group, NULL, CGSPAN_STAT_EXITS, 1);
	raw_spin_unlock(&top->lock);
}

static struct cgspan_group *common(struct cgspan_group *a,
				   struct cgspan_group *b)
{
	while (a && b && a != b) {
		if (a->depth >= b->depth)
			a = a->parent;
		else
			b = b->parent;
	}
	return a && b ? a : NULL;
}

static __always_inline void leave(struct cgspan_group *group,
				  struct cgspan_group *until, bool live,
				  bool ended, struct cgspan_grant *grant)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	uncharge(group, until, grant);
	if (live)
		count(group, until, CGSPAN_STAT_JOINED, -1);
	if (ended)
		count(group, until, CGSPAN_STAT_EXITS, 1);
	raw_spin_unlock(&top->lock);
	cgspan_grant_kick();
}

/**
 * cgspan_group_move() - a task that is charged to one group belongs to another
 * @from: where it is charged; NULL: nowhere
 * @to: where it belongs; NULL: nowhere
 * @live: it has not exited
 * @grant: whose reserve it may spend, or has spent; NULL: none
 *
 * Never refused. What encloses both groups does not change, not even for a
 * moment: otherwise somebody else could be admitted in between.
 */
void cgspan_group_move(struct cgspan_group *from, struct cgspan_group *to,
		       bool live, struct cgspan_grant *grant)
{
	struct cgspan_group *until = common(from, to);

	if (to) {
		raw_spin_lock(&to->top->lock);
		charge(to, until, grant);
		if (live)
			count(to, until, CGSPAN_STAT_JOINED, 1);
		raw_spin_unlock(&to->top->lock);
	}
	if (from)
		leave(from, until, live, false, grant);
}

/**
 * cgspan_group_leave() - a task is not charged any more
 * @group: where it is charged
 * @live: it has not exited: it is counted elsewhere from now on, or nowhere
 * @ended: it has, and that has not been counted
 * @grant: whose reserve it has spent; NULL: none
 */
void cgspan_group_leave(struct cgspan_group *group, bool live, bool ended,
			struct cgspan_grant *grant)
{
	leave(group, NULL, live, ended, grant);
}

/**
 * cgspan_group_use() - count what a task has used
 * @group: the group; the caller keeps it, and what encloses it, alive
 * @usage: how much more than before
 * @max_rss: the most memory that a process which has ended had; else 0
 */
void cgspan_group_use(struct cgspan_group *group,
		      const struct cgspan_usage *usage, u64 max_rss)
{
	struct cgspan_group *top = group->top, *g;

	raw_spin_lock(&top->lock);
	for (g = group; g; g = g->parent) {
		add(g, CGSPAN_STAT_CPU, usage->cpu);
		add(g, CGSPAN_STAT_VOLUNTARY, usage->voluntary);
	}
	/* Rare, with tasks that live as short as ours may. */
	if (usage->involuntary)
		count(group, NULL, CGSPAN_STAT_INVOLUNTARY, usage->involuntary);
	if (usage->major_faults)
		count(group, NULL, CGSPAN_STAT_MAJOR_FAULTS,
		      usage->major_faults);
	raise_rss(group, max_rss);
	raw_spin_unlock(&top->lock);
}

/* Count something else, up to the root. */
void cgspan_group_count(struct cgspan_group *group, enum cgspan_group_stat stat,
			s64 n)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	count(group, NULL, stat, n);
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

#ifdef CGSPAN_SELFTEST
#include "selftest/group.c"
#endif
