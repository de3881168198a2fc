// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan: one cgroup tree that spans a cluster; the module of one node.
 *
 * Layers are initialised in the order of Kbuild's list, and end in reverse.
 */
#include <linux/module.h>

#include "bind.h"
#include "debug.h"
#include "event.h"
#include "expiry.h"
#include "grant.h"
#include "netlink/family.h"
#include "node.h"
#include "record.h"
#include "sched.h"
#include "selftest/selftest.h"

static int __init cgspan_init(void)
{
	int ret;

	if (!cgspan_selftest())
		return -EINVAL;

	ret = cgspan_event_init();
	if (ret)
		return ret;

	ret = cgspan_record_init();
	if (ret)
		goto err_record;

	ret = cgspan_sched_init();
	if (ret)
		goto err_sched;

	cgspan_debug_init();

	ret = cgspan_grant_init();
	if (ret)
		goto err_grant;

	ret = cgspan_bind_init();
	if (ret)
		goto err_bind;

	ret = cgspan_expiry_init();
	if (ret)
		goto err_expiry;

	ret = cgspan_node_init();
	if (ret)
		goto err_node;

	ret = cgspan_nl_family_init();
	if (ret)
		goto err_family;

	return 0;

err_family:
	cgspan_node_exit();
err_node:
	cgspan_expiry_exit();
err_expiry:
	cgspan_bind_exit();
err_bind:
	cgspan_grant_exit();
err_grant:
	cgspan_debug_exit();
	cgspan_sched_exit();
err_sched:
	cgspan_record_exit();
err_record:
	cgspan_event_exit();
	return ret;
}

/* At unload no session is joined: a joined session references the module. */
static void __exit cgspan_exit(void)
{
	cgspan_nl_family_exit();
	cgspan_node_exit();
	cgspan_expiry_exit();
	cgspan_bind_exit();
	cgspan_grant_exit();
	cgspan_debug_exit();
	cgspan_sched_exit();
	cgspan_record_exit();
	cgspan_event_exit();
}

module_init(cgspan_init);
module_exit(cgspan_exit);

MODULE_DESCRIPTION("One cgroup tree that spans a cluster");
MODULE_LICENSE("GPL");
MODULE_VERSION(CGSPAN_VERSION);
