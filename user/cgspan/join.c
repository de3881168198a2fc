// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan join: take this node into the cluster. Checks the machine and the
 * store, then writes the configuration and starts the daemon, which joins.
 */
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "bind.h"
#include "config/file.h"
#include "config/identity.h"
#include "field.h"
#include "module.h"
#include "node_list.h"
#include "service.h"
#include "session.h"
#include "verbs.h"

#define WAIT_MS		30000
/* 1 January 2025, UTC: before it, the clock is not set. */
#define CLOCK_MIN	1735689600

/* Options that are keys of the configuration with one value. */
static const char *const options[] = {
	"cacert", "cert", "key", "user", "password-file", "prefix",
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

/* Opens the kernel, and loads the module if it is not loaded. */
static int kernel_open(struct cgspan **k, struct cgspan_err *err)
{
	int ret = cgspan_open(k, err);

	if (ret != -ENOENT)
		return ret;
	ret = module_load(NULL, err);
	return ret < 0 ? ret : cgspan_open(k, err);
}

static int kernel_check(struct cgspan *k, const struct config *config,
			struct identity *id, struct cgspan_err *err)
{
	struct cgspan_session session;
	struct cgspan_node node;
	int ret;

	ret = cgspan_node_get(k, &node, &session, err);
	if (ret)
		return ret;
	if (session.state != CGSPAN_SESSION_NONE)
		return cgspan_err_set(err, -EBUSY,
				      "this node has joined already, as %s: \"cgspan leave\" takes it out",
				      *node.name ? node.name : "?");
	return identity_read(id, config->node, node.uuid, err);
}

/* --- the store --------------------------------------------------------- */

/* The daemon decides whether a node of the same name is alive, and waits. */
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

static int store_check(const struct config *config, const struct identity *id,
		       struct cgspan_err *err)
{
	struct node_list list = {};
	struct sync *s;
	int ret;

	ret = sync_open(&s, config, err);
	if (ret)
		return ret;
	ret = node_list_read(s, &list, false, err);
	if (!ret)
		ret = name_check(&list, id, err);
	node_list_free(&list);
	sync_close(s);
	return ret;
}

/* --- the configuration ------------------------------------------------- */

static const char *option(const struct cmd *c, const char *key)
{
	char name[32];

	snprintf(name, sizeof(name), "--%s", key);
	return cmd_arg(c, name);
}

static int config_apply(struct cmd *c, struct config *config,
			struct cgspan_err *err)
{
	const char *value;
	size_t i;
	int ret;

	ret = config_set(config, "store", cmd_arg(c, "STORE"), err);
	value = cmd_arg(c, "--name");
	if (!ret && value)
		ret = config_set(config, "node", value, err);
	for (i = 0; !ret && i < ARRAY_SIZE(options); i++) {
		value = option(c, options[i]);
		if (value)
			ret = config_set(config, options[i], value, err);
	}
	for (i = 0; !ret && (value = cmd_arg_nth(c, "--label", i)); i++)
		ret = config_set(config, "label", value, err);
	return ret ? ret : config_check(config, err);
}

/* The options of the call override the file. */
static int config_build(struct cmd *c, struct config *config,
			struct cgspan_err *err)
{
	const char *store = cmd_arg(c, "STORE");
	int ret = config_load(config, c->config, err);

	if (ret && ret != -ENOENT)
		return ret;
	if (config->store && strcmp(config->store, store))
		return cgspan_err_set(err, -EEXIST,
				      "the configuration names another store, %.80s: \"cgspan leave\" first",
				      config->store);
	ret = config_apply(c, config, err);
	c->usage = ret == -EINVAL;
	return ret;
}

/* Writes the store last: without it the node is still alone. */
static int config_write(struct cmd *c, const struct identity *id,
			struct cgspan_err *err)
{
	const char *path = config_path(c->config);
	const char *value;
	size_t i;
	int ret;

	ret = config_keep(path, "node", id->name, err);
	for (i = 0; !ret && i < ARRAY_SIZE(options); i++) {
		value = option(c, options[i]);
		if (value)
			ret = config_keep(path, options[i], value, err);
	}
	for (i = 0; !ret && (value = cmd_arg_nth(c, "--label", i)); i++)
		ret = config_keep(path, "label", value, err);
	if (!ret)
		ret = config_keep(path, "store", cmd_arg(c, "STORE"), err);
	return ret;
}

/* --- joining ----------------------------------------------------------- */

enum { F_NODE, F_STATE };

static const struct field fields[] = {
	[F_NODE] = { "node", UNIT_TEXT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
};

static int result_print(struct cmd *c, const char *name, bool joined,
			struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);

	if (cmd_wants_sentence(c)) {
		if (joined)
			printf("%s: has joined the cluster\n", name);
		else
			printf("%s: ready to join; systemd does not run here, so start the daemon: cgspand --config %s\n",
			       name, config_path(c->config));
		return 0;
	}
	table_text(&t, F_NODE, name);
	table_text(&t, F_STATE, joined ? "joined" : "ready");
	return table_print(&t, c, err);
}

static int start(struct cmd *c, struct cgspan *k, const char *name,
		 unsigned int ms, struct cgspan_err *err)
{
	int ret = service_enable(err);

	if (ret < 0)
		return ret;
	if (ret == 1)
		return result_print(c, name, false, err);
	ret = session_wait(k, true, sync_now() + ms, err);
	if (ret == -ETIME)
		return cgspan_err_set(err, ret,
				      "cgspand runs, but has not joined yet: see \"journalctl -u cgspand\" for the reason, and \"cgspan status\"");
	return ret ? ret : result_print(c, name, true, err);
}

static int machine_check(const struct config *config,
			 struct cgspan **k, struct identity *id,
			 struct cgspan_err *err)
{
	int ret;

	ret = cgroup_check(err);
	if (!ret)
		ret = clock_check(err);
	if (!ret)
		ret = kernel_open(k, err);
	if (!ret)
		ret = kernel_check(*k, config, id, err);
	if (!ret)
		ret = store_check(config, id, err);
	return ret;
}

static int join(struct cmd *c, struct cgspan_err *err)
{
	unsigned int ms = WAIT_MS;
	struct config config = {};
	struct cgspan *k = NULL;
	struct identity id;
	int ret;

	ret = cmd_seconds(c, "--wait", &ms, err);
	if (!ret)
		ret = config_build(c, &config, err);
	if (!ret)
		ret = machine_check(&config, &k, &id, err);
	if (!ret)
		ret = config_write(c, &id, err);
	if (!ret)
		ret = start(c, k, id.name, ms, err);
	cgspan_close(k);
	config_free(&config);
	return ret;
}

static const struct arg args[] = {
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
	{}
};

const struct verb verb_join = {
	.name = "join",
	.help = "take this node into the cluster of a store",
	.args = args,
	.fn = join,
};
