// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

static const struct field fields[] = {
	FIELD(CGSPAN_TASK_A_PID, WIRE_SAME, cgspan_task, pid),
	FIELD(CGSPAN_TASK_A_TGID, WIRE_SAME, cgspan_task, tgid),
	FIELD(CGSPAN_TASK_A_COMM, WIRE_STR, cgspan_task, comm),
	FIELD(CGSPAN_TASK_A_GROUP_ID, WIRE_SAME, cgspan_task, group_id),
	FIELD(CGSPAN_TASK_A_EXITED, WIRE_U8, cgspan_task, exited),
};

const struct layout task_layout = {
	LAYOUT(CGSPAN_A_TASK, cgspan_task, fields),
};

int cgspan_task_list(struct cgspan *c, const char *group,
		     struct cgspan_task **out, size_t *n,
		     struct cgspan_err *err)
{
	struct msg m;

	msg_init_path(&m, CGSPAN_CMD_TASK_GET, CGSPAN_A_GROUP,
		      CGSPAN_GROUP_A_PATH, group);
	return ipc_dump(c, &m, &task_layout, out, n, err);
}
