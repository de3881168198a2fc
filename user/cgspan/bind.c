// SPDX-License-Identifier: GPL-2.0
/* cgspan bind: make a cgroup a member of a group, also after a restart. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bind.h"
#include "cluster.h"
#include "config/file.h"
#include "config/freezer.h"
#include "config/guard.h"
#include "field.h"
#include "verbs.h"

enum { F_CGROUP, F_GROUP, F_ID, F_BY_FD, F_FREEZABLE, F_FROZEN };

static const struct field fields[] = {
	[F_CGROUP] = { "cgroup", UNIT_TEXT, false },
	[F_GROUP] = { "group", UNIT_TEXT, false },
	[F_ID] = { "cgroup_id", UNIT_COUNT, true },
	[F_BY_FD] = { "by_fd", UNIT_FLAG, true },
	[F_FREEZABLE] = { "freezable", UNIT_FLAG, true },
	[F_FROZEN] = { "frozen", UNIT_FLAG, true },
};

static int members_list(struct cmd *c, struct cgspan *k,
			struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ROWS);
	struct cgspan_member *m;
	size_t i, n;
	int ret;

	ret = cgspan_member_list(k, NULL, &m, &n, err);
	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		table_row(&t);
		table_text(&t, F_CGROUP, m[i].cgroup);
		table_text(&t, F_GROUP, m[i].group);
		table_num(&t, F_ID, m[i].cgroup_id);
		table_num(&t, F_BY_FD,
			  !!(m[i].flags & CGSPAN_MEMBER_F_BY_FD));
		table_num(&t, F_FREEZABLE,
			  !!(m[i].flags & CGSPAN_MEMBER_F_FREEZABLE));
		table_num(&t, F_FROZEN,
			  !!(m[i].flags & CGSPAN_MEMBER_F_FROZEN));
	}
	free(m);
	return table_print(&t, c, err);
}

/* A cgroup may be bound before its directory is created. */
static bool exists(const char *cgroup)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CGROUP_ROOT "%s", cgroup);
	return !access(path, F_OK);
}

int bind_print(struct cmd *c, const char *cgroup, const char *group,
	       struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);

	t.n_fields = F_GROUP + 1;
	if (cmd_wants_sentence(c)) {
		if (group)
			printf("%s: bound to %s%s\n", cgroup, group,
			       exists(cgroup) ? "" :
			       ", from when its directory is made");
		else
			printf("%s: unbound\n", cgroup);
		return 0;
	}
	table_text(&t, F_CGROUP, cgroup);
	if (group)
		table_text(&t, F_GROUP, group);
	return table_print(&t, c, err);
}

int bind_cgroup(struct cmd *c, const char **cgroup, struct cgspan_err *err)
{
	const char *path = cmd_arg(c, "CGROUP");

	if (path && *path != '/')
		return cmd_usage(c, err,
				 "\"%.80s\" is no cgroup: write its whole path, as \"/sys/fs/cgroup/web\"",
				 path);
	*cgroup = path ? config_cgroup(path) : NULL;
	return 0;
}

/* Without a store a session has no deadline, and needs no watchdog. */
static int check_reset(struct cmd *c, struct cgspan *k, const char *group,
		       struct cgspan_err *err)
{
	struct config config = {};
	struct cgspan_group g;
	int ret;

	ret = cgspan_group_get(k, group, 0, &g, err);
	if (ret || g.on_expiry != CGSPAN_ON_EXPIRY_RESET)
		return ret;
	ret = cluster_config(&config, c, err);
	if (!ret && config.store && !config.watchdog)
		ret = cgspan_err_set(err, -ENODEV,
				     "%.200s resets this machine at expiry, but no watchdog is configured: set 'watchdog' in %.200s and restart cgspand",
				     group, config_path(c->config));
	config_free(&config);
	return ret;
}

/* Binds in the kernel first, and keeps only what it accepted. */
static int bind_one(struct cmd *c, struct cgspan *k, const char *cgroup,
		    const char *group, struct cgspan_err *err)
{
	struct cgspan_member_conf m = { .group = group, .cgroup = cgroup };
	int ret;

	ret = guard_member(cgroup, "cgspand", err);
	if (!ret)
		ret = check_reset(c, k, group, err);
	if (!ret) {
		freezer_open(&m);
		ret = cgspan_member_add(k, &m, 1, err);
		freezer_close(&m);
	}
	if (ret)
		return ret;
	ret = config_keep_member(config_path(c->config), cgroup, group, err);
	if (ret) {
		cgspan_member_del(k, &m, 1, NULL);
		return cgspan_err_wrap(err, "not bound, because the configuration cannot be written");
	}
	return bind_print(c, cgroup, group, err);
}

static int bind(struct cmd *c, struct cgspan_err *err)
{
	const char *cgroup = NULL, *group = NULL;
	struct cgspan *k;
	int ret;

	ret = bind_cgroup(c, &cgroup, err);
	if (!ret)
		ret = cmd_group(c, "GROUP", &group, err);
	if (ret)
		return ret;
	if (cgroup && !group)
		return cmd_usage(c, err, "GROUP is missing");
	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgroup ? bind_one(c, k, cgroup, group, err) :
		       members_list(c, k, err);
	cgspan_close(k);
	return ret;
}

static const struct arg args[] = {
	{ "CGROUP", NULL, ARG_WORD, true, false },
	{ "GROUP", NULL, ARG_WORD, true, false },
	{}
};

const struct verb verb_bind = {
	.name = "bind",
	.help = "make a cgroup of this node a member of a group; without words: list members",
	.args = args,
	.fn = bind,
};
