// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: the figures, tasks and refusals of each group.
 *
 *   cgspan/sched_on		1: histograms are counted
 *   cgspan/NODE/		NODE: inode number of the network namespace; in
 *				it, the files of "/", and a directory for each
 *				subgroup, which is made the same way
 *     stat tasks sched refusals
 *
 * A subgroup that has the name of a file is called "#ID". So is an orphan, which is a
 * directory of the initial network namespace.
 *
 * No file has a mode beyond 0444: a kernel under lockdown refuses to open others.
 *
 * Removing a group waits for readers with the tree's lock held: readers must not
 * take it. The ancestors of a group live as long as it does.
 */
#include "debug.h"

#include <linux/build_bug.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "place.h"
#include "sched.h"
#include "share.h"
#include "task.h"

static struct dentry *top;

static const char *const resources[] = {
	[CGSPAN_RES_TASKS] = "tasks",
	[CGSPAN_RES_CPU] = "cpu",
	[CGSPAN_RES_MEMORY] = "memory",
	[CGSPAN_RES_USER0] = "user0",
	[CGSPAN_RES_USER1] = "user1",
	[CGSPAN_RES_USER2] = "user2",
	[CGSPAN_RES_USER3] = "user3",
	[CGSPAN_RES_USER4] = "user4",
};

static_assert(ARRAY_SIZE(resources) == __CGSPAN_RES_LAST);

static const char *const stats[] = {
	[CGSPAN_STAT_JOINED] = "joined",
	[CGSPAN_STAT_FORKS] = "forks",
	[CGSPAN_STAT_EXECS] = "execs",
	[CGSPAN_STAT_EXITS] = "exits",
	[CGSPAN_STAT_REFUSALS] = "refusals",
	[CGSPAN_STAT_CPU] = "cpu_ns",
	[CGSPAN_STAT_VOLUNTARY] = "voluntary",
	[CGSPAN_STAT_INVOLUNTARY] = "involuntary",
	[CGSPAN_STAT_MAJOR_FAULTS] = "major_faults",
	[CGSPAN_STAT_MAX_RSS] = "max_rss",
	[CGSPAN_STAT_EXITS_TOLD] = "exits_told",
	[CGSPAN_STAT_EXITS_LOST] = "exits_lost",
};

static_assert(ARRAY_SIZE(stats) == __CGSPAN_STAT_LAST);

/* File "stat": "NAME VALUE", and for each resource "RESOURCE.NAME VALUE". */

static void show_amount(struct seq_file *m, const char *res, const char *name,
			u64 amount)
{
	if (amount == CGSPAN_MAX)
		seq_printf(m, "%s.%s max\n", res, name);
	else
		seq_printf(m, "%s.%s %llu\n", res, name, amount);
}

static void show_share(struct seq_file *m, struct cgspan_group *group, int res)
{
	const char *name = resources[res];
	struct cgspan_reading reading;

	cgspan_share_read(&group->shares[res], &reading);
	show_amount(m, name, "limit", reading.limit);
	show_amount(m, name, "lease", reading.lease);
	show_amount(m, name, "used", reading.used);
	show_amount(m, name, "reserved", reading.reserved);
	show_amount(m, name, "unspent", reading.unspent);
	show_amount(m, name, "waiting", reading.waiting);
	show_amount(m, name, "peak", reading.peak);
	show_amount(m, name, "low", reading.low);
	show_amount(m, name, "refusals", reading.refusals);
	show_amount(m, name, "exhausted", reading.exhausted);
}

static void show_memory(struct seq_file *m, const struct cgspan_memory *memory)
{
	if (READ_ONCE(memory->unmeasured))
		seq_puts(m, "memory unmeasured\n");
	else
		seq_printf(m, "memory %llu\nmemory_peak %llu\n",
			   READ_ONCE(memory->used), READ_ONCE(memory->peak));
}

static int stat_show(struct seq_file *m, void *unused)
{
	struct cgspan_group *group = m->private;
	u64 settled;
	int i;

	settled = cgspan_task_settle();
	cgspan_place_measure(group);
	seq_printf(m, "path %s\nid %llu\norphan %d\non_expiry %u\nmembers %d\n",
		   group->path, cgspan_group_id(group),
		   READ_ONCE(group->orphan), READ_ONCE(group->on_expiry),
		   atomic_read(&group->members));
	seq_printf(m, "settled_ns %llu\nlive %llu\n", settled, cgspan_group_live(group));
	for (i = 0; i < __CGSPAN_STAT_LAST; i++)
		seq_printf(m, "%s %lld\n", stats[i],
			   cgspan_group_stat(group, i));
	show_memory(m, &group->memory);
	for (i = 0; i < __CGSPAN_RES_LAST; i++)
		show_share(m, group, i);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stat);

/* File "tasks": a line for each task charged to the group or a subgroup. */

static int show_task(const struct cgspan_task_info *info, void *arg)
{
	struct seq_file *m = arg;

	if (cgspan_group_contains(m->private, info->group))
		seq_printf(m, "%u\t%u\t%s\t%s\t%*pE\n", info->pid, info->tgid,
			   info->exited ? "exited" : "live", info->group->path,
			   (int)strlen(info->comm), info->comm);
	return 0;
}

static int tasks_show(struct seq_file *m, void *unused)
{
	unsigned int bucket = 0, skip = 0;

	seq_puts(m, "pid\ttgid\tstate\tgroup\tcomm\n");
	return cgspan_task_walk(&bucket, &skip, show_task, m);
}
DEFINE_SHOW_ATTRIBUTE(tasks);

/* File "sched": a line for each bucket, with its lower bound in ns; then the sums. */

static int sched_show(struct seq_file *m, void *unused)
{
	struct cgspan_sched sum;
	int i;

	cgspan_sched_read(m->private, &sum);
	seq_puts(m, "ns\tdelays\tslices\n");
	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		seq_printf(m, "%llu\t%llu\t%llu\n", i ? 1ULL << i : 0,
			   sum.counts[CGSPAN_SCHED_DELAY][i],
			   sum.counts[CGSPAN_SCHED_SLICE][i]);
	seq_printf(m, "sum\t%llu\t%llu\n", sum.sums[CGSPAN_SCHED_DELAY],
		   sum.sums[CGSPAN_SCHED_SLICE]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sched);

/*
 * File "refusals": a line for each kind; "by" is the group that refused, "cause" and
 * "caller" tell why its lease was low at its last refusal: enum cgspan_cause, and the
 * id of the group for which it was low.
 */

static const char *ancestor_path(const struct cgspan_group *group, u8 depth)
{
	while (group->depth > depth)
		group = group->parent;
	return group->path;
}

static int refusals_show(struct seq_file *m, void *unused)
{
	struct cgspan_group *group = m->private;
	struct cgspan_refusals refusals;
	const struct cgspan_refusal *r;

	cgspan_share_read_refusals(group, &refusals);
	seq_puts(m, "count\treason\tresource\tby\tpid\tlast_ns\tcause\tcaller\n");
	for (r = refusals.kinds; r < refusals.kinds + CGSPAN_REFUSALS; r++)
		if (r->count)
			seq_printf(m, "%llu\t%s\t%s\t%s\t%u\t%llu\t%u\t%llu\n",
				   r->count, cgspan_refusal_name(r->reason),
				   resources[r->res],
				   ancestor_path(group, r->depth), r->pid,
				   r->last, r->cause, r->caller);
	if (refusals.other)
		seq_printf(m, "%llu\tother\n", refusals.other);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(refusals);

static const struct {
	const char *name;
	const struct file_operations *fops;
} files[] = {
	{ "stat", &stat_fops },
	{ "tasks", &tasks_fops },
	{ "sched", &sched_fops },
	{ "refusals", &refusals_fops },
};

/* sched_on */

static int sched_on_get(void *data, u64 *value)
{
	*value = cgspan_sched_on();
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(sched_on_fops, sched_on_get, NULL, "%llu\n");

/* Directories. */

static bool is_file(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!strcmp(name, files[i].name))
			return true;
	return false;
}

static struct dentry *make_directory(struct cgspan_group *group)
{
	const char *name = strrchr(group->path, '/') + 1;
	struct dentry *parent;
	char number[24];

	if (!group->parent && !group->orphan) {
		scnprintf(number, sizeof(number), "%u",
			  group->tree->inum);
		return debugfs_create_dir(number, top);
	}
	parent = group->orphan ? group->tree->root->debug :
				 group->parent->debug;
	if (!group->orphan && !is_file(name))
		return debugfs_create_dir(name, parent);
	scnprintf(number, sizeof(number), "#%llu", group->id);
	return debugfs_create_dir(number, parent);
}

/* Make the debugfs directory of a group. Without debugfs this does nothing. */
static void born(struct cgspan_group *group)
{
	int i;

	lockdep_assert_held(&group->tree->lock);

	group->debug = make_directory(group);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_create_file(files[i].name, 0400, group->debug, group,
				    files[i].fops);
}

/* Remove the directory of a group, with subgroups. On return no reader is left. */
static void gone(struct cgspan_group *group)
{
	debugfs_remove(group->debug);
	group->debug = NULL;
}

static struct cgspan_tree_observer observer = { .born = born, .gone = gone };

void cgspan_debug_init(void)
{
	cgspan_tree_observe(&observer);
	top = debugfs_create_dir("cgspan", NULL);
	debugfs_create_file_unsafe("sched_on", 0400, top, NULL, &sched_on_fops);
}

void cgspan_debug_exit(void)
{
	debugfs_remove(top);
}
