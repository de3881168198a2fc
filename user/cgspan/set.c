// SPDX-License-Identifier: GPL-2.0
/* cgspan set: change a group. */
#include "change.h"
#include "verbs.h"

static int set(struct cmd *c, struct cgspan_err *err)
{
	return change_run(c, CHANGE_SET, err);
}

static const struct arg args[] = {
	{ "GROUP", NULL, ARG_WORD, false, false },
	ARG_LIMITS,
	{ "on-expiry", "POLICY", ARG_KEY, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{ "--no-wait", NULL, ARG_FLAG, true, false },
	{}
};

const struct verb verb_set = {
	.name = "set",
	.help = "change a group's limits or its policy",
	.args = args,
	.fn = set,
};
