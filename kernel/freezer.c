// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup.freeze of a directory, opened by userspace: the kernel exports no
 * other way to freeze a cgroup. An open file does not keep the directory; after
 * its removal, writes fail with -ENODEV.
 */
#include "freezer.h"

#include <linux/file.h>
#include <linux/fs.h>
#include <linux/netlink.h>

#include "cgfile.h"

/**
 * cgspan_freezer_get() - the cgroup.freeze behind a descriptor of the caller
 * @fd: the descriptor
 * @extack: the reason of a failure
 *
 * Return: the file, to be put by fput(), or an ERR_PTR.
 */
struct file *cgspan_freezer_get(int fd, struct netlink_ext_ack *extack)
{
	struct file *file = fget(fd);

	if (!file) {
		NL_SET_ERR_MSG(extack,
			       "the file descriptor of cgroup.freeze is not open");
		return ERR_PTR(-EBADF);
	}
	if (!cgspan_cgfile_is(file, "cgroup.freeze")) {
		NL_SET_ERR_MSG(extack,
			       "the file descriptor is not that of a cgroup.freeze");
		goto put;
	}
	if ((file->f_mode & (FMODE_READ | FMODE_WRITE)) !=
	    (FMODE_READ | FMODE_WRITE)) {
		NL_SET_ERR_MSG(extack,
			       "cgroup.freeze is not open for reading and writing");
		goto put;
	}
	return file;

put:
	fput(file);
	return ERR_PTR(-EBADF);
}

/**
 * cgspan_freezer_set() - freeze the subtree of a directory, or thaw it
 * @freezer: its cgroup.freeze
 * @frozen: true: freeze; false: thaw
 *
 * Context: may sleep.
 *
 * Return: 1 if the state was changed, 0 if it was so before, or a negative errno.
 */
int cgspan_freezer_set(struct file *freezer, bool frozen)
{
	char to = frozen ? '1' : '0', now;
	loff_t pos = 0;
	ssize_t n;

	n = kernel_read(freezer, &now, 1, &pos);
	if (n == 1 && now == to)
		return 0;
	pos = 0;
	if (n == 1)
		n = kernel_write(freezer, &to, 1, &pos);
	if (n == 1)
		return 1;
	return n < 0 ? n : -EIO;
}
