// SPDX-License-Identifier: GPL-2.0
/*
 * Fork-bomb one cgroup, whose group has a lease.
 *
 *   bomb -g CGROUP [-k fork|vfork|thread|into] [-p ATTACKERS] [-t SECONDS]
 *
 * With "into" the attackers are outside of CGROUP and clone3() their children into
 * it. With the other kinds the attackers are in CGROUP, and are counted.
 *
 * 1. Fill: attackers make children that stay alive, until each attacker was refused
 *    20 times in a row.
 * 2. One task is killed. One fork is tried while it is a zombie, and two after it
 *    was reaped: of the three only the second is expected to succeed.
 * 3. Churn, for SECONDS: each attacker kills a child process, if it has one, and makes
 *    another child, over and over, while pids.current is read continuously.
 *
 * The last line is JSON; counts of tasks are pids.current and pids.peak (null if
 * the kernel has no pids.peak). Exit status: 0, whatever the counts: the caller
 * judges them; 1: an error, or a phase took over a minute; 2: wrong arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "clone.h"
#include "die.h"

#define ENOUGH 20		/* an attacker is full after this many refusals in a row */
#define KEPT_MAX 512
#define PATIENCE 300.0		/* time-out of a phase, in seconds */

enum phase { FILL, REST, REAP, CHURN };
enum kind { KIND_FORK, KIND_VFORK, KIND_THREAD, KIND_INTO };

struct shared {
	atomic_uint phase;
	atomic_int places;	/* attackers that run or are being forked */
	atomic_int attackers;
	atomic_int full;	/* attackers that had ENOUGH refusals in a row */
	atomic_int resting;
	atomic_long admitted;
	atomic_long refused;	/* forks refused with EAGAIN */
	atomic_long failed;	/* forks that failed otherwise */
};

struct bomb {
	struct shared *sh;
	const char *dir;
	enum kind kind;
	int attackers;
	int seconds;
	int fd;			/* file descriptor of @dir */
};

struct attacker {
	const struct bomb *b;
	pid_t kept[KEPT_MAX];
	int kept_count;
	int refused;		/* refusals in a row */
	bool full;
};

static void set_phase(struct shared *sh, enum phase next)
{
	atomic_store(&sh->phase, next);
	syscall(SYS_futex, &sh->phase, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Read a number from a file of the cgroup; -1 if it cannot be read. */
static long read_count(const struct bomb *b, const char *file)
{
	int fd = openat(b->fd, file, O_RDONLY | O_CLOEXEC);
	char text[32] = "";
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n > 0 ? atol(text) : -1;
}

static void rest_for_ever(void)
{
	for (;;)
		pause();
}

static void *thread_rests(void *arg)
{
	rest_for_ever();
	return arg;
}

static pid_t make_thread(void)
{
	pthread_attr_t attr;
	pthread_t t;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	err = pthread_create(&t, &attr, thread_rests, NULL);
	pthread_attr_destroy(&attr);
	errno = err;
	return err ? -1 : 1;
}

static pid_t make_vfork(void)
{
	char *const argv[] = { "bomb", "--rest", NULL };
	pid_t pid = vfork();

	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	return pid;
}

static void attack(const struct bomb *b);

/* Fork an attacker from another one; never with "into": start() makes those. */
static pid_t make_attacker(const struct bomb *b)
{
	pid_t pid = clone_into(-1);

	if (!pid)
		attack(b);
	atomic_fetch_add(pid > 0 ? &b->sh->attackers : &b->sh->places,
			 pid > 0 ? 1 : -1);
	return pid;
}

/* Make a child that stays alive. Return: its pid; 1: a thread; -1: failed, see errno. */
static pid_t make_child(const struct bomb *b)
{
	pid_t pid;

	if (b->kind == KIND_THREAD)
		return make_thread();
	if (b->kind == KIND_VFORK)
		return make_vfork();
	pid = clone_into(b->kind == KIND_INTO ? b->fd : -1);
	if (!pid)
		rest_for_ever();
	return pid;
}

static bool take_place(const struct bomb *b)
{
	if (atomic_fetch_add(&b->sh->places, 1) < b->attackers)
		return true;
	atomic_fetch_sub(&b->sh->places, 1);
	return false;
}

/* Are the last attackers being forked? Then no other child may use up the lease. */
static bool places_are_taken(const struct bomb *b)
{
	return atomic_load(&b->sh->attackers) < b->attackers &&
	       atomic_load(&b->sh->places) >= b->attackers;
}

static void try_once(struct attacker *a, bool filling)
{
	struct shared *sh = a->b->sh;
	pid_t pid;

	if (filling && take_place(a->b))
		pid = make_attacker(a->b);
	else
		pid = make_child(a->b);
	if (pid > 0) {
		a->refused = 0;
		atomic_fetch_add(&sh->admitted, 1);
		if (pid > 1 && a->kept_count < KEPT_MAX)
			a->kept[a->kept_count++] = pid;
		return;
	}
	atomic_fetch_add(errno == EAGAIN ? &sh->refused : &sh->failed, 1);
	if (filling && ++a->refused == ENOUGH && !a->full) {
		a->full = true;
		atomic_fetch_add(&sh->full, 1);
	}
}

/* Wait while the phase is @this, at most @ms milliseconds; may return early. */
static void wait_phase(struct shared *sh, enum phase this, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	syscall(SYS_futex, &sh->phase, FUTEX_WAIT, this, &t, NULL, 0);
}

static void rest(struct shared *sh)
{
	atomic_fetch_add(&sh->resting, 1);
	while (atomic_load(&sh->phase) == REST)
		wait_phase(sh, REST, 1000);
}

static void churn(struct attacker *a)
{
	if (a->kept_count) {
		pid_t pid = a->kept[--a->kept_count];

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	try_once(a, false);
}

static void attack(const struct bomb *b)
{
	struct attacker a = { .b = b };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		switch (atomic_load(&b->sh->phase)) {
		case FILL:
			if (a.full || places_are_taken(b))
				wait_phase(b->sh, FILL, a.full ? 1000 : 10);
			else
				try_once(&a, true);
			break;
		case REST:
			rest(b->sh);
			break;
		case REAP:
			if (waitpid(-1, NULL, WNOHANG) <= 0)
				wait_phase(b->sh, REAP, 10);
			break;
		case CHURN:
			churn(&a);
			break;
		}
	}
}

/* ---- the controller ---- */

static void start(const struct bomb *b)
{
	int n = b->kind == KIND_INTO ? b->attackers : 1;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	atomic_store(&b->sh->places, n);
	atomic_store(&b->sh->attackers, n);
	while (n--) {
		pid_t pid = clone_into(b->kind == KIND_INTO ? -1 : b->fd);

		if (pid < 0)
			die("the first attacker");
		if (pid)
			continue;
		if (b->kind != KIND_INTO)
			atomic_fetch_add(&b->sh->admitted, 1);
		attack(b);
	}
}

/* Wait until @count has reached the number of attackers; exit after PATIENCE. */
static void await(const struct bomb *b, atomic_int *count, const char *what)
{
	double until = now() + PATIENCE;

	while (atomic_load(count) < atomic_load(&b->sh->attackers)) {
		if (now() > until) {
			errno = ETIMEDOUT;
			die(what);
		}
		sched_yield();
	}
}

/* Return: the last process in cgroup.procs, none of which is a zombie; 0: none. */
static pid_t last_pid(const struct bomb *b)
{
	int fd = openat(b->fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	int pid = 0;

	if (!f)
		die("cgroup.procs");
	while (fscanf(f, "%d", &pid) == 1)
		;
	fclose(f);
	return pid;
}

/* Fork one more child into the cgroup, where it stays. Return: false: refused. */
static bool admits(const struct bomb *b)
{
	pid_t pid = clone_into(b->fd);

	if (!pid)
		rest_for_ever();
	if (pid < 0 && errno != EAGAIN)
		die("clone3");
	return pid > 0;
}

struct exit_figures {
	bool zombie_admits;	/* a fork succeeded while the killed task was a zombie */
	bool later_admits;	/* the first fork after the killed task was reaped succeeded */
	bool then_admits;	/* the second fork after that reaping succeeded */
};

static struct exit_figures one_exits(const struct bomb *b, long full)
{
	struct exit_figures f;
	double until = now() + PATIENCE;
	pid_t pid = last_pid(b);
	char path[64], state = 0;

	if (!pid) {
		errno = ESRCH;
		die("no task to kill");
	}
	kill(pid, SIGKILL);
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'Z' && now() < until) {
		FILE *p = fopen(path, "re");

		if (!p || fscanf(p, "%*d %*s %c", &state) != 1)
			die(path);
		fclose(p);
	}
	f.zombie_admits = admits(b);
	set_phase(b->sh, REAP);
	while (read_count(b, "pids.current") >= full) {
		waitpid(pid, NULL, WNOHANG);
		if (now() > until) {
			errno = ETIMEDOUT;
			die("reaping one task");
		}
	}
	f.later_admits = admits(b);
	f.then_admits = admits(b);
	return f;
}

static long sample(const struct bomb *b)
{
	double until = now() + b->seconds;
	long max = 0;

	if (b->seconds)
		set_phase(b->sh, CHURN);
	do {
		long n = read_count(b, "pids.current");

		if (n > max)
			max = n;
	} while (now() < until);
	return max;
}

/*
 * Kill each task by itself: after a write to cgroup.kill, Linux 6.12 kills all that
 * clone3() makes later in that cgroup from another one.
 */
static void stop(const struct bomb *b)
{
	double until = now() + PATIENCE;
	pid_t pid;

	set_phase(b->sh, REST);
	if (b->kind == KIND_INTO) {
		signal(SIGTERM, SIG_IGN);
		kill(0, SIGTERM);
	}
	while ((pid = last_pid(b))) {
		kill(pid, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (now() > until) {
			errno = ETIMEDOUT;
			die("killing all");
		}
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void parse(struct bomb *b, int argc, char **argv)
{
	static const char *const kinds[] = { "fork", "vfork", "thread", "into" };
	int c;

	while ((c = getopt(argc, argv, "g:k:p:t:")) != -1) {
		switch (c) {
		case 'g':
			b->dir = optarg;
			break;
		case 'k':
			for (b->kind = KIND_FORK; b->kind <= KIND_INTO; b->kind++) {
				if (!strcmp(kinds[b->kind], optarg))
					break;
			}
			if (b->kind > KIND_INTO)
				exit(2);
			break;
		case 'p':
			b->attackers = atoi(optarg);
			break;
		case 't':
			b->seconds = atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (!b->dir || b->attackers < 1) {
		fprintf(stderr, "bomb: give -g, and a sane -p\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct bomb b = { .attackers = 64 };
	struct exit_figures f;
	long full, max, peak;

	if (argc == 2 && !strcmp(argv[1], "--rest"))
		rest_for_ever();
	parse(&b, argc, argv);
	setpgid(0, 0);
	b.fd = open(b.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b.fd < 0)
		die(b.dir);
	b.sh = mmap(NULL, sizeof(*b.sh), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.sh == MAP_FAILED)
		die("mmap");

	start(&b);
	await(&b, &b.sh->full, "filling");
	set_phase(b.sh, REST);
	await(&b, &b.sh->resting, "resting");
	full = read_count(&b, "pids.current");
	f = one_exits(&b, full);
	max = sample(&b);
	peak = read_count(&b, "pids.peak");
	stop(&b);
	printf("{\"attackers\":%d,\"full\":%ld,\"max\":%ld,\"peak\":",
	       b.sh->attackers, full, max);
	printf(peak < 0 ? "null" : "%ld", peak);
	printf(",\"admitted\":%ld,\"refused\":%ld,\"other_errors\":%ld",
	       b.sh->admitted, b.sh->refused, b.sh->failed);
	printf(",\"zombie_admits\":%s,\"later_admits\":%s,\"then_admits\":%s}\n",
	       f.zombie_admits ? "true" : "false",
	       f.later_admits ? "true" : "false",
	       f.then_admits ? "true" : "false");
	return 0;
}
