// SPDX-License-Identifier: GPL-2.0
#include "facts.h"

#include <string.h>

#include "kernel_cell.h"
#include "state.h"

/* Units that wait for admission to group @i on the node. */
static uint64_t waiting(const struct world *w, const struct wnode *n, int i,
			int res)
{
	if (w->conf.cells && res == TASKS && !strcmp(w->paths[i], "/job"))
		return w->conf.cells->waiting(w->conf.arg, n - w->nodes);
	return w->load && i == w->load_group ? n->waiting : 0;
}

struct ledger_fact facts_of(const struct world *w, const struct wnode *n,
			    unsigned int i, int res)
{
	const struct kres *r = &n->groups[i].res[res];

	return (struct ledger_fact){
		.path = w->paths[i],
		.res = res,
		.lease = r->lease,
		.used = r->used,
		.refusals = r->refusals,
		.forks = res == TASKS ? r->forks : 0,
		.waiting = waiting(w, n, i, res),
		.asked = r->asked,
		.members = 1,
		.limit = r->limit,
		.on_expiry = n->groups[i].on_expiry,
	};
}

/* Does this resource have nothing to report? Tasks are reported in any case. */
static bool is_blank(const struct kres *r)
{
	return r->limit == CGSPAN_MAX && !r->peak && !r->refusals &&
	       (!r->lease || r->lease == CGSPAN_MAX);
}

void facts_give(struct world *w, struct wnode *n)
{
	struct ledger_fact facts[WORLD_GROUPS * RES_N];
	size_t c = 0;

	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; n->groups[i].exists && r < RES_N; r++)
			if (r == TASKS || !is_blank(&n->groups[i].res[r]))
				facts[c++] = facts_of(w, n, i, r);
	ledger_facts(n->ledger, w->now, facts, c, true);
}
