// SPDX-License-Identifier: GPL-2.0
#include "freezer.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "libcgspan/cgspan.h"

#define FILE_OF	"/sys/fs/cgroup%s/cgroup.freeze"

void freezer_open(struct cgspan_member_conf *m)
{
	char path[sizeof(FILE_OF) + CGSPAN_CGROUP_LEN];

	snprintf(path, sizeof(path), FILE_OF, m->cgroup);
	m->freeze_fd = open(path, O_RDWR | O_CLOEXEC);
	m->has_freeze_fd = m->freeze_fd >= 0;
}

void freezer_close(struct cgspan_member_conf *m)
{
	if (m->has_freeze_fd)
		close(m->freeze_fd);
	m->has_freeze_fd = false;
}
