// SPDX-License-Identifier: GPL-2.0
/* cgspan nodes: who is in the cluster. */
#include <stdlib.h>
#include <string.h>

#include "node_list.h"
#include "config/config.h"
#include "field.h"
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

static const char *state(const struct citizen *n)
{
	if (n->fenced)
		return "fenced";
	if (n->claiming)
		return "claiming";
	if (n->rec.state == NODE_LEAVING)
		return "leaving";
	return n->epoch ? "joined" : "joining";
}

static void labels_fill(struct table *t, const struct node_rec *rec)
{
	char text[LABELS_MAX * (LABEL_LEN + 1) + 1] = "";
	size_t i;

	for (i = 0; i < rec->n_labels; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, rec->labels[i]);
	}
	table_text(t, F_LABELS, text);
}

static void node_fill(struct table *t, const struct citizen *n)
{
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
	labels_fill(t, &n->rec);
	table_text(t, F_MACHINE, n->rec.machine);
	table_text(t, F_BOOT, n->rec.boot);
	table_text(t, F_UUID, n->rec.uuid);
}

/* Without a store this node is the only one. */
static int alone_fill(struct table *t, struct cgspan_err *err)
{
	struct cgspan_node node;
	struct cgspan *k;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_node_get(k, &node, NULL, err);
	cgspan_close(k);
	if (ret)
		return ret;
	table_row(t);
	if (*node.name)
		table_text(t, F_NODE, node.name);
	table_text(t, F_STATE, "alone");
	table_num(t, F_TASKS, node.tasks);
	return 0;
}

static int store_fill(struct table *t, const struct config *config,
		      struct cgspan_err *err)
{
	struct census census = {};
	struct sync *s;
	size_t i;
	int ret;

	ret = sync_open(&s, config, err);
	if (ret)
		return ret;
	ret = census_read(s, &census, true, err);
	for (i = 0; !ret && i < census.n; i++)
		node_fill(t, &census.nodes[i]);
	census_free(&census);
	sync_close(s);
	return ret;
}

static int nodes(struct cmd *c, struct cgspan_err *err)
{
	struct config config = {};
	struct table t;
	int ret;

	table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ROWS);
	ret = conf_read(c, &config, err);
	if (!ret)
		ret = config.store ? store_fill(&t, &config, err) :
				     alone_fill(&t, err);
	if (!ret)
		ret = table_print(&t, c, err);
	table_free(&t);
	config_free(&config);
	return ret;
}

const struct verb verb_nodes = {
	.name = "nodes",
	.help = "list the nodes of the cluster",
	.fn = nodes,
};
