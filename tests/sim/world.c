// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "load.h"
#include "request.h"
#include "settle.h"
#include "state.h"
#include "work.h"

/* Is this an event that waits while the store has no leader? */
static bool is_of_store(const struct event *e)
{
	return e->kind == EV_GET || e->kind == EV_WATCH || e->kind == EV_BACK ||
	       e->kind == EV_RECOVER;
}

static void happen(struct world *w, struct event *e)
{
	struct wnode *n = &w->nodes[e->node];

	w->stats.events++;
	if (!store_has_leader(w) && is_of_store(e)) {
		event_put_off(w, e, w->leader_at);
		return;
	}
	switch (e->kind) {
	case EV_WORK:
		work_step(w);
		break;
	case EV_FAULT:
		if (w->faults)
			fault_next(w);
		event_push(w, (struct event){ .kind = EV_FAULT },
			   rnd(w, 4 * SEC));
		break;
	case EV_START:
		world_start(w, e->node);
		break;
	case EV_RECOVER:
		if (w->recovering && !w->told)
			world_recover(w, w->conf.nodes);
		break;
	case EV_LEADER:
		fault_leader(w);
		break;
	case EV_TXN:
		request_arrive(w, e);
		break;
	case EV_CELL:
		w->conf.cells->due(w->conf.arg, e->node, e->id);
		break;
	default:
		if (e->run == n->run && n->ledger)
			daemon_hear(w, n, e);
		break;
	}
}

struct world *world_new(const struct world_conf *conf)
{
	struct world *w = need(calloc(1, sizeof(*w)));

	w->conf = *conf;
	w->rng = conf->seed;
	w->coin = ~conf->seed;
	w->happen = happen;
	w->now = SEC;
	strcpy(w->identity, "sim");
	w->nodes = need(calloc(conf->nodes, sizeof(*w->nodes)));
	for (unsigned int i = 0; i < conf->nodes; i++) {
		struct wnode *n = &w->nodes[i];

		snprintf(n->name, sizeof(n->name), "n%u", i);
		snprintf(n->machine, sizeof(n->machine), "machine-%u", i);
		snprintf(n->boot, sizeof(n->boot), "boot-%u", i);
		snprintf(n->uuid, sizeof(n->uuid), "uuid-%u", i);
		event_push(w, (struct event){ .kind = EV_START, .node = i },
			   rnd(w, conf->load ? 2 * SEC : 50 * MSEC));
	}
	if (conf->load)
		settle_load(w);
	else if (!conf->cells)
		event_push(w, (struct event){ .kind = EV_WORK }, 0);
	event_push(w, (struct event){ .kind = EV_FAULT }, SEC);
	if (conf->faults && !conf->steady)
		event_push(w, (struct event){ .kind = EV_LEADER }, 2 * SEC);
	return w;
}

void world_free(struct world *w)
{
	for (unsigned int i = 0; i < w->conf.nodes; i++)
		world_kill(w, i);
	for (size_t i = 0; i < w->n_heap; i++)
		event_fini(&w->heap[i]);
	for (unsigned int i = 0; i < w->n_paths; i++) {
		for (int r = 0; r < RES_N; r++) {
			free(w->mirror[i].res[r].awaits);
			free(w->mirror[i].res[r].lease);
		}
	}
	if (w->load)
		load_free(w->load);
	free(w->nodes);
	free(w->heap);
	kvs_fini(&w->store);
	kvs_fini(&w->backup);
	free(w);
}

uint64_t world_now(const struct world *w)
{
	return w->now;
}

const struct world_stats *world_stats(const struct world *w)
{
	return &w->stats;
}

const char *world_breach(const struct world *w)
{
	return w->breach[0] ? w->breach : NULL;
}

struct load *world_load(struct world *w)
{
	return w->load;
}

void world_faults(struct world *w, bool on)
{
	w->faults = on;
	for (unsigned int i = 0; !on && i < w->conf.nodes; i++) {
		w->nodes[i].out_until = 0;
		w->nodes[i].deaf_until = 0;
	}
}
