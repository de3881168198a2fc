// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan bind and unbind: begin or end the membership of a cgroup in a group,
 * also in the configuration, so that it holds after a restart; or list members.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/file.h"
#include "config/member_file.h"
#include "config/guard.h"
#include "field.h"
#include "verbs.h"

static void member_row(struct table *t, const struct cgspan_member *m)
{
	const struct field row[] = {
		{ "cgroup", UNIT_TEXT, .text = m->cgroup },
		{ "group", UNIT_TEXT, .text = m->group },
		{ "cgroup_id", UNIT_COUNT, .num = m->cgroup_id, .more = true },
		{ "by_fd", UNIT_FLAG, .num = m->flags & CGSPAN_MEMBER_F_BY_FD,
		  .more = true },
		{ "freezable", UNIT_FLAG,
		  .num = m->flags & CGSPAN_MEMBER_F_FREEZABLE, .more = true },
		{ "frozen", UNIT_FLAG, .num = m->flags & CGSPAN_MEMBER_F_FROZEN,
		  .more = true },
	};

	table_row(t, row, ARRAY_SIZE(row));
}

static int members_list(struct cmd *c, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	struct cgspan_member *m;
	size_t i, n;
	int ret;

	ret = cgspan_member_list(c->kernel, NULL, &m, &n, err);
	if (ret)
		return ret;
	member_row(&t, &(struct cgspan_member){});
	for (i = 0; i < n; i++)
		member_row(&t, &m[i]);
	free(m);
	return table_print(&t, c, err);
}

/* Has a cgroup a directory? It may be bound before the directory is created. */
static bool exists(const char *cgroup)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", cgroup);
	return !access(path, F_OK);
}

/* Print the result. @group: the cgroup's group now; NULL after unbind */
static int print(struct cmd *c, const char *cgroup, const char *group,
		 struct cgspan_err *err)
{
	const struct field r[] = {
		{ "cgroup", UNIT_TEXT, .text = cgroup },
		{ "group", UNIT_TEXT, .text = group },
	};

	return result_print(c, r, ARRAY_SIZE(r), err, "%s: %s%s%s", cgroup,
			    group ? "bound to " : "unbound", group ? group : "",
			    !group || exists(cgroup) ? "" :
			    ", from when its directory is made");
}

/* Set @cgroup to CGROUP without "/sys/fs/cgroup"; to NULL if not given. */
static int cgroup_read(struct cmd *c, const char **cgroup,
		       struct cgspan_err *err)
{
	const char *path = cmd_arg(c, "CGROUP");

	if (path && *path != '/')
		return cmd_usage(c, err,
				 "\"%.80s\" is no cgroup: write its whole path, as \"/sys/fs/cgroup/web\"",
				 path);
	*cgroup = path ? config_cgroup(path) : NULL;
	return 0;
}

/* --- bind -------------------------------------------------------------- */

/*
 * A group with on-expiry reset needs a watchdog, but not on a node without a
 * store: there cgspand has no session that could expire.
 */
static int check_reset(struct cmd *c, const char *group, struct cgspan_err *err)
{
	struct cgspan_group g;
	int ret;

	ret = cgspan_group_get(c->kernel, group, 0, &g, err);
	if (ret || g.on_expiry != CGSPAN_ON_EXPIRY_RESET)
		return ret;
	ret = cmd_config(c, err);
	if (ret || !c->config.store || c->config.watchdog)
		return ret;
	return cgspan_err_set(err, -ENODEV,
			      "%.200s resets this machine at expiry, but no watchdog is configured: set 'watchdog' in %.200s and restart cgspand",
			      group, config_path(c->file));
}

/* Write the member to the configuration after the kernel has accepted it. */
static int bind_one(struct cmd *c, struct cgspan_member_conf *m,
		    struct cgspan_err *err)
{
	int ret;

	ret = guard_member(m->cgroup, "cgspand", err);
	if (!ret)
		ret = check_reset(c, m->group, err);
	if (ret)
		return ret;
	member_file_open(m);
	ret = cgspan_member_add(c->kernel, m, 1, err);
	member_file_close(m);
	if (ret)
		return ret;
	ret = config_keep_member(config_path(c->file), m->cgroup, m->group, err);
	if (ret) {
		cgspan_member_del(c->kernel, m, 1, NULL);
		return cgspan_err_wrap(err, "not bound, because the configuration cannot be written");
	}
	return print(c, m->cgroup, m->group, err);
}

static int bind(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_member_conf m = {};
	int ret;

	ret = cgroup_read(c, &m.cgroup, err);
	if (!ret)
		ret = cmd_group(c, "GROUP", &m.group, err);
	if (ret)
		return ret;
	if (m.cgroup && !m.group)
		return cmd_usage(c, err, "GROUP is missing");
	ret = cmd_kernel(c, err);
	if (ret)
		return ret;
	return m.cgroup ? bind_one(c, &m, err) : members_list(c, err);
}

const struct verb verb_bind = {
	.name = "bind",
	.help = "make a cgroup of this node a member of a group; without words: list members",
	.fn = bind,
	.args = {
		{ "CGROUP", NULL, ARG_WORD, true, false },
		{ "GROUP", NULL, ARG_WORD, true, false },
	},
};

/* --- unbind ------------------------------------------------------------ */

/*
 * A member may be only in the kernel, bound by another program, or only in the
 * configuration, as long as the kernel does not have its group.
 */
static int unbind(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_member_conf m = {};
	struct cgspan_err kept = {};
	int ret, no;

	ret = cgroup_read(c, &m.cgroup, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	if (ret)
		return ret;
	ret = cgspan_member_del(c->kernel, &m, 1, err);
	if (ret && ret != -ENOENT)
		return ret;
	no = config_keep_member(config_path(c->file), m.cgroup, NULL, &kept);
	if (no && no != -ENOENT) {
		*err = kept;
		return cgspan_err_wrap(err, "not removed from the configuration, so it is bound again after a restart");
	}
	return ret && no ? ret : print(c, m.cgroup, NULL, err);
}

const struct verb verb_unbind = {
	.name = "unbind",
	.help = "end the membership of a cgroup",
	.fn = unbind,
	.args = {
		{ "CGROUP", NULL, ARG_WORD, false, false },
	},
};
