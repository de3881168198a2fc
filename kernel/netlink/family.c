// SPDX-License-Identifier: GPL-2.0
/*
 * The commands of the generic netlink family. The protocol is documented in the
 * UAPI header.
 */
#include "family.h"

#include "attr.h"
#include "grant.h"
#include "group.h"
#include "lease.h"
#include "member.h"
#include "node.h"
#include "notify.h"
#include "task.h"

/* genl searches them in this order: the most frequent ones come first. */
static const struct genl_ops ops[] = {
	{
		.cmd = CGSPAN_CMD_ADMIT,
		.doit = cgspan_nl_grant_admit,
		.policy = cgspan_nl_admit_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_RELEASE,
		.doit = cgspan_nl_grant_release,
		.policy = cgspan_nl_release_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_NODE_GET,
		.doit = cgspan_nl_node_get,
	},
	{
		.cmd = CGSPAN_CMD_NODE_SET,
		.doit = cgspan_nl_node_set,
		.policy = cgspan_nl_node_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_SESSION_RENEW,
		.doit = cgspan_nl_session_renew,
		.policy = cgspan_nl_renew_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_LEAVE,
		.doit = cgspan_nl_session_leave,
		.policy = cgspan_nl_leave_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_NEW,
		.doit = cgspan_nl_group_new,
		.policy = cgspan_nl_group_new_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_SET,
		.doit = cgspan_nl_group_set,
		.policy = cgspan_nl_group_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_DEL,
		.doit = cgspan_nl_group_del,
		.policy = cgspan_nl_group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_GET,
		.doit = cgspan_nl_group_get,
		.start = cgspan_nl_start_dump,
		.dumpit = cgspan_nl_group_dump,
		.done = cgspan_nl_end_dump,
		.policy = cgspan_nl_group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_LEASE_SET,
		.doit = cgspan_nl_lease_set,
		.policy = cgspan_nl_lease_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_ADD,
		.doit = cgspan_nl_member_add,
		.policy = cgspan_nl_member_add_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_DEL,
		.doit = cgspan_nl_member_del,
		.policy = cgspan_nl_member_del_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_GET,
		.start = cgspan_nl_start_dump,
		.dumpit = cgspan_nl_member_dump,
		.done = cgspan_nl_end_dump,
		.policy = cgspan_nl_group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_PEER_SET,
		.doit = cgspan_nl_peer_set,
		.policy = cgspan_nl_peer_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_TASK_GET,
		.start = cgspan_nl_start_dump,
		.dumpit = cgspan_nl_task_dump,
		.done = cgspan_nl_end_dump,
		.policy = cgspan_nl_group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GRANT_GET,
		.doit = cgspan_nl_grant_get,
		.start = cgspan_nl_start_dump,
		.dumpit = cgspan_nl_grant_dump,
		.done = cgspan_nl_end_dump,
		.policy = cgspan_nl_grant_get_policy,
		.maxattr = CGSPAN_A_MAX,
	},
};

int cgspan_nl_family_init(void)
{
	int ret;

	cgspan_nl_family.ops = ops;
	cgspan_nl_family.n_ops = ARRAY_SIZE(ops);
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
