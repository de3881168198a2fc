/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_GRANT_H
#define CGSPAN_GRANT_H

#include <linux/list.h>

#include "queue.h"
#include "reserve.h"

struct net;
struct netlink_ext_ack;
struct sock;

/**
 * struct cgspan_grant - amounts held in a group, or waited for
 * @reserve: the amounts, the holder, the state; has the reference count
 * @id: not used twice before the module is unloaded
 * @port: netlink port of the socket that sent the request
 * @seq: netlink sequence number of the request
 * @capped: see struct cgspan_request
 * @by_id: in the table of ids
 * @waiter: in the queue; under the queue's lock, as all that follows but @by_asker
 *	    and @rcu
 * @deadline: when the queued request times out, in jiffies
 * @lack: the shortage in the last pass; @lack.group NULL: none, or it was not tried
 * @asker: the socket that sent the request, while it is queued; referenced
 * @by_asker: in the list of @asker; under the lock of the tables
 * @rcu: forks find grants of processes under RCU
 */
struct cgspan_grant {
	struct cgspan_reserve reserve;
	u64 id;
	u32 port;
	u32 seq;
	bool capped;
	struct hlist_node by_id;
	struct cgspan_waiter waiter;
	unsigned long deadline;
	struct cgspan_lack lack;
	struct cgspan_holder *asker;
	struct list_head by_asker;
	struct rcu_head rcu;
};

/**
 * struct cgspan_request - an ADMIT
 * @group: the group of the request, referenced by the caller
 * @amounts: the requested amounts
 * @pid: the future holder, referenced by the caller; NULL: the socket
 * @sk: the socket that sent the request, open while it is handled
 * @port: netlink port of @sk
 * @seq: netlink sequence number of the request
 * @wait: ms to wait in the queue; 0: do not wait
 * @dry: only tell the outcome: change nothing
 * @capped: the sender has no privilege: numbers of grants and requests are bounded
 */
struct cgspan_request {
	struct cgspan_group *group;
	struct cgspan_amounts amounts;
	struct pid *pid;
	struct sock *sk;
	u32 port;
	u32 seq;
	u32 wait;
	bool dry;
	bool capped;
};

/* The outcome of a request; @lack.group NULL: no shortage, no excess of a limit. */
struct cgspan_answer {
	u64 id;
	u8 state;
	struct cgspan_lack lack;
};

/* Sends the outcome of a queued request; registered by netlink. May sleep. */
typedef void cgspan_grant_tell_fn(struct cgspan_grant *grant,
				  const struct cgspan_answer *answer);

void cgspan_grant_on_outcome(cgspan_grant_tell_fn *fn);
int cgspan_grant_init(void);
void cgspan_grant_exit(void);
int cgspan_grant_admit(const struct cgspan_request *request,
		       struct cgspan_answer *answer,
		       struct netlink_ext_ack *extack);
struct cgspan_grant *cgspan_grant_get_by_id(struct cgspan_tree *tree, u64 id);
struct cgspan_grant *cgspan_grant_next(struct cgspan_tree *tree,
				       unsigned int *bucket, u64 *id);
void cgspan_grant_put(struct cgspan_grant *grant);
bool cgspan_grant_end(struct cgspan_grant *grant);
void cgspan_grant_end_all(struct cgspan_tree *tree);
void cgspan_grant_closed(const struct net *net, u32 port);

#endif /* CGSPAN_GRANT_H */
