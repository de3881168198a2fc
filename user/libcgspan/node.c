// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <string.h>

static const struct field fields[] = {
	FIELD(CGSPAN_NODE_A_NAME, WIRE_STR, cgspan_node, name),
	{
		PLACE(CGSPAN_NODE_A_BOOT_ID, WIRE_SAME, cgspan_node, boot_id),
		.has = offsetof(struct cgspan_node, has_boot_id),
	},
	FIELD(CGSPAN_NODE_A_UUID, WIRE_SAME, cgspan_node, uuid),
	FIELD(CGSPAN_NODE_A_VERSION, WIRE_STR, cgspan_node, version),
	FIELD(CGSPAN_NODE_A_CLOCK, WIRE_SAME, cgspan_node, clock),
	FIELD(CGSPAN_NODE_A_HOOKS, WIRE_U8, cgspan_node, hooks),
	FIELD(CGSPAN_NODE_A_GROUPS, WIRE_SAME, cgspan_node, groups),
	FIELD(CGSPAN_NODE_A_MEMBERS, WIRE_SAME, cgspan_node, members),
	FIELD(CGSPAN_NODE_A_TASKS, WIRE_SAME, cgspan_node, tasks),
	FIELD(CGSPAN_NODE_A_FORKS, WIRE_SAME, cgspan_node, forks),
	FIELD(CGSPAN_NODE_A_REFUSALS, WIRE_SAME, cgspan_node, refusals),
	FIELD(CGSPAN_NODE_A_EXITS_TOLD, WIRE_SAME, cgspan_node, exits_told),
	FIELD(CGSPAN_NODE_A_EXITS_LOST, WIRE_SAME, cgspan_node, exits_lost),
};

struct named {
	uint32_t id;
	char name[CGSPAN_RES_NAME_LEN + 1];
};

static const struct field named_fields[] = {
	FIELD(CGSPAN_RES_A_ID, WIRE_SAME, named, id),
	FIELD(CGSPAN_RES_A_NAME, WIRE_STR, named, name),
};

static const struct layout named_layout = {
	LAYOUT(CGSPAN_NODE_A_RESOURCE, named, named_fields),
};

static int names_read(const struct nlattr *nest, void *out)
{
	struct cgspan_node *node = out;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		struct named n = {};

		if (mnl_attr_get_type(a) != CGSPAN_NODE_A_RESOURCE)
			continue;
		if (nest_read(a, &named_layout, &n))
			return -EIO;
		n.id -= CGSPAN_RES_USER0;
		if (n.id < CGSPAN_RES_USERS)
			memcpy(node->res_names[n.id], n.name, sizeof(n.name));
	}
	return 0;
}

const struct layout node_layout = {
	LAYOUT(CGSPAN_A_NODE, cgspan_node, fields),
	.more = names_read,
};

struct reply {
	struct cgspan_node node;
	struct cgspan_session session;
};

static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	struct reply *r = arg;

	return msg_read(nlh, &node_layout, &r->node) ||
	       msg_read(nlh, &session_layout, &r->session) ? -EIO : 0;
}

int cgspan_node_get(struct cgspan *c, struct cgspan_node *node,
		    struct cgspan_session *session, struct cgspan_err *err)
{
	struct reply r = {};
	struct msg m;
	int ret;

	msg_init(&m, CGSPAN_CMD_NODE_GET);
	ret = ipc_call(c, &m, reply_read, &r, err);
	if (ret)
		return ret;
	if (node)
		*node = r.node;
	if (session)
		*session = r.session;
	return 0;
}

void build_node(struct msg *m, const char *name, const uint8_t *boot_id)
{
	size_t nest;

	msg_init(m, CGSPAN_CMD_NODE_SET);
	nest = msg_nest(m, CGSPAN_A_NODE);
	msg_put_str(m, CGSPAN_NODE_A_NAME, name);
	if (boot_id)
		msg_put_bin(m, CGSPAN_NODE_A_BOOT_ID, boot_id, CGSPAN_ID_LEN);
	msg_nest_end(m, nest);
}

int cgspan_node_set(struct cgspan *c, const char *name, const uint8_t *boot_id,
		    struct cgspan_err *err)
{
	struct msg m;

	build_node(&m, name, boot_id);
	return ipc_call(c, &m, NULL, NULL, err);
}

int cgspan_node_name_res(struct cgspan *c, uint32_t res, const char *name,
			 struct cgspan_err *err)
{
	size_t nest, named;
	struct msg m;

	msg_init(&m, CGSPAN_CMD_NODE_SET);
	nest = msg_nest(&m, CGSPAN_A_NODE);
	named = msg_nest(&m, CGSPAN_NODE_A_RESOURCE);
	msg_put_u32(&m, CGSPAN_RES_A_ID, res);
	msg_put_str(&m, CGSPAN_RES_A_NAME, name);
	msg_nest_end(&m, named);
	msg_nest_end(&m, nest);
	return ipc_call(c, &m, NULL, NULL, err);
}
