// SPDX-License-Identifier: GPL-2.0
#include "kernel_cell.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "event.h"
#include "kernel.h"
#include "path.h"
#include "state.h"

/* The root's record of a cell; NULL if the root does not know /job yet. */
static struct kres *cell_of(const struct world *w, struct wnode *n)
{
	int i = path_index(w, "/job");

	return i >= 0 ? &n->groups[i].res[TASKS] : NULL;
}

bool kernel_cell_set(struct world *w, struct wnode *n,
		     const struct ledger_item *it, size_t at)
{
	if (!w->conf.cells || it->res != TASKS || strcmp(it->path, "/job"))
		return false;
	n->setting = need(calloc(1, sizeof(*n->setting)));
	n->setting_at = at;
	cell_of(w, n)->low = it->low;
	cell_of(w, n)->exhausted = it->exhausted;
	w->conf.cells->set(w->conf.arg, n - w->nodes, n->kernel_epoch, it);
	return true;
}

void world_after(struct world *w, unsigned int node, uint64_t ns, uint64_t id)
{
	event_push(w, (struct event){ .kind = EV_CELL, .node = node, .id = id }, ns);
}

void world_renewed(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];
	struct event e = { .kind = EV_RENEWED, .node = node, .run = n->run };

	e.no = kernel_renew(n, n->renewing, n->renewing_sent, w->now);
	event_push(w, e, 0);
}

void world_held(struct world *w, unsigned int node,
		const struct ledger_held *held)
{
	struct wnode *n = &w->nodes[node];
	struct event *e = n->setting;

	cell_of(w, n)->told = CGSPAN_CREDIT_OK;
	n->setting = NULL;
	e->held[n->setting_at] = *held;
	event_push(w, *e, 0);
	free(e);
}

void world_cell(struct world *w, unsigned int node,
		const struct ledger_held *held, uint64_t taken, bool refuses)
{
	struct wnode *n = &w->nodes[node];
	struct kres *r = cell_of(w, n);
	int i = path_index(w, "/job");

	if (!r)
		return;
	r->lease = held->amount;
	r->used = held->used;
	r->forks = taken;
	check_kernel(w, node, i);
	if (refuses && r->told < CGSPAN_CREDIT_REFUSED) {
		r->refusals++;
		kernel_tell(w, n, i, TASKS, CGSPAN_CREDIT_REFUSED);
	} else if (r->lease - r->used < r->low) {
		kernel_tell(w, n, i, TASKS, CGSPAN_CREDIT_LOW);
	}
}
