// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <string.h>

/*
 * A listener is a handle that sends no requests. It has its own type so that the
 * compiler refuses it where a handle is needed.
 */
static struct cgspan *handle(const struct cgspan_events *ev)
{
	return (struct cgspan *)ev;
}

int cgspan_event_open(struct cgspan_events **out, unsigned int which,
		      struct cgspan_err *err)
{
	struct cgspan *c;
	int ret;

	ret = cgspan_open(&c, err);
	if (ret)
		return ret;
	ret = ipc_listen(c, which, err);
	if (ret)
		cgspan_close(c);
	else
		*out = (struct cgspan_events *)c;
	return ret;
}

void cgspan_event_close(struct cgspan_events *ev)
{
	cgspan_close(handle(ev));
}

int cgspan_event_fd(const struct cgspan_events *ev)
{
	return ipc_fd(handle(ev));
}

static const struct field exit_fields[] = {
	FIELD(CGSPAN_EXIT_A_SEQ, WIRE_U64, cgspan_exit, seq),
	FIELD(CGSPAN_EXIT_A_PID, WIRE_U32, cgspan_exit, pid),
	FIELD(CGSPAN_EXIT_A_TGID, WIRE_U32, cgspan_exit, tgid),
	FIELD(CGSPAN_EXIT_A_GROUP_ID, WIRE_U64, cgspan_exit, group_id),
	FIELD(CGSPAN_EXIT_A_GROUP_PATH, WIRE_STR, cgspan_exit, group),
	FIELD(CGSPAN_EXIT_A_COMM, WIRE_STR, cgspan_exit, comm),
	FIELD(CGSPAN_EXIT_A_START, WIRE_U64, cgspan_exit, start),
	FIELD(CGSPAN_EXIT_A_END, WIRE_U64, cgspan_exit, end),
	FIELD(CGSPAN_EXIT_A_CPU, WIRE_U64, cgspan_exit, cpu),
	FIELD(CGSPAN_EXIT_A_MAX_RSS, WIRE_U64, cgspan_exit, max_rss),
	FIELD(CGSPAN_EXIT_A_CODE, WIRE_U32, cgspan_exit, code),
};

int read_event(const struct nlmsghdr *nlh, struct cgspan_event *out)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *nest;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EIO;
	memset(out, 0, sizeof(*out));
	out->cmd = genl->cmd;
	switch (genl->cmd) {
	case CGSPAN_CMD_GROUP_NTF:
	case CGSPAN_CMD_GROUP_DEL_NTF:
	case CGSPAN_CMD_CREDIT_NTF:
	case CGSPAN_CMD_GROUP_EMPTY_NTF:
		nest = msg_find(nlh, CGSPAN_A_GROUP);
		return nest ? read_group(nest, &out->group) : -EIO;
	case CGSPAN_CMD_MEMBER_NTF:
	case CGSPAN_CMD_MEMBER_DEL_NTF:
		nest = msg_find(nlh, CGSPAN_A_MEMBER);
		return nest ? read_member(nest, &out->member) : -EIO;
	case CGSPAN_CMD_SESSION_NTF:
		nest = msg_find(nlh, CGSPAN_A_SESSION);
		return nest ? read_session(nest, &out->session) : -EIO;
	case CGSPAN_CMD_EXIT_NTF:
		nest = msg_find(nlh, CGSPAN_A_EXIT);
		return nest ? nest_read(nest, exit_fields,
					ARRAY_SIZE(exit_fields), &out->exit) :
			      -EIO;
	default:
		return -ENOMSG;
	}
}

int cgspan_event_recv(struct cgspan_events *ev, struct cgspan_event *out,
		      struct cgspan_err *err)
{
	const struct nlmsghdr *nlh;
	int ret;

	do {
		ret = ipc_next(handle(ev), &nlh, err);
		if (ret)
			return ret;
		ret = nlh->nlmsg_type < NLMSG_MIN_TYPE ?
		      -ENOMSG : read_event(nlh, out);
	} while (ret == -ENOMSG);
	if (ret)
		cgspan_err_set(err, ret,
			       "a notification cannot be understood: module and library do not match");
	return ret;
}
