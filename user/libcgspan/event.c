// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <string.h>

/*
 * A listener is a handle that never sends again once it listens: its type is
 * another one only so that the compiler keeps the two apart.
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
