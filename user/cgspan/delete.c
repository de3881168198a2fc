// SPDX-License-Identifier: GPL-2.0
/* cgspan delete: remove a group. */
#include "change.h"
#include "verbs.h"

static int delete(struct cmd *c, struct cgspan_err *err)
{
	return change_run(c, CHANGE_DELETE, err);
}

static const struct arg args[] = {
	{ "GROUP", NULL, ARG_WORD, false, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{ "--no-wait", NULL, ARG_FLAG, true, false },
	{}
};

const struct verb verb_delete = {
	.name = "delete",
	.help = "remove a group that has no children, no tasks and no grants",
	.args = args,
	.fn = delete,
};
