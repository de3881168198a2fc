// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan leave and unload: take this node out of the cluster; then remove the
 * module.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "change_kernel.h"
#include "commit.h"
#include "config/file.h"
#include "config/identity.h"
#include "field.h"
#include "model/key.h"
#include "model/nodes.h"
#include "module.h"
#include "service.h"
#include "store_sync.h"
#include "verbs.h"

#define WAIT_MS		30000
/* To remove a module in use: pause between tries; time-out without --wait */
#define RETRY_MS	20
#define BUSY_MS		5000

/* --- this kernel ------------------------------------------------------- */

/* Unbind all members; the configuration keeps them, for the next join. */
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

/* Unbind all members if @unbind. -EBUSY: tasks are charged all the same. */
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

/* Mark node/<name> as leaving: 0; 1: not registered; or a negative errno. */
static int mark(struct sync *s, const char *name, struct cgspan_err *err)
{
	struct commit c = { .build = build, .arg = (void *)name };
	int ret = commit_run(&c, s, err);

	if (ret == -ENOENT)
		return 1;
	return ret < 0 ? ret : 0;
}

/* Wait for the daemon's last transaction, which removes node/<name>. */
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

static int leave_store(struct cmd *c, const char *name, uint64_t deadline,
		       struct cgspan_err *err)
{
	int ret;

	ret = mark(c->store, name, err);
	if (!ret)
		ret = keys_wait(c->store, name, deadline, err);
	if (ret)
		return ret;
	ret = service_wait(c->kernel, false, deadline, err);
	if (ret == -ETIME)
		cgspan_err_set(err, ret,
			       "%s has returned all leases, but its session has not ended: does cgspand run?",
			       name);
	return ret;
}

/*
 * Returns all leases and ends the session; with a store, through the daemon.
 * @name: set to the node's name; room for CGSPAN_NAME_LEN + 1
 *
 * Return: 0; 1: the node was in no cluster; -EBUSY: there are tasks or, without
 * a store, grants; or another negative errno.
 */
static int leave_cluster(struct cmd *c, char *name, struct cgspan_err *err)
{
	struct cgspan_session session = {};
	struct cgspan_node node = {};
	unsigned int ms = WAIT_MS;
	int ret;

	ret = cmd_store(c, err);
	if (!ret)
		ret = cmd_seconds(c, "--wait", &ms, err);
	if (!ret)
		ret = cmd_node(c, &node, &session, err);
	if (ret)
		return ret;
	if (*node.name)
		strcpy(name, node.name);
	else
		identity_name(name, c->config.node, NULL);
	if (!c->store && session.state == CGSPAN_SESSION_NONE)
		return 1;
	ret = check_tasks(c->kernel, cmd_arg(c, "--unbind"), err);
	if (ret)
		return ret;
	if (c->store)
		ret = leave_store(c, name, sync_now() + ms, err);
	/* A session that is not in the store belongs to another program. */
	if ((!c->store || ret == 1) && session.state != CGSPAN_SESSION_NONE)
		ret = cgspan_session_leave(c->kernel, session.epoch, err);
	return ret;
}

/* --- leave ------------------------------------------------------------- */

/* Disable daemon; set leases to limits unless @before; configure no store. */
static int undo_join(struct cmd *c, bool before, struct cgspan_err *err)
{
	int ret;

	ret = service_disable(err);
	if (!ret && !before)
		ret = change_kernel_restore(c->kernel, err);
	if (ret || !c->store)
		return ret;
	return config_keep_alone(config_path(c->file), err);
}

static int leave(struct cmd *c, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1] = "";
	const struct field r[] = {
		{ "node", UNIT_TEXT, .text = name },
		{ "state", UNIT_TEXT, .text = "alone" },
	};
	int ret, before;

	before = leave_cluster(c, name, err);
	ret = before < 0 ? before : undo_join(c, before, err);
	return ret ? ret : result_print(c, r, ARRAY_SIZE(r), err, "%s: %s",
					name, before ? "was in no cluster" :
					"has left the cluster");
}

const struct verb verb_leave = {
	.name = "leave",
	.help = "take this node out of the cluster, and return its leases",
	.fn = leave,
	.args = {
		{ "--unbind", NULL, ARG_FLAG, true, false },
		{ "--wait", "SECONDS", ARG_KEY, true, false },
	},
};

/* --- unload ------------------------------------------------------------ */

/*
 * Try, for a time, to remove the module: its hooks refer to it until no task
 * has a record, a netlink dump does until its last message is read. The daemon
 * dumps the groups after the end of its session, to delete them. The kernel
 * sends no event when such a reference ends.
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
	const struct field r[] = {
		{ "loaded", UNIT_FLAG, .num = false },
	};
	char name[CGSPAN_NAME_LEN + 1];
	struct cgspan_session session;
	int ret = cmd_node(c, NULL, &session, err);

	if (ret == -ENOENT)
		return result_print(c, r, ARRAY_SIZE(r), err,
				    "module: was not loaded");
	/* A node that has no session has nothing to return. */
	if (!ret && session.state != CGSPAN_SESSION_NONE)
		ret = leave_cluster(c, name, err);
	if (ret >= 0)
		ret = unbind_all(c->kernel, err) ?: remove_idle(c, err);
	return ret ? ret : result_print(c, r, ARRAY_SIZE(r), err,
					"module: removed");
}

const struct verb verb_unload = {
	.name = "unload",
	.help = "leave the cluster, then remove the kernel module",
	.fn = unload,
	.args = {
		{ "--unbind", NULL, ARG_FLAG, true, false },
		{ "--wait", "SECONDS", ARG_KEY, true, false },
	},
};
