// SPDX-License-Identifier: GPL-2.0
#include "member_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libcgspan/cgspan.h"

#define FILE_OF	"/sys/fs/cgroup%.*s/%s"

/* Open file @name of the cgroup whose path is @len bytes of @cgroup. */
static bool open_one(const char *cgroup, int len, const char *name, int flags,
		     int *fd)
{
	char path[sizeof(FILE_OF) + CGSPAN_CGROUP_LEN + 16];

	snprintf(path, sizeof(path), FILE_OF, len, cgroup, name);
	*fd = open(path, flags | O_CLOEXEC);
	return *fd >= 0;
}

void member_file_open(struct cgspan_member_conf *m)
{
	int len = strlen(m->cgroup), parent = strrchr(m->cgroup, '/') - m->cgroup;

	m->has_freeze_fd = open_one(m->cgroup, len, "cgroup.freeze", O_RDWR,
				    &m->freeze_fd);
	m->has_procs_fd = open_one(m->cgroup, parent, "cgroup.procs", O_WRONLY,
				   &m->procs_fd);
	m->has_kill_fd = open_one(m->cgroup, parent, "cgroup.kill", O_WRONLY,
				  &m->kill_fd);
}

static void close_one(bool *has, int fd)
{
	if (*has)
		close(fd);
	*has = false;
}

void member_file_close(struct cgspan_member_conf *m)
{
	close_one(&m->has_freeze_fd, m->freeze_fd);
	close_one(&m->has_procs_fd, m->procs_fd);
	close_one(&m->has_kill_fd, m->kill_fd);
}
