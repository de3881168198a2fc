// SPDX-License-Identifier: GPL-2.0
/*
 * Members: which local cgroup belongs to which group.
 *
 * The bind lock serializes all requests that bind or unbind. What they change
 * is published within the barrier of hook.c, where no task forks or moves; the
 * tasks that are there already are charged after it, by a scan.
 *
 * Directories come and go meanwhile. Both probes take only the inner lock, as
 * it protects the tree of paths, the table of ids and the members' states.
 * Cgroups of version 2 are never renamed: what encloses what can be read from
 * the paths, and holds also while a directory is away.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "member.h"

#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>

#include "event.h"
#include "expiry.h"
#include "freezer.h"
#include "group.h"
#include "hook.h"
#include "node.h"
#include "path.h"
#include "task.h"

/* How many members are measured before interrupts are let in. */
#define MEASURE_CHUNK	256

static DEFINE_MUTEX(bind_lock);
/* One freezes or thaws at a time; protects what is frozen. */
static DEFINE_MUTEX(freeze_lock);

static DEFINE_RAW_SPINLOCK(lock);
static struct rb_root tree = RB_ROOT;
static DEFINE_HASHTABLE(ids, 12);
/* A member that gets a new directory moves in the table under its readers. */
static seqcount_raw_spinlock_t moves =
	SEQCNT_RAW_SPINLOCK_ZERO(moves, &lock);
/* How many it has, and between which levels their directories have been. */
static unsigned int published;
static int shallowest = INT_MAX;
static int deepest = -1;
static unsigned int total;

static void reap_idle(struct work_struct *work);
static DECLARE_WORK(idle_work, reap_idle);
static void rescan(struct work_struct *work);
static DECLARE_WORK(rescan_work, rescan);

/* The tree of paths: what is inside a directory comes right after it. */

static int rank(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

/* Compares the first @len bytes of @a, all of it, with @b. */
static int compare(const char *a, size_t len, const char *b)
{
	for (; len && *a == *b; len--, a++, b++)
		;
	return (len ? rank(*a) : 0) - rank(*b);
}

static struct cgspan_member *find_path(const char *path, size_t len)
{
	struct rb_node *rb = tree.rb_node;
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

/* As compare(), of a directory's path with @path, without spelling it out. */
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
	struct rb_node *rb = tree.rb_node;
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

/* The first one that comes after a path; NULL: of all. */
static struct rb_node *first_after(const char *path)
{
	struct rb_node *rb = tree.rb_node, *found = NULL;
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
	struct rb_node **link = &tree.rb_node, *parent = NULL;
	size_t len = strlen(member->path);

	while (*link) {
		parent = *link;
		link = compare(member->path, len,
			       rb_entry(parent, struct cgspan_member,
					by_path)->path) < 0 ?
		       &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&member->by_path, parent, link);
	rb_insert_color(&member->by_path, &tree);
	total++;
}

/* What was between @from and others is between @to and them now. */
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
	rb_erase(&member->by_path, &tree);
	total--;
}

/* Memory. All with the inner lock held. */

/* Groups that enclose the member around have what is in this one from there. */
static const struct cgspan_group *counted_until(struct cgspan_member *member)
{
	struct cgspan_member *outer = member->outer;

	while (outer && (outer->state != CGSPAN_MEMBER_BOUND || !outer->cgrp))
		outer = outer->outer;
	return outer ? outer->group : NULL;
}

/* The root's memory.current does not exist; an ancestor's is not asked for. */
static void read_memory(struct cgroup *cgrp, struct cgspan_memory *memory)
{
	struct cgroup_subsys_state *css = NULL;

	*memory = (struct cgspan_memory) {};
	rcu_read_lock();
#ifdef CONFIG_MEMCG
	if (cgroup_parent(cgrp))
		css = rcu_dereference(cgrp->subsys[memory_cgrp_id]);
	if (css) {
		struct page_counter *counter = &mem_cgroup_from_css(css)->memory;

		memory->used = (u64)page_counter_read(counter) << PAGE_SHIFT;
		memory->peak = (u64)READ_ONCE(counter->watermark) << PAGE_SHIFT;
	}
#endif
	memory->unmeasured = !css;
	rcu_read_unlock();
}

/* What groups count of a member is @memory now, up to below @until. */
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

/* The table of ids, and states. All with the inner lock held. */

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

/* Its path is free again. The reference of the tree goes to the caller. */
static void retire(struct cgspan_member *member)
{
	lockdep_assert_held(&lock);

	forget_memory(member);
	unpublish(member);
	remove_path(member);
	member->state = CGSPAN_MEMBER_GONE;
	cgspan_group_unpin(member->group);
	cgspan_node_changed(member->group->node);
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
 * cgspan_member_group() - the group that a cgroup belongs to
 * @cgrp: the cgroup; the caller is in an RCU section
 *
 * Return: that of the innermost member around it, or NULL.
 */
struct cgspan_group *cgspan_member_group(struct cgroup *cgrp)
{
	struct cgspan_group *group;
	unsigned int seq;
	int level;

	do {
		seq = read_seqcount_begin(&moves);
		group = NULL;
		for (level = min(cgrp->level, deepest);
		     level >= shallowest && !group; level--)
			group = group_at(cgroup_ancestor(cgrp, level));
	} while (read_seqcount_retry(&moves, seq));

	return group;
}

/* Return: false at the end. */
static bool measure_some(struct cgspan_member **last,
			 const struct cgspan_group *within)
{
	struct cgspan_member *member = NULL, *before = *last;
	unsigned long flags;
	struct rb_node *rb;
	int n = 0;

	raw_spin_lock_irqsave(&lock, flags);
	for (rb = first_after(before ? before->path : NULL);
	     rb && n < MEASURE_CHUNK; rb = rb_next(rb), n++) {
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
 * cgspan_member_measure() - bring the groups' memory up to now
 * @within: only that of this group and what is below it; NULL: of all
 *
 * Context: may sleep.
 */
void cgspan_member_measure(const struct cgspan_group *within)
{
	struct cgspan_member *last = NULL;

	while (measure_some(&last, within))
		cond_resched();
}

/* Directories that come and go. */

/* Both with the inner lock held, once others can find the member. */
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
 * cgspan_member_mkdir() - a directory has been made, and nobody can see it yet
 * @cgrp: the directory
 */
void cgspan_member_mkdir(struct cgroup *cgrp)
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
		queue_work(cgspan_event_wq, &idle_work);
}

/**
 * cgspan_member_rmdir() - a directory has been removed
 * @cgrp: the directory; at most zombies are left in it
 */
void cgspan_member_rmdir(struct cgroup *cgrp)
{
	struct cgspan_member *member;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	member = find_cgroup(cgrp);
	if (member && member->id == cgroup_id(cgrp))
		lose_directory(member);
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Binding. */

static struct cgroup *cgroup_of_fd(int fd, struct netlink_ext_ack *extack)
{
	struct cgroup *cgrp = cgroup_get_from_fd(fd);

	if (!IS_ERR(cgrp) && cgrp->root == &cgrp_dfl_root)
		return cgrp;

	NL_SET_ERR_MSG(extack,
		       "the file descriptor is not an open cgroup v2 directory");
	if (IS_ERR(cgrp))
		return cgrp;
	cgroup_put(cgrp);
	return ERR_PTR(-EBADF);
}

static int open_freezer(struct cgspan_member *member, int fd,
			struct netlink_ext_ack *extack)
{
	struct file *file;

	if (fd < 0)
		return 0;
	file = cgspan_freezer_get(fd, extack);
	if (IS_ERR(file))
		return PTR_ERR(file);
	member->freezer = file;
	member->freezer_id = cgspan_freezer_cgroup(file);
	return 0;
}

static struct cgspan_member *alloc_member(const struct cgspan_bind *bind,
					  struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	struct cgroup *cgrp = NULL;
	char *path;

	if (bind->path) {
		path = cgspan_path_resolve(bind->path, extack);
		if (IS_ERR(path))
			return ERR_CAST(path);
	} else {
		cgrp = cgroup_of_fd(bind->fd, extack);
		if (IS_ERR(cgrp))
			return ERR_CAST(cgrp);
		path = cgspan_path_of(cgrp);
	}

	member = NULL;
	if (path)
		member = kzalloc(struct_size(member, path, strlen(path) + 1),
				 GFP_KERNEL_ACCOUNT);
	if (!member) {
		kfree(path);
		if (cgrp)
			cgroup_put(cgrp);
		return ERR_PTR(-ENOMEM);
	}

	strcpy(member->path, path);
	kfree(path);
	member->group = bind->group;
	kref_get(&member->group->ref);
	member->by_fd = !bind->path;
	member->event.kind = CGSPAN_EVENT_MEMBER;
	kref_init(&member->ref);
	if (cgrp)
		gain_directory(member, cgrp);
	return member;
}

static int check_nesting(const struct cgspan_member *outer,
			 const struct cgspan_member *inner,
			 struct netlink_ext_ack *extack)
{
	if (outer->group->node != inner->group->node) {
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

/* Takes the member's place among the paths, if it may be there. */
static int claim(struct cgspan_member *member, struct netlink_ext_ack *extack)
{
	struct cgspan_member *other;
	int ret = 0;

	lockdep_assert_held(&lock);

	other = find_path(member->path, strlen(member->path));
	if (other) {
		if (other->group->node == member->group->node)
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

/*
 * Is it a member of this group already? Then it takes the cgroup.freeze of the
 * directory that it has now: that is how one gets it whose directory has been
 * made again.
 */
static bool renew_freezer(struct cgspan_member *member)
{
	struct cgspan_member *other;
	unsigned long flags;
	bool renewed;

	raw_spin_lock_irqsave(&lock, flags);
	other = find_path(member->path, strlen(member->path));
	renewed = other && other->group == member->group &&
		  other->state == CGSPAN_MEMBER_BOUND && member->freezer &&
		  other->id == member->freezer_id;
	if (renewed) {
		swap(other->freezer, member->freezer);
		other->freezer_id = member->freezer_id;
		cgspan_event_raise(&other->event, CGSPAN_EVENT_CHANGED);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return renewed;
}

static int prepare(const struct cgspan_bind *bind, struct list_head *batch,
		   struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	unsigned long flags;
	int ret;

	member = alloc_member(bind, extack);
	if (IS_ERR(member))
		return PTR_ERR(member);

	ret = open_freezer(member, bind->freezer, extack);
	if (ret || renew_freezer(member))
		goto put;

	ret = cgspan_group_pin(member->group);
	if (ret) {
		NL_SET_ERR_MSG(extack, "there is no such group");
		goto put;
	}

	raw_spin_lock_irqsave(&lock, flags);
	ret = claim(member, extack);
	raw_spin_unlock_irqrestore(&lock, flags);
	if (ret) {
		cgspan_group_unpin(member->group);
		goto put;
	}

	/* Its directory may end it before this request is done with it. */
	kref_get(&member->ref);
	list_add_tail(&member->batch, batch);
	return 0;

put:
	cgspan_member_put(member);
	return ret;
}

/*
 * Finds the directory of a member bound by path. The hooks are on: if it comes
 * or goes from now on, the probes know this member already.
 */
static int resolve(struct cgspan_member *member, struct netlink_ext_ack *extack)
{
	const char *path = member->path;
	struct cgroup *cgrp;
	unsigned long flags;
	char *base;

	if (member->by_fd)
		return 0;

	base = cgspan_path_base();
	if (!base)
		return -ENOMEM;
	path += strlen(base);
	kfree(base);

	cgrp = cgroup_get_from_path(*path ? path : "/");
	if (PTR_ERR_OR_ZERO(cgrp) == -ENOENT)
		return 0;
	if (IS_ERR(cgrp)) {
		NL_SET_ERR_MSG(extack, "the path is not a cgroup v2 directory's");
		return PTR_ERR(cgrp);
	}

	raw_spin_lock_irqsave(&lock, flags);
	if (!member->id)
		gain_directory(member, cgrp);
	else
		cgroup_put(cgrp);
	raw_spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static bool has_freezer(const struct cgspan_member *member)
{
	return member->freezer && member->freezer_id == READ_ONCE(member->id);
}

/* A process that has a thread in it may have others elsewhere. */
static bool is_threaded(const struct cgspan_member *member)
{
	struct cgroup *cgrp = cgroup_get_from_id(member->id);
	bool threaded;

	if (IS_ERR_OR_NULL(cgrp))
		return false;
	threaded = cgrp->dom_cgrp != cgrp;
	cgroup_put(cgrp);
	return threaded;
}

static int check_policy(const struct cgspan_member *member, u8 on_expiry,
			struct netlink_ext_ack *extack)
{
	if (!member->id)
		return 0;
	if (on_expiry == CGSPAN_ON_EXPIRY_FREEZE && !has_freezer(member)) {
		NL_SET_ERR_MSG(extack,
			       "on_expiry freeze needs the cgroup.freeze of each member: bind it with CGSPAN_MEMBER_A_FREEZE_FD");
		return -EINVAL;
	}
	if (on_expiry == CGSPAN_ON_EXPIRY_KILL && is_threaded(member)) {
		NL_SET_ERR_MSG(extack,
			       "on_expiry kill cannot be for a threaded cgroup: processes are killed, not threads");
		return -EOPNOTSUPP;
	}
	return 0;
}

/*
 * The group's lock lets either this see its new on_expiry, or who sets that
 * see the member.
 */
static int check_member(struct cgspan_member *member,
			struct netlink_ext_ack *extack)
{
	struct cgspan_group *group = member->group;
	int ret;

	if (member->freezer && member->cgrp &&
	    member->freezer_id != cgroup_id(member->cgrp)) {
		NL_SET_ERR_MSG(extack,
			       "the cgroup.freeze is that of another cgroup");
		return -EINVAL;
	}
	mutex_lock(&group->node->lock);
	ret = check_policy(member, group->on_expiry, extack);
	mutex_unlock(&group->node->lock);
	return ret;
}

/* In the barrier. */
static void bind_all(void *arg)
{
	struct cgspan_member *member;
	struct list_head *batch = arg;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	list_for_each_entry(member, batch, batch) {
		/* It may have gone before the probe knew its id. */
		if (member->cgrp && !(member->cgrp->self.flags & CSS_ONLINE))
			drop_directory(member);
		member->state = CGSPAN_MEMBER_BOUND;
		publish(member);
		cgspan_node_changed(member->group->node);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* In the barrier. */
static void unbind_all(void *arg)
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

static void abandon(struct list_head *batch)
{
	struct cgspan_member *member, *next;
	unsigned long flags;

	list_for_each_entry_safe(member, next, batch, batch) {
		raw_spin_lock_irqsave(&lock, flags);
		retire(member);
		cgspan_member_put(member);
		raw_spin_unlock_irqrestore(&lock, flags);
		cgspan_member_put(member);
	}
}

static void idle(void)
{
	queue_work(cgspan_event_wq, &idle_work);
}

static void bound(struct list_head *batch)
{
	struct cgspan_member *member, *next;
	unsigned long flags;

	list_for_each_entry_safe(member, next, batch, batch) {
		bool gone;

		cgspan_event_raise(&member->event, CGSPAN_EVENT_CHANGED);

		/* Bound by fd, and its directory has gone before the barrier. */
		raw_spin_lock_irqsave(&lock, flags);
		list_del(&member->batch);
		gone = member->state == CGSPAN_MEMBER_BOUND &&
		       member->by_fd && !member->id;
		if (gone)
			lose_directory(member);
		raw_spin_unlock_irqrestore(&lock, flags);
		cgspan_member_put(member);
	}
}

/**
 * cgspan_member_add() - bind cgroups, all in one barrier
 * @node: the node
 * @binds: what to bind to what; a path, or else an fd
 * @n: how many
 * @extack: says why not
 *
 * On return all tasks that were there are charged. A path need not have a
 * directory yet.
 *
 * Return: 0, or an error; then none is bound.
 */
int cgspan_member_add(struct cgspan_node *node, const struct cgspan_bind *binds,
		      unsigned int n, struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	LIST_HEAD(batch);
	unsigned int i;
	int ret = 0;

	mutex_lock(&bind_lock);
	for (i = 0; i < n && !ret; i++) {
		ret = prepare(&binds[i], &batch, extack);
		if (ret && extack)
			extack->bad_attr = binds[i].attr;
	}
	if (!ret && list_empty(&batch))
		goto kick;
	if (!ret)
		ret = cgspan_hook_attach(extack);
	if (ret)
		goto abandon;

	list_for_each_entry(member, &batch, batch) {
		ret = resolve(member, extack) ?: check_member(member, extack);
		if (ret)
			goto abandon;
	}

	ret = cgspan_hook_barrier(bind_all, &batch);
	if (ret) {
		NL_SET_ERR_MSG(extack,
			       "the kernel does not let the caller stop forks and moves for a moment");
		goto abandon;
	}
	cgspan_task_scan();
	bound(&batch);
kick:
	cgspan_expiry_kick();
	mutex_unlock(&bind_lock);
	return 0;

abandon:
	abandon(&batch);
	idle();
	mutex_unlock(&bind_lock);
	return ret;
}

/* Unbinding. */

static struct cgspan_member *find_id(u64 id)
{
	struct cgspan_member *member;

	hash_for_each_possible(ids, member, by_id, id)
		if (member->id == id)
			return member;
	return NULL;
}

static int choose(struct cgspan_node *node, struct cgspan_member *member,
		  struct list_head *batch, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&lock);

	if (!member || member->group->node != node) {
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

static int look_up(struct cgspan_node *node, const struct cgspan_bind *bind,
		   struct list_head *batch, struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	struct cgroup *cgrp;
	unsigned long flags;
	u64 id = bind->id;
	char *path = NULL;
	int ret;

	if (bind->path) {
		path = cgspan_path_resolve(bind->path, extack);
		if (IS_ERR(path))
			return PTR_ERR(path);
	} else if (bind->fd >= 0) {
		cgrp = cgroup_of_fd(bind->fd, extack);
		if (IS_ERR(cgrp))
			return PTR_ERR(cgrp);
		id = cgroup_id(cgrp);
		cgroup_put(cgrp);
	}

	raw_spin_lock_irqsave(&lock, flags);
	member = path ? find_path(path, strlen(path)) : find_id(id);
	ret = choose(node, member, batch, extack);
	raw_spin_unlock_irqrestore(&lock, flags);
	kfree(path);
	return ret;
}

static void forget(struct list_head *batch)
{
	struct cgspan_member *member, *next;

	list_for_each_entry_safe(member, next, batch, batch) {
		list_del(&member->batch);
		member->leaving = false;
		if (member->state == CGSPAN_MEMBER_GONE)
			cgspan_member_freeze(member, false);
		cgspan_member_put(member);
	}
}

/* Their tasks go to the groups of the members around them, or to none. */
static int unbind(struct list_head *batch)
{
	int ret;

	if (list_empty(batch))
		return 0;

	ret = cgspan_hook_barrier(unbind_all, batch);
	if (!ret)
		cgspan_task_scan();
	forget(batch);
	if (!READ_ONCE(total))
		idle();
	return ret;
}

/**
 * cgspan_member_del() - unbind cgroups, all in one barrier
 * @node: the node
 * @binds: which; a path, else an fd, else an id
 * @n: how many
 * @extack: says why not
 *
 * Return: 0, or an error; then none is unbound.
 */
int cgspan_member_del(struct cgspan_node *node, const struct cgspan_bind *binds,
		      unsigned int n, struct netlink_ext_ack *extack)
{
	LIST_HEAD(batch);
	unsigned int i;
	int ret = 0;

	mutex_lock(&bind_lock);
	for (i = 0; i < n && !ret; i++) {
		ret = look_up(node, &binds[i], &batch, extack);
		if (ret && extack)
			extack->bad_attr = binds[i].attr;
	}
	if (ret) {
		forget(&batch);
	} else {
		ret = unbind(&batch);
		if (ret)
			NL_SET_ERR_MSG(extack,
				       "the kernel does not let the caller stop forks and moves for a moment");
	}
	mutex_unlock(&bind_lock);
	return ret;
}

static struct cgspan_member *next_member(struct cgspan_node *node,
					 struct cgspan_member *last,
					 enum cgspan_member_state least)
{
	struct cgspan_member *member;
	unsigned long flags;
	struct rb_node *rb;

	raw_spin_lock_irqsave(&lock, flags);
	rb = first_after(last ? last->path : NULL);
	for (member = NULL; rb; rb = rb_next(rb), member = NULL) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if ((!node || member->group->node == node) &&
		    member->state >= least)
			break;
	}
	if (member)
		kref_get(&member->ref);
	raw_spin_unlock_irqrestore(&lock, flags);
	return member;
}

/**
 * cgspan_member_next() - walk the members of a node, in the order of paths
 * @node: the node; NULL: all nodes
 * @last: the one before; NULL: begin. It may have gone
 *
 * Return: a member, referenced, or NULL at the end.
 */
struct cgspan_member *cgspan_member_next(struct cgspan_node *node,
					 struct cgspan_member *last)
{
	return next_member(node, last, CGSPAN_MEMBER_BOUND);
}

/* Expiry. */

/**
 * cgspan_member_check_expiry() - can all members of a group obey a policy?
 * @group: the group; its node is locked
 * @on_expiry: enum cgspan_on_expiry
 * @extack: says why not
 *
 * Return: 0, -EINVAL or -EOPNOTSUPP.
 */
int cgspan_member_check_expiry(struct cgspan_group *group, u8 on_expiry,
			       struct netlink_ext_ack *extack)
{
	struct cgspan_member *member = NULL, *next;
	int ret = 0;

	lockdep_assert_held(&group->node->lock);

	while (!ret && (next = next_member(group->node, member,
					   CGSPAN_MEMBER_PENDING))) {
		if (member)
			cgspan_member_put(member);
		member = next;
		if (member->group == group)
			ret = check_policy(member, on_expiry, extack);
	}
	if (member)
		cgspan_member_put(member);
	return ret;
}

/* Return: the cgroup.freeze of its directory, referenced, or NULL. */
static struct file *get_freezer(struct cgspan_member *member, u64 *id)
{
	struct file *file = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	*id = member->id;
	if (*id && has_freezer(member))
		file = get_file(member->freezer);
	raw_spin_unlock_irqrestore(&lock, flags);
	return file;
}

static void freeze(struct cgspan_member *member, struct file *file, u64 id,
		   bool frozen)
{
	int ret;

	/* What is not one any more is not to be frozen; see forget(). */
	if (frozen && READ_ONCE(member->state) != CGSPAN_MEMBER_BOUND)
		return;

	ret = cgspan_freezer_set(file, frozen);
	if (ret < 0 && ret != -ENODEV)
		pr_err("cannot %s %s (error %d)\n", frozen ? "freeze" : "thaw",
		       member->path, ret);
	if (frozen && ret <= 0)
		return;
	WRITE_ONCE(member->frozen_id, frozen ? id : 0);
	cgspan_event_raise(&member->event, CGSPAN_EVENT_CHANGED);
}

/**
 * cgspan_member_freeze() - freeze a member, or thaw what was frozen here
 * @member: the member
 * @frozen: which of the two
 *
 * Context: may sleep, without a node's lock.
 */
void cgspan_member_freeze(struct cgspan_member *member, bool frozen)
{
	struct file *file;
	bool is_frozen;
	u64 id;

	mutex_lock(&freeze_lock);
	file = get_freezer(member, &id);
	if (file) {
		is_frozen = member->frozen_id == id;
		if (frozen != is_frozen)
			freeze(member, file, id, frozen);
		fput(file);
	}
	mutex_unlock(&freeze_lock);
}

/* CGSPAN_MEMBER_F_* */
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

/* What is done when nobody asks. */

static void collect(const struct cgspan_group *root, struct list_head *batch)
{
	struct cgspan_member *member;
	unsigned long flags;
	struct rb_node *rb;

	raw_spin_lock_irqsave(&lock, flags);
	for (rb = rb_first(&tree); rb; rb = rb_next(rb)) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		if (cgspan_group_root(member->group) != root)
			continue;
		kref_get(&member->ref);
		list_add_tail(&member->batch, batch);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Return: whether the tree was without tasks, and is gone now. */
static bool retire_tree(struct cgspan_group *root)
{
	LIST_HEAD(batch);

	lockdep_assert_held(&bind_lock);

	if (cgspan_group_tasks(root))
		return false;
	collect(root, &batch);
	if (unbind(&batch) || cgspan_group_tasks(root))
		return false;
	cgspan_group_remove_tree(root);
	return true;
}

/**
 * cgspan_member_retire() - a tree is not needed any more
 * @root: its root
 *
 * Return: true if it had no tasks: it is gone then, and its members are.
 */
bool cgspan_member_retire(struct cgspan_group *root)
{
	bool gone;

	mutex_lock(&bind_lock);
	gone = retire_tree(root);
	mutex_unlock(&bind_lock);
	return gone;
}

static void reap_orphans(void)
{
	struct cgspan_node *node = cgspan_node_of(&init_net);
	struct cgspan_group *group;
	u64 id = 0;

	while ((group = cgspan_group_next(node, &id))) {
		if (group->orphan && !group->parent)
			retire_tree(group);
		cgspan_group_put(group);
	}
}

static void reap_idle(struct work_struct *work)
{
	mutex_lock(&bind_lock);
	reap_orphans();
	if (!READ_ONCE(total) && cgspan_task_none())
		cgspan_hook_detach();
	mutex_unlock(&bind_lock);
}

/**
 * cgspan_member_idle() - a group has lost a task
 * @group: the group
 *
 * Context: any but NMI; no lock of this module held.
 */
void cgspan_member_idle(struct cgspan_group *group)
{
	struct cgspan_group *root = cgspan_group_root(group);

	if (cgspan_group_tasks(root))
		return;
	if (!READ_ONCE(total) || READ_ONCE(root->orphan))
		idle();
}

static void nothing(void *arg)
{
}

/**
 * cgspan_member_settle() - wait until what is charged is what there is
 *
 * On return each fork that was admitted before has a task or is undone, and
 * each task that was in a member before is charged.
 *
 * Return: 0, or an error: the kernel does not let us know.
 */
int cgspan_member_settle(void)
{
	int ret = 0;

	mutex_lock(&bind_lock);
	if (cgspan_hook_attached()) {
		ret = cgspan_hook_barrier(nothing, NULL);
		cgspan_task_scan();
	}
	mutex_unlock(&bind_lock);
	return ret;
}

static void rescan(struct work_struct *work)
{
	mutex_lock(&bind_lock);
	cgspan_task_scan();
	mutex_unlock(&bind_lock);
}

/* A probe had no memory for a record. */
void cgspan_member_rescan(void)
{
	queue_work(cgspan_event_wq, &rescan_work);
}

/* The hooks are off, no task is charged, and no request comes any more. */
void cgspan_member_exit(void)
{
	struct cgspan_member *member;
	unsigned long flags;
	struct rb_node *rb;

	cancel_work_sync(&idle_work);
	cancel_work_sync(&rescan_work);

	mutex_lock(&bind_lock);
	raw_spin_lock_irqsave(&lock, flags);
	while ((rb = rb_first(&tree))) {
		member = rb_entry(rb, struct cgspan_member, by_path);
		retire(member);
		cgspan_member_put(member);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	reap_orphans();
	mutex_unlock(&bind_lock);
}
