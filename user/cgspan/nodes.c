// SPDX-License-Identifier: GPL-2.0
/* cgspan nodes: list the nodes of the cluster. */
#include <stdio.h>
#include <string.h>

#include "field.h"
#include "node_list.h"
#include "verbs.h"

enum {
	F_NODE, F_STATE, F_TASKS, F_LEASE, F_EPOCH, F_ACKED, F_LABELS,
	F_MACHINE, F_BOOT, F_UUID,
};

static const struct field fields[] = {
	[F_NODE] = { "node", UNIT_TEXT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
	[F_TASKS] = { "tasks", UNIT_COUNT, false },
	[F_LEASE] = { "lease", UNIT_AMOUNT, true },
	[F_EPOCH] = { "epoch", UNIT_COUNT, false },
	[F_ACKED] = { "acked", UNIT_COUNT, false },
	[F_LABELS] = { "labels", UNIT_WORDS, false },
	[F_MACHINE] = { "machine", UNIT_TEXT, true },
	[F_BOOT] = { "boot_id", UNIT_TEXT, true },
	[F_UUID] = { "uuid", UNIT_TEXT, true },
};

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

static void node_fill(struct table *t, const struct node_entry *n)
{
	char labels[LABELS_MAX * (LABEL_LEN + 1)] = "";
	size_t i;

	table_row(t);
	table_text(t, F_NODE, n->name);
	table_text(t, F_STATE, state(n));
	if (n->has_usage) {
		table_num(t, F_TASKS, n->used);
		table_num(t, F_LEASE, n->lease);
	}
	if (n->epoch)
		table_num(t, F_EPOCH, n->epoch);
	table_num(t, F_ACKED, n->acked);
	for (i = 0; i < n->rec.n_labels; i++)
		sprintf(labels + strlen(labels), "%s%s", i ? " " : "",
			n->rec.labels[i]);
	table_text(t, F_LABELS, labels);
	table_text(t, F_MACHINE, n->rec.machine);
	table_text(t, F_BOOT, n->rec.boot);
	table_text(t, F_UUID, n->rec.uuid);
}

/* Without a store this node is the only one. */
static int alone_fill(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_node node;
	int ret;

	ret = cmd_node(c, &node, NULL, err);
	if (ret)
		return ret;
	table_text(t, F_NODE, *node.name ? node.name : NULL);
	table_text(t, F_STATE, "alone");
	table_num(t, F_TASKS, node.tasks);
	return 0;
}

static int store_fill(struct table *t, struct sync *s, struct cgspan_err *err)
{
	struct node_list list = {};
	size_t i;
	int ret;

	ret = node_list_read(s, &list, true, err);
	for (i = 0; !ret && i < list.n; i++)
		node_fill(t, &list.nodes[i]);
	node_list_free(&list);
	return ret;
}

static int nodes(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ROWS);
	int ret;

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
