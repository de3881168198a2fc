// SPDX-License-Identifier: GPL-2.0
/*
 * Places: which group a cgroup belongs to.
 *
 * Members have a tree of paths and a table of directory ids. Charges look up the
 * table without a lock. Directories come and go; the probes of mkdir and rmdir
 * take only the lock of members, which is raw and protects the tree, the table, and
 * the members' states. Cgroups of version 2 are never renamed, so nesting can be
 * read from the paths, also while a directory does not exist.
 */
#include "place.h"

#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/hashtable.h>
#include <linux/memcontrol.h>
#include <linux/netlink.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/string.h>

/*
 * How many members measure_some() and next_of_some() visit at most with interrupts
 * off. cgspan_place_collect() visits all, and claim() and change_outer() all inside
 * one directory: only privileged requests make these many.
 */
#define WALK_CHUNK	256

static DEFINE_RAW_SPINLOCK(lock);
static struct rb_root paths = RB_ROOT;
static DEFINE_HASHTABLE(ids, 12);
/* Lock-free readers retry: a member may move to the bucket of a new directory. */
static seqcount_raw_spinlock_t moves =
	SEQCNT_RAW_SPINLOCK_ZERO(moves, &lock);
/*
 * Number of members in @ids; bounds of the levels of their cgroups, which only
 * widen until @ids is empty; number of members in @paths.
 */
static unsigned int published;
static int shallowest = INT_MAX;
static int deepest = -1;
static unsigned int total;

/* Written once, when the module is loaded: before the first member. */
static void (*on_empty)(void);

/* The tree of paths: a directory is directly followed by members inside it. */

static int rank(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

/* Compare the @len bytes at @a, which are a whole path or name, with string @b. */
static int compare(const char *a, size_t len, const char *b)
{
	for (; len && *a == *b; len--, a++, b++)
		;
	return (len ? rank(*a) : 0) - rank(*b);
}

static struct cgspan_member *find_path(const char *path, size_t len)
{
	struct rb_node *rb = paths.rb_node;
	struct cgspan_member *member;
	int diff;

	while (rb) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		diff = compare(path, len, member->path);
		if (!diff)
			return member;
		rb = diff < 0 ? rb->rb_left : rb->rb_right;
	}
	return NULL;
}

/* compare() of the path of @cgrp, which is not built as a string, with @path. */
static int compare_cgroup(struct cgroup *cgrp, const char *path)
{
	int level, diff;
	size_t len;

	for (level = 1; level <= cgrp->level; level++) {
		const char *name = cgroup_ancestor(cgrp, level)->kn->name;

		if (!*path)
			return 1;
		path++;
		len = strcspn(path, "/");
		diff = -compare(path, len, name);
		if (diff)
			return diff;
		path += len;
	}
	return *path ? -1 : 0;
}

static struct cgspan_member *find_cgroup(struct cgroup *cgrp)
{
	struct rb_node *rb = paths.rb_node;
	struct cgspan_member *member;
	int diff;

	while (rb) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		diff = compare_cgroup(cgrp, member->path);
		if (!diff)
			return member;
		rb = diff < 0 ? rb->rb_left : rb->rb_right;
	}
	return NULL;
}

static struct cgspan_member *next_inside(struct cgspan_member *outer,
					 struct cgspan_member *member)
{
	struct rb_node *rb = rb_next(&member->by_path);
	size_t len = strlen(outer->path);

	if (!rb)
		return NULL;
	member = rb_entry(rb, struct cgspan_member, by_path);
	if (strncmp(member->path, outer->path, len) || member->path[len] != '/')
		return NULL;
	return member;
}

static struct cgspan_member *find_enclosing(const char *path)
{
	struct cgspan_member *member = NULL;
	size_t len = strlen(path);

	while (len && !member) {
		while (path[--len] != '/')
			;
		member = find_path(path, len);
	}
	return member;
}

/* Return: the first member cgroup behind @path; @path NULL: the first of all. */
static struct rb_node *first_after(const char *path)
{
	struct rb_node *rb = paths.rb_node, *found = NULL;
	struct cgspan_member *member;

	while (rb) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if (!path || compare(path, strlen(path), member->path) < 0) {
			found = rb;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	return found;
}

static void insert_path(struct cgspan_member *member)
{
	struct rb_node **link = &paths.rb_node, *parent = NULL;
	size_t len = strlen(member->path);

	while (*link) {
		parent = *link;
		link = compare(member->path, len,
			       rb_entry(parent, struct cgspan_member,
					by_path)->path) < 0 ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&member->by_path, parent, link);
	rb_insert_color(&member->by_path, &paths);
	total++;
}

/* Of member cgroups inside @member, change an @outer that is @from to @to. */
static void change_outer(struct cgspan_member *member,
			 struct cgspan_member *from, struct cgspan_member *to)
{
	struct cgspan_member *inner = member;

	while ((inner = next_inside(member, inner)))
		if (inner->outer == from)
			inner->outer = to;
}

static void remove_path(struct cgspan_member *member)
{
	change_outer(member, member, member->outer);
	rb_erase(&member->by_path, &paths);
	total--;
}

/* Return: group of the next outer member whose memory includes @member's, or NULL. */
static const struct cgspan_group *counted_until(struct cgspan_member *member)
{
	struct cgspan_member *outer = member->outer;

	while (outer && (outer->state != CGSPAN_MEMBER_BOUND || !outer->cgrp))
		outer = outer->outer;
	return outer ? outer->group : NULL;
}

/*
 * The root cgroup, and cgroups without a memory controller, have no memory.current:
 * they are unmeasured. The lock is held, which is an RCU section.
 */
static void read_memory(struct cgroup *cgrp, struct cgspan_memory *memory)
{
	struct cgroup_subsys_state *css = NULL;

	*memory = (struct cgspan_memory) {};
#ifdef CONFIG_MEMCG
	if (cgroup_parent(cgrp))
		css = rcu_dereference_sched(cgrp->subsys[memory_cgrp_id]);
	if (css) {
		struct page_counter *counter = &mem_cgroup_from_css(css)->memory;

		memory->used = (u64)page_counter_read(counter) << PAGE_SHIFT;
		memory->peak = (u64)READ_ONCE(counter->watermark) << PAGE_SHIFT;
	}
#endif
	memory->unmeasured = !css;
}

/* Add the change of a member's memory to its group and the ancestors below @until. */
static void count_memory(struct cgspan_member *member,
			 const struct cgspan_memory *memory,
			 const struct cgspan_group *until)
{
	struct cgspan_memory *old = &member->memory, *sum;
	struct cgspan_group *group;

	lockdep_assert_held(&lock);

	for (group = member->group; group != until; group = group->parent) {
		sum = &group->memory;
		WRITE_ONCE(sum->used, sum->used + memory->used - old->used);
		WRITE_ONCE(sum->peak, sum->peak + memory->peak - old->peak);
		WRITE_ONCE(sum->unmeasured, sum->unmeasured +
			   memory->unmeasured - old->unmeasured);
	}
	*old = *memory;
	member->until = until;
}

static void forget_memory(struct cgspan_member *member)
{
	static const struct cgspan_memory none;

	count_memory(member, &none, member->until);
}

static void measure(struct cgspan_member *member)
{
	const struct cgspan_group *until = counted_until(member);
	struct cgspan_memory memory;

	if (member->state != CGSPAN_MEMBER_BOUND || !member->cgrp)
		return;
	if (until != member->until)
		forget_memory(member);
	read_memory(member->cgrp, &memory);
	if (memcmp(&memory, &member->memory, sizeof(memory)) ||
	    until != member->until)
		count_memory(member, &memory, until);
}

static void publish(struct cgspan_member *member)
{
	lockdep_assert_held(&lock);

	if (!member->id)
		return;
	write_seqcount_begin(&moves);
	hash_add_rcu(ids, &member->by_id, member->id);
	published++;
	shallowest = min(shallowest, member->cgrp->level);
	deepest = max(deepest, member->cgrp->level);
	write_seqcount_end(&moves);
}

static void unpublish(struct cgspan_member *member)
{
	lockdep_assert_held(&lock);

	if (!hash_hashed(&member->by_id))
		return;
	write_seqcount_begin(&moves);
	hash_del_rcu(&member->by_id);
	INIT_HLIST_NODE(&member->by_id);
	if (!--published) {
		shallowest = INT_MAX;
		deepest = -1;
	}
	write_seqcount_end(&moves);
}

/* End a member: its path is free. The caller gets the reference that @paths had. */
static void retire(struct cgspan_member *member)
{
	lockdep_assert_held(&lock);

	forget_memory(member);
	unpublish(member);
	remove_path(member);
	member->state = CGSPAN_MEMBER_GONE;
	cgspan_group_unpin(member->group);
	cgspan_tree_changed(&member->group->tree->member_gen);
}

static void release(struct kref *ref)
{
	struct cgspan_member *member =
		container_of(ref, struct cgspan_member, ref);

	if (member->freezer)
		fput(member->freezer);
	if (member->cgrp)
		cgroup_put(member->cgrp);
	cgspan_group_put(member->group);
	kfree_rcu(member, rcu);
}

void cgspan_member_put(struct cgspan_member *member)
{
	kref_put(&member->ref, release);
}

static struct cgspan_group *group_at(struct cgroup *cgrp)
{
	u64 id = cgroup_id(cgrp);
	struct cgspan_member *member;

	hash_for_each_possible_rcu(ids, member, by_id, id)
		if (READ_ONCE(member->id) == id)
			return member->group;
	return NULL;
}

/**
 * cgspan_place_group() - the group that a cgroup belongs to
 * @cgrp: the cgroup
 *
 * Context: an RCU section.
 *
 * Return: the group of the innermost member that is or encloses it, or NULL.
 */
struct cgspan_group *cgspan_place_group(struct cgroup *cgrp)
{
	struct cgspan_group *group;
	unsigned int seq;
	int level;

	do {
		seq = read_seqcount_begin(&moves);
		group = NULL;
		for (level = min(cgrp->level, deepest);
		     level >= shallowest && !group; level--)
			group = group_at(cgrp->ancestors[level]);
	} while (read_seqcount_retry(&moves, seq));

	return group;
}

/* Measure some members after *@last; set it to the last. Return: false at the end. */
static bool measure_some(struct cgspan_member **last,
			 const struct cgspan_group *within)
{
	struct cgspan_member *member = NULL, *before = *last;
	unsigned long flags;
	struct rb_node *rb;
	int n = 0;

	raw_spin_lock_irqsave(&lock, flags);
	for (rb = first_after(before ? before->path : NULL);
	     rb && n < WALK_CHUNK; rb = rb_next(rb), n++) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if (!within || cgspan_group_contains(within, member->group))
			measure(member);
	}
	if (rb)
		kref_get(&member->ref);
	raw_spin_unlock_irqrestore(&lock, flags);

	if (before)
		cgspan_member_put(before);
	*last = member;
	return rb;
}

/**
 * cgspan_place_measure() - update the memory of groups
 * @within: read the members of this group and its subgroups; NULL: all members
 *
 * Context: may sleep.
 */
void cgspan_place_measure(const struct cgspan_group *within)
{
	struct cgspan_member *last = NULL;

	while (measure_some(&last, within))
		cond_resched();
}

/* Context: the lock is held; the member is in the tree of paths, not in the table. */
static void gain_directory(struct cgspan_member *member, struct cgroup *cgrp)
{
	member->cgrp = cgrp;
	WRITE_ONCE(member->id, cgroup_id(cgrp));
}

static void drop_directory(struct cgspan_member *member)
{
	forget_memory(member);
	if (member->cgrp)
		cgroup_put(member->cgrp);
	member->cgrp = NULL;
	WRITE_ONCE(member->id, 0);
}

/**
 * cgspan_place_mkdir() - a directory was made, and is not yet visible
 * @cgrp: the directory
 */
void cgspan_place_mkdir(struct cgroup *cgrp)
{
	struct cgspan_member *member;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	member = find_cgroup(cgrp);
	if (member && !member->id) {
		cgroup_get(cgrp);
		gain_directory(member, cgrp);
		if (member->state == CGSPAN_MEMBER_BOUND) {
			publish(member);
			cgspan_event_raise(&member->event,
					   CGSPAN_EVENT_CHANGED);
		}
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

static void lose_directory(struct cgspan_member *member)
{
	unpublish(member);
	drop_directory(member);
	if (member->state != CGSPAN_MEMBER_BOUND)
		return;
	if (!member->by_fd) {
		cgspan_event_raise(&member->event, CGSPAN_EVENT_CHANGED);
		return;
	}
	retire(member);
	cgspan_event_raise(&member->event, CGSPAN_EVENT_GONE);
	cgspan_member_put(member);
	if (!total)
		on_empty();
}

/**
 * cgspan_place_rmdir() - a directory was removed
 * @cgrp: the directory; at most zombies are left in it
 */
void cgspan_place_rmdir(struct cgroup *cgrp)
{
	struct cgspan_member *member;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	member = find_cgroup(cgrp);
	if (member && member->id == cgroup_id(cgrp))
		lose_directory(member);
	raw_spin_unlock_irqrestore(&lock, flags);
}

static int check_nesting(const struct cgspan_member *outer,
			 const struct cgspan_member *inner,
			 struct netlink_ext_ack *extack)
{
	if (outer->group->tree != inner->group->tree) {
		NL_SET_ERR_MSG(extack,
			       "a member of another node encloses the cgroup, or is inside it");
		return -EXDEV;
	}
	if (!cgspan_group_contains(outer->group, inner->group)) {
		NL_SET_ERR_MSG(extack,
			       "members are nested, but the inner one's group is not the outer one's, nor below it");
		return -EXDEV;
	}
	return 0;
}

/* Nesting. */

/* Reserve the path of a member, if groups of outer and inner members allow it. */
static int claim(struct cgspan_member *member, struct netlink_ext_ack *extack)
{
	struct cgspan_member *other;
	int ret = 0;

	lockdep_assert_held(&lock);

	other = find_path(member->path, strlen(member->path));
	if (other) {
		if (other->group->tree == member->group->tree)
			NL_SET_ERR_MSG(extack, "the cgroup is a member already");
		else
			NL_SET_ERR_MSG(extack, "the cgroup is a member of another node");
		return -EEXIST;
	}

	member->outer = find_enclosing(member->path);
	if (member->outer)
		ret = check_nesting(member->outer, member, extack);
	if (ret)
		return ret;

	insert_path(member);
	for (other = next_inside(member, member); other && !ret;
	     other = next_inside(member, other))
		ret = check_nesting(member, other, extack);
	if (ret)
		remove_path(member);
	else
		change_outer(member, member->outer, member);
	return ret;
}

/**
 * cgspan_place_claim() - reserve the path of a new member
 * @member: the member; its group is pinned
 * @extack: the reason of a refusal
 *
 * Return: 0; -EEXIST: the path is a member's; -EXDEV: wrong nesting.
 */
int cgspan_place_claim(struct cgspan_member *member,
		       struct netlink_ext_ack *extack)
{
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&lock, flags);
	ret = claim(member, extack);
	raw_spin_unlock_irqrestore(&lock, flags);
	return ret;
}

/* Give a claimed member @cgrp and its reference, unless mkdir's probe did. */
void cgspan_place_resolve(struct cgspan_member *member, struct cgroup *cgrp)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	if (!member->id)
		gain_directory(member, cgrp);
	else
		cgroup_put(cgrp);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Undo cgspan_place_claim(), and unpin the group. */
void cgspan_place_abandon(struct cgspan_member *member)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	retire(member);
	cgspan_member_put(member);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Take a member off its batch; end it if bound by fd and its directory is gone. */
void cgspan_place_settle(struct cgspan_member *member)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_del(&member->batch);
	if (member->state == CGSPAN_MEMBER_BOUND && member->by_fd && !member->id)
		lose_directory(member);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/**
 * cgspan_place_renew() - hand a cgroup.freeze to a member of the same path
 * @member: a new one, not yet claimed
 * @dry: hand nothing
 *
 * A member whose directory was made again has no cgroup.freeze. A request to bind
 * the same path to the same group brings the new one.
 *
 * Return: whether there is such a member with this directory: it takes the file.
 */
bool cgspan_place_renew(struct cgspan_member *member, bool dry)
{
	struct cgspan_member *other;
	unsigned long flags;
	bool renewed;

	raw_spin_lock_irqsave(&lock, flags);
	other = find_path(member->path, strlen(member->path));
	renewed = other && other->group == member->group &&
		  other->state == CGSPAN_MEMBER_BOUND && member->freezer &&
		  other->id == member->freezer_id;
	if (renewed && !dry) {
		swap(other->freezer, member->freezer);
		other->freezer_id = member->freezer_id;
		cgspan_event_raise(&other->event, CGSPAN_EVENT_CHANGED);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return renewed;
}

/* Bind a batch, in the barrier. */
void cgspan_place_bind(void *arg)
{
	struct cgspan_member *member;
	struct list_head *batch = arg;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_for_each_entry(member, batch, batch) {
		/* The probe misses an rmdir before the member has path and id. */
		if (member->cgrp && !(member->cgrp->self.flags & CSS_ONLINE))
			drop_directory(member);
		member->state = CGSPAN_MEMBER_BOUND;
		publish(member);
		cgspan_tree_changed(&member->group->tree->member_gen);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Unbind a batch, in the barrier. */
void cgspan_place_unbind(void *arg)
{
	struct cgspan_member *member;
	struct list_head *batch = arg;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_for_each_entry(member, batch, batch) {
		if (member->state == CGSPAN_MEMBER_GONE)
			continue;
		retire(member);
		cgspan_event_raise(&member->event, CGSPAN_EVENT_GONE);
		cgspan_member_put(member);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

static struct cgspan_member *find_id(u64 id)
{
	struct cgspan_member *member;

	hash_for_each_possible(ids, member, by_id, id)
		if (member->id == id)
			return member;
	return NULL;
}

static int choose(struct cgspan_tree *tree, struct cgspan_member *member,
		  struct list_head *batch, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&lock);

	if (!member || (tree && member->group->tree != tree)) {
		NL_SET_ERR_MSG(extack, "the cgroup is not a member of this node");
		return -ENOENT;
	}
	if (member->leaving) {
		NL_SET_ERR_MSG(extack, "the request names a member twice");
		return -EINVAL;
	}
	member->leaving = true;
	kref_get(&member->ref);
	list_add_tail(&member->batch, batch);
	return 0;
}

/**
 * cgspan_place_choose() - add a member to a batch that is to be unbound
 * @tree: the tree of its group; NULL: any tree
 * @path: the path of the member; NULL: @id names it
 * @id: the id of its directory
 * @batch: the member is added with a reference
 * @extack: the reason of a refusal
 *
 * Return: 0, -ENOENT or -EINVAL.
 */
int cgspan_place_choose(struct cgspan_tree *tree, const char *path, u64 id,
			struct list_head *batch, struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	unsigned long flags;
	int ret;

	raw_spin_lock_irqsave(&lock, flags);
	member = path ? find_path(path, strlen(path)) : find_id(id);
	ret = choose(tree, member, batch, extack);
	raw_spin_unlock_irqrestore(&lock, flags);
	return ret;
}

/*
 * Return: the next member of @tree after *@at in state @least or later, referenced;
 * *@at is set to it. NULL: *@at is where to continue, referenced; at the end NULL.
 */
static struct cgspan_member *next_of_some(struct cgspan_tree *tree,
					  struct cgspan_member **at,
					  enum cgspan_member_state least)
{
	struct cgspan_member *member = NULL, *found = NULL;
	unsigned long flags;
	struct rb_node *rb;
	int n = 0;

	raw_spin_lock_irqsave(&lock, flags);
	for (rb = first_after(*at ? (*at)->path : NULL);
	     rb && !found && n < WALK_CHUNK; rb = rb_next(rb), n++) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if ((!tree || member->group->tree == tree) &&
		    member->state >= least)
			found = member;
	}
	if (!found && !rb)
		member = NULL;
	if (member)
		kref_get(&member->ref);
	raw_spin_unlock_irqrestore(&lock, flags);
	*at = member;
	return found;
}

static struct cgspan_member *next_member(struct cgspan_tree *tree,
					 struct cgspan_member *last,
					 enum cgspan_member_state least)
{
	struct cgspan_member *at = last, *found, *passed;

	do {
		passed = at;
		found = next_of_some(tree, &at, least);
		if (passed && passed != last)
			cgspan_member_put(passed);
	} while (!found && at);
	return found;
}

/**
 * cgspan_member_next() - walk the member cgroups of a tree, in the order of paths
 * @tree: the tree; NULL: all trees
 * @last: the member before; NULL: begin. It may have been retired
 *
 * Return: a member, referenced, or NULL at the end.
 */
struct cgspan_member *cgspan_member_next(struct cgspan_tree *tree,
					 struct cgspan_member *last)
{
	return next_member(tree, last, CGSPAN_MEMBER_BOUND);
}

/* As cgspan_member_next(), but also with cgroups that are still to be bound. */
struct cgspan_member *cgspan_member_next_any(struct cgspan_tree *tree,
					     struct cgspan_member *last)
{
	return next_member(tree, last, CGSPAN_MEMBER_PENDING);
}

bool cgspan_member_has_freezer(const struct cgspan_member *member)
{
	return member->freezer && member->freezer_id == READ_ONCE(member->id);
}

/* Set *@id to the directory's id. Return: its cgroup.freeze, referenced, or NULL. */
struct file *cgspan_member_get_freezer(struct cgspan_member *member, u64 *id)
{
	struct file *file = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	*id = member->id;
	if (*id && cgspan_member_has_freezer(member))
		file = get_file(member->freezer);
	raw_spin_unlock_irqrestore(&lock, flags);
	return file;
}

/* The CGSPAN_MEMBER_F_* of a member. */
u32 cgspan_member_flags(const struct cgspan_member *member)
{
	u64 id = READ_ONCE(member->id);
	u32 flags = member->by_fd ? CGSPAN_MEMBER_F_BY_FD : 0;

	if (!id)
		return flags;
	if (READ_ONCE(member->freezer_id) == id)
		flags |= CGSPAN_MEMBER_F_FREEZABLE;
	if (READ_ONCE(member->frozen_id) == id)
		flags |= CGSPAN_MEMBER_F_FROZEN;
	return flags;
}

/* Add all member cgroups of the tree of @root to a batch, with references. */
void cgspan_place_collect(const struct cgspan_group *root,
			  struct list_head *batch)
{
	struct cgspan_member *member;
	unsigned long flags;
	struct rb_node *rb;

	raw_spin_lock_irqsave(&lock, flags);
	for (rb = rb_first(&paths); rb; rb = rb_next(rb)) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if (cgspan_group_root(member->group) != root)
			continue;
		kref_get(&member->ref);
		list_add_tail(&member->batch, batch);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

bool cgspan_place_empty(void)
{
	return !READ_ONCE(total);
}

/* @fn is called, with the lock held, when the last member ends with its directory. */
void cgspan_place_on_empty(void (*fn)(void))
{
	on_empty = fn;
}

static void get(struct cgspan_event *event)
{
	kref_get(&container_of(event, struct cgspan_member, event)->ref);
}

static void put(struct cgspan_event *event)
{
	cgspan_member_put(container_of(event, struct cgspan_member, event));
}

struct cgspan_event_type cgspan_member_events = { .get = get, .put = put };
