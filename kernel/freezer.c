// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroup.freeze of a directory, opened by userspace: the kernel exports no
 * other way to freeze a cgroup. An open file does not keep the directory; after
 * its removal, writes fail with -ENODEV.
 */
#include "freezer.h"

#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/netlink.h>
#include <linux/string.h>

static bool is_freezer(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == CGROUP2_SUPER_MAGIC &&
	       S_ISREG(file_inode(file)->i_mode) &&
	       !strcmp(file->f_path.dentry->d_name.name, "cgroup.freeze");
}

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
	if (!is_freezer(file)) {
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

/* The id of its directory. Files of cgroups never move. */
u64 cgspan_freezer_cgroup(const struct file *freezer)
{
	struct dentry *dir = dget_parent(freezer->f_path.dentry);
	struct kernfs_node *kn = d_inode(dir)->i_private;
	u64 id = kn->id;

	dput(dir);
	return id;
}

/**
 * cgspan_freezer_set() - freeze the subtree of a directory, or thaw it
 * @freezer: its cgroup.freeze
 * @frozen: freeze
 *
 * Context: may sleep.
 *
 * Return: 1 if the state changed, 0 if it was so before, or a negative errno.
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
