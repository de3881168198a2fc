// SPDX-License-Identifier: GPL-2.0
/* cgspan fence: what a node held that is switched off goes back to the pools. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/crash.h"
#include "model/key.h"
#include "model/nodes.h"
#include "fencing.h"
#include "field.h"
#include "store_sync.h"
#include "verbs.h"

/* Steps in a row that others made void, or that had no answer. */
#define TRIES	32

enum { F_NODE, F_STATE, F_STEPS };

static const struct field fields[] = {
	[F_NODE] = { "node", UNIT_TEXT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
	[F_STEPS] = { "steps", UNIT_COUNT, false },
};

/* The heartbeat that the admin's word is about: the last one before it. */
static int64_t heartbeat(const struct kvs *kvs, const char *node)
{
	const struct store_kv *kv;
	char hb[KEY_LEN];

	kv = kvs_find(kvs, key_hb(hb, node));
	return kv ? kv->mod_rev : 0;
}

/* 1: there may be more to do; 0: nothing is left; or a negative errno. */
static int step(struct sync *s, const char *node, const char *by,
		int64_t *hb_rev, bool *applied, struct cgspan_err *err)
{
	enum store_result res;
	struct keys keys = {};
	struct txn t;
	int64_t rev;
	int ret;

	*applied = false;
	txn_init(&t);
	ret = sync_get_desired(s, &keys, err);
	/* A node that comes back between two steps is not the one that was off. */
	if (!ret && !*hb_rev)
		*hb_rev = heartbeat(&keys.kvs, node);
	if (!ret)
		ret = nodes_fence(&t, &keys.kvs, node, by, *hb_rev, err);
	if (ret == -ESTALE)
		cgspan_err_wrap(err, "%s is not off", node);
	if (ret == 1) {
		crash_point("fence", "sent");
		res = sync_txn(s, &t.view, &rev, err);
		*applied = res == STORE_APPLIED;
		if (*applied)
			crash_point("fence", "committed");
		if (res == STORE_ERROR)
			ret = err->no;
		else if (res == STORE_CONFLICT)
			cgspan_err_set(err, -EAGAIN,
				       "others keep changing what it held");
	}
	txn_fini(&t);
	kvs_fini(&keys.kvs);
	return ret;
}

int fencing_run(struct sync *s, const char *node, const char *by,
		unsigned int *steps, struct cgspan_err *err)
{
	unsigned int tries = 0;
	int64_t hb_rev = 0;
	bool applied;
	int ret;

	while ((ret = step(s, node, by, &hb_rev, &applied, err)) == 1) {
		*steps += applied;
		tries = applied ? 0 : tries + 1;
		if (tries == TRIES)
			return cgspan_err_wrap(err,
					       "fencing %s is not complete, say it again",
					       node);
	}
	return ret;
}

static int say(struct cmd *c, const char *node, unsigned int steps,
	       struct cgspan_err *err)
{
	struct table t;
	int ret;

	if (c->format == FORMAT_TEXT && !c->fields) {
		printf("%s: fenced, what it held is in the pools\n", node);
		return 0;
	}
	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ONE);
	table_row(&t);
	table_text(&t, F_NODE, node);
	table_text(&t, F_STATE, "fenced");
	table_num(&t, F_STEPS, steps);
	ret = table_print(&t, c, err);
	table_free(&t);
	return ret;
}

/* A node that runs this command is not switched off. */
static int not_here(const char *name, struct cgspan_err *err)
{
	struct cgspan_node node = {};
	struct cgspan *k;

	if (cgspan_open(&k, NULL))
		return 0;
	cgspan_node_get(k, &node, NULL, NULL);
	cgspan_close(k);
	if (strcmp(node.name, name))
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "%s is this very node, and it is not off: \"cgspan leave\" takes it out of the cluster",
			      name);
}

static int fence(struct cmd *c, struct cgspan_err *err)
{
	const char *node = cmd_arg(c, "NODE");
	struct config config = {};
	unsigned int steps = 0;
	struct sync *s;
	int ret;

	if (cgspan_name_check(node, err))
		return cmd_usage(c, err, "\"%.80s\" is no node's name", node);
	if (!cmd_arg(c, "--confirm-off"))
		return cmd_usage(c, err,
				 "fencing gives away all that %s holds: switch it off, and only then add --confirm-off",
				 node);
	ret = not_here(node, err);
	if (!ret)
		ret = conf_read(c, &config, err);
	if (!ret && !config.store)
		ret = cgspan_err_set(err, -EINVAL,
				     "the configuration names no store: this node is alone");
	if (!ret)
		ret = sync_open(&s, &config, err);
	if (!ret) {
		ret = fencing_run(s, node, "admin", &steps, err);
		sync_close(s);
	}
	config_free(&config);
	return ret ? ret : say(c, node, steps, err);
}

static const struct arg args[] = {
	{ "NODE", NULL, ARG_WORD, false, false },
	{ "--confirm-off", NULL, ARG_FLAG, true, false },
};

const struct verb verb_fence = {
	.name = "fence",
	.help = "take back what a node held that is switched off",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = fence,
};
