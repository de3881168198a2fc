// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications: the event queue calls tell_group(), tell_member() and
 * tell_session() from work, for objects that live until the call returns.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "notify.h"

#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/user_namespace.h>

#include "../charge.h"
#include "../exit.h"
#include "../grant.h"
#include "../place.h"
#include "../record.h"
#include "../share.h"
#include "../task.h"
#include "attr.h"
#include "grant.h"
#include "group.h"
#include "member.h"
#include "node.h"

static struct sk_buff *start_tell(struct net *net, int mcgrp, u8 cmd,
				  size_t payload, void **hdr)
{
	struct sk_buff *skb;

	if (!genl_has_listeners(&cgspan_nl_family, net, mcgrp))
		return NULL;
	skb = genlmsg_new(payload, GFP_KERNEL);
	if (!skb)
		return NULL;
	*hdr = genlmsg_put(skb, 0, 0, &cgspan_nl_family, 0, cmd);
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
	genlmsg_multicast_netns(&cgspan_nl_family, net, skb, 0, mcgrp, GFP_KERNEL);
}

static int fill_group_config(struct sk_buff *skb, struct cgspan_group *group)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_GROUP);

	if (!nest || cgspan_nl_fill_group_name(skb, group) ||
	    put_u8(skb, CGSPAN_GROUP_A_ON_EXPIRY,
		   READ_ONCE(group->on_expiry)) ||
	    cgspan_nl_fill_shares(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int fill_group_credit(struct sk_buff *skb, struct cgspan_group *group,
			     u32 res, const struct cgspan_reading *reading)
{
	struct nlattr *nest, *inner;

	nest = start_nest(skb, CGSPAN_A_GROUP);
	if (!nest || cgspan_nl_fill_group_name(skb, group))
		return -EMSGSIZE;
	inner = start_nest(skb, CGSPAN_GROUP_A_RESOURCE);
	if (!inner ||
	    put_u32(skb, CGSPAN_RES_A_ID, res) ||
	    put_u64(skb, CGSPAN_RES_A_LEASE, reading->lease,
		    CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_USED, reading->used, CGSPAN_RES_A_PAD) ||
	    put_u64(skb, CGSPAN_RES_A_REFUSALS, reading->refusals,
		    CGSPAN_RES_A_PAD) ||
	    put_u8(skb, CGSPAN_RES_A_CREDIT, reading->credit) ||
	    cgspan_nl_put_cause(skb, reading->cause, reading->caller,
				CGSPAN_RES_A_CAUSE, CGSPAN_RES_A_CALLER_ID,
				CGSPAN_RES_A_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, inner);
	nla_nest_end(skb, nest);
	return 0;
}

static void tell_config(struct cgspan_group *group, u8 cmd)
{
	struct net *net = cgspan_node_of_tree(READ_ONCE(group->tree))->net;
	struct sk_buff *skb;
	void *hdr;

	skb = start_tell(net, CONFIG, cmd, GROUP_SIZE, &hdr);
	if (skb)
		send_tell(net, CONFIG, skb, hdr, fill_group_config(skb, group));
}

/* Report low headroom of each resource, unless its lease was set anew meanwhile. */
static void tell_credit(struct cgspan_group *group)
{
	struct net *net = cgspan_node_of_tree(READ_ONCE(group->tree))->net;
	struct cgspan_reading reading;
	struct sk_buff *skb;
	void *hdr;
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		cgspan_share_read(&group->shares[res], &reading);
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

	if (!nest || cgspan_nl_fill_group_name(skb, group))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return cgspan_nl_fill_session(skb, node);
}

/* An orphan has no session to report. */
static void tell_empty(struct cgspan_group *group)
{
	struct cgspan_node *node = cgspan_node_of_tree(READ_ONCE(group->tree));
	struct sk_buff *skb;
	void *hdr;
	int ret;

	if (READ_ONCE(group->orphan))
		return;
	skb = start_tell(node->net, SESSION, CGSPAN_CMD_GROUP_EMPTY_NTF,
			 NLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return;

	mutex_lock(&node->tree.lock);
	ret = fill_empty(skb, group, node);
	mutex_unlock(&node->tree.lock);
	send_tell(node->net, SESSION, skb, hdr, ret);
}

static const char *amount(u64 n, char *buf, size_t size)
{
	if (n == CGSPAN_MAX)
		return "max";
	scnprintf(buf, size, "%llu", n);
	return buf;
}

/* Log a refused fork, and why the lease is low: the program has only got EAGAIN. */
static void log_refusal(struct cgspan_group *group)
{
	const struct cgspan_share *share = &group->shares[CGSPAN_RES_TASKS];
	struct cgspan_reading reading;
	char lease[24], limit[24];
	char why[128] = "; ";

	cgspan_share_read(&group->shares[CGSPAN_RES_TASKS], &reading);
	if (!*cgspan_share_explain(share, why + 2, sizeof(why) - 2))
		why[0] = '\0';
	pr_info_ratelimited("a fork was refused in group %s or below: it uses %llu tasks, this node's lease is %s, the limit is %s%s; see REFUSALS in cgspan(8)\n",
			    group->path, reading.used,
			    amount(reading.lease, lease, sizeof(lease)),
			    amount(reading.limit, limit, sizeof(limit)), why);
}

static void tell_group(struct cgspan_event *event, unsigned long bits)
{
	struct cgspan_group *group =
		container_of(event, struct cgspan_group, event);

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
	if (bits & BIT(CGSPAN_EVENT_REFUSED))
		log_refusal(group);
}

static void tell_member(struct cgspan_event *event, unsigned long bits)
{
	struct cgspan_member *member =
		container_of(event, struct cgspan_member, event);
	struct net *net =
		cgspan_node_of_tree(READ_ONCE(member->group->tree))->net;
	const char *path = NULL;
	struct sk_buff *skb;
	void *hdr;
	u8 cmd;

	if (bits & BIT(CGSPAN_EVENT_GONE))
		cmd = CGSPAN_CMD_MEMBER_DEL_NTF;
	else if (bits & BIT(CGSPAN_EVENT_CHANGED))
		cmd = CGSPAN_CMD_MEMBER_NTF;
	else
		return;

	/* Other user namespaces must not learn paths seen from the initial one. */
	if (net->user_ns == &init_user_ns)
		path = member->path[0] ? member->path : "/";
	skb = start_tell(net, CONFIG, cmd,
			 NLMSG_DEFAULT_SIZE + CGSPAN_CGROUP_LEN, &hdr);
	if (skb)
		send_tell(net, CONFIG, skb, hdr,
			  cgspan_nl_fill_member(skb, member, path));
}

static void tell_session(struct cgspan_event *event, unsigned long bits)
{
	struct cgspan_node *node =
		container_of(event, struct cgspan_node, session.event);
	struct sk_buff *skb;
	void *hdr;
	int ret;

	if (!(bits & BIT(CGSPAN_EVENT_CHANGED)))
		return;
	skb = start_tell(node->net, SESSION, CGSPAN_CMD_SESSION_NTF,
			 NLMSG_DEFAULT_SIZE, &hdr);
	if (!skb)
		return;

	mutex_lock(&node->tree.lock);
	ret = cgspan_nl_fill_session(skb, node);
	mutex_unlock(&node->tree.lock);
	send_tell(node->net, SESSION, skb, hdr, ret);
}

/* After a time-out the answer may have a shortage, and so a peer hint. */
static void tell_grant(struct cgspan_grant *grant,
		       const struct cgspan_answer *answer)
{
	const struct cgspan_reserve *reserve = &grant->reserve;
	struct net *net =
		cgspan_node_of_tree(READ_ONCE(reserve->group->tree))->net;
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(cgspan_nl_answer_size(answer), GFP_KERNEL);
	if (!skb)
		return;
	hdr = genlmsg_put(skb, grant->port, grant->seq, &cgspan_nl_family, 0,
			  CGSPAN_CMD_GRANT_NTF);
	if (!hdr || cgspan_nl_fill_answer(skb, reserve->group, &reserve->amounts,
					  answer)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_unicast(net, skb, grant->port);
}

/* Has "exit" a listener, in any network namespace? Context: any but NMI. */
static bool exits_heard(void)
{
	return genl_has_listeners(&cgspan_nl_family, &init_net, EXIT);
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

/* Append one message, and count it; several share a datagram. */
static int add_exit(struct sk_buff *skb, const struct cgspan_exit *exit)
{
	struct cgspan_group *root = cgspan_group_root(exit->group);
	u64 seq = cgspan_group_stat(root, CGSPAN_STAT_EXITS_TOLD) +
		  cgspan_group_stat(root, CGSPAN_STAT_EXITS_LOST) + 1;
	void *hdr;
	int ret;

	hdr = genlmsg_put(skb, 0, 0, &cgspan_nl_family, 0, CGSPAN_CMD_EXIT_NTF);
	if (!hdr)
		return -EMSGSIZE;
	ret = cgspan_nl_end_item(skb, hdr, fill_exit(skb, exit, seq));
	if (!ret)
		cgspan_charge_count(root, CGSPAN_STAT_EXITS_TOLD, 1);
	return ret;
}

/*
 * A user may listen in a network namespace of its own, which must not cost others:
 * if no listener got a record for a second, no record is made in the next second.
 * -ESRCH means that there is no listener here, or that the buffers of all are full.
 */
static void send_exits(struct cgspan_node *node, struct sk_buff *skb)
{
	if (!skb)
		return;
	if (genlmsg_multicast_netns(&cgspan_nl_family, node->net, skb, 0, EXIT,
				    GFP_KERNEL) != -ESRCH)
		node->heard = jiffies;
	else if (time_after(jiffies, node->heard + HZ))
		WRITE_ONCE(node->tree.deaf_until, jiffies + HZ);
}

/* One caller at a time. Records are skipped if the root of their tree was removed. */
static void tell_exits(struct llist_node *exits)
{
	struct cgspan_node *to, *node = NULL;
	struct sk_buff *skb = NULL;
	struct cgspan_exit *exit;

	if (!exits_heard())
		return;
	llist_for_each_entry(exit, exits, node) {
		if (READ_ONCE(cgspan_group_root(exit->group)->dead))
			continue;
		to = cgspan_node_of_tree(READ_ONCE(exit->group->tree));
		if (skb && to == node && !add_exit(skb, exit))
			continue;
		send_exits(node, skb);
		node = to;
		skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
		if (!skb || add_exit(skb, exit))
			cgspan_charge_count(exit->group, CGSPAN_STAT_EXITS_LOST,
					    1);
	}
	send_exits(node, skb);
}

static const struct cgspan_exit_sink exit_sink = {
	.heard = exits_heard,
	.tell = tell_exits,
};

/* Call when the family is registered: from now on notifications are sent. */
void cgspan_nl_notify_connect(void)
{
	cgspan_group_events.tell = tell_group;
	cgspan_member_events.tell = tell_member;
	cgspan_session_events.tell = tell_session;
	cgspan_grant_on_outcome(tell_grant);
	cgspan_exit_connect(&exit_sink);
}

/* On return no multicast is sent any more: the family may be unregistered. */
void cgspan_nl_notify_disconnect(void)
{
	cgspan_event_stop();
	cgspan_exit_disconnect();
}
