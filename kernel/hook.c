// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks: a gate for forks, and probes for exec, exit, reaping, migration,
 * mkdir and rmdir. One receiver gets all events.
 *
 * The gate replaces can_fork of the pids controller, because it is the last
 * callback that may refuse a fork, and gets the cgroup that the child will have.
 * It calls the original. No sysctl can switch it off, and it costs a fork only
 * its own work. See kernel/README.md for the limits.
 *
 * While the hooks are attached the module references itself. Detaching is in two
 * steps: the pointers are put back under a lock; then, without it, a grace period
 * for what a task may still execute, after which the reference is dropped. A task
 * may block in the gate for memory, and under PREEMPT_RT for any spinlock, within
 * an SRCU section. Three grace periods cover it: after synchronize_rcu_tasks()
 * each task has entered the section or has left the gate; after
 * synchronize_srcu() it has left the section; after synchronize_rcu_tasks() it
 * has executed the last instructions behind the section.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "hook.h"

#include <linux/cgroup.h>
#include <linux/kallsyms.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/srcu.h>
#include <linux/tracepoint.h>
#include <trace/events/cgroup.h>
#include <trace/events/sched.h>

#include "probe.h"

#if !IS_ENABLED(CONFIG_CGROUP_PIDS) || !IS_ENABLED(CONFIG_64BIT)
#error "the module needs CONFIG_CGROUP_PIDS, and CONFIG_64BIT"
#endif
#if IS_ENABLED(CONFIG_PREEMPTION) && !IS_ENABLED(CONFIG_TASKS_RCU)
#error "the module cannot detach its hooks safely without CONFIG_TASKS_RCU"
#endif

#define KTHREADD	2	/* pid of kthreadd */
/* How often at most a fork gets memory for its record, if other forks take that. */
#define FORK_TRIES	3
/* How many threads the self-test creates at most, until the gate has seen one. */
#define GATE_TRIES	10

/* Protects @attached, and serializes attaching and detaching of the hooks. */
static DEFINE_MUTEX(attach_lock);
static bool attached;

static struct cgspan_hook_receiver receiver __ro_after_init;

/* The gate. */

/* The pids controller, its callbacks written under attach_lock; the originals. */
static struct cgroup_subsys *pids;
static int (*original_can_fork)(struct task_struct *task, struct css_set *cset);
static void (*original_cancel_fork)(struct task_struct *task,
				    struct css_set *cset);
static void (*original_release)(struct task_struct *task);
/* The last thread that kthreadd was about to create; for the self-test. */
static struct task_struct *gate_saw;
static bool gate_tested;

/* The gate's callbacks are in an SRCU section of this while they may block. */
DEFINE_STATIC_SRCU(blocking);

/* Under PREEMPT_RT spinlocks sleep, so that each callback may block. */
#ifdef CONFIG_PREEMPT_RT
static int enter(void)
	__acquires(&blocking)
{
	return srcu_read_lock(&blocking);
}

static void leave(int idx)
	__releases(&blocking)
{
	srcu_read_unlock(&blocking, idx);
}
#else
static int enter(void)
{
	return 0;
}

static void leave(int idx)
{
}
#endif

/* As in the pids controller: if @cset is NULL, the child gets its parent's cgroup. */
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

/* @receiver.fork had no memory: get some, and charge again. */
static noinline int charge_again(struct task_struct *task, struct cgroup *cgrp)
{
	int ret, idx, tries = FORK_TRIES;

	do {
		idx = srcu_read_lock(&blocking);
		receiver.provide(task);
		srcu_read_unlock(&blocking, idx);
		ret = receiver.fork(task, cgrp);
	} while (ret == -ENOMEM && --tries);
	return ret;
}

/*
 * gate(), cancelled() and released() replace callbacks of the pids controller. They
 * charge before it and uncharge after it: it counts no fork that the module refused.
 */
static int gate(struct task_struct *task, struct css_set *cset)
{
	int ret, idx = enter();

	if (unlikely(READ_ONCE(gate_tested)) && current->pid == KTHREADD)
		WRITE_ONCE(gate_saw, task);

	ret = receiver.fork(task, destination(cset));
	if (unlikely(ret == -ENOMEM))
		ret = charge_again(task, destination(cset));
	if (!ret) {
		ret = original_can_fork(task, cset);
		if (ret)
			receiver.unfork(task);
	}
	leave(idx);
	return ret;
}

static void cancelled(struct task_struct *task, struct css_set *cset)
{
	int idx = enter();

	original_cancel_fork(task, cset);
	receiver.unfork(task);
	leave(idx);
}

static void released(struct task_struct *task)
{
	int idx = enter();

	original_release(task);
	receiver.reap(task);
	leave(idx);
}

/* Fail if another module has hooked pids: unhooking must be last in, first out. */
static bool open_gate(void)
{
	if (pids->can_fork != original_can_fork ||
	    pids->cancel_fork != original_cancel_fork ||
	    pids->release != original_release)
		return false;

	WRITE_ONCE(pids->cancel_fork, cancelled);
	WRITE_ONCE(pids->release, released);
	/* Install can_fork last, so that every charge has its undo hooks. */
	smp_store_release(&pids->can_fork, gate);
	return true;
}

/*
 * Return: false if another module has hooked the gate after us, and may call it.
 * Then nothing has changed, or, after a race with that module, the caller must
 * retry.
 */
static bool close_gate(void)
{
	if (READ_ONCE(pids->release) != released ||
	    READ_ONCE(pids->cancel_fork) != cancelled)
		return false;
	return cmpxchg(&pids->can_fork, gate, original_can_fork) == gate &&
	       cmpxchg(&pids->release, released, original_release) == released &&
	       cmpxchg(&pids->cancel_fork, cancelled,
		       original_cancel_fork) == cancelled;
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
 * cgspan_hook_barrier() - call a function while no task forks, moves or begins
 * to exit
 * @fn: the function; it may not sleep
 * @arg: passed to @fn
 *
 * Moves the caller to its own cgroup: that excludes all other forks and moves,
 * and calls the probe, which calls @fn.
 *
 * Context: the hooks are attached; one caller at a time.
 *
 * Return: 0 if @fn was called, else an error.
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
	receiver.exec(task);
}

static void on_attach(void *data, struct cgroup *dst, const char *path,
		      struct task_struct *task, bool threadgroup)
{
	if (dst->root != &cgrp_dfl_root)
		return;
	run_barrier(task);
	receiver.attach(task, threadgroup);
}

static void on_mkdir(void *data, struct cgroup *cgrp, const char *path)
{
	if (cgrp->root == &cgrp_dfl_root)
		receiver.mkdir(cgrp);
}

static void on_rmdir(void *data, struct cgroup *cgrp, const char *path)
{
	if (cgrp->root == &cgrp_dfl_root)
		receiver.rmdir(cgrp);
}

/* Each task passes sched_process_exit and _free: they call the receiver directly. */
static struct cgspan_probe probes[] = {
	{ "sched_process_exit" },
	{ "sched_process_free" },
	{ "sched_process_exec", on_exec },
	{ "cgroup_attach_task", on_attach },
	{ "cgroup_mkdir", on_mkdir },
	{ "cgroup_rmdir", on_rmdir },
};

static void __maybe_unused check_types(void)
{
	check_trace_callback_type_sched_process_exec(on_exec);
	check_trace_callback_type_sched_process_exit(receiver.exit);
	check_trace_callback_type_sched_process_free(receiver.free);
	check_trace_callback_type_cgroup_attach_task(on_attach);
	check_trace_callback_type_cgroup_mkdir(on_mkdir);
	check_trace_callback_type_cgroup_rmdir(on_rmdir);
}

/* Attach and detach the hooks. A failure to attach is logged, and set in extack. */

static void fail(struct netlink_ext_ack *extack, const char *what, int error)
{
	pr_err("%s (error %d)\n", what, error);
	if (extack)
		extack->_msg = what;
}

/**
 * cgspan_hook_attach() - attach the hooks
 * @extack: the reason of a failure; may be NULL
 *
 * The module references itself until cgspan_hook_finish().
 *
 * Context: may sleep.
 *
 * Return: 0, also if they were attached; or an error, and nothing is attached.
 */
int cgspan_hook_attach(struct netlink_ext_ack *extack)
{
	int ret = 0;

	mutex_lock(&attach_lock);
	if (attached)
		goto unlock;

	if (!try_module_get(THIS_MODULE)) {
		ret = -EBUSY;
		fail(extack, "the module is being unloaded", ret);
		goto unlock;
	}
	ret = cgspan_probe_attach(probes, ARRAY_SIZE(probes));
	if (ret) {
		fail(extack, "cannot attach to the kernel's tracepoints", ret);
		goto probes;
	}
	if (!open_gate()) {
		ret = -EBUSY;
		fail(extack,
		     "cannot attach the fork gate: another module has hooked the pids controller",
		     ret);
		goto probes;
	}

	WRITE_ONCE(attached, true);
	goto unlock;

probes:
	cgspan_probe_detach(probes, ARRAY_SIZE(probes));
	tracepoint_synchronize_unregister();
	module_put(THIS_MODULE);
unlock:
	mutex_unlock(&attach_lock);
	return ret;
}

/**
 * cgspan_hook_detach() - detach the hooks
 * @finish: set to whether the caller must call cgspan_hook_finish(), without locks
 *
 * Events may be in progress until cgspan_hook_finish() returns.
 *
 * Return: 0, or -EBUSY: the hooks stay, since another module has wrapped the gate.
 */
int cgspan_hook_detach(bool *finish)
{
	int ret = 0;

	*finish = false;
	mutex_lock(&attach_lock);
	if (attached && !close_gate()) {
		pr_warn_once("another module has hooked the pids controller after this one: unload that first\n");
		ret = -EBUSY;
	} else if (attached) {
		cgspan_probe_detach(probes, ARRAY_SIZE(probes));
		WRITE_ONCE(attached, false);
		*finish = true;
	}
	mutex_unlock(&attach_lock);
	return ret;
}

/* On return no event is in progress; may take seconds. Puts the module. */
void cgspan_hook_finish(void)
{
	synchronize_rcu_tasks();
	synchronize_srcu(&blocking);
	synchronize_rcu_tasks();
	tracepoint_synchronize_unregister();
	module_put(THIS_MODULE);
}

bool cgspan_hook_attached(void)
{
	return READ_ONCE(attached);
}

/* Loading. */

/* Is @fn a function of the kernel itself, no module's, whose name begins with @name? */
static bool is_own(void *fn, const char *name)
{
	char symbol[KSYM_SYMBOL_LEN];

	sprint_symbol(symbol, (unsigned long)fn);
	if (str_has_prefix(symbol, name) && strstr(symbol, "+0x0/") &&
	    !strchr(symbol, '['))
		return true;
	pr_err("the pids controller has %s for %s: another module has hooked it\n",
	       symbol, name);
	return false;
}

/* Find the pids controller and its callbacks, which are not exported. */
static int find_functions(void)
{
	rcu_read_lock();
	pids = task_css(current, pids_cgrp_id)->ss;
	rcu_read_unlock();

	original_can_fork = pids->can_fork;
	original_cancel_fork = pids->cancel_fork;
	original_release = pids->release;
	return is_own(original_can_fork, "pids_can_fork") &&
	       is_own(original_cancel_fork, "pids_cancel_fork") &&
	       is_own(original_release, "pids_release") ? 0 : -EBUSY;
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

/* Return: 1: the gate saw the new thread; 0: it saw none, or another; or an error. */
static int try_thread(void)
{
	struct task_struct *thread;
	int seen;

	WRITE_ONCE(gate_saw, NULL);
	thread = kthread_create(nothing, NULL, "cgspan");
	if (IS_ERR(thread)) {
		pr_err("self-test failed: cannot create a thread (error %ld)\n",
		       PTR_ERR(thread));
		return PTR_ERR(thread);
	}
	seen = READ_ONCE(gate_saw) == thread;
	kthread_stop(thread);
	return seen;
}

/* A new thread must pass the gate; kthreadd may create others meanwhile. */
static int try_gate(void)
{
	int i, ret = 0;

	WRITE_ONCE(gate_tested, true);
	for (i = 0; i < GATE_TRIES && !ret; i++)
		ret = try_thread();
	WRITE_ONCE(gate_tested, false);
	if (ret)
		return min(ret, 0);

	pr_err("self-test failed: a fork does not pass the gate\n");
	return -EOPNOTSUPP;
}

/**
 * cgspan_hook_init() - find all hooks, and try them
 * @to: gets all events while the hooks are attached
 *
 * The hooks are detached afterwards: without members they would only cost time.
 *
 * Return: 0, or an error that was logged.
 */
int __init cgspan_hook_init(const struct cgspan_hook_receiver *to)
{
	bool finish;
	int ret;

	receiver = *to;
	probes[0].fn = receiver.exit;
	probes[1].fn = receiver.free;

	ret = cgspan_probe_find(probes, ARRAY_SIZE(probes)) ?: find_functions();
	if (ret)
		return ret;

	ret = cgspan_hook_attach(NULL);
	if (!ret)
		ret = try_barrier() ?: try_gate();
	cgspan_hook_detach(&finish);
	if (finish)
		cgspan_hook_finish();
	return ret;
}
