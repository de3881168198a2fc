// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

static const struct field fields[] = {
	FIELD(CGSPAN_GROUP_A_ID, WIRE_SAME, cgspan_group, id),
	FIELD(CGSPAN_GROUP_A_PATH, WIRE_STR, cgspan_group, path),
	FIELD(CGSPAN_GROUP_A_PARENT_ID, WIRE_SAME, cgspan_group, parent_id),
	FIELD(CGSPAN_GROUP_A_ON_EXPIRY, WIRE_U8, cgspan_group, on_expiry),
	FIELD(CGSPAN_GROUP_A_MEMBERS, WIRE_SAME, cgspan_group, members),
	FIELD(CGSPAN_GROUP_A_LIVE, WIRE_SAME, cgspan_group, live),
	FIELD(CGSPAN_GROUP_A_FORKS, WIRE_SAME, cgspan_group, forks),
	FIELD(CGSPAN_GROUP_A_EXECS, WIRE_SAME, cgspan_group, execs),
	FIELD(CGSPAN_GROUP_A_EXITS, WIRE_SAME, cgspan_group, exits),
	FIELD(CGSPAN_GROUP_A_REFUSALS, WIRE_SAME, cgspan_group, refusals),
	FIELD(CGSPAN_GROUP_A_FLAGS, WIRE_SAME, cgspan_group, flags),
	FIELD(CGSPAN_GROUP_A_SETTLED, WIRE_SAME, cgspan_group, settled),
	FIELD(CGSPAN_GROUP_A_CPU, WIRE_SAME, cgspan_group, cpu),
	FIELD(CGSPAN_GROUP_A_VOLUNTARY, WIRE_SAME, cgspan_group, voluntary),
	FIELD(CGSPAN_GROUP_A_INVOLUNTARY, WIRE_SAME, cgspan_group, involuntary),
	FIELD(CGSPAN_GROUP_A_MAJOR_FAULTS, WIRE_SAME, cgspan_group,
	      major_faults),
	FIELD(CGSPAN_GROUP_A_MAX_RSS, WIRE_SAME, cgspan_group, max_rss),
	{
		PLACE(CGSPAN_GROUP_A_MEMORY, WIRE_SAME, cgspan_group, memory),
		.has = offsetof(struct cgspan_group, measured),
	},
	FIELD(CGSPAN_GROUP_A_MEMORY_PEAK, WIRE_SAME, cgspan_group, memory_peak),
};

static const struct field res_fields[] = {
	FIELD(CGSPAN_RES_A_ID, WIRE_SAME, cgspan_res, id),
	FIELD(CGSPAN_RES_A_LIMIT, WIRE_SAME, cgspan_res, limit),
	FIELD(CGSPAN_RES_A_LEASE, WIRE_SAME, cgspan_res, lease),
	FIELD(CGSPAN_RES_A_USED, WIRE_SAME, cgspan_res, used),
	FIELD(CGSPAN_RES_A_PEAK, WIRE_SAME, cgspan_res, peak),
	FIELD(CGSPAN_RES_A_REFUSALS, WIRE_SAME, cgspan_res, refusals),
	FIELD(CGSPAN_RES_A_LOW, WIRE_SAME, cgspan_res, low),
	FIELD(CGSPAN_RES_A_EXHAUSTED, WIRE_U8, cgspan_res, exhausted),
	FIELD(CGSPAN_RES_A_CREDIT, WIRE_U8, cgspan_res, credit),
	FIELD(CGSPAN_RES_A_RESERVED, WIRE_SAME, cgspan_res, reserved),
	FIELD(CGSPAN_RES_A_UNSPENT, WIRE_SAME, cgspan_res, unspent),
	FIELD(CGSPAN_RES_A_WAITING, WIRE_SAME, cgspan_res, waiting),
	FIELD(CGSPAN_RES_A_ASKED, WIRE_SAME, cgspan_res, asked),
	FIELD(CGSPAN_RES_A_PEER_USED, WIRE_SAME, cgspan_res, peer_used),
	FIELD(CGSPAN_RES_A_PEER_NODES, WIRE_SAME, cgspan_res, peer_nodes),
	{
		PLACE(CGSPAN_RES_A_PEER_TIME, WIRE_SAME, cgspan_res, peer_time),
		.has = offsetof(struct cgspan_res, has_peer),
	},
	FIELD(CGSPAN_RES_A_PEER_NODE, WIRE_STR, cgspan_res, peer_node),
	FIELD(CGSPAN_RES_A_PEER_HEADROOM, WIRE_SAME, cgspan_res, peer_headroom),
	FIELD(CGSPAN_RES_A_CAUSE, WIRE_U8, cgspan_res, cause),
	FIELD(CGSPAN_RES_A_CALLER_ID, WIRE_SAME, cgspan_res, caller_id),
};

static const struct layout res_layout = {
	LAYOUT(CGSPAN_GROUP_A_RESOURCE, cgspan_res, res_fields),
};

/* Read all resources, but skip those that only a newer module knows. */
static int resources_read(const struct nlattr *nest, void *out)
{
	struct cgspan_group *g = out;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		struct cgspan_res res = {};

		if (mnl_attr_get_type(a) != CGSPAN_GROUP_A_RESOURCE)
			continue;
		if (nest_read(a, &res_layout, &res))
			return -EIO;
		if (res.id <= CGSPAN_RES_MAX && g->n_res <= CGSPAN_RES_MAX)
			g->res[g->n_res++] = res;
	}
	return 0;
}

const struct layout group_layout = {
	LAYOUT(CGSPAN_A_GROUP, cgspan_group, fields),
	.more = resources_read,
};

/* Build a request to read @path or @id, one group or its subtree; or all. */
static void read_build(struct msg *m, bool brief, const char *path, uint64_t id)
{
	size_t nest;

	msg_init(m, CGSPAN_CMD_GROUP_GET);
	if (!path && !id && !brief)
		return;
	nest = msg_nest(m, CGSPAN_A_GROUP);
	if (path || id)
		msg_put_group(m, CGSPAN_GROUP_A_PATH, path, CGSPAN_GROUP_A_ID,
			      id);
	if (brief)
		msg_put_u32(m, CGSPAN_GROUP_A_FLAGS, CGSPAN_GROUP_F_BRIEF);
	msg_nest_end(m, nest);
}

void build_group(struct msg *m, uint8_t cmd,
		 const struct cgspan_group_conf *conf)
{
	size_t i, nest, res;

	msg_init(m, cmd);
	nest = msg_nest(m, CGSPAN_A_GROUP);
	msg_put_group(m, CGSPAN_GROUP_A_PATH, conf->path, CGSPAN_GROUP_A_ID,
		      conf->id);
	if (conf->on_expiry != CGSPAN_ON_EXPIRY_KEEP)
		msg_put_u8(m, CGSPAN_GROUP_A_ON_EXPIRY, conf->on_expiry);
	for (i = 0; i < conf->n_limits; i++) {
		res = msg_nest(m, CGSPAN_GROUP_A_RESOURCE);
		msg_put_u32(m, CGSPAN_RES_A_ID, conf->limits[i].res);
		msg_put_u64(m, CGSPAN_RES_A_LIMIT, conf->limits[i].limit);
		msg_nest_end(m, res);
	}
	msg_nest_end(m, nest);
}

int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err)
{
	struct cgspan_group group;
	struct msg m;
	int ret;

	if (!conf->path)
		return cgspan_err_set(err, -EINVAL,
				      "a new group must have a path");
	build_group(&m, CGSPAN_CMD_GROUP_NEW, conf);
	ret = ipc_get(c, &m, &group_layout, &group, err);
	if (!ret && id)
		*id = group.id;
	return ret;
}

int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err)
{
	struct msg m;

	build_group(&m, CGSPAN_CMD_GROUP_SET, conf);
	return ipc_call(c, &m, NULL, NULL, err);
}

int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err)
{
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_GROUP_DEL);
	nest = msg_nest(&m, CGSPAN_A_GROUP);
	msg_put_group(&m, CGSPAN_GROUP_A_PATH, path, CGSPAN_GROUP_A_ID, id);
	msg_nest_end(&m, nest);
	return ipc_call(c, &m, NULL, NULL, err);
}

int cgspan_group_get(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_group *out, struct cgspan_err *err)
{
	struct msg m;

	read_build(&m, ipc_brief(c), path, id);
	return ipc_get(c, &m, &group_layout, out, err);
}

int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err)
{
	struct msg m;

	read_build(&m, ipc_brief(c), under, 0);
	return ipc_dump(c, &m, &group_layout, out, n, err);
}
