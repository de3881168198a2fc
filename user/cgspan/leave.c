// SPDX-License-Identifier: GPL-2.0
/* cgspan leave: out of the cluster; undoes cgspan join. */
#include "leave.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "model/codec.h"
#include "config/config.h"
#include "model/nodes.h"
#include "field.h"
#include "service.h"
#include "session.h"
#include "store_sync.h"
#include "verbs.h"

#define WAIT_MS		30000
#define TRIES		16

/* --- this kernel ------------------------------------------------------- */

/* Their lines in the configuration stay: a node that joins again needs them. */
static int unbind_all(struct cgspan *k, struct cgspan_err *err)
{
	struct cgspan_member_conf conf = {};
	struct cgspan_member *m;
	size_t i, n;
	int ret;

	ret = cgspan_member_list(k, NULL, &m, &n, err);
	if (ret)
		return ret;
	for (i = 0; !ret && i < n; i++) {
		conf.cgroup = m[i].cgroup;
		ret = cgspan_member_del(k, &conf, 1, err);
		if (ret == -ENOENT)
			ret = 0;
	}
	free(m);
	return ret;
}

/* What would make the kernel refuse is said before anything is done. */
static int drain(struct cgspan *k, bool unbind, struct cgspan_err *err)
{
	struct cgspan_node node;
	int ret = 0;

	if (unbind)
		ret = unbind_all(k, err);
	if (!ret)
		ret = cgspan_node_get(k, &node, NULL, err);
	if (ret || !node.tasks)
		return ret;
	return cgspan_err_set(err, -EBUSY,
			      "%" PRIu64 " tasks are charged to groups on this node: end them, or let go of them with --unbind",
			      node.tasks);
}

/* --- the store --------------------------------------------------------- */

/* Marks node/<name>: 0; 1: it is not registered; or a negative errno. */
static int mark(struct sync *s, const char *name, struct cgspan_err *err)
{
	enum store_result res = STORE_CONFLICT;
	struct keys keys = {};
	struct txn t;
	int64_t rev;
	int ret, tries;

	for (tries = 0; tries < TRIES && res != STORE_APPLIED; tries++) {
		ret = sync_get_desired(s, &keys, err);
		if (ret)
			break;
		txn_init(&t);
		ret = nodes_leave(&t, &keys.kvs, name, err);
		if (!ret && t.view.n_ops)
			res = sync_txn(s, &t.view, &rev, err);
		else
			res = STORE_APPLIED;
		txn_fini(&t);
		if (res == STORE_ERROR)
			ret = err->no;
		if (ret)
			break;
	}
	kvs_fini(&keys.kvs);
	if (ret == -ENOENT)
		return 1;
	if (!ret && res != STORE_APPLIED)
		return cgspan_err_set(err, -EAGAIN,
				      "the store did not take it: try again");
	return ret;
}

/* The daemon removes its keys; node/<name> is the last of them. */
static int keys_wait(struct sync *s, const char *name, uint64_t deadline,
		     struct cgspan_err *err)
{
	static const char *const prefixes[] = { "node/", NULL };
	struct keys keys = {};
	char key[KEY_LEN];
	int ret;

	do {
		kvs_fini(&keys.kvs);
		ret = sync_get(s, key_node(key, name), false, &keys, err);
		if (ret || !keys.kvs.n)
			break;
		ret = sync_wait(s, prefixes, keys.rev + 1, deadline, err);
	} while (!ret);
	kvs_fini(&keys.kvs);
	if (ret == -ETIME)
		cgspan_err_set(err, ret,
			       "%s is marked as leaving, but its daemon has not handed everything back: is cgspand at work?",
			       name);
	return ret;
}

static int leave_store(const struct config *config, struct cgspan *k,
		       const char *name, uint64_t deadline,
		       struct cgspan_err *err)
{
	struct sync *s;
	int ret;

	ret = sync_open(&s, config, err);
	if (ret)
		return ret;
	ret = mark(s, name, err);
	if (!ret)
		ret = keys_wait(s, name, deadline, err);
	sync_close(s);
	if (ret)
		return ret;
	ret = session_wait(k, false, deadline, err);
	if (ret == -ETIME)
		cgspan_err_set(err, ret,
			       "what %s held has gone back, but its session has not ended: is cgspand at work?",
			       name);
	return ret;
}

/* --- both -------------------------------------------------------------- */

static void name_find(const struct config *config,
		      const struct cgspan_node *node, char *name)
{
	if (*node->name)
		strcpy(name, node->name);
	else if (config->node)
		snprintf(name, CGSPAN_NAME_LEN + 1, "%s", config->node);
	else if (gethostname(name, CGSPAN_NAME_LEN))
		*name = '\0';
	name[CGSPAN_NAME_LEN] = '\0';
}

int leave_cluster(struct cmd *c, const struct config *config, char *name,
		  struct cgspan_err *err)
{
	struct cgspan_session session = {};
	struct cgspan_node node = {};
	unsigned int ms = WAIT_MS;
	struct cgspan *k;
	int ret;

	ret = cmd_seconds(c, "--wait", &ms, err);
	if (!ret)
		ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, &node, &session, err);
	name_find(config, &node, name);
	if (!ret && !config->store && session.state == CGSPAN_SESSION_NONE)
		ret = 1;
	else if (!ret)
		ret = drain(k, cmd_arg(c, "--unbind"), err);
	if (!ret)
		ret = !config->store ? 1 :
		      leave_store(config, k, name, sync_now() + ms, err);
	/* A session that no store knows is another program's. */
	if (ret == 1 && session.state != CGSPAN_SESSION_NONE)
		ret = cgspan_session_leave(k, session.epoch, err);
	cgspan_close(k);
	return ret;
}

enum { F_NODE, F_STATE };

static const struct field fields[] = {
	[F_NODE] = { "node", UNIT_TEXT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
};

static int say(struct cmd *c, const char *name, bool before,
	       struct cgspan_err *err)
{
	struct table t;
	int ret;

	if (c->format == FORMAT_TEXT && !c->fields) {
		printf("%s: %s\n", name, before ?
		       "was in no cluster" : "has left the cluster");
		return 0;
	}
	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ONE);
	table_row(&t);
	table_text(&t, F_NODE, name);
	table_text(&t, F_STATE, "alone");
	ret = table_print(&t, c, err);
	table_free(&t);
	return ret;
}

/* From now on "create" and "set" mean this kernel alone. */
static int undo_join(struct cmd *c, const struct config *config, bool before,
		     struct cgspan_err *err)
{
	int ret;

	ret = service_disable(err);
	if (!ret && !before)
		ret = alone_restore(err);
	if (ret || !config->store)
		return ret;
	return config_file_set(config_path(c->config), "store", NULL, err);
}

static int leave(struct cmd *c, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1] = "";
	struct config config = {};
	int ret, before;

	ret = conf_read(c, &config, err);
	before = ret ? ret : leave_cluster(c, &config, name, err);
	ret = before < 0 ? before :
			   undo_join(c, &config, before, err);
	config_free(&config);
	return ret ? ret : say(c, name, before, err);
}

static const struct arg args[] = {
	{ "--unbind", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
};

const struct verb verb_leave = {
	.name = "leave",
	.help = "take this node out of the cluster, handing everything back",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = leave,
};
