/* SPDX-License-Identifier: GPL-2.0 */
/* What bind and unbind have in common. */
#ifndef CGSPAN_MEMBER_H
#define CGSPAN_MEMBER_H

#include "cmd.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

/* The argument CGROUP as the kernel knows it; NULL if it was not given. */
int member_cgroup(struct cmd *c, const char **cgroup, struct cgspan_err *err);

/* What has been done; @group is NULL for an unbound one. */
int member_say(struct cmd *c, const char *cgroup, const char *group,
	       struct cgspan_err *err);

#endif /* CGSPAN_MEMBER_H */
