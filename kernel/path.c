// SPDX-License-Identifier: GPL-2.0
/*
 * Paths of cgroups. Inside the module a path begins at the root of the initial
 * cgroup namespace, which is ""; callers and readers see their own namespace.
 */
#include "path.h"

#include <linux/cgroup.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../include/uapi/linux/cgspan.h"

/**
 * cgspan_path_of() - the path of a cgroup
 * @cgrp: the cgroup, referenced
 *
 * Return: the path, to be freed by kfree(), or NULL: no memory, or too long.
 */
char *cgspan_path_of(struct cgroup *cgrp)
{
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);

	if (!path)
		return NULL;
	if (cgroup_path(cgrp, path, PATH_MAX) < 0) {
		kfree(path);
		return NULL;
	}
	if (!path[1])
		path[0] = '\0';
	return path;
}

/* Return: as cgspan_path_of(), for the root of the caller's cgroup namespace. */
char *cgspan_path_base(void)
{
	return cgspan_path_of(current->nsproxy->cgroup_ns->root_cset->dfl_cgrp);
}

static int append(char *path, const char *more, struct netlink_ext_ack *extack)
{
	size_t used = strlen(path);
	size_t len;

	if (*more != '/') {
		NL_SET_ERR_MSG(extack, "a cgroup's path begins with a slash");
		return -EINVAL;
	}
	for (; *more; more += len) {
		more += strspn(more, "/");
		len = strcspn(more, "/");
		if (!len)
			break;
		if (*more == '.' && (len == 1 || (len == 2 && more[1] == '.'))) {
			NL_SET_ERR_MSG(extack,
				       "a cgroup's path has a level called . or ..");
			return -EINVAL;
		}
		if (used + 1 + len > CGSPAN_CGROUP_LEN) {
			NL_SET_ERR_MSG(extack,
				       "the cgroup's path is longer than 4095 bytes");
			return -ENAMETOOLONG;
		}
		path[used++] = '/';
		memcpy(path + used, more, len);
		used += len;
		path[used] = '\0';
	}
	return 0;
}

/**
 * cgspan_path_resolve() - convert a caller's path
 * @path: in the caller's cgroup namespace; it need not exist
 * @extack: the reason of a failure
 *
 * Return: the path, to be freed by kfree(), or an ERR_PTR.
 */
char *cgspan_path_resolve(const char *path, struct netlink_ext_ack *extack)
{
	char *full = cgspan_path_base();
	int ret;

	if (!full)
		return ERR_PTR(-ENOMEM);

	ret = append(full, path, extack);
	if (ret) {
		kfree(full);
		return ERR_PTR(ret);
	}
	return full;
}

/**
 * cgspan_path_show() - convert a path for a reader
 * @path: from the initial cgroup namespace, "" for the root
 * @base: the root of the reader's cgroup namespace, as such a path
 * @buf: the result, truncated to @size
 * @size: of @buf, 2 or more
 *
 * As in /proc/PID/cgroup, what is outside the reader's root begins with "/..".
 */
void cgspan_path_show(const char *path, const char *base, char *buf,
		      size_t size)
{
	size_t len = 0, i, same = 0;

	for (i = 0; base[i] && base[i] == path[i]; i++)
		if (base[i] == '/')
			same = i;
	if (!base[i] && (!path[i] || path[i] == '/'))
		same = i;
	else if (!path[i] && base[i] == '/')
		same = i;

	for (base += same, path += same; *base; base++)
		if (*base == '/')
			len += scnprintf(buf + len, size - len, "/..");
	scnprintf(buf + len, size - len, "%s", *path || len ? path : "/");
}
