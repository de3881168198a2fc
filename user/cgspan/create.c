// SPDX-License-Identifier: GPL-2.0
/* cgspan create: create a group. */
#include "change.h"
#include "verbs.h"

static int create(struct cmd *c, struct cgspan_err *err)
{
	return change_run(c, CHANGE_CREATE, err);
}

static const struct arg args[] = {
	{ "GROUP", NULL, ARG_WORD, false, false },
	ARG_LIMITS,
	{ "on-expiry", "POLICY", ARG_KEY, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{ "--no-wait", NULL, ARG_FLAG, true, false },
	{}
};

const struct verb verb_create = {
	.name = "create",
	.help = "create a group, with limits for the whole cluster",
	.args = args,
	.fn = create,
};
