// SPDX-License-Identifier: GPL-2.0
/*
 * A crowd of records without tasks, to measure what tables and passes cost with more
 * tasks than a test machine can hold: write their number to the parameter "crowd".
 * The log then tells what a look-up, a fork and an end cost, in cycles.
 *
 * The task_structs overlap in zeroed memory. Only two of their fields matter: run
 * time, which only grows, and the exit signal: no task is a process's first thread.
 */
#include <linux/moduleparam.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>

/* The fields of two tasks must not overlap. */
#define TEST_FIELDS	(offsetof(struct task_struct, exit_signal) - \
			 offsetof(struct task_struct, se.sum_exec_runtime))
#define TEST_STRIDE	(TEST_FIELDS % 64 < sizeof(u64) ? 72 : 64)
static_assert(TEST_FIELDS % TEST_STRIDE >= sizeof(u64));

#define TEST_LIVES	1000

static void *test_tasks;
static unsigned int test_nr;

static struct task_struct *test_task(unsigned int i)
{
	return test_tasks + i * TEST_STRIDE;
}

/* Return: the group that was created last, referenced, or NULL. */
static struct cgspan_group *test_group(void)
{
	struct cgspan_group *group, *last = NULL;
	u64 id = 0;

	while ((group = cgspan_group_next(NULL, &id))) {
		if (last)
			cgspan_group_put(last);
		last = group;
	}
	return last;
}

static bool test_unheard(void)
{
	return false;
}

static int test_begin(unsigned int i, struct cgspan_group *group)
{
	WRITE_ONCE(test_task(i)->exit_signal, -1);
	return charge_new(test_task(i), group);
}

static void test_end(unsigned int i)
{
	cgspan_task_exited(test_task(i), test_unheard);
	cgspan_task_reap(test_task(i));
	cgspan_task_freed(test_task(i));
}

static void test_disperse(void)
{
	while (test_nr)
		test_end(--test_nr);
	vfree(test_tasks);
	test_tasks = NULL;
}

static u64 test_find(void)
{
	u64 begun = get_cycles();
	struct task_struct *task;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < TEST_LIVES; i++) {
		task = test_task((u64)i * test_nr / TEST_LIVES);
		WARN_ON_ONCE(!cgspan_record_find(cgspan_record_bucket(task),
						 task));
	}
	rcu_read_unlock();
	return get_cycles() - begun;
}

/* Fork and end tasks beside the crowd. */
static int test_live(struct cgspan_group *group)
{
	u64 begun, forked, ended;
	unsigned int i;
	int ret = 0;

	begun = get_cycles();
	for (i = 0; i < TEST_LIVES && !ret; i++)
		ret = test_begin(test_nr + i, group);
	forked = get_cycles();
	for (i = 0; i < TEST_LIVES && !ret; i++)
		test_end(test_nr + i);
	ended = get_cycles();
	pr_info("cgspan: crowd %u find %llu fork %llu end %llu\n", test_nr,
		test_find() / TEST_LIVES, (forked - begun) / TEST_LIVES,
		(ended - forked) / TEST_LIVES);
	return ret;
}

static int test_gather(unsigned int n)
{
	struct cgspan_group *group;
	int ret = 0;

	test_tasks = vzalloc((size_t)(n + TEST_LIVES) * TEST_STRIDE +
			     sizeof(struct task_struct));
	group = test_group();
	if (!test_tasks || !group)
		return -ENOMEM;
	while (!ret && test_nr < n) {
		ret = test_begin(test_nr, group);
		test_nr += !ret;
		cond_resched();
	}
	/* Measure twice: the first time fills the caches. */
	if (!ret)
		ret = test_live(group) ?: test_live(group);
	cgspan_group_put(group);
	return ret;
}

/* Make all test tasks look as if they had run: add to their run time. */
static void test_run(void)
{
	unsigned int i;

	for (i = 0; i < test_nr; i++)
		WRITE_ONCE(test_task(i)->se.sum_exec_runtime,
			   test_task(i)->se.sum_exec_runtime + (1ULL << 32));
}

static int test_set_crowd(const char *value, const struct kernel_param *param)
{
	unsigned int n;
	int ret;

	ret = kstrtouint(value, 0, &n);
	if (ret)
		return ret;
	if (n && n == test_nr) {
		test_run();
		return 0;
	}
	test_disperse();
	ret = n ? test_gather(n) : 0;
	if (ret)
		test_disperse();
	return ret;
}

static const struct kernel_param_ops test_crowd = { .set = test_set_crowd };
module_param_cb(crowd, &test_crowd, NULL, 0200);
MODULE_PARM_DESC(crowd, "Number of records without tasks, for measurements");
