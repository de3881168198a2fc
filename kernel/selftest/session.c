// SPDX-License-Identifier: GPL-2.0
/* Epochs, owners and deadlines. */
#include "selftest.h"

#define TTL	60000 /* ms */

static int __init test_renew(struct cgspan_session *session, u32 port, u64 epoch,
			     u64 sent)
{
	struct netlink_ext_ack ack = {};
	int ret = cgspan_session_renew(session, port, epoch, sent, TTL, &ack);

	return ret < 0 && !ack._msg ? -EPROTO : min(ret, 0);
}

static int __init test_leave(struct cgspan_session *session, u32 port, u64 epoch)
{
	struct netlink_ext_ack ack = {};
	int ret = cgspan_session_leave(session, port, epoch, &ack);

	return ret && !ack._msg ? -EPROTO : ret;
}

static bool __init test_session(struct cgspan_session *session)
{
	struct cgspan_tree *tree = session->tree;
	u64 now = ktime_get_boottime_ns();
	u64 deadline;

	expect(cgspan_session_state(session) == CGSPAN_SESSION_NONE);
	expect(test_leave(session, 1, 1) == -ESTALE);
	expect(test_renew(session, 1, 2, now + NSEC_PER_SEC * TTL) == -ERANGE);
	expect(!tree->epoch);

	expect(!test_renew(session, 1, 2, now));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_LIVE);
	expect(test_renew(session, 1, 1, now) == -ESTALE);
	expect(test_renew(session, 2, 2, now) == -EBUSY);

	/* An older time of sending never shortens the deadline. */
	deadline = tree->deadline;
	expect(!test_renew(session, 1, 2, now - NSEC_PER_MSEC));
	expect(tree->deadline == deadline);

	/* A higher epoch takes over at once, from any socket, with leases of 0. */
	tree->root->shares[CGSPAN_RES_TASKS].counter.lease = 5;
	expect(!test_renew(session, 2, 3, now - NSEC_PER_MSEC));
	expect(session->owner == 2 && tree->deadline < deadline);
	expect(!tree->root->shares[CGSPAN_RES_TASKS].counter.lease);
	expect(test_leave(session, 1, 3) == -EPERM);
	expect(test_leave(session, 2, 2) == -ESTALE);

	/* The deadline passes without a timer. */
	tree->deadline = 1;
	expect(cgspan_session_state(session) == CGSPAN_SESSION_EXPIRED);
	expect(!test_renew(session, 2, 3, now));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_LIVE);

	expect(!test_leave(session, 2, 3));
	expect(cgspan_session_state(session) == CGSPAN_SESSION_NONE);
	return true;
}

bool __init cgspan_session_selftest(struct cgspan_session *session)
{
	struct cgspan_tree *tree = session->tree;
	bool ok;

	mutex_lock(&tree->lock);
	ok = test_session(session);
	cgspan_selftest_reset(tree);
	mutex_unlock(&tree->lock);
	return ok;
}
