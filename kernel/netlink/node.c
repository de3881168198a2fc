// SPDX-License-Identifier: GPL-2.0
/* Requests and replies: the node and its session. */
#include "node.h"

#include <linux/ctype.h>

#include "../charge.h"
#include "../expiry.h"
#include "../hook.h"
#include "attr.h"

static struct netlink_range_validation user_range = {
	.min = CGSPAN_RES_USER0,
	.max = CGSPAN_RES_USER4,
};

static const struct nla_policy res_name_nest[CGSPAN_RES_A_MAX + 1] = {
	[CGSPAN_RES_A_ID] = NLA_POLICY_FULL_RANGE(NLA_U32, &user_range),
	[CGSPAN_RES_A_NAME] = { .type = NLA_NUL_STRING,
				.len = CGSPAN_RES_NAME_LEN },
};

static const struct nla_policy node_name_nest[CGSPAN_NODE_A_MAX + 1] = {
	[CGSPAN_NODE_A_NAME] = { .type = NLA_NUL_STRING,
				 .len = CGSPAN_NAME_LEN },
	[CGSPAN_NODE_A_BOOT_ID] = NLA_POLICY_EXACT_LEN(16),
	[CGSPAN_NODE_A_RESOURCE] = NLA_POLICY_NESTED(res_name_nest),
};

static struct netlink_range_validation ttl_range = {
	.min = 1,
	.max = CGSPAN_TTL_MAX_MS,
};

static const struct nla_policy renew_nest[CGSPAN_SESSION_A_MAX + 1] = {
	[CGSPAN_SESSION_A_EPOCH] = FROM_1,
	[CGSPAN_SESSION_A_SENT] = U64,
	[CGSPAN_SESSION_A_TTL] = NLA_POLICY_FULL_RANGE(NLA_U32, &ttl_range),
};

static const struct nla_policy node_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_NODE] = NLA_POLICY_NESTED(node_name_nest),
};

static const struct nla_policy renew_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(renew_nest),
};

static const struct nla_policy leave_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(cgspan_nl_epoch_nest),
};

static int fill_res_names(struct sk_buff *skb, struct cgspan_node *node)
{
	struct nlattr *nest;
	int i;

	for (i = 0; i < CGSPAN_RES_USERS; i++) {
		if (!node->res_names[i][0])
			continue;
		nest = start_nest(skb, CGSPAN_NODE_A_RESOURCE);
		if (!nest ||
		    put_u32(skb, CGSPAN_RES_A_ID, CGSPAN_RES_USER0 + i) ||
		    nla_put_string(skb, CGSPAN_RES_A_NAME, node->res_names[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int fill_node(struct sk_buff *skb, struct cgspan_node *node)
{
	static const u8 no_boot_id[sizeof(node->boot_id)];
	struct cgspan_group *root = node->tree.root;
	struct nlattr *nest;

	lockdep_assert_held(&node->tree.lock);

	nest = start_nest(skb, CGSPAN_A_NODE);
	if (!nest)
		return -EMSGSIZE;
	if (node->tree.name[0] &&
	    nla_put_string(skb, CGSPAN_NODE_A_NAME, node->tree.name))
		return -EMSGSIZE;
	if (memcmp(node->boot_id, no_boot_id, sizeof(no_boot_id)) &&
	    nla_put(skb, CGSPAN_NODE_A_BOOT_ID, sizeof(node->boot_id),
		    node->boot_id))
		return -EMSGSIZE;
	if (nla_put(skb, CGSPAN_NODE_A_UUID, sizeof(node->uuid), &node->uuid) ||
	    nla_put_string(skb, CGSPAN_NODE_A_VERSION, CGSPAN_VERSION) ||
	    put_u64(skb, CGSPAN_NODE_A_CLOCK, ktime_get_boottime_ns(),
		    CGSPAN_NODE_A_PAD) ||
	    put_u8(skb, CGSPAN_NODE_A_HOOKS, cgspan_hook_attached()) ||
	    put_u32(skb, CGSPAN_NODE_A_GROUPS, node->tree.nr_groups) ||
	    put_u32(skb, CGSPAN_NODE_A_MEMBERS,
		    atomic_read(&node->tree.nr_members)) ||
	    put_u64(skb, CGSPAN_NODE_A_TASKS, cgspan_group_tasks(root),
		    CGSPAN_NODE_A_PAD) ||
	    put_u64(skb, CGSPAN_NODE_A_FORKS,
		    cgspan_group_stat(root, CGSPAN_STAT_FORKS),
		    CGSPAN_NODE_A_PAD) ||
	    put_u64(skb, CGSPAN_NODE_A_REFUSALS,
		    cgspan_group_stat(root, CGSPAN_STAT_REFUSALS),
		    CGSPAN_NODE_A_PAD) ||
	    fill_res_names(skb, node) ||
	    put_u64(skb, CGSPAN_NODE_A_EXITS_TOLD,
		    cgspan_group_stat(root, CGSPAN_STAT_EXITS_TOLD),
		    CGSPAN_NODE_A_PAD) ||
	    put_u64(skb, CGSPAN_NODE_A_EXITS_LOST,
		    cgspan_group_stat(root, CGSPAN_STAT_EXITS_LOST),
		    CGSPAN_NODE_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int cgspan_nl_fill_session(struct sk_buff *skb, struct cgspan_node *node)
{
	struct cgspan_session *session = &node->session;
	struct nlattr *nest;

	lockdep_assert_held(&node->tree.lock);

	nest = start_nest(skb, CGSPAN_A_SESSION);
	if (!nest ||
	    put_u64(skb, CGSPAN_SESSION_A_EPOCH, node->tree.epoch,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u64(skb, CGSPAN_SESSION_A_SENT, session->sent,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u32(skb, CGSPAN_SESSION_A_TTL, session->ttl) ||
	    put_u64(skb, CGSPAN_SESSION_A_DEADLINE, node->tree.deadline,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u8(skb, CGSPAN_SESSION_A_STATE,
		   cgspan_session_state(session)) ||
	    put_u8(skb, CGSPAN_SESSION_A_OWNED, !!session->owner))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int get_node(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_node *node = node_of(info);
	struct sk_buff *reply;
	void *hdr;
	int ret;

	reply = cgspan_nl_start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&node->tree.lock);
	ret = fill_node(reply, node) ?: cgspan_nl_fill_session(reply, node);
	mutex_unlock(&node->tree.lock);
	return cgspan_nl_send_reply(info, reply, hdr, ret);
}

static int check_res_name(const char *name, struct netlink_ext_ack *extack)
{
	static const char *const taken[] = { "tasks", "cpu", "memory" };
	int i;

	if (*name && (!isalpha(*name) || !cgspan_nl_is_name(name)))
		return REFUSE(extack, EINVAL,
			      "a resource's name begins with a letter, and has only A-Z a-z 0-9 . _ -");
	for (i = 0; i < ARRAY_SIZE(taken); i++)
		if (!strcmp(name, taken[i]))
			return REFUSE(extack, EINVAL,
				      "this name means another resource already");
	if (!strncmp(name, "user", 4))
		return REFUSE(extack, EINVAL,
			      "names that begin with user are reserved");
	return 0;
}

/* With @node NULL, the names are only checked. */
static int set_res_names(struct cgspan_node *node, struct nlattr *nest,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_RES_A_MAX + 1];
	struct nlattr *attr;
	int rem, ret;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != CGSPAN_NODE_A_RESOURCE)
			continue;
		ret = nla_parse_nested(tb, CGSPAN_RES_A_MAX, attr,
				       res_name_nest, extack);
		if (ret)
			return ret;
		if (!tb[CGSPAN_RES_A_ID])
			return MISSING(extack, CGSPAN_RES_A_ID);
		if (!tb[CGSPAN_RES_A_NAME])
			return MISSING(extack, CGSPAN_RES_A_NAME);
		ret = check_res_name(nla_data(tb[CGSPAN_RES_A_NAME]), extack);
		if (ret)
			return ret;
		if (node)
			nla_strscpy(node->res_names[nla_get_u32(tb[CGSPAN_RES_A_ID]) -
						    CGSPAN_RES_USER0],
				    tb[CGSPAN_RES_A_NAME],
				    sizeof(node->res_names[0]));
	}
	return 0;
}

static int set_node(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_NODE_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct nlattr *name, *boot_id;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_NODE_A_MAX, info->attrs, CGSPAN_A_NODE,
			 node_name_nest, info->extack);
	if (ret)
		return ret;
	name = tb[CGSPAN_NODE_A_NAME];
	boot_id = tb[CGSPAN_NODE_A_BOOT_ID];
	if (!name && (boot_id || !tb[CGSPAN_NODE_A_RESOURCE]))
		return MISSING(info->extack, CGSPAN_NODE_A_NAME);
	if (name)
		ret = cgspan_nl_check_name(nla_data(name), info->extack);
	if (!ret)
		ret = set_res_names(NULL, info->attrs[CGSPAN_A_NODE],
				    info->extack);
	if (ret)
		return ret;

	mutex_lock(&node->tree.lock);
	ret = cgspan_nl_check_owner(info);
	if (!ret) {
		if (name)
			nla_strscpy(node->tree.name, name, sizeof(node->tree.name));
		if (boot_id)
			memcpy(node->boot_id, nla_data(boot_id),
			       sizeof(node->boot_id));
		set_res_names(node, info->attrs[CGSPAN_A_NODE], info->extack);
	}
	mutex_unlock(&node->tree.lock);
	return ret;
}

static int session_renew(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct sk_buff *reply;
	void *hdr;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 renew_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return MISSING(info->extack, CGSPAN_SESSION_A_EPOCH);
	if (!tb[CGSPAN_SESSION_A_SENT])
		return MISSING(info->extack, CGSPAN_SESSION_A_SENT);
	if (!tb[CGSPAN_SESSION_A_TTL])
		return MISSING(info->extack, CGSPAN_SESSION_A_TTL);

	reply = cgspan_nl_start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&node->tree.lock);
	ret = cgspan_session_renew(&node->session, NETLINK_CB(skb).sk,
				   info->snd_portid,
				   get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
				   get_u64(tb[CGSPAN_SESSION_A_SENT]),
				   nla_get_u32(tb[CGSPAN_SESSION_A_TTL]),
				   info->extack);
	if (ret < 0) {
		mutex_unlock(&node->tree.lock);
		nlmsg_free(reply);
		return ret;
	}
	cgspan_expiry_renewed(&node->expiry);
	if (ret)
		cgspan_expiry_kick();
	ret = cgspan_nl_fill_session(reply, node);
	mutex_unlock(&node->tree.lock);
	return cgspan_nl_send_reply(info, reply, hdr, ret);
}

static int session_leave(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 cgspan_nl_epoch_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return MISSING(info->extack, CGSPAN_SESSION_A_EPOCH);

	mutex_lock(&node->tree.lock);
	ret = cgspan_session_leave(&node->session, info->snd_portid,
				   get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
				   info->extack);
	mutex_unlock(&node->tree.lock);
	if (!ret)
		cgspan_expiry_kick();
	return ret;
}

const struct genl_ops cgspan_nl_node_ops[4] = {
	{
		.cmd = CGSPAN_CMD_NODE_GET,
		.doit = get_node,
	},
	OP(NODE_SET, set_node, node_set_policy),
	OP(SESSION_RENEW, session_renew, renew_policy),
	OP(LEAVE, session_leave, leave_policy),
};
