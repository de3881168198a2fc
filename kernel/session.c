// SPDX-License-Identifier: GPL-2.0
/*
 * The session: a node's right to use its leases, until a deadline.
 *
 * Each charge compares the deadline; nothing here depends on a timer. From
 * joining until LEAVE or the end of the namespace the module references itself, also
 * after the deadline: an unloaded module could not refuse or kill.
 */
#include "session.h"

#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/time64.h>
#include <net/sock.h>

#include "reserve.h"
#include "share.h"

struct cgspan_event_type cgspan_session_events;

static void tell(struct cgspan_session *session)
{
	cgspan_event_raise(&session->event, CGSPAN_EVENT_CHANGED);
}

void cgspan_session_setup(struct cgspan_session *session,
			  struct cgspan_tree *tree)
{
	session->tree = tree;
	session->event.type = &cgspan_session_events;
}

/* Return: the present state, enum cgspan_session_state. */
u8 cgspan_session_state(const struct cgspan_session *session)
{
	if (!session->tree->epoch)
		return CGSPAN_SESSION_NONE;
	return cgspan_tree_expired(session->tree) ? CGSPAN_SESSION_EXPIRED :
						    CGSPAN_SESSION_LIVE;
}

/**
 * cgspan_session_check_epoch() - check that an epoch is the session's
 * @session: the session; its tree is locked
 * @epoch: of the request
 * @extack: the reason of a refusal
 *
 * Return: 0, or -ESTALE: it is another one, or the node is not joined.
 */
int cgspan_session_check_epoch(struct cgspan_session *session, u64 epoch,
			       struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&session->tree->lock);

	if (!session->tree->epoch) {
		NL_SET_ERR_MSG(extack,
			       "the node is not joined: there is no session of this epoch");
		return -ESTALE;
	}
	if (epoch < session->tree->epoch) {
		NL_SET_ERR_MSG(extack,
			       "stale epoch: a newer session has taken over");
		return -ESTALE;
	}
	if (epoch > session->tree->epoch) {
		NL_SET_ERR_MSG(extack,
			       "this epoch has not begun: SESSION_RENEW begins it");
		return -ESTALE;
	}
	return 0;
}

/**
 * cgspan_session_check_owner() - check that a socket owns the session, if any
 * @session: the session; its tree is locked
 * @port: of the requesting socket
 * @extack: the reason of a refusal
 *
 * Return: 0 or -EPERM.
 */
int cgspan_session_check_owner(struct cgspan_session *session, u32 port,
			       struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&session->tree->lock);

	if (!session->tree->epoch || session->owner == port)
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
	if (epoch < session->tree->epoch) {
		NL_SET_ERR_MSG(extack,
			       "stale epoch: a newer session has taken over");
		return -ESTALE;
	}
	if (epoch == session->tree->epoch && session->owner &&
	    session->owner != port) {
		NL_SET_ERR_MSG(extack,
			       "another socket owns the session of this epoch");
		return -EBUSY;
	}
	return 0;
}

/* Begin an epoch: leases of older epochs become void, and do not get its deadline. */
static int begin(struct cgspan_session *session, u64 epoch,
		 struct netlink_ext_ack *extack)
{
	if (!session->tree->epoch && !try_module_get(THIS_MODULE)) {
		NL_SET_ERR_MSG(extack, "the module is being unloaded");
		return -EBUSY;
	}

	cgspan_share_void_leases(session->tree);
	session->tree->used = true;
	session->tree->epoch = epoch;
	session->sent = 0;
	WRITE_ONCE(session->tree->deadline, 0);
	return 0;
}

static void set_owner(struct cgspan_session *session, struct sock *sk, u32 port)
{
	if (sk)
		sock_hold(sk);
	if (session->socket)
		sock_put(session->socket);
	session->socket = sk;
	WRITE_ONCE(session->owner, port);
}

/**
 * cgspan_session_renew() - start, renew or take over the session
 * @session: the session; its tree is locked
 * @sk: the requesting socket
 * @port: of the requesting socket
 * @epoch: 1 or more
 * @sent: ns of CLOCK_BOOTTIME: when the renewal was sent
 * @ttl: time from @sent to the deadline, ms
 * @extack: the reason of a refusal
 *
 * Return: 1: epoch, owner or state changed; 0: none did; -ERANGE: @sent is in the
 * future; -ESTALE: @epoch is too low; -EBUSY: another owner, or unload has begun.
 */
int cgspan_session_renew(struct cgspan_session *session, struct sock *sk,
			 u32 port, u64 epoch, u64 sent, u32 ttl,
			 struct netlink_ext_ack *extack)
{
	u64 deadline = sent + (u64)ttl * NSEC_PER_MSEC;
	u8 state = cgspan_session_state(session);
	bool news = epoch != session->tree->epoch || port != session->owner;
	int ret;

	lockdep_assert_held(&session->tree->lock);

	ret = check_renewal(session, port, epoch, sent, extack);
	if (ret)
		return ret;
	if (epoch > session->tree->epoch) {
		ret = begin(session, epoch, extack);
		if (ret)
			return ret;
	}

	set_owner(session, sk, port);
	if (deadline > session->tree->deadline) {
		session->sent = sent;
		session->ttl = ttl;
		WRITE_ONCE(session->tree->deadline, deadline);
	}
	/* After a renewal, requests that wait in groups on hold may be admitted. */
	cgspan_share_kick_all(session->tree);
	news |= state != cgspan_session_state(session);
	if (news)
		tell(session);
	return news;
}

static void end(struct cgspan_session *session)
{
	cgspan_share_void_leases(session->tree);
	session->tree->epoch = 0;
	session->sent = 0;
	session->ttl = 0;
	set_owner(session, NULL, 0);
	WRITE_ONCE(session->tree->deadline, 0);
	module_put(THIS_MODULE);
}

static int check_empty(const struct cgspan_group *root,
		       struct netlink_ext_ack *extack)
{
	if (cgspan_group_tasks(root)) {
		NL_SET_ERR_MSG(extack,
			       "tasks are still charged on this node; zombies count too");
		return -EBUSY;
	}
	if (cgspan_reserve_any(root)) {
		NL_SET_ERR_MSG(extack,
			       "grants still hold amounts on this node");
		return -EBUSY;
	}
	return 0;
}

/**
 * cgspan_session_leave() - end the session, let the module go
 * @session: the session; its tree is locked
 * @port: of the requesting socket
 * @epoch: has to be the session's
 * @extack: the reason of a refusal
 *
 * Return: 0; -ESTALE: wrong epoch; -EPERM: not the owner; -EBUSY: tasks or grants.
 */
int cgspan_session_leave(struct cgspan_session *session, u32 port, u64 epoch,
			 struct netlink_ext_ack *extack)
{
	int ret;

	ret = cgspan_session_check_epoch(session, epoch, extack);
	if (!ret && session->owner)
		ret = cgspan_session_check_owner(session, port, extack);
	if (ret)
		return ret;

	/* Check first while forks pass: closing the tree refuses them. */
	ret = check_empty(session->tree->root, extack);
	if (ret)
		return ret;
	cgspan_tree_close(session->tree);
	ret = check_empty(session->tree->root, extack);
	if (!ret) {
		end(session);
		tell(session);
	}
	WRITE_ONCE(session->tree->closing, false);
	return ret;
}

/* The network namespace ends: its session expires for good, its leases become 0. */
void cgspan_session_end(struct cgspan_session *session)
{
	struct cgspan_tree *tree = session->tree;

	mutex_lock(&tree->lock);
	if (tree->epoch) {
		cgspan_group_expire_all(tree);
		end(session);
	} else {
		cgspan_share_void_leases(tree);
	}
	mutex_unlock(&tree->lock);
}

/* A socket was closed; if it owned the session, the same epoch may take over. */
void cgspan_session_closed(struct cgspan_session *session, u32 port)
{
	if (READ_ONCE(session->owner) != port)
		return;

	mutex_lock(&session->tree->lock);
	if (session->owner == port && sock_flag(session->socket, SOCK_DEAD))
		set_owner(session, NULL, 0);
	mutex_unlock(&session->tree->lock);
}
