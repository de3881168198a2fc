// SPDX-License-Identifier: GPL-2.0
/* cgspan load: load the kernel module. */
#include <stdio.h>

#include "field.h"
#include "module.h"
#include "this_node.h"
#include "verbs.h"

enum { F_LOADED, F_VERSION };

static const struct field fields[] = {
	[F_LOADED] = { "loaded", UNIT_FLAG, false },
	[F_VERSION] = { "version", UNIT_TEXT, false },
};

static int load(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);
	struct cgspan_node node;
	int before = module_load(cmd_arg(c, "FILE"), err);

	if (before < 0)
		return before;
	if (this_node_read(&node, NULL, err))
		return cgspan_err_wrap(err, "loaded, but it does not answer");
	if (cmd_wants_sentence(c)) {
		printf("module %s: %s\n", node.version,
		       before ? "is loaded already" : "loaded");
		return 0;
	}
	table_num(&t, F_LOADED, true);
	table_text(&t, F_VERSION, node.version);
	return table_print(&t, c, err);
}

static const struct arg args[] = {
	{ "FILE", NULL, ARG_WORD, true, false },
	{}
};

const struct verb verb_load = {
	.name = "load",
	.help = "load the kernel module",
	.args = args,
	.fn = load,
};
