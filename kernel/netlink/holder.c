// SPDX-License-Identifier: GPL-2.0
/* Requests: the process that is to hold a grant. */
#include "holder.h"

#include <linux/file.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <net/netlink.h>

#include "../compat.h"
#include "attr.h"

/* Return: the process of the task @pid, referenced, or NULL. Under RCU. */
static struct pid *process_of(struct pid *pid)
{
	struct task_struct *task;

	task = pid_task(pid, PIDTYPE_PID);
	return task ? get_pid(task_tgid(task)) : NULL;
}

static struct pid *get_by_fd(int fd)
{
	struct pid *pid, *holder = NULL;
	struct fd f = fdget(fd);

	if (!cgspan_fd_file(f))
		return NULL;
	pid = cgspan_pidfd_pid(cgspan_fd_file(f));
	if (pid) {
		rcu_read_lock();
		holder = process_of(pid);
		rcu_read_unlock();
	}
	fdput(f);
	return holder;
}

static struct pid *get_by_nr(u32 nr)
{
	struct pid *holder;

	rcu_read_lock();
	holder = process_of(find_vpid(nr));
	rcu_read_unlock();
	return holder;
}

/**
 * cgspan_nl_get_holder() - the process that a request names
 * @pid: in the caller's pid namespace; NULL: see @pidfd
 * @pidfd: an open pidfd; NULL: the socket is to hold the grant
 * @holder: set to the process, referenced, or to NULL
 * @extack: the reason of a refusal
 *
 * Return: 0, -EINVAL, -EBADF or -ESRCH.
 */
int cgspan_nl_get_holder(struct nlattr *pid, struct nlattr *pidfd,
			 struct pid **holder, struct netlink_ext_ack *extack)
{
	*holder = NULL;
	if (pid && pidfd)
		return REFUSE(extack, EINVAL,
			      "the holder is named both by pid and by pidfd");
	if (!pid && !pidfd)
		return 0;

	*holder = pid ? get_by_nr(nla_get_u32(pid)) :
			get_by_fd(nla_get_s32(pidfd));
	if (!*holder && pid)
		return REFUSE(extack, ESRCH, "there is no process of this pid");
	if (!*holder)
		return REFUSE(extack, EBADF,
			      "the file descriptor is not a pidfd, or its process has ended");
	if (pid_nr(*holder) != 1)
		return 0;

	put_pid(*holder);
	*holder = NULL;
	return REFUSE(extack, EINVAL,
		      "the first process cannot hold a grant: it would never be given back");
}
