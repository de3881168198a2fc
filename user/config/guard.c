// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cgspan.h>

#include "libcgspan/err.h"

bool guard_contains(const char *cgroup, const char *inner)
{
	size_t len = strlen(cgroup);

	while (len && cgroup[len - 1] == '/')
		len--;
	return !strncmp(cgroup, inner, len) &&
	       (inner[len] == '/' || !inner[len]);
}

/* Find the first line of the file that begins with @start; copy its rest. */
static int read_line(const char *proc, const char *file, const char *start,
		     char *out, size_t size)
{
	char path[64], line[CGSPAN_CGROUP_LEN + 64];
	int ret = -ENOENT;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/%s", proc, file);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (ret == -ENOENT && fgets(line, sizeof(line), f)) {
		if (strncmp(line, start, strlen(start)))
			continue;
		line[strcspn(line, "\n")] = '\0';
		ret = snprintf(out, size, "%s", line + strlen(start));
		ret = (size_t)ret < size ? 0 : -ENAMETOOLONG;
	}
	fclose(f);
	return ret;
}

static int cgroup_of(const char *proc, char *path, size_t size)
{
	/* The line of v2 in /proc/PID/cgroup; lines of v1 may precede it. */
	return read_line(proc, "cgroup", "0::", path, size);
}

static bool is_guarded(const char *proc, const char *daemon)
{
	char comm[32];

	if (read_line(proc, "comm", "", comm, sizeof(comm)))
		return false;
	return !strcmp(comm, "etcd") || !strcmp(comm, daemon);
}

static int refuse(const char *cgroup, const char *what, const char *pid,
		  struct cgspan_err *err)
{
	return cgspan_err_set(err, -EBUSY,
			      "cgroup %.80s holds %s (pid %s), which must not be under a limit: move it out or bind another cgroup",
			      cgroup, what, pid);
}

int guard_member(const char *cgroup, const char *daemon,
		 struct cgspan_err *err)
{
	char path[CGSPAN_CGROUP_LEN + 1];
	struct dirent *d;
	int ret;
	DIR *proc;

	ret = cgroup_of("self", path, sizeof(path));
	if (!ret && guard_contains(cgroup, path))
		return refuse(cgroup, "this program", "self", err);
	proc = opendir("/proc");
	if (!proc)
		return cgspan_err_set(err, -errno, "cannot open /proc: %s",
				      strerror(errno));
	ret = 0;
	while (!ret && (d = readdir(proc))) {
		if (!isdigit((unsigned char)d->d_name[0]) ||
		    !is_guarded(d->d_name, daemon) ||
		    cgroup_of(d->d_name, path, sizeof(path)) ||
		    !guard_contains(cgroup, path))
			continue;
		ret = refuse(cgroup, "the daemon or a member of the store",
			     d->d_name, err);
	}
	closedir(proc);
	return ret;
}
