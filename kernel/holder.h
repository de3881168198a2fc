/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_HOLDER_H
#define CGSPAN_HOLDER_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>

struct net;
struct pid;
struct sock;

/* Unprivileged limits: grants plus queued requests of a holder; queued of a socket. */
#define CGSPAN_HELD_MAX		1024
#define CGSPAN_ASKED_MAX	64

/**
 * struct cgspan_holder - a process or a socket that holds grants, or histograms
 * @pid: the process, referenced; NULL: a socket
 * @sk: the socket, referenced since its port may be used again before the holder
 *	is off the table; NULL after that, and for a process
 * @port: netlink port of the socket
 * @node: in the table of holders
 * @held: its grants, and queued requests for them; under a lock of grant.c, and
 *	  for a process read under RCU
 * @nr_held: length of @held
 * @asked: queued requests that this socket has sent; under a lock of grant.c
 * @nr_asked: length of @asked
 * @sched: this socket holds the histograms; under the lock of sched.c
 * @wait: in the wait queue of @pid, which is woken when it has exited, or before
 * @exited: in the list of processes that have exited
 * @ref: held by the table, by each grant in @held and @asked, by @exited and by
 *	 each lookup
 * @rcu: the table is read under RCU
 */
struct cgspan_holder {
	struct pid *pid;
	struct sock *sk;
	u32 port;
	struct hlist_node node;
	struct list_head held;
	unsigned int nr_held;
	struct list_head asked;
	unsigned int nr_asked;
	bool sched;
	wait_queue_entry_t wait;
	struct llist_node exited;
	struct kref ref;
	struct rcu_head rcu;
};

void cgspan_holder_init(void (*fn)(struct cgspan_holder *holder));
struct cgspan_holder *cgspan_holder_of_process(const struct pid *pid);
struct cgspan_holder *cgspan_holder_closed(const struct net *net, u32 port);
struct cgspan_holder *cgspan_holder_get(struct pid *pid, struct sock *sk,
					u32 port);
void cgspan_holder_put(struct cgspan_holder *holder);
void cgspan_holder_evict(struct cgspan_holder *holder);
bool cgspan_holder_gone(const struct cgspan_holder *holder);
void cgspan_holder_exit(void);

#endif /* CGSPAN_HOLDER_H */
