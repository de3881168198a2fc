// SPDX-License-Identifier: GPL-2.0
/*
 * A seeded storm of forks, execs, threads, migrations, kills and failing forks
 * over several cgroups, with quiet points: there every worker finishes its
 * operation and waits, so that no task is created, ends or moves while COMMAND
 * compares counts. Live tasks and unreaped zombies stay at a quiet point.
 *
 *   storm -d CGROUP [-d CGROUP]... [-T THREADED] [-S SERVICE -l LEASE]
 *         [-s SEED] [-t SECONDS] [-w WORKERS] [-q MS] [-c COMMAND]
 *
 * THREADED is a threaded domain with the threaded children "x" and "y". SERVICE is
 * a directory that a worker repeatedly makes and removes, as restarts of a
 * service do; each time exactly LEASE tasks of it must be admitted.
 *
 * A storm takes up to a minute more than SECONDS if it has not had QUIET_LEAST quiet
 * points yet or, with both THREADED and SERVICE, each kind of operation and a refusal.
 *
 * The last line is JSON with counts of operations. Exit status: 0; 2: wrong arguments; 1:
 * a COMMAND or worker failed or did not rest, the service's count was wrong, or an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "clone.h"
#include "die.h"

#define DIRS_MAX 32
#define WORKERS_MAX 64
#define KEPT_MAX 6
#define REST_SECONDS 60		/* all workers must reach a quiet point within this time */
#define QUIET_LEAST 5
#define LATE_SECONDS 60

enum count {
	FORK, EXEC, VFORK, THREAD, THREAD_EXEC, INTO, MOVE_SELF, MOVE_CHILD,
	MOVE_THREAD, KILL, ZOMBIE, KILLED_FORK, ORPHAN, URING, AGAIN, FAILED,
	SERVICE, OVER, UNDER, COUNTS
};

static const char *const count_names[COUNTS] = {
	"fork", "exec", "vfork", "thread", "thread_exec", "into_cgroup",
	"move_self", "move_child", "move_thread", "kill", "zombie",
	"killed_fork", "orphan", "io_uring", "eagain", "other_errors",
	"service_restarts", "service_over", "service_under"
};

/* Shared by the controller and all workers. */
struct shared {
	atomic_uint turn;	/* number of the turn; odd: a quiet point */
	atomic_uint resting;	/* workers that wait at this quiet point */
	atomic_bool stop;
	atomic_ulong counts[COUNTS];
};

struct options {
	const char *dirs[DIRS_MAX];
	int dir_count;
	const char *threaded;
	const char *service;
	const char *command;
	int seed;
	int seconds;
	int workers;
	int quiet_ms;
	int lease;
};

struct worker {
	const struct options *opt;
	struct shared *sh;
	uint64_t rng;
	pid_t kept[KEPT_MAX];	/* pids of live children, which are in pause() */
	int kept_count;
	pid_t dead[KEPT_MAX];	/* pids of killed children that are not reaped yet */
	int dead_count;
};

static unsigned int draw(struct worker *w, unsigned int below)
{
	w->rng ^= w->rng << 13;
	w->rng ^= w->rng >> 7;
	w->rng ^= w->rng << 17;
	return (w->rng >> 11) % below;
}

static void count(struct worker *w, enum count what)
{
	atomic_fetch_add(&w->sh->counts[what], 1);
}

/* Count a failed fork or thread: a refusal (EAGAIN), as expected, or another error. */
static void failed(struct worker *w)
{
	count(w, errno == EAGAIN ? AGAIN : FAILED);
}

static void futex_wait(atomic_uint *word, unsigned int value)
{
	struct timespec second = { .tv_sec = 1 };

	syscall(SYS_futex, word, FUTEX_WAIT, value, &second, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int write_pid(const char *dir, const char *file, pid_t pid)
{
	char path[PATH_MAX], text[16];
	int fd, len, ret;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	len = snprintf(text, sizeof(text), "%d", pid);
	ret = write(fd, text, len) == len ? 0 : -1;
	close(fd);
	return ret;
}

static const char *any_dir(struct worker *w)
{
	return w->opt->dirs[draw(w, w->opt->dir_count)];
}

static void exec_nothing(void)
{
	char *const argv[] = { "storm", "--nothing", NULL };

	execv("/proc/self/exe", argv);
	_exit(127);
}

/* fork() into @dir (NULL: own cgroup) without the C library's locks: safe in threads. */
static pid_t clone_in(const char *dir)
{
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	pid_t pid = dir && fd < 0 ? -1 : clone_into(fd);
	int saved = errno;

	if (pid && fd >= 0)
		close(fd);
	errno = saved;
	return pid;
}

static void rest_for_ever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Reap all children in a process group, also orphans that this worker inherited. */
static void reap_group(pid_t pgid)
{
	while (waitpid(-pgid, NULL, 0) > 0 || errno == EINTR)
		;
}

/* Count a new child as @what, and reap it; @pid is negative if fork() failed. */
static void await(struct worker *w, pid_t pid, enum count what)
{
	if (pid < 0)
		return failed(w);
	count(w, what);
	reap(pid);
}

static void keep(struct worker *w, pid_t pid)
{
	w->kept[w->kept_count++] = pid;
}

static void op_fork(struct worker *w)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	await(w, pid, FORK);
}

static void op_exec(struct worker *w)
{
	pid_t pid = fork();

	if (!pid)
		exec_nothing();
	await(w, pid, EXEC);
}

static void op_vfork(struct worker *w)
{
	bool exec = draw(w, 2);
	pid_t pid = vfork();

	if (!pid) {
		if (exec)
			exec_nothing();
		_exit(0);
	}
	await(w, pid, VFORK);
}

static void drop(struct worker *w, bool reap_now)
{
	int i = draw(w, w->kept_count);
	pid_t pid = w->kept[i];

	w->kept[i] = w->kept[--w->kept_count];
	kill(pid, SIGKILL);
	count(w, KILL);
	if (reap_now || w->dead_count == KEPT_MAX) {
		reap(pid);
		return;
	}
	w->dead[w->dead_count++] = pid;
	count(w, ZOMBIE);
}

static void op_keep(struct worker *w)
{
	pid_t pid;

	if (w->kept_count == KEPT_MAX)
		return drop(w, draw(w, 2));
	pid = fork();
	if (!pid)
		rest_for_ever();
	if (pid < 0)
		return failed(w);
	count(w, FORK);
	keep(w, pid);
}

static void op_kill(struct worker *w)
{
	if (w->kept_count)
		drop(w, draw(w, 3) == 0);
	if (w->dead_count && draw(w, 2))
		reap(w->dead[--w->dead_count]);
}

static void op_into(struct worker *w)
{
	unsigned int fate = w->kept_count < KEPT_MAX ? draw(w, 3) : draw(w, 2);
	pid_t pid = clone_in(any_dir(w));

	if (!pid) {
		if (fate == 2)
			rest_for_ever();
		if (fate == 1)
			exec_nothing();
		_exit(0);
	}
	if (pid < 0)
		return failed(w);
	count(w, INTO);
	if (fate == 2)
		keep(w, pid);
	else
		reap(pid);
}

static void op_move_self(struct worker *w)
{
	if (!write_pid(any_dir(w), "cgroup.procs", getpid()))
		count(w, MOVE_SELF);
}

static void op_move_child(struct worker *w)
{
	if (!w->kept_count)
		return op_keep(w);
	if (!write_pid(any_dir(w), "cgroup.procs",
		       w->kept[draw(w, w->kept_count)]))
		count(w, MOVE_CHILD);
}

static void *thread_ends(void *arg)
{
	return arg;
}

static void op_threads(struct worker *w)
{
	pthread_t t[4];
	int n = 0;

	while (n < 4) {
		int err = pthread_create(&t[n], NULL, thread_ends, NULL);

		if (err) {
			errno = err;
			failed(w);
			break;
		}
		count(w, THREAD);
		n++;
	}
	while (n)
		pthread_join(t[--n], NULL);
}

static void *thread_execs(void *arg)
{
	exec_nothing();
	return arg;
}

/* A second thread calls exec: the first thread dies, its pid stays. */
static void op_thread_exec(struct worker *w)
{
	pid_t pid = fork();
	pthread_t t;

	if (!pid) {
		if (pthread_create(&t, NULL, thread_execs, NULL))
			_exit(0);
		rest_for_ever();
	}
	await(w, pid, THREAD_EXEC);
}

/* @waits: reap each child before the next fork(). If not, nearly all time is in fork(). */
static void fork_until_killed(bool waits)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!waits)
		signal(SIGCHLD, SIG_IGN);
	for (;;) {
		pid_t pid = clone_in(NULL);

		if (!pid)
			_exit(0);
		if (pid < 0)
			sched_yield();
		else if (waits)
			reap(pid);
	}
}

/*
 * Kill a process that only forks: SIGKILL often arrives within a fork, which then
 * fails after it was charged. Half of these processes are moved before they are killed.
 */
static void op_killed_fork(struct worker *w)
{
	bool waits = draw(w, 2);
	pid_t pid = fork();
	double until;

	if (!pid) {
		setpgid(0, 0);
		fork_until_killed(waits);
	}
	if (pid < 0)
		return failed(w);
	setpgid(pid, pid);
	if (draw(w, 2)) {
		for (int i = draw(w, 4); i >= 0; i--)
			write_pid(any_dir(w), "cgroup.procs", pid);
	}
	for (until = now() + draw(w, 3000) / 1e6; now() < until;)
		sched_yield();
	kill(pid, SIGKILL);
	count(w, KILLED_FORK);
	reap_group(pid);
}

/* The middle process mostly exits first; then this worker inherits the grandchild. */
static void op_orphan(struct worker *w)
{
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		if (!fork()) {
			sched_yield();
			_exit(0);
		}
		_exit(0);
	}
	if (pid < 0)
		return failed(w);
	setpgid(pid, pid);
	count(w, ORPHAN);
	reap_group(pid);
}

/* IOSQE_ASYNC makes the kernel create a worker thread. */
static int uring_read(void)
{
	struct io_uring_params p = { };
	int fd = syscall(SYS_io_uring_setup, 4, &p);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct io_uring_sqe *sqe;
	char buf[64], *ring;

	if (fd < 0 || zero < 0 || !(p.features & IORING_FEAT_SINGLE_MMAP))
		return -1;
	ring = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(__u32),
		    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		    IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof(*sqe), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES);
	if (ring == MAP_FAILED || sqe == MAP_FAILED)
		return -1;
	*sqe = (struct io_uring_sqe) {
		.opcode = IORING_OP_READ, .flags = IOSQE_ASYNC, .fd = zero,
		.addr = (uintptr_t)buf, .len = sizeof(buf),
	};
	*(__u32 *)(ring + p.sq_off.array) = 0;
	atomic_fetch_add((atomic_uint *)(ring + p.sq_off.tail), 1);
	return syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS,
		       NULL, 0);
}

static void op_uring(struct worker *w)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(uring_read() == 1 ? 0 : 1);
	if (pid < 0)
		return failed(w);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!status)
		count(w, URING);
}

typedef void (*op_fn)(struct worker *w);

static const op_fn ops[] = {
	op_fork, op_exec, op_vfork, op_keep, op_keep, op_kill, op_into, op_into,
	op_move_self, op_move_child, op_move_child, op_threads, op_thread_exec,
	op_killed_fork, op_orphan, op_uring,
};

/* A joined thread may still be exiting: wait until only @threads threads are listed. */
static void wait_threads(unsigned int threads)
{
	struct stat st;

	while (!stat("/proc/self/task", &st) && st.st_nlink != threads + 2)
		sched_yield();
}

/* At a quiet point (an odd turn) wait until it is over; no task of the worker changes. */
static void rest(struct worker *w, unsigned int threads)
{
	unsigned int turn = atomic_load(&w->sh->turn);
	siginfo_t si;

	if (!(turn & 1))
		return;
	for (int i = 0; i < w->dead_count; i++)
		waitid(P_PID, w->dead[i], &si, WEXITED | WNOWAIT);
	wait_threads(threads);
	atomic_fetch_add(&w->sh->resting, 1);
	futex_wake(&w->sh->resting);
	while (atomic_load(&w->sh->turn) == turn)
		futex_wait(&w->sh->turn, turn);
}

static void finish(struct worker *w)
{
	while (w->kept_count)
		drop(w, true);
	while (w->dead_count)
		reap(w->dead[--w->dead_count]);
}

static void run_worker(struct worker *w)
{
	while (!atomic_load(&w->sh->stop)) {
		rest(w, 1);
		ops[draw(w, sizeof(ops) / sizeof(ops[0]))](w);
	}
	finish(w);
}

/* ---- threads of one process in threaded cgroups ---- */

struct mover {
	pthread_t thread;
	atomic_int tid;
	atomic_uint end;
};

static void *thread_rests(void *arg)
{
	struct mover *m = arg;

	m->tid = gettid();
	while (!atomic_load(&m->end))
		futex_wait(&m->end, 0);
	return NULL;
}

static void *thread_forks(void *arg)
{
	struct worker *w = arg;
	pid_t pid = clone_in(NULL);

	if (!pid)
		exec_nothing();
	if (pid < 0)
		failed(w);
	else
		reap(pid);
	return NULL;
}

static void move_thread(struct worker *w, pid_t tid)
{
	static const char *const subs[] = { "", "/x", "/y" };
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s%s", w->opt->threaded, subs[draw(w, 3)]);
	if (!write_pid(dir, "cgroup.threads", tid))
		count(w, MOVE_THREAD);
}

static void mover_end(struct mover *m)
{
	atomic_store(&m->end, 1);
	futex_wake(&m->end);
	pthread_join(m->thread, NULL);
	m->tid = 0;
}

static void mover_start(struct worker *w, struct mover *m)
{
	int err;

	m->end = 0;
	m->tid = 0;
	err = pthread_create(&m->thread, NULL, thread_rests, m);
	if (err) {
		errno = err;
		return failed(w);
	}
	count(w, THREAD);
	while (!m->tid)
		sched_yield();
}

static void run_threaded(struct worker *w)
{
	struct mover movers[KEPT_MAX] = { };
	unsigned int alive = 0;
	pthread_t t;

	while (!atomic_load(&w->sh->stop)) {
		struct mover *m = &movers[draw(w, KEPT_MAX)];

		rest(w, 1 + alive);
		switch (draw(w, 4)) {
		case 0:
			if (m->tid) {
				mover_end(m);
				alive--;
			} else {
				mover_start(w, m);
				alive += m->tid != 0;
			}
			break;
		case 1:
			if (!pthread_create(&t, NULL, thread_forks, w))
				pthread_join(t, NULL);
			break;
		case 2:
			move_thread(w, getpid());
			break;
		default:
			if (m->tid)
				move_thread(w, m->tid);
		}
	}
	for (int i = 0; i < KEPT_MAX; i++) {
		if (movers[i].tid)
			mover_end(&movers[i]);
	}
}

/* ---- a service that is restarted over and over ---- */

static void run_service(struct worker *w)
{
	const struct options *opt = w->opt;
	pid_t pids[64];

	while (!atomic_load(&w->sh->stop)) {
		int admitted = 0;

		if (mkdir(opt->service, 0755))
			die(opt->service);
		for (int i = 0; i < opt->lease + 3; i++) {
			pid_t pid = clone_in(opt->service);

			if (!pid)
				rest_for_ever();
			if (pid > 0)
				pids[admitted++] = pid;
			else
				failed(w);
		}
		count(w, SERVICE);
		if (admitted > opt->lease)
			count(w, OVER);
		if (admitted < opt->lease)
			count(w, UNDER);
		rest(w, 1);
		while (admitted) {
			kill(pids[--admitted], SIGKILL);
			reap(pids[admitted]);
		}
		if (rmdir(opt->service))
			die(opt->service);
		rest(w, 1);
	}
}

/* ---- the controller ---- */

typedef void (*run_fn)(struct worker *w);

static pid_t start(const struct options *opt, struct shared *sh, int n,
		   const char *dir, run_fn run)
{
	struct worker w = { .opt = opt, .sh = sh };
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	w.rng = (opt->seed + 1ULL) * 0x9e3779b97f4a7c15ULL + n * 0xbf58476d1ce4e5b9ULL;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (dir && write_pid(dir, "cgroup.procs", getpid()))
		die(dir);
	run(&w);
	_exit(0);
}

/* Make a quiet point. Return: whether all @n workers waited, and COMMAND succeeded. */
static bool quiet_point(const struct options *opt, struct shared *sh, int n)
{
	double until = now() + REST_SECONDS;
	unsigned int resting;
	bool good = true;

	atomic_store(&sh->resting, 0);
	atomic_fetch_add(&sh->turn, 1);
	while ((resting = atomic_load(&sh->resting)) < (unsigned int)n) {
		if (waitpid(-1, NULL, WNOHANG) > 0 || now() > until) {
			fprintf(stderr, "storm: %u of %d workers rest\n",
				resting, n);
			return false;
		}
		futex_wait(&sh->resting, resting);
	}
	if (opt->command)
		good = system(opt->command) == 0;
	atomic_fetch_add(&sh->turn, 1);
	futex_wake(&sh->turn);
	return good;
}

/* Return: whether the storm lacks a part that it waits for, up to LATE_SECONDS. */
static bool lacks(const struct options *opt, struct shared *sh, int quiet)
{
	if (quiet < QUIET_LEAST)
		return true;
	for (int i = 0; i <= AGAIN && opt->threaded && opt->service; i++)
		if (!sh->counts[i])
			return true;
	return false;
}

static int report(const struct options *opt, struct shared *sh, int quiet,
		  int bad)
{
	printf("{\"seed\":%d,\"seconds\":%d,\"workers\":%d,",
	       opt->seed, opt->seconds, opt->workers);
	printf("\"quiet_points\":%d,\"quiet_failed\":%d", quiet, bad);
	for (int i = 0; i < COUNTS; i++)
		printf(",\"%s\":%lu", count_names[i], sh->counts[i]);
	printf("}\n");
	return bad || sh->counts[OVER] || sh->counts[UNDER];
}

static void parse(struct options *opt, int argc, char **argv)
{
	const struct {
		char letter;
		const char **text;
		int *number;
	} words[] = {
		{ 'T', &opt->threaded, NULL }, { 'S', &opt->service, NULL },
		{ 'c', &opt->command, NULL }, { 'l', NULL, &opt->lease },
		{ 's', NULL, &opt->seed }, { 't', NULL, &opt->seconds },
		{ 'w', NULL, &opt->workers }, { 'q', NULL, &opt->quiet_ms },
	};
	int c;

	while ((c = getopt(argc, argv, "d:T:S:l:s:t:w:q:c:")) != -1) {
		if (c == '?')
			exit(2);
		if (c == 'd' && opt->dir_count < DIRS_MAX)
			opt->dirs[opt->dir_count++] = optarg;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (words[i].letter != c)
				continue;
			if (words[i].text)
				*words[i].text = optarg;
			else
				*words[i].number = atoi(optarg);
		}
	}
	if (!opt->dir_count || opt->workers < 1 || opt->workers > WORKERS_MAX ||
	    opt->quiet_ms < 1 || opt->lease < 0 || opt->lease > 60) {
		fprintf(stderr, "storm: give -d, and sane -w, -q and -l\n");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct options opt = {
		.seed = 1, .seconds = 5, .workers = 8, .quiet_ms = 1000
	};
	int n = 0, quiet = 0, bad = 0;
	struct timespec gap;
	struct shared *sh;
	double end;

	if (argc == 2 && !strcmp(argv[1], "--nothing"))
		return 0;
	parse(&opt, argc, argv);
	gap.tv_sec = opt.quiet_ms / 1000;
	gap.tv_nsec = opt.quiet_ms % 1000 * 1000000L;
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		die("mmap");
	for (; n < opt.workers; n++)
		start(&opt, sh, n, opt.dirs[n % opt.dir_count], run_worker);
	if (opt.threaded)
		start(&opt, sh, n++, opt.threaded, run_threaded);
	if (opt.service)
		start(&opt, sh, n++, NULL, run_service);

	end = now() + opt.seconds;
	for (; now() < end || (now() < end + LATE_SECONDS && lacks(&opt, sh, quiet)); quiet++) {
		nanosleep(&gap, NULL);
		if (!quiet_point(&opt, sh, n))
			bad++;
	}
	atomic_store(&sh->stop, true);
	for (int status; wait(&status) > 0;) {
		if (status)
			bad++;
	}
	return report(&opt, sh, quiet, bad);
}
