// SPDX-License-Identifier: GPL-2.0
/*
 * Files of cgroup directories, opened by userspace. An open file proves what its
 * opener may do to the directory.
 */
#include "cgfile.h"

#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernfs.h>
#include <linux/magic.h>
#include <linux/string.h>

/* Is an open file the file @name of a cgroup v2 directory? */
bool cgspan_cgfile_is(const struct file *file, const char *name)
{
	return file_inode(file)->i_sb->s_magic == CGROUP2_SUPER_MAGIC &&
	       S_ISREG(file_inode(file)->i_mode) &&
	       !strcmp(file->f_path.dentry->d_name.name, name);
}

/* Return: the id of the cgroup that the file belongs to. Such a file never moves. */
u64 cgspan_cgfile_cgroup(const struct file *file)
{
	struct dentry *dir = dget_parent(file->f_path.dentry);
	struct kernfs_node *kn = d_inode(dir)->i_private;
	u64 id = kn->id;

	dput(dir);
	return id;
}

/**
 * cgspan_cgfile_is_writable() - is a descriptor a certain file, open for writing?
 * @fd: a file descriptor of the caller; negative: none, which is not writable
 * @name: the name of the file
 * @id: the id of the cgroup that is its directory
 *
 * Context: may sleep.
 */
bool cgspan_cgfile_is_writable(int fd, const char *name, u64 id)
{
	struct file *file = fd < 0 ? NULL : fget(fd);
	bool ok;

	if (!file)
		return false;
	ok = cgspan_cgfile_is(file, name) && file->f_mode & FMODE_WRITE &&
	     cgspan_cgfile_cgroup(file) == id;
	fput(file);
	return ok;
}
