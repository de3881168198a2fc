// SPDX-License-Identifier: GPL-2.0
/* cgspan tasks: list the tasks of a group on this node. */
#include <stdlib.h>

#include "field.h"
#include "verbs.h"

enum { F_PID, F_TGID, F_STATE, F_GROUP, F_COMM };

static const struct field fields[] = {
	[F_PID] = { "pid", UNIT_COUNT, false },
	[F_TGID] = { "tgid", UNIT_COUNT, true },
	[F_STATE] = { "state", UNIT_TEXT, false },
	[F_GROUP] = { "group", UNIT_TEXT, false },
	[F_COMM] = { "comm", UNIT_TEXT, false },
};

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

/* Reads groups after tasks: a group made meanwhile is in the list. */
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

static void list_fill(struct table *t, const struct list *l)
{
	const struct cgspan_task *task;
	struct cgspan_group key, *group;
	size_t i;

	for (i = 0; i < l->n_tasks; i++) {
		task = &l->tasks[i];
		key.id = task->group_id;
		group = l->n_groups ? bsearch(&key, l->groups, l->n_groups,
					      sizeof(key), by_id) : NULL;
		table_row(t);
		table_num(t, F_PID, task->pid);
		table_num(t, F_TGID, task->tgid);
		table_text(t, F_STATE, task->exited ? "exited" : "live");
		table_text(t, F_GROUP, group ? group->path : NULL);
		table_text(t, F_COMM, task->comm);
	}
}

static int tasks(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ROWS);
	struct list l = {};
	const char *group;
	int ret;

	ret = cmd_group(c, "GROUP", &group, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	if (!ret)
		ret = list_read(&l, c->kernel, group, err);
	if (!ret) {
		list_fill(&t, &l);
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
