// SPDX-License-Identifier: GPL-2.0
/* cgspan leave: take this node out of the cluster. */
#include "leave.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change_kernel.h"
#include "cluster.h"
#include "commit.h"
#include "config/file.h"
#include "field.h"
#include "model/key.h"
#include "model/nodes.h"
#include "service.h"
#include "session.h"
#include "verbs.h"

#define WAIT_MS		30000

/* --- this kernel ------------------------------------------------------- */

/* Keeps them in the configuration, for when the node joins again. */
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

/* Fails early if tasks are charged: the kernel would not end the session. */
static int check_tasks(struct cgspan *k, bool unbind, struct cgspan_err *err)
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
			      "%" PRIu64 " tasks are charged to groups on this node: end them, or add --unbind",
			      node.tasks);
}

/* --- the store --------------------------------------------------------- */

static int build(struct commit *c, struct txn *t, const struct keys *keys,
		 struct cgspan_err *err)
{
	int ret = nodes_leave(t, &keys->kvs, c->arg, err);

	return ret || t->view.n_ops ? ret : COMMIT_NOTHING;
}

/* Marks node/<name>: 0; 1: it is not registered; or a negative errno. */
static int mark(struct sync *s, const char *name, struct cgspan_err *err)
{
	struct commit c = { .build = build, .arg = (void *)name };
	int ret = commit_run(&c, s, err);

	if (ret == -ENOENT)
		return 1;
	return ret < 0 ? ret : 0;
}

/* The daemon removes its keys, node/<name> last. */
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
			       "%s is marked as leaving, but its daemon has not returned all leases: does cgspand run?",
			       name);
	return ret;
}

static int leave_store(struct sync *s, struct cgspan *k, const char *name,
		       uint64_t deadline, struct cgspan_err *err)
{
	int ret;

	ret = mark(s, name, err);
	if (!ret)
		ret = keys_wait(s, name, deadline, err);
	if (ret)
		return ret;
	ret = session_wait(k, false, deadline, err);
	if (ret == -ETIME)
		cgspan_err_set(err, ret,
			       "%s has returned all leases, but its session has not ended: does cgspand run?",
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

int leave_cluster(struct cmd *c, const struct cluster *cl, char *name,
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
	name_find(&cl->config, &node, name);
	if (!ret && !cl->store && session.state == CGSPAN_SESSION_NONE)
		ret = 1;
	else if (!ret)
		ret = check_tasks(k, cmd_arg(c, "--unbind"), err);
	if (!ret)
		ret = !cl->store ? 1 :
		      leave_store(cl->store, k, name, sync_now() + ms, err);
	/* A session that the store does not know is another program's. */
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

static int result_print(struct cmd *c, const char *name, bool before,
			struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);

	if (cmd_wants_sentence(c)) {
		printf("%s: %s\n", name, before ?
		       "was in no cluster" : "has left the cluster");
		return 0;
	}
	table_text(&t, F_NODE, name);
	table_text(&t, F_STATE, "alone");
	return table_print(&t, c, err);
}

/* Afterwards the verbs create and set change this kernel alone. */
static int undo_join(struct cmd *c, bool clustered, bool before,
		     struct cgspan_err *err)
{
	int ret;

	ret = service_disable(err);
	if (!ret && !before)
		ret = change_kernel_restore(err);
	if (ret || !clustered)
		return ret;
	return config_keep_alone(config_path(c->config), err);
}

static int leave(struct cmd *c, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1] = "";
	struct cluster cl = {};
	int ret, before;

	ret = cluster_open(&cl, c, err);
	before = ret ? ret : leave_cluster(c, &cl, name, err);
	ret = before < 0 ? before : undo_join(c, cl.store, before, err);
	cluster_close(&cl);
	return ret ? ret : result_print(c, name, before, err);
}

static const struct arg args[] = {
	{ "--unbind", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{}
};

const struct verb verb_leave = {
	.name = "leave",
	.help = "take this node out of the cluster, and return its leases",
	.args = args,
	.fn = leave,
};
