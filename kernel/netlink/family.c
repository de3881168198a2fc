// SPDX-License-Identifier: GPL-2.0
/* The commands of the generic netlink family; the UAPI header documents the protocol. */
#include "family.h"

#include "attr.h"
#include "grant.h"
#include "group.h"
#include "lease.h"
#include "member.h"
#include "node.h"
#include "notify.h"
#include "sched.h"
#include "task.h"

static struct genl_ops ops[18] __ro_after_init;

static void __init add(const struct genl_ops *more, unsigned int n)
{
	memcpy(&ops[cgspan_nl_family.n_ops], more, n * sizeof(*more));
	cgspan_nl_family.n_ops += n;
}

int __init cgspan_nl_family_init(void)
{
	int ret;

	/* genl searches in this order: the most frequent ones come first. */
	add(cgspan_nl_grant_ops, ARRAY_SIZE(cgspan_nl_grant_ops));
	add(cgspan_nl_node_ops, ARRAY_SIZE(cgspan_nl_node_ops));
	add(cgspan_nl_group_ops, ARRAY_SIZE(cgspan_nl_group_ops));
	add(cgspan_nl_lease_ops, ARRAY_SIZE(cgspan_nl_lease_ops));
	add(cgspan_nl_member_ops, ARRAY_SIZE(cgspan_nl_member_ops));
	add(cgspan_nl_task_ops, ARRAY_SIZE(cgspan_nl_task_ops));
	add(cgspan_nl_sched_ops, ARRAY_SIZE(cgspan_nl_sched_ops));
	cgspan_nl_family.ops = ops;

	ret = genl_register_family(&cgspan_nl_family);
	if (!ret)
		cgspan_nl_notify_connect();
	return ret;
}

void cgspan_nl_family_exit(void)
{
	cgspan_nl_notify_disconnect();
	genl_unregister_family(&cgspan_nl_family);
}
