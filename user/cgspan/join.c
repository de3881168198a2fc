// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan join: take this node into the cluster. Checks machine and store, loads
 * the module, writes the configuration and starts the daemon, which joins.
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "config/file.h"
#include "config/identity.h"
#include "field.h"
#include "module.h"
#include "node_list.h"
#include "service.h"
#include "store_sync.h"
#include "verbs.h"

#define WAIT_MS		30000
#define CGROUP_ROOT	"/sys/fs/cgroup"
/* 1 January 2025, UTC: a clock that shows an earlier time was never set. */
#define CLOCK_MIN	1735689600

/* Options that set the key of the same name in the configuration. */
static const char *const options[] = {
	"--cacert", "--cert", "--key", "--user", "--password-file", "--prefix",
	"--label",
};

/* --- the machine ------------------------------------------------------- */

static int cgroup_check(struct cgspan_err *err)
{
	struct statfs fs;

	if (statfs(CGROUP_ROOT, &fs))
		return cgspan_err_set(err, -errno, "%s: %s", CGROUP_ROOT,
				      strerror(errno));
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "%s is not cgroup v2: boot with systemd.unified_cgroup_hierarchy=1, or mount it there (\"mount -t cgroup2 none %s\")",
			      CGROUP_ROOT, CGROUP_ROOT);
}

/* The validity of certificates depends on the clock. */
static int clock_check(struct cgspan_err *err)
{
	if (time(NULL) >= CLOCK_MIN)
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "this machine's clock is not set: it shows a time before 2025");
}

/* Load the module if needed; fail if the kernel has a session; read @id. */
static int kernel_check(struct cmd *c, struct identity *id,
			struct cgspan_err *err)
{
	struct cgspan_session session;
	struct cgspan_node node;
	int ret = cmd_kernel(c, err);

	if (ret == -ENOENT) {
		ret = module_load(NULL, err);
		ret = ret < 0 ? ret : 0;
	}
	if (!ret)
		ret = cmd_node(c, &node, &session, err);
	if (ret)
		return ret;
	if (session.state != CGSPAN_SESSION_NONE)
		return cgspan_err_set(err, -EBUSY,
				      "this node has joined already, as %s: \"cgspan leave\" takes it out",
				      *node.name ? node.name : "?");
	return identity_read(id, c->config.node, node.uuid, err);
}

/* --- the store --------------------------------------------------------- */

/*
 * Fail if another machine has registered this name and is not fenced. If this
 * machine has registered it, the daemon decides whether it can join.
 */
static int name_check(const struct node_list *list, const struct identity *id,
		      struct cgspan_err *err)
{
	const struct node_entry *n;
	size_t i;

	for (i = 0; i < list->n; i++) {
		n = &list->nodes[i];
		if (strcmp(n->name, id->name) || n->fenced ||
		    !strcmp(n->rec.machine, id->machine))
			continue;
		return cgspan_err_set(err, -EEXIST,
				      "another machine is %s: choose another name (--name), or, if that one is off for good, \"cgspan fence %s --confirm-off\"",
				      id->name, id->name);
	}
	return 0;
}

static int store_check(struct cmd *c, const struct identity *id,
		       struct cgspan_err *err)
{
	struct node_list list = {};
	int ret;

	ret = sync_open(&c->store, &c->config, err);
	if (!ret)
		ret = node_list_read(c->store, &list, false, err);
	if (!ret)
		ret = name_check(&list, id, err);
	node_list_free(&list);
	return ret;
}

/* --- the configuration ------------------------------------------------- */

/* The configuration's key that an option sets, or NULL. */
static const char *key_of(const struct given *g)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(g->arg->name, options[i]))
			return options[i] + 2;
	return NULL;
}

/* Replace the file's values by those of the command line; labels are added. */
static int config_apply(struct cmd *c, struct cgspan_err *err)
{
	const char *name = cmd_arg(c, "--name");
	const struct given *g;
	int ret;

	ret = config_set(&c->config, "store", cmd_arg(c, "STORE"), err);
	if (!ret && name)
		ret = config_set(&c->config, "node", name, err);
	for (g = c->given; !ret && g < c->given + c->n_given; g++)
		if (key_of(g))
			ret = config_set(&c->config, key_of(g), g->value, err);
	if (!ret)
		ret = config_check(&c->config, err);
	c->usage = ret == -EINVAL;
	return ret;
}

static int config_build(struct cmd *c, struct cgspan_err *err)
{
	int ret = config_load(&c->config, c->file, err);

	if (ret && ret != -ENOENT)
		return ret;
	if (c->config.store && strcmp(c->config.store, cmd_arg(c, "STORE")))
		return cgspan_err_set(err, -EEXIST,
				      "the configuration names another store, %.80s: \"cgspan leave\" first",
				      c->config.store);
	return config_apply(c, err);
}

/* Write the key "store" last: without it the node is in no cluster. */
static int config_write(struct cmd *c, const struct identity *id,
			struct cgspan_err *err)
{
	const char *path = config_path(c->file);
	const struct given *g;
	int ret;

	ret = config_keep(path, "node", id->name, err);
	for (g = c->given; !ret && g < c->given + c->n_given; g++)
		if (key_of(g))
			ret = config_keep(path, key_of(g), g->value, err);
	return ret ? ret : config_keep(path, "store", cmd_arg(c, "STORE"), err);
}

/* --- joining ----------------------------------------------------------- */

static int print(struct cmd *c, const char *name, bool joined,
		 struct cgspan_err *err)
{
	const struct field r[] = {
		{ "node", UNIT_TEXT, .text = name },
		{ "state", UNIT_TEXT,
		  .text = joined ? "joined" : "ready" },
	};

	if (joined)
		return result_print(c, r, ARRAY_SIZE(r), err,
				    "%s: has joined the cluster", name);
	return result_print(c, r, ARRAY_SIZE(r), err,
			    "%s: ready to join; systemd does not run here, so start the daemon: cgspand --config %s",
			    name, config_path(c->file));
}

static int start(struct cmd *c, const char *name, unsigned int ms,
		 struct cgspan_err *err)
{
	int ret = service_enable(err);

	if (ret < 0)
		return ret;
	if (ret == 1)
		return print(c, name, false, err);
	ret = service_wait(c->kernel, true, sync_now() + ms, err);
	if (ret == -ETIME)
		return cgspan_err_set(err, ret,
				      "cgspand runs, but has not joined yet: see \"journalctl -u cgspand\" for the reason, and \"cgspan status\"");
	return ret ? ret : print(c, name, true, err);
}

static int join(struct cmd *c, struct cgspan_err *err)
{
	unsigned int ms = WAIT_MS;
	struct identity id;
	int ret;

	ret = cmd_seconds(c, "--wait", &ms, err);
	if (!ret)
		ret = config_build(c, err);
	if (!ret)
		ret = cgroup_check(err);
	if (!ret)
		ret = clock_check(err);
	if (!ret)
		ret = kernel_check(c, &id, err);
	if (!ret)
		ret = store_check(c, &id, err);
	if (!ret)
		ret = config_write(c, &id, err);
	return ret ? ret : start(c, id.name, ms, err);
}

const struct verb verb_join = {
	.name = "join",
	.help = "take this node into the cluster of a store",
	.fn = join,
	.args = {
		{ "STORE", NULL, ARG_WORD, false, false },
		{ "--name", "NAME", ARG_KEY, true, false },
		{ "--label", "KEY=VALUE", ARG_KEY, true, true },
		{ "--cacert", "FILE", ARG_KEY, true, false },
		{ "--cert", "FILE", ARG_KEY, true, false },
		{ "--key", "FILE", ARG_KEY, true, false },
		{ "--user", "USER", ARG_KEY, true, false },
		{ "--password-file", "FILE", ARG_KEY, true, false },
		{ "--prefix", "PREFIX", ARG_KEY, true, false },
		{ "--wait", "SECONDS", ARG_KEY, true, false },
	},
};
