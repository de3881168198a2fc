// SPDX-License-Identifier: GPL-2.0
/* cgspan trace: record how a group's tasks are scheduled; merge; draw. */
#include <errno.h>

#include "draw.h"
#include "field.h"
#include "recording.h"
#include "verbs.h"

#define WORD "GROUP|FILE"

static int merge(struct cmd *c, struct recording *r, struct cgspan_err *err)
{
	struct recording one = {};
	const char *file;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && (file = cmd_arg_nth(c, WORD, i)); i++) {
		ret = recording_read(&one, file, err);
		if (!ret)
			ret = recording_merge(r, &one, err);
		recording_free(&one);
	}
	if (!i)
		return cmd_usage(c, err, "FILE is missing after \"--merge\"");
	return ret;
}

static int record(struct cmd *c, struct recording *r, struct cgspan_err *err)
{
	const char *group = cmd_arg(c, WORD);
	unsigned int ms = 5000;
	int ret;

	if (cmd_arg_nth(c, WORD, 1))
		return cmd_usage(c, err, "unexpected word \"%.60s\"",
				 cmd_arg_nth(c, WORD, 1));
	ret = cmd_seconds(c, "--seconds", &ms, err);
	if (!ret)
		ret = cmd_group(c, WORD, &group, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	return ret ? ret : recording_make(r, c->kernel, group ? group : "/", ms,
					  err);
}

static int rows(struct cmd *c, const struct recording *r,
		struct cgspan_err *err)
{
	static const struct field fields[] = {
		{ "ns", UNIT_COUNT, false },
		{ "delays", UNIT_COUNT, false },
		{ "slices", UNIT_COUNT, false },
	};
	struct table t = TABLE(fields, SHAPE_ROWS);
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++) {
		table_row(&t);
		table_num(&t, 0, cgspan_hist_bound(i));
		table_num(&t, 1, r->sched.delay.counts[i]);
		table_num(&t, 2, r->sched.slice.counts[i]);
	}
	return table_print(&t, c, err);
}

/* Prints it unless the call asks only for files. */
static int show(struct cmd *c, const struct recording *r,
		struct cgspan_err *err)
{
	const char *file = cmd_arg(c, "-s"), *picture = cmd_arg(c, "--plot");
	int ret = 0;

	if (file)
		ret = recording_write(r, file, err);
	if (!ret && picture)
		ret = draw_picture(r, picture, err);
	if (ret)
		return ret;
	if (c->fields || c->format == FORMAT_TAB)
		return rows(c, r, err);
	if (c->format == FORMAT_JSON)
		return recording_write(r, NULL, err);
	if (!file && !picture)
		draw_text(r);
	return 0;
}

static int trace(struct cmd *c, struct cgspan_err *err)
{
	struct recording r = {};
	int ret;

	ret = cmd_arg(c, "--merge") ? merge(c, &r, err) : record(c, &r, err);
	if (!ret)
		ret = show(c, &r, err);
	recording_free(&r);
	return ret;
}

const struct verb verb_trace = {
	.name = "trace",
	.help = "record how the tasks of a group are scheduled; merge and draw recordings",
	.fn = trace,
	.args = {
		{ WORD, NULL, ARG_WORD, true, true },
		{ "--seconds", "SECONDS", ARG_KEY, true, false },
		{ "-s", "FILE", ARG_KEY, true, false },
		{ "--plot", "FILE", ARG_KEY, true, false },
		{ "--merge", NULL, ARG_FLAG, true, false },
	},
};
