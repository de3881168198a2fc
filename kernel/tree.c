// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of groups: create, look up, reference, remove.
 *
 * Locks, outermost first; those of queues and reserves are in kernel/README.md:
 *   the bind lock		bind.c
 *   a tree's lock
 *   cgroup_mutex, cgroup_threadgroup_rwsem, trace_cgroup_path_lock
 *   the lock of members	place.c
 *   a bucket of the task table	task.c
 *   a top-level group's lock	one at a time
 *
 * A group is freed a grace period after its last reference. It references its
 * parent, and cannot be removed while it has members, subgroups, grants or
 * charged tasks. So code that uses one of these, or has found one under RCU, may
 * use the group and its ancestors.
 */
#include "tree.h"

#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/xarray.h>

/* All groups of all trees by id. Parents have lower ids than their subgroups. */
static DEFINE_XARRAY(ids);
static atomic64_t last_id = ATOMIC64_INIT(1);

/* Groups but orphans by tree, path; changed under a tree's lock and paths_lock. */
static DEFINE_HASHTABLE(paths, 12);
static DEFINE_SPINLOCK(paths_lock);

/* Callbacks, which are added while the module initialises: before the first group. */
static LIST_HEAD(observers);

void cgspan_tree_observe(struct cgspan_tree_observer *observer)
{
	list_add_tail(&observer->list, &observers);
}

static void tell_born(struct cgspan_group *group)
{
	struct cgspan_tree_observer *observer;

	list_for_each_entry(observer, &observers, list)
		observer->born(group);
}

static void tell_gone(struct cgspan_group *group)
{
	struct cgspan_tree_observer *observer;

	list_for_each_entry(observer, &observers, list)
		observer->gone(group);
}

/* A group, or a member, has come or gone: running dumps of them are inconsistent. */
void cgspan_tree_changed(atomic_t *gen)
{
	/* Skip 0: netlink takes a sequence number of 0 for the first part of a dump. */
	if (!atomic_inc_return(gen))
		atomic_inc(gen);
}

void cgspan_tree_setup(struct cgspan_tree *tree, u32 inum)
{
	mutex_init(&tree->lock);
	INIT_LIST_HEAD(&tree->groups);
	atomic_set(&tree->gen, 1);
	atomic_set(&tree->member_gen, 1);
	tree->inum = inum;
}

static void get(struct cgspan_event *event)
{
	kref_get(&container_of(event, struct cgspan_group, event)->ref);
}

static void put(struct cgspan_event *event)
{
	cgspan_group_put(container_of(event, struct cgspan_group, event));
}

struct cgspan_event_type cgspan_group_events = { .get = get, .put = put };

/* Lookup. */

static u32 path_hash(const struct cgspan_tree *tree, const char *path)
{
	return full_name_hash(tree, path, strlen(path));
}

/**
 * cgspan_group_get_by_path() - find a group of a tree
 * @tree: the tree
 * @path: its path
 *
 * Return: the group, referenced, or NULL. Orphans are not found by path.
 */
struct cgspan_group *cgspan_group_get_by_path(struct cgspan_tree *tree,
					      const char *path)
{
	struct cgspan_group *group;

	rcu_read_lock();
	hash_for_each_possible_rcu(paths, group, by_path,
				   path_hash(tree, path)) {
		if (READ_ONCE(group->tree) != tree ||
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
 * cgspan_group_get_by_id() - find a group of a tree
 * @tree: the tree
 * @id: as cgspan_group_id() returns it: 1 is "/"
 *
 * Return: the group, referenced, or NULL.
 */
struct cgspan_group *cgspan_group_get_by_id(struct cgspan_tree *tree, u64 id)
{
	struct cgspan_group *group;

	rcu_read_lock();
	group = id == 1 ? tree->root : xa_load(&ids, id);
	if (group && (READ_ONCE(group->tree) != tree ||
		      cgspan_group_id(group) != id ||
		      !kref_get_unless_zero(&group->ref)))
		group = NULL;
	rcu_read_unlock();
	return group;
}

/**
 * cgspan_group_next() - walk the groups of a tree, parents first
 * @tree: the tree; NULL: all trees
 * @id: the id to continue at; 0 in the beginning; set to that after this group
 *
 * Return: a group, referenced, or NULL at the end.
 */
struct cgspan_group *cgspan_group_next(struct cgspan_tree *tree, u64 *id)
{
	struct cgspan_group *group;
	unsigned long index = *id;

	rcu_read_lock();
	xa_for_each_start(&ids, index, group, index) {
		if (tree && READ_ONCE(group->tree) != tree)
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
	kfree(group->queue);
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

/* Is @inner this group, or below it? */
bool cgspan_group_contains(const struct cgspan_group *group,
			   const struct cgspan_group *inner)
{
	while (inner && inner->depth > group->depth)
		inner = inner->parent;
	return inner == group;
}

/**
 * cgspan_tree_close() - admit nothing in a tree from now on
 * @tree: the tree, locked
 *
 * On return no admission is in progress. To reopen, clear @tree->closing.
 */
void cgspan_tree_close(struct cgspan_tree *tree)
{
	struct cgspan_group *group;

	lockdep_assert_held(&tree->lock);

	WRITE_ONCE(tree->closing, true);
	list_for_each_entry(group, &tree->groups, all)
		if (group->top == group) {
			raw_spin_lock_irq(&group->lock);
			raw_spin_unlock_irq(&group->lock);
		}
}

/* Creation and removal. */

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

/* Return: 0 if @path is a valid path of a group, else an error. */
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

static struct cgspan_group *alloc_group(struct cgspan_tree *tree,
					struct cgspan_group *parent,
					const char *path, u64 lease)
{
	struct cgspan_group *group;
	size_t size = strlen(path) + 1;

	group = kzalloc(struct_size(group, path, size), GFP_KERNEL_ACCOUNT);
	if (!group)
		return NULL;

	memcpy(group->path, path, size);
	group->tree = tree;
	group->parent = parent;
	group->top = parent && parent->parent ? parent->top : group;
	group->depth = parent ? parent->depth + 1 : 0;
	group->event.type = &cgspan_group_events;
	raw_spin_lock_init(&group->lock);
	kref_init(&group->ref);
	INIT_LIST_HEAD(&group->children);
	init_shares(group, lease);
	return group;
}

/* Make a group visible; if that fails, free it. */
static int publish(struct cgspan_group *group)
{
	struct cgspan_tree *tree = group->tree;
	int ret;

	lockdep_assert_held(&tree->lock);

	group->id = atomic64_inc_return(&last_id);
	ret = xa_insert(&ids, group->id, group, GFP_KERNEL_ACCOUNT);
	if (ret) {
		kfree(group);
		return ret;
	}

	spin_lock(&paths_lock);
	hash_add_rcu(paths, &group->by_path, path_hash(tree, group->path));
	spin_unlock(&paths_lock);

	if (group->parent) {
		kref_get(&group->parent->ref);
		list_add_tail(&group->sibling, &group->parent->children);
	}
	list_add_tail(&group->all, &tree->groups);
	tree->nr_groups++;
	cgspan_tree_changed(&tree->gen);
	tell_born(group);
	return 0;
}

static void unpublish(struct cgspan_group *group)
{
	struct cgspan_tree *tree = group->tree;

	lockdep_assert_held(&tree->lock);

	group->dead = true;
	tell_gone(group);
	xa_erase(&ids, group->id);
	if (!group->orphan) {
		spin_lock(&paths_lock);
		hash_del_rcu(&group->by_path);
		spin_unlock(&paths_lock);
	}
	if (group->parent)
		list_del(&group->sibling);
	list_del(&group->all);
	tree->nr_groups--;
	cgspan_tree_changed(&tree->gen);
}

static struct cgspan_group *find_parent(struct cgspan_tree *tree,
					const char *path)
{
	struct cgspan_group *parent;
	size_t len = strrchr(path, '/') - path;
	char *name;

	name = len ? kmemdup_nul(path, len, GFP_KERNEL) :
		     kstrdup("/", GFP_KERNEL);
	if (!name)
		return ERR_PTR(-ENOMEM);

	parent = cgspan_group_get_by_path(tree, name);
	kfree(name);
	return parent;
}

/* Context: the tree's lock is held, so that the answer stays true. */
static bool exists(struct cgspan_tree *tree, const char *path)
{
	struct cgspan_group *group = cgspan_group_get_by_path(tree, path);

	if (group)
		cgspan_group_put(group);
	return group;
}

/**
 * cgspan_group_create() - create a group; the caller raises CGSPAN_EVENT_CHANGED
 * @tree: the tree, locked
 * @path: as cgspan_group_check_path() allows it
 * @on_expiry: enum cgspan_on_expiry; -1: the parent's
 * @extack: the reason of a refusal
 *
 * Return: the group, or an ERR_PTR. Valid while the tree is locked; take a
 * reference to keep it longer.
 */
struct cgspan_group *cgspan_group_create(struct cgspan_tree *tree,
					 const char *path, int on_expiry,
					 struct netlink_ext_ack *extack)
{
	struct cgspan_group *parent, *group;
	int ret;

	lockdep_assert_held(&tree->lock);

	if (exists(tree, path)) {
		NL_SET_ERR_MSG(extack, "the group exists already");
		return ERR_PTR(-EEXIST);
	}

	parent = find_parent(tree, path);
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
	group = alloc_group(tree, parent, path,
			    tree->epoch ? 0 : CGSPAN_MAX);
	if (!group)
		goto put;
	group->on_expiry = on_expiry;

	ret = publish(group);
	if (ret)
		goto put;

	cgspan_group_put(parent);
	tree->used = true;
	return group;

put:
	cgspan_group_put(parent);
	return ERR_PTR(ret);
}

/* Change on_expiry, which is what happens to a group after the deadline. */
int cgspan_group_set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack)
{
	struct cgspan_group *child;

	lockdep_assert_held(&group->tree->lock);

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

/* Mark a group dead if it has no tasks and no grants: then it gets none. */
static int close_group(struct cgspan_group *group, struct netlink_ext_ack *extack)
{
	unsigned long flags;
	int ret = -EBUSY;

	raw_spin_lock_irqsave(&group->top->lock, flags);
	if (cgspan_group_tasks(group)) {
		NL_SET_ERR_MSG(extack,
			       "the group has tasks; zombies count too");
	} else if (group->grants) {
		NL_SET_ERR_MSG(extack,
			       "the group has grants, or requests that wait for one");
	} else {
		group->dead = true;
		ret = 0;
	}
	raw_spin_unlock_irqrestore(&group->top->lock, flags);
	return ret;
}

/* Remove a group; refuse if it has subgroups, members, tasks, grants or requests. */
int cgspan_group_remove(struct cgspan_group *group,
			struct netlink_ext_ack *extack)
{
	int ret;

	lockdep_assert_held(&group->tree->lock);

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
	ret = close_group(group, extack);
	if (ret)
		return ret;

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
	struct cgspan_tree *tree = group->tree;
	int ret = 0;

	mutex_lock(&tree->lock);
	if (group->dead)
		ret = -ENOENT;
	else
		atomic_inc(&group->members);
	tree->used = true;
	mutex_unlock(&tree->lock);

	if (!ret)
		atomic_inc(&tree->nr_members);
	return ret;
}

void cgspan_group_unpin(struct cgspan_group *group)
{
	atomic_dec(&group->tree->nr_members);
	atomic_dec(&group->members);
}

int cgspan_group_create_root(struct cgspan_tree *tree)
{
	struct cgspan_group *root;
	int ret;

	root = alloc_group(tree, NULL, "/", CGSPAN_MAX);
	if (!root)
		return -ENOMEM;

	mutex_lock(&tree->lock);
	ret = publish(root);
	if (!ret)
		tree->root = root;
	mutex_unlock(&tree->lock);
	return ret;
}

/* Mark all groups expired: the network namespace ends, and its node had joined. */
void cgspan_group_expire_all(struct cgspan_tree *tree)
{
	struct cgspan_group *group;

	lockdep_assert_held(&tree->lock);

	list_for_each_entry(group, &tree->groups, all)
		WRITE_ONCE(group->expired, true);
}

/* Remove a root and all groups below it, which have neither members nor tasks. */
void cgspan_group_remove_tree(struct cgspan_group *root)
{
	struct cgspan_tree *tree = root->tree;
	struct cgspan_group *group, *next;

	mutex_lock(&tree->lock);
	list_for_each_entry_safe_reverse(group, next, &tree->groups, all) {
		if (!cgspan_group_contains(root, group))
			continue;
		unpublish(group);
		/* A "/" that is no orphan ends with its network namespace. */
		if (group->parent || group->orphan)
			cgspan_event_raise(&group->event, CGSPAN_EVENT_GONE);
		cgspan_group_put(group);
	}
	mutex_unlock(&tree->lock);
}

/**
 * cgspan_group_orphan_tree() - move the groups of a network namespace that ends
 * @root: the root of the namespace; no request reaches it, its leases are void
 * @new_tree: the tree that gets the groups: that of the initial network namespace
 *
 * On return no group refers to the old tree. Context: may sleep.
 */
void cgspan_group_orphan_tree(struct cgspan_group *root,
			      struct cgspan_tree *new_tree)
{
	struct cgspan_tree *tree = root->tree;
	struct cgspan_group *group;

	mutex_lock(&new_tree->lock);
	tell_gone(root);
	list_for_each_entry(group, &tree->groups, all) {
		spin_lock(&paths_lock);
		hash_del_rcu(&group->by_path);
		spin_unlock(&paths_lock);
		WRITE_ONCE(group->orphan, true);
		WRITE_ONCE(group->tree, new_tree);
		tell_born(group);
		cgspan_event_raise(&group->event, CGSPAN_EVENT_CHANGED);
	}
	list_splice_tail_init(&tree->groups, &new_tree->groups);
	new_tree->nr_groups += tree->nr_groups;
	cgspan_tree_changed(&new_tree->gen);
	cgspan_tree_changed(&new_tree->member_gen);
	mutex_unlock(&new_tree->lock);

	/* Charges and directory probes may still read the old tree: wait for them. */
	synchronize_rcu();
	atomic_add(atomic_xchg(&tree->nr_members, 0), &new_tree->nr_members);
}
