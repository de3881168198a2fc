// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of requests that wait for headroom, and what these have claimed.
 *
 * Each top-level group has a queue for its subtree, in the order of arrival, and so
 * has "/" for itself. A request that waits for its turn claims its resources in its
 * own group, and the short resource in the short group; a later request for a
 * claimed resource, there or below, waits behind it. So small requests do not
 * starve a large one, and none waits for groups or resources that it does not need.
 *
 * Claims on "/" are common to all queues and are ordered by the ids of requests.
 * For each resource, at most one request of a queue has such a claim. When headroom
 * grows in a group, passes are made over its queue, that of "/", and those of the
 * first claims on "/": a long queue does not delay other top-level groups.
 */
#include "queue.h"

#include <linux/jiffies.h>
#include <linux/slab.h>

/* Written once, when the module is loaded: before the first request. */
static void (*on_pass)(struct cgspan_queue *queue);

/* @fn is called with the lock of a queue held, and tries its requests. */
void cgspan_queue_on_pass(void (*fn)(struct cgspan_queue *queue))
{
	on_pass = fn;
}

static struct cgspan_queue *root_queue(struct cgspan_group *group)
{
	return READ_ONCE(cgspan_group_root(group)->queue);
}

/* Passes. */

/* Queue work that begins a pass over the queue. Context: any but NMI. */
static void wake(struct cgspan_queue *queue)
{
	if (xchg(&queue->stale, true))
		return;
	kref_get(&queue->top->ref);
	if (!queue_work(cgspan_event_wq, &queue->serve))
		cgspan_group_put(queue->top);
}

/* Headroom grew in a group: wake queues. Context: any but NMI. */
void cgspan_queue_kick(struct cgspan_group *group)
{
	struct cgspan_queue *queue = cgspan_queue_of(group);
	struct cgspan_queue *root = root_queue(group);

	if (queue && READ_ONCE(queue->nr))
		wake(queue);
	/*
	 * Requests to "/" have claims on it, or wait behind one that has, or for a
	 * larger lease of "/": then @group is "/".
	 */
	if (root && !list_empty(&root->claims))
		wake(root);
}

/* For each resource, wake the queue with the first claim on "/", except @root. */
static void wake_first(struct cgspan_queue *root)
{
	struct cgspan_waiter *waiter;
	struct cgspan_queue *queue;
	u8 seen = 0;

	spin_lock(&root->claims_lock);
	list_for_each_entry(waiter, &root->claims, at_root) {
		queue = cgspan_queue_of(waiter->group);
		if (waiter->claims & ~seen && queue != root)
			wake(queue);
		seen |= waiter->claims;
	}
	spin_unlock(&root->claims_lock);
}

static void pass_and_put(struct cgspan_queue *queue)
{
	mutex_lock(&queue->lock);
	on_pass(queue);
	mutex_unlock(&queue->lock);
	wake_first(queue);
	cgspan_group_put(queue->top);
}

static void serve_fn(struct work_struct *work)
{
	pass_and_put(container_of(work, struct cgspan_queue, serve));
}

static void time_out_fn(struct work_struct *work)
{
	pass_and_put(container_of(to_delayed_work(work), struct cgspan_queue,
				  time_out));
}

/* A pass begins: the caller then tries all requests of the queue. */
void cgspan_queue_begin(struct cgspan_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	WRITE_ONCE(queue->stale, false);
	/* Headroom that grows after this barrier sets @stale again. */
	smp_mb();
	queue->pass++;
	queue->at_root = 0;
	queue->deadline = jiffies + MAX_JIFFY_OFFSET;
}

/* Start the timer for the earliest deadline, if any request waits. */
void cgspan_queue_arm(struct cgspan_queue *queue)
{
	lockdep_assert_held(&queue->lock);

	if (!queue->nr)
		return;
	kref_get(&queue->top->ref);
	if (mod_delayed_work(cgspan_event_wq, &queue->time_out,
			     max_t(long, queue->deadline - jiffies, 0)))
		cgspan_group_put(queue->top);
}

/* Lifetime. */

static struct cgspan_queue *alloc(struct cgspan_group *top)
{
	struct cgspan_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL_ACCOUNT);

	if (!queue)
		return NULL;
	queue->top = top;
	mutex_init(&queue->lock);
	INIT_LIST_HEAD(&queue->waiters);
	INIT_WORK(&queue->serve, serve_fn);
	INIT_DELAYED_WORK(&queue->time_out, time_out_fn);
	spin_lock_init(&queue->claims_lock);
	INIT_LIST_HEAD(&queue->claims);
	memset(queue->first, 0xff, sizeof(queue->first));
	return queue;
}

static struct cgspan_queue *make(struct cgspan_group *top)
{
	struct cgspan_queue *queue = READ_ONCE(top->queue), *other;

	if (queue)
		return queue;
	queue = alloc(top);
	if (!queue)
		return NULL;
	other = cmpxchg(&top->queue, NULL, queue);
	if (!other)
		return queue;
	kfree(queue);
	return other;
}

/**
 * cgspan_queue_make() - find or make the queue of requests to a group
 * @group: the group; the caller references it while it uses the queue
 *
 * Context: may sleep.
 *
 * Return: the queue, or NULL without memory; that of "/" is made as well.
 */
struct cgspan_queue *cgspan_queue_make(struct cgspan_group *group)
{
	return make(cgspan_group_root(group)) ? make(group->top) : NULL;
}

/* Claims on "/". */

/* Return: those of @resources of "/" that requests before @id have claimed. */
static u8 claimed_at_root(const struct cgspan_queue *root, u8 resources, u64 id)
{
	u8 bits = 0;
	int res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (READ_ONCE(root->first[res]) < id)
			bits |= BIT(res);
	return bits & resources;
}

static void insert_claim(struct cgspan_queue *root, struct cgspan_waiter *waiter)
{
	struct cgspan_waiter *other;

	list_for_each_entry_reverse(other, &root->claims, at_root)
		if (other->id < waiter->id)
			break;
	list_add(&waiter->at_root, &other->at_root);
}

static void find_first(struct cgspan_queue *root)
{
	u64 first[__CGSPAN_RES_LAST];
	struct cgspan_waiter *waiter;
	int res;

	memset(first, 0xff, sizeof(first));
	list_for_each_entry_reverse(waiter, &root->claims, at_root)
		for (res = 0; res < __CGSPAN_RES_LAST; res++)
			if (waiter->claims & BIT(res))
				first[res] = waiter->id;
	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		WRITE_ONCE(root->first[res], first[res]);
}

/* Set the claims on "/" of a request. Return: whether it has a new one. */
static bool set_claims(struct cgspan_waiter *waiter, u8 claims)
{
	struct cgspan_queue *root = root_queue(waiter->group);
	u8 had = waiter->claims;

	if (claims == had)
		return false;
	spin_lock(&root->claims_lock);
	if (!had)
		insert_claim(root, waiter);
	if (!claims)
		list_del(&waiter->at_root);
	waiter->claims = claims;
	find_first(root);
	spin_unlock(&root->claims_lock);
	/* If a claim was dropped, another request may have the first claim now. */
	if (had & ~claims)
		wake(root);
	/* Pairs with the barrier in cgspan_share_kick(): the caller tries again. */
	smp_mb();
	return claims & ~had;
}

/* Claims. */

/* Has a request claimed one of @resources, in @group or above it, in this pass? */
static bool claimed(const struct cgspan_queue *queue,
		    const struct cgspan_group *group, u8 resources)
{
	for (; group->parent; group = group->parent)
		if (group->claimed == queue->pass && group->claims & resources)
			return true;
	return queue->at_root & resources;
}

static void claim(const struct cgspan_queue *queue, struct cgspan_group *group,
		  u8 resources)
{
	if (group->claimed != queue->pass)
		group->claims = 0;
	group->claimed = queue->pass;
	group->claims |= resources;
}

/**
 * cgspan_queue_claimed() - is a new request behind one that waits?
 * @queue: the queue of @group, with its lock held; NULL: none
 * @group: the group of the new request
 * @resources: bits of resources that it wants
 */
bool cgspan_queue_claimed(const struct cgspan_queue *queue,
			  struct cgspan_group *group, u8 resources)
{
	const struct cgspan_queue *root = root_queue(group);

	return (root && claimed_at_root(root, resources, U64_MAX)) ||
	       (queue && queue->nr && claimed(queue, group, resources));
}

/* Must @waiter wait behind an earlier request? Its @needs is set to the resources of
 * "/" that earlier ones have claimed; to 0 if it waits for one of its own queue.
 */
bool cgspan_queue_behind(const struct cgspan_queue *queue,
			 struct cgspan_waiter *waiter)
{
	struct cgspan_group *group = waiter->group;

	lockdep_assert_held(&queue->lock);

	waiter->needs = 0;
	if (claimed(queue, group, waiter->resources))
		return true;
	waiter->needs = claimed_at_root(root_queue(group), waiter->resources,
					waiter->id);
	return waiter->needs;
}

/**
 * cgspan_queue_claim() - claim what a request waits for
 * @queue: the queue
 * @waiter: the request, which was tried if it waits for its turn and is behind no
 *	    earlier one
 * @lack: its shortage; @lack->group is NULL if it was not tried, or has none
 * @turn: whether it waits for its turn; if not, it claims nothing
 *
 * Return: true if it has to be tried once more: "/" may have gained headroom
 * before its new claim was seen.
 */
bool cgspan_queue_claim(struct cgspan_queue *queue,
			struct cgspan_waiter *waiter,
			const struct cgspan_lack *lack, bool turn)
{
	lockdep_assert_held(&queue->lock);

	if (lack->group && !lack->group->parent)
		waiter->needs |= BIT(lack->res);
	if (!waiter->group->parent)
		waiter->needs = waiter->resources;
	if (!turn)
		waiter->needs = 0;
	if (set_claims(waiter, waiter->needs & ~queue->at_root))
		return true;
	queue->at_root |= waiter->needs;
	if (turn && waiter->group->parent)
		claim(queue, waiter->group, waiter->resources);
	if (turn && lack->group && lack->group->parent)
		claim(queue, lack->group, BIT(lack->res));
	return false;
}

/* Append a request. After this the caller tries the request, and arms the timer. */
void cgspan_queue_add(struct cgspan_queue *queue, struct cgspan_waiter *waiter)
{
	lockdep_assert_held(&queue->lock);

	list_add_tail(&waiter->node, &queue->waiters);
	WRITE_ONCE(queue->nr, queue->nr + 1);
	atomic_inc(&cgspan_share_waiting);
	/* Pairs with the barrier in cgspan_share_kick(). */
	smp_mb();
}

void cgspan_queue_del(struct cgspan_queue *queue, struct cgspan_waiter *waiter)
{
	lockdep_assert_held(&queue->lock);

	set_claims(waiter, 0);
	list_del_init(&waiter->node);
	WRITE_ONCE(queue->nr, queue->nr - 1);
	atomic_dec(&cgspan_share_waiting);
	if (!queue->nr && cancel_delayed_work(&queue->time_out))
		cgspan_group_put(queue->top);
}
