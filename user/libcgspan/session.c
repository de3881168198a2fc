// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

static const struct field fields[] = {
	FIELD(CGSPAN_SESSION_A_EPOCH, WIRE_SAME, cgspan_session, epoch),
	FIELD(CGSPAN_SESSION_A_SENT, WIRE_SAME, cgspan_session, sent),
	FIELD(CGSPAN_SESSION_A_TTL, WIRE_SAME, cgspan_session, ttl),
	FIELD(CGSPAN_SESSION_A_DEADLINE, WIRE_SAME, cgspan_session, deadline),
	FIELD(CGSPAN_SESSION_A_STATE, WIRE_U8, cgspan_session, state),
	FIELD(CGSPAN_SESSION_A_OWNED, WIRE_U8, cgspan_session, owned),
};

const struct layout session_layout = {
	LAYOUT(CGSPAN_A_SESSION, cgspan_session, fields),
};

void build_renewal(struct msg *m, uint64_t epoch, uint64_t sent, uint32_t ttl)
{
	size_t nest;

	msg_init(m, CGSPAN_CMD_SESSION_RENEW);
	nest = msg_nest(m, CGSPAN_A_SESSION);
	msg_put_u64(m, CGSPAN_SESSION_A_EPOCH, epoch);
	msg_put_u64(m, CGSPAN_SESSION_A_SENT, sent);
	msg_put_u32(m, CGSPAN_SESSION_A_TTL, ttl);
	msg_nest_end(m, nest);
}

int cgspan_session_renew(struct cgspan *c, uint64_t epoch, uint64_t sent,
			 uint32_t ttl, struct cgspan_session *session,
			 struct cgspan_err *err)
{
	struct msg m;

	build_renewal(&m, epoch, sent, ttl);
	return ipc_get(c, &m, &session_layout, session, err);
}

int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err)
{
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_LEAVE);
	nest = msg_nest(&m, CGSPAN_A_SESSION);
	msg_put_u64(&m, CGSPAN_SESSION_A_EPOCH, epoch);
	msg_nest_end(&m, nest);
	return ipc_call(c, &m, NULL, NULL, err);
}
