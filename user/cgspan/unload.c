// SPDX-License-Identifier: GPL-2.0
/* cgspan unload: leave the cluster, then remove the module. */
#include <errno.h>
#include <stdio.h>

#include "cluster.h"
#include "field.h"
#include "leave.h"
#include "module.h"
#include "this_node.h"
#include "verbs.h"

static const struct field fields[] = {
	{ "loaded", UNIT_FLAG, false },
};

static int result_print(struct cmd *c, bool before, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);

	if (cmd_wants_sentence(c)) {
		puts(before ? "module: was not loaded" : "module: removed");
		return 0;
	}
	table_num(&t, 0, false);
	return table_print(&t, c, err);
}

/* A node that has no session has nothing to return. */
static int leave_first(struct cmd *c, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1];
	struct cgspan_session session;
	struct cgspan_node node;
	struct cluster cl = {};
	int ret;

	ret = this_node_read(&node, &session, err);
	if (ret || session.state == CGSPAN_SESSION_NONE)
		return ret;
	ret = cluster_open(&cl, c, err);
	if (!ret)
		ret = leave_cluster(c, &cl, name, err);
	cluster_close(&cl);
	return ret > 0 ? 0 : ret;
}

static int unload(struct cmd *c, struct cgspan_err *err)
{
	int ret;

	ret = leave_first(c, err);
	if (ret == -ENOENT)
		return result_print(c, true, err);
	if (!ret)
		ret = module_unload(err);
	return ret ? ret : result_print(c, false, err);
}

static const struct arg args[] = {
	{ "--unbind", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{}
};

const struct verb verb_unload = {
	.name = "unload",
	.help = "leave the cluster, then remove the kernel module",
	.args = args,
	.fn = unload,
};
