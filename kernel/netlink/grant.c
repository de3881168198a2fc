// SPDX-License-Identifier: GPL-2.0
/* Requests, replies and dumps: grants. */
#include "grant.h"

#include <linux/cgroup.h>
#include <linux/pid.h>

#include "../compat.h"
#include "../grant.h"
#include "../holder.h"
#include "../node.h"
#include "../place.h"
#include "attr.h"
#include "holder.h"

#define AMOUNT	NLA_POLICY_FULL_RANGE(NLA_U64, &amount_range)
/* Size of the payload of an answer that names a group. */
#define ANSWER_SIZE	(NLMSG_DEFAULT_SIZE / 2 + CGSPAN_PATH_LEN)

static struct netlink_range_validation amount_range = {
	.min = 1,
	.max = CGSPAN_AMOUNT_MAX,
};

static struct netlink_range_validation wait_range = {
	.max = CGSPAN_WAIT_MAX_MS,
};

/*
 * Ids have no range here, whose check would be a tenth of what ADMIT and RELEASE cost
 * above the mere messages: the lookup refuses 0, too.
 */
static const struct nla_policy admit_nest[CGSPAN_GRANT_A_MAX + 1] = {
	[CGSPAN_GRANT_A_GROUP_ID] = U64,
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
	[CGSPAN_GRANT_A_ID] = U64,
};

static const struct nla_policy grant_get_nest[CGSPAN_GRANT_A_MAX + 1] = {
	[CGSPAN_GRANT_A_ID] = U64,
	[CGSPAN_GRANT_A_GROUP_ID] = U64,
	[CGSPAN_GRANT_A_GROUP_PATH] = PATH,
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

static int fill_grant_state(struct sk_buff *skb, u64 id, u8 state)
{
	if (!id)
		return put_u8(skb, CGSPAN_GRANT_A_STATE, state);
	return put_numbers(skb, CGSPAN_GRANT_A_PAD, { CGSPAN_GRANT_A_ID, id },
			   { CGSPAN_GRANT_A_STATE, state, sizeof(state) });
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
	const struct cgspan_amounts *amounts = &grant->reserve.amounts;
	int res;

	cgspan_for_each_amount(res, amounts)
		if (put_u64(skb, CGSPAN_GRANT_A_TASKS + res, amounts->of[res],
			    CGSPAN_GRANT_A_PAD))
			return -EMSGSIZE;
	if (amounts->of[CGSPAN_RES_TASKS] &&
	    put_u64(skb, CGSPAN_GRANT_A_SPENT, READ_ONCE(grant->reserve.spent),
		    CGSPAN_GRANT_A_PAD))
		return -EMSGSIZE;
	return 0;
}

/* May the sender of @request learn the holder of a grant, and release it? */
static bool is_trusted(struct sk_buff *request, const struct cgspan_grant *grant)
{
	const struct cgspan_holder *holder = grant->reserve.holder;

	if (holder->pid ? holder->pid == task_tgid(current) :
			  READ_ONCE(holder->sk) == NETLINK_CB(request).sk)
		return true;
	return !cgspan_nl_check_privilege(request, NULL);
}

static int fill_holder(struct sk_buff *skb, const struct cgspan_holder *holder)
{
	return holder->pid ?
	       put_u32(skb, CGSPAN_GRANT_A_PID, pid_vnr(holder->pid)) :
	       put_u32(skb, CGSPAN_GRANT_A_PORT, holder->port);
}

static int fill_grant(struct sk_buff *skb, const struct cgspan_grant *grant,
		      struct sk_buff *request)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GRANT);

	if (!nest ||
	    fill_grant_state(skb, grant->id, READ_ONCE(grant->reserve.state)) ||
	    fill_grant_group(skb, grant->reserve.group) ||
	    fill_amounts(skb, grant) ||
	    (is_trusted(request, grant) &&
	     fill_holder(skb, grant->reserve.holder)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Put the shortage, and a peer with headroom if the daemon has told one. */
static int fill_lack(struct sk_buff *skb, struct cgspan_group *group,
		     const struct cgspan_amounts *amounts,
		     const struct cgspan_lack *lack)
{
	struct cgspan_reading reading;
	struct cgspan_peers hint;

	cgspan_share_read(&lack->group->shares[lack->res], &reading);
	if (fill_grant_group(skb, lack->group) ||
	    put_u32(skb, CGSPAN_GRANT_A_RES, lack->res) ||
	    put_u64(skb, CGSPAN_GRANT_A_MISSING, lack->missing,
		    CGSPAN_GRANT_A_PAD) ||
	    cgspan_nl_put_cause(skb, reading.cause, reading.caller,
				CGSPAN_GRANT_A_CAUSE, CGSPAN_GRANT_A_CALLER_ID,
				CGSPAN_GRANT_A_PAD))
		return -EMSGSIZE;
	if (cgspan_share_hint(group, amounts, lack, &hint) &&
	    (nla_put_string(skb, CGSPAN_GRANT_A_NODE, hint.node) ||
	     put_u64(skb, CGSPAN_GRANT_A_HEADROOM, hint.headroom,
		     CGSPAN_GRANT_A_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* Put the outcome of a request. */
int cgspan_nl_fill_answer(struct sk_buff *skb, struct cgspan_group *group,
			  const struct cgspan_amounts *amounts,
			  const struct cgspan_answer *answer)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GRANT);

	if (!nest ||
	    fill_grant_state(skb, answer->id, answer->state) ||
	    (answer->lack.group &&
	     fill_lack(skb, group, amounts, &answer->lack)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* An answer with a shortage contains the path of a group. */
size_t cgspan_nl_answer_size(const struct cgspan_answer *answer)
{
	return answer->lack.group ? ANSWER_SIZE : 128;
}

static bool is_own_group(const struct cgspan_group *group)
{
	bool own;

	rcu_read_lock();
	own = cgspan_place_group(task_dfl_cgroup(current)) == group;
	rcu_read_unlock();
	return own;
}

static int check_admit(struct sk_buff *skb, struct cgspan_request *request,
		       struct netlink_ext_ack *extack)
{
	int res;

	if (!cgspan_nl_check_privilege(skb, NULL))
		return 0;
	request->capped = true;
	if ((request->pid && request->pid != task_tgid(current)) ||
	    !is_own_group(request->group))
		return REFUSE(extack, EPERM,
			      "this needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user namespace, or a task of the very group that asks for itself");
	cgspan_for_each_amount(res, &request->amounts)
		if (READ_ONCE(request->group->shares[res].counter.lease) ==
		    CGSPAN_MAX)
			return REFUSE(extack, EPERM,
				      "this needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user namespace: no lease of the group limits the resource");
	return 0;
}

/* Return: whether the attribute is an amount, which by the policy is not 0. */
static bool parse_amount(const struct nlattr *attr,
			 struct cgspan_amounts *amounts)
{
	unsigned int res = nla_type(attr) - CGSPAN_GRANT_A_TASKS;

	BUILD_BUG_ON(CGSPAN_GRANT_A_TASKS + CGSPAN_RES_MAX !=
		     CGSPAN_GRANT_A_USER4);

	if (res >= __CGSPAN_RES_LAST)
		return false;
	amounts->of[res] = get_u64(attr);
	amounts->resources |= BIT(res);
	return true;
}

static struct nlattr *get_grant_nest(struct genl_info *info)
{
	struct nlattr *nest = info->attrs ? info->attrs[CGSPAN_A_GRANT] : NULL;

	if (!nest)
		NL_SET_ERR_MSG(info->extack, "CGSPAN_A_GRANT is missing");
	return nest;
}

/* On success the group is referenced, and the pid unless it is NULL. */
static int parse_admit(struct genl_info *info, struct cgspan_request *request)
{
	/* Indexed by type: the policy refuses attributes above CGSPAN_GRANT_A_FLAGS. */
	struct nlattr *tb[CGSPAN_GRANT_A_FLAGS + 1] = {};
	struct nlattr *nest = get_grant_nest(info), *attr;
	struct cgspan_group *group;
	int ret, rem;

	if (!nest)
		return -EINVAL;
	nla_for_each_nested(attr, nest, rem)
		if (!parse_amount(attr, &request->amounts))
			tb[nla_type(attr)] = attr;
	if (!request->amounts.resources)
		return REFUSE(info->extack, EINVAL,
			      "no amount is given: CGSPAN_GRANT_A_TASKS or another is missing");
	if (tb[CGSPAN_GRANT_A_WAIT])
		request->wait = nla_get_u32(tb[CGSPAN_GRANT_A_WAIT]);
	if (tb[CGSPAN_GRANT_A_FLAGS])
		request->dry = nla_get_u32(tb[CGSPAN_GRANT_A_FLAGS]) &
			       CGSPAN_GRANT_F_DRY_RUN;
	request->port = info->snd_portid;
	request->seq = info->snd_seq;

	group = cgspan_nl_get_group(tree_of(info), tb[CGSPAN_GRANT_A_GROUP_PATH],
				    tb[CGSPAN_GRANT_A_GROUP_ID], info->extack);
	if (IS_ERR(group))
		return PTR_ERR(group);
	request->group = group;
	ret = cgspan_nl_get_holder(tb[CGSPAN_GRANT_A_PID],
				   tb[CGSPAN_GRANT_A_PIDFD], &request->pid,
				   info->extack);
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

	reply = cgspan_nl_start_reply(info, cgspan_nl_answer_size(answer), &hdr);
	if (!reply)
		return -ENOMEM;
	return cgspan_nl_send_reply(info, reply, hdr,
				    cgspan_nl_fill_answer(reply, request->group, &request->amounts,
							  answer));
}

static int grant_admit(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_request request = { .sk = NETLINK_CB(skb).sk };
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
		return ERR_PTR(MISSING(info->extack, CGSPAN_GRANT_A_ID));
	grant = cgspan_grant_get_by_id(tree_of(info), get_u64(id));
	return grant ?: ERR_PTR(REFUSE(info->extack, ENOENT,
				       "there is no such grant"));
}

static int grant_release(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_grant *grant = get_grant(info);
	int ret = 0;

	if (IS_ERR(grant))
		return PTR_ERR(grant);

	if (!is_trusted(skb, grant))
		ret = REFUSE(info->extack, EPERM,
			     "this needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user namespace, or the grant's holder");
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

	reply = cgspan_nl_start_reply(info, ANSWER_SIZE, &hdr);
	ret = reply ? fill_grant(reply, grant, skb) : -ENOMEM;
	cgspan_grant_put(grant);
	return reply ? cgspan_nl_send_reply(info, reply, hdr, ret) : ret;
}

static int begin_grants(struct netlink_callback *cb)
{
	struct nlattr **attrs = cgspan_dump_attrs(cb);
	struct nlattr *tb[CGSPAN_GRANT_A_MAX + 1];
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_group *group;
	int ret;

	if (!cursor->begun && attrs && attrs[CGSPAN_A_GRANT]) {
		ret = PARSE_NEST(tb, CGSPAN_GRANT_A_MAX, attrs, CGSPAN_A_GRANT,
				 NULL, cb->extack);
		if (ret)
			return ret;
		group = cgspan_nl_get_group(dumped_tree(cb), tb[CGSPAN_GRANT_A_GROUP_PATH],
					    tb[CGSPAN_GRANT_A_GROUP_ID], cb->extack);
		if (IS_ERR(group))
			return PTR_ERR(group);
		cursor->top = group;
	}
	cursor->begun = true;
	return 0;
}

static int grant_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cursor *cursor = cursor_of(cb);
	unsigned int bucket = cursor->bucket;
	u64 id = cursor->next_id;
	struct cgspan_grant *grant;
	void *hdr;
	int ret;

	ret = begin_grants(cb);
	if (ret)
		return ret;

	cb->seq = atomic_read(&dumped_tree(cb)->gen);
	while ((grant = cgspan_grant_next(dumped_tree(cb), &bucket, &id))) {
		if (!cursor->top ||
		    cgspan_group_contains(cursor->top, grant->reserve.group)) {
			hdr = cgspan_nl_start_item(skb, cb, CGSPAN_CMD_GRANT_GET);
			ret = hdr ? cgspan_nl_end_item(skb, hdr,
						       fill_grant(skb, grant, cb->skb)) :
				    -EMSGSIZE;
		}
		cgspan_grant_put(grant);
		if (ret)
			break;
		cursor->bucket = bucket;
		cursor->next_id = id;
	}
	return skb->len ?: ret;
}

const struct genl_ops cgspan_nl_grant_ops[3] = {
	OP(ADMIT, grant_admit, admit_policy),
	OP(RELEASE, grant_release, release_policy),
	OP_DUMP(GRANT_GET, grant_get, grant_dump, grant_get_policy),
};
