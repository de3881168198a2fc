// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle's agent on a node: it freezes a cgroup, reads pids.current from the
 * kernel, and thaws the cgroup. It does not use cgspan.
 *
 * oracle-agent CGROUP [SUBDIR...]
 *
 * Prints "ready"; then commands on stdin and answers on stdout, one line each:
 *   freeze   "frozen", when all tasks of CGROUP are frozen (within 8 s)
 *   read     "N N...": pids.current of CGROUP, then of each SUBDIR
 *   thaw     "thawed"
 * or "error COMMAND: TEXT". At the end of stdin it thaws CGROUP and exits, so that
 * a host that disconnects leaves nothing frozen.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include "../vm/prog/clock.h"
#include "../vm/prog/die.h"

#define DIRS_MAX	8
#define FREEZE_MS	8000

struct agent {
	int freeze;		/* cgroup.freeze of CGROUP */
	int events;		/* cgroup.events of CGROUP */
	int pids[DIRS_MAX];	/* pids.current of CGROUP and each SUBDIR */
	int n;
};

static int open_in(const char *dir, const char *file, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, flags | O_CLOEXEC);
	must(fd >= 0, path);
	return fd;
}

static bool read_text(int fd, char *buf, size_t size)
{
	ssize_t len = pread(fd, buf, size - 1, 0);

	buf[len < 0 ? 0 : len] = '\0';
	return len >= 0;
}

static bool set_frozen(const struct agent *a, const char *val)
{
	return pwrite(a->freeze, val, 1, 0) == 1;
}

/* Reading @events re-arms its notification: no change is lost between read and poll. */
static bool wait_frozen(const struct agent *a)
{
	struct pollfd p = { .fd = a->events, .events = POLLPRI };
	long long end = now_ms() + FREEZE_MS, left;
	char buf[256];

	while (read_text(a->events, buf, sizeof(buf))) {
		if (strstr(buf, "frozen 1"))
			return true;
		left = end - now_ms();
		errno = ETIMEDOUT;
		if (left <= 0 || (poll(&p, 1, left) < 0 && errno != EINTR))
			break;
	}
	return false;
}

static bool do_freeze(const struct agent *a)
{
	int no;

	if (set_frozen(a, "1") && wait_frozen(a)) {
		puts("frozen");
		return true;
	}
	no = errno;
	set_frozen(a, "0");
	errno = no;
	return false;
}

static bool do_read(const struct agent *a)
{
	char line[DIRS_MAX * 24] = "", buf[32];
	int i, len = 0;

	for (i = 0; i < a->n; i++) {
		if (!read_text(a->pids[i], buf, sizeof(buf)))
			return false;
		buf[strcspn(buf, "\n")] = '\0';
		len += snprintf(line + len, sizeof(line) - len, "%s%.20s",
				i ? " " : "", buf);
	}
	puts(line);
	return true;
}

static bool do_thaw(const struct agent *a)
{
	return set_frozen(a, "0") && puts("thawed") >= 0;
}

static void obey(const struct agent *a, char *line)
{
	bool done = false;

	line[strcspn(line, "\r\n")] = '\0';
	errno = EINVAL;
	if (!strcmp(line, "freeze"))
		done = do_freeze(a);
	else if (!strcmp(line, "read"))
		done = do_read(a);
	else if (!strcmp(line, "thaw"))
		done = do_thaw(a);
	if (!done)
		printf("error %s: %m\n", line);
}

int main(int argc, char **argv)
{
	/* Real-time priority, because the tasks under test keep the processor busy. */
	struct sched_param sp = { .sched_priority = 50 };
	struct agent a = { .n = argc - 1 };
	char line[64];

	if (argc < 2 || a.n > DIRS_MAX) {
		fprintf(stderr, "usage: oracle-agent CGROUP [SUBDIR...]\n");
		return 2;
	}
	must(!chdir(argv[1]), argv[1]);
	a.freeze = open_in(".", "cgroup.freeze", O_WRONLY);
	a.events = open_in(".", "cgroup.events", O_RDONLY);
	a.pids[0] = open_in(".", "pids.current", O_RDONLY);
	for (int i = 1; i < a.n; i++)
		a.pids[i] = open_in(argv[i + 1], "pids.current", O_RDONLY);
	if (sched_setscheduler(0, SCHED_FIFO, &sp))
		perror("oracle-agent: SCHED_FIFO");
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin))
		obey(&a, line);
	set_frozen(&a, "0");
	return 0;
}
