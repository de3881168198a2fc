// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that hold grants and end in different ways. The test gives grants to
 * "exec" and "leader".
 *
 *   holder exec			after a line of input, the second thread
 *				executes "sleep 1000"
 *   holder leader		after a line the first thread ends; after another
 *				line the second thread, and so the process
 *   holder swarm GROUP COUNT	COUNT processes start, get 1 millicpu and 1 task
 *				of GROUP each, and are killed at random, some
 *				before the grant
 *
 * "swarm" prints "GRANTED MISSED"; MISSED processes were dead before the grant. It
 * exits with 1 after any other error, and returns when all processes are reaped.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/cgspan.h>

#include "genl.h"

static void wait_line(void)
{
	char c;

	do {
		if (read(0, &c, 1) != 1)
			_exit(1);
	} while (c != '\n');
}

static void *become_sleep(void *arg)
{
	(void)arg;
	wait_line();
	execlp("sleep", "sleep", "1000", NULL);
	die("sleep");
	return NULL;
}

static void *outlive(void *arg)
{
	wait_line();
	sem_post(arg);
	wait_line();
	return NULL;
}

static int threads(bool exec)
{
	static sem_t go;
	pthread_t thread;

	sem_init(&go, 0, 0);
	if (pthread_create(&thread, NULL, exec ? become_sleep : outlive, &go))
		die("thread");
	while (sem_wait(&go))
		;
	pthread_exit(NULL);
}

/* ---- swarm: many processes ---- */

struct swarm {
	struct mnl_socket *nl;
	uint16_t family;
	const char *group;
	unsigned int seed;
};

static void swarm_open(struct swarm *s)
{
	s->nl = genl_open();
	s->family = genl_family(s->nl, CGSPAN_GENL_NAME);
}

static int admit(struct swarm *s, pid_t pid, bool by_fd)
{
	int fd = by_fd ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = genl_begin(buf, s->family, CGSPAN_CMD_ADMIT,
					 NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GRANT);
	int ret;

	if (by_fd && fd < 0)
		die("pidfd");
	mnl_attr_put_strz(nlh, CGSPAN_GRANT_A_GROUP_PATH, s->group);
	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_TASKS, 1);
	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_CPU, 1);
	if (by_fd)
		mnl_attr_put_u32(nlh, CGSPAN_GRANT_A_PIDFD, fd);
	else
		mnl_attr_put_u32(nlh, CGSPAN_GRANT_A_PID, pid);
	mnl_attr_nest_end(nlh, nest);
	ret = genl_talk(s->nl, nlh, NULL, NULL);
	if (by_fd)
		close(fd);
	return ret;
}

static pid_t start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	/* End with the parent: else this process keeps the test's output open. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

/* Maximum of processes at a time: more do not fit into a small machine. */
#define ALIVE 1000

/*
 * Some processes are killed while others start, the rest at the end. None is reaped
 * while it is in @pids, so that no pid there is that of another process.
 */
static int swarm(struct swarm *s, int count)
{
	int granted = 0, missed = 0, alive = 0, i, j, ret;
	pid_t pids[ALIVE];

	swarm_open(s);
	for (i = 0; i < count; i++) {
		j = alive < ALIVE ? alive++ : rand_r(&s->seed) % ALIVE;
		if (i >= ALIVE) {
			kill(pids[j], SIGKILL);
			waitpid(pids[j], NULL, 0);
		}
		pids[j] = start();
		if (rand_r(&s->seed) % 4 == 0)
			kill(pids[j], SIGKILL);
		ret = admit(s, pids[j], rand_r(&s->seed) % 2);
		if (ret && ret != -ESRCH) {
			errno = -ret;
			die("admit");
		}
		granted += !ret;
		missed += !!ret;
		if (rand_r(&s->seed) % 4 == 0)
			kill(pids[rand_r(&s->seed) % alive], SIGKILL);
	}
	for (; alive; pids[j] = pids[--alive]) {
		j = rand_r(&s->seed) % alive;
		kill(pids[j], SIGKILL);
	}
	while (wait(NULL) > 0)
		;
	printf("%d %d\n", granted, missed);
	return 0;
}

int main(int argc, char **argv)
{
	struct swarm s = { .seed = 1 };

	if (argc == 2 && !strcmp(argv[1], "exec"))
		return threads(true);
	if (argc == 2 && !strcmp(argv[1], "leader"))
		return threads(false);
	if (argc == 4 && !strcmp(argv[1], "swarm")) {
		s.group = argv[2];
		return swarm(&s, atoi(argv[3]));
	}
	fprintf(stderr, "usage: holder exec | leader | swarm GROUP COUNT\n");
	return 2;
}
