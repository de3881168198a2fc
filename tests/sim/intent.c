// SPDX-License-Identifier: GPL-2.0
#include "intent.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/txn.h"
#include "event.h"
#include "kernel.h"
#include "kernel_cell.h"
#include "state.h"
#include "watch.h"

/* Copy an intent's transaction: the copy may outlive the intent. */
static struct txn *copy_txn(const struct store_txn *t)
{
	struct txn *copy = need(malloc(sizeof(*copy)));

	txn_init(copy);
	for (size_t i = 0; i < t->n_cmps; i++)
		txn_compare(copy, t->cmps[i].key, t->cmps[i].mod_rev);
	for (size_t i = 0; i < t->n_ops; i++) {
		if (t->ops[i].val)
			txn_put(copy, t->ops[i].key,
				need(strdup(t->ops[i].val)));
		else
			txn_delete(copy, t->ops[i].key);
	}
	return copy;
}

static void send_txn(struct world *w, struct wnode *n,
		     const struct ledger_intent *in)
{
	struct event e = { .kind = EV_TXN, .node = n - w->nodes, .run = n->run,
			   .id = in->id };

	w->stats.sent += in->txn->n_ops > 0;
	w->stats.looks += !in->txn->n_ops;
	if (fault(w, w->conf.faults) || w->now < n->out_until) {
		/* The daemon times out; the request arrives before or after that, or never. */
		w->stats.unknown++;
		event_push(w, (struct event){ .kind = EV_ANSWER, .node = e.node,
					      .run = n->run, .id = in->id,
					      .res = STORE_UNKNOWN },
			   100 * MSEC + rnd(w, 400 * MSEC));
		if (rnd(w, 3) && w->now >= n->out_until) {
			e.late = true;
			e.txn = copy_txn(in->txn);
			event_push(w, e, rnd(w, rnd(w, 2) ? 50 * MSEC :
						      3 * SEC));
		}
		return;
	}
	if (fault(w, w->conf.faults / 4)) {
		event_push(w, (struct event){ .kind = EV_ANSWER, .node = e.node,
					      .run = n->run, .id = in->id,
					      .res = STORE_ERROR }, hop(w));
		return;
	}
	e.txn = copy_txn(in->txn);
	event_push(w, e, hop(w));
}

static void send_leases(struct world *w, struct wnode *n,
			const struct ledger_intent *in)
{
	struct event e = { .kind = EV_HELD, .node = n - w->nodes,
			   .run = n->run, .id = in->id };

	if (in->lease.epoch != n->kernel_epoch) {
		e.no = -ESTALE;
	} else {
		e.held = need(calloc(in->lease.n, sizeof(*e.held)));
		for (size_t i = 0; i < in->lease.n; i++)
			if (!kernel_cell_set(w, n, &in->lease.items[i], i))
				e.held[i] = kernel_set_lease(w, n,
							     &in->lease.items[i]);
	}
	if (n->setting)
		*n->setting = e;
	else
		event_push(w, e, rnd(w, MSEC / 5));
}

static void renew(struct world *w, struct wnode *n, uint64_t epoch,
		  uint64_t sent)
{
	struct event e = { .kind = EV_RENEWED, .node = n - w->nodes,
			   .run = n->run };

	if (w->conf.cells && epoch > n->kernel_epoch) {
		n->renewing = epoch;
		n->renewing_sent = sent;
		w->conf.cells->renew(w->conf.arg, e.node, epoch);
		return;
	}
	e.no = kernel_renew(n, epoch, sent, w->now);
	event_push(w, e, rnd(w, MSEC / 5));
}

void intent_carry_out(struct world *w, struct wnode *n,
		      const struct ledger_intent *in)
{
	struct event e = { .node = n - w->nodes, .run = n->run };

	switch (in->kind) {
	case LEDGER_TXN:
		send_txn(w, n, in);
		break;
	case LEDGER_LEASE_SET:
		send_leases(w, n, in);
		break;
	case LEDGER_RENEW:
		renew(w, n, in->renew.epoch, in->renew.sent);
		break;
	case LEDGER_WATCH:
		watch_begin(w, n, in->prefix);
		break;
	case LEDGER_UNWATCH:
		watch_end(w, watch_find(n, in->prefix));
		break;
	case LEDGER_LEAVE:
		e.kind = EV_LEFT;
		e.no = kernel_leave(n);
		event_push(w, e, rnd(w, MSEC / 5));
		break;
	case LEDGER_STATUS:
		n->said[in->status.code] = true;
		if (getenv("WORLD_TRACE"))
			fprintf(stderr, "%8" PRIu64 " ms %s: %s%s%s\n",
				w->now / MSEC, n->name,
				in->status.peer ? in->status.peer : "",
				in->status.peer ? " " : "", in->status.text);
		break;
	case LEDGER_LEFT:
		n->left = true;
		break;
	}
}
