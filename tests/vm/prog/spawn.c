// SPDX-License-Identifier: GPL-2.0
/*
 * Create tasks in a cgroup from outside of it, by clone3().
 *
 *   spawn DIR [COUNT]	they live until killed, and have no parent
 *   spawn -z DIR [COUNT]	they exit at once and stay zombies until this exits
 *   spawn -w DIR [COUNT]	first wait for a line on stdin
 *
 * Prints "ADMITTED REFUSED". REFUSED counts EAGAIN; another error ends the program.
 * With -z it then waits for the end of stdin.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clone.h"
#include "die.h"

static void live(bool zombie)
{
	if (zombie)
		_exit(0);
	close_range(0, UINT_MAX, 0);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	bool zombie = argc > 1 && !strcmp(argv[1], "-z");
	bool waits = argc > 1 && !strcmp(argv[1], "-w");
	int count, admitted = 0, refused = 0, fd;
	siginfo_t si;

	argc -= zombie || waits;
	argv += zombie || waits;
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: spawn [-z|-w] DIR [COUNT]\n");
		return 2;
	}
	count = argc == 3 ? atoi(argv[2]) : 1;
	fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die(argv[1]);
	if (waits && read(0, &si, 1) != 1)
		die("standard input");
	while (count--) {
		pid_t pid = clone_into(fd);

		if (!pid)
			live(zombie);
		if (pid < 0 && errno != EAGAIN)
			die("clone3");
		if (pid < 0)
			refused++;
		else
			admitted++;
		if (pid > 0 && zombie)
			waitid(P_PID, pid, &si, WEXITED | WNOWAIT);
	}
	printf("%d %d\n", admitted, refused);
	fflush(stdout);
	while (zombie && read(0, &si, 1) > 0)
		;
	return 0;
}
