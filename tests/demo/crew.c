// SPDX-License-Identifier: GPL-2.0
/*
 * Keep COPIES copies of a command running, as a service manager does. After a fork or
 * a command that failed, it tries again a little later, so that the demand stays.
 *
 * crew [-r REPORT] CGROUP COPIES COMMAND [ARG...]
 *
 * crew runs in the background, in CGROUP: clone3(CLONE_INTO_CGROUP) creates it there,
 * so that no task is moved. All copies are its children. The file REPORT holds,
 * from the first fork on, one line: "started N refused N failed N".
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../vm/prog/clone.h"
#include "../vm/prog/die.h"

#define RETRY_MS	20

struct crew {
	char **command;
	long copies;
	long running;
	int report;
	unsigned long started;
	unsigned long refused;
	unsigned long failed;
};

static void nap(void)
{
	struct timespec ts = { .tv_nsec = RETRY_MS * 1000000L };

	nanosleep(&ts, NULL);
}

static void crew_report(struct crew *c)
{
	char line[96];
	int len;

	if (c->report < 0)
		return;
	len = snprintf(line, sizeof(line),
		       "started %-10lu refused %-10lu failed %-10lu\n",
		       c->started, c->refused, c->failed);
	if (pwrite(c->report, line, len, 0) != len)
		_exit(1);
}

static void crew_start(struct crew *c)
{
	pid_t pid = fork();

	if (pid == 0) {
		execvp(c->command[0], c->command);
		_exit(127);
	}
	if (pid < 0) {
		c->refused++;
		crew_report(c);
		nap();
		return;
	}
	c->started++;
	c->running++;
	crew_report(c);
}

static void crew_reap(struct crew *c, int flags)
{
	int status;

	while (waitpid(-1, &status, flags) > 0) {
		c->running--;
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			c->failed++;
			crew_report(c);
			nap();
		}
		flags = WNOHANG;
	}
}

static void crew_run(struct crew *c)
{
	crew_report(c);
	for (;;) {
		crew_reap(c, c->running < c->copies ? WNOHANG : 0);
		if (c->running < c->copies)
			crew_start(c);
	}
}

/* Leave the caller's session, and replace stdin, stdout and stderr by /dev/null. */
static void detach(void)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || setsid() < 0 || dup2(null, 0) < 0 ||
	    dup2(null, 1) < 0 || dup2(null, 2) < 0)
		_exit(1);
	if (null > 2)
		close(null);
}

/*
 * Return at once in the caller. A child, outside of the cgroup, repeats clone3() until
 * a fork into the cgroup is admitted; the process that this makes is the crew.
 */
static int launch(struct crew *c, int cgroup)
{
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid)
		return 0;
	detach();
	while ((pid = clone_into(cgroup)) != 0) {
		if (pid > 0)
			_exit(0);
		if (errno != EAGAIN)
			_exit(1);
		c->refused++;
		crew_report(c);
		nap();
	}
	crew_run(c);
	return 0;
}

int main(int argc, char **argv)
{
	struct crew c = { .report = -1 };
	int cgroup;

	if (argc > 2 && !strcmp(argv[1], "-r")) {
		c.report = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
				0644);
		must(c.report >= 0, argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 4) {
		fprintf(stderr, "usage: crew [-r REPORT] CGROUP COPIES COMMAND [ARG...]\n");
		return 2;
	}
	cgroup = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(cgroup >= 0, argv[1]);
	c.copies = strtol(argv[2], NULL, 10);
	c.command = argv + 3;
	return launch(&c, cgroup);
}
