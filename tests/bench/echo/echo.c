// SPDX-License-Identifier: GPL-2.0
/* A minimal generic netlink family, to compare the cost of cgspan's requests with. */
#include <linux/module.h>
#include <net/genetlink.h>

#include "echo.h"

static struct genl_family family;

static int echo(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *msg;
	void *hdr;

	if (!info->attrs[ECHO_A_VALUE])
		return -EINVAL;

	msg = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &family, 0, ECHO_CMD_ECHO);
	if (!hdr || nla_put_u32(msg, ECHO_A_VALUE,
				nla_get_u32(info->attrs[ECHO_A_VALUE]))) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static const struct nla_policy policy[__ECHO_A_LAST] = {
	[ECHO_A_VALUE] = { .type = NLA_U32 },
};

static const struct genl_ops ops[] = {
	{ .cmd = ECHO_CMD_ECHO, .doit = echo },
};

static struct genl_family family = {
	.name = ECHO_NAME,
	.version = 1,
	.maxattr = __ECHO_A_LAST - 1,
	.policy = policy,
	.module = THIS_MODULE,
	.parallel_ops = true,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = ECHO_CMD_ECHO + 1,
};

static int __init echo_init(void)
{
	return genl_register_family(&family);
}

static void __exit echo_exit(void)
{
	genl_unregister_family(&family);
}

module_init(echo_init);
module_exit(echo_exit);

MODULE_DESCRIPTION("A trivial generic netlink family");
MODULE_LICENSE("GPL");
