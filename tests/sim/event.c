// SPDX-License-Identifier: GPL-2.0
#include "event.h"

#include <stdlib.h>

#include "model/txn.h"
#include "load.h"
#include "state.h"

bool event_before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static void insert(struct world *w, struct event e)
{
	size_t i = w->n_heap++;

	if (i == w->room) {
		w->room = w->room ? 2 * w->room : 64;
		w->heap = need(realloc(w->heap, w->room * sizeof(*w->heap)));
	}
	for (; i && event_before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = e;
}

void event_push(struct world *w, struct event e, uint64_t delay)
{
	e.at = w->now + delay;
	e.serial = ++w->serial;
	insert(w, e);
}

void event_put_off(struct world *w, struct event *e, uint64_t at)
{
	e->at = at;
	insert(w, *e);
	*e = (struct event){ 0 };
}

struct event event_pop(struct world *w)
{
	struct event top = w->heap[0], e = w->heap[--w->n_heap];
	size_t i = 0, c;

	while ((c = 2 * i + 1) < w->n_heap) {
		if (c + 1 < w->n_heap && event_before(&w->heap[c + 1], &w->heap[c]))
			c++;
		if (!event_before(&w->heap[c], &e))
			break;
		w->heap[i] = w->heap[c];
		i = c;
	}
	w->heap[i] = e;
	return top;
}

void event_put_news(struct news *news)
{
	if (--news->refs)
		return;
	for (size_t i = 0; i < news->n; i++) {
		free(news->kvs[i].key);
		free(news->kvs[i].val);
	}
	free(news);
}

void event_fini(struct event *e)
{
	if (e->news)
		event_put_news(e->news);
	if (e->txn) {
		txn_fini(e->txn);
		free(e->txn);
	}
	for (size_t i = 0; i < e->n; i++) {
		free(e->kvs[i].key);
		free(e->kvs[i].val);
	}
	free(e->kvs);
	free(e->held);
}

void world_run(struct world *w, uint64_t ns)
{
	uint64_t end = w->now + ns, at;
	struct event e;

	while (w->n_heap && !w->breach[0]) {
		at = w->load ? load_next(w->load) : UINT64_MAX;
		if ((at < w->heap[0].at ? at : w->heap[0].at) > end)
			break;
		if (at < w->heap[0].at) {
			w->now = at;
			load_step(w->load);
			continue;
		}
		e = event_pop(w);
		w->now = e.at;
		w->happen(w, &e);
		event_fini(&e);
	}
	w->now = end;
}
