// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, in the order: policies, answers, requests, ops,
 * family, notifications. The protocol is described in the UAPI header.
 *
 * Shapes and ranges are the policies' business; what a handler checks is what
 * no policy can know. Every refusal sets a text.
 *
 * No handler waits for another one that sleeps: all take the node's lock for a
 * moment, and only those that bind cgroups wait for each other.
 */
#include "netlink.h"

#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/ctype.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "../include/uapi/linux/cgspan.h"
#include "compat.h"
#include "expiry.h"
#include "grant.h"
#include "group.h"
#include "hook.h"
#include "member.h"
#include "node.h"
#include "path.h"
#include "task.h"

#define REFUSE(extack, error, msg) ({			\
	NL_SET_ERR_MSG(extack, msg);			\
	-(error);					\
})

/* Policies: nests. */

#define PATH	{ .type = NLA_NUL_STRING, .len = CGSPAN_PATH_LEN }
#define CGROUP	{ .type = NLA_NUL_STRING, .len = CGSPAN_CGROUP_LEN }
#define U64	{ .type = NLA_U64 }
#define FROM_1	NLA_POLICY_MIN(NLA_U64, 1)
#define RES	NLA_POLICY_MAX(NLA_U32, CGSPAN_RES_MAX)

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

static const struct nla_policy epoch_nest[CGSPAN_SESSION_A_MAX + 1] = {
	[CGSPAN_SESSION_A_EPOCH] = FROM_1,
};

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

static const struct nla_policy group_nest[CGSPAN_GROUP_A_MAX + 1] = {
	[CGSPAN_GROUP_A_ID] = FROM_1,
	[CGSPAN_GROUP_A_PATH] = PATH,
};

static const struct nla_policy lease_nest[CGSPAN_LEASE_A_MAX + 1] = {
	[CGSPAN_LEASE_A_GROUP_ID] = FROM_1,
	[CGSPAN_LEASE_A_GROUP_PATH] = PATH,
	[CGSPAN_LEASE_A_RES] = RES,
	[CGSPAN_LEASE_A_AMOUNT] = U64,
	[CGSPAN_LEASE_A_LOW] = U64,
	[CGSPAN_LEASE_A_EXHAUSTED] = NLA_POLICY_MAX(NLA_U8, 1),
};

static const struct nla_policy member_add_nest[CGSPAN_MEMBER_A_MAX + 1] = {
	[CGSPAN_MEMBER_A_GROUP_ID] = FROM_1,
	[CGSPAN_MEMBER_A_GROUP_PATH] = PATH,
	[CGSPAN_MEMBER_A_CGROUP] = CGROUP,
	[CGSPAN_MEMBER_A_FD] = NLA_POLICY_MIN(NLA_S32, 0),
	[CGSPAN_MEMBER_A_FREEZE_FD] = NLA_POLICY_MIN(NLA_S32, 0),
};

static const struct nla_policy member_del_nest[CGSPAN_MEMBER_A_MAX + 1] = {
	[CGSPAN_MEMBER_A_CGROUP] = CGROUP,
	[CGSPAN_MEMBER_A_CGROUP_ID] = FROM_1,
	[CGSPAN_MEMBER_A_FD] = NLA_POLICY_MIN(NLA_S32, 0),
};

static const struct nla_policy peer_nest[CGSPAN_PEER_A_MAX + 1] = {
	[CGSPAN_PEER_A_GROUP_ID] = FROM_1,
	[CGSPAN_PEER_A_GROUP_PATH] = PATH,
	[CGSPAN_PEER_A_RES] = RES,
	[CGSPAN_PEER_A_USED] = U64,
	[CGSPAN_PEER_A_NODES] = { .type = NLA_U32 },
	[CGSPAN_PEER_A_TIME] = U64,
	[CGSPAN_PEER_A_NODE] = { .type = NLA_NUL_STRING,
				 .len = CGSPAN_NAME_LEN },
	[CGSPAN_PEER_A_HEADROOM] = U64,
};

static struct netlink_range_validation amount_range = {
	.min = 1,
	.max = S64_MAX,
};

static struct netlink_range_validation wait_range = {
	.max = CGSPAN_WAIT_MAX_MS,
};

#define AMOUNT	NLA_POLICY_FULL_RANGE(NLA_U64, &amount_range)

static const struct nla_policy admit_nest[CGSPAN_GRANT_A_MAX + 1] = {
	[CGSPAN_GRANT_A_GROUP_ID] = FROM_1,
	[CGSPAN_GRANT_A_GROUP_PATH] = PATH,
	[CGSPAN_GRANT_A_TASKS] = AMOUNT,
	[CGSPAN_GRANT_A_CPU] = AMOUNT,
	[CGSPAN_GRANT_A_MEMORY] = AMOUNT,
	[CGSPAN_GRANT_A_USER0] = AMOUNT,
	[CGSPAN_GRANT_A_USER1] = AMOUNT,
	[CGSPAN_GRANT_A_USER2] = AMOUNT,
	[CGSPAN_GRANT_A_USER3] = AMOUNT,
	[CGSPAN_GRANT_A_USER4] = AMOUNT,
	[CGSPAN_GRANT_A_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[CGSPAN_GRANT_A_PIDFD] = NLA_POLICY_MIN(NLA_S32, 0),
	[CGSPAN_GRANT_A_WAIT] = NLA_POLICY_FULL_RANGE(NLA_U32, &wait_range),
	[CGSPAN_GRANT_A_FLAGS] = NLA_POLICY_MASK(NLA_U32,
						 CGSPAN_GRANT_F_DRY_RUN),
};

static const struct nla_policy grant_nest[CGSPAN_GRANT_A_MAX + 1] = {
	[CGSPAN_GRANT_A_ID] = FROM_1,
};

static const struct nla_policy grant_get_nest[CGSPAN_GRANT_A_MAX + 1] = {
	[CGSPAN_GRANT_A_ID] = FROM_1,
	[CGSPAN_GRANT_A_GROUP_ID] = FROM_1,
	[CGSPAN_GRANT_A_GROUP_PATH] = PATH,
};

/* Policies: commands. */

static const struct nla_policy node_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_NODE] = NLA_POLICY_NESTED(node_name_nest),
};

static const struct nla_policy renew_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(renew_nest),
};

static const struct nla_policy leave_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(epoch_nest),
};

static const struct nla_policy group_new_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(group_new_nest),
};

static const struct nla_policy group_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(group_set_nest),
};

static const struct nla_policy group_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GROUP] = NLA_POLICY_NESTED(group_nest),
};

static const struct nla_policy lease_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(epoch_nest),
	[CGSPAN_A_LEASE] = NLA_POLICY_NESTED(lease_nest),
};

static const struct nla_policy member_add_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_MEMBER] = NLA_POLICY_NESTED(member_add_nest),
};

static const struct nla_policy member_del_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_MEMBER] = NLA_POLICY_NESTED(member_del_nest),
};

static const struct nla_policy peer_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_PEER] = NLA_POLICY_NESTED(peer_nest),
};

static const struct nla_policy admit_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GRANT] = NLA_POLICY_NESTED(admit_nest),
};

static const struct nla_policy release_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GRANT] = NLA_POLICY_NESTED(grant_nest),
};

static const struct nla_policy grant_get_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_GRANT] = NLA_POLICY_NESTED(grant_get_nest),
};

static struct genl_family family;

/* Answers. */

/* As nla_get_u64(), which is a call and a copy. */
static u64 get_u64(const struct nlattr *attr)
{
	u64 value;

	memcpy(&value, nla_data(attr), sizeof(value));
	return value;
}

/*
 * What follows is as nla_put_u64_64bit() and the like, which are four calls deep:
 * a dump has thirty of these for each group.
 */
static struct nlattr *reserve(struct sk_buff *skb, int type, size_t size)
{
	struct nlattr *attr;

	if (skb_tailroom(skb) < nla_total_size(size))
		return NULL;
	attr = __skb_put(skb, nla_total_size(size));
	attr->nla_type = type;
	attr->nla_len = nla_attr_size(size);
	return attr;
}

static struct nlattr *start_nest(struct sk_buff *skb, int type)
{
	return reserve(skb, type | NLA_F_NESTED, 0);
}

static int put_u64(struct sk_buff *skb, int type, u64 value, int pad)
{
	struct nlattr *attr = NULL;

	if (skb_tailroom(skb) >= nla_total_size_64bit(sizeof(value))) {
		nla_align_64bit(skb, pad);
		attr = reserve(skb, type, sizeof(value));
	}
	if (!attr)
		return -EMSGSIZE;
	memcpy(nla_data(attr), &value, sizeof(value));
	return 0;
}

static int put_u32(struct sk_buff *skb, int type, u32 value)
{
	struct nlattr *attr = reserve(skb, type, sizeof(value));

	if (!attr)
		return -EMSGSIZE;
	memcpy(nla_data(attr), &value, sizeof(value));
	return 0;
}

static int put_u8(struct sk_buff *skb, int type, u8 value)
{
	const u8 padded[NLA_ALIGNTO] = { value };
	struct nlattr *attr = reserve(skb, type, sizeof(value));

	if (!attr)
		return -EMSGSIZE;
	memcpy(nla_data(attr), padded, sizeof(padded));
	return 0;
}

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
	struct cgspan_group *root = node->root;
	struct nlattr *nest;

	lockdep_assert_held(&node->lock);

	nest = start_nest(skb, CGSPAN_A_NODE);
	if (!nest)
		return -EMSGSIZE;
	if (node->name[0] &&
	    nla_put_string(skb, CGSPAN_NODE_A_NAME, node->name))
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
	    put_u32(skb, CGSPAN_NODE_A_GROUPS, node->nr_groups) ||
	    put_u32(skb, CGSPAN_NODE_A_MEMBERS,
		    atomic_read(&node->nr_members)) ||
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

static int fill_session(struct sk_buff *skb, struct cgspan_node *node)
{
	struct cgspan_session *session = &node->session;
	struct nlattr *nest;

	lockdep_assert_held(&node->lock);

	nest = start_nest(skb, CGSPAN_A_SESSION);
	if (!nest ||
	    put_u64(skb, CGSPAN_SESSION_A_EPOCH, session->epoch,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u64(skb, CGSPAN_SESSION_A_SENT, session->sent,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u32(skb, CGSPAN_SESSION_A_TTL, session->ttl) ||
	    put_u64(skb, CGSPAN_SESSION_A_DEADLINE, session->deadline,
		    CGSPAN_SESSION_A_PAD) ||
	    put_u8(skb, CGSPAN_SESSION_A_STATE,
		   cgspan_session_state(session)) ||
	    put_u8(skb, CGSPAN_SESSION_A_OWNED, !!session->owner))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_peers(struct sk_buff *skb, const struct cgspan_peers *peers)
{
	if (!peers->known)
		return 0;
	if (put_u64(skb, CGSPAN_RES_A_PEER_USED, peers->used,
		    CGSPAN_RES_A_PAD) ||
	    put_u32(skb, CGSPAN_RES_A_PEER_NODES, peers->nodes) ||
	    put_u64(skb, CGSPAN_RES_A_PEER_TIME, peers->time,
		    CGSPAN_RES_A_PAD))
		return -EMSGSIZE;
	if (peers->node[0] &&
	    (nla_put_string(skb, CGSPAN_RES_A_PEER_NODE, peers->node) ||
	     put_u64(skb, CGSPAN_RES_A_PEER_HEADROOM, peers->headroom,
		     CGSPAN_RES_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

/*
 * Nobody has limited it, or done anything about it. Most are, so it is looked at
 * without the lock: what changes meanwhile may be told of the next time.
 */
static bool is_blank(const struct cgspan_share *share)
{
	const struct cgspan_node *node = READ_ONCE(share->group->node);
	const struct cgspan_counter *counter = &share->counter;
	u64 lease = READ_ONCE(counter->lease);
	/* Written with all the rest of peers; a byte of it is never torn. */
	bool told = data_race(share->peers.known);

	if (lease != CGSPAN_MAX && (lease || !READ_ONCE(node->session.epoch)))
		return false;
	return READ_ONCE(share->limit) == CGSPAN_MAX &&
	       !atomic64_read(&counter->peak) &&
	       !atomic64_read(&counter->refusals) &&
	       !READ_ONCE(share->waiting) && !told;
}

static int fill_share(struct sk_buff *skb, struct cgspan_group *group, u32 res)
{
	struct cgspan_share *share = &group->shares[res];
	struct cgspan_reading reading;
	struct nlattr *nest;

	cgspan_group_read(share, &reading);
	nest = start_nest(skb, CGSPAN_GROUP_A_RESOURCE);
	if (!nest ||
	    put_u32(skb, CGSPAN_RES_A_ID, res) ||
	    put_u64(skb, CGSPAN_RES_A_LIMIT, reading.limit, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_LEASE, reading.lease, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_USED, reading.used, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_PEAK, reading.peak, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_REFUSALS, reading.refusals,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_LOW, reading.low, CGSPAN_RES_A_PAD) ||
	    put_u8(skb, CGSPAN_RES_A_EXHAUSTED, reading.exhausted) ||
	    put_u8(skb, CGSPAN_RES_A_CREDIT, reading.credit) ||
	    put_u64(skb, CGSPAN_RES_A_RESERVED, reading.reserved,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_UNSPENT, reading.unspent,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_WAITING, reading.waiting,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_ASKED, reading.asked,
		    CGSPAN_RES_A_PAD) ||
	    fill_peers(skb, &reading.peers))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_shares(struct sk_buff *skb, struct cgspan_group *group)
{
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if ((res == CGSPAN_RES_TASKS ||
		     !is_blank(&group->shares[res])) &&
		    fill_share(skb, group, res))
			return -EMSGSIZE;
	return 0;
}

static int fill_group_name(struct sk_buff *skb, struct cgspan_group *group)
{
	if (put_u64(skb, CGSPAN_GROUP_A_ID, cgspan_group_id(group),
		    CGSPAN_GROUP_A_PAD) ||
	    nla_put_string(skb, CGSPAN_GROUP_A_PATH, group->path))
		return -EMSGSIZE;
	return 0;
}

static int fill_stats(struct sk_buff *skb, struct cgspan_group *group)
{
	static const u8 attrs[] = {
		[CGSPAN_STAT_FORKS] = CGSPAN_GROUP_A_FORKS,
		[CGSPAN_STAT_EXECS] = CGSPAN_GROUP_A_EXECS,
		[CGSPAN_STAT_EXITS] = CGSPAN_GROUP_A_EXITS,
		[CGSPAN_STAT_REFUSALS] = CGSPAN_GROUP_A_REFUSALS,
		[CGSPAN_STAT_CPU] = CGSPAN_GROUP_A_CPU,
		[CGSPAN_STAT_VOLUNTARY] = CGSPAN_GROUP_A_VOLUNTARY,
		[CGSPAN_STAT_INVOLUNTARY] = CGSPAN_GROUP_A_INVOLUNTARY,
		[CGSPAN_STAT_MAJOR_FAULTS] = CGSPAN_GROUP_A_MAJOR_FAULTS,
		[CGSPAN_STAT_MAX_RSS] = CGSPAN_GROUP_A_MAX_RSS,
	};
	int i;

	for (i = CGSPAN_STAT_FORKS; i < ARRAY_SIZE(attrs); i++)
		if (put_u64(skb, attrs[i], cgspan_group_stat(group, i),
			    CGSPAN_GROUP_A_PAD))
			return -EMSGSIZE;
	return put_u64(skb, CGSPAN_GROUP_A_LIVE, cgspan_group_live(group),
		       CGSPAN_GROUP_A_PAD);
}

static int fill_memory(struct sk_buff *skb, const struct cgspan_group *group)
{
	const struct cgspan_memory *memory = &group->memory;

	if (READ_ONCE(memory->unmeasured))
		return 0;
	if (put_u64(skb, CGSPAN_GROUP_A_MEMORY, READ_ONCE(memory->used),
		    CGSPAN_GROUP_A_PAD) ||
	    put_u64(skb, CGSPAN_GROUP_A_MEMORY_PEAK, READ_ONCE(memory->peak),
		    CGSPAN_GROUP_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int fill_group(struct sk_buff *skb, struct cgspan_group *group)
{
	u64 parent = group->parent ? cgspan_group_id(group->parent) : 0;
	u32 flags = READ_ONCE(group->orphan) ? CGSPAN_GROUP_F_ORPHAN : 0;
	struct nlattr *nest;

	nest = start_nest(skb, CGSPAN_A_GROUP);
	if (!nest ||
	    fill_group_name(skb, group) ||
	    put_u64(skb, CGSPAN_GROUP_A_PARENT_ID, parent,
		    CGSPAN_GROUP_A_PAD) ||
	    put_u8(skb, CGSPAN_GROUP_A_ON_EXPIRY,
		   READ_ONCE(group->on_expiry)) ||
	    put_u32(skb, CGSPAN_GROUP_A_MEMBERS,
		    atomic_read(&group->members)) ||
	    fill_stats(skb, group) ||
	    fill_memory(skb, group) ||
	    put_u32(skb, CGSPAN_GROUP_A_FLAGS, flags) ||
	    fill_shares(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_member(struct sk_buff *skb, const struct cgspan_member *member,
		       const char *path)
{
	struct nlattr *nest;

	nest = start_nest(skb, CGSPAN_A_MEMBER);
	if (!nest ||
	    put_u64(skb, CGSPAN_MEMBER_A_GROUP_ID,
		    cgspan_group_id(member->group), CGSPAN_MEMBER_A_PAD) ||
	    nla_put_string(skb, CGSPAN_MEMBER_A_GROUP_PATH,
			   member->group->path) ||
	    nla_put_string(skb, CGSPAN_MEMBER_A_CGROUP, path) ||
	    put_u64(skb, CGSPAN_MEMBER_A_CGROUP_ID, READ_ONCE(member->id),
		    CGSPAN_MEMBER_A_PAD) ||
	    put_u32(skb, CGSPAN_MEMBER_A_FLAGS,
		    cgspan_member_flags(member)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* A group's path may be in it. */
#define ANSWER_SIZE	(NLMSG_DEFAULT_SIZE / 2 + CGSPAN_PATH_LEN)

static int fill_grant_state(struct sk_buff *skb, u64 id, u8 state)
{
	if ((id && put_u64(skb, CGSPAN_GRANT_A_ID, id, CGSPAN_GRANT_A_PAD)) ||
	    put_u8(skb, CGSPAN_GRANT_A_STATE, state))
		return -EMSGSIZE;
	return 0;
}

static int fill_grant_group(struct sk_buff *skb,
			    const struct cgspan_group *group)
{
	if (put_u64(skb, CGSPAN_GRANT_A_GROUP_ID, cgspan_group_id(group),
		    CGSPAN_GRANT_A_PAD) ||
	    nla_put_string(skb, CGSPAN_GRANT_A_GROUP_PATH, group->path))
		return -EMSGSIZE;
	return 0;
}

static int fill_amounts(struct sk_buff *skb, const struct cgspan_grant *grant)
{
	int res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (grant->amounts[res] &&
		    put_u64(skb, CGSPAN_GRANT_A_TASKS + res,
			    grant->amounts[res], CGSPAN_GRANT_A_PAD))
			return -EMSGSIZE;
	if (grant->amounts[CGSPAN_RES_TASKS] &&
	    put_u64(skb, CGSPAN_GRANT_A_SPENT, READ_ONCE(grant->spent),
		    CGSPAN_GRANT_A_PAD))
		return -EMSGSIZE;
	return 0;
}

static int fill_grant(struct sk_buff *skb, const struct cgspan_grant *grant)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GRANT);

	if (!nest ||
	    fill_grant_state(skb, grant->id, READ_ONCE(grant->state)) ||
	    fill_grant_group(skb, grant->group) ||
	    fill_amounts(skb, grant) ||
	    (grant->pid ?
	     put_u32(skb, CGSPAN_GRANT_A_PID, pid_vnr(grant->pid)) :
	     put_u32(skb, CGSPAN_GRANT_A_PORT, grant->port)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* What lacks for it, and where there is room, as far as the daemon has told. */
static int fill_lack(struct sk_buff *skb, struct cgspan_group *group,
		     const u64 *amounts, const struct cgspan_lack *lack)
{
	struct cgspan_peers hint;

	if (!lack->group)
		return 0;
	if (fill_grant_group(skb, lack->group) ||
	    put_u32(skb, CGSPAN_GRANT_A_RES, lack->res) ||
	    put_u64(skb, CGSPAN_GRANT_A_MISSING, lack->missing,
		    CGSPAN_GRANT_A_PAD))
		return -EMSGSIZE;
	if (cgspan_group_hint(group, amounts, lack, &hint) &&
	    (nla_put_string(skb, CGSPAN_GRANT_A_NODE, hint.node) ||
	     put_u64(skb, CGSPAN_GRANT_A_HEADROOM, hint.headroom,
		     CGSPAN_GRANT_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* What has become of a request. */
static int fill_answer(struct sk_buff *skb, struct cgspan_group *group,
		       const u64 *amounts, const struct cgspan_answer *answer)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GRANT);

	if (!nest ||
	    fill_grant_state(skb, answer->id, answer->state) ||
	    fill_lack(skb, group, amounts, &answer->lack))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* With what lacks, a group's path may be in it. */
static size_t answer_size(const struct cgspan_answer *answer)
{
	return answer->lack.group ? ANSWER_SIZE : 128;
}

static struct sk_buff *start_reply(struct genl_info *info, size_t payload,
				   void **hdr)
{
	struct sk_buff *skb = genlmsg_new(payload, GFP_KERNEL);

	if (!skb)
		return NULL;
	*hdr = genlmsg_put_reply(skb, info, &family, 0, info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(skb);
		return NULL;
	}
	return skb;
}

static int send_reply(struct genl_info *info, struct sk_buff *skb, void *hdr,
		      int ret)
{
	if (ret) {
		nlmsg_free(skb);
		return REFUSE(info->extack, -ret, "the reply does not fit");
	}
	genlmsg_end(skb, hdr);
	return genlmsg_reply(skb, info);
}

/* What requests have in common. */

static struct cgspan_node *node_of(struct genl_info *info)
{
	return cgspan_node_of(genl_info_net(info));
}

/* The core's own check would say nothing but "no". */
static int check_privilege(struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_NET_ADMIN))
		return 0;
	return REFUSE(extack, EPERM,
			      "this needs CAP_NET_ADMIN in the initial user namespace");
}

/* With the node locked. */
static int check_owner(struct cgspan_node *node, struct genl_info *info)
{
	return cgspan_session_check_owner(node, info->snd_portid,
					  info->extack);
}

static int parse_nest(struct nlattr **tb, int max, struct nlattr **attrs,
		      int type, const struct nla_policy *policy,
		      struct netlink_ext_ack *extack)
{
	if (!attrs || !attrs[type]) {
		switch (type) {
		case CGSPAN_A_NODE:
			return REFUSE(extack, EINVAL,
					      "CGSPAN_A_NODE is missing");
		case CGSPAN_A_SESSION:
			return REFUSE(extack, EINVAL,
					      "CGSPAN_A_SESSION is missing");
		default:
			return REFUSE(extack, EINVAL,
					      "CGSPAN_A_GROUP is missing");
		}
	}
	return nla_parse_nested(tb, max, attrs[type], policy, extack);
}

/* Return: a group, referenced, or an ERR_PTR. */
static struct cgspan_group *get_group(struct cgspan_node *node,
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

	group = path ? cgspan_group_get_by_path(node, nla_data(path)) :
		       cgspan_group_get_by_id(node, get_u64(id));
	if (group)
		return group;

	NL_SET_ERR_MSG_ATTR(extack, path ?: id, "there is no such group");
	return ERR_PTR(-ENOENT);
}

/* The group of a request that names one, in CGSPAN_A_GROUP. */
static struct cgspan_group *get_named(struct cgspan_node *node,
				      struct nlattr **tb,
				      struct netlink_ext_ack *extack)
{
	return get_group(node, tb[CGSPAN_GROUP_A_PATH], tb[CGSPAN_GROUP_A_ID],
			 extack);
}

static unsigned int count_attrs(struct genl_info *info, int type)
{
	struct nlattr *attr;
	unsigned int n = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		n += nla_type(attr) == type;
	return n;
}

/* Requests: the node and its session. */

static int get_node(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_node *node = node_of(info);
	struct sk_buff *reply;
	void *hdr;
	int ret;

	reply = start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&node->lock);
	ret = fill_node(reply, node) ?: fill_session(reply, node);
	mutex_unlock(&node->lock);
	return send_reply(info, reply, hdr, ret);
}

static const char name_chars[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

static int check_name(const char *name, struct netlink_ext_ack *extack)
{
	if (!*name)
		return REFUSE(extack, EINVAL, "the node's name is empty");
	if (name[strspn(name, name_chars)])
		return REFUSE(extack, EINVAL,
				      "the node's name has a character that is not one of A-Z a-z 0-9 . _ -");
	return 0;
}

static int check_res_name(const char *name, struct netlink_ext_ack *extack)
{
	static const char *const taken[] = { "tasks", "cpu", "memory" };
	int i;

	if (*name && (!isalpha(*name) || name[strspn(name, name_chars)]))
		return REFUSE(extack, EINVAL,
			      "a resource's name begins with a letter, and has only A-Z a-z 0-9 . _ -");
	for (i = 0; i < ARRAY_SIZE(taken); i++)
		if (!strcmp(name, taken[i]))
			return REFUSE(extack, EINVAL,
				      "this name means another resource already");
	if (!strncmp(name, "user", 4))
		return REFUSE(extack, EINVAL,
			      "a resource's name does not begin with user: user0 to user4 are its names while it has no other");
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
			return REFUSE(extack, EINVAL,
				      "CGSPAN_RES_A_ID is missing");
		if (!tb[CGSPAN_RES_A_NAME])
			return REFUSE(extack, EINVAL,
				      "CGSPAN_RES_A_NAME is missing");
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

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_NODE_A_MAX, info->attrs, CGSPAN_A_NODE,
			 node_name_nest, info->extack);
	if (ret)
		return ret;
	name = tb[CGSPAN_NODE_A_NAME];
	boot_id = tb[CGSPAN_NODE_A_BOOT_ID];
	if (!name && (boot_id || !tb[CGSPAN_NODE_A_RESOURCE]))
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_NODE_A_NAME is missing");
	if (name)
		ret = check_name(nla_data(name), info->extack);
	if (!ret)
		ret = set_res_names(NULL, info->attrs[CGSPAN_A_NODE],
				    info->extack);
	if (ret)
		return ret;

	mutex_lock(&node->lock);
	ret = check_owner(node, info);
	if (!ret) {
		if (name)
			nla_strscpy(node->name, name, sizeof(node->name));
		if (boot_id)
			memcpy(node->boot_id, nla_data(boot_id),
			       sizeof(node->boot_id));
		set_res_names(node, info->attrs[CGSPAN_A_NODE], info->extack);
	}
	mutex_unlock(&node->lock);
	return ret;
}

static int session_renew(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct sk_buff *reply;
	void *hdr;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 renew_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_SESSION_A_EPOCH is missing");
	if (!tb[CGSPAN_SESSION_A_SENT])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_SESSION_A_SENT is missing");
	if (!tb[CGSPAN_SESSION_A_TTL])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_SESSION_A_TTL is missing");

	reply = start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&node->lock);
	ret = cgspan_session_renew(node, info->snd_portid,
				   get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
				   get_u64(tb[CGSPAN_SESSION_A_SENT]),
				   nla_get_u32(tb[CGSPAN_SESSION_A_TTL]),
				   info->extack);
	if (ret) {
		mutex_unlock(&node->lock);
		nlmsg_free(reply);
		return ret;
	}
	ret = fill_session(reply, node);
	mutex_unlock(&node->lock);
	return send_reply(info, reply, hdr, ret);
}

static int leave(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 epoch_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_SESSION_A_EPOCH is missing");

	mutex_lock(&node->lock);
	ret = cgspan_session_leave(node, info->snd_portid,
				   get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
				   info->extack);
	mutex_unlock(&node->lock);
	return ret;
}

/* Requests: groups. */

/* With @group NULL, the limits are only checked. */
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
			return REFUSE(extack, EINVAL,
					      "CGSPAN_RES_A_ID is missing");
		if (!tb[CGSPAN_RES_A_LIMIT])
			return REFUSE(extack, EINVAL,
					      "CGSPAN_RES_A_LIMIT is missing");
		if (group)
			WRITE_ONCE(group->shares[nla_get_u32(tb[CGSPAN_RES_A_ID])].limit,
				   get_u64(tb[CGSPAN_RES_A_LIMIT]));
	}
	return 0;
}

static int group_new(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct nlattr *on_expiry, *nest;
	struct cgspan_group *group;
	struct sk_buff *reply;
	void *hdr;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_new_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_GROUP_A_PATH])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_GROUP_A_PATH is missing");
	ret = cgspan_group_check_path(nla_data(tb[CGSPAN_GROUP_A_PATH]),
				      info->extack);
	if (ret)
		return ret;
	ret = set_limits(NULL, info->attrs[CGSPAN_A_GROUP], info->extack);
	if (ret)
		return ret;
	on_expiry = tb[CGSPAN_GROUP_A_ON_EXPIRY];

	reply = start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	if (!reply)
		return -ENOMEM;

	mutex_lock(&node->lock);
	ret = check_owner(node, info);
	if (ret)
		goto refused;
	group = cgspan_group_create(node, nla_data(tb[CGSPAN_GROUP_A_PATH]),
				    on_expiry ? nla_get_u8(on_expiry) : -1,
				    info->extack);
	if (IS_ERR(group)) {
		ret = PTR_ERR(group);
		goto refused;
	}
	set_limits(group, info->attrs[CGSPAN_A_GROUP], info->extack);

	nest = start_nest(reply, CGSPAN_A_GROUP);
	ret = nest ? fill_group_name(reply, group) : -EMSGSIZE;
	if (!ret)
		nla_nest_end(reply, nest);
	mutex_unlock(&node->lock);
	return send_reply(info, reply, hdr, ret);

refused:
	mutex_unlock(&node->lock);
	nlmsg_free(reply);
	return ret;
}

static int set_on_expiry(struct cgspan_group *group, u8 on_expiry,
			 struct netlink_ext_ack *extack)
{
	int ret;

	ret = cgspan_member_check_expiry(group, on_expiry, extack) ?:
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

	ret = check_owner(group->node, info);
	if (ret)
		return ret;
	if (group->dead)
		return REFUSE(info->extack, ENOENT, "there is no such group");
	if (on_expiry)
		ret = set_on_expiry(group, nla_get_u8(on_expiry), info->extack);
	if (ret)
		return ret;

	set_limits(group, info->attrs[CGSPAN_A_GROUP], info->extack);
	cgspan_event_raise(&group->event, CGSPAN_EVENT_CHANGED);
	return 0;
}

static int group_set(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct cgspan_group *group;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_set_nest, info->extack);
	if (ret)
		return ret;
	ret = set_limits(NULL, info->attrs[CGSPAN_A_GROUP], info->extack);
	if (ret)
		return ret;
	group = get_named(node, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	mutex_lock(&node->lock);
	ret = set_group(group, tb, info);
	mutex_unlock(&node->lock);
	cgspan_group_put(group);
	return ret;
}

static int group_del(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct cgspan_group *group;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	ret = parse_nest(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_nest, info->extack);
	if (ret)
		return ret;
	group = get_named(node, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	mutex_lock(&node->lock);
	ret = check_owner(node, info) ?:
	      cgspan_group_remove(group, info->extack);
	mutex_unlock(&node->lock);
	cgspan_group_put(group);
	return ret;
}

/* Figures that are not kept up to date but when somebody reads them. */
static void settle(const struct cgspan_group *within)
{
	cgspan_task_settle(within);
	cgspan_member_measure(within);
}

static int group_get(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_node *node = node_of(info);
	struct cgspan_group *group;
	struct sk_buff *reply;
	void *hdr;
	int ret;

	ret = parse_nest(tb, CGSPAN_GROUP_A_MAX, info->attrs, CGSPAN_A_GROUP,
			 group_nest, info->extack);
	if (ret)
		return ret;
	group = get_named(node, tb, info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	settle(group);
	reply = start_reply(info, NLMSG_DEFAULT_SIZE, &hdr);
	ret = reply ? fill_group(reply, group) : -ENOMEM;
	cgspan_group_put(group);
	return reply ? send_reply(info, reply, hdr, ret) : ret;
}

/* Dumps. */

/* Where a dump goes on: the same shape for all, at most 48 bytes. */
struct cursor {
	u64 next_id;
	struct cgspan_group *top;
	struct cgspan_member *last;
	unsigned int bucket;
	unsigned int skip;
	bool begun;
};

static struct cursor *cursor_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

static struct cgspan_node *dumped_node(struct netlink_callback *cb)
{
	return cgspan_node_of(sock_net(cb->skb->sk));
}

static int start_dump(struct netlink_callback *cb)
{
	/* A member's path alone may need as much. */
	cb->min_dump_alloc = 2 * CGSPAN_CGROUP_LEN;
	return 0;
}

static int find_top(struct netlink_callback *cb, struct nlattr **attrs)
{
	struct nlattr *tb[CGSPAN_GROUP_A_MAX + 1];
	struct cgspan_group *group;
	int ret;

	ret = parse_nest(tb, CGSPAN_GROUP_A_MAX, attrs, CGSPAN_A_GROUP,
			 group_nest, cb->extack);
	if (ret)
		return ret;
	group = get_named(dumped_node(cb), tb, cb->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	cursor_of(cb)->top = group;
	return 0;
}

/*
 * Refuses a dump, if it must, in its first part: that is made while the request
 * is being sent, and unlike .start it can say why on 6.1 too.
 */
static int begin_dump(struct netlink_callback *cb, bool tasks)
{
	struct nlattr **attrs = cgspan_dump_attrs(cb);
	struct cursor *cursor = cursor_of(cb);
	int ret = 0;

	if (cursor->begun)
		return 0;
	if (tasks)
		ret = check_privilege(cb->skb, cb->extack);
	if (!ret && (tasks || (attrs && attrs[CGSPAN_A_GROUP])))
		ret = find_top(cb, attrs);
	cursor->begun = !ret;
	return ret;
}

static int end_dump(struct netlink_callback *cb)
{
	struct cursor *cursor = cursor_of(cb);

	if (cursor->top)
		cgspan_group_put(cursor->top);
	if (cursor->last)
		cgspan_member_put(cursor->last);
	return 0;
}

static void *start_item(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &family, NLM_F_MULTI, cmd);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

static int end_item(struct sk_buff *skb, void *hdr, int ret)
{
	if (ret)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return ret;
}

static int dump_group(struct sk_buff *skb, struct netlink_callback *cb,
		      struct cgspan_group *group)
{
	void *hdr = start_item(skb, cb, CGSPAN_CMD_GROUP_GET);

	return hdr ? end_item(skb, hdr, fill_group(skb, group)) : -EMSGSIZE;
}

static int dump_groups(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cgspan_node *node = dumped_node(cb);
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_group *group;
	u64 next = cursor->next_id;
	int ret = 0;

	if (!cursor->begun) {
		ret = begin_dump(cb, false);
		if (ret)
			return ret;
		settle(cursor->top);
	}

	cb->seq = atomic_read(&node->gen);
	while ((group = cgspan_group_next(node, &next))) {
		if (!cursor->top || cgspan_group_contains(cursor->top, group))
			ret = dump_group(skb, cb, group);
		cgspan_group_put(group);
		if (ret)
			break;
		cursor->next_id = next;
	}
	return skb->len ?: ret;
}

static int dump_member(struct sk_buff *skb, struct netlink_callback *cb,
		       struct cgspan_member *member, const char *base,
		       char *path)
{
	void *hdr = start_item(skb, cb, CGSPAN_CMD_MEMBER_GET);

	if (!hdr)
		return -EMSGSIZE;
	cgspan_path_show(member->path, base, path, PATH_MAX);
	return end_item(skb, hdr, fill_member(skb, member, path));
}

static int dump_members(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cgspan_node *node = dumped_node(cb);
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_member *member;
	char *base, *path;
	int ret;

	ret = begin_dump(cb, false);
	if (ret)
		return ret;

	ret = -ENOMEM;
	base = cgspan_path_base();
	path = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!base || !path)
		goto out;

	cb->seq = atomic_read(&node->gen);
	ret = 0;
	while ((member = cgspan_member_next(node, cursor->last))) {
		if (!cursor->top || member->group == cursor->top)
			ret = dump_member(skb, cb, member, base, path);
		if (ret) {
			cgspan_member_put(member);
			break;
		}
		if (cursor->last)
			cgspan_member_put(cursor->last);
		cursor->last = member;
	}
	ret = skb->len ?: ret;
out:
	kfree(base);
	kfree(path);
	return ret;
}

struct task_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int fill_task(struct sk_buff *skb, const struct cgspan_task_info *info)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_TASK);

	if (!nest ||
	    put_u32(skb, CGSPAN_TASK_A_PID, info->pid) ||
	    put_u32(skb, CGSPAN_TASK_A_TGID, info->tgid) ||
	    nla_put_string(skb, CGSPAN_TASK_A_COMM, info->comm) ||
	    put_u64(skb, CGSPAN_TASK_A_GROUP_ID, cgspan_group_id(info->group),
		    CGSPAN_TASK_A_PAD) ||
	    nla_put_string(skb, CGSPAN_TASK_A_GROUP_PATH, info->group->path) ||
	    put_u8(skb, CGSPAN_TASK_A_EXITED, info->exited))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dump_task(const struct cgspan_task_info *info, void *arg)
{
	struct task_dump *dump = arg;
	void *hdr;

	if (!cgspan_group_contains(cursor_of(dump->cb)->top, info->group))
		return 0;
	hdr = start_item(dump->skb, dump->cb, CGSPAN_CMD_TASK_GET);
	return hdr ? end_item(dump->skb, hdr, fill_task(dump->skb, info)) :
		     -EMSGSIZE;
}

static int dump_tasks(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct task_dump dump = { .skb = skb, .cb = cb };
	struct cursor *cursor = cursor_of(cb);
	int ret;

	ret = begin_dump(cb, true);
	if (ret)
		return ret;

	cb->seq = atomic_read(&dumped_node(cb)->gen);
	ret = cgspan_task_walk(&cursor->bucket, &cursor->skip, dump_task,
			       &dump);
	return skb->len ?: ret;
}

/* Requests: grants. */

/* Return: whose process it is, referenced. */
static struct pid *process_of(struct pid *pid)
{
	struct task_struct *task;

	task = pid_task(pid, PIDTYPE_PID);
	return task ? get_pid(task_tgid(task)) : NULL;
}

static struct pid *get_holder_fd(int fd)
{
	struct pid *pid, *holder = NULL;
	struct fd f = fdget(fd);

	if (!cgspan_fd_file(f))
		return NULL;
	pid = cgspan_pidfd_pid(cgspan_fd_file(f));
	if (pid) {
		rcu_read_lock();
		holder = process_of(pid);
		rcu_read_unlock();
	}
	fdput(f);
	return holder;
}

static int get_holder(struct nlattr **tb, struct cgspan_request *request,
		      struct netlink_ext_ack *extack)
{
	struct nlattr *pid = tb[CGSPAN_GRANT_A_PID];
	struct nlattr *fd = tb[CGSPAN_GRANT_A_PIDFD];

	if (pid && fd)
		return REFUSE(extack, EINVAL,
			      "the holder is named both by pid and by pidfd");
	if (fd) {
		request->pid = get_holder_fd(nla_get_s32(fd));
		return request->pid ? 0 :
		       REFUSE(extack, EBADF,
			      "the file descriptor is not a pidfd, or its process has ended");
	}
	if (!pid)
		return 0;
	rcu_read_lock();
	request->pid = process_of(find_vpid(nla_get_u32(pid)));
	rcu_read_unlock();
	return request->pid ? 0 : REFUSE(extack, ESRCH,
					 "there is no process of this pid");
}

static bool is_own_group(const struct cgspan_group *group)
{
	bool own;

	rcu_read_lock();
	own = cgspan_member_group(task_dfl_cgroup(current)) == group;
	rcu_read_unlock();
	return own;
}

static int check_admit(struct sk_buff *skb,
		       const struct cgspan_request *request,
		       struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_NET_ADMIN))
		return 0;
	if ((!request->pid || request->pid == task_tgid(current)) &&
	    is_own_group(request->group))
		return 0;
	return REFUSE(extack, EPERM,
		      "this needs CAP_NET_ADMIN in the initial user namespace, or a task of the very group that asks for itself");
}

static int parse_amounts(struct nlattr **tb, struct cgspan_request *request,
			 struct netlink_ext_ack *extack)
{
	bool some = false;
	int res;

	BUILD_BUG_ON(CGSPAN_GRANT_A_TASKS + CGSPAN_RES_MAX !=
		     CGSPAN_GRANT_A_USER4);

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (tb[CGSPAN_GRANT_A_TASKS + res]) {
			request->amounts[res] =
				get_u64(tb[CGSPAN_GRANT_A_TASKS + res]);
			some = true;
		}
	return some ? 0 : REFUSE(extack, EINVAL,
				 "no amount is given: CGSPAN_GRANT_A_TASKS or another is missing");
}

static struct nlattr *get_grant_nest(struct genl_info *info)
{
	struct nlattr *nest = info->attrs ? info->attrs[CGSPAN_A_GRANT] : NULL;

	if (!nest)
		NL_SET_ERR_MSG(info->extack, "CGSPAN_A_GRANT is missing");
	return nest;
}

/* On success the group and the pid are referenced. */
static int parse_admit(struct genl_info *info, struct cgspan_request *request)
{
	/* What comes after these is in no request: the policy has refused it. */
	struct nlattr *tb[CGSPAN_GRANT_A_FLAGS + 1] = {};
	struct nlattr *nest = get_grant_nest(info), *attr;
	struct cgspan_group *group;
	int ret, rem;

	if (!nest)
		return -EINVAL;
	nla_for_each_nested(attr, nest, rem)
		tb[nla_type(attr)] = attr;
	ret = parse_amounts(tb, request, info->extack);
	if (ret)
		return ret;
	if (tb[CGSPAN_GRANT_A_WAIT])
		request->wait = nla_get_u32(tb[CGSPAN_GRANT_A_WAIT]);
	if (tb[CGSPAN_GRANT_A_FLAGS])
		request->dry = nla_get_u32(tb[CGSPAN_GRANT_A_FLAGS]) &
			       CGSPAN_GRANT_F_DRY_RUN;
	request->port = info->snd_portid;
	request->seq = info->snd_seq;

	group = get_group(node_of(info), tb[CGSPAN_GRANT_A_GROUP_PATH],
			  tb[CGSPAN_GRANT_A_GROUP_ID], info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	request->group = group;
	ret = get_holder(tb, request, info->extack);
	if (ret)
		cgspan_group_put(group);
	return ret;
}

static int answer_admit(struct genl_info *info,
			const struct cgspan_request *request,
			const struct cgspan_answer *answer)
{
	struct sk_buff *reply;
	void *hdr;

	reply = start_reply(info, answer_size(answer), &hdr);
	if (!reply)
		return -ENOMEM;
	return send_reply(info, reply, hdr,
			  fill_answer(reply, request->group, request->amounts,
				      answer));
}

static int admit(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_request request = {};
	struct cgspan_answer answer;
	int ret;

	ret = parse_admit(info, &request);
	if (ret)
		return ret;
	ret = check_admit(skb, &request, info->extack);
	if (ret)
		goto put;

	ret = cgspan_grant_admit(&request, &answer, info->extack);
	if (!ret || answer.lack.group)
		ret = answer_admit(info, &request, &answer) ?: ret;
put:
	put_pid(request.pid);
	cgspan_group_put(request.group);
	return ret;
}

/* Return: the grant that a request names, referenced, or an ERR_PTR. */
static struct cgspan_grant *get_grant(struct genl_info *info)
{
	struct nlattr *nest = get_grant_nest(info);
	struct cgspan_grant *grant;
	struct nlattr *id;

	if (!nest)
		return ERR_PTR(-EINVAL);
	id = nla_find_nested(nest, CGSPAN_GRANT_A_ID);
	if (!id)
		return ERR_PTR(REFUSE(info->extack, EINVAL,
				      "CGSPAN_GRANT_A_ID is missing"));
	grant = cgspan_grant_get_by_id(node_of(info), get_u64(id));
	return grant ?: ERR_PTR(REFUSE(info->extack, ENOENT,
				       "there is no such grant"));
}

static bool is_holder(const struct cgspan_grant *grant, u32 port)
{
	return grant->pid ? grant->pid == task_tgid(current) :
			    grant->port == port;
}

static int release(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_grant *grant = get_grant(info);
	int ret = 0;

	if (IS_ERR(grant))
		return PTR_ERR(grant);

	if (!netlink_capable(skb, CAP_NET_ADMIN) &&
	    !is_holder(grant, info->snd_portid))
		ret = REFUSE(info->extack, EPERM,
			     "this needs CAP_NET_ADMIN in the initial user namespace, or the grant's holder");
	else if (!cgspan_grant_end(grant))
		ret = REFUSE(info->extack, ENOENT, "there is no such grant");
	cgspan_grant_put(grant);
	return ret;
}

static int grant_get(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_grant *grant = get_grant(info);
	struct sk_buff *reply;
	void *hdr;
	int ret;

	if (IS_ERR(grant))
		return PTR_ERR(grant);

	reply = start_reply(info, ANSWER_SIZE, &hdr);
	ret = reply ? fill_grant(reply, grant) : -ENOMEM;
	cgspan_grant_put(grant);
	return reply ? send_reply(info, reply, hdr, ret) : ret;
}

static int begin_grants(struct netlink_callback *cb)
{
	struct nlattr **attrs = cgspan_dump_attrs(cb);
	struct nlattr *tb[CGSPAN_GRANT_A_MAX + 1];
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_group *group;
	int ret;

	if (!cursor->begun && attrs && attrs[CGSPAN_A_GRANT]) {
		ret = parse_nest(tb, CGSPAN_GRANT_A_MAX, attrs, CGSPAN_A_GRANT,
				 NULL, cb->extack);
		if (ret)
			return ret;
		group = get_group(dumped_node(cb), tb[CGSPAN_GRANT_A_GROUP_PATH],
				  tb[CGSPAN_GRANT_A_GROUP_ID], cb->extack);
		if (IS_ERR(group))
			return PTR_ERR(group);
		cursor->top = group;
	}
	cursor->begun = true;
	return 0;
}

static int dump_grant(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct cgspan_grant *grant)
{
	void *hdr = start_item(skb, cb, CGSPAN_CMD_GRANT_GET);

	return hdr ? end_item(skb, hdr, fill_grant(skb, grant)) : -EMSGSIZE;
}

static int dump_grants(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = cursor_of(cb);
	unsigned int bucket = cursor->bucket;
	u64 id = cursor->next_id;
	struct cgspan_grant *grant;
	int ret;

	ret = begin_grants(cb);
	if (ret)
		return ret;

	cb->seq = atomic_read(&dumped_node(cb)->gen);
	while ((grant = cgspan_grant_next(dumped_node(cb), &bucket, &id))) {
		if (!cursor->top ||
		    cgspan_group_contains(cursor->top, grant->group))
			ret = dump_grant(skb, cb, grant);
		cgspan_grant_put(grant);
		if (ret)
			break;
		cursor->bucket = bucket;
		cursor->next_id = id;
	}
	return skb->len ?: ret;
}

/* Requests: leases and peers. */

struct lease {
	struct cgspan_group *group;
	u32 res;
	u64 amount;
	u64 low;
	bool exhausted;
};

static void put_leases(struct lease *leases, unsigned int n)
{
	while (n--)
		cgspan_group_put(leases[n].group);
	kvfree(leases);
}

static int parse_lease(struct cgspan_node *node, struct nlattr *attr,
		       struct lease *lease, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_LEASE_A_MAX + 1];
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_LEASE_A_MAX, attr,
			       lease_nest, extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_LEASE_A_RES])
		return REFUSE(extack, EINVAL, "CGSPAN_LEASE_A_RES is missing");
	if (!tb[CGSPAN_LEASE_A_AMOUNT])
		return REFUSE(extack, EINVAL,
				      "CGSPAN_LEASE_A_AMOUNT is missing");

	*lease = (struct lease) {
		.res = nla_get_u32(tb[CGSPAN_LEASE_A_RES]),
		.amount = get_u64(tb[CGSPAN_LEASE_A_AMOUNT]),
	};
	if (tb[CGSPAN_LEASE_A_LOW])
		lease->low = get_u64(tb[CGSPAN_LEASE_A_LOW]);
	if (tb[CGSPAN_LEASE_A_EXHAUSTED])
		lease->exhausted = nla_get_u8(tb[CGSPAN_LEASE_A_EXHAUSTED]);

	lease->group = get_group(node, tb[CGSPAN_LEASE_A_GROUP_PATH],
				 tb[CGSPAN_LEASE_A_GROUP_ID], extack);
	return PTR_ERR_OR_ZERO(lease->group);
}

/* Return: all leases of a request, or an ERR_PTR. */
static struct lease *parse_leases(struct cgspan_node *node,
				  struct genl_info *info, unsigned int n)
{
	struct lease *leases;
	struct nlattr *attr;
	unsigned int i = 0;
	int rem, ret;

	if (!n)
		return ERR_PTR(REFUSE(info->extack, EINVAL,
				      "CGSPAN_A_LEASE is missing"));
	if (n > CGSPAN_LEASES_MAX)
		return ERR_PTR(REFUSE(info->extack, E2BIG,
				      "more than 512 leases in one request"));

	leases = kvcalloc(n, sizeof(*leases), GFP_KERNEL);
	if (!leases)
		return ERR_PTR(-ENOMEM);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != CGSPAN_A_LEASE)
			continue;
		ret = parse_lease(node, attr, &leases[i], info->extack);
		if (ret) {
			put_leases(leases, i);
			return ERR_PTR(ret);
		}
		i++;
	}
	return leases;
}

static int check_lease_epoch(struct cgspan_node *node, struct genl_info *info)
{
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	int ret;

	if (!info->attrs[CGSPAN_A_SESSION]) {
		if (!node->session.epoch)
			return 0;
		return REFUSE(info->extack, EINVAL,
				      "the node is joined: CGSPAN_A_SESSION is missing");
	}
	ret = parse_nest(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 epoch_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return REFUSE(info->extack, EINVAL,
				      "CGSPAN_SESSION_A_EPOCH is missing");
	return cgspan_session_check_epoch(node,
					  get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
					  info->extack) ?:
	       check_owner(node, info);
}

static int set_lease(struct sk_buff *skb, const struct lease *lease)
{
	struct cgspan_share *share = &lease->group->shares[lease->res];
	struct nlattr *nest;
	u64 amount, used;

	amount = cgspan_group_set_lease(share, lease->amount, lease->low,
					lease->exhausted, &used);
	nest = start_nest(skb, CGSPAN_A_LEASE);
	if (!nest ||
	    put_u64(skb, CGSPAN_LEASE_A_GROUP_ID,
		    cgspan_group_id(lease->group), CGSPAN_LEASE_A_PAD) ||
	    put_u32(skb, CGSPAN_LEASE_A_RES, lease->res) ||
	    put_u64(skb, CGSPAN_LEASE_A_AMOUNT, amount, CGSPAN_LEASE_A_PAD) ||
	    put_u64(skb, CGSPAN_LEASE_A_USED, used, CGSPAN_LEASE_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int set_leases(struct cgspan_node *node, struct genl_info *info,
		      struct sk_buff *reply, const struct lease *leases,
		      unsigned int n)
{
	unsigned int i;
	int ret;

	lockdep_assert_held(&node->lock);

	ret = check_lease_epoch(node, info);
	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		if (leases[i].group->dead)
			return REFUSE(info->extack, ENOENT,
					      "there is no such group");
	for (i = 0; i < n && !ret; i++)
		ret = set_lease(reply, &leases[i]);
	return ret;
}

/* A nest with four attributes of at most 8 bytes, and their padding. */
#define LEASE_REPLY_SIZE \
	(nla_total_size(0) + 4 * nla_total_size_64bit(sizeof(u64)))

static int lease_set(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int n = count_attrs(info, CGSPAN_A_LEASE);
	struct cgspan_node *node = node_of(info);
	struct sk_buff *reply;
	struct lease *leases;
	void *hdr;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	leases = parse_leases(node, info, n);
	if (IS_ERR(leases))
		return PTR_ERR(leases);

	ret = -ENOMEM;
	reply = start_reply(info, n * LEASE_REPLY_SIZE, &hdr);
	if (!reply)
		goto put;

	mutex_lock(&node->lock);
	ret = set_leases(node, info, reply, leases, n);
	mutex_unlock(&node->lock);
	if (ret)
		nlmsg_free(reply);
	else
		ret = send_reply(info, reply, hdr, 0);
put:
	put_leases(leases, n);
	return ret;
}

struct peer {
	struct cgspan_group *group;
	u32 res;
	struct cgspan_peers peers;
};

static void put_peers(struct peer *peers, unsigned int n)
{
	while (n--)
		cgspan_group_put(peers[n].group);
	kvfree(peers);
}

static int check_headroom(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	if (!tb[CGSPAN_PEER_A_NODE] != !tb[CGSPAN_PEER_A_HEADROOM])
		return REFUSE(extack, EINVAL,
			      "CGSPAN_PEER_A_NODE and CGSPAN_PEER_A_HEADROOM go together");
	return tb[CGSPAN_PEER_A_NODE] ?
	       check_name(nla_data(tb[CGSPAN_PEER_A_NODE]), extack) : 0;
}

static int parse_peer(struct cgspan_node *node, struct nlattr *attr,
		      struct peer *peer, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_PEER_A_MAX + 1];
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_PEER_A_MAX, attr, peer_nest,
			       extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_PEER_A_RES])
		return REFUSE(extack, EINVAL, "CGSPAN_PEER_A_RES is missing");
	if (!tb[CGSPAN_PEER_A_USED])
		return REFUSE(extack, EINVAL, "CGSPAN_PEER_A_USED is missing");
	if (!tb[CGSPAN_PEER_A_NODES])
		return REFUSE(extack, EINVAL, "CGSPAN_PEER_A_NODES is missing");
	if (!tb[CGSPAN_PEER_A_TIME])
		return REFUSE(extack, EINVAL, "CGSPAN_PEER_A_TIME is missing");

	ret = check_headroom(tb, extack);
	if (ret)
		return ret;

	*peer = (struct peer) {
		.res = nla_get_u32(tb[CGSPAN_PEER_A_RES]),
		.peers = {
			.known = true,
			.used = get_u64(tb[CGSPAN_PEER_A_USED]),
			.nodes = nla_get_u32(tb[CGSPAN_PEER_A_NODES]),
			.time = get_u64(tb[CGSPAN_PEER_A_TIME]),
		},
	};
	if (tb[CGSPAN_PEER_A_NODE]) {
		nla_strscpy(peer->peers.node, tb[CGSPAN_PEER_A_NODE],
			    sizeof(peer->peers.node));
		peer->peers.headroom = get_u64(tb[CGSPAN_PEER_A_HEADROOM]);
	}
	peer->group = get_group(node, tb[CGSPAN_PEER_A_GROUP_PATH],
				tb[CGSPAN_PEER_A_GROUP_ID], extack);
	return PTR_ERR_OR_ZERO(peer->group);
}

static struct peer *parse_peers(struct cgspan_node *node,
				struct genl_info *info, unsigned int n)
{
	struct peer *peers;
	struct nlattr *attr;
	unsigned int i = 0;
	int rem, ret;

	if (!n)
		return ERR_PTR(REFUSE(info->extack, EINVAL,
				      "CGSPAN_A_PEER is missing"));
	if (n > CGSPAN_LEASES_MAX)
		return ERR_PTR(REFUSE(info->extack, E2BIG,
				      "more than 512 peers' sums in one request"));

	peers = kvcalloc(n, sizeof(*peers), GFP_KERNEL);
	if (!peers)
		return ERR_PTR(-ENOMEM);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != CGSPAN_A_PEER)
			continue;
		ret = parse_peer(node, attr, &peers[i], info->extack);
		if (ret) {
			put_peers(peers, i);
			return ERR_PTR(ret);
		}
		i++;
	}
	return peers;
}

static int peer_set(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int i, n = count_attrs(info, CGSPAN_A_PEER);
	struct cgspan_node *node = node_of(info);
	struct peer *peers;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	peers = parse_peers(node, info, n);
	if (IS_ERR(peers))
		return PTR_ERR(peers);

	mutex_lock(&node->lock);
	ret = check_owner(node, info);
	for (i = 0; i < n && !ret; i++)
		cgspan_group_set_peers(&peers[i].group->shares[peers[i].res],
				       &peers[i].peers);
	mutex_unlock(&node->lock);
	put_peers(peers, n);
	return ret;
}

/* Requests: members. */

static void put_binds(struct cgspan_bind *binds, unsigned int n)
{
	while (n--)
		if (binds[n].group)
			cgspan_group_put(binds[n].group);
	kvfree(binds);
}

static int parse_add(struct cgspan_node *node, struct nlattr *attr,
		     struct cgspan_bind *bind, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_MEMBER_A_MAX + 1];
	struct cgspan_group *group;
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_MEMBER_A_MAX, attr,
			       member_add_nest, extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_MEMBER_A_CGROUP] && !tb[CGSPAN_MEMBER_A_FD])
		return REFUSE(extack, EINVAL,
				      "the cgroup's path or file descriptor is missing");
	if (tb[CGSPAN_MEMBER_A_CGROUP] && tb[CGSPAN_MEMBER_A_FD])
		return REFUSE(extack, EINVAL,
				      "the cgroup is named both by path and by file descriptor");

	group = get_group(node, tb[CGSPAN_MEMBER_A_GROUP_PATH],
			  tb[CGSPAN_MEMBER_A_GROUP_ID], extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	bind->group = group;
	bind->attr = attr;
	if (tb[CGSPAN_MEMBER_A_CGROUP])
		bind->path = nla_data(tb[CGSPAN_MEMBER_A_CGROUP]);
	else
		bind->fd = nla_get_s32(tb[CGSPAN_MEMBER_A_FD]);
	bind->freezer = -1;
	if (tb[CGSPAN_MEMBER_A_FREEZE_FD])
		bind->freezer = nla_get_s32(tb[CGSPAN_MEMBER_A_FREEZE_FD]);
	return 0;
}

static int parse_del(struct cgspan_node *node, struct nlattr *attr,
		     struct cgspan_bind *bind, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_MEMBER_A_MAX + 1];
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_MEMBER_A_MAX, attr,
			       member_del_nest, extack);
	if (ret)
		return ret;
	ret = !!tb[CGSPAN_MEMBER_A_CGROUP] + !!tb[CGSPAN_MEMBER_A_FD] +
	      !!tb[CGSPAN_MEMBER_A_CGROUP_ID];
	if (!ret)
		return REFUSE(extack, EINVAL,
				      "the cgroup's path, file descriptor or id is missing");
	if (ret > 1)
		return REFUSE(extack, EINVAL,
				      "the cgroup is named in more than one way");

	bind->attr = attr;
	bind->fd = -1;
	if (tb[CGSPAN_MEMBER_A_CGROUP])
		bind->path = nla_data(tb[CGSPAN_MEMBER_A_CGROUP]);
	else if (tb[CGSPAN_MEMBER_A_FD])
		bind->fd = nla_get_s32(tb[CGSPAN_MEMBER_A_FD]);
	else
		bind->id = get_u64(tb[CGSPAN_MEMBER_A_CGROUP_ID]);
	return 0;
}

/* Return: all members that a request names, or an ERR_PTR. */
static struct cgspan_bind *
parse_binds(struct cgspan_node *node, struct genl_info *info, unsigned int n,
	    int (*parse)(struct cgspan_node *node, struct nlattr *attr,
			 struct cgspan_bind *bind,
			 struct netlink_ext_ack *extack))
{
	struct cgspan_bind *binds;
	struct nlattr *attr;
	unsigned int i = 0;
	int rem, ret;

	if (!n)
		return ERR_PTR(REFUSE(info->extack, EINVAL,
				      "CGSPAN_A_MEMBER is missing"));
	if (n > CGSPAN_MEMBERS_MAX)
		return ERR_PTR(REFUSE(info->extack, E2BIG,
				      "more than 512 members in one request"));

	binds = kvcalloc(n, sizeof(*binds), GFP_KERNEL);
	if (!binds)
		return ERR_PTR(-ENOMEM);

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != CGSPAN_A_MEMBER)
			continue;
		ret = parse(node, attr, &binds[i], info->extack);
		if (ret) {
			put_binds(binds, i);
			return ERR_PTR(ret);
		}
		i++;
	}
	return binds;
}

static int member_add(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int n = count_attrs(info, CGSPAN_A_MEMBER);
	struct cgspan_node *node = node_of(info);
	struct cgspan_bind *binds;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	binds = parse_binds(node, info, n, parse_add);
	if (IS_ERR(binds))
		return PTR_ERR(binds);

	ret = cgspan_member_add(node, binds, n, info->extack);
	put_binds(binds, n);
	return ret;
}

static int member_del(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int n = count_attrs(info, CGSPAN_A_MEMBER);
	struct cgspan_node *node = node_of(info);
	struct cgspan_bind *binds;
	int ret;

	ret = check_privilege(skb, info->extack);
	if (ret)
		return ret;
	binds = parse_binds(node, info, n, parse_del);
	if (IS_ERR(binds))
		return PTR_ERR(binds);

	ret = cgspan_member_del(node, binds, n, info->extack);
	put_binds(binds, n);
	return ret;
}

/* The family. */

/* They are searched one after the other: what is asked most often comes first. */
static const struct genl_ops ops[] = {
	{
		.cmd = CGSPAN_CMD_ADMIT,
		.doit = admit,
		.policy = admit_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_RELEASE,
		.doit = release,
		.policy = release_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_NODE_GET,
		.doit = get_node,
	},
	{
		.cmd = CGSPAN_CMD_NODE_SET,
		.doit = set_node,
		.policy = node_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_SESSION_RENEW,
		.doit = session_renew,
		.policy = renew_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_LEAVE,
		.doit = leave,
		.policy = leave_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_NEW,
		.doit = group_new,
		.policy = group_new_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_SET,
		.doit = group_set,
		.policy = group_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_DEL,
		.doit = group_del,
		.policy = group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GROUP_GET,
		.doit = group_get,
		.start = start_dump,
		.dumpit = dump_groups,
		.done = end_dump,
		.policy = group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_LEASE_SET,
		.doit = lease_set,
		.policy = lease_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_ADD,
		.doit = member_add,
		.policy = member_add_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_DEL,
		.doit = member_del,
		.policy = member_del_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_MEMBER_GET,
		.start = start_dump,
		.dumpit = dump_members,
		.done = end_dump,
		.policy = group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_PEER_SET,
		.doit = peer_set,
		.policy = peer_set_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_TASK_GET,
		.start = start_dump,
		.dumpit = dump_tasks,
		.done = end_dump,
		.policy = group_policy,
		.maxattr = CGSPAN_A_MAX,
	},
	{
		.cmd = CGSPAN_CMD_GRANT_GET,
		.doit = grant_get,
		.start = start_dump,
		.dumpit = dump_grants,
		.done = end_dump,
		.policy = grant_get_policy,
		.maxattr = CGSPAN_A_MAX,
	},
};

enum { CONFIG, CREDIT, SESSION, EXIT };

static const struct genl_multicast_group mcgrps[] = {
	[CONFIG] = { .name = CGSPAN_MCGRP_CONFIG },
	[CREDIT] = { .name = CGSPAN_MCGRP_CREDIT },
	[SESSION] = { .name = CGSPAN_MCGRP_SESSION },
	[EXIT] = { .name = CGSPAN_MCGRP_EXIT,
		   .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family family __ro_after_init = {
	.name = CGSPAN_GENL_NAME,
	.version = CGSPAN_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = mcgrps,
	.n_mcgrps = ARRAY_SIZE(mcgrps),
};

/* Notifications. */

static struct sk_buff *start_tell(struct net *net, int mcgrp, u8 cmd,
				  size_t payload, void **hdr)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&family, net, mcgrp))
		return NULL;
	skb = genlmsg_new(payload, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &family, 0, cmd);
	if (*hdr)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

static void send_tell(struct net *net, int mcgrp, struct sk_buff *skb,
		      void *hdr, int ret)
{
	if (WARN_ON_ONCE(ret)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&family, net, skb, 0, mcgrp, GFP_KERNEL);
}

static int fill_group_config(struct sk_buff *skb, struct cgspan_group *group)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GROUP);

	if (!nest || fill_group_name(skb, group) ||
	    put_u8(skb, CGSPAN_GROUP_A_ON_EXPIRY,
		   READ_ONCE(group->on_expiry)) ||
	    fill_shares(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_group_credit(struct sk_buff *skb, struct cgspan_group *group,
			     u32 res, const struct cgspan_reading *reading)
{
	struct nlattr *nest, *inner;

	nest = start_nest(skb, CGSPAN_A_GROUP);
	if (!nest || fill_group_name(skb, group))
		return -EMSGSIZE;
	inner = start_nest(skb, CGSPAN_GROUP_A_RESOURCE);
	if (!inner ||
	    put_u32(skb, CGSPAN_RES_A_ID, res) ||
	    put_u64(skb, CGSPAN_RES_A_LEASE, reading->lease,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_USED, reading->used, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_REFUSALS, reading->refusals,
		    CGSPAN_RES_A_PAD) ||
	    put_u8(skb, CGSPAN_RES_A_CREDIT, reading->credit))
		return -EMSGSIZE;
	nla_nest_end(skb, inner);
	nla_nest_end(skb, nest);
	return 0;
}

static void tell_config(struct cgspan_group *group, u8 cmd)
{
	struct net *net = READ_ONCE(group->node)->net;
	struct sk_buff *skb;
	void *hdr;

	skb = start_tell(net, CONFIG, cmd, NLMSG_DEFAULT_SIZE, &hdr);
	if (skb)
		send_tell(net, CONFIG, skb, hdr, fill_group_config(skb, group));
}

/* Those whose credit has been restored meanwhile need not be told of. */
static void tell_credit(struct cgspan_group *group)
{
	struct net *net = READ_ONCE(group->node)->net;
	struct cgspan_reading reading;
	struct sk_buff *skb;
	void *hdr;
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		cgspan_group_read(&group->shares[res], &reading);
		if (reading.credit == CGSPAN_CREDIT_OK)
			continue;
		skb = start_tell(net, CREDIT, CGSPAN_CMD_CREDIT_NTF,
				 NLMSG_DEFAULT_SIZE, &hdr);
		if (skb)
			send_tell(net, CREDIT, skb, hdr,
				  fill_group_credit(skb, group, res, &reading));
	}
}

static int fill_empty(struct sk_buff *skb, struct cgspan_group *group,
		      struct cgspan_node *node)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GROUP);

	if (!nest || fill_group_name(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return fill_session(skb, node);
}

/* An orphan's session is nobody's any more. */
static void tell_empty(struct cgspan_group *group)
{
	struct cgspan_node *node = READ_ONCE(group->node);
	struct sk_buff *skb;
	void *hdr;
	int ret;

	if (READ_ONCE(group->orphan))
		return;
	skb = start_tell(node->net, SESSION, CGSPAN_CMD_GROUP_EMPTY_NTF,
			 NLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return;

	mutex_lock(&node->lock);
	ret = fill_empty(skb, group, node);
	mutex_unlock(&node->lock);
	send_tell(node->net, SESSION, skb, hdr, ret);
}

/**
 * cgspan_netlink_tell_group() - send what is to be told of a group
 * @group: the group, referenced
 * @bits: enum cgspan_event_bit
 */
void cgspan_netlink_tell_group(struct cgspan_group *group, unsigned long bits)
{
	if (bits & BIT(CGSPAN_EVENT_GONE)) {
		tell_config(group, CGSPAN_CMD_GROUP_DEL_NTF);
		return;
	}
	if (bits & BIT(CGSPAN_EVENT_CHANGED))
		tell_config(group, CGSPAN_CMD_GROUP_NTF);
	if (bits & BIT(CGSPAN_EVENT_CREDIT))
		tell_credit(group);
	if (bits & BIT(CGSPAN_EVENT_EMPTY))
		tell_empty(group);
}

/* As cgspan_netlink_tell_group(), of a member. */
void cgspan_netlink_tell_member(struct cgspan_member *member,
				unsigned long bits)
{
	struct net *net = READ_ONCE(member->group->node)->net;
	struct sk_buff *skb;
	void *hdr;
	u8 cmd;

	if (bits & BIT(CGSPAN_EVENT_GONE))
		cmd = CGSPAN_CMD_MEMBER_DEL_NTF;
	else if (bits & BIT(CGSPAN_EVENT_CHANGED))
		cmd = CGSPAN_CMD_MEMBER_NTF;
	else
		return;

	skb = start_tell(net, CONFIG, cmd,
			 NLMSG_DEFAULT_SIZE + CGSPAN_CGROUP_LEN, &hdr);
	if (skb)
		send_tell(net, CONFIG, skb, hdr,
			  fill_member(skb, member,
				      member->path[0] ? member->path : "/"));
}

/* As cgspan_netlink_tell_group(), of a node's session. */
void cgspan_netlink_tell_session(struct cgspan_node *node, unsigned long bits)
{
	struct sk_buff *skb;
	void *hdr;
	int ret;

	if (!(bits & BIT(CGSPAN_EVENT_CHANGED)))
		return;
	skb = start_tell(node->net, SESSION, CGSPAN_CMD_SESSION_NTF,
			 NLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return;

	mutex_lock(&node->lock);
	ret = fill_session(skb, node);
	mutex_unlock(&node->lock);
	send_tell(node->net, SESSION, skb, hdr, ret);
}

/**
 * cgspan_netlink_tell_grant() - tell who asked what became of his request
 * @grant: the grant, referenced; its socket has not been released
 * @answer: that
 */
void cgspan_netlink_tell_grant(struct cgspan_grant *grant,
			       const struct cgspan_answer *answer)
{
	struct net *net = READ_ONCE(grant->group->node)->net;
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(answer_size(answer), GFP_KERNEL);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, grant->port, grant->seq, &family, 0,
			  CGSPAN_CMD_GRANT_NTF);
	if (!hdr || fill_answer(skb, grant->group, grant->amounts, answer)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_unicast(net, skb, grant->port);
}

/* Context: any but NMI; also while there is no family. */
bool cgspan_netlink_exits_heard(void)
{
	return genl_has_listeners(&family, &init_net, EXIT);
}

static int fill_exit(struct sk_buff *skb, const struct cgspan_exit *exit,
		     u64 seq)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_EXIT);

	if (!nest ||
	    put_u64(skb, CGSPAN_EXIT_A_SEQ, seq, CGSPAN_EXIT_A_PAD) ||
	    put_u32(skb, CGSPAN_EXIT_A_PID, exit->pid) ||
	    put_u32(skb, CGSPAN_EXIT_A_TGID, exit->tgid) ||
	    nla_put_string(skb, CGSPAN_EXIT_A_COMM, exit->comm) ||
	    put_u64(skb, CGSPAN_EXIT_A_GROUP_ID, cgspan_group_id(exit->group),
		    CGSPAN_EXIT_A_PAD) ||
	    nla_put_string(skb, CGSPAN_EXIT_A_GROUP_PATH, exit->group->path) ||
	    put_u64(skb, CGSPAN_EXIT_A_START, exit->start, CGSPAN_EXIT_A_PAD) ||
	    put_u64(skb, CGSPAN_EXIT_A_END, exit->end, CGSPAN_EXIT_A_PAD) ||
	    put_u64(skb, CGSPAN_EXIT_A_CPU, exit->cpu, CGSPAN_EXIT_A_PAD) ||
	    put_u64(skb, CGSPAN_EXIT_A_MAX_RSS, exit->max_rss,
		    CGSPAN_EXIT_A_PAD) ||
	    nla_put_s32(skb, CGSPAN_EXIT_A_CODE, exit->code))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One message of its own; several share a datagram. */
static int add_exit(struct sk_buff *skb, const struct cgspan_exit *exit)
{
	struct cgspan_group *root = cgspan_group_root(exit->group);
	u64 seq = cgspan_group_stat(root, CGSPAN_STAT_EXITS_TOLD) +
		  cgspan_group_stat(root, CGSPAN_STAT_EXITS_LOST) + 1;
	void *hdr;
	int ret;

	hdr = genlmsg_put(skb, 0, 0, &family, 0, CGSPAN_CMD_EXIT_NTF);
	if (!hdr)
		return -EMSGSIZE;
	ret = end_item(skb, hdr, fill_exit(skb, exit, seq));
	if (!ret)
		cgspan_group_count(root, CGSPAN_STAT_EXITS_TOLD, 1);
	return ret;
}

static void send_exits(struct net *net, struct sk_buff *skb)
{
	if (skb)
		genlmsg_multicast_netns(&family, net, skb, 0, EXIT, GFP_KERNEL);
}

/**
 * cgspan_netlink_tell_exits() - send what is to be told of ended tasks
 * @exits: a list of struct cgspan_exit; it stays the caller's
 *
 * Context: one caller at a time. Those of a tree that has gone with its
 * namespace are not told of.
 */
void cgspan_netlink_tell_exits(struct llist_node *exits)
{
	struct sk_buff *skb = NULL;
	struct net *to, *net = NULL;
	struct cgspan_exit *exit;

	if (!cgspan_netlink_exits_heard())
		return;
	llist_for_each_entry(exit, exits, node) {
		if (READ_ONCE(cgspan_group_root(exit->group)->dead))
			continue;
		to = READ_ONCE(exit->group->node)->net;
		if (skb && to == net && !add_exit(skb, exit))
			continue;
		send_exits(net, skb);
		net = to;
		skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
		if (!skb || add_exit(skb, exit))
			cgspan_group_count(exit->group, CGSPAN_STAT_EXITS_LOST,
					   1);
	}
	send_exits(net, skb);
}

int cgspan_netlink_init(void)
{
	return genl_register_family(&family);
}

void cgspan_netlink_exit(void)
{
	genl_unregister_family(&family);
}
