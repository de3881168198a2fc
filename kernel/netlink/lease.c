// SPDX-License-Identifier: GPL-2.0
/* Requests and replies: this node's leases, and what its peers use. */
#include "lease.h"

#include "../share.h"
#include "attr.h"

static const struct nla_policy lease_nest[CGSPAN_LEASE_A_MAX + 1] = {
	[CGSPAN_LEASE_A_GROUP_ID] = FROM_1,
	[CGSPAN_LEASE_A_GROUP_PATH] = PATH,
	[CGSPAN_LEASE_A_RES] = RES,
	[CGSPAN_LEASE_A_AMOUNT] = U64,
	[CGSPAN_LEASE_A_LOW] = U64,
	[CGSPAN_LEASE_A_EXHAUSTED] = NLA_POLICY_MAX(NLA_U8, 1),
	[CGSPAN_LEASE_A_DRAIN] = NLA_POLICY_MAX(NLA_U8, 1),
	[CGSPAN_LEASE_A_CAUSE] = NLA_POLICY_MAX(NLA_U8, CGSPAN_CAUSE_MAX),
	[CGSPAN_LEASE_A_CALLER] = PATH,
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

static const struct nla_policy lease_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_SESSION] = NLA_POLICY_NESTED(cgspan_nl_epoch_nest),
	[CGSPAN_A_LEASE] = NLA_POLICY_NESTED(lease_nest),
};

static const struct nla_policy peer_set_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_PEER] = NLA_POLICY_NESTED(peer_nest),
};

struct lease {
	struct cgspan_group *group;
	u32 res;
	struct cgspan_lease set;
};

/* The cause is only reported: an unknown group in it must not make a drain fail. */
static void parse_cause(struct cgspan_tree *tree, struct nlattr **tb,
			struct cgspan_lease *lease)
{
	struct cgspan_group *caller;

	if (!tb[CGSPAN_LEASE_A_CAUSE])
		return;
	lease->cause = nla_get_u8(tb[CGSPAN_LEASE_A_CAUSE]);
	if (!lease->cause || !tb[CGSPAN_LEASE_A_CALLER])
		return;
	caller = cgspan_group_get_by_path(tree,
					  nla_data(tb[CGSPAN_LEASE_A_CALLER]));
	if (!caller)
		return;
	lease->caller = cgspan_group_id(caller);
	cgspan_group_put(caller);
}

static int parse_lease(struct cgspan_tree *tree, struct nlattr *attr,
		       void *item, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_LEASE_A_MAX + 1];
	struct cgspan_group *group;
	struct lease *lease = item;
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_LEASE_A_MAX, attr,
			       lease_nest, extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_LEASE_A_RES])
		return MISSING(extack, CGSPAN_LEASE_A_RES);
	if (!tb[CGSPAN_LEASE_A_AMOUNT])
		return MISSING(extack, CGSPAN_LEASE_A_AMOUNT);

	group = cgspan_nl_get_group(tree, tb[CGSPAN_LEASE_A_GROUP_PATH],
				    tb[CGSPAN_LEASE_A_GROUP_ID], extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	*lease = (struct lease) {
		.group = group,
		.res = nla_get_u32(tb[CGSPAN_LEASE_A_RES]),
		.set.amount = get_u64(tb[CGSPAN_LEASE_A_AMOUNT]),
	};
	if (tb[CGSPAN_LEASE_A_LOW])
		lease->set.low = get_u64(tb[CGSPAN_LEASE_A_LOW]);
	if (tb[CGSPAN_LEASE_A_EXHAUSTED])
		lease->set.exhausted = nla_get_u8(tb[CGSPAN_LEASE_A_EXHAUSTED]);
	if (tb[CGSPAN_LEASE_A_DRAIN])
		lease->set.drain = nla_get_u8(tb[CGSPAN_LEASE_A_DRAIN]);
	parse_cause(tree, tb, &lease->set);
	return 0;
}

static int check_lease_epoch(struct genl_info *info)
{
	struct cgspan_node *node = node_of(info);
	struct nlattr *tb[CGSPAN_SESSION_A_MAX + 1];
	int ret;

	if (!info->attrs[CGSPAN_A_SESSION]) {
		if (!node->tree.epoch)
			return 0;
		return REFUSE(info->extack, EINVAL,
			      "the node is joined: CGSPAN_A_SESSION is missing");
	}
	ret = PARSE_NEST(tb, CGSPAN_SESSION_A_MAX, info->attrs, CGSPAN_A_SESSION,
			 cgspan_nl_epoch_nest, info->extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_SESSION_A_EPOCH])
		return MISSING(info->extack, CGSPAN_SESSION_A_EPOCH);
	return cgspan_session_check_epoch(&node->session,
					  get_u64(tb[CGSPAN_SESSION_A_EPOCH]),
					  info->extack) ?:
	       cgspan_nl_check_owner(info);
}

static int set_lease(struct sk_buff *skb, struct lease *lease)
{
	struct cgspan_lease *set = &lease->set;
	struct nlattr *nest;

	cgspan_share_set_lease(&lease->group->shares[lease->res], set);
	nest = start_nest(skb, CGSPAN_A_LEASE);
	if (!nest ||
	    put_u64(skb, CGSPAN_LEASE_A_GROUP_ID,
		    cgspan_group_id(lease->group), CGSPAN_LEASE_A_PAD) ||
	    put_u32(skb, CGSPAN_LEASE_A_RES, lease->res) ||
	    put_u64(skb, CGSPAN_LEASE_A_AMOUNT, set->amount, CGSPAN_LEASE_A_PAD) ||
	    put_u64(skb, CGSPAN_LEASE_A_USED, set->used, CGSPAN_LEASE_A_PAD) ||
	    put_u64(skb, CGSPAN_LEASE_A_HELD, set->held, CGSPAN_LEASE_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int set_leases(struct genl_info *info, struct sk_buff *reply,
		      struct lease *leases, unsigned int n)
{
	unsigned int i;
	int ret;

	lockdep_assert_held(&tree_of(info)->lock);

	ret = check_lease_epoch(info);
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

/* Size of a nest with five attributes of at most 8 bytes, and their padding. */
#define LEASE_REPLY_SIZE \
	(nla_total_size(0) + 5 * nla_total_size_64bit(sizeof(u64)))

static int lease_set(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int n = cgspan_nl_count(info, CGSPAN_A_LEASE);
	struct cgspan_tree *tree = tree_of(info);
	struct sk_buff *reply;
	struct lease *leases;
	void *hdr;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      CHECK_COUNT(n, CGSPAN_A_LEASE, "leases", info->extack);
	if (ret)
		return ret;
	leases = cgspan_nl_parse_list(info, CGSPAN_A_LEASE, n, sizeof(*leases),
				      parse_lease);
	if (IS_ERR(leases))
		return PTR_ERR(leases);

	ret = -ENOMEM;
	reply = cgspan_nl_start_reply(info, n * LEASE_REPLY_SIZE, &hdr);
	if (!reply)
		goto put;

	mutex_lock(&tree->lock);
	ret = set_leases(info, reply, leases, n);
	mutex_unlock(&tree->lock);
	if (ret)
		nlmsg_free(reply);
	else
		ret = cgspan_nl_send_reply(info, reply, hdr, 0);
put:
	cgspan_nl_put_list(leases, n, sizeof(*leases));
	return ret;
}

struct peer {
	struct cgspan_group *group;
	u32 res;
	struct cgspan_peers peers;
};

static int check_headroom(struct nlattr **tb, struct netlink_ext_ack *extack)
{
	if (!tb[CGSPAN_PEER_A_NODE] != !tb[CGSPAN_PEER_A_HEADROOM])
		return REFUSE(extack, EINVAL,
			      "CGSPAN_PEER_A_NODE and CGSPAN_PEER_A_HEADROOM go together");
	return tb[CGSPAN_PEER_A_NODE] ?
	       cgspan_nl_check_name(nla_data(tb[CGSPAN_PEER_A_NODE]), extack) : 0;
}

static int parse_peer(struct cgspan_tree *tree, struct nlattr *attr,
		      void *item, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_PEER_A_MAX + 1];
	struct cgspan_group *group;
	struct peer *peer = item;
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_PEER_A_MAX, attr, peer_nest,
			       extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_PEER_A_RES])
		return MISSING(extack, CGSPAN_PEER_A_RES);
	if (!tb[CGSPAN_PEER_A_USED])
		return MISSING(extack, CGSPAN_PEER_A_USED);
	if (!tb[CGSPAN_PEER_A_NODES])
		return MISSING(extack, CGSPAN_PEER_A_NODES);
	if (!tb[CGSPAN_PEER_A_TIME])
		return MISSING(extack, CGSPAN_PEER_A_TIME);

	ret = check_headroom(tb, extack);
	if (ret)
		return ret;

	group = cgspan_nl_get_group(tree, tb[CGSPAN_PEER_A_GROUP_PATH],
				    tb[CGSPAN_PEER_A_GROUP_ID], extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	*peer = (struct peer) {
		.group = group,
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
	return 0;
}

static int peer_set(struct sk_buff *skb, struct genl_info *info)
{
	unsigned int i, n = cgspan_nl_count(info, CGSPAN_A_PEER);
	struct cgspan_tree *tree = tree_of(info);
	struct peer *peers;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      CHECK_COUNT(n, CGSPAN_A_PEER, "peers' sums", info->extack);
	if (ret)
		return ret;
	peers = cgspan_nl_parse_list(info, CGSPAN_A_PEER, n, sizeof(*peers),
				     parse_peer);
	if (IS_ERR(peers))
		return PTR_ERR(peers);

	mutex_lock(&tree->lock);
	ret = cgspan_nl_check_owner(info);
	for (i = 0; i < n && !ret; i++)
		cgspan_share_set_peers(&peers[i].group->shares[peers[i].res],
				       &peers[i].peers);
	mutex_unlock(&tree->lock);
	cgspan_nl_put_list(peers, n, sizeof(*peers));
	return ret;
}

const struct genl_ops cgspan_nl_lease_ops[2] = {
	OP(LEASE_SET, lease_set, lease_set_policy),
	OP(PEER_SET, peer_set, peer_set_policy),
};
