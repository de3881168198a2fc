// SPDX-License-Identifier: GPL-2.0
/* cgspan resource: list the names of resources, or give one a name. */
#include "field.h"
#include "resource_name.h"
#include "this_node.h"
#include "verbs.h"

enum { F_RESOURCE, F_NAME };

static const struct field fields[] = {
	[F_RESOURCE] = { "resource", UNIT_TEXT, false },
	[F_NAME] = { "name", UNIT_TEXT, false },
};

static int list(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ROWS);
	struct cgspan_node node;
	uint32_t res;
	int ret;

	ret = this_node_read(&node, NULL, err);
	if (ret)
		return ret;
	for (res = 0; res <= CGSPAN_RES_MAX; res++) {
		table_row(&t);
		table_text(&t, F_RESOURCE, cgspan_res_name(res));
		table_text(&t, F_NAME, resource_name(&node, res));
	}
	return table_print(&t, c, err);
}

static int rename_one(struct cmd *c, const char *old, const char *name,
		      struct cgspan_err *err)
{
	struct cgspan *k;
	uint32_t res;
	int ret;

	ret = resource_name_find(old, &res, err);
	if (ret)
		return ret;
	if (res < CGSPAN_RES_USER0)
		return cmd_usage(c, err,
				 "\"%.60s\" has its name already: user0 to user4 can have another",
				 old);
	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_name_res(k, res, name, err);
	cgspan_close(k);
	return ret;
}

static int resource(struct cmd *c, struct cgspan_err *err)
{
	const char *old = cmd_arg(c, "RESOURCE");
	const char *name = cmd_arg(c, "NAME");

	if (!old)
		return list(c, err);
	if (!name)
		return cmd_usage(c, err, "NAME is missing");
	return rename_one(c, old, name, err);
}

static const struct arg args[] = {
	{ "RESOURCE", NULL, ARG_WORD, true, false },
	{ "NAME", NULL, ARG_WORD, true, false },
	{}
};

const struct verb verb_resource = {
	.name = "resource",
	.help = "list what can be limited, or name one of user0 to user4",
	.args = args,
	.fn = resource,
};
