// SPDX-License-Identifier: GPL-2.0
/*
 * Events in, the picture of the store, the phases of a session, the queue out.
 */
#include "ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desired.h"
#include "err.h"
#include "ledger_priv.h"

#define TTL_MS		15000
#define HEARTBEAT_MS	5000
#define RTT_FIRST	(2 * MSEC)
#define BACKOFF_MAX	6

/* Small helpers */

static void no_memory(struct ledger *l)
{
	l->error = -ENOMEM;
}

/* splitmix64: small, and the same everywhere. */
uint64_t ledger_random(struct ledger *l, uint64_t below)
{
	uint64_t z = l->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : 0;
}

/* The queue */

static void queued_fini(struct queued *q)
{
	free(q->text);
	free(q->peer);
	memset(q, 0, sizeof(*q));
}

void ledger_queue(struct ledger *l, struct queued q)
{
	size_t room = l->q_room ? 2 * l->q_room : 16;
	void *p;

	if (l->q_first + l->q_n == l->q_room) {
		if (l->q_first) {
			memmove(l->queue, l->queue + l->q_first,
				l->q_n * sizeof(*l->queue));
			l->q_first = 0;
		} else {
			p = realloc(l->queue, room * sizeof(*l->queue));
			if (!p) {
				queued_fini(&q);
				no_memory(l);
				return;
			}
			l->queue = p;
			l->q_room = room;
		}
	}
	l->queue[l->q_first + l->q_n++] = q;
}

const struct ledger_intent *ledger_next(struct ledger *l)
{
	queued_fini(&l->taken);
	if (!l->q_n)
		return NULL;
	l->taken = l->queue[l->q_first++];
	if (!--l->q_n)
		l->q_first = 0;
	return &l->taken.in;
}

void ledger_say(struct ledger *l, enum ledger_status code, const char *fmt, ...)
{
	struct queued q = { .in.kind = LEDGER_STATUS };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&q.text, fmt, ap) < 0)
		q.text = NULL;
	va_end(ap);
	if (!q.text) {
		no_memory(l);
		return;
	}
	q.in.status.code = code;
	q.in.status.text = q.text;
	ledger_queue(l, q);
}

/* Say once what is the matter, until it is something else. */
__attribute__((format(printf, 3, 4)))
static void say_once(struct ledger *l, enum ledger_status code,
		     const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (l->has_told && l->told == code)
		return;
	l->has_told = true;
	l->told = code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ledger_say(l, code, "%s", text);
}

/* Watches */

static struct watch *find_watch(const struct ledger *l, const char *prefix)
{
	for (size_t i = 0; i < l->n_watches; i++)
		if (!strcmp(l->watches[i].prefix, prefix))
			return &l->watches[i];
	return NULL;
}

static void queue_prefix(struct ledger *l, enum ledger_kind kind,
			 const char *prefix)
{
	struct queued q = { .in.kind = kind, .text = strdup(prefix) };

	if (!q.text) {
		no_memory(l);
		return;
	}
	q.in.prefix = q.text;
	ledger_queue(l, q);
}

void ledger_watch(struct ledger *l, const char *prefix)
{
	char *copy;
	void *p;

	if (find_watch(l, prefix))
		return;
	p = realloc(l->watches, (l->n_watches + 1) * sizeof(*l->watches));
	copy = strdup(prefix);
	if (p)
		l->watches = p;
	if (!p || !copy) {
		free(copy);
		no_memory(l);
		return;
	}
	l->watches[l->n_watches++] = (struct watch){ .prefix = copy };
	queue_prefix(l, LEDGER_WATCH, prefix);
}

void ledger_unwatch(struct ledger *l, const char *prefix)
{
	struct watch *w = find_watch(l, prefix);
	char *gone;

	if (!w)
		return;
	gone = w->prefix;
	queue_prefix(l, LEDGER_UNWATCH, gone);
	*w = l->watches[--l->n_watches];
	free(gone);
}

bool ledger_watched(const struct ledger *l, const char *prefix)
{
	const struct watch *w = find_watch(l, prefix);

	return w && w->seen;
}

/* Prefixes that must be known before anything is decided. */
static void watch_all(struct ledger *l)
{
	static const char *const prefixes[] = {
		KEY_CLUSTER_NAME, "epoch/", "group/", "debt/", "want/", "pool/",
	};
	char key[KEY_LEN];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		ledger_watch(l, prefixes[i]);
	ledger_watch(l, key_node(key, l->name));
	snprintf(key, sizeof(key), "lease/%s/", l->name);
	ledger_watch(l, key);
}

/* All that is known may be behind what has just happened: read it again. */
static void watch_anew(struct ledger *l)
{
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->watch_pool = false;
	memset(l->peers, 0, sizeof(l->peers));
	while (l->n_watches)
		ledger_unwatch(l, l->watches[0].prefix);
	watch_all(l);
}

static bool all_seen(const struct ledger *l)
{
	for (size_t i = 0; i < l->n_watches; i++)
		if (!l->watches[i].seen)
			return false;
	return true;
}

/* Groups */

/* Index of the first group that is not before @path. */
static size_t group_lower(const struct ledger *l, const char *path)
{
	size_t from = 0, to = l->n_groups, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (strcmp(l->groups[mid]->path, path) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

static struct lgroup *group_find(const struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);

	return i < l->n_groups && !strcmp(l->groups[i]->path, path) ?
	       l->groups[i] : NULL;
}

struct lgroup *ledger_group_id(const struct ledger *l, uint64_t id)
{
	for (size_t i = 0; i < l->n_groups; i++)
		if (l->groups[i]->rec.id == id)
			return l->groups[i];
	return NULL;
}

static void pool_prefix(char key[KEY_LEN], uint64_t id)
{
	snprintf(key, KEY_LEN, "pool/%" PRIu64 "/", id);
}

static void group_remove(struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);
	struct lgroup *g = group_find(l, path);
	char key[KEY_LEN];

	if (!g)
		return;
	pool_prefix(key, g->rec.id);
	if (g->watch_pool)
		ledger_unwatch(l, key);
	free(g->path);
	free(g);
	memmove(&l->groups[i], &l->groups[i + 1],
		(--l->n_groups - i) * sizeof(*l->groups));
}

static struct lgroup *group_add(struct ledger *l, const char *path)
{
	size_t i = group_lower(l, path);
	struct lgroup *g = calloc(1, sizeof(*g));
	void *p = realloc(l->groups, (l->n_groups + 1) * sizeof(*l->groups));

	if (p)
		l->groups = p;
	if (g)
		g->path = strdup(path);
	if (!p || !g || !g->path) {
		free(g);
		no_memory(l);
		return NULL;
	}
	memmove(&l->groups[i + 1], &l->groups[i],
		(l->n_groups++ - i) * sizeof(*l->groups));
	l->groups[i] = g;
	/* Of an epoch that this run began, no one else can have written. */
	g->sure = !l->resumed;
	return g;
}

static void bad_value(struct ledger *l, const struct store_kv *kv,
		      const struct cgspan_err *err)
{
	if (err->no == -ENOMEM)
		no_memory(l);
	else
		ledger_say(l, LEDGER_ST_BAD_VALUE,
			   "the store's key %s is left alone: %s", kv->key,
			   err->msg);
}

/* This node's lease as the cache has it; not to be believed until rewritten. */
static void lease_reload(struct ledger *l, struct lgroup *g)
{
	char key[KEY_LEN];
	const struct store_kv *kv;
	struct lease_rec rec = { 0 };
	struct cgspan_err err;
	int ret = 0;

	kv = cache_find(&l->cache, key_lease(key, l->name, g->rec.id));
	if ((kv ? kv->mod_rev : 0) == g->lease_rev)
		return;
	if (kv)
		ret = lease_parse(kv->val, kv->len, &rec, &err);
	if (ret)
		bad_value(l, kv, &err);
#ifndef CGSPAN_BUG_RAISE_ON_READ
	g->sure = false;
#endif
#ifdef CGSPAN_BUG_BLIND_RETRY
	g->lease.seq = rec.seq;
	g->sure = true;
	if (!g->lease_rev)
		g->lease = rec;
#else
	g->lease = rec;
#endif
	g->lease_rev = kv ? kv->mod_rev : 0;
}

/* A group's key has changed: take it over. */
static void group_update(struct ledger *l, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache, key_group(key, path));
	struct lgroup *g = group_find(l, path);
	struct group_rec rec = group_root();
	struct cgspan_err err;

	/* "/" is there without a key, and the kernel must be told its "max". */
	if (!kv && strcmp(path, "/")) {
		group_remove(l, path);
		return;
	}
	if (kv && group_parse(kv->val, kv->len, &rec, &err)) {
		bad_value(l, kv, &err);
		return;
	}
	if (g && g->rec.id != rec.id) {
		group_remove(l, path);
		g = NULL;
	}
	if (!g)
		g = group_add(l, path);
	if (!g)
		return;

	for (int i = 0; i < RES_N; i++) {
		g->res[i].no_pool = false;
		if (g->rec.gen[i] == rec.gen[i] && g->rec.state == rec.state)
			continue;
		g->res[i].claimable = false;
		g->res[i].shrink = SHRINK_NO;
	}
	g->rec = rec;
	g->rev = kv ? kv->mod_rev : 0;
	lease_reload(l, g);
	move_flags(l, g);
}

/* Nodes */

bool ledger_node_live(const struct ledger *l, const char *node)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache, key_epoch(key, node));
	struct epoch_rec rec;

	return kv && !epoch_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.state == EPOCH_LIVE;
}

static void count_nodes(struct ledger *l)
{
	struct key key;

	l->live = 0;
	for (size_t i = cache_lower(&l->cache, "epoch/");
	     i < l->cache.n && !key_parse(l->cache.kvs[i].key, &key, NULL) &&
	     key.kind == KEY_EPOCH; i++)
		l->live += ledger_node_live(l, key.node);
	if (!l->live)
		l->live = 1;
	for (size_t i = 0; i < l->n_groups; i++)
		move_flags(l, l->groups[i]);
	peer_choose(l);
}

static void look_at_self(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache,
					       key_node(key, l->name));
	struct node_rec rec;

	l->leaving = kv && !node_parse(kv->val, kv->len, &rec, NULL) &&
		     rec.state == NODE_LEAVING;
}

/* Our epoch's key is no longer what we wrote: somebody fenced this node. */
static void look_at_epoch(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache,
					       key_epoch(key, l->name));

	if (l->phase != PH_OWN && l->phase != PH_RUN)
		return;
	if (kv && (uint64_t)kv->mod_rev == l->epoch)
		return;
	say_once(l, LEDGER_ST_FENCED,
		 "this node was fenced: it joins anew and admits nothing until what it uses is covered");
	l->phase = PH_READ;
	l->epoch = 0;
	watch_anew(l);
}

/* One key has news, and the cache has them. */
static void notice(struct ledger *l, const struct key *key)
{
	struct lgroup *g;

	switch (key->kind) {
	case KEY_GROUP:
		group_update(l, key->path);
		break;
	case KEY_EPOCH:
		count_nodes(l);
		if (!strcmp(key->node, l->name))
			look_at_epoch(l);
		break;
	case KEY_NODE:
		if (!strcmp(key->node, l->name))
			look_at_self(l);
		break;
	case KEY_HB:
		peer_heard(l, key->node);
		break;
	case KEY_LEASE:
		g = ledger_group_id(l, key->group);
		if (g && !g->in_txn && !strcmp(key->node, l->name))
			lease_reload(l, g);
		break;
	case KEY_DEBT:
	case KEY_WANT:
		g = ledger_group_id(l, key->group);
		if (g)
			move_flags(l, g);
		break;
	default:
		break;
	}
}

/* @rev: of a deletion; 0: what is not there is not there now. */
static void learn(struct ledger *l, const struct store_kv *kv, int64_t rev)
{
	struct key key;
	int ret;

	if (key_parse(kv->key, &key, NULL))
		return;
	ret = cache_set(&l->cache, kv->key, kv->val, kv->len,
			kv->val ? kv->mod_rev : rev);
	if (ret < 0)
		no_memory(l);
	else if (ret)
		notice(l, &key);
	if (kv->mod_rev > l->rev)
		l->rev = kv->mod_rev;
}

/* Sending */

void ledger_send(struct ledger *l, enum txn_kind kind)
{
	struct queued q = { .in.kind = LEDGER_TXN };

	if (txn_error(&l->txn)) {
		/* Too large is our own fault: the room is checked before. */
		no_memory(l);
		return;
	}
	l->txn_id = ++l->last_id;
	l->txn_kind = kind;
	l->txn_sent = l->now;
	q.in.id = l->txn_id;
	q.in.txn = &l->txn.view;
	ledger_queue(l, q);
}

char *ledger_beat(struct ledger *l)
{
	struct hb_rec rec = { ++l->hb_seq, l->ttl_ms };

	return hb_format(&rec);
}

static void queue_renew(struct ledger *l, uint64_t sent)
{
	struct queued q = { .in.kind = LEDGER_RENEW };

	l->renewed = sent;
	q.in.renew.epoch = l->epoch;
	q.in.renew.sent = sent;
	q.in.renew.ttl_ms = l->ttl_ms;
	ledger_queue(l, q);
}

static void queue_leave(struct ledger *l)
{
	struct queued q = { .in.kind = LEDGER_LEAVE };

	l->leave_sent = true;
	q.in.renew.epoch = l->kernel_epoch;
	ledger_queue(l, q);
}

/* Put a change of the set of nodes on record. */
static void put_cluster(struct ledger *l, struct txn *t)
{
	const struct store_kv *kv = cache_find(&l->cache, KEY_CLUSTER_NAME);
	struct cluster_rec rec = cluster_fresh();
	struct cgspan_err err;

	if (kv && cluster_parse(kv->val, kv->len, &rec, &err)) {
		bad_value(l, kv, &err);
		l->phase = PH_STUCK;
		return;
	}
	rec.generation++;
	if (!rec.identity[0])
		strcpy(rec.identity, l->identity);
	txn_compare(t, KEY_CLUSTER_NAME, kv ? kv->mod_rev : 0);
	txn_put(t, KEY_CLUSTER_NAME, cluster_format(&rec));
}

/* Compare a key as the cache has it. */
static void compare_cached(struct ledger *l, const char *key)
{
	const struct store_kv *kv = cache_find(&l->cache, key);

	txn_compare(&l->txn, key, kv ? kv->mod_rev : 0);
}

/* Phases before and after a session */

static void send_join(struct ledger *l)
{
	struct epoch_rec epoch = { .state = EPOCH_LIVE };
	char key[KEY_LEN];

	/* A new epoch is a later revision than all that was ever seen. */
	if (l->kernel_epoch > (uint64_t)l->rev) {
		say_once(l, LEDGER_ST_STORE_OLD,
			 "the store is older than this kernel's session (revision %" PRId64 ", epoch %" PRIu64 "): was it restored from a backup?",
			 l->rev, l->kernel_epoch);
		l->phase = PH_STUCK;
		return;
	}
	strcpy(epoch.machine, l->self.machine);
	strcpy(epoch.boot, l->self.boot);
	strcpy(epoch.uuid, l->self.uuid);

	put_cluster(l, &l->txn);
	if (l->phase == PH_STUCK)
		return;
	compare_cached(l, key_epoch(key, l->name));
	txn_put(&l->txn, key, epoch_format(&epoch));
	compare_cached(l, key_node(key, l->name));
	txn_put(&l->txn, key, node_format(&l->self));
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	txn_delete(&l->txn, key_ack(key, l->name));
	ledger_send(l, TXN_JOIN);
}

/* The last transaction of a node that leaves: its keys go. */
static void send_remove(struct ledger *l)
{
	char key[KEY_LEN];

	put_cluster(l, &l->txn);
	if (l->phase == PH_STUCK)
		return;
	compare_cached(l, key_epoch(key, l->name));
	txn_delete(&l->txn, key);
	compare_cached(l, key_node(key, l->name));
	txn_delete(&l->txn, key);
	txn_delete(&l->txn, key_hb(key, l->name));
	txn_delete(&l->txn, key_ack(key, l->name));
	txn_delete(&l->txn, key_usage(key, l->name));
	ledger_send(l, TXN_REMOVE);
}

/* Close our own old session. 1: a step is on its way; 0: it is closed. */
static int send_close(struct ledger *l)
{
	struct desired d = { l->cache.kvs, l->cache.n };
	struct cgspan_err err;
	int ret = desired_fence(&l->txn, &d, l->name, l->name, 0, &err);

	if (ret > 0)
		ledger_send(l, TXN_CLOSE);
	else if (ret == -ENOMEM)
		no_memory(l);
	else if (ret < 0) {
		say_once(l, LEDGER_ST_BAD_VALUE, "%s", err.msg);
		l->phase = PH_STUCK;
	}
	return ret;
}

static void resume(struct ledger *l, uint64_t epoch)
{
	if (l->kernel_epoch > epoch) {
		say_once(l, LEDGER_ST_STORE_OLD,
			 "the store's epoch %" PRIu64 " is older than this kernel's (%" PRIu64 "): was it restored from a backup?",
			 epoch, l->kernel_epoch);
		l->phase = PH_STUCK;
		return;
	}
	l->epoch = epoch;
	l->resumed = true;
	l->phase = PH_OWN;
	l->beat = 0;
	for (size_t i = 0; i < l->n_groups; i++) {
		l->groups[i]->sure = false;
#ifdef CGSPAN_BUG_RAISE_ON_READ
		l->groups[i]->sure = true;
#endif
	}
}

/* A live epoch under our name: whose? */
static void meet_live(struct ledger *l, const struct epoch_rec *rec,
		      uint64_t epoch)
{
	if (!strcmp(rec->boot, l->self.boot) &&
	    !strcmp(rec->uuid, l->self.uuid)) {
		resume(l, epoch);
		return;
	}
	if (strcmp(rec->machine, l->self.machine)) {
		say_once(l, LEDGER_ST_DUPLICATE,
			 "another machine (%s) is in session as %s: give this one another name, or, if that one is off for good: cgspan fence %s --confirm-off",
			 rec->machine, l->name, l->name);
		l->phase = PH_STUCK;
		return;
	}
	if (!strcmp(rec->boot, l->self.boot)) {
		say_once(l, LEDGER_ST_DUPLICATE,
			 "another network namespace of this machine, or this one before the module was loaded again, is in session as %s: if it is gone: cgspan fence %s --confirm-off",
			 l->name, l->name);
		l->phase = PH_STUCK;
		return;
	}
	/* A new boot of the same machine proves that the old tasks are gone. */
	say_once(l, LEDGER_ST_REBOOTED,
		 "this machine has booted again: the leases from before go back");
	send_close(l);
}

static void close_or_join(struct ledger *l)
{
	if (!send_close(l))
		send_join(l);
}

static void decide_leaving(struct ledger *l, const struct store_kv *kv,
			   bool live, const struct epoch_rec *rec)
{
	if (l->kernel_epoch && live && !strcmp(rec->uuid, l->self.uuid))
		resume(l, kv->mod_rev);
	else if (l->kernel_epoch)
		queue_leave(l);
	else if (!kv || !send_close(l))
		send_remove(l);
}

static void decide(struct ledger *l)
{
	char key[KEY_LEN];
	const struct store_kv *kv = cache_find(&l->cache,
					       key_epoch(key, l->name));
	struct epoch_rec rec = { 0 };
	struct cgspan_err err;
	bool live;

	if (kv && epoch_parse(kv->val, kv->len, &rec, &err)) {
		bad_value(l, kv, &err);
		l->phase = PH_STUCK;
		return;
	}
	live = kv && rec.state == EPOCH_LIVE;
	if (l->leaving)
		decide_leaving(l, kv, live, &rec);
	else if (live)
		meet_live(l, &rec, kv->mod_rev);
	else if (kv)
		close_or_join(l);
	else
		send_join(l);
}

/* PH_OWN: a beat under our epoch, then the kernel's session. */
static void take_over(struct ledger *l)
{
	char key[KEY_LEN];

	if (l->beat) {
		l->renew_sent = true;
		queue_renew(l, l->beat);
		return;
	}
	txn_compare(&l->txn, key_epoch(key, l->name), l->epoch);
	txn_put(&l->txn, key_hb(key, l->name), ledger_beat(l));
	ledger_send(l, TXN_BEAT);
}

/* What can go on now goes on. At the end of every event. */
static int pump(struct ledger *l)
{
	if (l->phase == PH_RUN && !l->leave_sent) {
		if (l->leaving && l->now >= l->retry && !l->txn_id &&
		    !l->set_id) {
			queue_leave(l);
			return l->error;
		}
		move_set(l);
	}
	if (l->error || l->txn_id || l->leave_sent || l->renew_sent ||
	    l->now < l->retry || l->store == STORE_DOWN)
		return l->error;

	txn_fini(&l->txn);
	if (l->phase == PH_READ && all_seen(l))
		decide(l);
	if (l->phase == PH_OWN && !l->txn_id)
		take_over(l);
	else if (l->phase == PH_RUN && !l->txn_id)
		move_plan(l);
	return l->error;
}

/* Start and end */

static int copy_id(char out[ID_LEN], const char *in, const char *what,
		   struct cgspan_err *err)
{
	if (!in || !in[0] || strlen(in) >= ID_LEN)
		return cgspan_err_set(err, -EINVAL,
				      "the %s must have 1 to %d bytes", what,
				      ID_LEN - 1);
	strcpy(out, in);
	return 0;
}

static int copy_conf(struct ledger *l, const struct ledger_conf *c,
		     struct cgspan_err *err)
{
	int ret = 0;

	if (!c->name || !name_valid(c->name))
		return cgspan_err_set(err, -EINVAL,
				      "the node's name must be 1 to %d of A-Z a-z 0-9 . _ -",
				      CGSPAN_NAME_LEN);
	strcpy(l->name, c->name);
	ret = copy_id(l->self.machine, c->machine, "machine id", err);
	if (!ret)
		ret = copy_id(l->self.boot, c->boot, "boot id", err);
	if (!ret)
		ret = copy_id(l->self.uuid, c->uuid, "module's uuid", err);
	if (ret)
		return ret;
	if (c->n_labels > LABELS_MAX)
		return cgspan_err_set(err, -EINVAL, "more than %d labels",
				      LABELS_MAX);
	l->self.n_labels = c->n_labels;
	for (size_t i = 0; i < c->n_labels; i++)
		snprintf(l->self.labels[i], LABEL_LEN + 1, "%s", c->labels[i]);
	snprintf(l->identity, sizeof(l->identity), "%s",
		 c->identity ? c->identity : "");

	l->ttl_ms = c->ttl_ms ? c->ttl_ms : TTL_MS;
	l->heartbeat_ms = c->heartbeat_ms ? c->heartbeat_ms : HEARTBEAT_MS;
	if (l->ttl_ms > CGSPAN_TTL_MAX_MS || 2 * (uint64_t)l->heartbeat_ms >=
					     l->ttl_ms)
		return cgspan_err_set(err, -EINVAL,
				      "the heartbeat (%u ms) must be less than half of the ttl (%u ms)",
				      l->heartbeat_ms, l->ttl_ms);
	return 0;
}

int ledger_new(struct ledger **out, const struct ledger_conf *conf,
	       struct cgspan_err *err)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	txn_init(&l->txn);
	l->rng = conf->seed;
	l->rtt = RTT_FIRST;
	l->live = 1;
	l->store = STORE_UP;
	ret = copy_conf(l, conf, err);
	if (ret) {
		ledger_free(l);
		return ret;
	}
	*out = l;
	return 0;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_groups; i++) {
		free(l->groups[i]->path);
		free(l->groups[i]);
	}
	for (size_t i = 0; i < l->n_watches; i++)
		free(l->watches[i].prefix);
	for (size_t i = 0; i < l->q_n; i++)
		queued_fini(&l->queue[l->q_first + i]);
	queued_fini(&l->taken);
	for (size_t i = 0; i < l->n_items; i++)
		free((char *)l->items[i].path);
	free(l->items);
	free(l->set);
	free(l->queue);
	free(l->watches);
	free(l->groups);
	cache_fini(&l->cache);
	txn_fini(&l->txn);
	free(l);
}

int ledger_start(struct ledger *l, uint64_t now, uint64_t epoch, uint64_t sent)
{
	l->now = now;
	l->kernel_epoch = epoch;
	l->renewed = sent;
	group_update(l, "/");
	watch_all(l);
	return l->error;
}

/* Events */

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool snapshot_has(const struct store_kv *kvs, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(kvs[i].key, key))
			return true;
	return false;
}

/* What the cache has under the prefix and the snapshot has not, is gone. */
static void forget_missing(struct ledger *l, const char *prefix,
			   const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct store_kv gone = { 0 };
	size_t i = cache_lower(&l->cache, prefix), seen = 0;
	const char *key;

	while (i < l->cache.n && has_prefix(l->cache.kvs[i].key, prefix)) {
		key = l->cache.kvs[i].key;
		/* Both are sorted; a store that does not sort is only slower. */
		while (seen < n && strcmp(kvs[seen].key, key) < 0)
			seen++;
		if ((seen < n && !strcmp(kvs[seen].key, key)) ||
		    snapshot_has(kvs, n, key) ||
		    l->cache.kvs[i].mod_rev > rev) {
			i++;
			continue;
		}
		gone.key = strdup(key);
		if (!gone.key) {
			no_memory(l);
			return;
		}
		learn(l, &gone, 0);
		free(gone.key);
	}
}

int ledger_snapshot(struct ledger *l, uint64_t now, const char *prefix,
		    const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct watch *w;

	l->now = now;
	forget_missing(l, prefix, kvs, n, rev);
	for (size_t i = 0; i < n; i++)
		learn(l, &kvs[i], rev);
	if (rev > l->rev)
		l->rev = rev;
	w = find_watch(l, prefix);
	if (w)
		w->seen = true;
	if (has_prefix("group/", prefix) && rev > l->groups_rev)
		l->groups_rev = rev;
	if (has_prefix(prefix, "hb/"))
		peer_anew(l);
	if (l->phase == PH_STUCK)
		l->phase = PH_READ;
	return pump(l);
}

int ledger_change(struct ledger *l, uint64_t now, const struct store_kv *kvs,
		  size_t n, int64_t rev)
{
	bool ours = false;

	l->now = now;
	for (size_t i = 0; i < n; i++) {
		learn(l, &kvs[i], rev);
		if (has_prefix(kvs[i].key, "group/") && rev > l->groups_rev)
			l->groups_rev = rev;
		ours |= has_prefix(kvs[i].key, "epoch/") ||
			has_prefix(kvs[i].key, "node/") ||
			has_prefix(kvs[i].key, KEY_CLUSTER_NAME);
	}
	if (rev > l->rev)
		l->rev = rev;
	if (l->phase == PH_STUCK && ours)
		l->phase = PH_READ;
	return pump(l);
}

/* What the transaction wrote is in the store, at this revision. */
static void learn_own(struct ledger *l, int64_t rev)
{
	struct store_kv kv;

	for (size_t i = 0; i < l->txn.view.n_ops; i++) {
		kv.key = (char *)l->txn.ops[i].key;
		kv.val = (char *)l->txn.ops[i].val;
		kv.len = l->txn.ops[i].len;
		kv.mod_rev = rev;
		learn(l, &kv, rev);
	}
	if (rev > l->rev)
		l->rev = rev;
}

static void joined(struct ledger *l, int64_t rev)
{
	l->epoch = rev;
	l->resumed = false;
	l->phase = PH_OWN;
	l->beat = l->txn_sent;
	l->hb_sent = l->txn_sent;
	l->acked = 0;
	l->reconciled = 0;
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->sure = true;
	/* A fence may have been heard of before our own success. */
	look_at_epoch(l);
}

/* Room for others, doubling: RTT * (1 + U * 2^k). */
static uint64_t backoff(struct ledger *l)
{
	unsigned int k = l->conflicts < BACKOFF_MAX ? l->conflicts :
						      BACKOFF_MAX;

	l->conflicts++;
	return l->rtt + ledger_random(l, l->rtt << k);
}

static void applied(struct ledger *l, int64_t rev)
{
	uint64_t sent = l->txn_sent;

	l->conflicts = 0;
	l->rtt += ((int64_t)(l->now - sent) - (int64_t)l->rtt) / 8;
	learn_own(l, rev);
	switch (l->txn_kind) {
	case TXN_JOIN:
		joined(l, rev);
		return;
	case TXN_REMOVE:
		l->phase = PH_LEFT;
		ledger_queue(l, (struct queued){ .in.kind = LEDGER_LEFT });
		return;
	case TXN_BEAT:
		l->beat = sent;
		break;
	default:
		break;
	}
	/* Each one carries the heartbeat, but the kernel need not hear all. */
	l->hb_sent = sent;
	if (l->phase == PH_RUN &&
	    sent - l->renewed >= l->heartbeat_ms * MSEC / 5)
		queue_renew(l, sent);
}

int ledger_txn_done(struct ledger *l, uint64_t now, uint64_t id,
		    enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n, const char *why)
{
	uint64_t epoch = l->epoch;

	if (!id || id != l->txn_id)
		return l->error;
	l->now = now;
	l->txn_id = 0;
	switch (res) {
	case STORE_APPLIED:
		/* Not the store's business any more if we were fenced since. */
		applied(l, rev);
		break;
	case STORE_CONFLICT:
		for (size_t i = 0; i < n; i++)
			learn(l, &kvs[i], 0);
		if (!l->probe)
			l->retry = now + backoff(l);
		break;
	case STORE_UNKNOWN:
		l->retry = now + backoff(l);
		break;
	case STORE_ERROR:
		ledger_say(l, LEDGER_ST_STORE,
			   "the store refused a transaction: %s",
			   why ? why : "no reason given");
		l->retry = now + SEC;
		break;
	}
	if (l->txn_kind == TXN_MOVE) {
		if (epoch != l->epoch && res == STORE_UNKNOWN)
			res = STORE_CONFLICT;
		move_done(l, res, rev);
		for (size_t i = 0; i < l->n_groups; i++)
			if (res != STORE_APPLIED)
				lease_reload(l, l->groups[i]);
	}
	l->probe = false;
	txn_fini(&l->txn);
	return pump(l);
}

int ledger_lease_done(struct ledger *l, uint64_t now, uint64_t id, int no,
		      const struct ledger_held *held, const char *why)
{
	if (!id || id != l->set_id)
		return l->error;
	l->now = now;
	if (no) {
		ledger_say(l, LEDGER_ST_KERNEL,
			   "the kernel refused to set leases: %s",
			   why ? why : strerror(-no));
		l->set_retry = now + SEC;
	}
	move_set_done(l, no ? NULL : held);
	return pump(l);
}

static void in_session(struct ledger *l)
{
	l->phase = PH_RUN;
	l->has_told = false;
	ledger_say(l, l->resumed ? LEDGER_ST_RESUMED : LEDGER_ST_JOINED,
		   l->resumed ? "the session goes on: epoch %" PRIu64 :
				"joined: epoch %" PRIu64, l->epoch);
	/* A higher epoch has zeroed every lease. */
	for (size_t i = 0; l->kernel_epoch != l->epoch && i < l->n_groups; i++)
		for (int r = 0; r < RES_N; r++)
			l->groups[i]->res[r].kernel = 0;
	l->kernel_epoch = l->epoch;
	ledger_unwatch(l, "pool/");
	/* "max" may be set only as of a revision that knew this node. */
	ledger_unwatch(l, "group/");
	ledger_watch(l, "group/");
	count_nodes(l);
}

int ledger_renew_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	l->now = now;
	l->renew_sent = false;
	if (!no) {
		if (l->phase == PH_OWN)
			in_session(l);
		return pump(l);
	}
	l->retry = now + SEC;
	if (no == -EBUSY) {
		say_once(l, LEDGER_ST_BUSY,
			 "another socket owns this node's session: is another daemon running?");
		if (l->phase == PH_RUN)
			l->phase = PH_OWN;
	} else if (no == -ESTALE && l->phase != PH_READ) {
		say_once(l, LEDGER_ST_STORE_OLD,
			 "the kernel has a higher epoch than %" PRIu64 ": was the store restored from a backup?",
			 l->epoch);
		l->phase = PH_STUCK;
	} else if (l->phase != PH_READ) {
		ledger_say(l, LEDGER_ST_KERNEL,
			   "the kernel refused to renew the session: %s",
			   why ? why : strerror(-no));
	}
	return pump(l);
}

int ledger_leave_done(struct ledger *l, uint64_t now, int no, const char *why)
{
	l->now = now;
	l->leave_sent = false;
	if (no) {
		say_once(l, LEDGER_ST_BLOCKED, "leaving waits: %s",
			 why ? why : strerror(-no));
		l->retry = now + SEC;
		return pump(l);
	}
	ledger_say(l, LEDGER_ST_LEAVING,
		   "the kernel has left: handing everything back");
	l->kernel_epoch = 0;
	l->epoch = 0;
	l->phase = PH_READ;
	watch_anew(l);
	return pump(l);
}

int ledger_facts(struct ledger *l, uint64_t now, const struct ledger_fact *facts,
		 size_t n, bool complete)
{
	struct lgroup *g;

	l->now = now;
	for (size_t i = 0; complete && i < l->n_groups; i++)
		l->groups[i]->present = false;
	for (size_t i = 0; i < n; i++) {
		g = group_find(l, facts[i].path);
		if (g && facts[i].res < RES_N)
			move_sample(l, g, &facts[i]);
	}
	for (size_t i = 0; complete && i < l->n_groups; i++) {
		g = l->groups[i];
		g->seen = true;
		for (int r = 0; !g->present && r < RES_N; r++) {
			g->res[r].kernel = 0;
			g->res[r].used = 0;
		}
	}
	if (l->phase == PH_RUN)
		move_assess(l);
	return pump(l);
}

int ledger_reconciled(struct ledger *l, uint64_t now, int64_t rev)
{
	l->now = now;
	if (rev > l->groups_rev)
		rev = l->groups_rev;
	if (rev > l->reconciled)
		l->reconciled = rev;
	return pump(l);
}

int ledger_store_state(struct ledger *l, uint64_t now, enum store_state state)
{
	l->now = now;
	/* A gap in hearing is no silence. */
	if (state == STORE_UP && l->store != STORE_UP)
		peer_anew(l);
	l->store = state;
	return pump(l);
}

int ledger_tick(struct ledger *l, uint64_t now)
{
	l->now = now;
	if (l->phase == PH_RUN) {
		move_assess(l);
		peer_tick(l);
	}
	return pump(l);
}

uint64_t ledger_timer(const struct ledger *l)
{
	uint64_t next = l->now + SEC;
	uint64_t beat = l->hb_sent + l->heartbeat_ms * MSEC;

	if (move_busy(l))
		next = l->now + TICK;
	if (l->phase == PH_RUN && beat < next)
		next = beat;
	if (l->retry > l->now && l->retry < next)
		next = l->retry;
	return next > l->now ? next : l->now + MSEC;
}

/* What is known */

bool ledger_groups(const struct ledger *l, size_t i, struct ledger_group *out)
{
	const struct lgroup *g;

	if (i >= l->n_groups)
		return false;
	g = l->groups[i];
	out->path = g->path;
	out->rec = &g->rec;
	out->rev = g->rev;
	for (int r = 0; r < RES_N; r++) {
		out->lease[r] = g->rec.limit[r] == CGSPAN_MAX ? CGSPAN_MAX :
				move_amount(g, r);
		out->kernel[r] = g->res[r].kernel;
	}
	return true;
}

int64_t ledger_groups_rev(const struct ledger *l)
{
	return l->groups_rev;
}

uint64_t ledger_epoch(const struct ledger *l)
{
	return l->epoch;
}

bool ledger_in_session(const struct ledger *l)
{
	return l->phase == PH_RUN;
}
