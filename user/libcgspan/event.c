// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <string.h>

/*
 * A listener is a handle that is not used for requests. It has its own type so
 * that the compiler refuses it where a handle is needed.
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
	FIELD(CGSPAN_EXIT_A_SEQ, WIRE_SAME, cgspan_exit, seq),
	FIELD(CGSPAN_EXIT_A_PID, WIRE_SAME, cgspan_exit, pid),
	FIELD(CGSPAN_EXIT_A_TGID, WIRE_SAME, cgspan_exit, tgid),
	FIELD(CGSPAN_EXIT_A_GROUP_ID, WIRE_SAME, cgspan_exit, group_id),
	FIELD(CGSPAN_EXIT_A_GROUP_PATH, WIRE_STR, cgspan_exit, group),
	FIELD(CGSPAN_EXIT_A_COMM, WIRE_STR, cgspan_exit, comm),
	FIELD(CGSPAN_EXIT_A_START, WIRE_SAME, cgspan_exit, start),
	FIELD(CGSPAN_EXIT_A_END, WIRE_SAME, cgspan_exit, end),
	FIELD(CGSPAN_EXIT_A_CPU, WIRE_SAME, cgspan_exit, cpu),
	FIELD(CGSPAN_EXIT_A_MAX_RSS, WIRE_SAME, cgspan_exit, max_rss),
	FIELD(CGSPAN_EXIT_A_CODE, WIRE_SAME, cgspan_exit, code),
};

static const struct layout exit_layout = {
	LAYOUT(CGSPAN_A_EXIT, cgspan_exit, exit_fields),
};

int read_event(const struct nlmsghdr *nlh, struct cgspan_event *out)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return -EIO;
	memset(out, 0, sizeof(*out));
	out->cmd = genl->cmd;
	switch (genl->cmd) {
	case CGSPAN_CMD_GROUP_NTF:
	case CGSPAN_CMD_GROUP_DEL_NTF:
	case CGSPAN_CMD_CREDIT_NTF:
	case CGSPAN_CMD_GROUP_EMPTY_NTF:
		return msg_read(nlh, &group_layout, &out->group);
	case CGSPAN_CMD_MEMBER_NTF:
	case CGSPAN_CMD_MEMBER_DEL_NTF:
		return msg_read(nlh, &member_layout, &out->member);
	case CGSPAN_CMD_SESSION_NTF:
		return msg_read(nlh, &session_layout, &out->session);
	case CGSPAN_CMD_EXIT_NTF:
		return msg_read(nlh, &exit_layout, &out->exit);
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
		ipc_mismatch(err, "a notification cannot be understood");
	return ret;
}
