// SPDX-License-Identifier: GPL-2.0
/* cgspan status: show this node. */
#include <string.h>
#include <systemd/sd-id128.h>

#include "field.h"
#include "verbs.h"

#define NSEC_PER_MSEC	1000000ULL

static sd_id128_t id(const uint8_t *bytes)
{
	sd_id128_t id;

	memcpy(id.bytes, bytes, sizeof(id.bytes));
	return id;
}

static int print(struct cmd *c, const struct cgspan_node *n,
		 const struct cgspan_session *s, struct cgspan_err *err)
{
	bool alone = s->state == CGSPAN_SESSION_NONE;
	uint64_t left = s->deadline > n->clock ? s->deadline - n->clock : 0;
	const struct field fields[] = {
		{ "node", UNIT_TEXT, .text = *n->name ? n->name : NULL },
		{ "version", UNIT_TEXT, .text = n->version },
		{ "session", UNIT_TEXT, .text = cgspan_session_name(s->state) },
		{ "epoch", UNIT_COUNT, .num = s->epoch, .unknown = alone },
		{ "left_ms", UNIT_MS, .num = left / NSEC_PER_MSEC,
		  .unknown = alone },
		{ "ttl_ms", UNIT_MS, .num = s->ttl, .unknown = alone },
		{ "owned", UNIT_FLAG, .num = s->owned, .unknown = alone },
		{ "groups", UNIT_COUNT, .num = n->groups },
		{ "members", UNIT_COUNT, .num = n->members },
		{ "tasks", UNIT_COUNT, .num = n->tasks },
		{ "forks", UNIT_COUNT, .num = n->forks },
		{ "refusals", UNIT_COUNT, .num = n->refusals },
		{ "hooks", UNIT_FLAG, .num = n->hooks },
		{ "uuid", UNIT_TEXT,
		  .text = SD_ID128_TO_UUID_STRING(id(n->uuid)) },
		{ "boot_id", UNIT_TEXT, .text = n->has_boot_id ?
			SD_ID128_TO_UUID_STRING(id(n->boot_id)) : NULL },
	};

	return result_print(c, fields, ARRAY_SIZE(fields), err, NULL);
}

static int status(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_session session;
	struct cgspan_node node;
	int ret = cmd_node(c, &node, &session, err);

	return ret ? ret : print(c, &node, &session, err);
}

const struct verb verb_status = {
	.name = "status",
	.help = "show this node: its name, its session, its totals",
	.fn = status,
};
