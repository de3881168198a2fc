// SPDX-License-Identifier: GPL-2.0
/*
 * Operations for the benchmarks; the first three print a cost in instructions. The
 * program is linked statically, so that a fork copies little.
 *
 *   bench fork N	fork, exit, wait: mean of N
 *   bench pingpong N	a byte to another process and back, by pipes: mean of N
 *   bench files DIR N	read pids.current, cpu.stat and memory.current of
 *			DIR/0 ... DIR/(N-1): cost of all together
 *   bench crowd DIR N	make DIR/0 ... DIR/(N-1), each with a task that sleeps;
 *			print "ready", and sleep
 *   bench threads N	make N threads that sleep; print "ready", and sleep
 *   bench acct [FILE]	process accounting: into FILE, or off without FILE
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "count.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * A fork costs up to 140 instructions more or less by where RCU begins to free: at the
 * same place of a slab over and over, if as many forks are between any two of its
 * grace periods. So forks are made at irregular times.
 */
#define SPIN_MAX (1 << 17)

/* Tasks. */

static void fork_one(void *arg)
{
	pid_t pid = fork();

	(void)arg;
	must(pid >= 0, "fork");
	if (!pid)
		_exit(0);
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
}

struct pipes {
	int from;
	int to;
};

static void pass(void *arg)
{
	const struct pipes *pipes = arg;
	char byte = 0;

	if (read(pipes->from, &byte, 1) != 1)
		_exit(0);
	must(write(pipes->to, &byte, 1) == 1, "write");
}

static void measure_pingpong(uint64_t n)
{
	struct pipes here, other;
	int there[2], back[2];
	pid_t pid;

	must(!pipe2(there, O_CLOEXEC) && !pipe2(back, O_CLOEXEC), "pipe");
	other = (struct pipes){ .from = there[0], .to = back[1] };
	here = (struct pipes){ .from = back[0], .to = there[1] };
	pid = fork();
	must(pid >= 0, "fork");
	if (!pid) {
		close(there[1]);
		for (;;)
			pass(&other);
	}
	must(write(there[1], "", 1) == 1, "write");
	measure(pass, &here, n, 0);
	close(there[1]);
	must(waitpid(pid, NULL, 0) == pid, "waitpid");
}

/* Many groups. */

static void read_file(const char *dir, uint64_t i, const char *name)
{
	char path[256], text[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%" PRIu64 "/%s", dir, i, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	must(fd >= 0 && read(fd, text, sizeof(text)) > 0, path);
	close(fd);
}

static void measure_files(const char *dir, uint64_t n)
{
	static const char * const names[] = {
		"pids.current", "cpu.stat", "memory.current"
	};
	uint64_t begun = begin();
	uint64_t i;
	size_t k;

	for (i = 0; i < n; i++)
		for (k = 0; k < ARRAY_SIZE(names); k++)
			read_file(dir, i, names[k]);
	end(begun);
}

static void put_task(const char *dir)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP };
	pid_t pid;

	must(!mkdir(dir, 0755), dir);
	args.cgroup = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must((int)args.cgroup >= 0, dir);
	pid = syscall(SYS_clone3, &args, sizeof(args));
	must(pid >= 0, "clone3");
	if (!pid)
		for (;;)
			pause();
	close(args.cgroup);
}

static void make_crowd(const char *dir, uint64_t n)
{
	char path[256];
	uint64_t i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%" PRIu64, dir, i);
		put_task(path);
	}
	puts("ready");
	fflush(stdout);
	pause();
}

/*
 * The thread's code uses no stack. So none is allocated for it, and a thread costs
 * only memory of the kernel.
 */
static void make_thread(void)
{
	const long flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
			   CLONE_THREAD | CLONE_SYSVSEM;
	long ret;

	asm volatile("xor %%esi, %%esi\n\t"
		     "xor %%edx, %%edx\n\t"
		     "xor %%r10d, %%r10d\n\t"
		     "xor %%r8d, %%r8d\n\t"
		     "syscall\n\t"
		     "test %%rax, %%rax\n\t"
		     "jnz 2f\n"
		     "1:\tmov %2, %%eax\n\t"
		     "syscall\n\t"
		     "jmp 1b\n"
		     "2:"
		     : "=a" (ret)
		     : "0" ((long)SYS_clone), "i" (SYS_pause), "D" (flags)
		     : "rsi", "rdx", "r10", "r8", "rcx", "r11", "memory");
	errno = ret < 0 ? -ret : 0;
	must(ret > 0, "clone");
}

static void make_threads(uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		make_thread();
	puts("ready");
	fflush(stdout);
	pause();
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t n = argc > 2 ? strtoull(argv[argc - 1], NULL, 10) : 0;

	if (!strcmp(what, "acct") && argc <= 3)
		must(!acct(argv[2]), "acct");
	else if (!strcmp(what, "fork") && n)
		measure(fork_one, NULL, n, SPIN_MAX);
	else if (!strcmp(what, "pingpong") && n)
		measure_pingpong(n);
	else if (!strcmp(what, "files") && n && argc == 4)
		measure_files(argv[2], n);
	else if (!strcmp(what, "crowd") && n && argc == 4)
		make_crowd(argv[2], n);
	else if (!strcmp(what, "threads") && n)
		make_threads(n);
	else
		return 2;
	return 0;
}
