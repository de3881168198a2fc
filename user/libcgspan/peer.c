// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

static void one_build(struct msg *m, const struct cgspan_peer *p)
{
	size_t nest = msg_nest(m, CGSPAN_A_PEER);

	msg_put_group(m, CGSPAN_PEER_A_GROUP_PATH, p->path,
		      CGSPAN_PEER_A_GROUP_ID, p->id);
	msg_put_u32(m, CGSPAN_PEER_A_RES, p->res);
	msg_put_u64(m, CGSPAN_PEER_A_USED, p->used);
	msg_put_u32(m, CGSPAN_PEER_A_NODES, p->nodes);
	msg_put_u64(m, CGSPAN_PEER_A_TIME, p->time);
	if (p->node) {
		msg_put_str(m, CGSPAN_PEER_A_NODE, p->node);
		msg_put_u64(m, CGSPAN_PEER_A_HEADROOM, p->headroom);
	}
	msg_nest_end(m, nest);
}

void build_peer(struct msg *m, const struct cgspan_peer *peers, size_t n)
{
	size_t i;

	msg_init(m, CGSPAN_CMD_PEER_SET);
	for (i = 0; i < n; i++)
		one_build(m, &peers[i]);
}

int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err)
{
	int ret = ipc_check_count(n, CGSPAN_LEASES_MAX, "figures", err);
	struct msg m;

	if (ret)
		return ret;
	build_peer(&m, peers, n);
	return ipc_call(c, &m, NULL, NULL, err);
}
