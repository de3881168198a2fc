// SPDX-License-Identifier: GPL-2.0
#include "mirror.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "loop.h"
#include "store/store.h"

#define PAUSE_NS	(500 * NSEC_PER_MSEC)

/* @dead: mirror_del() was called during @reading: free it after the answer. */
struct mirror {
	struct mirrors *set;
	struct mirror *next;
	struct store_watch *watch;
	sd_event_source *retry;
	bool reading;
	bool dead;
	char prefix[];
};

struct mirrors {
	sd_event *event;
	struct store *store;
	struct mirror *list;
	mirror_snapshot_fn *snapshot;
	mirror_change_fn *change;
	void *arg;
};

int mirrors_new(struct mirrors **out, sd_event *event, struct store *s,
		mirror_snapshot_fn *snapshot, mirror_change_fn *change,
		void *arg, struct cgspan_err *err)
{
	struct mirrors *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return cgspan_err_nomem(err);
	ms->event = event;
	ms->store = s;
	ms->snapshot = snapshot;
	ms->change = change;
	ms->arg = arg;
	*out = ms;
	return 0;
}

static void mirror_free(struct mirror *m)
{
	struct mirror **p = &m->set->list;

	while (*p != m)
		p = &(*p)->next;
	*p = m->next;
	sd_event_source_disable_unref(m->retry);
	free(m);
}

void mirrors_free(struct mirrors *ms)
{
	if (!ms)
		return;
	while (ms->list)
		mirror_free(ms->list);
	free(ms);
}

static void again_later(struct mirror *m)
{
	/* 0.5 to 1.5 times PAUSE_NS: not all nodes read at once. */
	uint64_t jitter = (uint64_t)random() % PAUSE_NS;

	loop_arm(m->retry, loop_now() + PAUSE_NS / 2 + jitter);
}

static void on_watch(void *arg, enum store_watch_kind kind, int64_t rev,
		     const struct store_kv *kvs, size_t n)
{
	struct mirror *m = arg;

	if (kind == STORE_WATCH_REV) {
		m->set->change(m->set->arg, kvs, n, rev);
	} else if (kind == STORE_WATCH_LOST) {
		store_unwatch(m->watch);
		m->watch = NULL;
		again_later(m);
	}
}

static void on_read(void *arg, const struct store_kv *kvs, size_t n,
		    int64_t rev, const struct cgspan_err *err)
{
	struct mirror *m = arg;
	struct mirrors *ms = m->set;

	m->reading = false;
	if (m->dead) {
		mirror_free(m);
		return;
	}
	if (err || store_watch(ms->store, m->prefix, rev + 1, on_watch, m,
			       &m->watch, NULL))
		again_later(m);
	else
		ms->snapshot(ms->arg, m->prefix, kvs, n, rev);
}

static int on_retry(sd_event_source *src, uint64_t usec, void *arg)
{
	struct mirror *m = arg;

	(void)src;
	(void)usec;
	if (store_get(m->set->store, m->prefix, true, on_read, m, NULL))
		again_later(m);
	else
		m->reading = true;
	return 0;
}

int mirror_add(struct mirrors *ms, const char *prefix, struct cgspan_err *err)
{
	struct mirror *m = calloc(1, sizeof(*m) + strlen(prefix) + 1);
	int ret;

	if (!m)
		return cgspan_err_nomem(err);
	strcpy(m->prefix, prefix);
	ret = loop_timer(ms->event, on_retry, m, &m->retry, err);
	if (ret) {
		free(m);
		return ret;
	}
	m->set = ms;
	m->next = ms->list;
	ms->list = m;
	loop_arm(m->retry, 0);
	return 0;
}

void mirror_del(struct mirrors *ms, const char *prefix)
{
	struct mirror *m;

	for (m = ms->list; m; m = m->next)
		if (!m->dead && !strcmp(m->prefix, prefix))
			break;
	if (!m)
		return;
	store_unwatch(m->watch);
	m->watch = NULL;
	m->dead = true;
	loop_disarm(m->retry);
	if (!m->reading)
		mirror_free(m);
}
