// SPDX-License-Identifier: GPL-2.0
#include "fault.h"

#include "admin.h"
#include "daemon.h"
#include "event.h"
#include "request.h"
#include "restore.h"
#include "state.h"
#include "store.h"

/*
 * No backup is taken during a recovery: when it is restored, its list of nodes to
 * claim would be taken for that of the new recovery.
 */
static void restore_or_backup(struct world *w)
{
	if (w->recovering || !store_has_leader(w))
		return;
	if (rnd(w, 2))
		world_backup(w);
	else if (world_restore(w, rnd(w, RESTORE_N)))
		event_push(w, (struct event){ .kind = EV_RECOVER },
			   rnd(w, 8 * SEC));
}

void fault_next(struct world *w)
{
	unsigned int node = rnd(w, w->conf.nodes);
	struct wnode *n = &w->nodes[node];

	if (w->conf.restores && !rnd(w, 4)) {
		restore_or_backup(w);
		return;
	}
	/* Between a restore and the start of its recovery, none of these faults happens. */
	if (w->recovering && !w->told)
		return;
	/* If nodes are cells, their daemons are only cut off (case 1) or killed (case 2). */
	switch (w->conf.cells ? 1 + rnd(w, 2) : rnd(w, 8)) {
	case 0:
		world_reboot(w, node);
		break;
	case 1:
		n->out_until = w->now + rnd(w, 3 * SEC);
		n->deaf_until = w->now + rnd(w, 3 * SEC);
		break;
	case 2:
		if (!n->ledger)
			break;
		w->stats.kills++;
		world_kill(w, node);
		event_push(w, (struct event){ .kind = EV_START, .node = node },
			   rnd(w, 4 * SEC));
		break;
	case 3:
		if (!store_has_leader(w))
			break;
		w->stats.fences++;
		world_fence(w, node);
		break;
	default:
		/* New random demands of the node: for tasks, and for resources it demands now. */
		for (unsigned int i = 0; i < w->n_paths; i++)
			for (int r = 0; r < RES_N; r++)
				if (r == TASKS || n->groups[i].res[r].demand)
					n->groups[i].res[r].demand =
						rnd(w, 2) ? rnd(w, 60) : r > 0;
		break;
	}
}

void fault_leader(struct world *w)
{
	if (w->faults)
		request_change_leader(w);
	event_push(w, (struct event){ .kind = EV_LEADER },
		   2 * SEC + toss(w, 8 * SEC));
}
