// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

static const struct field fields[] = {
	FIELD(CGSPAN_SESSION_A_EPOCH, WIRE_U64, cgspan_session, epoch),
	FIELD(CGSPAN_SESSION_A_SENT, WIRE_U64, cgspan_session, sent),
	FIELD(CGSPAN_SESSION_A_TTL, WIRE_U32, cgspan_session, ttl),
	FIELD(CGSPAN_SESSION_A_DEADLINE, WIRE_U64, cgspan_session, deadline),
	FIELD(CGSPAN_SESSION_A_STATE, WIRE_U8, cgspan_session, state),
	FIELD(CGSPAN_SESSION_A_OWNED, WIRE_U8, cgspan_session, owned),
};

int read_session(const struct nlattr *nest, struct cgspan_session *out)
{
	return nest_read(nest, fields, ARRAY_SIZE(fields), out);
}

static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = msg_find(nlh, CGSPAN_A_SESSION);

	return nest ? read_session(nest, arg) : -EIO;
}

void build_renewal(struct msg *m, uint64_t epoch, uint64_t sent, uint32_t ttl)
{
	size_t nest;

	msg_init(m, CGSPAN_CMD_SESSION_RENEW, 0);
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
	struct cgspan_session s = {};
	struct msg m;
	int ret;

	build_renewal(&m, epoch, sent, ttl);
	ret = ipc_call(c, &m, reply_read, &s, err);
	if (!ret && session)
		*session = s;
	return ret;
}

void build_leave(struct msg *m, uint64_t epoch)
{
	size_t nest;

	msg_init(m, CGSPAN_CMD_LEAVE, 0);
	nest = msg_nest(m, CGSPAN_A_SESSION);
	msg_put_u64(m, CGSPAN_SESSION_A_EPOCH, epoch);
	msg_nest_end(m, nest);
}

int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err)
{
	struct msg m;

	build_leave(&m, epoch);
	return ipc_call(c, &m, NULL, NULL, err);
}
