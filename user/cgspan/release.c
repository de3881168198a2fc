// SPDX-License-Identifier: GPL-2.0
/* cgspan release: end a grant, or a request that waits. */
#include <errno.h>

#include "cmd.h"
#include "verbs.h"

static int release(struct cmd *c, struct cgspan_err *err)
{
	const char *text = cmd_arg(c, "ID");
	struct cgspan *k;
	uint64_t id;
	int ret;

	if (cgspan_amount_parse(text, &id, NULL) || !id || id == CGSPAN_MAX)
		return cmd_usage(c, err, "\"%.40s\" is no grant's id: \"cgspan grants\" lists them",
				 text);
	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_grant_release(k, id, err);
	cgspan_close(k);
	return ret;
}

static const struct arg args[] = {
	{ "ID", NULL, ARG_WORD, false, false },
	{}
};

const struct verb verb_release = {
	.name = "release",
	.help = "end a grant, or take a request from the queue",
	.args = args,
	.fn = release,
};
