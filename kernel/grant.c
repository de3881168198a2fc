// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: amounts that a process or a socket holds in a group, and the queue
 * of those that wait for headroom.
 *
 * A grant ends once, whoever ends it: the request that releases it, the last
 * thread of its holder, or its socket. Its state decides who was first; he
 * gives the amounts back and takes it out of the tables. A holder is known by
 * its struct pid, which stays its own through an exec by any of its threads,
 * and wakes us when the last of them has exited.
 *
 * The queue is one list in the order of arrival. Who has to wait claims his
 * own group and the one that lacks headroom: who comes later, and needs
 * headroom of a claimed group, waits behind him. So a large request is not
 * starved by small ones, and nobody waits for groups that he does not need.
 *
 * Locks: the queue's mutex is outermost. A holder's wake-up comes with
 * interrupts off and the locks of the exit held; the tables' lock and a top
 * level group's lock are taken within, one at a time, and never around it.
 */
#include "grant.h"

#include <linux/hash.h>
#include <linux/hashtable.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "event.h"
#include "group.h"
#include "netlink/notify.h"
#include "node.h"

#define TABLE_BITS	12

/* The tables. In a bucket of ids the newest comes first. */
static DEFINE_RAW_SPINLOCK(lock);
static struct hlist_head by_id[1 << TABLE_BITS];
static DEFINE_HASHTABLE(by_holder, TABLE_BITS);
static u64 last_id;

static DEFINE_MUTEX(queue_lock);
/* Under the queue's lock. */
static LIST_HEAD(queue);
static u64 pass;
static unsigned long first_deadline;
/* Something has ended since the last pass began. */
static bool stale;

static void serve_work_fn(struct work_struct *work);
static DECLARE_WORK(serve_work, serve_work_fn);
static DECLARE_DELAYED_WORK(timeout_work, serve_work_fn);

/* How many are in the queue; how many have tasks that a fork could inherit. */
atomic_t cgspan_grant_waiting = ATOMIC_INIT(0);
atomic_t cgspan_grant_reserves = ATOMIC_INIT(0);

static struct kmem_cache *cache;

static struct hlist_head *bucket_of(u64 id)
{
	return &by_id[id & (ARRAY_SIZE(by_id) - 1)];
}

static unsigned long holder_key(const struct pid *pid, u32 port)
{
	return pid ? (unsigned long)pid : port;
}

/* Lifetime. */

static void free_grant(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct cgspan_grant, rcu));
}

static void release(struct kref *ref)
{
	struct cgspan_grant *grant =
		container_of(ref, struct cgspan_grant, ref);

	put_pid(grant->pid);
	cgspan_group_put(grant->group);
	call_rcu(&grant->rcu, free_grant);
}

void cgspan_grant_put(struct cgspan_grant *grant)
{
	if (grant)
		kref_put(&grant->ref, release);
}

static bool gone(struct pid *pid)
{
	struct task_struct *task;
	bool ret;

	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	ret = !task || !atomic_read(&task->signal->live);
	rcu_read_unlock();
	return ret;
}

static bool inheritable(const struct cgspan_grant *grant)
{
	return grant->pid && grant->amounts[CGSPAN_RES_TASKS];
}

/* Return: false if it has ended already. */
static bool publish(struct cgspan_grant *grant)
{
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&lock, flags);
	ok = READ_ONCE(grant->state) != CGSPAN_GRANT_ENDED;
	if (ok) {
		grant->id = ++last_id;
		hlist_add_head_rcu(&grant->by_id, bucket_of(grant->id));
		hash_add_rcu(by_holder, &grant->by_holder,
			     holder_key(grant->pid, grant->port));
		if (inheritable(grant))
			atomic_inc(&cgspan_grant_reserves);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return ok;
}

static void unpublish(struct cgspan_grant *grant)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	if (!hlist_unhashed(&grant->by_id)) {
		hlist_del_init_rcu(&grant->by_id);
		hash_del_rcu(&grant->by_holder);
		if (inheritable(grant))
			atomic_dec(&cgspan_grant_reserves);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* Return: whether it was us who ended it; then it holds nothing any more. */
static bool finish(struct cgspan_grant *grant)
{
	unsigned long flags;
	u64 spent;
	u8 was;

	raw_spin_lock_irqsave(&grant->lock, flags);
	was = grant->state;
	WRITE_ONCE(grant->state, CGSPAN_GRANT_ENDED);
	spent = min(grant->spent, grant->amounts[CGSPAN_RES_TASKS]);
	raw_spin_unlock_irqrestore(&grant->lock, flags);

	if (was == CGSPAN_GRANT_ENDED)
		return false;
	unpublish(grant);
	if (was == CGSPAN_GRANT_GRANTED)
		cgspan_group_unreserve(grant->group, grant->amounts, spent);
	else
		cgspan_grant_kick();
	return true;
}

/* A thread of the holder has exited, with the lock of its waiters held. */
static int holder_exits(wait_queue_entry_t *wait, unsigned int mode, int flags,
			void *key)
{
	struct cgspan_grant *grant =
		container_of(wait, struct cgspan_grant, wait);

	if (!gone(grant->pid) || !finish(grant))
		return 0;

	list_del_init(&wait->entry);
	cgspan_grant_put(grant);
	return 0;
}

/**
 * cgspan_grant_end() - end a grant, or a request in the queue
 * @grant: the grant, referenced
 *
 * Return: false if it had ended before.
 */
bool cgspan_grant_end(struct cgspan_grant *grant)
{
	if (!finish(grant))
		return false;

	if (grant->pid)
		remove_wait_queue(&grant->pid->wait_pidfd, &grant->wait);
	cgspan_grant_put(grant);
	return true;
}

/* The references are the caller's, and that of who ends it. */
static struct cgspan_grant *create(const struct cgspan_request *request)
{
	struct cgspan_grant *grant;

	grant = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);
	if (!grant)
		return NULL;

	*grant = (struct cgspan_grant) {
		.group = request->group,
		.pid = get_pid(request->pid),
		.port = request->port,
		.seq = request->seq,
	};
	kref_get(&grant->group->ref);
	memcpy(grant->amounts, request->amounts, sizeof(grant->amounts));
	raw_spin_lock_init(&grant->lock);
	INIT_LIST_HEAD(&grant->queue);
	kref_init(&grant->ref);
	kref_get(&grant->ref);
	if (grant->pid) {
		init_waitqueue_func_entry(&grant->wait, holder_exits);
		add_wait_queue(&grant->pid->wait_pidfd, &grant->wait);
	}
	return grant;
}

/* Looking up. */

static bool belongs(const struct cgspan_grant *grant,
		    const struct cgspan_node *node)
{
	return !node || READ_ONCE(grant->group->node) == node;
}

/**
 * cgspan_grant_get_by_id() - find a grant of a node
 * @node: the node
 * @id: its id
 *
 * Return: the grant, referenced, or NULL.
 */
struct cgspan_grant *cgspan_grant_get_by_id(struct cgspan_node *node, u64 id)
{
	struct cgspan_grant *grant;

	rcu_read_lock();
	hlist_for_each_entry_rcu(grant, bucket_of(id), by_id)
		if (grant->id == id && belongs(grant, node) &&
		    kref_get_unless_zero(&grant->ref))
			goto found;
	grant = NULL;
found:
	rcu_read_unlock();
	return grant;
}

/**
 * cgspan_grant_next() - walk the grants of a node
 * @node: the node; NULL: of all
 * @bucket: where to go on; start with 0
 * @id: the last one seen there; start with 0
 *
 * Return: a grant, referenced, or NULL at the end.
 */
struct cgspan_grant *cgspan_grant_next(struct cgspan_node *node,
				       unsigned int *bucket, u64 *id)
{
	struct cgspan_grant *grant;

	rcu_read_lock();
	for (; *bucket < ARRAY_SIZE(by_id); (*bucket)++, *id = 0)
		hlist_for_each_entry_rcu(grant, &by_id[*bucket], by_id)
			if ((!*id || grant->id < *id) && belongs(grant, node) &&
			    kref_get_unless_zero(&grant->ref)) {
				*id = grant->id;
				goto found;
			}
	grant = NULL;
found:
	rcu_read_unlock();
	return grant;
}

/* The queue. */

/* What stands for all in it: is there a claim on the group, or above it? */
static bool claimed(const struct cgspan_group *group)
{
	for (; group; group = group->parent)
		if (group->claimed == pass)
			return true;
	return false;
}

static void claim(struct cgspan_group *group, const struct cgspan_lack *lack)
{
	group->claimed = pass;
	if (lack->group)
		lack->group->claimed = pass;
}

/* Return: 0 if it is granted, or has ended; else it has to wait on. */
static int try_again(struct cgspan_grant *grant)
{
	struct cgspan_lack lack = {};
	bool ended;
	int ret;

	if (claimed(grant->group)) {
		claim(grant->group, &lack);
		return -EAGAIN;
	}

	ret = cgspan_group_reserve(grant->group, grant->amounts,
				   CGSPAN_TRY_AGAIN, &lack);
	if (ret) {
		claim(grant->group, &lack);
		return ret;
	}

	raw_spin_lock_irq(&grant->lock);
	ended = grant->state == CGSPAN_GRANT_ENDED;
	if (!ended)
		WRITE_ONCE(grant->state, CGSPAN_GRANT_GRANTED);
	raw_spin_unlock_irq(&grant->lock);
	if (ended)
		cgspan_group_unreserve(grant->group, grant->amounts, 0);
	return 0;
}

static void dequeue(struct cgspan_grant *grant)
{
	list_del_init(&grant->queue);
	atomic_dec(&cgspan_grant_waiting);
	cgspan_group_unwait(grant->group, grant->amounts);
	cgspan_grant_put(grant);
}

static bool has_ended(const struct cgspan_grant *grant)
{
	return READ_ONCE(grant->state) == CGSPAN_GRANT_ENDED;
}

/* Its time is up. What lacks for it now is told, even if others come first. */
static void give_up(struct cgspan_grant *grant, struct cgspan_answer *answer)
{
	cgspan_group_reserve(grant->group, grant->amounts, CGSPAN_TRY_DRY,
			     &answer->lack);
	answer->state = CGSPAN_GRANT_TIMED_OUT;
}

/* Is it granted, too late, or ended? Otherwise it stays in the queue. */
static void serve_one(struct cgspan_grant *grant)
{
	struct cgspan_answer answer = {
		.id = grant->id,
		.state = CGSPAN_GRANT_GRANTED,
	};

	if (has_ended(grant)) {
		answer.state = CGSPAN_GRANT_ENDED;
	} else if (time_after_eq(jiffies, grant->deadline)) {
		answer.state = CGSPAN_GRANT_ENDED;
		if (cgspan_grant_end(grant))
			give_up(grant, &answer);
	} else if (try_again(grant)) {
		if (time_before(grant->deadline, first_deadline))
			first_deadline = grant->deadline;
		return;
	} else if (has_ended(grant)) {
		answer.state = CGSPAN_GRANT_ENDED;
	}
	cgspan_netlink_tell_grant(grant, &answer);
	dequeue(grant);
}

static void arm(void)
{
	if (!list_empty(&queue))
		mod_delayed_work(cgspan_event_wq, &timeout_work,
				 max_t(long, first_deadline - jiffies, 0));
}

/* One pass over the queue. */
static void serve(void)
{
	struct cgspan_grant *grant, *next;

	lockdep_assert_held(&queue_lock);

	WRITE_ONCE(stale, false);
	/* What is freed from here on makes it stale again. */
	smp_mb();
	pass++;
	first_deadline = jiffies + MAX_JIFFY_OFFSET;
	list_for_each_entry_safe(grant, next, &queue, queue) {
		serve_one(grant);
		cond_resched();
	}
	arm();
}

static void serve_work_fn(struct work_struct *work)
{
	mutex_lock(&queue_lock);
	serve();
	mutex_unlock(&queue_lock);
}

/* Somebody may be served now. Context: any but NMI. */
void cgspan_grant_serve(void)
{
	WRITE_ONCE(stale, true);
	queue_work(cgspan_event_wq, &serve_work);
}

/* What no lease can ever cover need not wait for one. */
static int check_limits(const struct cgspan_grant *grant,
			struct cgspan_lack *lack)
{
	struct cgspan_group *group;
	u64 limit;
	u32 res;

	for (group = grant->group; group; group = group->parent)
		for (res = 0; res < __CGSPAN_RES_LAST; res++) {
			limit = READ_ONCE(group->shares[res].limit);
			if (grant->amounts[res] <= limit)
				continue;
			*lack = (struct cgspan_lack) {
				.group = group,
				.res = res,
				.missing = grant->amounts[res] - limit,
			};
			return -ERANGE;
		}
	return 0;
}

static int enqueue(struct cgspan_grant *grant, u32 wait)
{
	int ret;

	lockdep_assert_held(&queue_lock);

	ret = cgspan_group_wait(grant->group, grant->amounts);
	if (ret)
		return ret;

	if (list_empty(&queue) || READ_ONCE(stale))
		serve();
	grant->deadline = jiffies + msecs_to_jiffies(wait);
	kref_get(&grant->ref);
	list_add_tail(&grant->queue, &queue);
	atomic_inc(&cgspan_grant_waiting);
	/* Pairs with the kick: what was freed before is seen now. */
	smp_mb();
	serve_one(grant);
	arm();
	return 0;
}

/* Admission. */

/* At once, where nobody who came before has a claim. */
static int try_now(const struct cgspan_request *request,
		   struct cgspan_lack *lack)
{
	enum cgspan_group_try how = request->dry ? CGSPAN_TRY_DRY : CGSPAN_TRY;
	bool behind;
	int ret;

	if (!atomic_read(&cgspan_grant_waiting))
		return cgspan_group_reserve(request->group, request->amounts,
					    how, lack);

	mutex_lock(&queue_lock);
	/* What was freed lately goes to those first. */
	if (!request->dry && READ_ONCE(stale))
		serve();
	behind = claimed(request->group);
	ret = cgspan_group_reserve(request->group, request->amounts,
				   behind ? CGSPAN_TRY_DRY : how, lack);
	mutex_unlock(&queue_lock);
	return ret ?: behind ? -EAGAIN : 0;
}

static int admit(struct cgspan_grant *grant,
		 const struct cgspan_request *request,
		 struct cgspan_lack *lack)
{
	unsigned long flags;
	bool ended;
	int ret;

	ret = try_now(request, lack);
	if (ret == -EAGAIN && request->wait)
		return check_limits(grant, lack) ?: -EAGAIN;
	if (ret)
		return ret;

	raw_spin_lock_irqsave(&grant->lock, flags);
	ended = grant->state == CGSPAN_GRANT_ENDED;
	if (!ended)
		WRITE_ONCE(grant->state, CGSPAN_GRANT_GRANTED);
	raw_spin_unlock_irqrestore(&grant->lock, flags);
	if (ended)
		cgspan_group_unreserve(grant->group, grant->amounts, 0);
	return ended ? -ESRCH : 0;
}

static int refuse(const struct cgspan_lack *lack, int error,
		  struct netlink_ext_ack *extack)
{
	static const char *const texts[] = {
		[CGSPAN_RES_TASKS] = "tasks: too little headroom in the group or above it",
		[CGSPAN_RES_CPU] = "cpu: too little headroom in the group or above it",
		[CGSPAN_RES_MEMORY] = "memory: too little headroom in the group or above it",
	};

	switch (error) {
	case -EAGAIN:
		if (!lack->group)
			NL_SET_ERR_MSG(extack,
				       "others wait in the group, or above it: they are served first");
		else if (lack->res < ARRAY_SIZE(texts))
			extack->_msg = texts[lack->res];
		else
			NL_SET_ERR_MSG(extack,
				       "a resource of the user's: too little headroom in the group or above it");
		break;
	case -ERANGE:
		NL_SET_ERR_MSG(extack,
			       "more than the limit of the group, or of one above it");
		break;
	case -ESTALE:
		NL_SET_ERR_MSG(extack,
			       "the session has expired, and the group admits nothing then");
		break;
	case -ESRCH:
		NL_SET_ERR_MSG(extack, "the holder has exited");
		break;
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "there is no such group");
		break;
	}
	return error;
}

static int dry_run(const struct cgspan_request *request,
		   struct cgspan_answer *answer)
{
	int ret = try_now(request, &answer->lack);

	if (ret == -EAGAIN && request->wait) {
		answer->state = CGSPAN_GRANT_QUEUED;
		return 0;
	}
	answer->state = ret ? CGSPAN_GRANT_REFUSED : CGSPAN_GRANT_GRANTED;
	return ret;
}

static int admit_or_queue(struct cgspan_grant *grant,
			  const struct cgspan_request *request,
			  struct cgspan_answer *answer)
{
	int ret;

	/* Before the exit that would wake us, and had nobody to wake. */
	if (grant->pid && gone(grant->pid))
		return -ESRCH;

	ret = admit(grant, request, &answer->lack);
	if (!ret) {
		answer->state = CGSPAN_GRANT_GRANTED;
		ret = publish(grant) ? 0 : -ESRCH;
	} else if (ret == -EAGAIN && request->wait) {
		answer->state = CGSPAN_GRANT_QUEUED;
		mutex_lock(&queue_lock);
		ret = publish(grant) ? enqueue(grant, request->wait) : -ESRCH;
		mutex_unlock(&queue_lock);
	}
	answer->id = grant->id;
	return ret;
}

/**
 * cgspan_grant_admit() - admit at once, or queue, or refuse
 * @request: what is asked for
 * @answer: what came of it
 * @extack: says why not
 *
 * Return: 0: it is granted or queued; -EAGAIN: headroom lacks; -ERANGE: it is
 * above a limit; -ESTALE, -ESRCH, -ENOENT, -ENOMEM.
 */
int cgspan_grant_admit(const struct cgspan_request *request,
		       struct cgspan_answer *answer,
		       struct netlink_ext_ack *extack)
{
	struct cgspan_grant *grant;
	int ret;

	*answer = (struct cgspan_answer) { .state = CGSPAN_GRANT_REFUSED };
	if (request->dry)
		return refuse(&answer->lack, dry_run(request, answer), extack);

	grant = create(request);
	if (!grant)
		return -ENOMEM;
	ret = admit_or_queue(grant, request, answer);
	if (ret) {
		answer->state = CGSPAN_GRANT_REFUSED;
		cgspan_grant_end(grant);
	}
	cgspan_grant_put(grant);
	return refuse(&answer->lack, ret, extack);
}

/* Tasks. */

/**
 * cgspan_grant_inherit() - whose reserve a new task of a group may spend
 * @holder: the process that makes it
 * @inherited: the grant of the task that makes it, or NULL
 * @group: the group
 *
 * Context: in an RCU section that has found @inherited.
 *
 * Return: a grant, referenced, or NULL.
 */
struct cgspan_grant *cgspan_grant_inherit(struct pid *holder,
					  struct cgspan_grant *inherited,
					  struct cgspan_group *group)
{
	struct cgspan_grant *grant;

	hash_for_each_possible_rcu(by_holder, grant, by_holder,
				   holder_key(holder, 0))
		if (grant->pid == holder && inheritable(grant) &&
		    READ_ONCE(grant->state) == CGSPAN_GRANT_GRANTED &&
		    READ_ONCE(grant->spent) < grant->amounts[CGSPAN_RES_TASKS] &&
		    cgspan_group_contains(grant->group, group) &&
		    kref_get_unless_zero(&grant->ref))
			return grant;

	if (inherited &&
	    READ_ONCE(inherited->state) == CGSPAN_GRANT_GRANTED &&
	    kref_get_unless_zero(&inherited->ref))
		return inherited;
	return NULL;
}

/**
 * cgspan_grant_add_task() - a task of the grant is charged
 * @grant: the grant; a lock of its group's tree is held
 *
 * Return: whether the reserve pays for it.
 */
bool cgspan_grant_add_task(struct cgspan_grant *grant)
{
	bool pays;

	raw_spin_lock(&grant->lock);
	WRITE_ONCE(grant->spent, grant->spent + 1);
	pays = grant->state == CGSPAN_GRANT_GRANTED &&
	       grant->spent <= grant->amounts[CGSPAN_RES_TASKS];
	raw_spin_unlock(&grant->lock);
	return pays;
}

/* As cgspan_grant_add_task(): it is uncharged; does the reserve get it? */
bool cgspan_grant_del_task(struct cgspan_grant *grant)
{
	bool paid;

	raw_spin_lock(&grant->lock);
	WRITE_ONCE(grant->spent, grant->spent - 1);
	paid = grant->state == CGSPAN_GRANT_GRANTED &&
	       grant->spent < grant->amounts[CGSPAN_RES_TASKS];
	raw_spin_unlock(&grant->lock);
	return paid;
}

/* Sockets and nodes that go. */

static struct cgspan_grant *held_by(struct cgspan_node *node, u32 port)
{
	struct cgspan_grant *grant;

	rcu_read_lock();
	hash_for_each_possible_rcu(by_holder, grant, by_holder,
				   holder_key(NULL, port))
		if (!grant->pid && grant->port == port &&
		    belongs(grant, node) &&
		    kref_get_unless_zero(&grant->ref))
			goto found;
	grant = NULL;
found:
	rcu_read_unlock();
	return grant;
}

/* Nobody is there any more to be told. @port 0: of all sockets. */
static void drop_requests(struct cgspan_node *node, u32 port)
{
	struct cgspan_grant *grant, *next;

	mutex_lock(&queue_lock);
	list_for_each_entry_safe(grant, next, &queue, queue)
		if ((!port || grant->port == port) && belongs(grant, node)) {
			cgspan_grant_end(grant);
			dequeue(grant);
		}
	mutex_unlock(&queue_lock);
}

static int closed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct netlink_notify *notify = data;
	struct cgspan_grant *grant;
	struct cgspan_node *node;

	if (action != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	node = cgspan_node_of(notify->net);
	if (atomic_read(&cgspan_grant_waiting))
		drop_requests(node, notify->portid);
	while ((grant = held_by(node, notify->portid))) {
		cgspan_grant_end(grant);
		cgspan_grant_put(grant);
	}
	return NOTIFY_OK;
}

static struct notifier_block closed_nb = { .notifier_call = closed };

/**
 * cgspan_grant_end_all() - a node goes, and all that is held in it
 * @node: the node; no request can reach it any more. NULL: all nodes
 */
void cgspan_grant_end_all(struct cgspan_node *node)
{
	struct cgspan_grant *grant;
	unsigned int bucket = 0;
	u64 id = 0;

	drop_requests(node, 0);
	while ((grant = cgspan_grant_next(node, &bucket, &id))) {
		cgspan_grant_end(grant);
		cgspan_grant_put(grant);
	}
	/* A holder that exits just now may still be about to end its own. */
	synchronize_rcu();
}

/* With a constructor, memory that create() fills is not cleared each time. */
static void construct(void *object)
{
	memset(object, 0, sizeof(struct cgspan_grant));
}

int cgspan_grant_init(void)
{
	int ret;

	cache = kmem_cache_create("cgspan_grant", sizeof(struct cgspan_grant),
				  0, 0, construct);
	if (!cache)
		return -ENOMEM;
	ret = netlink_register_notifier(&closed_nb);
	if (ret)
		kmem_cache_destroy(cache);
	return ret;
}

/* No request comes any more, and no task has a record. */
void cgspan_grant_exit(void)
{
	netlink_unregister_notifier(&closed_nb);
	cgspan_grant_end_all(NULL);
	cancel_work_sync(&serve_work);
	cancel_delayed_work_sync(&timeout_work);
	rcu_barrier();
	kmem_cache_destroy(cache);
}

#ifdef CGSPAN_SELFTEST
#include "selftest/grant.c"
#endif
