// SPDX-License-Identifier: GPL-2.0
#include "daemon.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "facts.h"
#include "intent.h"
#include "kernel.h"
#include "kernel_cell.h"
#include "libcgspan/err.h"
#include "path.h"
#include "state.h"
#include "store.h"
#include "watch.h"

static bool is_used(const struct kgroup *k)
{
	for (int r = 0; r < RES_N; r++)
		if (k->res[r].used)
			return true;
	return false;
}

/* Make groups, limits and policies of the kernel those of the ledger; a group in use stays. */
static void reconcile(struct world *w, struct wnode *n)
{
	bool wanted[WORLD_GROUPS] = { false };
	struct ledger_group g;
	struct kgroup *k;
	int p;

	for (size_t i = 0; ledger_groups(n->ledger, i, &g); i++) {
		p = path_add(w, g.path);
		k = &n->groups[p];
		wanted[p] = g.rec->state == GROUP_ACTIVE;
		if (!wanted[p])
			continue;
		if (!k->exists)
			kernel_add_group(n, p);
		k->on_expiry = g.rec->on_expiry;
		for (int r = 0; r < RES_N; r++)
			k->res[r].limit = g.rec->limit[r];
	}
	for (p = w->n_paths - 1; p >= 0; p--) {
		k = &n->groups[p];
		if (!wanted[p] && k->exists && !is_used(k))
			k->exists = false;
	}
	facts_give(w, n);
	ledger_reconciled(n->ledger, w->now, ledger_groups_rev(n->ledger));
}

void world_kill(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];

	if (w->conf.cells)
		w->conf.cells->stop(w->conf.arg, node);
	if (n->setting)
		event_fini(n->setting);
	free(n->setting);
	n->setting = NULL;
	n->starting = false;
	ledger_free(n->ledger);
	n->ledger = NULL;
	n->run++;
	for (int i = 0; i < WATCHES; i++)
		watch_end(w, &n->watches[i]);
}

static void drain(struct world *w, struct wnode *n)
{
	const struct ledger_intent *in;
	uint64_t at;

	if (!n->ledger)
		return;
	/* If faults are on, the daemon may be killed after any intent that it carried out. */
	while ((in = ledger_next(n->ledger))) {
		intent_carry_out(w, n, in);
		if (n->left) {
			world_kill(w, n - w->nodes);
			return;
		}
		if (fault(w, 1) && fault(w, 10 * w->conf.faults)) {
			w->stats.kills++;
			world_kill(w, n - w->nodes);
			event_push(w, (struct event){ .kind = EV_START,
						      .node = n - w->nodes },
				   rnd(w, rnd(w, 2) ? 20 * MSEC : 2 * SEC));
			return;
		}
	}
	at = ledger_timer(n->ledger);
	if (n->tick_at > w->now && n->tick_at <= at)
		return;
	n->tick_at = at;
	event_push(w, (struct event){ .kind = EV_TICK, .node = n - w->nodes,
				      .run = n->run, .id = at }, at - w->now);
}

void world_start(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];

	if (n->ledger || n->left || n->starting)
		return;
	n->starting = true;
	if (w->conf.cells)
		w->conf.cells->start(w->conf.arg, node);
	else
		world_started(w, node);
}

void world_started(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];
	struct ledger_conf conf = {
		.name = n->name,
		.machine = n->machine,
		.boot = n->boot,
		.uuid = n->uuid,
		.identity = w->identity,
		.ttl_ms = TTL / MSEC,
		.heartbeat_ms = 5000,
		.shard_nodes = w->conf.shard_nodes,
		.seed = rnd(w, 0) + w->rng,
	};
	struct cgspan_err err;

	n->starting = false;
	if (ledger_new(&n->ledger, &conf, &err)) {
		state_breach(w, "%s: %s", n->name, err.msg);
		return;
	}
	memset(n->said, 0, sizeof(n->said));
	n->store = w->restores;
	strcpy(n->identity, w->identity);
	n->tick_at = 0;
	facts_give(w, n);
	ledger_start(n->ledger, w->now, n->kernel_epoch, n->sent,
		     n->sent + TTL);
	drain(w, n);
}

bool world_running(const struct world *w, unsigned int node)
{
	return w->nodes[node].ledger;
}

void world_reboot(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];

	if (n->ledger)
		world_kill(w, node);
	w->stats.reboots++;
	for (int i = 0; i < WORLD_GROUPS; i++)
		for (int r = 0; r < RES_N; r++)
			n->groups[i].res[r] = (struct kres){
				.demand = n->groups[i].res[r].demand };
	for (int i = 0; i < WORLD_GROUPS; i++)
		n->groups[i].exists = false;
	memset(n->cap, 0, sizeof(n->cap));
	n->kernel_epoch = 0;
	n->sent = 0;
	n->left = false;
	snprintf(n->boot, sizeof(n->boot), "boot-%" PRIu64, ++w->serial);
	snprintf(n->uuid, sizeof(n->uuid), "uuid-%" PRIu64, w->serial);
	event_push(w, (struct event){ .kind = EV_START, .node = node },
		   rnd(w, 2 * SEC));
}

static void tick(struct world *w, struct wnode *n)
{
	facts_give(w, n);
	drain(w, n);
	if (n->ledger)
		ledger_tick(n->ledger, w->now);
	if (n->ledger)
		drain(w, n);
	if (n->ledger && ledger_in_session(n->ledger))
		reconcile(w, n);
}

/* A new restore reaches the daemon: it restarts if the identity is new, else tells its ledger. */
static void went_back(struct world *w, struct wnode *n)
{
	bool other = strcmp(n->ledger ? n->identity : "", w->identity);

	if (n->store == w->restores)
		return;
	n->store = w->restores;
	if (!other) {
		ledger_gone_back(n->ledger, w->now);
		drain(w, n);
		return;
	}
	world_kill(w, n - w->nodes);
	event_push(w, (struct event){ .kind = EV_START, .node = n - w->nodes },
		   rnd(w, SEC));
}

static void deliver(struct world *w, struct wnode *n, const struct event *e)
{
	const struct watch *v = watch_by_serial(n, e->id);
	struct store_kv kvs[STORE_TXN_MAX];
	size_t c = 0;

	if (!v)
		return;
	for (size_t i = 0; i < e->news->n; i++)
		if (has_prefix(e->news->kvs[i].key, v->prefix))
			kvs[c++] = e->news->kvs[i];
	ledger_change(n->ledger, w->now, kvs, c, e->news->rev);
	drain(w, n);
}

static void got(struct world *w, struct wnode *n, uint64_t serial)
{
	struct watch *v = watch_by_serial(n, serial);
	struct event answer = { 0 };

	if (!v)
		return;
	if (n->store != w->restores && !n->unaware) {
		went_back(w, n);
		return;
	}
	store_read_prefix(w, v->prefix, &answer);
	v->ready = true;
	ledger_snapshot(n->ledger, w->now, v->prefix, answer.kvs, answer.n,
			answer.rev);
	event_fini(&answer);
	drain(w, n);
}

void daemon_hear(struct world *w, struct wnode *n, struct event *e)
{
	struct ledger_fact f;

	switch (e->kind) {
	case EV_TICK:
		if (e->id == n->tick_at)
			tick(w, n);
		break;
	case EV_ANSWER:
		ledger_txn_done(n->ledger, w->now, e->id, e->res, e->rev,
				e->kvs, e->n, "injected");
		break;
	case EV_STATE:
		ledger_store_state(n->ledger, w->now, e->about);
		break;
	case EV_BACK:
		if (!n->unaware)
			went_back(w, n);
		return;
	case EV_GET:
		got(w, n, e->id);
		return;
	case EV_WATCH:
		deliver(w, n, e);
		return;
	case EV_HELD:
		ledger_lease_done(n->ledger, w->now, e->id, e->no, e->held,
				  NULL);
		break;
	case EV_RENEWED:
		ledger_renew_done(n->ledger, w->now, e->no, NULL);
		break;
	case EV_LEFT:
		ledger_leave_done(n->ledger, w->now, e->no, NULL);
		break;
	case EV_CREDIT:
		f = facts_of(w, n, e->id, e->about);
		f.refused = e->late;
		if (n->groups[e->id].exists)
			ledger_facts(n->ledger, w->now, &f, 1, false);
		break;
	default:
		break;
	}
	drain(w, n);
}
