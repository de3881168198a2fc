// SPDX-License-Identifier: GPL-2.0
/*
 * The session: a node's right to use its leases, until a deadline.
 *
 * The deadline is compared on each charge; the timer here only tells that it
 * has passed, also to expiry.c, which acts on the tasks that exist. From
 * joining until LEAVE the module holds itself, past the deadline too: without
 * it, nothing would be left to keep the promise.
 */
#include "session.h"

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/time64.h>

#include "compat.h"
#include "expiry.h"
#include "grant.h"
#include "group.h"
#include "node.h"
#include "trace.h"

static void tell(struct cgspan_session *session)
{
	cgspan_event_raise(&session->event, CGSPAN_EVENT_CHANGED);
}

/* It may have been renewed, or have ended, while this was on its way. */
static enum hrtimer_restart expire(struct hrtimer *timer)
{
	struct cgspan_session *session =
		container_of(timer, struct cgspan_session, timer);

	if (cgspan_session_expired(session)) {
		trace_expiry(container_of(session, struct cgspan_node, session),
			     READ_ONCE(session->deadline),
			     ktime_get_boottime_ns());
		tell(session);
		cgspan_expiry_kick();
	}
	return HRTIMER_NORESTART;
}

void cgspan_session_setup(struct cgspan_session *session)
{
	session->event.kind = CGSPAN_EVENT_SESSION;
	hrtimer_setup(&session->timer, expire, CLOCK_BOOTTIME,
		      HRTIMER_MODE_ABS);
}

/* enum cgspan_session_state, now. */
u8 cgspan_session_state(const struct cgspan_session *session)
{
	if (!session->epoch)
		return CGSPAN_SESSION_NONE;
	return cgspan_session_expired(session) ? CGSPAN_SESSION_EXPIRED :
						 CGSPAN_SESSION_LIVE;
}

/**
 * cgspan_session_check_epoch() - is this the session's epoch?
 * @node: the node, locked
 * @epoch: as the caller knows it
 * @extack: says why not
 *
 * Return: 0 or -ESTALE.
 */
int cgspan_session_check_epoch(struct cgspan_node *node, u64 epoch,
			       struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&node->lock);

	if (!node->session.epoch) {
		NL_SET_ERR_MSG(extack,
			       "the node is not joined: there is no session of this epoch");
		return -ESTALE;
	}
	if (epoch < node->session.epoch) {
		NL_SET_ERR_MSG(extack,
			       "stale epoch: a newer session has taken over");
		return -ESTALE;
	}
	if (epoch > node->session.epoch) {
		NL_SET_ERR_MSG(extack,
			       "this epoch has not begun: SESSION_RENEW begins it");
		return -ESTALE;
	}
	return 0;
}

/**
 * cgspan_session_check_owner() - may this socket change the node?
 * @node: the node, locked
 * @port: the socket's port
 * @extack: says why not
 *
 * Return: 0 or -EPERM.
 */
int cgspan_session_check_owner(struct cgspan_node *node, u32 port,
			       struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&node->lock);

	if (!node->session.epoch || node->session.owner == port)
		return 0;

	NL_SET_ERR_MSG(extack,
		       "the node is joined: only the socket that owns the session may do this");
	return -EPERM;
}

static int check_renewal(const struct cgspan_session *session, u32 port,
			 u64 epoch, u64 sent, struct netlink_ext_ack *extack)
{
	if (sent > ktime_get_boottime_ns()) {
		NL_SET_ERR_MSG(extack, "the time of sending is in the future");
		return -ERANGE;
	}
	if (epoch < session->epoch) {
		NL_SET_ERR_MSG(extack,
			       "stale epoch: a newer session has taken over");
		return -ESTALE;
	}
	if (epoch == session->epoch && session->owner &&
	    session->owner != port) {
		NL_SET_ERR_MSG(extack,
			       "another socket owns the session of this epoch");
		return -EBUSY;
	}
	return 0;
}

/* A new epoch: no lease of an older one may live to see the new deadline. */
static int begin(struct cgspan_node *node, u64 epoch,
		 struct netlink_ext_ack *extack)
{
	struct cgspan_session *session = &node->session;

	if (!session->epoch && !try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being unloaded");
		return -EBUSY;
	}

	cgspan_group_void_leases(node);
	session->epoch = epoch;
	session->sent = 0;
	WRITE_ONCE(session->deadline, 0);
	return 0;
}

/**
 * cgspan_session_renew() - start, renew or take over the session
 * @node: the node, locked
 * @port: of the socket that asks
 * @epoch: 1 or more
 * @sent: ns of CLOCK_BOOTTIME
 * @ttl: ms
 * @extack: says why not
 *
 * Return: 0, -ERANGE, -ESTALE or -EBUSY.
 */
int cgspan_session_renew(struct cgspan_node *node, u32 port, u64 epoch,
			 u64 sent, u32 ttl, struct netlink_ext_ack *extack)
{
	struct cgspan_session *session = &node->session;
	u64 deadline = sent + (u64)ttl * NSEC_PER_MSEC;
	u8 state = cgspan_session_state(session);
	bool news = epoch != session->epoch || port != session->owner;
	int ret;

	lockdep_assert_held(&node->lock);

	ret = check_renewal(session, port, epoch, sent, extack);
	if (ret)
		return ret;
	if (epoch > session->epoch) {
		ret = begin(node, epoch, extack);
		if (ret)
			return ret;
	}

	session->owner = port;
	if (deadline > session->deadline) {
		session->sent = sent;
		session->ttl = ttl;
		WRITE_ONCE(session->deadline, deadline);
	}
	hrtimer_start(&session->timer, ns_to_ktime(session->deadline),
		      HRTIMER_MODE_ABS);
	/* Who waits in a group that was on hold may be served again. */
	cgspan_grant_kick();
	if (news || state != cgspan_session_state(session)) {
		tell(session);
		cgspan_expiry_kick();
	}
	return 0;
}

static void end(struct cgspan_node *node)
{
	struct cgspan_session *session = &node->session;

	cgspan_group_void_leases(node);
	session->epoch = 0;
	session->sent = 0;
	session->ttl = 0;
	session->owner = 0;
	WRITE_ONCE(session->deadline, 0);
	cgspan_expiry_kick();
	module_put(THIS_MODULE);
}

/**
 * cgspan_session_leave() - end the session, let the module go
 * @node: the node, locked
 * @port: of the socket that asks
 * @epoch: the session's
 * @extack: says why not
 *
 * Return: 0, -ESTALE, -EPERM or -EBUSY.
 */
int cgspan_session_leave(struct cgspan_node *node, u32 port, u64 epoch,
			 struct netlink_ext_ack *extack)
{
	int ret;

	ret = cgspan_session_check_epoch(node, epoch, extack);
	if (!ret && node->session.owner)
		ret = cgspan_session_check_owner(node, port, extack);
	if (ret)
		return ret;

	if (cgspan_group_tasks(node->root)) {
		NL_SET_ERR_MSG(extack,
			       "tasks are still charged on this node; zombies count too");
		return -EBUSY;
	}

	if (cgspan_group_reserved(node->root)) {
		NL_SET_ERR_MSG(extack,
			       "grants still hold amounts on this node");
		return -EBUSY;
	}

	end(node);
	tell(&node->session);
	return 0;
}

/* The node's namespace goes: the session expires at once. */
void cgspan_session_end(struct cgspan_node *node)
{
	mutex_lock(&node->lock);
	if (node->session.epoch) {
		cgspan_group_doom(node);
		end(node);
	} else {
		cgspan_group_void_leases(node);
	}
	mutex_unlock(&node->lock);
	hrtimer_cancel(&node->session.timer);
}

static int closed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct netlink_notify *notify = data;
	struct cgspan_node *node;

	if (action != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	node = cgspan_node_of(notify->net);
	if (READ_ONCE(node->session.owner) != notify->portid)
		return NOTIFY_DONE;

	mutex_lock(&node->lock);
	if (node->session.owner == notify->portid)
		node->session.owner = 0;
	mutex_unlock(&node->lock);
	return NOTIFY_OK;
}

static struct notifier_block closed_nb = { .notifier_call = closed };

int cgspan_session_init(void)
{
	return netlink_register_notifier(&closed_nb);
}

void cgspan_session_exit(void)
{
	netlink_unregister_notifier(&closed_nb);
}

#ifdef CGSPAN_SELFTEST
#include "selftest/session.c"
#endif
