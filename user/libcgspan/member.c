// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

static const struct field fields[] = {
	FIELD(CGSPAN_MEMBER_A_GROUP_ID, WIRE_U64, cgspan_member, group_id),
	FIELD(CGSPAN_MEMBER_A_GROUP_PATH, WIRE_STR, cgspan_member, group),
	FIELD(CGSPAN_MEMBER_A_CGROUP, WIRE_STR, cgspan_member, cgroup),
	FIELD(CGSPAN_MEMBER_A_CGROUP_ID, WIRE_U64, cgspan_member, cgroup_id),
	FIELD(CGSPAN_MEMBER_A_FLAGS, WIRE_U32, cgspan_member, flags),
};

int read_member(const struct nlattr *nest, struct cgspan_member *out)
{
	return nest_read(nest, fields, ARRAY_SIZE(fields), out);
}

static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = msg_find(nlh, CGSPAN_A_MEMBER);

	return nest ? read_member(nest, arg) : -EIO;
}

/* MEMBER_DEL takes cgroups without their groups. */
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
	msg_nest_end(m, nest);
}

void build_member(struct msg *m, uint8_t cmd,
		  const struct cgspan_member_conf *members, size_t n)
{
	size_t i;

	msg_init(m, cmd, 0);
	for (i = 0; i < n; i++)
		one_build(m, cmd, &members[i]);
}

static int change(struct cgspan *c, uint8_t cmd,
		  const struct cgspan_member_conf *members, size_t n,
		  struct cgspan_err *err)
{
	struct msg m;

	if (!n || n > CGSPAN_MEMBERS_MAX)
		return cgspan_err_set(err, -EINVAL,
				      "%zu cgroups in one request: 1 to %d may be",
				      n, CGSPAN_MEMBERS_MAX);
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
	void *items;
	struct msg m;
	size_t nest;
	int ret;

	msg_init(&m, CGSPAN_CMD_MEMBER_GET, 0);
	if (group) {
		nest = msg_nest(&m, CGSPAN_A_GROUP);
		msg_put_str(&m, CGSPAN_GROUP_A_PATH, group);
		msg_nest_end(&m, nest);
	}
	ret = ipc_dump(c, &m, reply_read, sizeof(**out), &items, n, err);
	if (!ret)
		*out = items;
	return ret;
}
