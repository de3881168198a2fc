/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_SESSION_H
#define CGSPAN_SESSION_H

#include "event.h"
#include "tree.h"

struct netlink_ext_ack;

/**
 * struct cgspan_session - a node's right to use its leases
 * @tree: of the node; has the epoch and the deadline
 * @sent: ns of CLOCK_BOOTTIME: when the renewal that set the deadline was sent
 * @ttl: time from @sent to the deadline, ms
 * @owner: port of the socket that owns the session; 0: none, or it was closed
 * @socket: that socket, referenced, since its port may be used again before the
 *	    notification that it was closed; or NULL
 * @event: notifications to send
 *
 * Written under the tree's lock.
 */
struct cgspan_session {
	struct cgspan_tree *tree;
	u64 sent;
	u32 ttl;
	u32 owner;
	struct sock *socket;
	struct cgspan_event event;
};

extern struct cgspan_event_type cgspan_session_events;

void cgspan_session_setup(struct cgspan_session *session,
			  struct cgspan_tree *tree);
u8 cgspan_session_state(const struct cgspan_session *session);
int cgspan_session_renew(struct cgspan_session *session, struct sock *sk,
			 u32 port, u64 epoch, u64 sent, u32 ttl,
			 struct netlink_ext_ack *extack);
int cgspan_session_leave(struct cgspan_session *session, u32 port, u64 epoch,
			 struct netlink_ext_ack *extack);
int cgspan_session_check_owner(struct cgspan_session *session, u32 port,
			       struct netlink_ext_ack *extack);
int cgspan_session_check_epoch(struct cgspan_session *session, u64 epoch,
			       struct netlink_ext_ack *extack);
void cgspan_session_end(struct cgspan_session *session);
void cgspan_session_closed(struct cgspan_session *session, u32 port);

#endif /* CGSPAN_SESSION_H */
