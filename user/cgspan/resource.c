// SPDX-License-Identifier: GPL-2.0
/* cgspan resource: what the resources are called on this node. */
#include "resource.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "verbs.h"

enum { F_RESOURCE, F_NAME };

static const struct field fields[] = {
	[F_RESOURCE] = { "resource", UNIT_TEXT, false },
	[F_NAME] = { "name", UNIT_TEXT, false },
};

const char *resource_word(const struct cgspan_node *node, uint32_t res)
{
	uint32_t user = res - CGSPAN_RES_USER0;

	if (user < CGSPAN_RES_USERS && node->res_names[user][0])
		return node->res_names[user];
	return cgspan_res_name(res);
}

static int node_read(struct cgspan_node *node, struct cgspan_err *err)
{
	struct cgspan *k;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, node, NULL, err);
	cgspan_close(k);
	return ret;
}

int resource_find(const char *word, uint32_t *res, struct cgspan_err *err)
{
	struct cgspan_node node = {};
	int i, ret;

	i = cgspan_res_find(word);
	if (i >= 0) {
		*res = i;
		return 0;
	}
	ret = node_read(&node, err);
	for (i = 0; !ret && i < CGSPAN_RES_USERS; i++)
		if (!strcmp(node.res_names[i], word)) {
			*res = CGSPAN_RES_USER0 + i;
			return 0;
		}
	if (ret && ret != -ENOENT)
		return ret;
	return cgspan_err_set(err, -EINVAL,
			      "no resource is called \"%.60s\": there are tasks, cpu, memory, and what \"cgspan resource\" lists",
			      word);
}

void resource_words(char words[][CGSPAN_RES_NAME_LEN + 1])
{
	struct cgspan_node node = {};
	uint32_t res;

	node_read(&node, NULL);
	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		snprintf(words[res], sizeof(words[res]), "%s",
			 resource_word(&node, res));
}

static int list(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_node node;
	struct table t;
	uint32_t res;
	int ret;

	ret = node_read(&node, err);
	if (ret)
		return ret;
	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ROWS);
	for (res = 0; res <= CGSPAN_RES_MAX; res++) {
		table_row(&t);
		table_text(&t, F_RESOURCE, cgspan_res_name(res));
		table_text(&t, F_NAME, resource_word(&node, res));
	}
	ret = table_print(&t, c, err);
	table_free(&t);
	return ret;
}

static int rename_one(struct cmd *c, const char *word, const char *name,
		      struct cgspan_err *err)
{
	struct cgspan *k;
	uint32_t res;
	int ret;

	ret = resource_find(word, &res, err);
	if (ret)
		return ret;
	if (res < CGSPAN_RES_USER0)
		return cmd_usage(c, err,
				 "\"%.60s\" has its name already: user0 to user4 can have another",
				 word);
	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_name_res(k, res, name, err);
	cgspan_close(k);
	return ret;
}

static int resource(struct cmd *c, struct cgspan_err *err)
{
	const char *word = cmd_arg(c, "RESOURCE");
	const char *name = cmd_arg(c, "NAME");

	if (!word)
		return list(c, err);
	if (!name)
		return cmd_usage(c, err, "NAME is missing");
	return rename_one(c, word, name, err);
}

static const struct arg args[] = {
	{ "RESOURCE", NULL, ARG_WORD, true, false },
	{ "NAME", NULL, ARG_WORD, true, false },
};

const struct verb verb_resource = {
	.name = "resource",
	.help = "list what can be limited, or name one of user0 to user4",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = resource,
};
