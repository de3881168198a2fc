// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: each node watches the heartbeats of the two live nodes that follow it
 * in the order of names, taken as a ring. So at most two watch a node, however
 * many there are. Silence is only a hint: the node may still run.
 */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

#include "model/codec.h"
#include "out.h"
#include "request.h"
#include "session.h"
#include "view.h"

/* The first live node, from the key @from on, except this node and @name. */
static bool find_live(const struct ledger *l, const char *from,
		      const char *name, char out[CGSPAN_NAME_LEN + 1])
{
	const struct kvs *cache = &l->view->cache;
	size_t i = kvs_lower(cache, from);
	const struct store_kv *kv;
	struct key key;

	for (; (kv = kvs_under(cache, "epoch/", i)); i++)
		if (!key_parse(kv->key, &key, NULL) &&
		    strcmp(key.node, l->name) && strcmp(key.node, name) &&
		    view_is_live(l, key.node)) {
			strcpy(out, key.node);
			return true;
		}
	return false;
}

/* The next live node after @name on the ring, except this node. */
static bool next_node(const struct ledger *l, const char *name,
		      char out[CGSPAN_NAME_LEN + 1])
{
	char key[KEY_LEN];

	return find_live(l, key_epoch(key, name), name, out) ||
	       find_live(l, "epoch/", name, out);
}

/* Is @x after @from and before @to on the ring of names? */
static bool between(const char *from, const char *x, const char *to)
{
	bool behind = strcmp(from, x) < 0, before = strcmp(x, to) < 0;

	return strcmp(from, to) < 0 ? behind && before : behind || before;
}

/*
 * A node may die before it has completed a fencing. Then the live node before
 * the fenced one on the ring completes it: this node, if the fenced one is
 * between this node and its successor @next.
 */
static void look_after_fenced(struct ledger *l, const char *next)
{
	int64_t most = l->peers->fenced_rev;
	const struct store_kv *kv;
	struct epoch_rec rec;
	struct key key;

	kvs_for_each(&l->view->cache, "epoch/", kv) {
		if (kv->mod_rev <= l->peers->fenced_rev ||
		    key_parse(kv->key, &key, NULL) ||
		    epoch_read(kv, &rec, NULL) || rec.state != EPOCH_FENCED ||
		    !between(l->name, key.node, next))
			continue;
		if (kv->mod_rev > most)
			most = kv->mod_rev;
		out_say_of(l, key.node, 0, LEDGER_ST_HALF_FENCED,
			   "it has been fenced: seeing to it that all it held goes back");
	}
	l->peers->fenced_rev = most;
}

static int64_t hb_rev_of(const struct ledger *l, const char *name)
{
	const struct store_kv *kv = view_hb(l, name);

	return kv ? kv->mod_rev : 0;
}

/* The peer with this name from @old, or a new one that is now watched. */
static struct peer peer_of(struct ledger *l, const struct peer old[PEERS],
			   const char *name)
{
	struct peer p = { .since = l->now };
	char key[KEY_LEN];

	for (int i = 0; i < PEERS && name[0]; i++)
		if (!strcmp(old[i].name, name))
			return old[i];
	strcpy(p.name, name);
	if (name[0]) {
		p.seen_rev = hb_rev_of(l, name);
		out_watch(l, key_hb(key, name));
	}
	return p;
}

void peer_choose(struct ledger *l)
{
	char names[PEERS][CGSPAN_NAME_LEN + 1] = { "" }, key[KEY_LEN];
	struct peers *peers = l->peers;
	bool runs = session_runs(l->session);
	const char *from = l->name;
	struct peer old[PEERS];

	for (int i = 0; runs && i < PEERS && next_node(l, from, names[i]); i++)
		from = names[i];
	if (!strcmp(names[0], names[1]))
		names[1][0] = 0;
	memcpy(old, peers->at, sizeof(old));
	if (strcmp(old[0].name, names[0]))
		peers->fenced_rev = 0;	/* there may be more fencings to complete */
	if (runs)
		look_after_fenced(l, names[0][0] ? names[0] : l->name);
	for (int i = 0; i < PEERS; i++)
		if (old[i].name[0] && strcmp(old[i].name, names[0]) &&
		    strcmp(old[i].name, names[1]))
			out_unwatch(l, key_hb(key, old[i].name));
	for (int i = 0; i < PEERS; i++)
		peers->at[i] = peer_of(l, old, names[i]);
}

void peer_forget(struct ledger *l)
{
	memset(l->peers, 0, sizeof(*l->peers));
}

void peer_restart(struct ledger *l)
{
	for (int i = 0; i < PEERS; i++) {
		l->peers->at[i].since = l->now;
		l->peers->at[i].pace = (struct pace){ 0 };
	}
}

static void check_clock(struct ledger *l, struct peer *p,
			const struct hb_rec *hb)
{
	const struct store_kv *epoch = view_epoch(l, p->name);
	int64_t lost;

	if (!epoch || !hb->sent_ms)
		return;
	lost = pace_heard(&p->pace, epoch->mod_rev, hb->sent_ms * MSEC, l->now,
			  hb->ttl_ms * MSEC);
	if (lost)
		out_say_of(l, p->name, p->hb_rev, LEDGER_ST_CLOCK,
			   "%s clock has lost %.1f s against %s: was the machine paused?",
			   lost > 0 ? "its" : "our", (double)llabs(lost) / SEC,
			   lost > 0 ? "ours" : "its own");
}

static void hear(struct ledger *l, struct peer *p)
{
	const struct store_kv *kv = view_hb(l, p->name);
	struct hb_rec rec;

	if (!kv || hb_read(kv, &rec, NULL))
		return;
	p->hb_rev = kv->mod_rev;
	p->ttl_ms = rec.ttl_ms;
	p->since = l->now;
	check_clock(l, p, &rec);
	if (p->silent)
		out_say_of(l, p->name, p->hb_rev, LEDGER_ST_SPEAKS,
			   "its heartbeat goes on");
	p->silent = false;
}

void peer_digest(struct ledger *l)
{
	for (int i = 0; i < PEERS; i++) {
		struct peer *p = &l->peers->at[i];
		int64_t rev = hb_rev_of(l, p->name);

		if (rev == p->seen_rev)
			continue;
		p->seen_rev = rev;
		hear(l, p);
	}
}

void peer_tick(struct ledger *l)
{
	/* Nodes that have yet to claim send no regular heartbeats. */
	if (l->session->trust == TRUST_LEARN || l->request->store != STORE_UP)
		return;
	for (int i = 0; i < PEERS; i++) {
		struct peer *p = &l->peers->at[i];
		uint64_t ttl = p->ttl_ms * MSEC;

		if (!p->name[0] || !p->hb_rev || p->silent ||
		    l->now - p->since < ttl + 2 * ttl / DRIFT_DIV + 2 * TICK)
			continue;
		p->silent = true;
		out_say_of(l, p->name, p->hb_rev, LEDGER_ST_SILENT,
			   "its heartbeat has stopped");
	}
}
