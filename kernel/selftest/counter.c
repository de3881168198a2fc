// SPDX-License-Identifier: GPL-2.0
/*
 * Counters on several processors: charges and reserves in chains under different
 * locks that meet in one root, which is drained meanwhile. The unit tests cover what
 * one processor can show.
 */
#include "selftest.h"

#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#define THREADS	4
#define CHAINS	2
#define ROUNDS	10000
#define ROOM	3

#define expect(condition) do {						\
	if (!(condition)) {						\
		pr_err("cgspan: self-test failed: %s:%d: %s\n",		\
		       __FILE__, __LINE__, #condition);			\
		return false;						\
	}								\
} while (0)

static struct cgspan_counter test_root;

static struct test_chain {
	raw_spinlock_t lock; /* protects the chain, without the root */
	struct cgspan_counter top;
	struct cgspan_counter leaf;
} test_chains[CHAINS];

static struct completion test_done;
static atomic_t test_inside;
static atomic_t test_admitted;
static atomic_t test_overshot;

static void test_tell(struct cgspan_counter *counter)
{
}

static bool test_admit(struct test_chain *chain, bool reserve)
{
	unsigned long flags;
	bool admitted;
	u64 missing;

	raw_spin_lock_irqsave(&chain->lock, flags);
	if (reserve)
		admitted = !cgspan_counter_lacking(&chain->leaf, 1, &missing) &&
			   cgspan_counter_reserve(&chain->leaf, 1);
	else
		admitted = !cgspan_counter_try_charge(&chain->leaf, NULL, 1);
	raw_spin_unlock_irqrestore(&chain->lock, flags);
	return admitted;
}

static void test_release(struct test_chain *chain, bool reserve)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&chain->lock, flags);
	if (reserve)
		cgspan_counter_unreserve(&chain->leaf, 1, 1);
	else
		cgspan_counter_uncharge(&chain->leaf, NULL, 1);
	raw_spin_unlock_irqrestore(&chain->lock, flags);
}

/* At most ROOM threads are between admission and release. */
static int test_thread(void *data)
{
	struct test_chain *chain = data;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (test_admit(chain, i % 2)) {
			atomic_inc(&test_admitted);
			if (atomic_inc_return(&test_inside) > ROOM)
				atomic_inc(&test_overshot);
			cpu_relax();
			atomic_dec(&test_inside);
			test_release(chain, i % 2);
		}
		cond_resched();
	}
	kthread_complete_and_exit(&test_done, 0);
}

static void test_setup(void)
{
	struct test_chain *chain;

	cgspan_counter_init(&test_root, NULL, ROOM, test_tell);
	for (chain = test_chains; chain < test_chains + CHAINS; chain++) {
		raw_spin_lock_init(&chain->lock);
		cgspan_counter_init(&chain->top, &test_root, CGSPAN_MAX,
				    test_tell);
		cgspan_counter_init(&chain->leaf, &chain->top, ROOM - 1,
				    test_tell);
	}
	init_completion(&test_done);
}

/* Drain the root: until its lease grows, no more than @held is ever admitted. */
static void test_drain(u64 lease)
{
	u64 held = cgspan_counter_drain(&test_root, lease);
	int i;

	for (i = 0; i < 20; i++) {
		if (atomic_read(&test_inside) > held)
			atomic_inc(&test_overshot);
		cpu_relax();
	}
	cgspan_counter_set(&test_root, ROOM);
}

/* Return: how many threads were started; all have ended. */
static int test_storm(bool drain)
{
	struct task_struct *thread;
	int n, ended, i;

	for (n = 0; n < THREADS; n++) {
		thread = kthread_run(test_thread, &test_chains[n % CHAINS],
				     "cgspan-test/%d", n);
		if (IS_ERR(thread))
			break;
	}
	for (ended = 0, i = 0; drain && ended < n; i++) {
		ended += try_wait_for_completion(&test_done);
		test_drain(i % ROOM);
		cond_resched();
	}
	for (; ended < n; ended++)
		wait_for_completion(&test_done);
	return n;
}

bool __init cgspan_selftest(void)
{
	int i;

	test_setup();
	expect(test_storm(false) == THREADS);
	expect(atomic64_read(&test_root.peak) <= ROOM);
	expect(test_storm(true) == THREADS);
	expect(atomic_read(&test_admitted) > 0);
	expect(!atomic_read(&test_overshot));
	expect(!cgspan_counter_taken(&test_root));
	expect(atomic64_read(&test_root.room) == ROOM);
	for (i = 0; i < CHAINS; i++) {
		expect(!cgspan_counter_taken(&test_chains[i].leaf));
		expect(!cgspan_counter_taken(&test_chains[i].top));
		expect(atomic64_read(&test_chains[i].leaf.peak) < ROOM);
	}
	return true;
}
