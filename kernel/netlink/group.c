// SPDX-License-Identifier: GPL-2.0
/* Requests, replies and dumps: groups. */
#include "group.h"

#include "../bind.h"
#include "../expiry.h"
#include "../place.h"
#include "../share.h"
#include "../task.h"
#include "attr.h"

static const struct nla_policy limit_nest[CGSPAN_RES_A_MAX + 1] = {
	[CGSPAN_RES_A_ID] = RES,
	[CGSPAN_RES_A_LIMIT] = U64,
};

static const struct nla_policy group_new_nest[CGSPAN_GROUP_A_MAX + 1] = {
	[CGSPAN_GROUP_A_PATH] = PATH,
	[CGSPAN_GROUP_A_ON_EXPIRY] =
		NLA_POLICY_MAX(NLA_U8, CGSPAN_ON_EXPIRY_MAX),
	[CGSPAN_GROUP_A_RESOURCE] = NLA_POLICY_NESTED(limit_nest),
};

static const struct nla_policy group_set_nest[CGSPAN_GROUP_A_MAX + 1] = {
	[CGSPAN_GROUP_A_ID] = FROM_1,
	[CGSPAN_GROUP_A_PATH] = PATH,
	[CGSPAN_GROUP_A_ON_EXPIRY] =
		NLA_POLICY_MAX(NLA_U8, CGSPAN_ON_EXPIRY_MAX),
	[CGSPAN_GROUP_A_RESOURCE] = NLA_POLICY_NESTED(limit_nest),
};

static const struct nla_policy group_new_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(group_new_nest),
};

static const struct nla_policy group_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(group_set_nest),
};

const struct nla_policy cgspan_nl_group_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(cgspan_nl_group_nest),
};

static int fill_peers(struct sk_buff *skb, const struct cgspan_peers *peers)
{
	if (!peers->known)
		return 0;
	if (put_numbers(skb, CGSPAN_RES_A_PAD,
			{ CGSPAN_RES_A_PEER_USED, peers->used },
			{ CGSPAN_RES_A_PEER_NODES, peers->nodes, sizeof(u32) },
			{ CGSPAN_RES_A_PEER_TIME, peers->time }))
		return -EMSGSIZE;
	if (peers->node[0] &&
	    (nla_put_string(skb, CGSPAN_RES_A_PEER_NODE, peers->node) ||
	     put_u64(skb, CGSPAN_RES_A_PEER_HEADROOM, peers->headroom,
		     CGSPAN_RES_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

/*
 * Has the share, as most, a new group's lease, and neither limit, use so far, refusal,
 * request, cause nor peers? No lock: a change that is missed is in the next reply.
 */
static bool is_blank(const struct cgspan_share *share)
{
	const struct cgspan_counter *counter = &share->counter;
	u64 lease = READ_ONCE(counter->lease);
	/* Racy: writers replace all of peers, but a single byte is never torn. */
	bool told = data_race(share->peers.known);

	if (lease != CGSPAN_MAX &&
	    (lease || !READ_ONCE(READ_ONCE(share->group->tree)->epoch)))
		return false;
	return READ_ONCE(share->limit) == CGSPAN_MAX &&
	       !(atomic64_read(&counter->peak) |
		 atomic64_read(&counter->refusals) |
		 READ_ONCE(share->waiting) | READ_ONCE(share->cause) | told);
}

static int fill_share(struct sk_buff *skb, struct cgspan_group *group, u32 res)
{
	struct cgspan_share *share = &group->shares[res];
	struct cgspan_reading reading;
	struct nlattr *nest;

	cgspan_share_read(share, &reading);
	nest = start_nest(skb, CGSPAN_GROUP_A_RESOURCE);
	if (!nest ||
	    put_numbers(skb, CGSPAN_RES_A_PAD,
			{ CGSPAN_RES_A_ID, res, sizeof(u32) },
			{ CGSPAN_RES_A_LIMIT, reading.limit },
			{ CGSPAN_RES_A_LEASE, reading.lease },
			{ CGSPAN_RES_A_USED, reading.used },
			{ CGSPAN_RES_A_PEAK, reading.peak },
			{ CGSPAN_RES_A_REFUSALS, reading.refusals },
			{ CGSPAN_RES_A_LOW, reading.low },
			{ CGSPAN_RES_A_EXHAUSTED, reading.exhausted, sizeof(u8) },
			{ CGSPAN_RES_A_CREDIT, reading.credit, sizeof(u8) },
			{ CGSPAN_RES_A_RESERVED, reading.reserved },
			{ CGSPAN_RES_A_UNSPENT, reading.unspent },
			{ CGSPAN_RES_A_WAITING, reading.waiting },
			{ CGSPAN_RES_A_ASKED, reading.asked }) ||
	    cgspan_nl_put_cause(skb, reading.cause, reading.caller,
				CGSPAN_RES_A_CAUSE, CGSPAN_RES_A_CALLER_ID,
				CGSPAN_RES_A_PAD) ||
	    fill_peers(skb, &reading.peers))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int cgspan_nl_fill_shares(struct sk_buff *skb, struct cgspan_group *group)
{
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if ((res == CGSPAN_RES_TASKS ||
		     !is_blank(&group->shares[res])) &&
		    fill_share(skb, group, res))
			return -EMSGSIZE;
	return 0;
}

int cgspan_nl_fill_group_name(struct sk_buff *skb, struct cgspan_group *group)
{
	if (put_u64(skb, CGSPAN_GROUP_A_ID, cgspan_group_id(group),
		    CGSPAN_GROUP_A_PAD) ||
	    nla_put_string(skb, CGSPAN_GROUP_A_PATH, group->path))
		return -EMSGSIZE;
	return 0;
}

#define STAT(name) { CGSPAN_GROUP_A_##name,				\
		     cgspan_group_stat(group, CGSPAN_STAT_##name) }

/* Put the totals of tasks and members, from a pass over them. */
static int fill_totals(struct sk_buff *skb, struct cgspan_group *group,
		       u64 settled)
{
	const struct cgspan_memory *memory = &group->memory;

	if (put_numbers(skb, CGSPAN_GROUP_A_PAD, STAT(CPU), STAT(VOLUNTARY),
			STAT(INVOLUNTARY), STAT(MAJOR_FAULTS), STAT(MAX_RSS),
			{ CGSPAN_GROUP_A_SETTLED, settled }))
		return -EMSGSIZE;
	if (!READ_ONCE(memory->unmeasured) &&
	    put_numbers(skb, CGSPAN_GROUP_A_PAD,
			{ CGSPAN_GROUP_A_MEMORY, READ_ONCE(memory->used) },
			{ CGSPAN_GROUP_A_MEMORY_PEAK, READ_ONCE(memory->peak) }))
		return -EMSGSIZE;
	return 0;
}

/* @settled: when the totals were right; 0: put no totals */
static int fill_group(struct sk_buff *skb, struct cgspan_group *group,
		      u64 settled)
{
	u64 parent = group->parent ? cgspan_group_id(group->parent) : 0;
	u32 flags = READ_ONCE(group->orphan) ? CGSPAN_GROUP_F_ORPHAN : 0;
	struct nlattr *nest;

	nest = start_nest(skb, CGSPAN_A_GROUP);
	if (!nest ||
	    cgspan_nl_fill_group_name(skb, group) ||
	    put_numbers(skb, CGSPAN_GROUP_A_PAD,
			{ CGSPAN_GROUP_A_PARENT_ID, parent },
			{ CGSPAN_GROUP_A_ON_EXPIRY,
			  READ_ONCE(group->on_expiry), sizeof(u8) },
			{ CGSPAN_GROUP_A_MEMBERS,
			  atomic_read(&group->members), sizeof(u32) },
			STAT(FORKS), STAT(EXECS), STAT(EXITS), STAT(REFUSALS),
			{ CGSPAN_GROUP_A_LIVE, cgspan_group_live(group) }) ||
	    (settled && fill_totals(skb, group, settled)) ||
	    put_u32(skb, CGSPAN_GROUP_A_FLAGS, flags) ||
	    cgspan_nl_fill_shares(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Check the limits; unless @group is NULL, set them and tell of the change. */
static int set_limits(struct cgspan_group *group, struct nlattr *nest,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_RES_A_MAX + 1];
	struct nlattr *attr;
	int rem, ret;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != CGSPAN_GROUP_A_RESOURCE)
			continue;
		ret = nla_parse_nested(tb, CGSPAN_RES_A_MAX, attr,
				       limit_nest, extack);
		if (ret)
			return ret;
		if (!tb[CGSPAN_RES_A_ID])
			return MISSING(extack, CGSPAN_RES_A_ID);
		if (!tb[CGSPAN_RES_A_LIMIT])
			return MISSING(extack, CGSPAN_RES_A_LIMIT);
		if (group)
			WRITE_ONCE(group->shares[nla_get_u32(tb[CGSPAN_RES_A_ID])].limit,
				   get_u64(tb[CGSPAN_RES_A_LIMIT]));
	}
	if (group)
		cgspan_event_raise(&group->event, CGSPAN_EVENT_CHANGED);
	return 0;
}

static int group_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_tree *tree = tree_of(info);
	struct nlattr *on_expiry, *nest;
	struct cgspan_group *group;
	struct sk_buff *reply;
	void *hdr;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_new_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_GROUP_A_PATH])
		return MISSING(info->extack, CGSPAN_GROUP_A_PATH);
	ret = cgspan_group_check_path(nla_data(tb[CGSPAN_GROUP_A_PATH]),
				      info->extack);
	if (ret)
		return ret;
	ret = set_limits(NULL, info->attrs[CGSPAN_A_GROUP], info->extack);
	if (ret)
		return ret;
	on_expiry = tb[CGSPAN_GROUP_A_ON_EXPIRY];

	reply = cgspan_nl_start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&tree->lock);
	ret = cgspan_nl_check_owner(info);
	if (ret)
		goto refused;
	group = cgspan_group_create(tree, nla_data(tb[CGSPAN_GROUP_A_PATH]),
				    on_expiry ? nla_get_u8(on_expiry) : -1,
				    info->extack);
	if (IS_ERR(group)) {
		ret = PTR_ERR(group);
		goto refused;
	}
	set_limits(group, info->attrs[CGSPAN_A_GROUP], info->extack);

	nest = start_nest(reply, CGSPAN_A_GROUP);
	ret = nest ? cgspan_nl_fill_group_name(reply, group) : -EMSGSIZE;
	if (!ret)
		nla_nest_end(reply, nest);
	mutex_unlock(&tree->lock);
	return cgspan_nl_send_reply(info, reply, hdr, ret);

refused:
	mutex_unlock(&tree->lock);
	nlmsg_free(reply);
	return ret;
}

static int set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			 struct netlink_ext_ack *extack)
{
	int ret;

	ret = cgspan_bind_check_expiry(group, on_expiry, extack) ?:
	      cgspan_group_set_on_expiry(group, on_expiry, extack);
	if (!ret)
		cgspan_expiry_kick();
	return ret;
}

static int set_group(struct cgspan_group *group, struct nlattr **tb,
		     struct genl_info *info)
{
	struct nlattr *on_expiry = tb[CGSPAN_GROUP_A_ON_EXPIRY];
	int ret;

	ret = cgspan_nl_check_owner(info);
	if (ret)
		return ret;
	if (group->dead)
		return REFUSE(info->extack, ENOENT, "there is no such group");
	if (on_expiry)
		ret = set_on_expiry(group, nla_get_u8(on_expiry), info->extack);
	if (ret)
		return ret;

	return set_limits(group, info->attrs[CGSPAN_A_GROUP], info->extack);
}

static int group_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_tree *tree = tree_of(info);
	struct cgspan_group *group;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_set_nest, info->extack);
	if (ret)
		return ret;
	ret = set_limits(NULL, info->attrs[CGSPAN_A_GROUP], info->extack);
	if (ret)
		return ret;
	group = get_named(tree, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	mutex_lock(&tree->lock);
	ret = set_group(group, tb, info);
	mutex_unlock(&tree->lock);
	cgspan_group_put(group);
	return ret;
}

static int group_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_tree *tree = tree_of(info);
	struct cgspan_group *group;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      PARSE_NEST(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 cgspan_nl_group_nest, info->extack);
	if (ret)
		return ret;
	group = get_named(tree, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	mutex_lock(&tree->lock);
	ret = cgspan_nl_check_owner(info) ?:
	      cgspan_group_remove(group, info->extack);
	mutex_unlock(&tree->lock);
	cgspan_group_put(group);
	return ret;
}

/* Update lazily maintained totals. Return: see cgspan_task_settle(). */
static u64 settle(const struct cgspan_group *within)
{
	cgspan_place_measure(within);
	return cgspan_task_settle();
}

static int group_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_tree *tree = tree_of(info);
	struct cgspan_group *group;
	struct sk_buff *reply;
	u64 settled;
	void *hdr;
	int ret;

	ret = PARSE_NEST(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 cgspan_nl_read_nest, info->extack);
	if (ret)
		return ret;
	group = get_named(tree, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	settled = is_brief(tb) ? 0 : settle(group);
	reply = cgspan_nl_start_reply(info, GROUP_SIZE, &hdr);
	ret = reply ? fill_group(reply, group, settled) : -ENOMEM;
	cgspan_group_put(group);
	return reply ? cgspan_nl_send_reply(info, reply, hdr, ret) : ret;
}

static int dump_group(struct sk_buff *skb, struct netlink_callback *cb,
		      struct cgspan_group *group)
{
	void *hdr = cgspan_nl_start_item(skb, cb, CGSPAN_CMD_GROUP_GET);

	return hdr ? cgspan_nl_end_item(skb, hdr,
					fill_group(skb, group, cursor_of(cb)->settled)) :
		     -EMSGSIZE;
}

static int group_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cgspan_tree *tree = dumped_tree(cb);
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_group *group;
	u64 next = cursor->next_id;
	int ret = 0;

	if (!cursor->begun) {
		ret = cgspan_nl_begin_dump(cb, false);
		if (ret)
			return ret;
		cursor->settled = cursor->brief ? 0 : settle(cursor->top);
	}

	cb->seq = atomic_read(&tree->gen);
	while ((group = cgspan_group_next(tree, &next))) {
		if (!cursor->top || cgspan_group_contains(cursor->top, group))
			ret = dump_group(skb, cb, group);
		cgspan_group_put(group);
		if (ret)
			break;
		cursor->next_id = next;
	}
	return skb->len ?: ret;
}

const struct genl_ops cgspan_nl_group_ops[4] = {
	OP(GROUP_NEW, group_new, group_new_policy),
	OP(GROUP_SET, group_set, group_set_policy),
	OP(GROUP_DEL, group_del, cgspan_nl_group_policy),
	OP_DUMP(GROUP_GET, group_get, group_dump, cgspan_nl_read_policy),
};
