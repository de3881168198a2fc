// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan: one cgroup tree over a whole cluster; this kernel's part of it.
 *
 * The order below is the architecture: what comes later uses what came before.
 */
#include <linux/module.h>

#include "debug.h"
#include "event.h"
#include "expiry.h"
#include "grant.h"
#include "hook.h"
#include "member.h"
#include "netlink/family.h"
#include "node.h"
#include "sched.h"
#include "selftest/selftest.h"
#include "session.h"
#include "task.h"

static int __init cgspan_init(void)
{
	int ret;

	ret = cgspan_event_init();
	if (ret)
		return ret;

	ret = cgspan_task_init();
	if (ret)
		goto err_task;

	ret = cgspan_sched_init();
	if (ret)
		goto err_sched;

	cgspan_debug_init();

	ret = cgspan_node_init();
	if (ret)
		goto err_node;

	ret = cgspan_expiry_init();
	if (ret)
		goto err_expiry;

	ret = cgspan_hook_init();
	if (ret)
		goto err_hook;

	ret = cgspan_session_init();
	if (ret)
		goto err_session;

	ret = cgspan_grant_init();
	if (ret)
		goto err_grant;

	ret = -EINVAL;
	if (!cgspan_selftest())
		goto err_netlink;

	ret = cgspan_nl_family_init();
	if (ret)
		goto err_netlink;

	return 0;

err_netlink:
	cgspan_grant_exit();
err_grant:
	cgspan_session_exit();
err_session:
	cgspan_hook_exit();
err_hook:
	cgspan_expiry_exit();
err_expiry:
	cgspan_node_exit();
err_node:
	cgspan_debug_exit();
	cgspan_sched_exit();
err_sched:
	cgspan_task_exit();
err_task:
	cgspan_event_exit();
	return ret;
}

/* No session is joined, so nothing is lost but what the module was told. */
static void __exit cgspan_exit(void)
{
	cgspan_event_stop();
	cgspan_nl_family_exit();
	cgspan_session_exit();
	cgspan_sched_exit();
	cgspan_hook_exit();
	cgspan_expiry_exit();
	/* Nothing comes in any more. */
	cgspan_task_clear();
	cgspan_grant_exit();
	cgspan_member_exit();
	cgspan_node_exit();
	cgspan_debug_exit();
	cgspan_event_exit();
	cgspan_task_exit();
}

module_init(cgspan_init);
module_exit(cgspan_exit);

MODULE_DESCRIPTION("One cgroup tree over a whole cluster");
MODULE_LICENSE("GPL");
MODULE_VERSION(CGSPAN_VERSION);
