// SPDX-License-Identifier: GPL-2.0
/* cgspan nodes: list the nodes of the cluster. */
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "node_list.h"
#include "verbs.h"

static const char *state(const struct node_entry *n)
{
	if (n->fenced)
		return "fenced";
	if (n->claiming)
		return "claiming";
	if (n->rec.state == NODE_LEAVING)
		return "leaving";
	return n->epoch ? "joined" : "joining";
}

/* @alone: @n is this node, which is in no cluster */
static void node_row(struct table *t, const struct node_entry *n, bool alone)
{
	char labels[LABELS_MAX * (LABEL_LEN + 1)] = "";
	const struct field row[] = {
		{ "node", UNIT_TEXT, .text = *n->name ? n->name : NULL },
		{ "state", UNIT_TEXT, .text = alone ? "alone" : state(n) },
		{ "tasks", UNIT_COUNT, .num = n->used,
		  .unknown = !n->has_usage },
		{ "lease", UNIT_AMOUNT, .num = n->lease,
		  .unknown = alone || !n->has_usage, .more = true },
		{ "epoch", UNIT_COUNT, .num = n->epoch, .unknown = !n->epoch },
		{ "acked", UNIT_COUNT, .num = n->acked, .unknown = alone },
		{ "labels", UNIT_WORDS, .text = alone ? NULL : labels },
		{ "machine", UNIT_TEXT, .more = true,
		  .text = alone ? NULL : n->rec.machine },
		{ "boot_id", UNIT_TEXT, .more = true,
		  .text = alone ? NULL : n->rec.boot },
		{ "uuid", UNIT_TEXT, .more = true,
		  .text = alone ? NULL : n->rec.uuid },
	};
	size_t i;

	for (i = 0; i < n->rec.n_labels; i++)
		sprintf(labels + strlen(labels), "%s%s", i ? " " : "",
			n->rec.labels[i]);
	table_row(t, row, ARRAY_SIZE(row));
}

static int alone_fill(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	struct node_entry self = { .has_usage = true };
	struct cgspan_node node;
	int ret;

	ret = cmd_node(c, &node, NULL, err);
	if (ret)
		return ret;
	strcpy(self.name, node.name);
	self.used = node.tasks;
	node_row(t, &self, true);
	return 0;
}

static int store_fill(struct table *t, struct sync *s, struct cgspan_err *err)
{
	struct node_list list = {};
	size_t i;
	int ret;

	ret = node_list_read(s, &list, true, err);
	for (i = 0; !ret && i < list.n; i++)
		node_row(t, &list.nodes[i], false);
	node_list_free(&list);
	return ret;
}

static int nodes(struct cmd *c, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	int ret;

	node_row(&t, &(struct node_entry){}, false);
	ret = cmd_store(c, err);
	if (!ret)
		ret = c->store ? store_fill(&t, c->store, err) :
				 alone_fill(&t, c, err);
	if (!ret)
		ret = table_print(&t, c, err);
	table_clear(&t);
	return ret;
}

const struct verb verb_nodes = {
	.name = "nodes",
	.help = "list the nodes of the cluster",
	.fn = nodes,
};
