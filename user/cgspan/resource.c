// SPDX-License-Identifier: GPL-2.0
/* cgspan resource: list the names of resources, or give one a name. */
#include "resource.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "verbs.h"

/* --- names ------------------------------------------------------------- */

const char *resource_name(const struct cgspan_node *node, uint32_t res)
{
	uint32_t user = res - CGSPAN_RES_USER0;

	if (user < CGSPAN_RES_USERS && node->res_names[user][0])
		return node->res_names[user];
	return cgspan_res_name(res);
}

int resource_find(struct cmd *c, const char *name, uint32_t *res,
		  struct cgspan_err *err)
{
	struct cgspan_node node = {};
	int i, ret;

	i = cgspan_res_find(name);
	if (i >= 0) {
		*res = i;
		return 0;
	}
	ret = cmd_node(c, &node, NULL, err);
	if (ret && ret != -ENOENT)
		return ret;
	for (*res = CGSPAN_RES_USER0; *res <= CGSPAN_RES_MAX; ++*res)
		if (!strcmp(resource_name(&node, *res), name))
			return 0;
	return cmd_usage(c, err,
			 "no resource is called \"%.60s\": there are tasks, cpu, memory, and what \"cgspan resource\" lists",
			 name);
}

/* --- amounts ----------------------------------------------------------- */

/* An amount of memory may end in K, M, G, T or P, as in cgroup files: 64M. */
static int amount_read(const char *text, uint32_t res, uint64_t *out,
		       struct cgspan_err *err)
{
	static const char suffixes[] = "KMGTP";
	size_t len = strlen(text);
	const char *suffix = NULL;
	char digits[32];
	int ret, shift;

	if (res == CGSPAN_RES_MEMORY && len > 1 && len < sizeof(digits))
		suffix = strchr(suffixes, toupper((unsigned char)text[len - 1]));
	if (!suffix)
		return cgspan_amount_parse(text, out, err);
	snprintf(digits, sizeof(digits), "%.*s", (int)len - 1, text);
	ret = cgspan_amount_parse(digits, out, err);
	if (ret)
		return ret;
	shift = 10 * (suffix - suffixes + 1);
	if (*out >= CGSPAN_MAX >> shift)
		return cgspan_err_set(err, -ERANGE,
				      "\"%s\" is too large: write max for no limit",
				      text);
	*out <<= shift;
	return 0;
}

static int amount_add(struct cmd *c, const struct given *g,
		      struct cgspan_limit *limits, size_t *n,
		      struct cgspan_err *err)
{
	struct cgspan_limit *l = &limits[*n];
	size_t i;
	int ret;

	ret = resource_find(c, g->word, &l->res, err);
	if (ret)
		return ret;
	for (i = 0; i < *n; i++)
		if (limits[i].res == l->res)
			return cmd_usage(c, err, "\"%.60s\" is given twice",
					 g->word);
	++*n;
	ret = amount_read(g->value, l->res, &l->limit, err);
	if (!ret)
		return 0;
	c->usage = true;
	return cgspan_err_wrap(err, "%s", g->word);
}

int resource_amounts(struct cmd *c, struct cgspan_limit *limits, size_t *n,
		     struct cgspan_err *err)
{
	size_t i;
	int ret = 0;

	*n = 0;
	for (i = 0; i < c->n_given && !ret; i++)
		if (c->given[i].arg->kind == ARG_RES)
			ret = amount_add(c, &c->given[i], limits, n, err);
	return ret;
}

/* --- the verb ---------------------------------------------------------- */

static void resource_row(struct table *t, const struct cgspan_node *node,
			 uint32_t res)
{
	const struct field row[] = {
		{ "resource", UNIT_TEXT, .text = cgspan_res_name(res) },
		{ "name", UNIT_TEXT, .text = resource_name(node, res) },
	};

	table_row(t, row, ARRAY_SIZE(row));
}

static int list(struct cmd *c, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	struct cgspan_node node;
	uint32_t res;
	int ret;

	ret = cmd_node(c, &node, NULL, err);
	if (ret)
		return ret;
	resource_row(&t, &node, 0);
	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		resource_row(&t, &node, res);
	return table_print(&t, c, err);
}

static int resource(struct cmd *c, struct cgspan_err *err)
{
	const char *old = cmd_arg(c, "RESOURCE");
	const char *name = cmd_arg(c, "NAME");
	uint32_t res;
	int ret;

	if (!old)
		return list(c, err);
	if (!name)
		return cmd_usage(c, err, "NAME is missing");
	ret = resource_find(c, old, &res, err);
	if (ret)
		return ret;
	if (res < CGSPAN_RES_USER0)
		return cmd_usage(c, err,
				 "\"%.60s\" has its name already: user0 to user4 can have another",
				 old);
	ret = cmd_kernel(c, err);
	return ret ? ret : cgspan_node_name_res(c->kernel, res, name, err);
}

const struct verb verb_resource = {
	.name = "resource",
	.help = "list what can be limited, or name one of user0 to user4",
	.fn = resource,
	.args = {
		{ "RESOURCE", NULL, ARG_WORD, true, false },
		{ "NAME", NULL, ARG_WORD, true, false },
	},
};
