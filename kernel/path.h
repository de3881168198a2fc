/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_PATH_H
#define CGSPAN_PATH_H

#include <linux/types.h>

struct cgroup;
struct netlink_ext_ack;

char *cgspan_path_of(struct cgroup *cgrp);
char *cgspan_path_base(void);
char *cgspan_path_resolve(const char *path, struct netlink_ext_ack *extack);
void cgspan_path_show(const char *path, const char *base, char *buf,
		      size_t size);

#endif /* CGSPAN_PATH_H */
