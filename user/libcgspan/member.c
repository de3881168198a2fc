// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

static const struct field fields[] = {
	FIELD(CGSPAN_MEMBER_A_GROUP_ID, WIRE_SAME, cgspan_member, group_id),
	FIELD(CGSPAN_MEMBER_A_GROUP_PATH, WIRE_STR, cgspan_member, group),
	FIELD(CGSPAN_MEMBER_A_CGROUP, WIRE_STR, cgspan_member, cgroup),
	FIELD(CGSPAN_MEMBER_A_CGROUP_ID, WIRE_SAME, cgspan_member, cgroup_id),
	FIELD(CGSPAN_MEMBER_A_FLAGS, WIRE_SAME, cgspan_member, flags),
};

const struct layout member_layout = {
	LAYOUT(CGSPAN_A_MEMBER, cgspan_member, fields),
};

/* The items of MEMBER_DEL have cgroups, but no groups. */
static void one_build(struct msg *m, uint8_t cmd,
		      const struct cgspan_member_conf *conf)
{
	size_t nest = msg_nest(m, CGSPAN_A_MEMBER);

	if (cmd == CGSPAN_CMD_MEMBER_ADD)
		msg_put_group(m, CGSPAN_MEMBER_A_GROUP_PATH, conf->group,
			      CGSPAN_MEMBER_A_GROUP_ID, conf->group_id);
	if (conf->cgroup)
		msg_put_str(m, CGSPAN_MEMBER_A_CGROUP, conf->cgroup);
	else
		msg_put_u32(m, CGSPAN_MEMBER_A_FD, conf->fd);
	if (cmd == CGSPAN_CMD_MEMBER_ADD && conf->has_freeze_fd)
		msg_put_u32(m, CGSPAN_MEMBER_A_FREEZE_FD, conf->freeze_fd);
	if (cmd == CGSPAN_CMD_MEMBER_ADD && conf->has_procs_fd)
		msg_put_u32(m, CGSPAN_MEMBER_A_PROCS_FD, conf->procs_fd);
	if (cmd == CGSPAN_CMD_MEMBER_ADD && conf->has_kill_fd)
		msg_put_u32(m, CGSPAN_MEMBER_A_KILL_FD, conf->kill_fd);
	msg_nest_end(m, nest);
}

void build_member(struct msg *m, uint8_t cmd,
		  const struct cgspan_member_conf *members, size_t n)
{
	size_t i;

	msg_init(m, cmd);
	for (i = 0; i < n; i++)
		one_build(m, cmd, &members[i]);
}

static int change(struct cgspan *c, uint8_t cmd,
		  const struct cgspan_member_conf *members, size_t n,
		  struct cgspan_err *err)
{
	struct msg m;
	int ret = ipc_check_count(n, CGSPAN_MEMBERS_MAX, "cgroups", err);

	if (ret)
		return ret;
	build_member(&m, cmd, members, n);
	return ipc_call(c, &m, NULL, NULL, err);
}

int cgspan_member_add(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	return change(c, CGSPAN_CMD_MEMBER_ADD, members, n, err);
}

int cgspan_member_del(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	return change(c, CGSPAN_CMD_MEMBER_DEL, members, n, err);
}

int cgspan_member_list(struct cgspan *c, const char *group,
		       struct cgspan_member **out, size_t *n,
		       struct cgspan_err *err)
{
	struct msg m;

	msg_init_path(&m, CGSPAN_CMD_MEMBER_GET, CGSPAN_A_GROUP,
		      CGSPAN_GROUP_A_PATH, group);
	return ipc_dump(c, &m, &member_layout, out, n, err);
}
