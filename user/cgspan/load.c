// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "field.h"
#include "module.h"
#include "verbs.h"

enum { F_LOADED, F_VERSION };

static const struct field fields[] = {
	[F_LOADED] = { "loaded", UNIT_FLAG, false },
	[F_VERSION] = { "version", UNIT_TEXT, false },
};

static int say(struct cmd *c, const char *version, bool before,
	       struct cgspan_err *err)
{
	struct table t;
	int ret;

	if (c->format == FORMAT_TEXT && !c->fields) {
		printf("module %s: %s\n", version,
		       before ? "is loaded already" : "loaded");
		return 0;
	}
	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ONE);
	table_row(&t);
	table_num(&t, F_LOADED, true);
	table_text(&t, F_VERSION, version);
	ret = table_print(&t, c, err);
	table_free(&t);
	return ret;
}

static int load(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_node node;
	struct cgspan *k;
	int ret, loaded;

	loaded = module_load(cmd_arg(c, "FILE"), err);
	if (loaded < 0)
		return loaded;
	ret = cgspan_open(&k, err);
	if (ret)
		return cgspan_err_wrap(err, "loaded, but it does not answer");
	ret = cgspan_node_get(k, &node, NULL, err);
	cgspan_close(k);
	return ret ? ret : say(c, node.version, loaded, err);
}

static const struct arg args[] = {
	{ "FILE", NULL, ARG_WORD, true, false },
};

const struct verb verb_load = {
	.name = "load",
	.help = "load the kernel module",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = load,
};
