// SPDX-License-Identifier: GPL-2.0
/* cgspan tasks: list the tasks of a group on this node. */
#include <stdlib.h>

#include "field.h"
#include "verbs.h"

static int by_id(const void *a, const void *b)
{
	const struct cgspan_group *p = a, *q = b;

	return (p->id > q->id) - (p->id < q->id);
}

static int by_pid(const void *a, const void *b)
{
	const struct cgspan_task *p = a, *q = b;

	return (p->pid > q->pid) - (p->pid < q->pid);
}

struct list {
	struct cgspan_task *tasks;
	size_t n_tasks;
	struct cgspan_group *groups;
	size_t n_groups;
};

/* Read tasks, then groups: a group made in between must not be missing. */
static int list_read(struct list *l, struct cgspan *k, const char *group,
		     struct cgspan_err *err)
{
	int ret;

	ret = cgspan_task_list(k, group, &l->tasks, &l->n_tasks, err);
	if (!ret)
		ret = cgspan_group_list(k, group, &l->groups, &l->n_groups,
					err);
	if (l->n_tasks)
		qsort(l->tasks, l->n_tasks, sizeof(*l->tasks), by_pid);
	if (l->n_groups)
		qsort(l->groups, l->n_groups, sizeof(*l->groups), by_id);
	return ret;
}

static void task_row(struct table *t, const struct list *l,
		     const struct cgspan_task *task)
{
	const struct cgspan_group key = { .id = task->group_id };
	const struct cgspan_group *group =
		l->n_groups ? bsearch(&key, l->groups, l->n_groups, sizeof(key),
				      by_id) : NULL;
	const struct field row[] = {
		{ "pid", UNIT_COUNT, .num = task->pid },
		{ "tgid", UNIT_COUNT, .num = task->tgid, .more = true },
		{ "state", UNIT_TEXT, .text = task->exited ? "exited" : "live" },
		{ "group", UNIT_TEXT, .text = group ? group->path : NULL },
		{ "comm", UNIT_TEXT, .text = task->comm },
	};

	table_row(t, row, ARRAY_SIZE(row));
}

static int tasks(struct cmd *c, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	struct list l = {};
	const char *group;
	size_t i;
	int ret;

	ret = cmd_group(c, "GROUP", &group, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	if (!ret)
		ret = list_read(&l, c->kernel, group, err);
	if (!ret) {
		task_row(&t, &l, &(struct cgspan_task){});
		for (i = 0; i < l.n_tasks; i++)
			task_row(&t, &l, &l.tasks[i]);
		ret = table_print(&t, c, err);
	}
	free(l.tasks);
	free(l.groups);
	return ret;
}

const struct verb verb_tasks = {
	.name = "tasks",
	.help = "list the tasks charged to a group on this node",
	.fn = tasks,
	.args = {
		{ "GROUP", NULL, ARG_WORD, false, false },
	},
};
