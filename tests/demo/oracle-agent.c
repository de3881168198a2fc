// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle's agent on a node: it freezes a cgroup, reads pids.current from the
 * kernel, and thaws the cgroup. It does not use cgspan.
 *
 * oracle-agent CGROUP [SUBDIR...]
 *
 * Commands on stdin and answers on stdout, one line each:
 *   freeze   "frozen", when all tasks of CGROUP are frozen
 *   read     "N N...": pids.current of CGROUP, then of each SUBDIR
 *   thaw     "thawed"
 * or "error TEXT". At the end of stdin it thaws CGROUP and exits, so that a host
 * that disconnects leaves nothing frozen.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../vm/prog/clock.h"

#define DIRS_MAX	8
#define FREEZE_MS	8000

struct agent {
	int freeze;		/* cgroup.freeze of CGROUP */
	int events;		/* cgroup.events of CGROUP */
	int pids[DIRS_MAX];	/* pids.current of each directory */
	int n;
};

static int open_at(const char *dir, const char *sub, const char *file,
		   int flags)
{
	char path[4096];
	int fd, len;

	len = snprintf(path, sizeof(path), "%s/%s/%s", dir, sub, file);
	if (len < 0 || len >= (int)sizeof(path)) {
		fprintf(stderr, "oracle-agent: path too long: %s\n", dir);
		return -1;
	}
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		fprintf(stderr, "oracle-agent: %s: %m\n", path);
	return fd;
}

static int agent_open(struct agent *a, int argc, char **argv)
{
	a->freeze = open_at(argv[1], "", "cgroup.freeze", O_WRONLY);
	a->events = open_at(argv[1], "", "cgroup.events", O_RDONLY);
	if (a->freeze < 0 || a->events < 0)
		return -1;
	for (a->n = 0; a->n < argc - 1; a->n++) {
		const char *sub = a->n ? argv[a->n + 1] : "";

		a->pids[a->n] = open_at(argv[1], sub, "pids.current", O_RDONLY);
		if (a->pids[a->n] < 0)
			return -1;
	}
	return 0;
}

static int read_text(int fd, char *buf, size_t size)
{
	ssize_t len = pread(fd, buf, size - 1, 0);

	if (len < 0)
		return -1;
	buf[len] = '\0';
	return 0;
}

/* Reading re-arms the notification, so none is lost between read and poll. */
static int wait_frozen(struct agent *a)
{
	long long end = now_ms() + FREEZE_MS;
	struct pollfd p = { .fd = a->events, .events = POLLPRI };
	char buf[256];

	for (;;) {
		long long left = end - now_ms();

		if (read_text(a->events, buf, sizeof(buf)))
			return -1;
		if (strstr(buf, "frozen 1"))
			return 0;
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return -1;
	}
}

static int set_frozen(struct agent *a, const char *val)
{
	return pwrite(a->freeze, val, 1, 0) == 1 ? 0 : -1;
}

static int do_freeze(struct agent *a)
{
	if (set_frozen(a, "1") || wait_frozen(a)) {
		int no = errno;

		set_frozen(a, "0");
		errno = no;
		return -1;
	}
	puts("frozen");
	return 0;
}

static int do_read(struct agent *a)
{
	char line[DIRS_MAX * 24] = "", buf[32];
	int i, len = 0;

	for (i = 0; i < a->n; i++) {
		if (read_text(a->pids[i], buf, sizeof(buf)))
			return -1;
		buf[strcspn(buf, "\n")] = '\0';
		len += snprintf(line + len, sizeof(line) - len, "%s%.20s",
				i ? " " : "", buf);
	}
	puts(line);
	return 0;
}

static int do_thaw(struct agent *a)
{
	if (set_frozen(a, "0"))
		return -1;
	puts("thawed");
	return 0;
}

static void obey(struct agent *a, char *line)
{
	int ret;

	line[strcspn(line, "\r\n")] = '\0';
	if (!strcmp(line, "freeze")) {
		ret = do_freeze(a);
	} else if (!strcmp(line, "read")) {
		ret = do_read(a);
	} else if (!strcmp(line, "thaw")) {
		ret = do_thaw(a);
	} else {
		errno = EINVAL;
		ret = -1;
	}
	if (ret)
		printf("error %s: %m\n", line);
}

/* Run before the tasks under test, which keep the processor busy. */
static void go_first(void)
{
	struct sched_param sp = { .sched_priority = 50 };

	if (sched_setscheduler(0, SCHED_FIFO, &sp))
		fprintf(stderr, "oracle-agent: SCHED_FIFO: %m\n");
}

int main(int argc, char **argv)
{
	struct agent a;
	char line[64];

	if (argc < 2 || argc - 1 > DIRS_MAX) {
		fprintf(stderr, "usage: oracle-agent CGROUP [SUBDIR...]\n");
		return 2;
	}
	if (agent_open(&a, argc, argv))
		return 1;
	go_first();
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin))
		obey(&a, line);
	set_frozen(&a, "0");
	return 0;
}
