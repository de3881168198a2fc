// SPDX-License-Identifier: GPL-2.0
/*
 * Peers: each node watches the heartbeats of the next two on the ring of names. So
 * each node is watched, and no node watches all. Silence is only a hint.
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

/* The first live node other than us and @name, from this key on. */
static bool find_live(const struct ledger *l, size_t i, const char *name,
		      char out[CGSPAN_NAME_LEN + 1])
{
	struct key key;

	for (; i < l->cache.n; i++) {
		if (key_parse(l->cache.kv[i].key, &key, NULL) ||
		    key.kind != KEY_EPOCH)
			break;
		if (strcmp(key.node, l->name) && strcmp(key.node, name) &&
		    node_live(l, key.node)) {
			strcpy(out, key.node);
			return true;
		}
	}
	return false;
}

/* The next live one behind @name on the ring, other than us. */
static bool next_node(const struct ledger *l, const char *name,
		      char out[CGSPAN_NAME_LEN + 1])
{
	char key[KEY_LEN];

	return find_live(l, kvs_lower(&l->cache, key_epoch(key, name)), name,
			 out) ||
	       find_live(l, kvs_lower(&l->cache, "epoch/"), name, out);
}

static void say_of(struct ledger *l, const struct peer *p,
		   enum ledger_status code, char *text)
{
	struct queued q = { .in.kind = LEDGER_STATUS };

	q.peer = strdup(p->name);
	q.text = text;
	if (!q.peer || !text) {
		queued_fini(&q);
		ledger_no_memory(l);
		return;
	}
	q.in.status.code = code;
	q.in.status.peer = q.peer;
	q.in.status.text = q.text;
	q.in.status.hb_rev = p->hb_rev;
	ledger_queue(l, q);
}

/* Is @x, on the ring of names, behind @from and before @to? */
static bool between(const char *from, const char *x, const char *to)
{
	bool behind = strcmp(from, x) < 0, before = strcmp(x, to) < 0;

	return strcmp(from, to) < 0 ? behind && before : behind || before;
}

/*
 * A node that fences may die before all leases have returned. The live node before
 * the fenced one on the ring completes it: this node, if @next is behind it.
 */
static void look_after_fenced(struct ledger *l, const char *next)
{
	int64_t most = l->fenced_rev;
	struct epoch_rec rec;
	struct key key;

	for (size_t i = kvs_lower(&l->cache, "epoch/"); i < l->cache.n; i++) {
		const struct store_kv *kv = &l->cache.kv[i];
		struct peer p = { .hb_rev = 0 };

		if (key_parse(kv->key, &key, NULL) || key.kind != KEY_EPOCH)
			break;
		if (kv->mod_rev <= l->fenced_rev ||
		    epoch_parse(kv->val, kv->len, &rec, NULL) ||
		    rec.state != EPOCH_FENCED ||
		    !between(l->name, key.node, next))
			continue;
		if (kv->mod_rev > most)
			most = kv->mod_rev;
		strcpy(p.name, key.node);
		say_of(l, &p, LEDGER_ST_HALF_FENCED,
		       strdup("it has been fenced: seeing to it that all it held goes back"));
	}
	l->fenced_rev = most;
}

void peer_choose(struct ledger *l)
{
	char names[PEERS][CGSPAN_NAME_LEN + 1] = { "" }, key[KEY_LEN];
	const char *from = l->name;
	struct peer old[PEERS];

	for (int i = 0; l->phase == PH_RUN && i < PEERS; i++) {
		if (!next_node(l, from, names[i]))
			break;
		from = names[i];
	}
	if (!strcmp(names[0], names[1]))
		names[1][0] = 0;
	memcpy(old, l->peers, sizeof(old));
	if (strcmp(old[0].name, names[0]))
		l->fenced_rev = 0;	/* more may be ours to look after */
	if (l->phase == PH_RUN)
		look_after_fenced(l, names[0][0] ? names[0] : l->name);
	for (int i = 0; i < PEERS; i++)
		if (old[i].name[0] && strcmp(old[i].name, names[0]) &&
		    strcmp(old[i].name, names[1]))
			ledger_unwatch(l, key_hb(key, old[i].name));

	for (int i = 0; i < PEERS; i++) {
		struct peer fresh = { .since = l->now };
		struct peer *p = names[i][0] ? NULL : &fresh;

		for (int j = 0; j < PEERS && !p; j++)
			if (!strcmp(old[j].name, names[i]))
				p = &old[j];
		if (!p) {
			p = &fresh;
			strcpy(fresh.name, names[i]);
			ledger_watch(l, key_hb(key, names[i]));
		}
		l->peers[i] = *p;
	}
}

static void check_clock(struct ledger *l, struct peer *p,
			const struct hb_rec *hb)
{
	char key[KEY_LEN], text[128];
	const struct store_kv *epoch;
	int64_t lost;

	epoch = kvs_find(&l->cache, key_epoch(key, p->name));
	if (!epoch || !hb->sent_ms)
		return;
	lost = pace_heard(&p->pace, epoch->mod_rev, hb->sent_ms * MSEC, l->now,
			  hb->ttl_ms * MSEC);
	if (!lost)
		return;
	snprintf(text, sizeof(text),
		 "%s clock has lost %.1f s against %s: was the machine paused?",
		 lost > 0 ? "its" : "our", (double)llabs(lost) / SEC,
		 lost > 0 ? "ours" : "its own");
	say_of(l, p, LEDGER_ST_CLOCK, strdup(text));
}

static void hear(struct ledger *l, struct peer *p)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&l->cache, key_hb(key, p->name));
	struct hb_rec rec;

	p->heard = false;
	if (!kv || hb_parse(kv->val, kv->len, &rec, NULL))
		return;
	p->hb_rev = kv->mod_rev;
	p->ttl_ms = rec.ttl_ms;
	p->since = l->now;
	check_clock(l, p, &rec);
	if (!p->silent)
		return;
	p->silent = false;
	say_of(l, p, LEDGER_ST_SPEAKS, strdup("its heartbeat goes on"));
}

void peer_digest(struct ledger *l)
{
	for (int i = 0; i < PEERS; i++)
		if (l->peers[i].heard)
			hear(l, &l->peers[i]);
}

void peer_tick(struct ledger *l)
{
	/* Nodes that wait to claim send no heartbeat. */
	for (int i = 0; !l->learning && i < PEERS; i++) {
		struct peer *p = &l->peers[i];
		uint64_t ttl = p->ttl_ms * MSEC;

		if (!p->name[0] || !p->hb_rev || p->silent ||
		    l->store != STORE_UP ||
		    l->now - p->since < ttl + 2 * ttl / DRIFT_DIV + 2 * TICK)
			continue;
		p->silent = true;
		say_of(l, p, LEDGER_ST_SILENT,
		       strdup("its heartbeat has stopped"));
	}
}
