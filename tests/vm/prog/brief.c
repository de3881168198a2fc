// SPDX-License-Identifier: GPL-2.0
/*
 * Start many short processes, which a sampler rarely sees.
 *
 *   brief DIR COUNT [MS]	one after the other in the cgroup DIR; each
 *				computes for MS milliseconds (default 1)
 *
 * A sampler reads /proc once a second, as monitoring does. Prints
 *   {"started":COUNT,"seen":N,"ms":WALL}
 * with N the number of processes that the sampler has seen.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "clone.h"
#include "die.h"

#define NSEC_PER_MSEC	1000000L
#define SAMPLE_MS	1000
#define PIDS		(1 << 22)

static pid_t parent_of(pid_t pid)
{
	char path[32], stat[512], *end;
	pid_t parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(stat, sizeof(stat), f)) {
		end = strrchr(stat, ')');
		if (end && sscanf(end + 1, " %*c %d", &parent) != 1)
			parent = 0;
	}
	fclose(f);
	return parent;
}

/* Return: how many children of @of are new to @seen. */
static unsigned int sample(pid_t of, unsigned char *seen)
{
	DIR *proc = opendir("/proc");
	unsigned int n = 0;
	struct dirent *e;

	if (!proc)
		die("/proc");
	while ((e = readdir(proc))) {
		pid_t pid = atoi(e->d_name);

		if (pid <= 0 || pid >= PIDS || pid == getpid() ||
		    seen[pid / 8] & 1 << pid % 8 || parent_of(pid) != of)
			continue;
		seen[pid / 8] |= 1 << pid % 8;
		n++;
	}
	closedir(proc);
	return n;
}

/* Take samples until the other end of the pipe is closed. */
static void run_sampler(int end, int out)
{
	unsigned char *seen = calloc(PIDS / 8, 1);
	struct pollfd pfd = { .fd = end };
	unsigned int n = 0;

	if (!seen)
		die("memory");
	do {
		n += sample(getppid(), seen);
	} while (!poll(&pfd, 1, SAMPLE_MS));
	if (write(out, &n, sizeof(n)) != sizeof(n))
		die("pipe");
	_exit(0);
}

static void compute(int64_t ns)
{
	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < ns)
		;
	_exit(0);
}

static void run_one(int cgroup, int64_t ns)
{
	pid_t pid = clone_into(cgroup);

	if (!pid)
		compute(ns);
	if (pid < 0)
		die("clone3");
	if (waitpid(pid, NULL, 0) != pid)
		die("waitpid");
}

int main(int argc, char **argv)
{
	int64_t begin, ns = NSEC_PER_MSEC;
	int end[2], out[2], cgroup, i, count;
	unsigned int seen;
	pid_t sampler;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: brief DIR COUNT [MS]\n");
		return 2;
	}
	count = atoi(argv[2]);
	if (argc == 4)
		ns = atoi(argv[3]) * NSEC_PER_MSEC;
	cgroup = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		die(argv[1]);
	if (pipe(end) || pipe(out))
		die("pipe");
	sampler = fork();
	if (sampler < 0)
		die("fork");
	if (!sampler) {
		close(end[1]);
		run_sampler(end[0], out[1]);
	}

	begin = clock_ns(CLOCK_MONOTONIC);
	for (i = 0; i < count; i++)
		run_one(cgroup, ns);
	begin = clock_ns(CLOCK_MONOTONIC) - begin;

	close(end[0]);
	close(end[1]);
	if (read(out[0], &seen, sizeof(seen)) != sizeof(seen))
		die("pipe");
	printf("{\"started\":%d,\"seen\":%u,\"ms\":%" PRId64 "}\n", count, seen,
	       begin / NSEC_PER_MSEC);
	return waitpid(sampler, NULL, 0) != sampler;
}
