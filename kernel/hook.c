// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel events in: the fork gate, and what tells of exec, exit, reaping,
 * migration, and of directories that come and go.
 *
 * The gate stands before a function of the pids controller, because it is the
 * last one that may refuse a fork, and is called with the cgroup that the child
 * is going to have. The controller's table of functions leads to us, and we call
 * what it led to before: nothing can switch that off, and it costs a fork
 * nothing but ourselves. Nothing here sleeps: a task asleep in the gate would
 * return to a module that has gone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "hook.h"

#include <linux/cgroup.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/tracepoint.h>
#include <trace/events/cgroup.h>
#include <trace/events/sched.h>

#include "member.h"
#include "probe.h"
#include "task.h"

/* Protects attached. Work may find nothing to watch while the module exits. */
static DEFINE_MUTEX(attach_lock);
static bool attached;

/* The gate. */

/* What we stand before; its table is written under attach_lock. */
static struct cgroup_subsys *pids;
static int (*original_can_fork)(struct task_struct *task, struct css_set *cset);
static void (*original_cancel_fork)(struct task_struct *task,
				    struct css_set *cset);
static void (*original_release)(struct task_struct *task);
static bool gate_seen;

/* As the pids controller finds it: without @cset, the child goes with us. */
static struct cgroup *destination(struct css_set *cset)
{
	struct cgroup *cgrp;

	if (cset)
		return cset->dfl_cgrp;

	rcu_read_lock();
	cgrp = task_dfl_cgroup(current);
	rcu_read_unlock();
	return cgrp;
}

/*
 * Called in place of the pids controller's functions. We charge before the
 * controller does and uncharge after it, so that its count is never above ours.
 */
static int gate(struct task_struct *task, struct css_set *cset)
{
	int ret;

	if (unlikely(!READ_ONCE(gate_seen)))
		WRITE_ONCE(gate_seen, true);

	ret = cgspan_task_fork(task, destination(cset));
	if (ret)
		return ret;

	ret = original_can_fork(task, cset);
	if (ret)
		cgspan_task_unfork(task);
	return ret;
}

static void cancelled(struct task_struct *task, struct css_set *cset)
{
	original_cancel_fork(task, cset);
	cgspan_task_unfork(task);
}

static void released(struct task_struct *task)
{
	original_release(task);
	cgspan_task_reap(task);
}

/* Another one who does as we do may have come first, and must not go first. */
static bool open_gate(void)
{
	if (pids->can_fork != original_can_fork ||
	    pids->cancel_fork != original_cancel_fork ||
	    pids->release != original_release)
		return false;

	WRITE_ONCE(pids->cancel_fork, cancelled);
	WRITE_ONCE(pids->release, released);
	/* The gate comes last: who is charged there is sure to be seen later. */
	smp_store_release(&pids->can_fork, gate);
	return true;
}

/* On return nobody is in the gate, nor on the way into it. */
static void close_gate(void)
{
	WARN_ON(cmpxchg(&pids->can_fork, gate, original_can_fork) != gate);
	WARN_ON(cmpxchg(&pids->release, released, original_release) !=
		released);
	WARN_ON(cmpxchg(&pids->cancel_fork, cancelled, original_cancel_fork) !=
		cancelled);
	synchronize_rcu_tasks();
}

/* The barrier. */

static struct {
	struct task_struct *caller;
	void (*fn)(void *arg);
	void *arg;
	bool done;
} barrier;

static void run_barrier(struct task_struct *task)
{
	if (task != current || READ_ONCE(barrier.caller) != current ||
	    barrier.done)
		return;
	barrier.fn(barrier.arg);
	barrier.done = true;
}

/**
 * cgspan_hook_barrier() - do something while no task forks, moves, or begins
 * to exit
 * @fn: what; it may not sleep
 * @arg: handed to @fn
 *
 * Moves the caller to where it is: that excludes all others, and our own probe
 * is called within.
 *
 * Context: the hooks are attached; one caller at a time.
 *
 * Return: 0 if @fn was called.
 */
int cgspan_hook_barrier(void (*fn)(void *arg), void *arg)
{
	int ret;

	barrier.fn = fn;
	barrier.arg = arg;
	barrier.done = false;
	WRITE_ONCE(barrier.caller, current);
	ret = cgroup_attach_task_all(current, current);
	WRITE_ONCE(barrier.caller, NULL);

	if (barrier.done)
		return 0;
	return ret ?: -EOPNOTSUPP;
}

/* Tracepoints. */

static void on_exec(void *data, struct task_struct *task, pid_t old_pid,
		    struct linux_binprm *bprm)
{
	cgspan_task_exec(task);
}

static void on_exit(void *data, struct task_struct *task)
{
	cgspan_task_exited(task);
}

static void on_free(void *data, struct task_struct *task)
{
	cgspan_task_freed(task);
}

static void on_attach(void *data, struct cgroup *dst, const char *path,
		      struct task_struct *task, bool threadgroup)
{
	if (dst->root != &cgrp_dfl_root)
		return;
	run_barrier(task);
	cgspan_task_attach(task, threadgroup);
}

static void on_mkdir(void *data, struct cgroup *cgrp, const char *path)
{
	if (cgrp->root == &cgrp_dfl_root)
		cgspan_member_mkdir(cgrp);
}

static void on_rmdir(void *data, struct cgroup *cgrp, const char *path)
{
	if (cgrp->root == &cgrp_dfl_root)
		cgspan_member_rmdir(cgrp);
}

static struct cgspan_probe probes[] = {
	{ "sched_process_exec", on_exec },
	{ "sched_process_exit", on_exit },
	{ "sched_process_free", on_free },
	{ "cgroup_attach_task", on_attach },
	{ "cgroup_mkdir", on_mkdir },
	{ "cgroup_rmdir", on_rmdir },
};

static void __maybe_unused check_types(void)
{
	check_trace_callback_type_sched_process_exec(on_exec);
	check_trace_callback_type_sched_process_exit(on_exit);
	check_trace_callback_type_sched_process_free(on_free);
	check_trace_callback_type_cgroup_attach_task(on_attach);
	check_trace_callback_type_cgroup_mkdir(on_mkdir);
	check_trace_callback_type_cgroup_rmdir(on_rmdir);
}

/* On and off. A failure is told in the log, and to who asked. */

static void fail(struct netlink_ext_ack *extack, const char *what, int error)
{
	pr_err("%s (error %d)\n", what, error);
	if (extack)
		extack->_msg = what;
}

/**
 * cgspan_hook_attach() - let kernel events in
 * @extack: says why not; may be NULL
 *
 * Context: may sleep.
 *
 * Return: 0, or an error, and nothing is attached.
 */
int cgspan_hook_attach(struct netlink_ext_ack *extack)
{
	int ret = 0;

	mutex_lock(&attach_lock);
	if (attached)
		goto unlock;

	ret = cgspan_probe_attach(probes, ARRAY_SIZE(probes));
	if (ret) {
		fail(extack, "cannot attach to the kernel's tracepoints", ret);
		goto probes;
	}
	if (!open_gate()) {
		ret = -EBUSY;
		fail(extack,
		     "cannot attach the fork gate: another module stands before the pids controller",
		     ret);
		goto probes;
	}

	WRITE_ONCE(attached, true);
	goto unlock;

probes:
	cgspan_probe_detach(probes, ARRAY_SIZE(probes));
unlock:
	mutex_unlock(&attach_lock);
	return ret;
}

/* Let no kernel event in any more; on return none is on its way. */
void cgspan_hook_detach(void)
{
	mutex_lock(&attach_lock);
	if (attached) {
		close_gate();
		cgspan_probe_detach(probes, ARRAY_SIZE(probes));
		WRITE_ONCE(attached, false);
	}
	mutex_unlock(&attach_lock);
}

bool cgspan_hook_attached(void)
{
	return READ_ONCE(attached);
}

/* Loading. */

/* What the controller's functions are, none of which has an exported name. */
static void find_functions(void)
{
	rcu_read_lock();
	pids = task_css(current, pids_cgrp_id)->ss;
	rcu_read_unlock();

	original_can_fork = pids->can_fork;
	original_cancel_fork = pids->cancel_fork;
	original_release = pids->release;
}

static void set_flag(void *arg)
{
	*(bool *)arg = true;
}

static int nothing(void *data)
{
	return 0;
}

static int try_barrier(void)
{
	bool called = false;
	int ret;

	ret = cgspan_hook_barrier(set_flag, &called);
	if (!ret && called)
		return 0;

	pr_err("self-test failed: moving a task does not call the probe (error %d)\n",
	       ret);
	return ret ?: -EOPNOTSUPP;
}

/* A thread is made by a fork that must come through the gate. */
static int try_gate(void)
{
	struct task_struct *thread;

	WRITE_ONCE(gate_seen, false);
	thread = kthread_create(nothing, NULL, "cgspan");
	if (IS_ERR(thread)) {
		pr_err("self-test failed: cannot create a thread (error %ld)\n",
		       PTR_ERR(thread));
		return PTR_ERR(thread);
	}
	kthread_stop(thread);
	if (READ_ONCE(gate_seen))
		return 0;

	pr_err("self-test failed: a fork does not pass the gate\n");
	return -EOPNOTSUPP;
}

/**
 * cgspan_hook_init() - find all hooks, and try them
 *
 * They are off afterwards: without members they would only cost time.
 *
 * Return: 0, or an error that has been told in one line of the log.
 */
int cgspan_hook_init(void)
{
	int ret;

	ret = cgspan_probe_find(probes, ARRAY_SIZE(probes));
	if (ret)
		return ret;

	find_functions();
	ret = cgspan_hook_attach(NULL);
	if (!ret)
		ret = try_barrier() ?: try_gate();
	cgspan_hook_detach();
	return ret;
}

/* On return no code of the module is reached by any kernel event. */
void cgspan_hook_exit(void)
{
	cgspan_hook_detach();
}
