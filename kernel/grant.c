// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: amounts that a process or a socket holds in a group, and the queue of
 * requests that wait for headroom.
 *
 * A grant ends once: by RELEASE, with the last thread of its holder, or with its
 * socket. The first to set its state returns the amounts and removes it from the
 * tables.
 *
 * The queue is one list in the order of arrival. A request that has to wait claims
 * its resources in its own group, and the short resource in the short group; a
 * later request for a claimed resource waits behind it. So small requests
 * do not starve a large one, and a request does not wait for groups or resources
 * that it does not need. A pass tries only requests below a top-level group whose
 * headroom grew; the others keep their claims.
 *
 * Locks: the queue's mutex is outermost. The lock of the tables and that of a
 * top-level group are taken within it, one at a time.
 */
#include "grant.h"

#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "event.h"
#include "holder.h"

#define TABLE_BITS	12

/* How many grants and requests a group may have of unprivileged requests. */
#define GROUP_GRANTS_MAX	16384
#define GROUP_QUEUED_MAX	1024

/* The table of ids; in a bucket the newest comes first. The lock protects it. */
static DEFINE_SPINLOCK(lock);
static struct hlist_head by_id[1 << TABLE_BITS];
static u64 last_id;

static DEFINE_MUTEX(queue_lock);
/* Under the queue's lock. */
static LIST_HEAD(queue);
static u64 pass;
static unsigned long first_deadline;
/* Headroom grew since the last pass began: see @grew of the groups. */
static bool stale;

static void serve_work_fn(struct work_struct *work);
static DECLARE_WORK(serve_work, serve_work_fn);
static DECLARE_DELAYED_WORK(timeout_work, serve_work_fn);

/* Set while the module is loaded, before the first request. */
static cgspan_grant_tell_fn *on_outcome;

static struct kmem_cache *cache;

static struct hlist_head *bucket_of(u64 id)
{
	return &by_id[id & (ARRAY_SIZE(by_id) - 1)];
}

/* Lifetime. */

/* The last reference may be dropped under a raw lock, which frees nothing. */
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

static void release(struct cgspan_reserve *reserve)
{
	call_rcu(&grant_of(reserve)->rcu, free_grant);
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

/* Return: 0; -ESRCH: it has ended; -EDQUOT: its holder has too many. */
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
		hlist_add_head_rcu(&grant->by_id, bucket_of(grant->id));
	}
	spin_unlock(&lock);
	return ret;
}

static void unpublish(struct cgspan_grant *grant)
{
	spin_lock(&lock);
	if (!hlist_unhashed(&grant->by_id)) {
		hlist_del_init_rcu(&grant->by_id);
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
 * Return: false if it had ended before. Else it holds nothing any more.
 */
bool cgspan_grant_end(struct cgspan_grant *grant)
{
	struct cgspan_reserve *reserve = &grant->reserve;
	u64 spent;
	u8 was;

	raw_spin_lock_irq(&reserve->lock);
	was = reserve->state;
	WRITE_ONCE(reserve->state, CGSPAN_GRANT_ENDED);
	spent = min(reserve->spent, reserve->amounts[CGSPAN_RES_TASKS]);
	raw_spin_unlock_irq(&reserve->lock);

	if (was == CGSPAN_GRANT_ENDED)
		return false;
	unpublish(grant);
	if (was == CGSPAN_GRANT_GRANTED)
		cgspan_reserve_return(reserve->group, reserve->amounts, spent);
	else
		cgspan_share_kick(reserve->group);
	cgspan_grant_put(grant);
	return true;
}

static void end_held(struct cgspan_holder *holder)
{
	struct cgspan_reserve *reserve;

	while ((reserve = cgspan_reserve_of_holder(holder))) {
		cgspan_grant_end(grant_of(reserve));
		cgspan_reserve_put(reserve);
		cond_resched();
	}
}

/* Return: a grant with two references: for the caller, and for its end. */
static struct cgspan_grant *create(const struct cgspan_request *request)
{
	const struct cgspan_tree *tree = READ_ONCE(request->group->tree);
	struct cgspan_holder *holder;
	struct cgspan_reserve *reserve;
	struct cgspan_grant *grant;

	holder = cgspan_holder_get(tree, request->pid, request->port);
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
			.holder = holder,
			.free = release,
		},
		.port = request->port,
		.seq = request->seq,
		.capped = request->capped,
		/* It has not been tried. */
		.blocked = true,
	};
	reserve = &grant->reserve;
	kref_get(&reserve->group->ref);
	memcpy(reserve->amounts, request->amounts, sizeof(reserve->amounts));
	raw_spin_lock_init(&reserve->lock);
	kref_init(&reserve->ref);
	kref_get(&reserve->ref);
	INIT_LIST_HEAD(&grant->queue);
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

	rcu_read_lock();
	hlist_for_each_entry_rcu(grant, bucket_of(id), by_id)
		if (grant->id == id && belongs(grant, tree) &&
		    kref_get_unless_zero(&grant->reserve.ref))
			goto found;
	grant = NULL;
found:
	rcu_read_unlock();
	return grant;
}

/**
 * cgspan_grant_next() - walk the grants of a tree
 * @tree: the tree; NULL: all trees
 * @bucket: the position; start with 0
 * @id: the last one seen there; start with 0
 *
 * Return: a grant, referenced, or NULL at the end.
 */
struct cgspan_grant *cgspan_grant_next(struct cgspan_tree *tree,
				       unsigned int *bucket, u64 *id)
{
	struct cgspan_grant *grant;

	rcu_read_lock();
	for (; *bucket < ARRAY_SIZE(by_id); (*bucket)++, *id = 0)
		hlist_for_each_entry_rcu(grant, &by_id[*bucket], by_id)
			if ((!*id || grant->id < *id) && belongs(grant, tree) &&
			    kref_get_unless_zero(&grant->reserve.ref)) {
				*id = grant->id;
				goto found;
			}
	grant = NULL;
found:
	rcu_read_unlock();
	return grant;
}

/* The queue. */

/* A bit for each resource that a request wants. */
static u8 wanted(const u64 *amounts)
{
	u8 bits = 0;
	int res;

	BUILD_BUG_ON(__CGSPAN_RES_LAST > BITS_PER_BYTE);

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (amounts[res])
			bits |= BIT(res);
	return bits;
}

/* Has an earlier request claimed one of @resources, in @group or above it? */
static bool claimed(const struct cgspan_group *group, u8 resources)
{
	for (; group; group = group->parent)
		if (group->claimed == pass && group->claims & resources)
			return true;
	return false;
}

static void claim(struct cgspan_group *group, u8 resources)
{
	if (group->claimed != pass)
		group->claims = 0;
	group->claimed = pass;
	group->claims |= resources;
}

/* Had headroom grown in a top-level group, or in "/", when this pass began? */
static bool is_fresh(struct cgspan_group *group)
{
	if (group->passed != pass) {
		group->passed = pass;
		group->fresh = xchg(&group->grew, false);
	}
	return group->fresh;
}

static int take(struct cgspan_grant *grant, u8 resources)
{
	struct cgspan_group *group = grant->reserve.group;
	bool fresh = is_fresh(group->top) | is_fresh(cgspan_group_root(group));

	if (claimed(group, resources)) {
		grant->lack.group = NULL;
		grant->blocked = true;
		return -EAGAIN;
	}
	if (!fresh && !grant->blocked)
		return -EAGAIN;
	grant->lack.group = NULL;
	grant->blocked = false;
	return cgspan_reserve_take(group, grant->reserve.amounts,
				   CGSPAN_TRY_AGAIN, &grant->lack);
}

/* Return: false if it has ended meanwhile. */
static bool set_granted(struct cgspan_grant *grant)
{
	struct cgspan_reserve *reserve = &grant->reserve;
	bool ended;

	raw_spin_lock_irq(&reserve->lock);
	ended = reserve->state == CGSPAN_GRANT_ENDED;
	if (!ended)
		WRITE_ONCE(reserve->state, CGSPAN_GRANT_GRANTED);
	raw_spin_unlock_irq(&reserve->lock);
	if (ended)
		cgspan_reserve_return(reserve->group, reserve->amounts, 0);
	return !ended;
}

/* Return: 0 if it is granted or has ended, else it keeps waiting. */
static int try_again(struct cgspan_grant *grant)
{
	u8 resources = wanted(grant->reserve.amounts);
	int ret = take(grant, resources);

	if (ret) {
		claim(grant->reserve.group, resources);
		if (grant->lack.group)
			claim(grant->lack.group, BIT(grant->lack.res));
		return ret;
	}
	set_granted(grant);
	return 0;
}

static void dequeue(struct cgspan_grant *grant)
{
	lockdep_assert_held(&queue_lock);

	list_del_init(&grant->queue);
	list_del(&grant->by_asker);
	grant->asker->nr_asked--;
	cgspan_holder_put(grant->asker);
	atomic_dec(&cgspan_share_waiting);
	cgspan_reserve_unwait(grant->reserve.group, grant->reserve.amounts);
	cgspan_grant_put(grant);
}

/* Time-out: report the present shortage, even if earlier requests wait. */
static void give_up(struct cgspan_grant *grant, struct cgspan_answer *answer)
{
	cgspan_reserve_take(grant->reserve.group, grant->reserve.amounts, CGSPAN_TRY_DRY,
			    &answer->lack);
	answer->state = CGSPAN_GRANT_TIMED_OUT;
}

/* Dequeue a request that is granted, timed out or ended. */
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
	if (on_outcome)
		on_outcome(grant, &answer);
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
	/* Headroom that grows from here on makes it stale again. */
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

/* Does a lease of "/" limit something? Then all top-level groups share it. */
static bool limits(const struct cgspan_group *root)
{
	int res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++)
		if (!cgspan_share_unlimited(root, res))
			return true;
	return false;
}

/* Headroom grew in a group. Context: any but NMI. */
static void kick(struct cgspan_group *group)
{
	struct cgspan_group *root = cgspan_group_root(group);

	WRITE_ONCE(group->top->grew, true);
	if (limits(root))
		WRITE_ONCE(root->grew, true);
	WRITE_ONCE(stale, true);
	queue_work(cgspan_event_wq, &serve_work);
}

/* A request above a limit can never be served: do not queue it. */
static int check_limits(const struct cgspan_grant *grant,
			struct cgspan_lack *lack)
{
	struct cgspan_group *group;
	u64 limit;
	u32 res;

	for (group = grant->reserve.group; group; group = group->parent)
		for (res = 0; res < __CGSPAN_RES_LAST; res++) {
			limit = READ_ONCE(group->shares[res].limit);
			if (grant->reserve.amounts[res] <= limit)
				continue;
			*lack = (struct cgspan_lack) {
				.group = group,
				.res = res,
				.missing = grant->reserve.amounts[res] - limit,
			};
			return -ERANGE;
		}
	return 0;
}

/* Count the request with its socket; in the order of arrival. */
static void append(struct cgspan_grant *grant, struct cgspan_holder *asker,
		   u32 wait)
{
	grant->deadline = jiffies + msecs_to_jiffies(wait);
	kref_get(&grant->reserve.ref);
	list_add_tail(&grant->queue, &queue);
	kref_get(&asker->ref);
	grant->asker = asker;
	list_add(&grant->by_asker, &asker->asked);
	asker->nr_asked++;
	atomic_inc(&cgspan_share_waiting);
}

static int enqueue(struct cgspan_grant *grant, struct cgspan_holder *asker,
		   u32 wait)
{
	int ret;

	lockdep_assert_held(&queue_lock);

	if (grant->capped && asker->nr_asked >= CGSPAN_ASKED_MAX)
		return -EDQUOT;
	ret = cgspan_reserve_wait(grant->reserve.group, grant->reserve.amounts,
				  grant->capped ? GROUP_QUEUED_MAX : UINT_MAX);
	if (ret)
		return ret;

	if (list_empty(&queue) || READ_ONCE(stale))
		serve();
	append(grant, asker, wait);
	/* Pairs with the barrier in cgspan_share_kick(). */
	smp_mb();
	serve_one(grant);
	arm();
	return 0;
}

/* Admission. */

/* Admit at once, unless an earlier request has a claim. */
static int try_now(const struct cgspan_request *request,
		   struct cgspan_lack *lack)
{
	enum cgspan_try how = request->dry ? CGSPAN_TRY_DRY : CGSPAN_TRY;
	u8 resources = wanted(request->amounts);
	bool behind;
	int ret;

	if (!atomic_read(&cgspan_share_waiting))
		return cgspan_reserve_take(request->group, request->amounts,
					    how, lack);

	mutex_lock(&queue_lock);
	/* Headroom that grew lately belongs to queued requests first. */
	if (!request->dry && READ_ONCE(stale))
		serve();
	behind = claimed(request->group, resources);
	ret = cgspan_reserve_take(request->group, request->amounts,
				  behind ? CGSPAN_TRY_DRY : how, lack);
	mutex_unlock(&queue_lock);
	return ret ?: behind ? -EAGAIN : 0;
}

static int admit(struct cgspan_grant *grant,
		 const struct cgspan_request *request,
		 struct cgspan_lack *lack)
{
	int ret;

	if (grant->capped &&
	    READ_ONCE(request->group->grants) >= GROUP_GRANTS_MAX)
		return -EDQUOT;
	ret = try_now(request, lack);
	if (ret == -EAGAIN && request->wait)
		return check_limits(grant, lack) ?: -EAGAIN;
	if (ret)
		return ret;
	return set_granted(grant) ? 0 : -ESRCH;
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
			       "the session has expired, and the group admits nothing then");
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
	int ret = try_now(request, &answer->lack);

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
	struct cgspan_holder *asker;
	int ret;

	asker = cgspan_holder_get(READ_ONCE(request->group->tree), NULL,
				  request->port);
	if (!asker)
		return -ENOMEM;
	mutex_lock(&queue_lock);
	ret = publish(grant) ?: enqueue(grant, asker, request->wait);
	mutex_unlock(&queue_lock);
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
	/* Published first: a holder that exits later finds the grant. */
	if (!ret && cgspan_holder_gone(grant->reserve.holder))
		ret = -ESRCH;
	answer->id = grant->id;
	return ret;
}

/**
 * cgspan_grant_admit() - admit at once, or queue, or refuse
 * @request: the request
 * @answer: the outcome
 * @extack: the reason of a refusal
 *
 * Return: 0: it is granted or queued; -EAGAIN: too little headroom; -ERANGE:
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

/* Closed sockets and ended nodes. */

/* A socket was closed: its requests and grants end. Context: may sleep. */
void cgspan_grant_closed(struct cgspan_tree *tree, u32 port)
{
	struct cgspan_holder *holder = cgspan_holder_find(tree, NULL, port);
	struct cgspan_grant *grant, *next;

	if (!holder)
		return;
	mutex_lock(&queue_lock);
	list_for_each_entry_safe(grant, next, &holder->asked, by_asker) {
		cgspan_grant_end(grant);
		dequeue(grant);
	}
	mutex_unlock(&queue_lock);
	end_held(holder);
	cgspan_holder_evict(holder);
	cgspan_holder_put(holder);
}

/* End all requests of a tree; NULL: of all trees. */
static void drop_requests(struct cgspan_tree *tree)
{
	struct cgspan_grant *grant, *next;

	mutex_lock(&queue_lock);
	list_for_each_entry_safe(grant, next, &queue, queue)
		if (belongs(grant, tree)) {
			cgspan_grant_end(grant);
			dequeue(grant);
		}
	mutex_unlock(&queue_lock);
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

/* With a constructor, memory that create() fills is not cleared each time. */
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
	cgspan_share_on_room(kick);
	cgspan_holder_init(end_held);
	cache = kmem_cache_create("cgspan_grant", sizeof(struct cgspan_grant),
				  0, 0, construct);
	return cache ? 0 : -ENOMEM;
}

/* No request comes any more, no task has a record, all grants have ended. */
void cgspan_grant_exit(void)
{
	cancel_work_sync(&serve_work);
	cancel_delayed_work_sync(&timeout_work);
	rcu_barrier();
	cgspan_holder_exit();
	kmem_cache_destroy(cache);
}
