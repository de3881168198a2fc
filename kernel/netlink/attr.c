// SPDX-License-Identifier: GPL-2.0
/*
 * Attributes, requests, replies and dumps: what the other files of this folder
 * share. The protocol is documented in the UAPI header.
 *
 * Policies check shapes and ranges; a handler checks what a policy cannot. Every
 * refusal sets an extack text. Handlers take the tree's lock briefly, if at all. Only
 * those that bind cgroups, that read totals, or that use one queue wait longer for
 * others of their kind.
 */
#include "attr.h"

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../compat.h"
#include "../place.h"

static const struct genl_multicast_group mcgrps[] = {
	/* CONFIG messages contain paths of cgroups. */
	[CONFIG] = { .name = CGSPAN_MCGRP_CONFIG,
		     .flags = GENL_MCAST_CAP_NET_ADMIN },
	[CREDIT] = { .name = CGSPAN_MCGRP_CREDIT },
	[SESSION] = { .name = CGSPAN_MCGRP_SESSION },
	[EXIT] = { .name = CGSPAN_MCGRP_EXIT,
		   .flags = GENL_MCAST_CAP_NET_ADMIN },
};

/* The family is here because every reply names it; family.c adds its commands. */
struct genl_family cgspan_nl_family __ro_after_init = {
	.name = CGSPAN_GENL_NAME,
	.version = CGSPAN_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

const struct nla_policy cgspan_nl_epoch_nest[CGSPAN_SESSION_A_MAX + 1] = {
	[CGSPAN_SESSION_A_EPOCH] = FROM_1,
};

const struct nla_policy cgspan_nl_group_nest[CGSPAN_GROUP_A_MAX + 1] = {
	[CGSPAN_GROUP_A_ID] = FROM_1,
	[CGSPAN_GROUP_A_PATH] = PATH,
};

const struct nla_policy cgspan_nl_read_nest[CGSPAN_GROUP_A_MAX + 1] = {
	[CGSPAN_GROUP_A_ID] = FROM_1,
	[CGSPAN_GROUP_A_PATH] = PATH,
	[CGSPAN_GROUP_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, CGSPAN_GROUP_F_BRIEF),
};

const struct nla_policy cgspan_nl_read_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(cgspan_nl_read_nest),
};

/* Attributes. */

struct nlattr *cgspan_nl_start_nest(struct sk_buff *skb, int type)
{
	struct nlattr *nest;

	if (skb_tailroom(skb) < NLA_HDRLEN)
		return NULL;
	nest = __skb_put(skb, NLA_HDRLEN);
	nest->nla_type = type | NLA_F_NESTED;
	return nest;
}

int cgspan_nl_put_u64(struct sk_buff *skb, int type, u64 value, int pad)
{
	return put_numbers(skb, pad, { type, value });
}

int cgspan_nl_put_u32(struct sk_buff *skb, int type, u32 value)
{
	return put_numbers(skb, 0, { type, value, sizeof(value) });
}

int cgspan_nl_put_u8(struct sk_buff *skb, int type, u8 value)
{
	return put_numbers(skb, 0, { type, value, sizeof(value) });
}

int cgspan_nl_put_cause(struct sk_buff *skb, u8 cause, u64 caller, int cause_type,
			int caller_type, int pad)
{
	if ((cause && put_u8(skb, cause_type, cause)) ||
	    (caller && put_u64(skb, caller_type, caller, pad)))
		return -EMSGSIZE;
	return 0;
}

/* Requests. */

/* Used in place of GENL_ADMIN_PERM, which refuses without an extack text. */
int cgspan_nl_check_privilege(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_NET_ADMIN) &&
	    netlink_capable(skb, CAP_SYS_RESOURCE))
		return 0;
	return REFUSE(extack, EPERM,
		      "this needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user namespace");
}

/* Context: the tree of the node is locked. */
int cgspan_nl_check_owner(struct genl_info *info)
{
	return cgspan_session_check_owner(&node_of(info)->session,
					  info->snd_portid, info->extack);
}

static const char name_chars[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

bool cgspan_nl_is_name(const char *name)
{
	return *name && !name[strspn(name, name_chars)];
}

int cgspan_nl_check_name(const char *name, struct netlink_ext_ack *extack)
{
	if (!*name)
		return REFUSE(extack, EINVAL, "the node's name is empty");
	if (!cgspan_nl_is_name(name))
		return REFUSE(extack, EINVAL,
			      "the node's name has a character that is not one of A-Z a-z 0-9 . _ -");
	return 0;
}

/* Return: a group, referenced, or an ERR_PTR. */
struct cgspan_group *cgspan_nl_get_group(struct cgspan_tree *tree,
					 struct nlattr *path, struct nlattr *id,
				      struct netlink_ext_ack *extack)
{
	struct cgspan_group *group;

	if (!path && !id)
		return ERR_PTR(REFUSE(extack, EINVAL,
				      "the group's path or id is missing"));
	if (path && id)
		return ERR_PTR(REFUSE(extack, EINVAL,
				      "the group is named both by path and by id"));

	group = path ? cgspan_group_get_by_path(tree, nla_data(path)) :
		       cgspan_group_get_by_id(tree, get_u64(id));
	if (group)
		return group;

	NL_SET_ERR_MSG_ATTR(extack, path ?: id, "there is no such group");
	return ERR_PTR(-ENOENT);
}

/* How many attributes of this type a request has. */
unsigned int cgspan_nl_count(struct genl_info *info, int type)
{
	struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == type;
	return n;
}

/* Return: @n items, which cgspan_nl_put_list() frees, or an ERR_PTR. */
void *cgspan_nl_parse_list(struct genl_info *info, int type, unsigned int n,
			   size_t size, cgspan_nl_parse_fn *parse)
{
	struct nlattr *attr;
	unsigned int i = 0;
	void *items;
	int rem, ret;

	items = kvcalloc(n, size, GFP_KERNEL);
	if (!items)
		return ERR_PTR(-ENOMEM);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != type)
			continue;
		ret = parse(tree_of(info), attr, items + i * size,
			    info->extack);
		if (ret) {
			cgspan_nl_put_list(items, i, size);
			return ERR_PTR(ret);
		}
		i++;
	}
	return items;
}

void cgspan_nl_put_list(void *items, unsigned int n, size_t size)
{
	struct cgspan_group **group;

	while (n--) {
		group = items + n * size;
		if (*group)
			cgspan_group_put(*group);
	}
	kvfree(items);
}

/* Replies. */

struct sk_buff *cgspan_nl_start_reply(struct genl_info *info, size_t payload,
				      void **hdr)
{
	struct sk_buff *skb = genlmsg_new(payload, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &cgspan_nl_family, 0, info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

int cgspan_nl_send_reply(struct genl_info *info, struct sk_buff *skb, void *hdr,
			 int ret)
{
	if (ret) {
		nlmsg_free(skb);
		return REFUSE(info->extack, -ret, "the reply does not fit");
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* Dumps. */

int cgspan_nl_start_dump(struct netlink_callback *cb)
{
	/* One message must have room for a member with the longest path. */
	cb->min_dump_alloc = 2 * CGSPAN_CGROUP_LEN;
	return 0;
}

static int find_top(struct netlink_callback *cb, struct nlattr **attrs,
		    bool tasks)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_group *group;
	int ret;

	ret = PARSE_NEST(tb, CGSPAN_GROUP_A_MAX, attrs, CGSPAN_A_GROUP,
			 tasks ? cgspan_nl_group_nest : cgspan_nl_read_nest,
			 cb->extack);
	if (ret)
		return ret;
	cursor_of(cb)->brief = is_brief(tb);
	if (cursor_of(cb)->brief && !tb[CGSPAN_GROUP_A_PATH] &&
	    !tb[CGSPAN_GROUP_A_ID])
		return 0;
	group = get_named(dumped_tree(cb), tb, cb->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	cursor_of(cb)->top = group;
	return 0;
}

/*
 * Check a dump in its first part, which is made within the request: unlike .start
 * it has extack on 6.1 too.
 */
int cgspan_nl_begin_dump(struct netlink_callback *cb, bool tasks)
{
	struct nlattr **attrs = cgspan_dump_attrs(cb);
	struct cursor *cursor = cursor_of(cb);
	int ret = 0;

	if (cursor->begun)
		return 0;
	if (tasks)
		ret = cgspan_nl_check_privilege(cb->skb, cb->extack);
	if (!ret && (tasks || (attrs && attrs[CGSPAN_A_GROUP])))
		ret = find_top(cb, attrs, tasks);
	cursor->begun = !ret;
	return ret;
}

int cgspan_nl_end_dump(struct netlink_callback *cb)
{
	struct cursor *cursor = cursor_of(cb);

	if (cursor->top)
		cgspan_group_put(cursor->top);
	if (cursor->last)
		cgspan_member_put(cursor->last);
	return 0;
}

void *cgspan_nl_start_item(struct sk_buff *skb, struct netlink_callback *cb,
			   u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &cgspan_nl_family, NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

int cgspan_nl_end_item(struct sk_buff *skb, void *hdr, int ret)
{
	if (ret)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return ret;
}
