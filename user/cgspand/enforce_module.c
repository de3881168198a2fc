// SPDX-License-Identifier: GPL-2.0
#include "enforce_module.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "ledger/ledger.h"
#include "loop.h"

/* Time-out of a request; most are answered within microseconds. */
#define TIMEOUT_MS	5000

struct enforce {
	struct cgspan *kernel;
	struct cgspan_events *events;
	sd_event_source *source;
	enforce_event_fn *fn;
	void *arg;
	/* Kernel's clock minus loop_now(), ns; large in a time namespace. */
	int64_t offset;
};

static int on_events(sd_event_source *src, int fd, uint32_t revents,
		     void *arg)
{
	struct cgspan_event *ev = malloc(sizeof(*ev));
	struct enforce *e = arg;
	int ret;

	(void)src;
	(void)fd;
	(void)revents;
	if (!ev)
		return 0;	/* the socket stays readable: called again */
	while ((ret = cgspan_event_recv(e->events, ev, NULL)) != -EAGAIN) {
		if (ret && ret != -ENOBUFS)
			break;
		e->fn(e->arg, ret ? NULL : ev);
	}
	free(ev);
	return 0;
}

static int read_offset(struct enforce *e, struct cgspan_err *err)
{
	struct cgspan_node node;
	int ret;

	ret = cgspan_node_get(e->kernel, &node, NULL, err);
	/*
	 * Read loop_now() after the kernel's clock: enforce_clock() is then
	 * behind by the time of the answer at most, which shortens a deadline,
	 * and never ahead, which the kernel would refuse.
	 */
	if (!ret)
		e->offset = (int64_t)(node.clock - loop_now());
	return ret;
}

static int watch_events(struct enforce *e, sd_event *event,
			struct cgspan_err *err)
{
	int ret = sd_event_add_io(event, &e->source, cgspan_event_fd(e->events),
				  EPOLLIN, on_events, e);

	if (ret >= 0)
		return 0;
	return cgspan_err_set(err, ret, "cannot watch the module's notifications: %s",
			      strerror(-ret));
}

int enforce_open(struct enforce **out, sd_event *event, enforce_event_fn *fn,
		 void *arg, struct cgspan_err *err)
{
	struct enforce *e = calloc(1, sizeof(*e));
	int ret;

	if (!e)
		return cgspan_err_nomem(err);
	e->fn = fn;
	e->arg = arg;
	ret = cgspan_open(&e->kernel, err);
	if (!ret) {
		cgspan_timeout_set(e->kernel, TIMEOUT_MS);
		cgspan_brief_set(e->kernel, true);
		ret = read_offset(e, err);
	}
	if (!ret)
		ret = cgspan_event_open(&e->events, CGSPAN_EVENT_ALL, err);
	if (!ret)
		ret = watch_events(e, event, err);
	if (ret)
		enforce_close(e);
	else
		*out = e;
	return ret;
}

void enforce_close(struct enforce *e)
{
	if (!e)
		return;
	sd_event_source_disable_unref(e->source);
	cgspan_event_close(e->events);
	cgspan_close(e->kernel);
	free(e);
}

struct cgspan *enforce_kernel(struct enforce *e)
{
	return e->kernel;
}

uint64_t enforce_clock(const struct enforce *e)
{
	return loop_now() + e->offset;
}

uint64_t enforce_loop_time(const struct enforce *e, uint64_t when)
{
	return when - e->offset;
}

/* The group to which an item of an array of pointers points. */
static const struct cgspan_group *item(const void *at)
{
	return *(const struct cgspan_group *const *)at;
}

static int by_id(const void *a, const void *b)
{
	return item(a)->id < item(b)->id ? -1 : item(a)->id > item(b)->id;
}

/* Count the members of each subtree, from the end, as parents come first. */
static int count_members(struct enforce_view *v)
{
	struct cgspan_group **sorted = calloc(v->n, sizeof(*sorted));
	size_t i;

	v->members = calloc(v->n, sizeof(*v->members));
	if (!sorted || !v->members) {
		free(sorted);
		return -ENOMEM;
	}
	for (i = 0; i < v->n; i++)
		sorted[i] = &v->groups[i];
	qsort(sorted, v->n, sizeof(*sorted), by_id);
	for (i = v->n; i--; ) {
		struct cgspan_group parent = { .id = v->groups[i].parent_id };
		struct cgspan_group *key = &parent, **up;

		v->members[i] += v->groups[i].members;
		up = bsearch(&key, sorted, v->n, sizeof(*sorted), by_id);
		if (up)
			v->members[*up - v->groups] += v->members[i];
	}
	free(sorted);
	return 0;
}

static int find_path(const void *path, const void *group)
{
	return strcmp(path, item(group)->path);
}

static int by_path(const void *a, const void *b)
{
	return find_path(item(a)->path, b);
}

static int sort_paths(struct enforce_view *v)
{
	size_t i;

	v->by_path = calloc(v->n, sizeof(*v->by_path));
	if (!v->by_path)
		return -ENOMEM;
	for (i = 0; i < v->n; i++)
		v->by_path[i] = &v->groups[i];
	qsort(v->by_path, v->n, sizeof(*v->by_path), by_path);
	return 0;
}

int enforce_read(struct enforce *e, struct enforce_view *v,
		 struct cgspan_err *err)
{
	int ret;

	memset(v, 0, sizeof(*v));
	ret = cgspan_group_list(e->kernel, NULL, &v->groups, &v->n, err);
	if (!ret && (count_members(v) || sort_paths(v))) {
		enforce_view_free(v);
		ret = cgspan_err_nomem(err);
	}
	return ret;
}

void enforce_view_free(struct enforce_view *v)
{
	free(v->groups);
	free(v->members);
	free(v->by_path);
	memset(v, 0, sizeof(*v));
}

const struct cgspan_group *enforce_view_find(const struct enforce_view *v,
					     const char *path)
{
	const void *at = bsearch(path, v->by_path, v->n, sizeof(*v->by_path),
				 find_path);

	return at ? item(at) : NULL;
}

/* The used part of a lease; for tasks, unspent reserves are part of it. */
static uint64_t taken(const struct cgspan_res *res)
{
	return res->used + (res->id == CGSPAN_RES_TASKS ? res->unspent : 0);
}

const struct cgspan_res *enforce_res(const struct cgspan_group *g, uint32_t res)
{
	unsigned int r;

	for (r = 0; r < g->n_res; r++)
		if (g->res[r].id == res)
			return &g->res[r];
	return NULL;
}

int enforce_refused(const struct cgspan_group *g)
{
	unsigned int r;

	for (r = 0; r < g->n_res; r++)
		if (g->res[r].credit == CGSPAN_CREDIT_REFUSED ||
		    g->res[r].credit == CGSPAN_CREDIT_OVERDRAWN)
			return g->res[r].id;
	return -1;
}

uint64_t enforce_headroom(const struct enforce_view *v,
			  const struct cgspan_group *g, uint32_t res)
{
	char path[CGSPAN_PATH_LEN + 1];
	uint64_t room = CGSPAN_MAX, here;
	const struct cgspan_res *r;

	while (g) {
		r = enforce_res(g, res);
		if (r && r->lease != CGSPAN_MAX) {
			here = r->lease > taken(r) ? r->lease - taken(r) : 0;
			room = here < room ? here : room;
		}
		if (!path_parent(path, g->path))
			break;
		g = enforce_view_find(v, path);
	}
	return room;
}

int enforce_facts(const struct enforce_view *v, struct ledger_fact **facts,
		  size_t *n)
{
	struct ledger_fact *f = calloc(v->n * RES_N + 1, sizeof(*f));
	unsigned int r;
	size_t i;

	if (!f)
		return -ENOMEM;
	*facts = f;
	for (i = 0; i < v->n; i++) {
		const struct cgspan_group *g = &v->groups[i];

		for (r = 0; r < g->n_res; r++) {
			*f++ = (struct ledger_fact) {
				.path = g->path,
				.res = g->res[r].id,
				.lease = g->res[r].lease,
				.used = taken(&g->res[r]),
				.refusals = g->res[r].refusals,
				.forks = g->res[r].id == CGSPAN_RES_TASKS ?
					 g->forks : 0,
				.waiting = g->res[r].waiting,
				.asked = g->res[r].asked,
				.members = v->members[i],
				.limit = g->res[r].limit,
				.on_expiry = g->on_expiry,
			};
		}
	}
	*n = f - *facts;
	return 0;
}

/* Set leases in one message; the kernel refuses it if a group is missing. */
static int set_once(struct enforce *e, uint64_t epoch,
		    const struct ledger_item *items, size_t count,
		    struct ledger_held *held, struct cgspan_lease *leases,
		    struct cgspan_err *err)
{
	size_t i, k = 0;
	int ret;

	for (i = 0; i < count; i++) {
		if (held[i].missing)
			continue;
		leases[k++] = (struct cgspan_lease) {
			.path = items[i].path,
			.res = items[i].res,
			.set = CGSPAN_LEASE_SET_LOW |
			       CGSPAN_LEASE_SET_EXHAUSTED,
			.amount = items[i].amount,
			.low = items[i].low,
			.exhausted = items[i].exhausted,
		};
	}
	ret = k ? cgspan_lease_set(e->kernel, epoch, leases, k, err) : 0;
	if (ret)
		return ret;
	for (i = k = 0; i < count; i++) {
		if (held[i].missing)
			continue;
		held[i].amount = leases[k].amount;
		held[i].used = leases[k++].used;
	}
	return 0;
}

static int mark_missing(struct enforce *e, const struct ledger_item *items,
			size_t count, struct ledger_held *held,
			struct cgspan_err *err)
{
	struct enforce_view v;
	size_t i;
	int ret;

	ret = enforce_read(e, &v, err);
	for (i = 0; !ret && i < count; i++)
		if (!enforce_view_find(&v, items[i].path))
			held[i].missing = true;
	enforce_view_free(&v);
	return ret;
}

int enforce_lease_set(struct enforce *e, uint64_t epoch,
		      const struct ledger_item *items, size_t count,
		      struct ledger_held *held, struct cgspan_err *err)
{
	struct cgspan_lease *leases = calloc(count + 1, sizeof(*leases));
	int ret;

	if (!leases)
		return cgspan_err_nomem(err);
	memset(held, 0, count * sizeof(*held));
	ret = set_once(e, epoch, items, count, held, leases, err);
	if (ret == -ENOENT) {
		ret = mark_missing(e, items, count, held, err);
		if (!ret)
			ret = set_once(e, epoch, items, count, held, leases,
				       err);
	}
	free(leases);
	return ret;
}
