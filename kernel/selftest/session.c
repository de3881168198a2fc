// SPDX-License-Identifier: GPL-2.0
/* Epochs, owners and deadlines, in the initial namespace's node. */
#include "selftest.h"

#include <net/net_namespace.h>

#define TTL	60000 /* ms */

static int __init test_renew(struct cgspan_node *node, u32 port, u64 epoch,
			     u64 sent)
{
	struct netlink_ext_ack ack = {};
	int ret = cgspan_session_renew(node, port, epoch, sent, TTL, &ack);

	return ret && !ack._msg ? -EPROTO : ret;
}

static int __init test_leave(struct cgspan_node *node, u32 port, u64 epoch)
{
	struct netlink_ext_ack ack = {};
	int ret = cgspan_session_leave(node, port, epoch, &ack);

	return ret && !ack._msg ? -EPROTO : ret;
}

static bool __init test_session(struct cgspan_node *node)
{
	struct cgspan_session *session = &node->session;
	u64 now = ktime_get_boottime_ns();
	u64 deadline;

	expect(cgspan_session_state(session) == CGSPAN_SESSION_NONE);
	expect(test_leave(node, 1, 1) == -ESTALE);
	expect(test_renew(node, 1, 2, now + NSEC_PER_SEC * TTL) == -ERANGE);
	expect(!session->epoch);

	expect(!test_renew(node, 1, 2, now));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_LIVE);
	expect(test_renew(node, 1, 1, now) == -ESTALE);
	expect(test_renew(node, 2, 2, now) == -EBUSY);

	/* Sent earlier, heard later: it never shortens what was promised. */
	deadline = session->deadline;
	expect(!test_renew(node, 1, 2, now - NSEC_PER_MSEC));
	expect(session->deadline == deadline);

	/* A higher epoch takes over at once, from any socket, without leases. */
	node->root->shares[CGSPAN_RES_TASKS].counter.lease = 5;
	expect(!test_renew(node, 2, 3, now - NSEC_PER_MSEC));
	expect(session->owner == 2 && session->deadline < deadline);
	expect(!node->root->shares[CGSPAN_RES_TASKS].counter.lease);
	expect(test_leave(node, 1, 3) == -EPERM);
	expect(test_leave(node, 2, 2) == -ESTALE);

	/* Its deadline passes without anybody's help. */
	session->deadline = 1;
	expect(cgspan_session_state(session) == CGSPAN_SESSION_EXPIRED);
	expect(!test_renew(node, 2, 3, now));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_LIVE);

	expect(!test_leave(node, 2, 3));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_NONE);
	return true;
}

bool __init cgspan_session_selftest(void)
{
	struct cgspan_node *node = cgspan_node_of(&init_net);
	bool ok;

	mutex_lock(&node->lock);
	ok = test_session(node);
	cgspan_selftest_reset(node->root);
	mutex_unlock(&node->lock);
	return ok;
}
