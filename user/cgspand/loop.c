// SPDX-License-Identifier: GPL-2.0
#include "loop.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>

#include "libcgspan/err.h"

struct loop {
	sd_event *event;
};

struct source {
	sd_event_source *src;
	union {
		loop_fn *fn;
		loop_child_fn *child_fn;
	};
	void *arg;
};

static int failed(struct cgspan_err *err, const char *what, int ret)
{
	return cgspan_err_set(err, ret, "cannot %s: %s", what, strerror(-ret));
}

int loop_new(struct loop **out, struct cgspan_err *err)
{
	struct loop *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return failed(err, "make an event loop", -ENOMEM);
	ret = sd_event_new(&l->event);
	if (ret < 0) {
		free(l);
		return failed(err, "make an event loop", ret);
	}
	*out = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	sd_event_unref(l->event);
	free(l);
}

struct sd_event *loop_event(struct loop *l)
{
	return l->event;
}

int loop_run(struct loop *l)
{
	return sd_event_loop(l->event);
}

void loop_exit(struct loop *l, int code)
{
	sd_event_exit(l->event, code);
}

uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static int on_io(sd_event_source *src, int fd, uint32_t revents, void *arg)
{
	struct source *s = arg;

	(void)src;
	(void)fd;
	(void)revents;
	s->fn(s->arg);
	return 0;
}

static int on_time(sd_event_source *src, uint64_t usec, void *arg)
{
	struct source *s = arg;

	(void)src;
	(void)usec;
	s->fn(s->arg);
	return 0;
}

static int on_defer(sd_event_source *src, void *arg)
{
	struct source *s = arg;

	(void)src;
	s->fn(s->arg);
	return 0;
}

static int on_signal(sd_event_source *src, const struct signalfd_siginfo *si,
		     void *arg)
{
	struct source *s = arg;

	(void)src;
	(void)si;
	s->fn(s->arg);
	return 0;
}

static int on_child(sd_event_source *src, const siginfo_t *si, void *arg)
{
	struct source *s = arg;

	(void)src;
	s->child_fn(s->arg, si->si_code == CLD_EXITED ? si->si_status << 8
						      : si->si_status);
	return 0;
}

static struct source *source_new(loop_fn *fn, void *arg)
{
	struct source *s = calloc(1, sizeof(*s));

	if (s) {
		s->fn = fn;
		s->arg = arg;
	}
	return s;
}

/* Takes what sd_event_add_*() returned. */
static int source_done(struct source *s, int ret, const char *what,
		       struct source **out, struct cgspan_err *err)
{
	if (ret < 0) {
		free(s);
		return failed(err, what, ret);
	}
	*out = s;
	return 0;
}

int loop_io(struct loop *l, int fd, loop_fn *fn, void *arg,
	    struct source **out, struct cgspan_err *err)
{
	struct source *s = source_new(fn, arg);
	int ret = -ENOMEM;

	if (s)
		ret = sd_event_add_io(l->event, &s->src, fd, EPOLLIN, on_io, s);
	return source_done(s, ret, "watch a descriptor", out, err);
}

int loop_timer(struct loop *l, loop_fn *fn, void *arg, struct source **out,
	       struct cgspan_err *err)
{
	struct source *s = source_new(fn, arg);
	int ret = -ENOMEM;

	if (s)
		ret = sd_event_add_time(l->event, &s->src, CLOCK_BOOTTIME, 0,
					1000, on_time, s);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(s->src, SD_EVENT_OFF);
	return source_done(s, ret, "make a timer", out, err);
}

int loop_defer(struct loop *l, loop_fn *fn, void *arg, struct source **out,
	       struct cgspan_err *err)
{
	struct source *s = source_new(fn, arg);
	int ret = -ENOMEM;

	if (s)
		ret = sd_event_add_defer(l->event, &s->src, on_defer, s);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(s->src, SD_EVENT_OFF);
	return source_done(s, ret, "defer a call", out, err);
}

int loop_signal(struct loop *l, int sig, loop_fn *fn, void *arg,
		struct source **out, struct cgspan_err *err)
{
	struct source *s = source_new(fn, arg);
	int ret = -ENOMEM;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (s && sigprocmask(SIG_BLOCK, &set, NULL))
		ret = -errno;
	else if (s)
		ret = sd_event_add_signal(l->event, &s->src, sig, on_signal, s);
	return source_done(s, ret, "wait for a signal", out, err);
}

int loop_child(struct loop *l, pid_t pid, loop_child_fn *fn, void *arg,
	       struct source **out, struct cgspan_err *err)
{
	struct source *s = source_new(NULL, arg);
	int ret = -ENOMEM;

	if (s) {
		s->child_fn = fn;
		ret = sd_event_add_child(l->event, &s->src, pid, WEXITED,
					 on_child, s);
	}
	return source_done(s, ret, "wait for a child process", out, err);
}

void source_at(struct source *s, uint64_t when)
{
	/* -EINVAL for a deferred call, which has no time. */
	sd_event_source_set_time(s->src, when / 1000);
	sd_event_source_set_enabled(s->src, SD_EVENT_ONESHOT);
}

void source_off(struct source *s)
{
	sd_event_source_set_enabled(s->src, SD_EVENT_OFF);
}

void source_free(struct source *s)
{
	if (!s)
		return;
	sd_event_source_disable_unref(s->src);
	free(s);
}
