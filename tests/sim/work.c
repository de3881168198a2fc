// SPDX-License-Identifier: GPL-2.0
#include "work.h"

#include "event.h"
#include "kernel.h"
#include "state.h"

/*
 * Move the use of a node towards its demand, with some random releases: tasks one
 * by one, other resources in pieces.
 */
static void work_on(struct world *w, struct wnode *n, int i, int res)
{
	struct kres *r = &n->groups[i].res[res];
	unsigned int steps = 1 + rnd(w, 4);
	uint64_t piece = 1;

	while (steps--) {
		if (res != TASKS)
			piece = 1 + rnd(w, (r->demand + r->own) / 4);
		if (r->own + piece <= r->demand &&
		    !kernel_admit(w, n, i, res, piece, false))
			break;
		if (r->own >= piece && (r->own > r->demand || !rnd(w, 8)))
			kernel_charge(w, n, i, res, -piece);
	}
}

void work_step(struct world *w)
{
	struct wnode *n = &w->nodes[rnd(w, w->conf.nodes)];

	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; n->groups[i].exists && r < RES_N; r++)
			if (r == TASKS || n->groups[i].res[r].demand ||
			    n->groups[i].res[r].own)
				work_on(w, n, i, r);
	event_push(w, (struct event){ .kind = EV_WORK }, MSEC + rnd(w, 9 * MSEC));
}
