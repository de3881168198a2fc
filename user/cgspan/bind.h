/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of the verb bind that unbind also needs. */
#ifndef CGSPAN_BIND_H
#define CGSPAN_BIND_H

#include "cmd.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"

/* The argument CGROUP as a path below CGROUP_ROOT; NULL if not given. */
int bind_cgroup(struct cmd *c, const char **cgroup, struct cgspan_err *err);

/* Prints the result; @group is NULL after unbind. */
int bind_print(struct cmd *c, const char *cgroup, const char *group,
	       struct cgspan_err *err);

#endif /* CGSPAN_BIND_H */
