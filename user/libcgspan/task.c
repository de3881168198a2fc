// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

static const struct field fields[] = {
	FIELD(CGSPAN_TASK_A_PID, WIRE_U32, cgspan_task, pid),
	FIELD(CGSPAN_TASK_A_TGID, WIRE_U32, cgspan_task, tgid),
	FIELD(CGSPAN_TASK_A_COMM, WIRE_STR, cgspan_task, comm),
	FIELD(CGSPAN_TASK_A_GROUP_ID, WIRE_U64, cgspan_task, group_id),
	FIELD(CGSPAN_TASK_A_EXITED, WIRE_U8, cgspan_task, exited),
};

int read_task(const struct nlattr *nest, struct cgspan_task *out)
{
	return nest_read(nest, fields, ARRAY_SIZE(fields), out);
}

static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = msg_find(nlh, CGSPAN_A_TASK);

	return nest ? read_task(nest, arg) : -EIO;
}

int cgspan_task_list(struct cgspan *c, const char *group,
		     struct cgspan_task **out, size_t *n,
		     struct cgspan_err *err)
{
	void *items;
	struct msg m;
	size_t nest;
	int ret;

	msg_init(&m, CGSPAN_CMD_TASK_GET, 0);
	nest = msg_nest(&m, CGSPAN_A_GROUP);
	msg_put_str(&m, CGSPAN_GROUP_A_PATH, group);
	msg_nest_end(&m, nest);
	ret = ipc_dump(c, &m, reply_read, sizeof(**out), &items, n, err);
	if (!ret)
		*out = items;
	return ret;
}
