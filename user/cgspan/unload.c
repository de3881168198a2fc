// SPDX-License-Identifier: GPL-2.0
/* cgspan unload: leave the cluster, then remove the module. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "cluster.h"
#include "field.h"
#include "leave.h"
#include "module.h"
#include "this_node.h"
#include "verbs.h"

#define BUSY_MS		5000
#define RETRY_MS	20

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

/*
 * A dump holds the module until its last message is read; the daemon dumps the
 * groups after the end of its session, to delete them. The kernel has no event
 * for the end of such a reference, so the removal is tried again.
 */
static int remove_idle(struct cmd *c, struct cgspan_err *err)
{
	unsigned int ms = BUSY_MS;
	uint64_t deadline;
	int ret;

	ret = cmd_seconds(c, "--wait", &ms, err);
	if (ret)
		return ret;
	deadline = sync_now() + ms;
	for (;;) {
		ret = module_unload(err);
		if (ret != -EBUSY || sync_now() >= deadline)
			return ret;
		poll(NULL, 0, RETRY_MS);
	}
}

static int unload(struct cmd *c, struct cgspan_err *err)
{
	int ret;

	ret = leave_first(c, err);
	if (ret == -ENOENT)
		return result_print(c, true, err);
	if (!ret)
		ret = remove_idle(c, err);
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
