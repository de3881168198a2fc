// SPDX-License-Identifier: GPL-2.0
/*
 * Create tasks in a cgroup from outside of it, by clone3().
 *
 *   spawn DIR [COUNT]	they live until killed, and have no parent
 *   spawn -z DIR [COUNT]	they exit at once and stay zombies until spawn exits
 *   spawn -w DIR [COUNT]	before the first one, spawn waits for input on stdin
 *   spawn -b MS DIR [COUNT]	one after the other; each computes for MS
 *				milliseconds, exits and is reaped
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

#include "clock.h"
#include "clone.h"
#include "die.h"

struct options {
	bool zombie;
	bool waits;
	int64_t brief_ns;	/* CPU time of a task; -1: no -b was given */
	int count;
};

/*
 * What a task of -b touches: more than the error of a process's memory counters on
 * two processors, which is 32 pages on each since Linux 6.2.
 */
static char memory[96 * 4096];

static void live(const struct options *opt)
{
	if (opt->zombie)
		_exit(0);
	if (opt->brief_ns >= 0) {
		memset(memory, 1, sizeof(memory));
		while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < opt->brief_ns)
			;
		_exit(0);
	}
	close_range(0, UINT_MAX, 0);
	for (;;)
		pause();
}

static int parse(struct options *opt, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "zwb:")) != -1) {
		opt->zombie |= c == 'z';
		opt->waits |= c == 'w';
		if (c == 'b')
			opt->brief_ns = atoi(optarg) * 1000000LL;
		if (c == '?')
			exit(2);
	}
	if (optind == argc || argc - optind > 2) {
		fprintf(stderr, "usage: spawn [-z|-w|-b MS] DIR [COUNT]\n");
		exit(2);
	}
	opt->count = argc - optind == 2 ? atoi(argv[optind + 1]) : 1;
	return optind;
}

int main(int argc, char **argv)
{
	struct options opt = { .brief_ns = -1 };
	const char *dir = argv[parse(&opt, argc, argv)];
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int admitted = 0, refused = 0;
	siginfo_t si;

	if (fd < 0)
		die(dir);
	if (opt.waits && read(0, &si, 1) != 1)
		die("standard input");
	while (opt.count--) {
		pid_t pid = clone_into(fd);

		if (!pid)
			live(&opt);
		if (pid < 0 && errno != EAGAIN)
			die("clone3");
		if (pid < 0)
			refused++;
		else
			admitted++;
		if (pid > 0 && opt.zombie)
			waitid(P_PID, pid, &si, WEXITED | WNOWAIT);
		if (pid > 0 && opt.brief_ns >= 0)
			waitpid(pid, NULL, 0);
	}
	printf("%d %d\n", admitted, refused);
	fflush(stdout);
	while (opt.zombie && read(0, &si, 1) > 0)
		;
	return 0;
}
