// SPDX-License-Identifier: GPL-2.0
#include "load.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

#define MOVE_EVERY	(10 * SEC)
#define BATCH		32

/* The load on one node. */
struct node {
	double rate;		/* arrivals (LOAD_BURST: batches) per ns */
	uint64_t used;		/* units in use */
	uint64_t at;		/* time of the next arrival, departure or expiry of a wait, ns */
	unsigned int pos;	/* position in the heap */
	/* index in @since of the arrival that has waited longest */
	size_t first;
	size_t n;		/* number of waiting arrivals */
	size_t room;		/* allocated length of @since */
	uint64_t *since;	/* times of the arrivals that wait, ns */
};

struct load {
	struct load_conf conf;
	const struct load_ops *ops;
	void *arg;
	uint64_t rng;
	uint64_t now;
	uint64_t limit;
	uint64_t used;
	uint64_t move_at;
	struct node *nodes;
	unsigned int *heap;
	struct load_marks marks;
	uint64_t marked;
};

const char *load_name(enum load_kind kind)
{
	static const char *const names[] = {
		"uniform", "zipf", "hotspot", "burst",
	};

	return names[kind];
}

/* A uniform random number in (0, 1]. */
static double uniform(struct load *l)
{
	return ldexp((double)((draw(&l->rng) >> 11) + 1), -53);
}

/* The heap of nodes: the root has the earliest next event. */

static void place(struct load *l, unsigned int pos, unsigned int node)
{
	l->heap[pos] = node;
	l->nodes[node].pos = pos;
}

static void sift(struct load *l, unsigned int node)
{
	unsigned int i = l->nodes[node].pos, n = l->conf.nodes, c, up;
	uint64_t at = l->nodes[node].at;

	while (i && at < l->nodes[l->heap[(i - 1) / 2]].at) {
		up = (i - 1) / 2;
		place(l, i, l->heap[up]);
		i = up;
	}
	while ((c = 2 * i + 1) < n) {
		if (c + 1 < n && l->nodes[l->heap[c + 1]].at <
				 l->nodes[l->heap[c]].at)
			c++;
		if (l->nodes[l->heap[c]].at >= at)
			break;
		place(l, i, l->heap[c]);
		i = c;
	}
	place(l, i, node);
}

/* Exponential times have no memory: the next event can be drawn anew at any time. */
static void schedule(struct load *l, unsigned int i)
{
	struct node *n = &l->nodes[i];
	double rate = n->rate + (double)n->used / (double)l->conf.service;
	double in = rate > 0 ? -log(uniform(l)) / rate : 1e18;

	n->at = l->now + (in < 1e18 ? (uint64_t)in + 1 : (uint64_t)1e18);
	if (n->n && n->since[n->first] + l->conf.wait < n->at)
		n->at = n->since[n->first] + l->conf.wait;
	sift(l, i);
}

/* How the load is spread over nodes */

void load_spread(enum load_kind kind, double total, unsigned int n,
		 unsigned int first, double *parts)
{
	unsigned int hot = n / 20 ? n / 20 : 1;
	double sum = 0;

	for (unsigned int i = 0; i < n; i++)
		sum += 1.0 / (i + 1);
	for (unsigned int i = 0; i < n; i++) {
		parts[i] = total / n;
		if (kind == LOAD_ZIPF)
			parts[i] = total / (i + 1) / sum;
		else if (kind == LOAD_HOTSPOT)
			parts[i] = (i + n - first) % n < hot ?
				   total / 2 / hot : total / 2 / (n - hot);
	}
}

static void spread(struct load *l)
{
	unsigned int n = l->conf.nodes, first = draw(&l->rng) % n;
	double total = l->conf.mean * n / (double)l->conf.service;
	double *rates = need(calloc(n, sizeof(*rates)));

	load_spread(l->conf.kind, total, n, first, rates);
	for (unsigned int i = 0; i < n; i++) {
		l->nodes[i].rate = rates[i];
		if (l->conf.kind == LOAD_BURST)
			l->nodes[i].rate /= BATCH;
	}
	free(rates);
}

/* Mean use of one node, as the load is spread at present, if all arrivals are admitted. */
static double expected(const struct load *l, unsigned int node)
{
	return l->nodes[node].rate * (double)l->conf.service *
	       (l->conf.kind == LOAD_BURST ? BATCH : 1);
}

struct load *load_new(const struct load_conf *conf, const struct load_ops *ops,
		      void *arg)
{
	struct load *l = need(calloc(1, sizeof(*l)));

	l->conf = *conf;
	l->ops = ops;
	l->arg = arg;
	l->rng = conf->seed * 0x2545f4914f6cdd1dULL;
	l->now = conf->start;
	l->marked = conf->start;
	l->move_at = conf->kind == LOAD_HOTSPOT ? conf->start + MOVE_EVERY :
						  UINT64_MAX;
	l->limit = conf->limit ? conf->limit :
		   (uint64_t)(conf->mean * conf->nodes / conf->load);
	l->nodes = need(calloc(conf->nodes, sizeof(*l->nodes)));
	l->heap = need(calloc(conf->nodes, sizeof(*l->heap)));
	spread(l);
	for (unsigned int i = 0; i < conf->nodes; i++) {
		l->nodes[i].used = expected(l, i);
		l->used += l->nodes[i].used;
		place(l, i, i);
	}
	if (conf->all)
		conf->all->used += l->used;
	for (unsigned int i = 0; i < conf->nodes; i++)
		schedule(l, i);
	return l;
}

void load_mean(struct load *l, double mean, uint64_t now)
{
	l->now = now;
	l->conf.mean = mean;
	spread(l);
	for (unsigned int i = 0; i < l->conf.nodes; i++)
		schedule(l, i);
}

void load_free(struct load *l)
{
	for (unsigned int i = 0; i < l->conf.nodes; i++)
		free(l->nodes[i].since);
	free(l->nodes);
	free(l->heap);
	free(l);
}

uint64_t load_limit(const struct load *l)
{
	return l->limit;
}

uint64_t load_used(const struct load *l, unsigned int node)
{
	return l->nodes[node].used;
}

/* Measuring */

static void mark(struct load *l, uint64_t now)
{
	l->marks.space += (double)l->used * (double)(now - l->marked);
	l->marked = now;
}

void load_measure(struct load *l, uint64_t now)
{
	memset(&l->marks, 0, sizeof(l->marks));
	l->marked = now;
}

const struct load_marks *load_marks(struct load *l, uint64_t now)
{
	mark(l, now);
	return &l->marks;
}

double load_p99(const struct load_marks *m)
{
	uint64_t above = m->admitted / 100;

	for (unsigned int i = LOAD_WAIT_STEPS; i--; ) {
		if (m->waits[i] > above)
			return (double)i * LOAD_WAIT_STEP / 1e6;
		above -= m->waits[i];
	}
	return 0;
}

/* Arrivals, and ends of what was admitted */

static void use(struct load *l, unsigned int i, int by)
{
	mark(l, l->now);
	l->used += by;
	l->nodes[i].used += by;
	if (l->conf.all)
		l->conf.all->used += by;
}

static void admitted(struct load *l, unsigned int i, uint64_t since)
{
	uint64_t step = (l->now - since + LOAD_WAIT_STEP - 1) / LOAD_WAIT_STEP;

	use(l, i, 1);
	l->marks.admitted++;
	l->marks.waited += l->now > since;
	l->marks.waits[step < LOAD_WAIT_STEPS ? step : LOAD_WAIT_STEPS - 1]++;
}

static void refused(struct load *l)
{
	l->marks.refused++;
	l->marks.needless += l->conf.all ?
			     l->conf.all->used < l->conf.all->limit :
			     l->used < l->limit;
}

static void enqueue(struct load *l, unsigned int i)
{
	struct node *n = &l->nodes[i];

	if (n->first && n->first + n->n == n->room) {
		memmove(n->since, n->since + n->first,
			n->n * sizeof(*n->since));
		n->first = 0;
	}
	if (n->first + n->n == n->room) {
		n->room = n->room ? 2 * n->room : 16;
		n->since = need(realloc(n->since,
					n->room * sizeof(*n->since)));
	}
	n->since[n->first + n->n++] = l->now;
	l->ops->wait(l->arg, i, n->n);
}

static void dequeue(struct load *l, unsigned int i)
{
	struct node *n = &l->nodes[i];

	n->first++;
	if (!--n->n)
		n->first = 0;
	l->ops->wait(l->arg, i, n->n);
}

/* Admit or drop what waits, in order, up to the first refused arrival whose wait is not over. */
static void serve(struct load *l, unsigned int i)
{
	struct node *n = &l->nodes[i];
	uint64_t since;

	while (n->n) {
		since = n->since[n->first];
		if (l->ops->admit(l->arg, i, true))
			admitted(l, i, since);
		else if (l->now >= since + l->conf.wait)
			refused(l);
		else
			break;
		dequeue(l, i);
	}
}

static void arrive(struct load *l, unsigned int i)
{
	l->marks.arrivals++;
	if (!l->nodes[i].n && l->ops->admit(l->arg, i, false))
		admitted(l, i, l->now);
	else if (l->conf.wait)
		enqueue(l, i);
	else
		refused(l);
}

/* A geometric random number with the mean BATCH. */
static unsigned int batch(struct load *l)
{
	return 1 + (unsigned int)(log(uniform(l)) / log(1 - 1.0 / BATCH));
}

static void depart(struct load *l, unsigned int i)
{
	use(l, i, -1);
	l->ops->leave(l->arg, i);
}

uint64_t load_next(const struct load *l)
{
	uint64_t at = l->nodes[l->heap[0]].at;

	return at < l->move_at ? at : l->move_at;
}

void load_step(struct load *l)
{
	unsigned int i = l->heap[0], n = 1;
	double gone, all;

	l->now = load_next(l);
	if (l->now == l->move_at) {
		l->move_at += MOVE_EVERY;
		spread(l);
		for (i = 0; i < l->conf.nodes; i++)
			schedule(l, i);
		return;
	}
	if (l->nodes[i].n &&
	    l->nodes[i].since[l->nodes[i].first] + l->conf.wait <= l->now) {
		serve(l, i);
		schedule(l, i);
		return;
	}
	gone = (double)l->nodes[i].used / (double)l->conf.service;
	all = gone + l->nodes[i].rate;
	if (uniform(l) * all <= gone) {
		depart(l, i);
		serve(l, i);
	} else {
		if (l->conf.kind == LOAD_BURST)
			n = batch(l);
		while (n--)
			arrive(l, i);
	}
	schedule(l, i);
}

void load_poke(struct load *l, unsigned int node, uint64_t now)
{
	if (!l->nodes[node].n)
		return;
	l->now = now;
	serve(l, node);
	schedule(l, node);
}
