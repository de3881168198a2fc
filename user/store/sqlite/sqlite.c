// SPDX-License-Identifier: GPL-2.0
/*
 * SQLite as an engine of the store. One worker thread runs all calls that block,
 * in their order; an eventfd announces its answers to the event loop.
 *
 * Several processes may share the file. Each touches a notify file after its
 * commits, and inotify then starts a scan of the log for the watches of every
 * process. A timer starts a scan every second too, in case a process dies
 * between the commit and the touch.
 *
 * The worker uses the file and its job; the loop's thread uses all other data.
 */
#include "sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "db.h"
#include "store/engine.h"

#define LOOK_USEC	1000000

enum job_kind {
	JOB_REQ,
	JOB_SCAN,
	JOB_PROBE,
};

struct job {
	struct job *next;
	enum job_kind kind;
	struct store_req *req;
	/* of a scan and a probe */
	int64_t from;
	struct kvs changes;
	int64_t upto;
	int64_t rev;
	int64_t compacted;
	int ret;
	struct cgspan_err err;
};

struct queue {
	struct job *head;
	struct job **tail;
};

struct sqlite {
	struct store *store;
	struct sqlite_db *db;
	int notify_fd;
	int inotify_fd;
	int done_fd;
	sd_event_source *on_done;
	sd_event_source *on_notify;
	sd_event_source *on_look;
	/* One scan at a time; a change during it needs another one. */
	bool scanning;
	bool scan_again;
	bool probing;
	int64_t rev;		/* of the latest answer */

	pthread_t worker;
	bool started;
	pthread_mutex_t lock;	/* protects jobs, done, quit */
	pthread_cond_t more;	/* jobs or quit changed */
	struct queue jobs;
	struct queue done;
	bool quit;
};

/* Queues */

static void queue_init(struct queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void queue_put(struct queue *q, struct job *job)
{
	job->next = NULL;
	*q->tail = job;
	q->tail = &job->next;
}

static struct job *queue_get(struct queue *q)
{
	struct job *job = q->head;

	if (!job)
		return NULL;
	q->head = job->next;
	if (!q->head)
		q->tail = &q->head;
	return job;
}

static void job_free(struct job *job)
{
	store_req_free(job->req);
	kvs_fini(&job->changes);
	free(job);
}

static void queue_free(struct queue *q)
{
	struct job *job;

	while ((job = queue_get(q)))
		job_free(job);
}

/* The worker's side */

static void job_run(struct sqlite *q, struct job *job)
{
	switch (job->kind) {
	case JOB_REQ:
		sqlite_db_run(q->db, job->req);
		/* If the touch fails, the timer's scan is later by a second. */
		if (!job->req->key && job->req->res == STORE_APPLIED)
			(void)futimens(q->notify_fd, NULL);
		break;
	case JOB_SCAN:
		job->ret = sqlite_db_scan(q->db, q->store->prefix, job->from,
					  &job->changes, &job->upto, &job->rev,
					  &job->compacted, &job->err);
		break;
	case JOB_PROBE:
		job->ret = sqlite_db_probe(q->db, &job->err);
		break;
	}
}

static void *work(void *arg)
{
	struct sqlite *q = arg;
	struct job *job;

	pthread_mutex_lock(&q->lock);
	while (!q->quit) {
		job = queue_get(&q->jobs);
		if (!job) {
			pthread_cond_wait(&q->more, &q->lock);
			continue;
		}
		pthread_mutex_unlock(&q->lock);
		job_run(q, job);
		pthread_mutex_lock(&q->lock);
		queue_put(&q->done, job);
		eventfd_write(q->done_fd, 1);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* The loop's side: jobs */

static struct job *job_new(enum job_kind kind)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job)
		job->kind = kind;
	return job;
}

static void give(struct sqlite *q, struct job *job)
{
	pthread_mutex_lock(&q->lock);
	queue_put(&q->jobs, job);
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

/* The lowest next_rev of all watches; 0: no watch. */
static int64_t scan_from(const struct store *s)
{
	int64_t from = 0;

	for (const struct store_watch *w = s->watches; w; w = w->next)
		if (w->fn && (!from || w->next_rev < from))
			from = w->next_rev;
	return from;
}

/* Without memory for a job, the timer tries again. */
static void scan(struct sqlite *q)
{
	int64_t from = scan_from(q->store);
	struct job *job;

	if (!from)
		return;
	if (q->scanning) {
		q->scan_again = true;
		return;
	}
	job = job_new(JOB_SCAN);
	if (!job)
		return;
	job->from = from;
	q->scanning = true;
	q->scan_again = false;
	give(q, job);
}

static void probe(struct sqlite *q)
{
	struct job *job;

	if (q->probing)
		return;
	job = job_new(JOB_PROBE);
	if (!job)
		return;
	q->probing = true;
	give(q, job);
}

/* The loop's side: answers */

/* Only probes set the state: they test reading and writing apart. */
static void probed(struct sqlite *q, struct job *job)
{
	struct store *s = q->store;

	q->probing = false;
	if (!job->ret)
		store_state_set(s, STORE_UP, NULL);
	else if (job->ret == -EROFS)
		store_state_set(s, STORE_READONLY, &job->err);
	else if (job->ret != -EBUSY || !s->told)
		store_state_set(s, STORE_DOWN, &job->err);
}

/* Answers are in order: a lower revision means that the file was restored. */
static bool see(struct sqlite *q, int64_t rev)
{
	bool back = rev < q->rev;

	q->rev = rev;
	if (back)
		store_set_back(q->store, rev);
	return back;
}

static void scanned(struct sqlite *q, struct job *job)
{
	struct store *s = q->store;

	q->scanning = false;
	if (job->ret) {
		probe(q);
		return;
	}
	if (see(q, job->rev))
		return;

	for (struct store_watch *w = s->watches; w; w = w->next) {
		/* A watch for earlier revisions, added during the scan. */
		if (w->next_rev < job->from) {
			q->scan_again = true;
			continue;
		}
		if (w->next_rev <= job->compacted) {
			store_watch_lost(w, job->rev);
			continue;
		}
		store_watch_changes(w, &job->changes);
		store_watch_progress(w, job->upto);
	}
	if (q->scan_again || job->upto < job->rev)
		scan(q);
}

static void finish(struct sqlite *q, struct job *job)
{
	struct store_req *req = job->req;

	switch (job->kind) {
	case JOB_REQ:
		if (req->err.no)
			probe(q);
		else if (req->rev && see(q, req->rev) && !req->key)
			store_req_fail(req, STORE_UNKNOWN, -ESTALE,
				       "the store was restored from a backup: whether the transaction was applied is unknown");
		job->req = NULL;
		store_req_finish(req);
		break;
	case JOB_SCAN:
		scanned(q, job);
		break;
	case JOB_PROBE:
		probed(q, job);
		break;
	}
	job_free(job);
}

static int done_handler(sd_event_source *src, int fd, uint32_t revents,
			void *arg)
{
	struct sqlite *q = arg;
	struct queue done;
	eventfd_t count;
	struct job *job;

	(void)src;
	(void)revents;
	eventfd_read(fd, &count);
	queue_init(&done);
	pthread_mutex_lock(&q->lock);
	while ((job = queue_get(&q->done)))
		queue_put(&done, job);
	pthread_mutex_unlock(&q->lock);

	store_enter(q->store);
	while ((job = queue_get(&done)))
		finish(q, job);
	store_leave(q->store);
	return 0;
}

static int notify_handler(sd_event_source *src, int fd, uint32_t revents,
			  void *arg)
{
	char buf[4096];

	(void)src;
	(void)revents;
	/* Every event means the same: scan. */
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	scan(arg);
	return 0;
}

static int look_handler(sd_event_source *src, uint64_t usec, void *arg)
{
	struct sqlite *q = arg;

	(void)usec;
	scan(q);
	if (q->store->state != STORE_UP)
		probe(q);
	sd_event_source_set_time_relative(src, LOOK_USEC);
	return sd_event_source_set_enabled(src, SD_EVENT_ONESHOT);
}

/* Opening and closing */

static int open_notify(struct sqlite *q, const char *path,
		       struct cgspan_err *err)
{
	char *name;
	int ret = 0;

	if (asprintf(&name, "%s-notify", path) < 0)
		return cgspan_err_nomem(err);

	q->notify_fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (q->notify_fd < 0) {
		ret = cgspan_err_set(err, -errno, "%s: %s", name,
				     strerror(errno));
		goto out;
	}
	q->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (q->inotify_fd < 0 ||
	    inotify_add_watch(q->inotify_fd, name, IN_ATTRIB) < 0)
		ret = cgspan_err_set(err, -errno,
				     "%s: cannot watch it: %s (see /proc/sys/fs/inotify)",
				     name, strerror(errno));
out:
	free(name);
	return ret;
}

static int add_sources(struct sqlite *q, struct cgspan_err *err)
{
	sd_event *event = q->store->event;
	int ret;

	q->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->done_fd < 0)
		return cgspan_err_set(err, -errno, "eventfd: %s",
				      strerror(errno));
	ret = sd_event_add_io(event, &q->on_done, q->done_fd, EPOLLIN,
			      done_handler, q);
	if (ret >= 0)
		ret = sd_event_add_io(event, &q->on_notify, q->inotify_fd,
				      EPOLLIN, notify_handler, q);
	if (ret >= 0)
		ret = sd_event_add_time_relative(event, &q->on_look,
						 CLOCK_MONOTONIC, LOOK_USEC,
						 1000, look_handler, q);
	if (ret < 0)
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	return 0;
}

/* The worker blocks all signals: the loop's thread handles them. */
static int start_worker(struct sqlite *q, struct cgspan_err *err)
{
	sigset_t all, old;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&q->worker, NULL, work, q);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (ret)
		return cgspan_err_set(err, -ret, "cannot start a thread: %s",
				      strerror(ret));
	q->started = true;
	return 0;
}

static void sqlite_close(struct store *s)
{
	struct sqlite *q = s->priv;

	if (q->started) {
		pthread_mutex_lock(&q->lock);
		q->quit = true;
		pthread_cond_signal(&q->more);
		pthread_mutex_unlock(&q->lock);
		sqlite_db_interrupt(q->db);
		pthread_join(q->worker, NULL);
	}
	queue_free(&q->jobs);
	queue_free(&q->done);
	sd_event_source_disable_unref(q->on_done);
	sd_event_source_disable_unref(q->on_notify);
	sd_event_source_disable_unref(q->on_look);
	if (q->done_fd >= 0)
		close(q->done_fd);
	if (q->notify_fd >= 0)
		close(q->notify_fd);
	if (q->inotify_fd >= 0)
		close(q->inotify_fd);
	sqlite_db_close(q->db);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->more);
	free(q);
}

static int sqlite_open(struct store *s, const struct store_conf *conf,
		       struct cgspan_err *err)
{
	const char *path = conf->url + strlen("sqlite:");
	struct sqlite *q;
	int ret;

	if (path[0] != '/')
		return cgspan_err_set(err, -EINVAL,
				      "store %s: the path must begin with /",
				      conf->url);
	q = calloc(1, sizeof(*q));
	if (!q)
		return cgspan_err_nomem(err);
	s->priv = q;
	q->store = s;
	q->notify_fd = -1;
	q->inotify_fd = -1;
	q->done_fd = -1;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	queue_init(&q->jobs);
	queue_init(&q->done);

	ret = sqlite_db_open(&q->db, path, s->prefix_len, err);
	if (!ret)
		ret = open_notify(q, path, err);
	if (!ret)
		ret = add_sources(q, err);
	if (!ret)
		ret = start_worker(q, err);
	if (ret) {
		sqlite_close(s);
		return ret;
	}
	snprintf(s->identity, sizeof(s->identity), "%s",
		 sqlite_db_identity(q->db));
	/* The answer sets the first state. */
	probe(q);
	return 0;
}

static int sqlite_submit(struct store *s, struct store_req *req,
			 struct cgspan_err *err)
{
	struct job *job = job_new(JOB_REQ);

	if (!job)
		return cgspan_err_nomem(err);
	job->req = req;
	give(s->priv, job);
	return 0;
}

/* The scan must begin after the watch was added to the list: use the timer. */
static int sqlite_watch(struct store *s, struct store_watch *w,
			struct cgspan_err *err)
{
	struct sqlite *q = s->priv;
	int ret;

	(void)w;
	ret = sd_event_source_set_time_relative(q->on_look, 0);
	if (ret < 0)
		return cgspan_err_set(err, ret, "event loop: %s",
				      strerror(-ret));
	return 0;
}

static void sqlite_unwatch(struct store *s, struct store_watch *w)
{
	(void)s;
	(void)w;
}

const struct store_engine store_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.submit = sqlite_submit,
	.watch = sqlite_watch,
	.unwatch = sqlite_unwatch,
};
