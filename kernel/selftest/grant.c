// SPDX-License-Identifier: GPL-2.0
/*
 * Grants: the order of the queue, what a reserve covers, and that all amounts
 * return. The requesting sockets do not exist, so their notifications are lost.
 */
#include "selftest.h"

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>

#include "../charge.h"

#define PORT	U32_MAX
#define LONG	60000 /* ms */
#define THREADS	4
#define ROUNDS	300
#define ROOM	5

static struct cgspan_group *test_a, *test_b, *test_c;

/* Return: enum cgspan_grant_state, or a negative errno. */
static int test_admit(struct cgspan_group *group, u32 res, u64 amount,
		      struct pid *pid, u32 wait, u64 *id)
{
	struct cgspan_request request = {
		.group = group, .pid = pid, .port = PORT, .wait = wait,
	};
	struct netlink_ext_ack ack = {};
	struct cgspan_answer answer;
	int ret;

	request.amounts[res] = amount;
	ret = cgspan_grant_admit(&request, &answer, &ack);
	*id = answer.id;
	return ret && !ack._msg ? -EPROTO : ret ?: answer.state;
}

static int test_cpu(struct cgspan_group *group, u64 amount, u32 wait, u64 *id)
{
	return test_admit(group, CGSPAN_RES_CPU, amount, NULL, wait, id);
}

/* End a grant; a second end fails. */
static bool test_end(u64 id)
{
	struct cgspan_grant *grant = cgspan_grant_get_by_id(test_a->tree, id);
	bool ended = grant && cgspan_grant_end(grant) &&
		     !cgspan_grant_end(grant);

	cgspan_grant_put(grant);
	return ended;
}

/* End a grant, and wait for the queue. */
static bool test_end_and_serve(u64 id)
{
	bool ended = test_end(id);

	flush_work(&serve_work);
	return ended;
}

static int test_state(u64 id)
{
	struct cgspan_grant *grant = cgspan_grant_get_by_id(test_a->tree, id);
	int state = grant ? READ_ONCE(grant->reserve.state) : -ENOENT;

	cgspan_grant_put(grant);
	return state;
}

static u64 test_reserved(struct cgspan_group *group, u32 res)
{
	return atomic64_read(&group->shares[res].counter.reserved);
}

static u64 test_taken(struct cgspan_group *group)
{
	return cgspan_counter_taken(&group->shares[CGSPAN_RES_TASKS].counter);
}

static void test_lease(struct cgspan_group *group, u32 res, u64 lease)
{
	u64 used;

	mutex_lock(&group->tree->lock);
	cgspan_share_set_lease(&group->shares[res], lease, 0, false, &used);
	mutex_unlock(&group->tree->lock);
}

static bool test_nothing_left(void)
{
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		expect(!test_reserved(cgspan_group_root(test_a), res));
		expect(!test_reserved(test_a, res));
		expect(!test_reserved(test_b, res));
		expect(!test_a->shares[res].waiting);
		expect(!test_b->shares[res].waiting);
	}
	expect(!test_a->grants && !test_b->grants);
	expect(list_empty(&queue));
	expect(!atomic_read(&cgspan_share_waiting));
	expect(cgspan_reserve_none());
	return true;
}

/* Small requests have headroom all the time, but the big one came first. */
static bool __init test_queue(void)
{
	u64 first, second, big, small, last, id;

	test_lease(test_a, CGSPAN_RES_CPU, 1000);
	expect(test_cpu(test_a, 600, 0, &first) == CGSPAN_GRANT_GRANTED);
	expect(test_cpu(test_a, 300, 0, &second) == CGSPAN_GRANT_GRANTED);
	expect(test_cpu(test_b, 101, 0, &id) == -EAGAIN);

	expect(test_cpu(test_b, 900, LONG, &big) == CGSPAN_GRANT_QUEUED);
	expect(test_cpu(test_a, 100, LONG, &small) == CGSPAN_GRANT_QUEUED);
	expect(test_cpu(test_b, 1, LONG, &last) == CGSPAN_GRANT_QUEUED);
	expect(test_cpu(test_a, 1, 0, &id) == -EAGAIN);
	expect(test_cpu(test_c, 1, 0, &id) == CGSPAN_GRANT_GRANTED);
	expect(test_end_and_serve(id) && !test_end(id));

	expect(test_end_and_serve(first));
	expect(test_state(big) == CGSPAN_GRANT_QUEUED);
	expect(test_state(small) == CGSPAN_GRANT_QUEUED);
	expect(test_cpu(test_a, 1, 0, &id) == -EAGAIN);

	expect(test_end_and_serve(second));
	expect(test_state(big) == CGSPAN_GRANT_GRANTED);
	expect(test_state(small) == CGSPAN_GRANT_GRANTED);
	expect(test_state(last) == CGSPAN_GRANT_QUEUED);
	expect(test_reserved(test_a, CGSPAN_RES_CPU) == 1000);

	expect(test_end_and_serve(small));
	expect(test_state(last) == CGSPAN_GRANT_GRANTED);
	expect(test_reserved(test_b, CGSPAN_RES_CPU) == 901);
	expect(test_end(big) && test_end(last));
	return test_nothing_left();
}

/* A wait ends without a grant. */
static bool __init test_wait(void)
{
	struct cgspan_grant *grant;
	u64 held, late, id;

	expect(test_cpu(test_a, 1000, 0, &held) == CGSPAN_GRANT_GRANTED);
	expect(test_cpu(test_a, 1, LONG, &late) == CGSPAN_GRANT_QUEUED);
	expect(test_cpu(test_a, 2, LONG, &id) == CGSPAN_GRANT_QUEUED);
	expect(test_a->shares[CGSPAN_RES_CPU].waiting == 3);
	expect(test_end_and_serve(id));
	expect(test_a->shares[CGSPAN_RES_CPU].waiting == 1);

	mutex_lock(&queue_lock);
	grant = list_first_entry(&queue, struct cgspan_grant, queue);
	grant->deadline = jiffies;
	serve();
	mutex_unlock(&queue_lock);
	expect(test_state(late) == -ENOENT);

	/* A request above a limit is not queued. */
	test_a->shares[CGSPAN_RES_CPU].limit = 1000;
	expect(test_cpu(test_b, 1001, LONG, &id) == -ERANGE);
	test_a->shares[CGSPAN_RES_CPU].limit = CGSPAN_MAX;

	expect(test_end(held));
	return test_nothing_left();
}

/* Both need interrupts off, as under the lock of a record. */
static int __init test_fork(struct cgspan_group *group,
			    struct cgspan_reserve *reserve)
{
	int ret;

	local_irq_disable();
	ret = cgspan_charge_fork(group, false, reserve);
	local_irq_enable();
	return ret;
}

static void __init test_unfork(struct cgspan_group *group,
			       struct cgspan_reserve *reserve)
{
	local_irq_disable();
	cgspan_charge_unfork(group, reserve);
	local_irq_enable();
}

/* Three of five tasks are reserved for the holder. */
static bool __init test_reserve(void)
{
	struct pid *holder = task_tgid(current);
	struct cgspan_reserve *reserve;
	u64 id;
	int i;

	test_lease(test_a, CGSPAN_RES_TASKS, 5);
	expect(test_admit(test_a, CGSPAN_RES_TASKS, 3, holder, 0, &id) ==
	       CGSPAN_GRANT_GRANTED);
	rcu_read_lock();
	reserve = cgspan_reserve_inherit(holder, NULL, test_b);
	expect(!cgspan_reserve_inherit(holder, NULL, test_c));
	rcu_read_unlock();
	expect(reserve && grant_of(reserve)->id == id);

	expect(!test_fork(test_b, NULL) && !test_fork(test_b, NULL));
	expect(test_fork(test_b, NULL) == -EAGAIN);
	for (i = 0; i < 3; i++) {
		expect(test_taken(test_a) == 5);
		expect(!test_fork(test_b, reserve));
	}
	expect(test_fork(test_b, reserve) == -EAGAIN);
	expect(cgspan_group_tasks(test_a) == 5 && reserve->spent == 3);

	/* A task that ends returns to the reserve. */
	test_unfork(test_b, reserve);
	expect(test_fork(test_b, NULL) == -EAGAIN);
	expect(test_taken(test_a) == 5 && cgspan_group_tasks(test_a) == 4);

	/* The unspent part returns; two charged tasks stay charged. */
	expect(test_end(id));
	expect(!test_reserved(test_a, CGSPAN_RES_TASKS));
	expect(test_taken(test_a) == 4);
	expect(!test_fork(test_b, reserve));
	expect(test_fork(test_b, NULL) == -EAGAIN);
	for (i = 0; i < 3; i++)
		test_unfork(test_b, reserve);
	for (i = 0; i < 2; i++)
		test_unfork(test_b, NULL);
	expect(!test_taken(test_a));
	cgspan_reserve_put(reserve);
	return test_nothing_left();
}

static int test_exit(void *data)
{
	return 0;
}

/* The holder of a grant and of a queued request exits. */
static bool __init test_holder(void)
{
	struct task_struct *thread;
	u64 granted, queued;
	struct pid *pid;

	thread = kthread_create(test_exit, NULL, "cgspan-test");
	expect(!IS_ERR(thread));
	pid = get_pid(task_pid(thread));
	expect(test_admit(test_b, CGSPAN_RES_CPU, 1000, pid, 0, &granted) ==
	       CGSPAN_GRANT_GRANTED);
	expect(test_admit(test_b, CGSPAN_RES_CPU, 1, pid, LONG, &queued) ==
	       CGSPAN_GRANT_QUEUED);
	wake_up_process(thread);
	expect(wait_event_timeout(pid->wait_pidfd,
				  test_state(granted) == -ENOENT &&
				  test_state(queued) == -ENOENT, 30 * HZ));
	/* The wake-up that ends them holds this lock. */
	spin_lock_irq(&pid->wait_pidfd.lock);
	spin_unlock_irq(&pid->wait_pidfd.lock);
	flush_work(&serve_work);
	expect(test_admit(test_b, CGSPAN_RES_CPU, 1, pid, 0, &granted) ==
	       -ESRCH);
	put_pid(pid);
	return test_nothing_left();
}

static struct completion test_done;
static atomic_t test_granted;
static atomic_t test_overshot;

/* Every second request waits; each is ended in whatever state it is. */
static int test_thread(void *data)
{
	struct cgspan_group *group = data;
	int i, state;
	u64 id;

	for (i = 0; i < ROUNDS; i++) {
		state = test_cpu(group, 1 + i % ROOM, i % 2 ? LONG : 0, &id);
		if (state == CGSPAN_GRANT_GRANTED)
			atomic_inc(&test_granted);
		if (test_reserved(test_a, CGSPAN_RES_CPU) > ROOM)
			atomic_inc(&test_overshot);
		cond_resched();
		if (state >= 0)
			test_end(id);
	}
	kthread_complete_and_exit(&test_done, 0);
}

static bool __init test_storm(void)
{
	struct task_struct *thread;
	int n, i;

	test_lease(test_a, CGSPAN_RES_CPU, ROOM);
	init_completion(&test_done);
	for (n = 0; n < THREADS; n++) {
		thread = kthread_run(test_thread, n % 2 ? test_a : test_b,
				     "cgspan-test/%d", n);
		if (IS_ERR(thread))
			break;
	}
	for (i = 0; i < n; i++)
		wait_for_completion(&test_done);
	flush_work(&serve_work);
	expect(n == THREADS);
	expect(atomic_read(&test_granted));
	expect(!atomic_read(&test_overshot));
	return test_nothing_left();
}

static struct cgspan_group *__init test_create(struct cgspan_tree *tree,
					       const char *path)
{
	struct netlink_ext_ack ack = {};

	return cgspan_group_create(tree, path, -1, &ack);
}

static bool __init test_setup(struct cgspan_tree *tree)
{
	mutex_lock(&tree->lock);
	test_a = test_create(tree, "/a");
	test_b = test_create(tree, "/a/b");
	test_c = test_create(tree, "/c");
	mutex_unlock(&tree->lock);
	return !IS_ERR(test_a) && !IS_ERR(test_b) && !IS_ERR(test_c);
}

static bool __init test_teardown(struct cgspan_tree *tree)
{
	struct netlink_ext_ack ack = {};
	bool ok;

	mutex_lock(&tree->lock);
	ok = !cgspan_group_remove(test_c, &ack) &&
	     !cgspan_group_remove(test_b, &ack) &&
	     !cgspan_group_remove(test_a, &ack);
	cgspan_selftest_reset(tree);
	mutex_unlock(&tree->lock);
	return ok;
}

bool __init cgspan_grant_selftest(struct cgspan_tree *tree)
{
	expect(test_setup(tree));
	expect(test_queue() && test_wait() && test_reserve());
	expect(test_holder() && test_storm());
	expect(test_teardown(tree));
	return true;
}
