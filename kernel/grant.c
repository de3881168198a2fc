// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: amounts that a process or a socket holds in a group, and queues of
 * requests that wait for headroom.
 *
 * A grant ends once: by RELEASE, by a time-out in the queue, when its holder has
 * exited, its socket is closed or its node ends. Of several calls, the first to set
 * the state ENDED returns the amounts and removes the grant from the tables.
 *
 * A request that has to wait is in a queue (queue.h), and claims what it waits for.
 * A pass over a queue tries its requests in the order of arrival.
 *
 * Locks: a queue's mutex is outermost. The locks of the tables, of claims and of
 * a top-level group are taken within it, one at a time.
 */
#include "grant.h"

#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "event.h"
#include "holder.h"
#include "sched.h"

#define TABLE_BITS	12

/* Unprivileged limits: grants plus queued requests of a group; queued requests. */
#define GROUP_GRANTS_MAX	16384
#define GROUP_QUEUED_MAX	1024

/*
 * The table of ids; in a bucket the newest comes first. The lock protects it, and
 * the lists of a holder's grants and of queued requests that a socket has sent.
 */
static DEFINE_SPINLOCK(lock);
static struct hlist_head by_id[1 << TABLE_BITS];
static u64 last_id;

/* Written once, when the module is loaded: before the first request. */
static cgspan_grant_tell_fn *on_outcome;

static struct kmem_cache *cache;

/* Part of the hash: a user may keep any ids, but not choose their buckets. */
static u64 secret;

static struct hlist_head *bucket_of(u64 id)
{
	return &by_id[hash_64(id ^ secret, TABLE_BITS)];
}

/* Lifetime. */

static void free_grant(struct rcu_head *rcu)
{
	struct cgspan_grant *grant = container_of(rcu, struct cgspan_grant, rcu);

	cgspan_holder_put(grant->reserve.holder);
	kmem_cache_free(cache, grant);
}

static struct cgspan_grant *grant_of(struct cgspan_reserve *reserve)
{
	return container_of(reserve, struct cgspan_grant, reserve);
}

/*
 * Free grants of processes by RCU: forks find them without the lock, and the last
 * reference may be dropped under a raw lock. Those of sockets are found under the lock.
 */
static void release(struct cgspan_reserve *reserve)
{
	struct rcu_head *rcu = &grant_of(reserve)->rcu;

	if (reserve->holder->pid)
		call_rcu(rcu, free_grant);
	else
		free_grant(rcu);
}

/* @grant may be NULL. */
void cgspan_grant_put(struct cgspan_grant *grant)
{
	if (grant)
		cgspan_reserve_put(&grant->reserve);
}

static bool has_ended(const struct cgspan_grant *grant)
{
	return READ_ONCE(grant->reserve.state) == CGSPAN_GRANT_ENDED;
}

/* Return: 0; -ESRCH: the grant has ended; -EDQUOT: its holder has too many grants. */
static int publish(struct cgspan_grant *grant)
{
	int ret = 0;

	spin_lock(&lock);
	if (has_ended(grant)) {
		ret = -ESRCH;
	} else if (!cgspan_reserve_publish(&grant->reserve,
					   grant->capped ? CGSPAN_HELD_MAX :
							   UINT_MAX)) {
		ret = -EDQUOT;
	} else {
		grant->id = ++last_id;
		hlist_add_head(&grant->by_id, bucket_of(grant->id));
	}
	spin_unlock(&lock);
	return ret;
}

static void unpublish(struct cgspan_grant *grant)
{
	spin_lock(&lock);
	if (!hlist_unhashed(&grant->by_id)) {
		hlist_del_init(&grant->by_id);
		cgspan_reserve_unpublish(&grant->reserve);
	}
	spin_unlock(&lock);
}

/**
 * cgspan_grant_end() - end a grant, or a request in the queue
 * @grant: the grant, referenced
 *
 * Context: may sleep.
 *
 * Return: false if it had ended before. Else it holds nothing any more, and the
 * next pass takes a request off its queue.
 */
bool cgspan_grant_end(struct cgspan_grant *grant)
{
	struct cgspan_reserve *reserve = &grant->reserve;
	u64 spent;
	u8 was;

	raw_spin_lock_irq(&reserve->lock);
	was = reserve->state;
	WRITE_ONCE(reserve->state, CGSPAN_GRANT_ENDED);
	spent = min(reserve->spent, reserve->amounts.of[CGSPAN_RES_TASKS]);
	raw_spin_unlock_irq(&reserve->lock);

	if (was == CGSPAN_GRANT_ENDED)
		return false;
	unpublish(grant);
	if (was == CGSPAN_GRANT_GRANTED)
		cgspan_reserve_return(reserve->group, &reserve->amounts, spent);
	else
		cgspan_share_kick(reserve->group);
	cgspan_grant_put(grant);
	return true;
}

/* Return: a grant of the holder, or a request for one, referenced; or NULL. */
static struct cgspan_grant *first_held(struct cgspan_holder *holder)
{
	struct cgspan_grant *grant;

	spin_lock(&lock);
	grant = list_first_entry_or_null(&holder->held, struct cgspan_grant,
					 reserve.by_holder);
	if (grant)
		kref_get(&grant->reserve.ref);
	spin_unlock(&lock);
	return grant;
}

static void end_held(struct cgspan_holder *holder)
{
	struct cgspan_grant *grant;

	while ((grant = first_held(holder))) {
		cgspan_grant_end(grant);
		cgspan_grant_put(grant);
		cond_resched();
	}
}

/* Return: a grant with a reference for the caller, one for its end; or NULL. */
static struct cgspan_grant *create(const struct cgspan_request *request)
{
	struct cgspan_holder *holder;
	struct cgspan_reserve *reserve;
	struct cgspan_grant *grant;

	holder = cgspan_holder_get(request->pid, request->sk, request->port);
	if (!holder)
		return NULL;
	grant = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);
	if (!grant) {
		cgspan_holder_put(holder);
		return NULL;
	}

	*grant = (struct cgspan_grant) {
		.reserve = {
			.group = request->group,
			.amounts = request->amounts,
			.holder = holder,
			.free = release,
		},
		.port = request->port,
		.seq = request->seq,
		.capped = request->capped,
	};
	reserve = &grant->reserve;
	kref_get(&reserve->group->ref);
	raw_spin_lock_init(&reserve->lock);
	kref_init(&reserve->ref);
	kref_get(&reserve->ref);
	INIT_LIST_HEAD(&grant->waiter.node);
	return grant;
}

/* Looking up. */

static bool belongs(const struct cgspan_grant *grant,
		    const struct cgspan_tree *tree)
{
	return !tree || READ_ONCE(grant->reserve.group->tree) == tree;
}

/**
 * cgspan_grant_get_by_id() - find a grant of a tree
 * @tree: the tree
 * @id: its id
 *
 * Return: the grant, referenced, or NULL.
 */
struct cgspan_grant *cgspan_grant_get_by_id(struct cgspan_tree *tree, u64 id)
{
	struct cgspan_grant *grant;

	spin_lock(&lock);
	hlist_for_each_entry(grant, bucket_of(id), by_id)
		if (grant->id == id && belongs(grant, tree)) {
			kref_get(&grant->reserve.ref);
			goto found;
		}
	grant = NULL;
found:
	spin_unlock(&lock);
	return grant;
}

/* Return: the bucket's next grant of the tree with an id below @id; 0: any id. */
static struct cgspan_grant *next_in(struct hlist_head *bucket,
				    const struct cgspan_tree *tree, u64 id)
{
	struct cgspan_grant *grant;

	spin_lock(&lock);
	hlist_for_each_entry(grant, bucket, by_id)
		if ((!id || grant->id < id) && belongs(grant, tree)) {
			kref_get(&grant->reserve.ref);
			goto found;
		}
	grant = NULL;
found:
	spin_unlock(&lock);
	return grant;
}

/**
 * cgspan_grant_next() - walk the grants of a tree
 * @tree: the tree; NULL: all trees
 * @bucket: the position; start with 0
 * @id: id of the grant returned last in that bucket; start with 0
 *
 * Return: a grant, referenced, or NULL at the end.
 */
struct cgspan_grant *cgspan_grant_next(struct cgspan_tree *tree,
				       unsigned int *bucket, u64 *id)
{
	struct cgspan_grant *grant;

	for (; *bucket < ARRAY_SIZE(by_id); (*bucket)++, *id = 0) {
		if (hlist_empty(&by_id[*bucket]))
			continue;
		grant = next_in(&by_id[*bucket], tree, *id);
		if (!grant)
			continue;
		*id = grant->id;
		return grant;
	}
	return NULL;
}

/* The queue. */

/* Mark a queued grant as granted; if it has ended meanwhile, return its amounts. */
static void set_granted(struct cgspan_grant *grant)
{
	struct cgspan_reserve *reserve = &grant->reserve;
	bool ended;

	raw_spin_lock_irq(&reserve->lock);
	ended = reserve->state == CGSPAN_GRANT_ENDED;
	if (!ended)
		WRITE_ONCE(reserve->state, CGSPAN_GRANT_GRANTED);
	raw_spin_unlock_irq(&reserve->lock);
	if (ended)
		cgspan_reserve_return(reserve->group, &reserve->amounts, 0);
}

/*
 * A request for more than a lease, of its group or above, waits for a larger lease,
 * not for its turn: it claims nothing, and later requests may take what is left. So
 * what a user can claim is no more than what the user may hold.
 * cgspan_share_set_lease() wakes the queue, for "/" all queues.
 */
static bool waits_for_turn(const struct cgspan_grant *grant)
{
	const struct cgspan_amounts *amounts = &grant->reserve.amounts;
	const struct cgspan_group *group;
	u32 res;

	for (group = grant->reserve.group; group; group = group->parent)
		cgspan_for_each_amount(res, amounts)
			if (amounts->of[res] >
			    READ_ONCE(group->shares[res].counter.lease))
				return false;
	return true;
}

/* Return: 0 if the request is granted or has ended; else it stays in the queue. */
static int try_again(struct cgspan_queue *queue, struct cgspan_grant *grant)
{
	struct cgspan_lack *lack = &grant->lack;
	bool turn;
	int ret;

	do {
		lack->group = NULL;
		ret = -EAGAIN;
		/* Take no lock that forks need for a request that cannot succeed. */
		turn = waits_for_turn(grant);
		if (turn && !cgspan_queue_behind(queue, &grant->waiter))
			ret = cgspan_reserve_take(grant->reserve.group,
						  &grant->reserve.amounts,
						  CGSPAN_TRY_AGAIN, lack);
	} while (ret &&
		 cgspan_queue_claim(queue, &grant->waiter, lack, turn));
	if (!ret)
		set_granted(grant);
	return ret;
}

static void forget_asked(struct cgspan_grant *grant)
{
	spin_lock(&lock);
	list_del(&grant->by_asker);
	grant->asker->nr_asked--;
	spin_unlock(&lock);
	cgspan_holder_put(grant->asker);
}

/* Take a request off its queue. The caller keeps group, and so queue, alive. */
static void dequeue(struct cgspan_queue *queue, struct cgspan_grant *grant)
{
	struct cgspan_reserve *reserve = &grant->reserve;

	lockdep_assert_held(&queue->lock);

	cgspan_queue_del(queue, &grant->waiter);
	forget_asked(grant);
	cgspan_reserve_unwait(reserve->group, &reserve->amounts);
	cgspan_grant_put(grant);
}

/* Time-out: answer with the present shortage, if any, though earlier requests wait. */
static void give_up(struct cgspan_grant *grant, struct cgspan_answer *answer)
{
	cgspan_reserve_take(grant->reserve.group, &grant->reserve.amounts,
			    CGSPAN_TRY_DRY, &answer->lack);
	answer->state = CGSPAN_GRANT_TIMED_OUT;
}

/* Try a request; if it is granted, has timed out or has ended, tell and dequeue it. */
static void serve_one(struct cgspan_queue *queue, struct cgspan_grant *grant)
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
	} else if (try_again(queue, grant)) {
		if (time_before(grant->deadline, queue->deadline))
			queue->deadline = grant->deadline;
		return;
	} else if (has_ended(grant)) {
		answer.state = CGSPAN_GRANT_ENDED;
	}
	if (on_outcome)
		on_outcome(grant, &answer);
	dequeue(queue, grant);
}

/* One pass over the queue. */
static void serve(struct cgspan_queue *queue)
{
	struct cgspan_grant *grant, *next;

	lockdep_assert_held(&queue->lock);

	cgspan_queue_begin(queue);
	list_for_each_entry_safe(grant, next, &queue->waiters, waiter.node) {
		serve_one(queue, grant);
		cond_resched();
	}
	cgspan_queue_arm(queue);
}

/* Refuse to queue a request above a cluster-wide limit: no lease would suffice. */
static int check_limits(const struct cgspan_request *request,
			struct cgspan_lack *lack)
{
	const struct cgspan_amounts *amounts = &request->amounts;
	struct cgspan_group *group;
	u64 limit;
	u32 res;

	for (group = request->group; group; group = group->parent)
		cgspan_for_each_amount(res, amounts) {
			limit = READ_ONCE(group->shares[res].limit);
			if (amounts->of[res] <= limit)
				continue;
			*lack = (struct cgspan_lack) {
				.group = group,
				.res = res,
				.missing = amounts->of[res] - limit,
			};
			return -ERANGE;
		}
	return 0;
}

/* Count the request with its socket. Return: false if that has too many. */
static bool count_asked(struct cgspan_grant *grant, struct cgspan_holder *asker)
{
	bool ok;

	spin_lock(&lock);
	ok = !grant->capped || asker->nr_asked < CGSPAN_ASKED_MAX;
	if (ok) {
		list_add(&grant->by_asker, &asker->asked);
		asker->nr_asked++;
	}
	spin_unlock(&lock);
	if (ok) {
		kref_get(&asker->ref);
		grant->asker = asker;
	}
	return ok;
}

static int enqueue(struct cgspan_queue *queue, struct cgspan_grant *grant,
		   struct cgspan_holder *asker, u32 wait)
{
	struct cgspan_reserve *reserve = &grant->reserve;
	int ret;

	lockdep_assert_held(&queue->lock);

	ret = cgspan_reserve_wait(reserve->group, &reserve->amounts,
				  grant->capped ? GROUP_QUEUED_MAX : UINT_MAX);
	if (ret)
		return ret;
	if (!count_asked(grant, asker)) {
		cgspan_reserve_unwait(reserve->group, &reserve->amounts);
		return -EDQUOT;
	}
	if (!queue->nr || READ_ONCE(queue->stale))
		serve(queue);
	grant->deadline = jiffies + msecs_to_jiffies(wait);
	grant->waiter.id = grant->id;
	grant->waiter.group = reserve->group;
	BUILD_BUG_ON(BITS_PER_TYPE(grant->waiter.resources) < __CGSPAN_RES_LAST);
	grant->waiter.resources = reserve->amounts.resources;
	kref_get(&reserve->ref);
	cgspan_queue_add(queue, &grant->waiter);
	serve_one(queue, grant);
	cgspan_queue_arm(queue);
	return 0;
}

/* Admission. */

static int take_now(const struct cgspan_request *request, bool behind,
		    struct cgspan_lack *lack)
{
	int ret;

	ret = cgspan_reserve_take(request->group, &request->amounts,
				  behind || request->dry ? CGSPAN_TRY_DRY :
							   CGSPAN_TRY, lack);
	return ret ?: behind ? -EAGAIN : 0;
}

/* Admit at once, or dry-run, unless a queued request has claimed a resource of it. */
static int try_now(const struct cgspan_request *request,
		   struct cgspan_lack *lack)
{
	struct cgspan_queue *queue;
	bool behind;
	int ret;

	if (!atomic_read(&cgspan_share_waiting))
		return take_now(request, false, lack);

	queue = cgspan_queue_of(request->group);
	if (queue)
		mutex_lock(&queue->lock);
	/* Headroom that grew since the last pass goes to queued requests first. */
	if (queue && !request->dry && READ_ONCE(queue->stale))
		serve(queue);
	behind = cgspan_queue_claimed(queue, request->group,
				      request->amounts.resources);
	ret = take_now(request, behind, lack);
	if (queue)
		mutex_unlock(&queue->lock);
	return ret;
}

/* Return: as try_now(), but -ERANGE if waiting would be in vain. */
static int try_request(const struct cgspan_request *request,
		       struct cgspan_lack *lack)
{
	int ret = try_now(request, lack);

	if (ret == -EAGAIN && request->wait)
		return check_limits(request, lack) ?: -EAGAIN;
	return ret;
}

static int admit(struct cgspan_grant *grant,
		 const struct cgspan_request *request,
		 struct cgspan_lack *lack)
{
	int ret;

	if (grant->capped &&
	    READ_ONCE(request->group->grants) >= GROUP_GRANTS_MAX)
		return -EDQUOT;
	ret = try_request(request, lack);
	if (ret)
		return ret;
	/* No other task can find the grant yet: its state is set without the lock. */
	grant->reserve.state = CGSPAN_GRANT_GRANTED;
	return 0;
}

static int refuse(const struct cgspan_lack *lack, int error,
		  struct netlink_ext_ack *extack)
{
	switch (error) {
	case -EAGAIN:
		if (!lack->group)
			NL_SET_ERR_MSG(extack,
				       "others wait in the group, or above it: they are served first");
		else
			cgspan_share_explain_lack(lack, extack);
		break;
	case -ERANGE:
		NL_SET_ERR_MSG(extack,
			       "more than the limit of the group, or of one above it");
		break;
	case -ESTALE:
		NL_SET_ERR_MSG(extack,
			       "the session has expired or is about to end, and the group admits nothing then");
		break;
	case -ESRCH:
		NL_SET_ERR_MSG(extack, "the holder has exited");
		break;
	case -ENOENT:
		NL_SET_ERR_MSG(extack, "there is no such group");
		break;
	case -EDQUOT:
		NL_SET_ERR_MSG(extack,
			       "too many grants of this holder or group, or too many requests that wait: without privilege 1024 and 64 of a holder, 16384 and 1024 of a group");
		break;
	}
	return error;
}

static int dry_run(const struct cgspan_request *request,
		   struct cgspan_answer *answer)
{
	int ret = try_request(request, &answer->lack);

	if (ret == -EAGAIN && request->wait) {
		answer->state = CGSPAN_GRANT_QUEUED;
		return 0;
	}
	answer->state = ret ? CGSPAN_GRANT_REFUSED : CGSPAN_GRANT_GRANTED;
	return ret;
}

static int queue_request(struct cgspan_grant *grant,
			 const struct cgspan_request *request)
{
	struct cgspan_group *group = request->group;
	struct cgspan_queue *queue = cgspan_queue_make(group);
	struct cgspan_holder *asker;
	int ret;

	if (!queue)
		return -ENOMEM;
	asker = cgspan_holder_get(NULL, request->sk, request->port);
	if (!asker)
		return -ENOMEM;
	mutex_lock(&queue->lock);
	ret = publish(grant) ?: enqueue(queue, grant, asker, request->wait);
	mutex_unlock(&queue->lock);
	cgspan_holder_put(asker);
	return ret;
}

static int admit_or_queue(struct cgspan_grant *grant,
			  const struct cgspan_request *request,
			  struct cgspan_answer *answer)
{
	int ret;

	ret = admit(grant, request, &answer->lack);
	if (!ret) {
		answer->state = CGSPAN_GRANT_GRANTED;
		ret = publish(grant);
	} else if (ret == -EAGAIN && request->wait) {
		answer->state = CGSPAN_GRANT_QUEUED;
		ret = queue_request(grant, request);
	}
	/* If the holder exits after this check, that ends the published grant. */
	if (!ret && cgspan_holder_gone(grant->reserve.holder))
		ret = -ESRCH;
	if (!ret)
		answer->id = grant->id;
	return ret;
}

/**
 * cgspan_grant_admit() - admit at once, or queue, or refuse
 * @request: the request
 * @answer: the outcome
 * @extack: the reason of a refusal
 *
 * Return: 0: it is granted or queued, or in a dry run would be; -EAGAIN: too little
 * headroom, or behind queued requests; -ERANGE: it would wait but is above a limit;
 * -EDQUOT: too many grants or requests; -ESTALE: on_expiry refuses, or a LEAVE is in
 * progress; -ESRCH: the holder has exited; -ENOENT: the group was removed; -ENOMEM.
 * A dry run checks neither the holder nor numbers: no -EDQUOT, -ESRCH or -ENOMEM.
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

/* Closed sockets and ended nodes. */

/* Return: a queued request that the socket has sent, referenced, or NULL. */
static struct cgspan_grant *first_asked(struct cgspan_holder *holder)
{
	struct cgspan_grant *grant;

	spin_lock(&lock);
	grant = list_first_entry_or_null(&holder->asked, struct cgspan_grant,
					 by_asker);
	if (grant)
		kref_get(&grant->reserve.ref);
	spin_unlock(&lock);
	return grant;
}

static void end_closed(struct cgspan_holder *holder)
{
	struct cgspan_queue *queue;
	struct cgspan_grant *grant;

	while ((grant = first_asked(holder))) {
		queue = cgspan_queue_of(grant->reserve.group);
		mutex_lock(&queue->lock);
		cgspan_grant_end(grant);
		if (!list_empty(&grant->waiter.node))
			dequeue(queue, grant);
		mutex_unlock(&queue->lock);
		cgspan_grant_put(grant);
	}
	end_held(holder);
	cgspan_sched_drop(holder);
	cgspan_holder_evict(holder);
}

/* A socket was closed: its requests, grants and histograms end. May sleep. */
void cgspan_grant_closed(const struct net *net, u32 port)
{
	struct cgspan_holder *holder;

	while ((holder = cgspan_holder_closed(net, port))) {
		end_closed(holder);
		cgspan_holder_put(holder);
	}
}

static void drop_queue(struct cgspan_queue *queue)
{
	struct cgspan_grant *grant, *next;

	mutex_lock(&queue->lock);
	list_for_each_entry_safe(grant, next, &queue->waiters, waiter.node) {
		cgspan_grant_end(grant);
		dequeue(queue, grant);
	}
	mutex_unlock(&queue->lock);
}

/* End all queued requests of a tree; NULL: of all trees. */
static void drop_requests(struct cgspan_tree *tree)
{
	struct cgspan_group *group;
	u64 id = 0;

	if (!atomic_read(&cgspan_share_waiting))
		return;
	for (; (group = cgspan_group_next(tree, &id)); cgspan_group_put(group))
		if (group->queue)
			drop_queue(group->queue);
}

/**
 * cgspan_grant_end_all() - end all grants and requests of a tree
 * @tree: the tree; no request can reach it any more. NULL: all trees
 */
void cgspan_grant_end_all(struct cgspan_tree *tree)
{
	struct cgspan_grant *grant;
	unsigned int bucket = 0;
	u64 id = 0;

	drop_requests(tree);
	while ((grant = cgspan_grant_next(tree, &bucket, &id))) {
		cgspan_grant_end(grant);
		cgspan_grant_put(grant);
	}
}

/* Slab constructor: objects are zeroed once; create() then sets only what it needs. */
static void construct(void *object)
{
	memset(object, 0, sizeof(struct cgspan_grant));
}

void cgspan_grant_on_outcome(cgspan_grant_tell_fn *fn)
{
	on_outcome = fn;
}

int cgspan_grant_init(void)
{
	cgspan_share_on_room(cgspan_queue_kick);
	cgspan_queue_on_pass(serve);
	cgspan_holder_init(end_held);
	secret = get_random_u64();
	cache = kmem_cache_create("cgspan_grant", sizeof(struct cgspan_grant),
				  0, 0, construct);
	return cache ? 0 : -ENOMEM;
}

/* At unload no request can arrive, no task has a record, all grants have ended. */
void cgspan_grant_exit(void)
{
	flush_workqueue(cgspan_event_wq);
	rcu_barrier();
	cgspan_holder_exit();
	kmem_cache_destroy(cache);
}
