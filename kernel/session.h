/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_SESSION_H
#define CGSPAN_SESSION_H

#include <linux/hrtimer.h>
#include <linux/ktime.h>

#include "event.h"

struct cgspan_node;
struct netlink_ext_ack;

/**
 * struct cgspan_session - a node's right to use its leases
 * @epoch: 0: there is none, and leases have no deadline
 * @sent: ns of CLOCK_BOOTTIME: when the renewal that set @deadline left
 * @deadline: ns of CLOCK_BOOTTIME; read by every charge, without a lock
 * @ttl: ms
 * @owner: port of the socket that owns it; 0: that socket has closed
 * @timer: fires at the deadline, and decides nothing about charges
 * @event: what is still to be told
 *
 * Written under the node's lock.
 */
struct cgspan_session {
	u64 epoch;
	u64 sent;
	u64 deadline;
	u32 ttl;
	u32 owner;
	struct hrtimer timer;
	struct cgspan_event event;
};

static inline bool cgspan_session_expired(const struct cgspan_session *session)
{
	u64 deadline = READ_ONCE(session->deadline);

	return deadline && ktime_get_boottime_ns() >= deadline;
}

int cgspan_session_init(void);
void cgspan_session_exit(void);
void cgspan_session_setup(struct cgspan_session *session);
u8 cgspan_session_state(const struct cgspan_session *session);
int cgspan_session_renew(struct cgspan_node *node, u32 port, u64 epoch,
			 u64 sent, u32 ttl, struct netlink_ext_ack *extack);
int cgspan_session_leave(struct cgspan_node *node, u32 port, u64 epoch,
			 struct netlink_ext_ack *extack);
int cgspan_session_check_owner(struct cgspan_node *node, u32 port,
			       struct netlink_ext_ack *extack);
int cgspan_session_check_epoch(struct cgspan_node *node, u64 epoch,
			       struct netlink_ext_ack *extack);
void cgspan_session_end(struct cgspan_node *node);

#endif /* CGSPAN_SESSION_H */
