// SPDX-License-Identifier: GPL-2.0
/* cgspan fence: return what a switched-off node held to the pools. */
#include "fence.h"

#include <errno.h>
#include <string.h>

#include "commit.h"
#include "config/crash.h"
#include "field.h"
#include "model/key.h"
#include "model/nodes.h"
#include "store_sync.h"
#include "verbs.h"

/**
 * struct fencing - a node that is being fenced
 * @node: its name
 * @by: what fences it
 * @hb_rev: revision of its last heartbeat before the first step; 0: none
 */
struct fencing {
	const char *node;
	const char *by;
	int64_t hb_rev;
};

static int step(struct commit *c, struct txn *t, const struct keys *keys,
		struct cgspan_err *err)
{
	struct fencing *f = c->arg;
	const struct store_kv *kv;
	char hb[KEY_LEN];
	int ret;

	/* nodes_fence() refuses a step if a heartbeat has come since the first. */
	kv = kvs_find(&keys->kvs, key_hb(hb, f->node));
	if (!f->hb_rev && kv)
		f->hb_rev = kv->mod_rev;
	ret = nodes_fence(t, &keys->kvs, f->node, f->by, f->hb_rev, err);
	if (ret == -ESTALE)
		cgspan_err_wrap(err, "%s is not off", f->node);
	if (ret <= 0)
		return ret ? ret : COMMIT_NOTHING;
	crash_point("fence", "sent");
	return 0;
}

int fence_node(struct sync *s, const char *node, const char *by,
	       unsigned int *steps, struct cgspan_err *err)
{
	struct fencing f = { .node = node, .by = by };
	struct commit c = { .build = step, .arg = &f };
	int ret;

	while (!(ret = commit_run(&c, s, err))) {
		crash_point("fence", "committed");
		++*steps;
	}
	if (ret == -EAGAIN)
		cgspan_err_wrap(err,
				"fencing %s is incomplete, run the command again",
				node);
	return ret < 0 ? ret : 0;
}

static int print(struct cmd *c, const char *node, unsigned int steps,
		 struct cgspan_err *err)
{
	const struct result r[] = {
		{ "node", UNIT_TEXT, .text = node },
		{ "state", UNIT_TEXT, .text = "fenced" },
		{ "steps", UNIT_COUNT, .num = steps },
	};

	return result_print(c, r, ARRAY_SIZE(r), err,
			    "%s: fenced, what it held is in the pools", node);
}

static int fence(struct cmd *c, struct cgspan_err *err)
{
	const char *name = cmd_arg(c, "NODE");
	struct cgspan_node node = {};
	unsigned int steps = 0;
	int ret;

	if (cgspan_name_check(name, err))
		return cmd_usage(c, err, "\"%.80s\" is no node's name", name);
	if (!cmd_arg(c, "--confirm-off"))
		return cmd_usage(c, err,
				 "fencing gives away all that %s holds: switch it off first, then add --confirm-off",
				 name);
	/* A node that runs this command is not switched off. */
	if (!cmd_node(c, &node, NULL, NULL) && !strcmp(node.name, name))
		return cgspan_err_set(err, -EINVAL,
				      "%s is this node, which is not off: \"cgspan leave\" takes it out of the cluster",
				      name);
	ret = cmd_need_store(c, err);
	if (!ret)
		ret = fence_node(c->store, name, "admin", &steps, err);
	return ret ? ret : print(c, name, steps, err);
}

const struct verb verb_fence = {
	.name = "fence",
	.help = "return to the pools what a switched-off node held",
	.fn = fence,
	.args = {
		{ "NODE", NULL, ARG_WORD, false, false },
		{ "--confirm-off", NULL, ARG_FLAG, true, false },
	},
};
