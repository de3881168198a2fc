// SPDX-License-Identifier: GPL-2.0
/*
 * What a process may do without privilege to be a burden, and its cost to others.
 *
 *   hostile exhaust GROUP COUNT	at least COUNT requests of GROUP in all, in rounds
 *				of 16 processes. Each asks for COUNT / 16 grants,
 *				1,060 at most, and queues as many, 80 at most: if
 *				COUNT is large, more than a process may. All are
 *				killed while they hold these. COUNT: at least 16
 *   hostile clones COUNT	COUNT children, one by one; fails if one is killed
 *   hostile forks COUNT	the same; prints the 99th percentile of the CPU time
 *				of a fork, in ns
 *
 * "exhaust" prints "ACCEPTED REFUSED QUEUED"; ACCEPTED includes those queued. A
 * refusal is EDQUOT, EAGAIN, EPERM or ENOENT; any other error ends the program.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/cgspan.h>

#include "clock.h"
#include "genl.h"

#define PROCESSES	16
#define ASK_HELD	1060	/* a process may hold at most 1024 grants */
#define ASK_WAITING	80	/* at most 64 requests of a socket may wait */
#define LEASE		1000000	/* the group's lease of memory, which hostile.bats sets */

struct client {
	struct mnl_socket *nl;
	uint16_t family;
	const char *group;
	atomic_long *results;	/* counters: accepted [0], refused [1], queued [2] */
};

static int on_grant(const struct nlattr *nest, void *data)
{
	const struct client *c = data;
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == CGSPAN_GRANT_A_STATE &&
		    mnl_attr_get_u8(attr) == CGSPAN_GRANT_QUEUED)
			atomic_fetch_add(&c->results[2], 1);
	return MNL_CB_OK;
}

/* Ask for a grant; @by_pid: its holder is this process, else the socket. */
static void ask(struct client *c, uint16_t res, uint64_t amount, bool by_pid,
		uint32_t wait)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = genl_begin(buf, c->family, CGSPAN_CMD_ADMIT,
					 NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GRANT);
	int ret;

	mnl_attr_put_strz(nlh, CGSPAN_GRANT_A_GROUP_PATH, c->group);
	mnl_attr_put_u64(nlh, res, amount);
	if (by_pid)
		mnl_attr_put_u32(nlh, CGSPAN_GRANT_A_PID, getpid());
	mnl_attr_put_u32(nlh, CGSPAN_GRANT_A_WAIT, wait);
	mnl_attr_nest_end(nlh, nest);
	ret = genl_talk(c->nl, nlh, on_grant, c);
	errno = -ret;
	must(!ret || ret == -EDQUOT || ret == -EAGAIN || ret == -EPERM ||
	     ret == -ENOENT, "ADMIT");
	atomic_fetch_add(&c->results[!!ret], 1);
}

/*
 * One of the 16 processes; in half of them @by_pid is true. Half of the requests that
 * wait are for all memory leased, and may claim it; the others, for more, claim nothing.
 */
static void hold(struct client *c, long count, bool by_pid, int ready)
{
	long i;

	c->nl = genl_open();
	/* Queue requests first: each is counted among the grants that the holder may have. */
	for (i = 0; i < count && i < ASK_WAITING; i++)
		ask(c, CGSPAN_GRANT_A_MEMORY, i % 2 ? CGSPAN_AMOUNT_MAX : LEASE,
		    by_pid, CGSPAN_WAIT_MAX_MS);
	for (i = 0; i < count && i < ASK_HELD; i++)
		ask(c, CGSPAN_GRANT_A_CPU, 1, by_pid, 0);
	must(write(ready, "", 1) == 1, "write");
	/* Once all have closed it, the parent notices one that has not written. */
	close(ready);
	for (;;)
		pause();
}

static void exhaust_once(struct client *c, long count)
{
	pid_t pids[PROCESSES];
	int ready[2], i;
	char byte;

	must(!pipe(ready), "pipe");
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		must(pids[i] >= 0, "fork");
		if (pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(c, count / PROCESSES, i % 2, ready[1]);
	}
	close(ready[1]);
	for (i = 0; i < PROCESSES; i++)
		must(read(ready[0], &byte, 1) == 1, "a process ended early");
	for (i = 0; i < PROCESSES; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < PROCESSES; i++)
		waitpid(pids[i], NULL, 0);
	close(ready[0]);
}

static void exhaust(const char *group, long count)
{
	struct client c = { .group = group };
	atomic_long *results;

	c.nl = genl_open();
	c.family = genl_family(c.nl, CGSPAN_GENL_NAME);
	results = mmap(NULL, 3 * sizeof(*results), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(results != MAP_FAILED, "mmap");
	c.results = results;
	do {
		exhaust_once(&c, count);
	} while (results[0] + results[1] < count);
	printf("%ld %ld %ld\n", (long)results[0], (long)results[1],
	       (long)results[2]);
}

/* Fork a child and reap it. Return: the CPU time of fork() in this process, ns. */
static int64_t fork_once(void)
{
	int64_t begun = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	begun = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begun;
	must(pid > 0, "fork");
	must(waitpid(pid, &status, 0) == pid, "waitpid");
	must(!status, "a child was killed");
	return begun;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void measure_forks(long count)
{
	int64_t *took = calloc(count, sizeof(*took));
	long i;

	must(took, "memory");
	for (i = 0; i < count; i++)
		took[i] = fork_once();
	qsort(took, count, sizeof(*took), compare);
	printf("%jd\n", (intmax_t)took[count - 1 - count / 100]);
	free(took);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	long count = argc > 2 ? atol(argv[argc - 1]) : 0;

	if (argc == 4 && !strcmp(what, "exhaust") && count >= PROCESSES)
		exhaust(argv[2], count);
	else if (argc == 3 && !strcmp(what, "forks") && count > 0)
		measure_forks(count);
	else if (argc == 3 && !strcmp(what, "clones") && count > 0)
		while (count--)
			fork_once();
	else
		return 2;
	return 0;
}
