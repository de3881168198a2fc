// SPDX-License-Identifier: GPL-2.0
/* For tests: wraps can_fork of the pids controller, as an unrelated module might do. */
#include <linux/cgroup.h>
#include <linux/module.h>
#include <linux/rcupdate.h>

static struct cgroup_subsys *pids;
static int (*wrapped)(struct task_struct *task, struct css_set *cset);

static int wrap(struct task_struct *task, struct css_set *cset)
{
	return wrapped(task, cset);
}

static int __init wrap_init(void)
{
	rcu_read_lock();
	pids = task_css(current, pids_cgrp_id)->ss;
	rcu_read_unlock();
	wrapped = pids->can_fork;
	WRITE_ONCE(pids->can_fork, wrap);
	return 0;
}

static void __exit wrap_exit(void)
{
	WRITE_ONCE(pids->can_fork, wrapped);
	synchronize_rcu_tasks();
}

module_init(wrap_init);
module_exit(wrap_exit);

MODULE_DESCRIPTION("Wraps can_fork, for the tests of cgspan");
MODULE_LICENSE("GPL");
