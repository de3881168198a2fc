// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

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

	msg_init(m, CGSPAN_CMD_PEER_SET, 0);
	for (i = 0; i < n; i++)
		one_build(m, &peers[i]);
}

int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err)
{
	struct msg m;

	if (!n || n > CGSPAN_LEASES_MAX)
		return cgspan_err_set(err, -EINVAL,
				      "%zu figures in one request: 1 to %d may be",
				      n, CGSPAN_LEASES_MAX);
	build_peer(&m, peers, n);
	return ipc_call(c, &m, NULL, NULL, err);
}
