// SPDX-License-Identifier: GPL-2.0
/* cgspan status: show this node. */
#include <string.h>
#include <systemd/sd-id128.h>

#include "field.h"
#include "verbs.h"

#define NSEC_PER_MSEC	1000000ULL

enum {
	F_NODE, F_VERSION, F_SESSION, F_EPOCH, F_LEFT, F_TTL, F_OWNED,
	F_GROUPS, F_MEMBERS, F_TASKS, F_FORKS, F_REFUSALS, F_HOOKS, F_UUID,
	F_BOOT_ID,
};

static const struct field fields[] = {
	[F_NODE] = { "node", UNIT_TEXT, false },
	[F_VERSION] = { "version", UNIT_TEXT, false },
	[F_SESSION] = { "session", UNIT_TEXT, false },
	[F_EPOCH] = { "epoch", UNIT_COUNT, false },
	[F_LEFT] = { "left_ms", UNIT_MS, false },
	[F_TTL] = { "ttl_ms", UNIT_MS, false },
	[F_OWNED] = { "owned", UNIT_FLAG, false },
	[F_GROUPS] = { "groups", UNIT_COUNT, false },
	[F_MEMBERS] = { "members", UNIT_COUNT, false },
	[F_TASKS] = { "tasks", UNIT_COUNT, false },
	[F_FORKS] = { "forks", UNIT_COUNT, false },
	[F_REFUSALS] = { "refusals", UNIT_COUNT, false },
	[F_HOOKS] = { "hooks", UNIT_FLAG, false },
	[F_UUID] = { "uuid", UNIT_TEXT, false },
	[F_BOOT_ID] = { "boot_id", UNIT_TEXT, false },
};

static void id_fill(struct table *t, size_t field, const uint8_t *bytes)
{
	sd_id128_t id;

	memcpy(id.bytes, bytes, sizeof(id.bytes));
	table_text(t, field, SD_ID128_TO_UUID_STRING(id));
}

static void node_fill(struct table *t, const struct cgspan_node *n)
{
	table_text(t, F_NODE, *n->name ? n->name : NULL);
	table_text(t, F_VERSION, n->version);
	table_num(t, F_GROUPS, n->groups);
	table_num(t, F_MEMBERS, n->members);
	table_num(t, F_TASKS, n->tasks);
	table_num(t, F_FORKS, n->forks);
	table_num(t, F_REFUSALS, n->refusals);
	table_num(t, F_HOOKS, n->hooks);
	id_fill(t, F_UUID, n->uuid);
	if (n->has_boot_id)
		id_fill(t, F_BOOT_ID, n->boot_id);
}

static void session_fill(struct table *t, const struct cgspan_session *s,
			 uint64_t clock)
{
	table_text(t, F_SESSION, cgspan_session_name(s->state));
	if (s->state == CGSPAN_SESSION_NONE)
		return;
	table_num(t, F_EPOCH, s->epoch);
	table_num(t, F_LEFT, s->deadline > clock ?
		  (s->deadline - clock) / NSEC_PER_MSEC : 0);
	table_num(t, F_TTL, s->ttl);
	table_num(t, F_OWNED, s->owned);
}

static int status(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);
	struct cgspan_session session;
	struct cgspan_node node;
	int ret;

	ret = cmd_node(c, &node, &session, err);
	if (ret)
		return ret;
	node_fill(&t, &node);
	session_fill(&t, &session, node.clock);
	return table_print(&t, c, err);
}

const struct verb verb_status = {
	.name = "status",
	.help = "show this node: its name, its session, its totals",
	.fn = status,
};
