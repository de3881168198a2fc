// SPDX-License-Identifier: GPL-2.0
/*
 * Holders of grants: processes and sockets.
 *
 * The first ADMIT or SCHED_HOLD makes a holder. It stays in the table, which
 * references it, until the process has exited or the socket is closed: a client
 * that requests one grant after another keeps its holder, and a socket is
 * recognised by its holder.
 *
 * The struct pid of a process stays the same through an exec by any of its
 * threads, and its wait queue is woken when the last of them has exited. The
 * wake-up comes with interrupts off and with locks that the exit holds. So a
 * process has one entry in the wait queue however many grants it holds, and the
 * function of the entry only queues work.
 */
#include "holder.h"

#include <linux/hashtable.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "event.h"

/* The lock protects the table of holders. */
static DEFINE_HASHTABLE(table, 12);
static DEFINE_SPINLOCK(lock);

/* Part of the hash: users choose port numbers, and must not fill one bucket. */
static unsigned long secret;

static LLIST_HEAD(exited);

/* Written once, when the module is loaded: before the first request. */
static void (*on_exit)(struct cgspan_holder *holder);

static unsigned long key(const struct pid *pid, u32 port)
{
	return (pid ? (unsigned long)pid : port) ^ secret;
}

static struct cgspan_holder *find(const struct pid *pid, const struct sock *sk,
				  u32 port)
{
	struct cgspan_holder *holder;

	hash_for_each_possible_rcu(table, holder, node, key(pid, port),
				   lockdep_is_held(&lock))
		if (holder->pid == pid && READ_ONCE(holder->sk) == sk)
			return holder;
	return NULL;
}

/* Return: the holder of a process, or NULL. Context: an RCU section. */
struct cgspan_holder *cgspan_holder_of_process(const struct pid *pid)
{
	return find(pid, NULL, 0);
}

/**
 * cgspan_holder_closed() - find a holder whose socket was closed
 * @net: its network namespace
 * @port: its port, which another socket may have meanwhile
 *
 * Return: the holder, referenced, or NULL.
 */
struct cgspan_holder *cgspan_holder_closed(const struct net *net, u32 port)
{
	struct cgspan_holder *holder;

	spin_lock(&lock);
	hash_for_each_possible(table, holder, node, key(NULL, port))
		if (holder->sk && holder->port == port &&
		    sock_net(holder->sk) == net &&
		    sock_flag(holder->sk, SOCK_DEAD)) {
			kref_get(&holder->ref);
			goto found;
		}
	holder = NULL;
found:
	spin_unlock(&lock);
	return holder;
}

/* Has the last thread of the process exited? False for a socket. */
bool cgspan_holder_gone(const struct cgspan_holder *holder)
{
	struct task_struct *task;
	bool gone;

	if (!holder->pid)
		return false;
	rcu_read_lock();
	task = pid_task(holder->pid, PIDTYPE_TGID);
	gone = !task || !atomic_read(&task->signal->live);
	rcu_read_unlock();
	return gone;
}

static void release(struct kref *ref)
{
	struct cgspan_holder *holder =
		container_of(ref, struct cgspan_holder, ref);

	put_pid(holder->pid);
	kfree_rcu(holder, rcu);
}

/* Context: any in which spinlocks may be taken. */
void cgspan_holder_put(struct cgspan_holder *holder)
{
	kref_put(&holder->ref, release);
}

/**
 * cgspan_holder_evict() - remove a holder from the table, and from the wait queue
 * @holder: the holder, on which the caller has a reference of its own; its process
 *	    has exited, its socket is closed, or the module is being unloaded
 *
 * Does nothing if it was removed before. Context: may sleep.
 */
void cgspan_holder_evict(struct cgspan_holder *holder)
{
	struct sock *sk = NULL;
	bool listed;

	spin_lock(&lock);
	listed = !hlist_unhashed(&holder->node);
	if (listed) {
		hlist_del_init_rcu(&holder->node);
		sk = holder->sk;
		WRITE_ONCE(holder->sk, NULL);
	}
	spin_unlock(&lock);
	if (!listed)
		return;
	if (sk)
		sock_put(sk);
	if (holder->pid)
		remove_wait_queue(&holder->pid->wait_pidfd, &holder->wait);
	cgspan_holder_put(holder);
}

static void tell_exited(struct work_struct *work)
{
	struct cgspan_holder *holder, *next;

	llist_for_each_entry_safe(holder, next, llist_del_all(&exited), exited) {
		on_exit(holder);
		cgspan_holder_evict(holder);
		cgspan_holder_put(holder);
	}
}

static DECLARE_WORK(exited_work, tell_exited);

/* Called with the wait queue's lock held, and never for an entry that was removed. */
static int thread_exits(wait_queue_entry_t *wait, unsigned int mode, int flags,
			void *unused)
{
	struct cgspan_holder *holder =
		container_of(wait, struct cgspan_holder, wait);

	if (!cgspan_holder_gone(holder) || !kref_get_unless_zero(&holder->ref))
		return 0;
	list_del_init(&wait->entry);
	llist_add(&holder->exited, &exited);
	queue_work(cgspan_event_wq, &exited_work);
	return 0;
}

static struct cgspan_holder *alloc(struct pid *pid, struct sock *sk, u32 port)
{
	struct cgspan_holder *holder;

	holder = kzalloc(sizeof(*holder), GFP_KERNEL_ACCOUNT);
	if (!holder)
		return NULL;
	holder->pid = get_pid(pid);
	holder->sk = sk;
	holder->port = port;
	INIT_LIST_HEAD(&holder->held);
	INIT_LIST_HEAD(&holder->asked);
	init_waitqueue_func_entry(&holder->wait, thread_exits);
	INIT_LIST_HEAD(&holder->wait.entry);
	kref_init(&holder->ref);
	return holder;
}

/*
 * Return: @holder, or the one that another task has put into the table before;
 * referenced. If the process has exited before @holder was in its wait queue,
 * @holder is removed from the table here.
 */
static struct cgspan_holder *publish(struct cgspan_holder *holder)
{
	struct cgspan_holder *other;

	spin_lock(&lock);
	other = find(holder->pid, holder->sk, holder->port);
	if (other) {
		kref_get(&other->ref);
	} else {
		kref_get(&holder->ref);
		if (holder->sk)
			sock_hold(holder->sk);
		hash_add_rcu(table, &holder->node, key(holder->pid, holder->port));
	}
	spin_unlock(&lock);
	if (other) {
		cgspan_holder_put(holder);
		return other;
	}
	if (holder->pid)
		add_wait_queue(&holder->pid->wait_pidfd, &holder->wait);
	if (cgspan_holder_gone(holder))
		cgspan_holder_evict(holder);
	return holder;
}

/**
 * cgspan_holder_get() - find or make the holder of a process or socket
 * @pid: the process; NULL: the socket
 * @sk: the socket of the request, open during this call
 * @port: netlink port of @sk
 *
 * Context: may sleep. The caller checks cgspan_holder_gone() afterwards: the exit
 * of a process before this call wakes nothing.
 *
 * Return: the holder, referenced, or NULL without memory.
 */
struct cgspan_holder *cgspan_holder_get(struct pid *pid, struct sock *sk,
					u32 port)
{
	struct cgspan_holder *holder;

	if (pid)
		sk = NULL;
	rcu_read_lock();
	holder = find(pid, sk, port);
	if (holder && !kref_get_unless_zero(&holder->ref))
		holder = NULL;
	rcu_read_unlock();
	if (holder)
		return holder;
	holder = alloc(pid, sk, port);
	return holder ? publish(holder) : NULL;
}

/* Call at load. @fn is called when a holder's process has exited; it may sleep. */
void cgspan_holder_init(void (*fn)(struct cgspan_holder *holder))
{
	secret = get_random_long();
	on_exit = fn;
}

static struct cgspan_holder *get_first(const struct hlist_head *bucket)
{
	struct cgspan_holder *holder;

	spin_lock(&lock);
	holder = hlist_entry_safe(bucket->first, struct cgspan_holder, node);
	if (holder)
		kref_get(&holder->ref);
	spin_unlock(&lock);
	return holder;
}

/* At unload no request can arrive, and all grants are freed. */
void cgspan_holder_exit(void)
{
	struct cgspan_holder *holder;
	int i;

	for (i = 0; i < HASH_SIZE(table); i++)
		while ((holder = get_first(&table[i]))) {
			cgspan_holder_evict(holder);
			cgspan_holder_put(holder);
		}
	flush_work(&exited_work);
}
