// SPDX-License-Identifier: GPL-2.0
/*
 * SQLite as an engine of the store. After opening, one worker thread runs all
 * calls that block, in order; an eventfd announces answers to the event loop.
 *
 * Several processes may share the file. Each touches a notify file after its
 * commits, and inotify then starts a scan of the log for the watches of every
 * process. A timer starts a scan every second too, in case a process dies
 * between the commit and the touch.
 *
 * The worker uses the files and its job; the loop's thread the rest; see @lock.
 */
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

STAILQ_HEAD(queue, store_req);

struct sqlite {
	struct store *store;
	struct sqlite_db *db;
	int notify_fd;
	int inotify_fd;
	int done_fd;
	sd_event_source *on_done;
	sd_event_source *on_notify;
	sd_event_source *on_look;
	/* Requests of the engine itself; at most one of each is under way */
	struct store_req probe;
	struct store_req scan;
	struct sqlite_scan part;	/* part of the log for request @scan */
	bool probing;
	bool scanning;
	bool scan_again;		/* scan again once @scan succeeds */

	pthread_t worker;
	bool started;
	pthread_mutex_t lock;		/* protects jobs, done, quit */
	pthread_cond_t more;		/* signals that jobs or quit changed */
	struct queue jobs;
	struct queue done;
	bool quit;
};

/* Code of the worker thread */

static void run(struct sqlite *q, struct store_req *req)
{
	if (req == &q->probe) {
		sqlite_db_probe(q->db, &req->err);
	} else if (req == &q->scan) {
		sqlite_db_scan(q->db, &q->part, req);
	} else {
		sqlite_db_run(q->db, req);
		/* If the touch fails, timers start scans within a second. */
		if (!req->key && req->res == STORE_APPLIED)
			(void)futimens(q->notify_fd, NULL);
	}
}

static void *work(void *arg)
{
	struct sqlite *q = arg;
	struct store_req *req;

	pthread_mutex_lock(&q->lock);
	while (!q->quit) {
		req = STAILQ_FIRST(&q->jobs);
		if (!req) {
			pthread_cond_wait(&q->more, &q->lock);
			continue;
		}
		STAILQ_REMOVE_HEAD(&q->jobs, next);
		pthread_mutex_unlock(&q->lock);
		run(q, req);
		pthread_mutex_lock(&q->lock);
		STAILQ_INSERT_TAIL(&q->done, req, next);
		eventfd_write(q->done_fd, 1);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

/* Code of the loop's thread: jobs */

static void give(struct sqlite *q, struct store_req *req)
{
	pthread_mutex_lock(&q->lock);
	STAILQ_INSERT_TAIL(&q->jobs, req, next);
	pthread_cond_signal(&q->more);
	pthread_mutex_unlock(&q->lock);
}

/* The lowest next_rev of all watches not lost; 0: there is none. */
static int64_t scan_from(const struct store *s)
{
	int64_t from = 0;

	for (const struct store_watch *w = s->watches; w; w = w->next)
		if (w->fn && (!from || w->next_rev < from))
			from = w->next_rev;
	return from;
}

static void scan(struct sqlite *q)
{
	int64_t from = scan_from(q->store);

	q->scan_again = q->scanning;
	if (!from || q->scanning)
		return;
	q->part.from = from;
	q->scanning = true;
	give(q, &q->scan);
}

static void probe(struct sqlite *q)
{
	if (q->probing)
		return;
	q->probing = true;
	give(q, &q->probe);
}

/* Code of the loop's thread: answers */

/* Only probes set the state, as they test both reading and writing. */
static void probed(struct sqlite *q)
{
	const struct cgspan_err *err = &q->probe.err;
	struct store *s = q->store;

	if (!err->no)
		store_state_set(s, STORE_UP, NULL);
	else if (err->no == -EROFS)
		store_state_set(s, STORE_READONLY, err);
	else if (err->no != -EBUSY || !s->told)
		store_state_set(s, STORE_DOWN, err);
	q->probe.err.no = 0;
	q->probing = false;
}

static void deliver(struct sqlite *q)
{
	struct store *s = q->store;

	for (struct store_watch *w = s->watches; w; w = w->next) {
		if (!w->fn)
			continue;
		/* @w is new: it needs revisions from before this scan. */
		if (w->next_rev < q->part.from) {
			q->scan_again = true;
			continue;
		}
		if (w->next_rev <= q->part.compacted) {
			store_watch_lost(w, q->scan.rev);
			continue;
		}
		store_watch_changes(w, &q->scan.kvs);
		store_watch_progress(w, q->part.upto);
	}
}

static void scanned(struct sqlite *q)
{
	bool failed = q->scan.err.no;

	/* The worker answers in order, so a lower revision is a setback. */
	if (failed)
		probe(q);
	else if (!store_see(q->store, NULL, q->scan.rev, q->store->rev))
		deliver(q);
	kvs_fini(&q->scan.kvs);
	q->scan.err.no = 0;
	q->scanning = false;
	if (!failed && (q->scan_again || q->part.upto < q->scan.rev))
		scan(q);
}

static void finish(struct sqlite *q, struct store_req *req)
{
	if (req == &q->probe) {
		probed(q);
	} else if (req == &q->scan) {
		scanned(q);
	} else if (req->err.no) {
		probe(q);
		store_req_finish(req);
	} else {
		store_req_answer(req, NULL, q->store->rev);
	}
}

static int done_handler(sd_event_source *src, int fd, uint32_t revents,
			void *arg)
{
	struct queue done = STAILQ_HEAD_INITIALIZER(done);
	struct sqlite *q = arg;
	struct store_req *req;
	eventfd_t count;

	(void)src;
	(void)revents;
	eventfd_read(fd, &count);
	pthread_mutex_lock(&q->lock);
	STAILQ_CONCAT(&done, &q->done);
	pthread_mutex_unlock(&q->lock);

	store_enter(q->store);
	while ((req = STAILQ_FIRST(&done))) {
		STAILQ_REMOVE_HEAD(&done, next);
		finish(q, req);
	}
	store_leave(q->store);
	return 0;
}

static int notify_handler(sd_event_source *src, int fd, uint32_t revents,
			  void *arg)
{
	char buf[4096];

	(void)src;
	(void)revents;
	/* Empty the inotify queue: each event only means "scan". */
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

/* The worker blocks all signals, so that the loop's thread handles them. */
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

static void queue_free(struct sqlite *q, struct queue *queue)
{
	struct store_req *req;

	while ((req = STAILQ_FIRST(queue))) {
		STAILQ_REMOVE_HEAD(queue, next);
		if (req != &q->probe && req != &q->scan)
			store_req_free(req);
	}
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
	queue_free(q, &q->jobs);
	queue_free(q, &q->done);
	kvs_fini(&q->scan.kvs);
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
	q->scan.key = s->prefix;
	q->notify_fd = -1;
	q->inotify_fd = -1;
	q->done_fd = -1;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->more, NULL);
	STAILQ_INIT(&q->jobs);
	STAILQ_INIT(&q->done);

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
	/* The answer to the first probe sets the first state. */
	probe(q);
	return 0;
}

static int sqlite_submit(struct store *s, struct store_req *req,
			 struct cgspan_err *err)
{
	(void)err;
	give(s->priv, req);
	return 0;
}

static void sqlite_watch(struct store *s)
{
	scan(s->priv);
}

const struct store_engine store_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.submit = sqlite_submit,
	.watch = sqlite_watch,
};
