// SPDX-License-Identifier: GPL-2.0
/*
 * Bind and unbind: which cgroups are members.
 *
 * The bind lock serializes binding, unbinding and scans. Requests publish members
 * within the barrier of hook.c, where no task forks or moves; a scan then charges
 * the tasks that exist. This file also connects the hooks to the layers below.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "bind.h"

#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "cgfile.h"
#include "event.h"
#include "exit.h"
#include "freezer.h"
#include "hook.h"
#include "path.h"
#include "place.h"
#include "task.h"

/* Delay until detaching the hooks is retried, if another module has prevented it. */
#define DETACH_RETRY	HZ

static DEFINE_MUTEX(bind_lock);
/* Serializes freezing and thawing; protects frozen_id of member cgroups. */
static DEFINE_MUTEX(freeze_lock);

static void reap_idle(struct work_struct *work);
static DECLARE_DELAYED_WORK(idle_work, reap_idle);
static void rescan(struct work_struct *work);
static DECLARE_WORK(rescan_work, rescan);

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
	member->freezer_id = cgspan_cgfile_cgroup(file);
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
	member->event.type = &cgspan_member_events;
	kref_init(&member->ref);
	if (cgrp) {
		member->cgrp = cgrp;
		member->id = cgroup_id(cgrp);
	}
	return member;
}

/*
 * Return: the directory whose files prove authority over a member cgroup: itself if
 * bound by fd; else, since a member bound by path outlives its directory, its parent
 * directory, but none above the root of the caller's cgroup namespace.
 */
static struct cgroup *authority_of(const struct cgspan_member *member)
{
	const char *last = strrchr(member->path, '/');
	struct cgroup *cgrp;
	char *path, *base;

	if (member->by_fd) {
		cgroup_get(member->cgrp);
		return member->cgrp;
	}
	base = cgspan_path_base();
	path = last ? kstrndup(member->path, last - member->path, GFP_KERNEL) :
		      kstrdup("", GFP_KERNEL);
	if (!base || !path)
		cgrp = ERR_PTR(-ENOMEM);
	else if (strlen(path) <= strlen(base))
		cgrp = cgroup_get_from_path("/");
	else
		cgrp = cgroup_get_from_path(path + strlen(base));
	kfree(base);
	kfree(path);
	return cgrp;
}

/*
 * Check that the caller may move tasks into the member cgroup; note whether it may
 * kill them. The root of all cgroups has no cgroup.kill: its cgroup.procs is enough.
 */
static int check_authority(struct cgspan_member *member,
			   const struct cgspan_bind *bind,
			   struct netlink_ext_ack *extack)
{
	struct cgroup *cgrp;
	bool ok;

	member->killable = bind->trusted;
	if (bind->trusted)
		return 0;

	cgrp = authority_of(member);
	if (IS_ERR(cgrp)) {
		NL_SET_ERR_MSG(extack,
			       "the cgroup's parent directory cannot be found");
		return PTR_ERR(cgrp);
	}
	ok = cgspan_cgfile_is_writable(bind->procs, "cgroup.procs",
				       cgroup_id(cgrp));
	member->killable = ok &&
			   (!cgroup_parent(cgrp) ||
			    cgspan_cgfile_is_writable(bind->kill, "cgroup.kill",
						      cgroup_id(cgrp)));
	cgroup_put(cgrp);
	if (ok)
		return 0;
	NL_SET_ERR_MSG(extack,
		       "this needs CAP_SYS_ADMIN, or CGSPAN_MEMBER_A_PROCS_FD: the cgroup.procs of the directory, or of its parent if it is named by path, open for writing");
	return -EPERM;
}

/* Add a new member to @batch; one that only brings a cgroup.freeze to @renewals. */
static int prepare(const struct cgspan_bind *bind, struct list_head *batch,
		   struct list_head *renewals, struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	int ret;

	member = alloc_member(bind, extack);
	if (IS_ERR(member))
		return PTR_ERR(member);

	ret = check_authority(member, bind, extack) ?:
	      open_freezer(member, bind->freezer, extack);
	if (ret)
		goto put;
	if (cgspan_place_renew(member, true)) {
		list_add_tail(&member->batch, renewals);
		return 0;
	}

	ret = cgspan_group_pin(member->group);
	if (ret) {
		NL_SET_ERR_MSG(extack, "there is no such group");
		goto put;
	}

	ret = cgspan_place_claim(member, extack);
	if (ret) {
		cgspan_group_unpin(member->group);
		goto put;
	}

	/* A reference for the batch: an rmdir may end the member meanwhile. */
	kref_get(&member->ref);
	list_add_tail(&member->batch, batch);
	return 0;

put:
	cgspan_member_put(member);
	return ret;
}

/*
 * Find the directory of a member bound by path. The hooks are attached: the probes
 * report each mkdir and rmdir of that path, also during this look-up.
 */
static int resolve(struct cgspan_member *member, struct netlink_ext_ack *extack)
{
	const char *path = member->path;
	struct cgroup *cgrp;
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

	cgspan_place_resolve(member, cgrp);
	return 0;
}

/* Is the directory threaded, so that threads of a process may be in several? */
static bool is_threaded(const struct cgspan_member *member)
{
	struct cgroup *cgrp = cgroup_get_from_id(READ_ONCE(member->id));
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
	if (on_expiry >= CGSPAN_ON_EXPIRY_KILL && !member->killable) {
		NL_SET_ERR_MSG(extack,
			       "on_expiry kill and reset need CAP_SYS_ADMIN where a member is bound, or its CGSPAN_MEMBER_A_KILL_FD: the cgroup.kill beside the cgroup.procs, open for writing");
		return -EPERM;
	}
	if (!READ_ONCE(member->id))
		return 0;
	if (on_expiry == CGSPAN_ON_EXPIRY_FREEZE &&
	    !cgspan_member_has_freezer(member)) {
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
 * Check a member's cgroup.freeze, and, with the tree locked, that on_expiry is allowed:
 * if on_expiry changes later, cgspan_bind_check_expiry() sees the member.
 */
static int check_member(struct cgspan_member *member,
			struct netlink_ext_ack *extack)
{
	struct cgspan_group *group = member->group;
	u64 id = READ_ONCE(member->id);
	int ret;

	if (member->freezer && id && member->freezer_id != id) {
		NL_SET_ERR_MSG(extack,
			       "the cgroup.freeze is that of another cgroup");
		return -EINVAL;
	}
	mutex_lock(&group->tree->lock);
	ret = check_policy(member, group->on_expiry, extack);
	mutex_unlock(&group->tree->lock);
	return ret;
}

static void abandon(struct list_head *batch)
{
	struct cgspan_member *member, *next;

	list_for_each_entry_safe(member, next, batch, batch) {
		cgspan_place_abandon(member);
		cgspan_member_put(member);
	}
}

/* Hand each cgroup.freeze to its member, unless the request has failed. */
static void renew(struct list_head *renewals, bool failed)
{
	struct cgspan_member *member, *next;

	list_for_each_entry_safe(member, next, renewals, batch) {
		if (!failed)
			cgspan_place_renew(member, false);
		list_del(&member->batch);
		cgspan_member_put(member);
	}
}

static void idle(void)
{
	mod_delayed_work(cgspan_event_wq, &idle_work, 0);
}

static void bound(struct list_head *batch)
{
	struct cgspan_member *member, *next;

	list_for_each_entry_safe(member, next, batch, batch) {
		cgspan_event_raise(&member->event, CGSPAN_EVENT_CHANGED);
		cgspan_place_settle(member);
		cgspan_member_put(member);
	}
}

/**
 * cgspan_bind_add() - bind cgroups, all in one cgspan_hook_barrier()
 * @binds: the cgroups and their groups; each has a path or an fd
 * @n: length of @binds
 * @extack: the reason of a refusal
 *
 * On success their tasks are charged. A path need not have a directory yet. The
 * caller calls cgspan_expiry_kick(), which applies on_expiry if that is due.
 *
 * Context: may sleep.
 *
 * Return: 0, or an error; then none is bound, and no cgroup.freeze is handed over.
 */
int cgspan_bind_add(const struct cgspan_bind *binds, unsigned int n,
		    struct netlink_ext_ack *extack)
{
	struct cgspan_member *member;
	LIST_HEAD(renewals);
	LIST_HEAD(batch);
	unsigned int i;
	int ret = 0;

	mutex_lock(&bind_lock);
	for (i = 0; i < n && !ret; i++) {
		ret = prepare(&binds[i], &batch, &renewals, extack);
		if (ret && extack)
			extack->bad_attr = binds[i].attr;
	}
	if (!ret && list_empty(&batch))
		goto renew;
	if (!ret)
		ret = cgspan_hook_attach(extack);
	if (ret)
		goto abandon;

	list_for_each_entry(member, &batch, batch) {
		ret = resolve(member, extack) ?: check_member(member, extack);
		if (ret)
			goto abandon;
	}

	ret = cgspan_hook_barrier(cgspan_place_bind, &batch);
	if (ret) {
		NL_SET_ERR_MSG(extack,
			       "cannot take the cgroup attach barrier");
		goto abandon;
	}
	cgspan_task_scan();
	bound(&batch);
	goto renew;

abandon:
	abandon(&batch);
	idle();
renew:
	renew(&renewals, ret);
	mutex_unlock(&bind_lock);
	return ret;
}

static int look_up(struct cgspan_tree *tree, const struct cgspan_bind *bind,
		   struct list_head *batch, struct netlink_ext_ack *extack)
{
	struct cgroup *cgrp;
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

	ret = cgspan_place_choose(bind->any ? NULL : tree, path, id, batch,
				  extack);
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
			cgspan_bind_freeze(member, false);
		cgspan_member_put(member);
	}
}

/* Unbind: tasks are charged to the group of the enclosing member cgroup, or none. */
static int unbind(struct list_head *batch)
{
	int ret;

	if (list_empty(batch))
		return 0;

	ret = cgspan_hook_barrier(cgspan_place_unbind, batch);
	if (!ret)
		cgspan_task_scan();
	forget(batch);
	if (cgspan_place_empty())
		idle();
	return ret;
}

/**
 * cgspan_bind_del() - unbind cgroups, all in one cgspan_hook_barrier()
 * @tree: the tree of their groups; not checked for a cgroup with @any
 * @binds: the cgroups; each has a path, an fd or an id
 * @n: length of @binds
 * @extack: the reason of a refusal
 *
 * Return: 0, or an error; then none is unbound.
 */
int cgspan_bind_del(struct cgspan_tree *tree, const struct cgspan_bind *binds,
		    unsigned int n, struct netlink_ext_ack *extack)
{
	LIST_HEAD(batch);
	unsigned int i;
	int ret = 0;

	mutex_lock(&bind_lock);
	for (i = 0; i < n && !ret; i++) {
		ret = look_up(tree, &binds[i], &batch, extack);
		if (ret && extack)
			extack->bad_attr = binds[i].attr;
	}
	if (ret) {
		forget(&batch);
	} else {
		ret = unbind(&batch);
		if (ret)
			NL_SET_ERR_MSG(extack,
				       "cannot take the cgroup attach barrier");
	}
	mutex_unlock(&bind_lock);
	return ret;
}

/**
 * cgspan_bind_check_expiry() - check that a group's member cgroups allow a policy
 * @group: the group; its tree is locked
 * @on_expiry: enum cgspan_on_expiry
 * @extack: the reason of a refusal
 *
 * Return: 0, -EPERM, -EINVAL or -EOPNOTSUPP.
 */
int cgspan_bind_check_expiry(struct cgspan_group *group, u8 on_expiry,
			     struct netlink_ext_ack *extack)
{
	struct cgspan_member *member = NULL, *next;
	int ret = 0;

	lockdep_assert_held(&group->tree->lock);

	while (!ret && (next = cgspan_member_next_any(group->tree, member))) {
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

static void freeze(struct cgspan_member *member, struct file *file, u64 id,
		   bool frozen)
{
	int ret;

	/* Freeze no member that was unbound meanwhile: nothing would thaw it. */
	if (frozen && READ_ONCE(member->state) != CGSPAN_MEMBER_BOUND)
		return;

	ret = cgspan_freezer_set(file, frozen);
	if (ret < 0 && ret != -ENODEV)
		pr_err_ratelimited("cannot %s %s (error %d)\n",
				   frozen ? "freeze" : "thaw", member->path, ret);
	if (frozen && ret <= 0)
		return;
	WRITE_ONCE(member->frozen_id, frozen ? id : 0);
	cgspan_event_raise(&member->event, CGSPAN_EVENT_CHANGED);
}

/**
 * cgspan_bind_freeze() - freeze a cgroup, or thaw it if the module froze it
 * @member: the member cgroup
 * @frozen: true: freeze; false: thaw
 *
 * Without its cgroup.freeze nothing is done. Context: may sleep; no tree is locked.
 */
void cgspan_bind_freeze(struct cgspan_member *member, bool frozen)
{
	struct file *file;
	u64 id;

	mutex_lock(&freeze_lock);
	file = cgspan_member_get_freezer(member, &id);
	if (file) {
		/* Freeze again: something else may have thawed it meanwhile. */
		if (frozen || member->frozen_id == id)
			freeze(member, file, id, frozen);
		fput(file);
	}
	mutex_unlock(&freeze_lock);
}

/* Return: whether the tree had no tasks, and was removed with its members. */
static bool retire_tree(struct cgspan_group *root)
{
	LIST_HEAD(batch);

	lockdep_assert_held(&bind_lock);

	if (cgspan_group_tasks(root))
		return false;
	cgspan_place_collect(root, &batch);
	if (unbind(&batch) || cgspan_group_tasks(root))
		return false;
	cgspan_group_remove_tree(root);
	return true;
}

/**
 * cgspan_bind_retire() - remove a tree without tasks, and its members
 * @root: its root
 *
 * Return: false if it has tasks, or the barrier cannot be taken.
 */
bool cgspan_bind_retire(struct cgspan_group *root)
{
	bool gone;

	mutex_lock(&bind_lock);
	gone = retire_tree(root);
	mutex_unlock(&bind_lock);
	return gone;
}

static void reap_orphans(void)
{
	struct cgspan_group *group;
	u64 id = 0;

	while ((group = cgspan_group_next(NULL, &id))) {
		if (group->orphan && !group->parent)
			retire_tree(group);
		cgspan_group_put(group);
	}
}

/*
 * Remove trees of orphans that have no tasks. If no member or record is left, detach
 * the hooks; the bind lock is not held during the grace periods of that.
 */
static void reap_idle(struct work_struct *work)
{
	bool finish = false;

	mutex_lock(&bind_lock);
	reap_orphans();
	if (cgspan_place_empty() && cgspan_task_none() &&
	    cgspan_hook_detach(&finish))
		queue_delayed_work(cgspan_event_wq, &idle_work, DETACH_RETRY);
	mutex_unlock(&bind_lock);
	if (finish)
		cgspan_hook_finish();
}

/* A group has lost a task: clean up if its tree has none. Context: any but NMI. */
void cgspan_bind_idle(struct cgspan_group *group)
{
	struct cgspan_group *root = cgspan_group_root(group);

	if (cgspan_group_tasks(root))
		return;
	if (cgspan_place_empty() || READ_ONCE(root->orphan))
		idle();
}

static void nothing(void *arg)
{
}

/**
 * cgspan_bind_settle() - wait until charges agree with tasks
 *
 * On return each fork admitted before this call has a task or is undone, and each
 * task that was in a member before is charged. Context: may sleep.
 *
 * Return: 0, or an error if the barrier cannot be taken.
 */
int cgspan_bind_settle(void)
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

/* Callbacks of struct cgspan_hook_receiver. */

static void exited(void *unused, struct task_struct *task)
{
	cgspan_task_exited(task, cgspan_exit_heard);
}

static void freed(void *unused, struct task_struct *task)
{
	struct cgspan_exit *exit = cgspan_task_freed(task);

	if (exit && !cgspan_exit_queue(exit))
		cgspan_task_told(exit);
}

/* A scan, which may wait for memory, charges the tasks that the probe did not. */
static void attached(struct task_struct *task, bool threadgroup)
{
	if (!cgspan_task_attach(task, threadgroup))
		queue_work(cgspan_event_wq, &rescan_work);
}

static const struct cgspan_hook_receiver receiver = {
	.fork = cgspan_task_fork,
	.provide = cgspan_task_provide,
	.unfork = cgspan_task_unfork,
	.reap = cgspan_task_reap,
	.exec = cgspan_task_exec,
	.exit = exited,
	.free = freed,
	.attach = attached,
	.mkdir = cgspan_place_mkdir,
	.rmdir = cgspan_place_rmdir,
};

int __init cgspan_bind_init(void)
{
	cgspan_task_on_left(cgspan_bind_idle);
	cgspan_place_on_empty(idle);
	return cgspan_hook_init(&receiver);
}

/* At unload the hooks are detached: while attached they reference the module. */
void cgspan_bind_exit(void)
{
	cancel_delayed_work_sync(&idle_work);
	cancel_work_sync(&rescan_work);
}
