// SPDX-License-Identifier: GPL-2.0
/* cgspan unload: out of the cluster, then out of the kernel. */
#include <errno.h>
#include <stdio.h>

#include "config/config.h"
#include "field.h"
#include "leave.h"
#include "module.h"
#include "verbs.h"

static const struct field fields[] = {
	{ "loaded", UNIT_FLAG, false },
};

static int say(struct cmd *c, bool before, struct cgspan_err *err)
{
	struct table t;
	int ret;

	if (c->format == FORMAT_TEXT && !c->fields) {
		puts(before ? "module: was not loaded" : "module: removed");
		return 0;
	}
	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ONE);
	table_row(&t);
	table_num(&t, 0, false);
	ret = table_print(&t, c, err);
	table_free(&t);
	return ret;
}

/* A node that has not joined has nothing to hand back. */
static int leave_first(struct cmd *c, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1];
	struct cgspan_session session;
	struct config config = {};
	struct cgspan *k;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, NULL, &session, err);
	cgspan_close(k);
	if (ret || session.state == CGSPAN_SESSION_NONE)
		return ret;
	ret = conf_read(c, &config, err);
	if (!ret)
		ret = leave_cluster(c, &config, name, err);
	config_free(&config);
	return ret > 0 ? 0 : ret;
}

static int unload(struct cmd *c, struct cgspan_err *err)
{
	int ret;

	ret = leave_first(c, err);
	if (ret == -ENOENT)
		return say(c, true, err);
	if (!ret)
		ret = module_unload(err);
	return ret ? ret : say(c, false, err);
}

static const struct arg args[] = {
	{ "--unbind", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
};

const struct verb verb_unload = {
	.name = "unload",
	.help = "leave the cluster, then remove the kernel module",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = unload,
};
