/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_PROG_CLONE_H
#define TESTS_PROG_CLONE_H

#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Fork into the cgroup that the descriptor @cgroup names; negative: the caller's own. */
static inline pid_t clone_into(int cgroup)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.flags = cgroup < 0 ? 0 : CLONE_INTO_CGROUP,
		.cgroup = cgroup < 0 ? 0 : cgroup,
	};

	return syscall(SYS_clone3, &args, sizeof(args));
}

#endif /* TESTS_PROG_CLONE_H */
