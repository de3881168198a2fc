// SPDX-License-Identifier: GPL-2.0
/* cgspan grants: list grants, and requests that wait, on this node. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "field.h"
#include "resource_name.h"
#include "verbs.h"

enum { F_ID, F_GROUP, F_STATE, F_AMOUNTS, F_SPENT, F_PID, F_PORT };

static const struct field fields[] = {
	[F_ID] = { "id", UNIT_COUNT, false },
	[F_GROUP] = { "group", UNIT_TEXT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
	[F_AMOUNTS] = { "amounts", UNIT_WORDS, false },
	[F_SPENT] = { "spent", UNIT_COUNT, true },
	[F_PID] = { "pid", UNIT_COUNT, false },
	[F_PORT] = { "port", UNIT_COUNT, true },
};

static int by_id(const void *a, const void *b)
{
	const struct cgspan_grant *p = a, *q = b;

	return (p->id > q->id) - (p->id < q->id);
}

static void amounts_fill(struct table *t, const struct cgspan_node *node,
			 const struct cgspan_grant *g)
{
	char word[CGSPAN_RES_NAME_LEN + sizeof("=18446744073709551615")];
	uint32_t res;

	for (res = 0; res <= CGSPAN_RES_MAX; res++) {
		if (!g->amounts[res])
			continue;
		snprintf(word, sizeof(word), "%s=%" PRIu64,
			 resource_name(node, res), g->amounts[res]);
		table_word(t, F_AMOUNTS, word);
	}
}

static void grant_fill(struct table *t, const struct cgspan_node *node,
		       const struct cgspan_grant *g)
{
	table_row(t);
	table_num(t, F_ID, g->id);
	table_text(t, F_GROUP, g->group);
	table_text(t, F_STATE, cgspan_grant_state_name(g->state));
	amounts_fill(t, node, g);
	table_num(t, F_SPENT, g->spent);
	if (g->port)
		table_num(t, F_PORT, g->port);
	else
		table_num(t, F_PID, g->pid);
}

static int grants(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ROWS);
	struct cgspan_grant *list = NULL;
	struct cgspan_node node;
	const char *group;
	struct cgspan *k;
	size_t i, n = 0;
	int ret;

	ret = cmd_group(c, "GROUP", &group, err);
	if (!ret)
		ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, &node, NULL, err);
	if (!ret)
		ret = cgspan_grant_list(k, group, &list, &n, err);
	cgspan_close(k);
	if (ret)
		return ret;
	if (n)
		qsort(list, n, sizeof(*list), by_id);
	for (i = 0; i < n; i++)
		grant_fill(&t, &node, &list[i]);
	ret = table_print(&t, c, err);
	free(list);
	return ret;
}

static const struct arg args[] = {
	{ "GROUP", NULL, ARG_WORD, true, false },
	{}
};

const struct verb verb_grants = {
	.name = "grants",
	.help = "list grants, and requests that wait, on this node",
	.args = args,
	.fn = grants,
};
