// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include <inttypes.h>
#include <stdlib.h>

#include "model/txn.h"
#include "event.h"
#include "state.h"
#include "store.h"

/* Replace an answer by STORE_UNKNOWN: the daemon does not learn the result. */
static void lose_answer(struct world *w, struct event *answer)
{
	w->stats.unknown++;
	event_fini(answer);
	answer->kvs = NULL;
	answer->n = 0;
	answer->res = STORE_UNKNOWN;
}

/* The store has no leader. The request is delivered to a later leader, and its result is
 * unknown to the daemon; or it is lost, and the daemon may receive an error instead.
 */
static void arrive_leaderless(struct world *w, struct event *e)
{
	struct event answer = { .kind = EV_ANSWER, .node = e->node,
				.run = e->run, .id = e->id,
				.res = STORE_ERROR };
	bool taken = toss(w, 2), failed = !taken && toss(w, 2);

	if (!e->late && !failed)
		lose_answer(w, &answer);
	if (!e->late)
		event_push(w, answer, failed ? toss(w, w->conf.rtt) :
				100 * MSEC + toss(w, 400 * MSEC));
	if (!taken)
		return;
	e->late = true;
	event_put_off(w, e, w->leader_at +
		      toss(w, toss(w, 2) ? 50 * MSEC : 3 * SEC));
}

/* As a fault, deliver a request to the store once more, later. */
static void send_again(struct world *w, struct event *e, enum store_result res)
{
	if (!store_fault(w, w->conf.faults))
		return;
	e->late = true;
	e->again = true;
	e->res = res;
	e->id = w->restores;
	event_put_off(w, e, w->now + toss(w, toss(w, 2) ? 50 * MSEC : 3 * SEC));
}

static void arrive_again(struct world *w, struct event *e,
			 enum store_result res)
{
	bool writes = e->txn->view.n_ops;

	w->stats.doubled++;
	if (writes && res == STORE_APPLIED && e->res == STORE_APPLIED &&
	    e->id == w->restores)
		state_breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": a request of n%u was carried out twice",
			     w->now / MSEC, w->rev, e->node);
}

/* Send the result of a request back to its daemon. */
static void answer(struct world *w, const struct event *e, enum store_result res)
{
	struct event a = { .kind = EV_ANSWER, .node = e->node, .run = e->run,
			   .id = e->id, .res = res, .rev = w->rev };
	const struct wnode *n = &w->nodes[e->node];
	/* The daemon has yet to learn of a restore: it discards the answer. */
	bool back = n->store != w->restores && !n->unaware;

	if (res == STORE_CONFLICT)
		store_read_compared(w, &e->txn->view, &a);
	if (back)
		event_push(w, (struct event){ .kind = EV_BACK, .node = e->node,
					      .run = e->run }, 0);
	/* The store executed the request, but its answer is discarded or lost. */
	if (back || fault(w, w->conf.faults))
		lose_answer(w, &a);
	event_push(w, a, hop(w));
}

void request_arrive(struct world *w, struct event *e)
{
	enum store_result res;

	if (!store_has_leader(w)) {
		arrive_leaderless(w, e);
		return;
	}
	res = store_commit(w, &e->txn->view);
	w->stats.late += e->late && res == STORE_APPLIED;
	if (!e->late)
		answer(w, e, res);
	if (e->again)
		arrive_again(w, e, res);
	else
		send_again(w, e, res);
}

/* Until it has a new leader the store executes no requests and sends no changes.
 * Answers of the old leader may be lost.
 */
void request_change_leader(struct world *w)
{
	uint64_t gap = 300 * MSEC + toss(w, 1200 * MSEC);

	w->stats.leaders++;
	w->leader_at = w->now + gap;
	for (size_t i = 0; i < w->n_heap; i++) {
		struct event *e = &w->heap[i];

		if (e->kind == EV_ANSWER && e->res != STORE_UNKNOWN &&
		    e->res != STORE_ERROR && toss(w, 2))
			lose_answer(w, e);
	}
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		struct event e = { .kind = EV_STATE, .node = i,
				   .run = w->nodes[i].run };

		e.about = STORE_DOWN;
		event_push(w, e, toss(w, 300 * MSEC));
		e.about = STORE_UP;
		event_push(w, e, gap + toss(w, 300 * MSEC));
	}
}
