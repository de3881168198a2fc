/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the supported kernels, 6.1 and later. The code is written
 * for the newest; no other file checks versions.
 */
#ifndef CGSPAN_COMPAT_H
#define CGSPAN_COMPAT_H

#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/string.h>
#include <linux/version.h>
#include <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define cgspan_assign_str(dst, src) __assign_str(dst, src)
#else
#define cgspan_assign_str(dst, src) __assign_str(dst)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *timer),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define cgspan_fd_file(f)	((f).file)
#else
#define cgspan_fd_file(f)	fd_file(f)
#endif

/* Return: the pid of a pidfd, referenced by @file; NULL: it is not a pidfd. */
static inline struct pid *cgspan_pidfd_pid(struct file *file)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
	if (file->f_path.mnt->mnt_sb->s_magic == ANON_INODE_FS_MAGIC &&
	    !strcmp(file->f_path.dentry->d_name.name, "[pidfd]"))
		return file->private_data;
#else
	if (file_inode(file)->i_sb->s_magic == PID_FS_MAGIC)
		return file_inode(file)->i_private;
#endif
	return NULL;
}

/* The attributes of a dump request. */
static inline struct nlattr **cgspan_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

/*
 * Set the extack to @text, which has up to CGSPAN_EXTACK_LEN bytes with its final
 * 0. Kernels before 6.2 keep the pointer only: they get @otherwise, a constant.
 */
#ifdef NETLINK_MAX_FMTMSG_LEN
#define CGSPAN_EXTACK_LEN	NETLINK_MAX_FMTMSG_LEN
#else
#define CGSPAN_EXTACK_LEN	80
#endif

static inline void cgspan_extack_set(struct netlink_ext_ack *extack,
				     const char *text, const char *otherwise)
{
#ifdef NETLINK_MAX_FMTMSG_LEN
	strscpy(extack->_msg_buf, text, sizeof(extack->_msg_buf));
	extack->_msg = extack->_msg_buf;
#else
	extack->_msg = otherwise;
#endif
}

#endif /* CGSPAN_COMPAT_H */
