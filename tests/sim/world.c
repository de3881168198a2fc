// SPDX-License-Identifier: GPL-2.0
#include "world.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "model/kvs.h"
#include "model/codec.h"
#include "model/desired.h"
#include "model/nodes.h"
#include "libcgspan/cgspan.h"
#include "load.h"

#define W_MSEC		((uint64_t)1000000)
#define W_SEC		(1000 * W_MSEC)
#define WATCHES		32
#define BUCKETS		4096
#define TASKS		CGSPAN_RES_TASKS
#define TTL		(15 * W_SEC)

/* A resource of a group in one kernel. */
struct kres {
	uint64_t limit;
	uint64_t lease;
	uint64_t used;
	uint64_t own;		/* that work() has brought about */
	uint64_t peak;
	uint64_t forks;
	uint64_t refusals;
	uint64_t asked;
	uint64_t low;
	bool exhausted;
	enum cgspan_credit told;	/* the worst since the lease was set */
	uint64_t demand;
};

/* A group there. */
struct kgroup {
	bool exists;
	uint8_t on_expiry;
	struct kres res[RES_N];
};

/**
 * struct wwatch - a watch of a daemon
 * @serial: 0: free
 * @ready: its first answer is in
 * @last: when the latest of its revisions will be there: they stay in order
 * @next: of the same bucket
 */
struct wwatch {
	uint64_t serial;
	bool ready;
	uint64_t last;
	char *prefix;
	unsigned int node;
	struct wwatch *next;
};

struct event;

struct wnode {
	char name[16];
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	char identity[16];	/* of the store, as its daemon was told */
	struct ledger *ledger;
	uint64_t run;		/* which daemon: answers to a dead one are lost */
	uint64_t tick_at;
	uint64_t kernel_epoch;
	uint64_t sent;
	struct kgroup groups[WORLD_GROUPS];
	struct wwatch watches[WATCHES];
	bool said[32];
	bool left;
	uint64_t waiting;	/* in the group under load */
	uint64_t out_until;	/* cut off from the store */
	uint64_t deaf_until;	/* its watches are late */
	uint64_t store;		/* which one its daemon speaks to: see restores */
	bool unaware;		/* nothing but its own keys tells it */
	bool disowned;		/* fenced, and does not know it yet */
	bool starting;		/* a cell, that is not its daemon's yet */
	uint64_t renewing;	/* to which epoch */
	uint64_t renewing_sent;
	struct event *setting;	/* a LEASE_SET's answer, but for this line */
	size_t setting_at;
	/* Recovering: no lease grows above. What is in use is claimed, and that
	 * has been within the lease, or charged without asking.
	 */
	uint64_t cap[WORLD_GROUPS][RES_N];
};

/* What one revision has changed; shared by all that are to hear of it. */
struct news {
	unsigned int refs;
	int64_t rev;
	size_t n;
	struct store_kv kvs[];
};

/**
 * struct mres - a resource of a group
 * @free: of the pool, by shard
 * @pool: their sum
 * @held: sum of the leases that count
 * @awaits: by node
 * @lease: by node
 */
struct mres {
	uint64_t free[SHARDS_MAX];
	uint64_t pool;
	uint64_t debt;
	uint64_t held;
	bool *awaits;
	struct lease_res *lease;
};

/* The store as the checker reads it, updated with each change. */
struct mirror {
	bool exists;
	struct group_rec rec;
	int64_t rev;
	struct mres res[RES_N];
};

enum wevent {
	EV_TICK,
	EV_TXN,			/* reaches the store */
	EV_LEADER,		/* the store's leader changes */
	EV_STATE,		/* what the daemon hears of that */
	EV_ANSWER,		/* of a transaction */
	EV_GET,			/* the answer of a read */
	EV_WATCH,		/* a revision reaches a watcher */
	EV_HELD,		/* a LEASE_SET's answer */
	EV_RENEWED,
	EV_LEFT,
	EV_CREDIT,
	EV_WORK,
	EV_FAULT,
	EV_START,
	EV_BACK,		/* the daemon hears that the store has gone back */
	EV_RECOVER,		/* the admin says which nodes there are */
	EV_CELL,		/* a cell has asked to be woken */
};

struct event {
	uint64_t at;
	uint64_t serial;
	enum wevent kind;
	unsigned int node;
	uint64_t run;
	uint64_t id;
	struct txn *txn;
	struct news *news;
	enum store_result res;
	int64_t rev;
	struct store_kv *kvs;
	size_t n;
	struct ledger_held *held;
	int no;
	bool late;
	bool again;		/* @res: what the first copy came to, in store @id */
	uint32_t about;
};

struct world {
	struct world_conf conf;
	struct world_stats stats;
	char breach[512];
	bool faults;
	uint32_t res;
	uint64_t rng;
	uint64_t coin;		/* another: of the faults of the store itself */
	uint64_t now;
	uint64_t serial;
	struct event *heap;
	size_t n_heap;
	size_t room;
	struct kvs store;
	int64_t rev;
	char identity[16];	/* of the store */
	uint64_t leader_at;	/* until then it takes nothing, and says nothing */
	struct kvs backup;
	int64_t backup_rev;	/* 0: there is none */
	uint64_t restores;
	bool recovering;	/* restored, and not all have claimed */
	bool told;		/* and the admin has said who there is */
	struct wwatch *by_prefix[BUCKETS];
	char paths[WORLD_GROUPS][32];
	int parents[WORLD_GROUPS];
	unsigned int n_paths;
	struct mirror mirror[WORLD_GROUPS];
	struct wnode *nodes;
	struct load *load;
	int load_group;
};

static uint64_t rnd(struct world *w, uint64_t below)
{
	return draw_below(&w->rng, below);
}

static uint64_t toss(struct world *w, uint64_t below)
{
	return draw_below(&w->coin, below);
}

static bool fault(struct world *w, unsigned int per_mille)
{
	return w->faults && rnd(w, 1000) < per_mille;
}

static bool store_fault(struct world *w, unsigned int per_mille)
{
	return w->faults && !w->conf.steady && toss(w, 1000) < per_mille;
}

__attribute__((format(printf, 2, 3)))
static void breach(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->breach[0])
		return;
	va_start(ap, fmt);
	vsnprintf(w->breach, sizeof(w->breach), fmt, ap);
	va_end(ap);
}

/* Events, earliest first; of one instant in the order of their making. */

static bool before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->serial < b->serial;
}

static void insert(struct world *w, struct event e)
{
	size_t i = w->n_heap++;

	if (i == w->room) {
		w->room = w->room ? 2 * w->room : 64;
		w->heap = need(realloc(w->heap, w->room * sizeof(*w->heap)));
	}
	for (; i && before(&e, &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = e;
}

static void push(struct world *w, struct event e, uint64_t delay)
{
	e.at = w->now + delay;
	e.serial = ++w->serial;
	insert(w, e);
}

/* Later, and still in order with what was made before and after it. */
static void put_off(struct world *w, struct event *e, uint64_t at)
{
	e->at = at;
	insert(w, *e);
	*e = (struct event){ 0 };
}

static struct event pop(struct world *w)
{
	struct event top = w->heap[0], e = w->heap[--w->n_heap];
	size_t i = 0, c;

	while ((c = 2 * i + 1) < w->n_heap) {
		if (c + 1 < w->n_heap && before(&w->heap[c + 1], &w->heap[c]))
			c++;
		if (!before(&w->heap[c], &e))
			break;
		w->heap[i] = w->heap[c];
		i = c;
	}
	w->heap[i] = e;
	return top;
}

static void news_put(struct news *news)
{
	if (--news->refs)
		return;
	for (size_t i = 0; i < news->n; i++) {
		free(news->kvs[i].key);
		free(news->kvs[i].val);
	}
	free(news);
}

static void event_fini(struct event *e)
{
	if (e->news)
		news_put(e->news);
	if (e->txn) {
		txn_fini(e->txn);
		free(e->txn);
	}
	for (size_t i = 0; i < e->n; i++) {
		free(e->kvs[i].key);
		free(e->kvs[i].val);
	}
	free(e->kvs);
	free(e->held);
}

/* One way to the store or back. */
static uint64_t hop(struct world *w)
{
	return w->conf.rtt / 4 + rnd(w, w->conf.rtt / 2) +
	       (fault(w, w->conf.faults) ? rnd(w, 200 * W_MSEC) : 0);
}

/* Names */

static int path_index(const struct world *w, const char *path)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		if (!strcmp(w->paths[i], path))
			return i;
	return -1;
}

static int path_add(struct world *w, const char *path)
{
	int i = path_index(w, path);
	char buf[CGSPAN_PATH_LEN + 1];

	if (i >= 0)
		return i;
	if (w->n_paths == WORLD_GROUPS) {
		fprintf(stderr, "world: too many groups\n");
		abort();
	}
	i = w->n_paths++;
	snprintf(w->paths[i], sizeof(w->paths[0]), "%s", path);
	for (int r = 0; r < RES_N; r++) {
		struct mres *m = &w->mirror[i].res[r];

		m->awaits = need(calloc(w->conf.nodes, sizeof(*m->awaits)));
		m->lease = need(calloc(w->conf.nodes, sizeof(*m->lease)));
	}
	for (unsigned int j = 0; j < w->n_paths; j++)
		w->parents[j] = path_parent(buf, w->paths[j]) ?
				path_index(w, buf) : -1;
	return i;
}

static int node_index(const struct world *w, const char *name)
{
	unsigned int i = strtoul(name + 1, NULL, 10);

	if (i < w->conf.nodes && !strcmp(w->nodes[i].name, name))
		return i;
	for (i = 0; i < w->conf.nodes; i++)
		if (!strcmp(w->nodes[i].name, name))
			return i;
	return -1;
}

static int id_index(const struct world *w, uint64_t id)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		if (w->mirror[i].exists && w->mirror[i].rec.id == id)
			return i;
	return -1;
}

/* The checker */

static void check_sum(struct world *w, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct mres *r = &m->res[res];
	uint64_t sum = r->pool + r->held;

	if (!m->exists || m->rec.limit[res] == CGSPAN_MAX)
		return;
	if (sum != m->rec.limit[res] + r->debt)
		breach(w, "revision %" PRId64 ": %s %s: leases and pool are %" PRIu64 ", limit and debt %" PRIu64 "+%" PRIu64,
		       w->rev, w->paths[i], cgspan_res_name(res), sum,
		       m->rec.limit[res], r->debt);
}

static void check_sums(struct world *w)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; r < RES_N; r++)
			check_sum(w, i, r);
}

static bool epoch_is_live(const struct world *w, unsigned int n)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&w->store,
					key_epoch(key, w->nodes[n].name));
	struct epoch_rec rec;

	return kv && !epoch_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.state == EPOCH_LIVE &&
	       epoch_number(&rec, kv->mod_rev) == w->nodes[n].kernel_epoch;
}

static uint64_t counted(const struct mirror *m, int res, int n)
{
	const struct lease_res *r = &m->res[res].lease[n];

	return r->gen == m->rec.gen[res] ? r->amount : 0;
}

static void check_lease(struct world *w, unsigned int n, int i, int res)
{
	const struct kgroup *g = &w->nodes[n].groups[i];
	const struct mirror *m = &w->mirror[i];
	const struct kres *r = &g->res[res];

	/* Who had no limit claims what is in use, whatever it was before. */
	if (g->exists && m->exists && m->rec.limit[res] == CGSPAN_MAX)
		w->nodes[n].cap[i][res] = CGSPAN_MAX;
	if (!g->exists || !m->exists || m->rec.limit[res] == CGSPAN_MAX ||
	    m->res[res].awaits[n])
		return;
	if (w->recovering) {
		if (r->lease > w->nodes[n].cap[i][res])
			breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": %s %s: %s was granted %" PRIu64 ", had %" PRIu64 ", and not all have claimed",
			       w->now / W_MSEC, w->rev, w->paths[i],
			       cgspan_res_name(res), w->nodes[n].name, r->lease,
			       w->nodes[n].cap[i][res]);
		return;
	}
	if (!epoch_is_live(w, n))
		return;
	if (r->lease > counted(m, res, n))
		breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": %s %s: the kernel of %s holds %" PRIu64 ", the store %" PRIu64,
		       w->now / W_MSEC, w->rev, w->paths[i], cgspan_res_name(res),
		       w->nodes[n].name, r->lease, counted(m, res, n));
}

static void check_kernel(struct world *w, unsigned int n, int i)
{
	for (int r = 0; r < RES_N; r++)
		check_lease(w, n, i, r);
}

/* Its policy ends the lease with the session. */
static bool on_hold(const struct world *w, const struct wnode *n,
		    const struct kgroup *g)
{
	return g->on_expiry != CGSPAN_ON_EXPIRY_CONTINUE && n->kernel_epoch &&
	       w->now > n->sent + TTL;
}

/* In session, as the store has it, or about to be. */
static bool is_in_store(const struct world *w, const struct wnode *n)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&w->store,
					       key_epoch(key, n->name));
	struct epoch_rec rec;

	return kv && !epoch_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.state == EPOCH_LIVE && !strcmp(rec.uuid, n->uuid);
}

static void check_claim(struct world *w, unsigned int n, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct kres *r = &w->nodes[n].groups[i].res[res];

	if (m->rec.limit[res] != CGSPAN_MAX && !m->res[res].awaits[n] &&
	    r->lease > counted(m, res, n))
		breach(w, "revision %" PRId64 ": all have claimed, but of %s %s the kernel of %s holds %" PRIu64 ", the store %" PRIu64,
		       w->rev, w->paths[i], cgspan_res_name(res), w->nodes[n].name,
		       r->lease, counted(m, res, n));
}

/* All have claimed: what the kernels hold is what the store has. */
static void check_claims(struct world *w)
{
	for (unsigned int k = 0; k < w->conf.nodes; k++) {
		struct wnode *n = &w->nodes[k];

		for (unsigned int i = 0; i < w->n_paths; i++) {
			if (!n->kernel_epoch || n->disowned ||
			    !n->groups[i].exists || !w->mirror[i].exists ||
			    !is_in_store(w, n) ||
			    on_hold(w, n, &n->groups[i]))
				continue;
			for (int r = 0; r < RES_N; r++)
				check_claim(w, k, i, r);
		}
	}
}

/* After each change: is the recovery at its end? */
static void check_recovery(struct world *w)
{
	const struct store_kv *kv = kvs_find(&w->store, KEY_CLUSTER_NAME);
	struct cluster_rec rec;

	if (!w->recovering || !w->told || !kv ||
	    cluster_parse(kv->val, kv->len, &rec, NULL))
		return;
	if (!rec.lost && !rec.await.n) {
		w->recovering = false;
		w->stats.recoveries++;
		check_claims(w);
	}
	cluster_fini(&rec);
}

/* After a change of this key: what may have come to be wrong by it. */
static void check_key(struct world *w, const char *name)
{
	struct key key;
	int i, n;

	if (key_parse(name, &key, NULL))
		return;
	i = key.kind == KEY_GROUP ? path_index(w, key.path) :
				    id_index(w, key.group);
	switch (key.kind) {
	case KEY_LEASE:
		n = node_index(w, key.node);
		if (i >= 0 && n >= 0)
			check_kernel(w, n, i);
		break;
	case KEY_EPOCH:
		n = node_index(w, key.node);
		for (i = w->n_paths; n >= 0 && i--; )
			check_kernel(w, n, i);
		break;
	case KEY_GROUP:
	case KEY_DEBT:
		for (n = w->conf.nodes; i >= 0 && n--; )
			check_kernel(w, n, i);
		break;
	default:
		break;
	}
}

static void mirror_debt(struct world *w, struct mres *m, const char *val)
{
	struct debt_rec debt = { 0 };

	if (val && debt_parse(val, strlen(val), &debt, NULL))
		breach(w, "a debt that cannot be read: %s", val);
	m->debt = debt.debt;
	for (unsigned int n = 0; n < w->conf.nodes; n++)
		m->awaits[n] = names_have(&debt.await, w->nodes[n].name);
	debt_fini(&debt);
}

static void mirror_lease(struct mirror *m, int n, const struct lease_rec *lease)
{
	for (int r = 0; r < RES_N; r++) {
		m->res[r].held -= counted(m, r, n);
		m->res[r].lease[n] = lease->res[r];
		m->res[r].held += counted(m, r, n);
	}
}

/* What else the store has of it is read anew. */
static void mirror_clear(struct world *w, struct mirror *m)
{
	for (int i = 0; i < RES_N; i++) {
		struct mres *r = &m->res[i];

		*r = (struct mres){ .awaits = r->awaits, .lease = r->lease };
		memset(r->awaits, 0, w->conf.nodes * sizeof(*r->awaits));
		memset(r->lease, 0, w->conf.nodes * sizeof(*r->lease));
	}
}

static void mirror_key(struct world *w, const char *name, const char *val)
{
	size_t len = val ? strlen(val) : 0;
	struct lease_rec lease = { 0 };
	struct pool_rec pool = { 0 };
	struct mirror *m;
	struct key key;
	int i, ret = 0;

	ret = key_parse(name, &key, NULL);
	if (ret == -ENOENT)
		return;
	if (ret) {
		breach(w, "a key that cannot be read: %s", name);
		return;
	}
	if (key.kind == KEY_GROUP) {
		m = &w->mirror[path_add(w, key.path)];
		m->exists = val;
		m->rec = (struct group_rec){ 0 };
		m->rev = w->rev;
		mirror_clear(w, m);
		if (val && group_parse(val, len, &m->rec, NULL))
			breach(w, "a group that cannot be read: %s", val);
		return;
	}
	if (key.kind != KEY_LEASE && key.kind != KEY_POOL &&
	    key.kind != KEY_DEBT)
		return;
	i = id_index(w, key.group);
	if (i < 0)
		return;
	m = &w->mirror[i];
	switch (key.kind) {
	case KEY_LEASE:
		if (val)
			ret = lease_parse(val, len, &lease, NULL);
		mirror_lease(m, node_index(w, key.node), &lease);
		break;
	case KEY_POOL:
		if (val)
			ret = pool_parse(val, len, &pool, NULL);
		if (key.shard >= shards_max(key.res)) {
			breach(w, "a shard too many: %s", name);
			break;
		}
		m->res[key.res].pool += pool.free -
					m->res[key.res].free[key.shard];
		m->res[key.res].free[key.shard] = pool.free;
		break;
	default:
		mirror_debt(w, &m->res[key.res], val);
		break;
	}
	if (ret)
		breach(w, "a value that cannot be read: %s", val);
}

/* A group's key was written: what else the store has of it is read anew. */
static void mirror_group(struct world *w, const char *name)
{
	struct key key, other;
	uint64_t id;

	if (key_parse(name, &key, NULL) || key.kind != KEY_GROUP ||
	    path_index(w, key.path) < 0 ||
	    !w->mirror[path_index(w, key.path)].exists)
		return;
	id = w->mirror[path_index(w, key.path)].rec.id;
	for (size_t i = 0; i < w->store.n; i++)
		if (!key_parse(w->store.kv[i].key, &other, NULL) &&
		    other.kind != KEY_GROUP && other.group == id)
			mirror_key(w, w->store.kv[i].key,
				   w->store.kv[i].val);
}

/* The store */

static bool has_leader(const struct world *w)
{
	return w->now >= w->leader_at;
}

static bool store_holds(const struct world *w, const struct store_txn *t)
{
	const struct store_kv *kv;

	for (size_t i = 0; i < t->n_cmps; i++) {
		kv = kvs_find(&w->store, t->cmps[i].key);
		if ((kv ? kv->mod_rev : 0) != t->cmps[i].mod_rev)
			return false;
	}
	return true;
}

static unsigned int bucket_of(const char *prefix, size_t len)
{
	uint32_t h = 2166136261u;

	while (len--)
		h = (h ^ (unsigned char)*prefix++) * 16777619u;
	return h % BUCKETS;
}

/* Who watches exactly this prefix hears of the news, after those before. */
static void wake_prefix(struct world *w, const char *key, size_t len,
			struct news *news)
{
	struct wwatch *v = w->by_prefix[bucket_of(key, len)];
	uint64_t at;

	for (; v; v = v->next) {
		if (!v->ready || strncmp(v->prefix, key, len) ||
		    v->prefix[len])
			continue;
		at = w->now + hop(w);
		if (at < w->nodes[v->node].deaf_until)
			at = w->nodes[v->node].deaf_until;
		v->last = v->last > at ? v->last : at;
		news->refs++;
		push(w, (struct event){ .kind = EV_WATCH, .node = v->node,
					.run = w->nodes[v->node].run,
					.id = v->serial, .news = news },
		     v->last - w->now);
	}
}

/* Prefixes that are watched end with a slash, or are a whole key. A watch that
 * two keys of the news concern is told by the first.
 */
static void wake_watchers(struct world *w, struct news *news)
{
	for (size_t i = 0; i < news->n; i++) {
		const char *key = news->kvs[i].key, *p = key;
		size_t len = strlen(key), k;

		while ((p = strchr(p, '/')) && p++) {
			for (k = 0; k < i; k++)
				if (!strncmp(news->kvs[k].key, key, p - key))
					break;
			if (k == i && p[0])
				wake_prefix(w, key, p - key, news);
		}
		wake_prefix(w, key, len, news);
	}
}

static struct news *make_news(struct world *w, const struct store_txn *t)
{
	struct news *news = need(calloc(1, sizeof(*news) +
					t->n_ops * sizeof(news->kvs[0])));

	news->refs = 1;
	news->rev = w->rev;
	news->n = t->n_ops;
	for (size_t i = 0; i < t->n_ops; i++)
		news->kvs[i] = (struct store_kv){
			.key = need(strdup(t->ops[i].key)),
			.val = t->ops[i].val ? need(strdup(t->ops[i].val)) :
					       NULL,
			.len = t->ops[i].len,
			.mod_rev = t->ops[i].val ? w->rev : 0,
		};
	return news;
}

static enum store_result store_commit(struct world *w,
				      const struct store_txn *t)
{
	struct news *news;

	if (!store_holds(w, t)) {
		w->stats.conflicts++;
		return STORE_CONFLICT;
	}
	if (!t->n_ops)
		return STORE_APPLIED;
	w->rev++;
	w->stats.revisions++;
	for (size_t i = 0; i < t->n_ops; i++)
		kvs_set(&w->store, t->ops[i].key, t->ops[i].val,
			  t->ops[i].len, t->ops[i].val ? w->rev : 0);
	for (size_t i = 0; i < t->n_ops; i++)
		mirror_key(w, t->ops[i].key, t->ops[i].val);
	for (size_t i = 0; i < t->n_ops; i++)
		mirror_group(w, t->ops[i].key);
	check_sums(w);
	check_recovery(w);
	for (size_t i = 0; i < t->n_ops; i++)
		check_key(w, t->ops[i].key);
	news = make_news(w, t);
	wake_watchers(w, news);
	news_put(news);
	if (w->conf.revised)
		w->conf.revised(w->conf.arg);
	return STORE_APPLIED;
}

static struct store_kv copy_kv(const char *key, const char *val, int64_t rev)
{
	return (struct store_kv){
		.key = need(strdup(key)),
		.val = val ? need(strdup(val)) : NULL,
		.len = val ? strlen(val) : 0,
		.mod_rev = rev,
	};
}

/* The compared keys as they are. */
static void read_compared(struct world *w, const struct store_txn *t,
			  struct event *e)
{
	const struct store_kv *kv;

	e->kvs = need(calloc(t->n_cmps + 1, sizeof(*e->kvs)));
	for (size_t i = 0; i < t->n_cmps; i++) {
		kv = kvs_find(&w->store, t->cmps[i].key);
		e->kvs[e->n++] = copy_kv(t->cmps[i].key, kv ? kv->val : NULL,
					 kv ? kv->mod_rev : 0);
	}
}

static void read_prefix(struct world *w, const char *prefix, struct event *e)
{
	const struct store_kv *kv;

	e->kvs = need(calloc(w->store.n + 1, sizeof(*e->kvs)));
	for (size_t i = kvs_lower(&w->store, prefix); i < w->store.n; i++) {
		kv = &w->store.kv[i];
		if (!has_prefix(kv->key, prefix))
			break;
		e->kvs[e->n++] = copy_kv(kv->key, kv->val, kv->mod_rev);
	}
	e->rev = w->rev;
}

/* The kernel */

/* From a group up to the root: those that this kernel has. */
static void charge(struct world *w, struct wnode *n, int i, int res,
		   int64_t by)
{
	struct kres *r;

	n->groups[i].res[res].own += by;
	for (; i >= 0; i = w->parents[i]) {
		if (!n->groups[i].exists)
			continue;
		r = &n->groups[i].res[res];
		r->used += by;
		r->peak = r->used > r->peak ? r->used : r->peak;
		if (n->cap[i][res] < r->used)
			n->cap[i][res] = r->used;
	}
}

/* Once for each lease that is set, and once more if it comes to be worse. */
static void tell_credit(struct world *w, struct wnode *n, int i, int res,
			enum cgspan_credit credit)
{
	struct kres *r = &n->groups[i].res[res];

	if (r->told >= credit || !n->ledger ||
	    (r->exhausted && credit != CGSPAN_CREDIT_OVERDRAWN))
		return;
	r->told = credit;
	push(w, (struct event){ .kind = EV_CREDIT, .node = n - w->nodes,
				.run = n->run, .id = i, .about = res,
				.late = credit == CGSPAN_CREDIT_REFUSED },
	     W_MSEC / 10);
}

static void kernel_refuse(struct world *w, struct wnode *n, int i, int res,
			  uint64_t amount)
{
	struct kres *r = &n->groups[i].res[res];

	r->refusals++;
	r->asked = amount > r->asked ? amount : r->asked;
	w->stats.refusals++;
	tell_credit(w, n, i, res, CGSPAN_CREDIT_REFUSED);
}

/* @again: it waits, and its refusal has been told. */
static bool kernel_admit(struct world *w, struct wnode *n, int i, int res,
			 uint64_t amount, bool again)
{
	struct kres *r;

	for (int j = i; j >= 0; j = w->parents[j]) {
		r = &n->groups[j].res[res];
		if (!n->groups[j].exists ||
		    ((r->lease == CGSPAN_MAX || r->used + amount <= r->lease) &&
		     !on_hold(w, n, &n->groups[j])))
			continue;
		if (!again)
			kernel_refuse(w, n, j, res, amount);
		return false;
	}
	charge(w, n, i, res, amount);
	w->stats.forks++;
	for (int j = i; j >= 0; j = w->parents[j]) {
		r = &n->groups[j].res[res];
		r->forks++;
		if (n->groups[j].exists && r->lease != CGSPAN_MAX &&
		    r->lease - r->used < r->low)
			tell_credit(w, n, j, res, CGSPAN_CREDIT_LOW);
	}
	return true;
}

static void kernel_void(struct wnode *n)
{
	for (int i = 0; i < WORLD_GROUPS; i++)
		for (int r = 0; r < RES_N; r++)
			n->groups[i].res[r].lease = 0;
}

static int kernel_renew(struct wnode *n, uint64_t epoch, uint64_t sent,
			uint64_t now)
{
	if (sent > now)
		return -ERANGE;
	if (epoch < n->kernel_epoch)
		return -ESTALE;
	if (epoch > n->kernel_epoch) {
		kernel_void(n);
		n->disowned = false;
	}
	n->kernel_epoch = epoch;
	if (sent > n->sent)
		n->sent = sent;
	return 0;
}

static int kernel_leave(struct wnode *n)
{
	for (int i = 0; i < WORLD_GROUPS; i++)
		for (int r = 0; r < RES_N; r++)
			if (n->groups[i].res[r].used)
				return -EBUSY;
	kernel_void(n);
	n->kernel_epoch = 0;
	return 0;
}

static struct ledger_held kernel_lease(struct world *w, struct wnode *n,
				       const struct ledger_item *it)
{
	struct ledger_held held = { 0 };
	int i = path_index(w, it->path);
	struct kres *g;

	if (i < 0 || !n->groups[i].exists) {
		held.missing = true;
		return held;
	}
	g = &n->groups[i].res[it->res];
	if (it->amount < g->lease)
		g->lease = it->amount > g->used ? it->amount :
			   g->used < g->lease ? g->used : g->lease;
	else
		g->lease = it->amount;
	g->low = it->low;
	g->exhausted = it->exhausted;
	g->told = CGSPAN_CREDIT_OK;
	g->asked = 0;
	if (w->load && i == w->load_group)
		load_poke(w->load, n - w->nodes, w->now);
	held.amount = g->lease;
	held.used = g->used;
	check_kernel(w, n - w->nodes, i);
	return held;
}

/* The daemon around the ledger */

static void drain(struct world *w, struct wnode *n);
static void went_back(struct world *w, struct wnode *n);

/* What waits for admission there. */
static uint64_t waiting(const struct world *w, const struct wnode *n, int i,
			int res)
{
	if (w->conf.cells && res == TASKS && !strcmp(w->paths[i], "/job"))
		return w->conf.cells->waiting(w->conf.arg, n - w->nodes);
	return w->load && i == w->load_group ? n->waiting : 0;
}

static struct ledger_fact fact(const struct world *w, const struct wnode *n,
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

/* The tasks are told of always, the rest if there is anything to tell. */
static bool is_blank(const struct kres *r)
{
	return r->limit == CGSPAN_MAX && !r->peak && !r->refusals &&
	       (!r->lease || r->lease == CGSPAN_MAX);
}

static void give_facts(struct world *w, struct wnode *n)
{
	struct ledger_fact facts[WORLD_GROUPS * RES_N];
	size_t c = 0;

	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; n->groups[i].exists && r < RES_N; r++)
			if (r == TASKS || !is_blank(&n->groups[i].res[r]))
				facts[c++] = fact(w, n, i, r);
	ledger_facts(n->ledger, w->now, facts, c, true);
}

static void group_new(struct wnode *n, int i)
{
	struct kgroup *k = &n->groups[i];

	k->exists = true;
	for (int r = 0; r < RES_N; r++)
		k->res[r] = (struct kres){
			.limit = CGSPAN_MAX,
			.lease = n->kernel_epoch ? 0 : CGSPAN_MAX,
			.demand = k->res[r].demand,
		};
}

static bool is_used(const struct kgroup *k)
{
	for (int r = 0; r < RES_N; r++)
		if (k->res[r].used)
			return true;
	return false;
}

/* The kernel's groups follow the store's. */
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
			group_new(n, p);
		k->on_expiry = g.rec->on_expiry;
		for (int r = 0; r < RES_N; r++)
			k->res[r].limit = g.rec->limit[r];
	}
	for (p = w->n_paths - 1; p >= 0; p--) {
		k = &n->groups[p];
		if (!wanted[p] && k->exists && !is_used(k))
			k->exists = false;
	}
	give_facts(w, n);
	ledger_reconciled(n->ledger, w->now, ledger_groups_rev(n->ledger));
}

static void daemon_tick(struct world *w, struct wnode *n)
{
	give_facts(w, n);
	drain(w, n);
	if (n->ledger)
		ledger_tick(n->ledger, w->now);
	if (n->ledger)
		drain(w, n);
	if (n->ledger && ledger_in_session(n->ledger))
		reconcile(w, n);
}

static struct wwatch *watch_find(struct wnode *n, const char *prefix)
{
	for (int i = 0; i < WATCHES; i++)
		if (n->watches[i].serial &&
		    !strcmp(n->watches[i].prefix, prefix))
			return &n->watches[i];
	return NULL;
}

static struct wwatch *watch_serial(struct wnode *n, uint64_t serial)
{
	for (int i = 0; i < WATCHES; i++)
		if (n->watches[i].serial == serial)
			return &n->watches[i];
	return NULL;
}

static void watch_begin(struct world *w, struct wnode *n, const char *prefix)
{
	struct wwatch *v = watch_serial(n, 0), **bucket;

	if (!v) {
		breach(w, "%s watches too much", n->name);
		return;
	}
	bucket = &w->by_prefix[bucket_of(prefix, strlen(prefix))];
	*v = (struct wwatch){ .serial = ++w->serial,
			      .prefix = need(strdup(prefix)),
			      .node = n - w->nodes, .next = *bucket };
	*bucket = v;
	push(w, (struct event){ .kind = EV_GET, .node = v->node,
				.run = n->run, .id = v->serial }, hop(w));
}

static void watch_end(struct world *w, struct wwatch *v)
{
	struct wwatch **p;

	if (!v || !v->serial)
		return;
	p = &w->by_prefix[bucket_of(v->prefix, strlen(v->prefix))];
	while (*p != v)
		p = &(*p)->next;
	*p = v->next;
	free(v->prefix);
	memset(v, 0, sizeof(*v));
}

/* A copy that outlives the ledger's. */
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
		/* The daemon gives up; the request may still arrive, or not. */
		w->stats.unknown++;
		push(w, (struct event){ .kind = EV_ANSWER, .node = e.node,
					.run = n->run, .id = in->id,
					.res = STORE_UNKNOWN },
		     100 * W_MSEC + rnd(w, 400 * W_MSEC));
		if (rnd(w, 3) && w->now >= n->out_until) {
			e.late = true;
			e.txn = copy_txn(in->txn);
			push(w, e, rnd(w, rnd(w, 2) ? 50 * W_MSEC :
						      3 * W_SEC));
		}
		return;
	}
	if (fault(w, w->conf.faults / 4)) {
		push(w, (struct event){ .kind = EV_ANSWER, .node = e.node,
					.run = n->run, .id = in->id,
					.res = STORE_ERROR }, hop(w));
		return;
	}
	e.txn = copy_txn(in->txn);
	push(w, e, hop(w));
}

/* What the root has of a cell; NULL: it does not know the group yet. */
static struct kres *cell_of(const struct world *w, struct wnode *n)
{
	int i = path_index(w, "/job");

	return i >= 0 ? &n->groups[i].res[TASKS] : NULL;
}

/* Is this line for the cell that the node is? */
static bool set_cell(struct world *w, struct wnode *n,
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
			if (!set_cell(w, n, &in->lease.items[i], i))
				e.held[i] = kernel_lease(w, n,
							 &in->lease.items[i]);
	}
	if (n->setting)
		*n->setting = e;
	else
		push(w, e, rnd(w, W_MSEC / 5));
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
	push(w, e, rnd(w, W_MSEC / 5));
}

static void carry_out(struct world *w, struct wnode *n,
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
		push(w, e, rnd(w, W_MSEC / 5));
		break;
	case LEDGER_STATUS:
		n->said[in->status.code] = true;
		if (getenv("WORLD_TRACE"))
			fprintf(stderr, "%8" PRIu64 " ms %s: %s%s%s\n",
				w->now / W_MSEC, n->name,
				in->status.peer ? in->status.peer : "",
				in->status.peer ? " " : "", in->status.text);
		break;
	case LEDGER_LEFT:
		n->left = true;
		break;
	}
}

static void drain(struct world *w, struct wnode *n)
{
	const struct ledger_intent *in;
	uint64_t at;

	if (!n->ledger)
		return;
	/* A daemon can be killed between any two of them. */
	while ((in = ledger_next(n->ledger))) {
		carry_out(w, n, in);
		if (n->left) {
			world_kill(w, n - w->nodes);
			return;
		}
		if (fault(w, 1) && fault(w, 10 * w->conf.faults)) {
			w->stats.kills++;
			world_kill(w, n - w->nodes);
			push(w, (struct event){ .kind = EV_START,
						.node = n - w->nodes },
			     rnd(w, rnd(w, 2) ? 20 * W_MSEC : 2 * W_SEC));
			return;
		}
	}
	at = ledger_timer(n->ledger);
	if (n->tick_at > w->now && n->tick_at <= at)
		return;
	n->tick_at = at;
	push(w, (struct event){ .kind = EV_TICK, .node = n - w->nodes,
				.run = n->run, .id = at }, at - w->now);
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
		.ttl_ms = TTL / W_MSEC,
		.heartbeat_ms = 5000,
		.shard_nodes = w->conf.shard_nodes,
		.seed = rnd(w, 0) + w->rng,
	};
	struct cgspan_err err;

	n->starting = false;
	if (ledger_new(&n->ledger, &conf, &err)) {
		breach(w, "%s: %s", n->name, err.msg);
		return;
	}
	memset(n->said, 0, sizeof(n->said));
	n->store = w->restores;
	strcpy(n->identity, w->identity);
	n->tick_at = 0;
	give_facts(w, n);
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
	push(w, (struct event){ .kind = EV_START, .node = node },
	     rnd(w, 2 * W_SEC));
}

/* Cells */

void world_after(struct world *w, unsigned int node, uint64_t ns, uint64_t id)
{
	push(w, (struct event){ .kind = EV_CELL, .node = node, .id = id }, ns);
}

void world_renewed(struct world *w, unsigned int node)
{
	struct wnode *n = &w->nodes[node];
	struct event e = { .kind = EV_RENEWED, .node = node, .run = n->run };

	e.no = kernel_renew(n, n->renewing, n->renewing_sent, w->now);
	push(w, e, 0);
}

void world_held(struct world *w, unsigned int node,
		const struct ledger_held *held)
{
	struct wnode *n = &w->nodes[node];
	struct event *e = n->setting;

	cell_of(w, n)->told = CGSPAN_CREDIT_OK;
	n->setting = NULL;
	e->held[n->setting_at] = *held;
	push(w, *e, 0);
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
		tell_credit(w, n, i, TASKS, CGSPAN_CREDIT_REFUSED);
	} else if (r->lease - r->used < r->low) {
		tell_credit(w, n, i, TASKS, CGSPAN_CREDIT_LOW);
	}
}

const struct kvs *world_store(const struct world *w)
{
	return &w->store;
}

uint64_t world_leader_in(const struct world *w)
{
	return has_leader(w) ? 0 : w->leader_at - w->now;
}

enum store_result world_commit(struct world *w, const struct store_txn *t)
{
	return store_commit(w, t);
}

/* Restoring: the store has what it had when the backup was taken */

void world_backup(struct world *w)
{
	const struct store_kv *kv;

	kvs_fini(&w->backup);
	for (size_t i = 0; i < w->store.n; i++) {
		kv = &w->store.kv[i];
		kvs_set(&w->backup, kv->key, kv->val, kv->len, kv->mod_rev);
	}
	w->backup_rev = w->rev;
}

/* No lease may grow above what its kernel has, or has been granted already, or
 * what is in use.
 */
static uint64_t cap_of(const struct world *w, unsigned int n, int i, int res)
{
	const struct mirror *m = &w->mirror[i];
	const struct kgroup *g = &w->nodes[n].groups[i];
	uint64_t cap = g->exists ? g->res[res].lease : 0;

	if (cap < g->res[res].used)
		cap = g->res[res].used;
	if (m->exists && m->rec.limit[res] == CGSPAN_MAX)
		return CGSPAN_MAX;
	if (m->exists && epoch_is_live(w, n) && counted(m, res, n) > cap)
		return counted(m, res, n);
	return cap;
}

static void set_caps(struct world *w)
{
	for (unsigned int n = 0; n < w->conf.nodes; n++)
		for (unsigned int i = 0; i < w->n_paths; i++)
			for (int r = 0; r < RES_N; r++)
				w->nodes[n].cap[i][r] = cap_of(w, n, i, r);
}

static void mirror_anew(struct world *w)
{
	struct key key;

	for (unsigned int i = 0; i < w->n_paths; i++) {
		w->mirror[i].exists = false;
		w->mirror[i].rec = (struct group_rec){ 0 };
		mirror_clear(w, &w->mirror[i]);
	}
	for (size_t i = 0; i < w->store.n; i++) {
		const struct store_kv *kv = &w->store.kv[i];

		if (key_parse(kv->key, &key, NULL) || key.kind != KEY_GROUP)
			continue;
		mirror_key(w, kv->key, kv->val);
		w->mirror[path_index(w, key.path)].rev = kv->mod_rev;
		mirror_group(w, kv->key);
	}
}

/* With a store that says it is the one that it was: has every kernel outlived a
 * heartbeat that the backup has not? (An older daemon's word is all there is.)
 */
static bool all_can_tell(const struct world *w)
{
	const struct store_kv *kv;
	char key[KEY_LEN];
	struct hb_rec hb;

	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		const struct wnode *n = &w->nodes[i];

		kv = kvs_find(&w->backup, key_hb(key, n->name));
		if (!n->kernel_epoch ||
		    (kv && !hb_parse(kv->val, kv->len, &hb, NULL) &&
		     hb.sent_ms >= n->sent / W_MSEC))
			return false;
	}
	return true;
}

bool world_restore(struct world *w, enum world_restore how)
{
	const struct store_kv *kv;
	bool ahead = false;

	if (w->recovering || (how == RESTORE_SAME && !all_can_tell(w)) ||
	    (how != RESTORE_EMPTY && !w->backup_rev))
		return false;
	set_caps(w);
	kvs_fini(&w->store);
	w->rev = how == RESTORE_EMPTY ? 1 : w->backup_rev;
	for (size_t i = 0; how != RESTORE_EMPTY && i < w->backup.n; i++) {
		kv = &w->backup.kv[i];
		kvs_set(&w->store, kv->key, kv->val, kv->len, kv->mod_rev);
	}
	mirror_anew(w);
	w->stats.restores++;
	w->stats.same += how == RESTORE_SAME;
	w->restores++;
	w->recovering = true;
	w->told = false;
	if (how != RESTORE_SAME)
		snprintf(w->identity, sizeof(w->identity), "sim-%u",
			 (unsigned int)w->restores);
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		struct wnode *n = &w->nodes[i];

		n->unaware = how == RESTORE_SAME && !rnd(w, 3);
		ahead |= n->unaware;
		if (!n->unaware)
			push(w, (struct event){ .kind = EV_BACK, .node = i,
						.run = n->run },
			     rnd(w, 500 * W_MSEC));
	}
	/* To be told nothing, they have been cut off until it had gone on. */
	if (ahead)
		w->rev += 1000;
	return true;
}

bool world_recovering(const struct world *w)
{
	return w->recovering;
}

/* What the store's engine tells the daemon: another one, or gone back. */
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
	push(w, (struct event){ .kind = EV_START, .node = n - w->nodes },
	     rnd(w, W_SEC));
}

/* Events that reach a daemon */

static void deliver(struct world *w, struct wnode *n, const struct event *e)
{
	const struct wwatch *v = watch_serial(n, e->id);
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
	struct wwatch *v = watch_serial(n, serial);
	struct event answer = { 0 };

	if (!v)
		return;
	if (n->store != w->restores && !n->unaware) {
		went_back(w, n);
		return;
	}
	read_prefix(w, v->prefix, &answer);
	v->ready = true;
	ledger_snapshot(n->ledger, w->now, v->prefix, answer.kvs, answer.n,
			answer.rev);
	event_fini(&answer);
	drain(w, n);
}

/* Whatever came of it, the daemon is not told. */
static void lose(struct world *w, struct event *answer)
{
	w->stats.unknown++;
	event_fini(answer);
	answer->kvs = NULL;
	answer->n = 0;
	answer->res = STORE_UNKNOWN;
}

/* A request that there is no leader for: a later one takes it, or nobody; only
 * of what nobody takes may the daemon be told that it has failed.
 */
static void reached_nobody(struct world *w, struct event *e)
{
	struct event answer = { .kind = EV_ANSWER, .node = e->node,
				.run = e->run, .id = e->id,
				.res = STORE_ERROR };
	bool taken = toss(w, 2), failed = !taken && toss(w, 2);

	if (!e->late && !failed)
		lose(w, &answer);
	if (!e->late)
		push(w, answer, failed ? toss(w, w->conf.rtt) :
				100 * W_MSEC + toss(w, 400 * W_MSEC));
	if (!taken)
		return;
	e->late = true;
	put_off(w, e, w->leader_at +
		      toss(w, toss(w, 2) ? 50 * W_MSEC : 3 * W_SEC));
}

/* What was sent once may be there twice: the store carries it out again. */
static void send_again(struct world *w, struct event *e, enum store_result res)
{
	if (!store_fault(w, w->conf.faults))
		return;
	e->late = true;
	e->again = true;
	e->res = res;
	e->id = w->restores;
	put_off(w, e, w->now + toss(w, toss(w, 2) ? 50 * W_MSEC : 3 * W_SEC));
}

static void reached_again(struct world *w, struct event *e,
			  enum store_result res)
{
	bool writes = e->txn->view.n_ops;

	w->stats.doubled++;
	if (writes && res == STORE_APPLIED && e->res == STORE_APPLIED &&
	    e->id == w->restores)
		breach(w, "at %" PRIu64 " ms, revision %" PRId64 ": a request of n%u was carried out twice",
		       w->now / W_MSEC, w->rev, e->node);
}

/* The store has said what came of it: this reaches the daemon, or not. */
static void answer(struct world *w, const struct event *e, enum store_result res)
{
	struct event a = { .kind = EV_ANSWER, .node = e->node, .run = e->run,
			   .id = e->id, .res = res, .rev = w->rev };
	const struct wnode *n = &w->nodes[e->node];
	/* An answer that does not go on from what was known is none. */
	bool back = n->store != w->restores && !n->unaware;

	if (res == STORE_CONFLICT)
		read_compared(w, &e->txn->view, &a);
	if (back)
		push(w, (struct event){ .kind = EV_BACK, .node = e->node,
					.run = e->run }, 0);
	/* Done, but the reply is lost. */
	if (back || fault(w, w->conf.faults))
		lose(w, &a);
	push(w, a, hop(w));
}

static void reached_store(struct world *w, struct event *e)
{
	enum store_result res;

	if (!has_leader(w)) {
		reached_nobody(w, e);
		return;
	}
	res = store_commit(w, &e->txn->view);
	w->stats.late += e->late && res == STORE_APPLIED;
	if (!e->late)
		answer(w, e, res);
	if (e->again)
		reached_again(w, e, res);
	else
		send_again(w, e, res);
}

/* A new leader is not there at once: meanwhile the store takes nothing, and who
 * watches it hears nothing. Of what the old one has done not all may be told.
 */
static void change_leader(struct world *w)
{
	uint64_t gap = 300 * W_MSEC + toss(w, 1200 * W_MSEC);

	w->stats.leaders++;
	w->leader_at = w->now + gap;
	for (size_t i = 0; i < w->n_heap; i++) {
		struct event *e = &w->heap[i];

		if (e->kind == EV_ANSWER && e->res != STORE_UNKNOWN &&
		    e->res != STORE_ERROR && toss(w, 2))
			lose(w, e);
	}
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		struct event e = { .kind = EV_STATE, .node = i,
				   .run = w->nodes[i].run };

		e.about = STORE_DOWN;
		push(w, e, toss(w, 300 * W_MSEC));
		e.about = STORE_UP;
		push(w, e, gap + toss(w, 300 * W_MSEC));
	}
}

static void leader_fault(struct world *w)
{
	if (w->faults)
		change_leader(w);
	push(w, (struct event){ .kind = EV_LEADER },
	     2 * W_SEC + toss(w, 8 * W_SEC));
}

/* Only the store can bring it about, or tell of it. */
static bool is_of_store(const struct event *e)
{
	return e->kind == EV_GET || e->kind == EV_WATCH || e->kind == EV_BACK ||
	       e->kind == EV_RECOVER;
}

/* Tasks come and go towards what each node wants; the rest does in pieces. */
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
			charge(w, n, i, res, -piece);
	}
}

static void work(struct world *w)
{
	struct wnode *n = &w->nodes[rnd(w, w->conf.nodes)];

	for (unsigned int i = 0; i < w->n_paths; i++)
		for (int r = 0; n->groups[i].exists && r < RES_N; r++)
			if (r == TASKS || n->groups[i].res[r].demand ||
			    n->groups[i].res[r].own)
				work_on(w, n, i, r);
	push(w, (struct event){ .kind = EV_WORK }, W_MSEC + rnd(w, 9 * W_MSEC));
}

/* What a backup from within a recovery waits for cannot be told from what the
 * present one does: it is not to be restored.
 */
static void restore_or_backup(struct world *w)
{
	if (w->recovering || !has_leader(w))
		return;
	if (rnd(w, 2))
		world_backup(w);
	else if (world_restore(w, rnd(w, RESTORE_N)))
		push(w, (struct event){ .kind = EV_RECOVER },
		     rnd(w, 8 * W_SEC));
}

static void one_fault(struct world *w)
{
	unsigned int node = rnd(w, w->conf.nodes);
	struct wnode *n = &w->nodes[node];

	if (w->conf.restores && !rnd(w, 4)) {
		restore_or_backup(w);
		return;
	}
	/* Nobody is fenced in a store that is known to be wrong. */
	if (w->recovering && !w->told)
		return;
	/* A cell does not boot. */
	switch (w->conf.cells ? 1 + rnd(w, 2) : rnd(w, 8)) {
	case 0:
		world_reboot(w, node);
		break;
	case 1:
		n->out_until = w->now + rnd(w, 3 * W_SEC);
		n->deaf_until = w->now + rnd(w, 3 * W_SEC);
		break;
	case 2:
		if (!n->ledger)
			break;
		w->stats.kills++;
		world_kill(w, node);
		push(w, (struct event){ .kind = EV_START, .node = node },
		     rnd(w, 4 * W_SEC));
		break;
	case 3:
		if (!has_leader(w))
			break;
		w->stats.fences++;
		world_fence(w, node);
		break;
	default:
		/* A new mood. */
		for (unsigned int i = 0; i < w->n_paths; i++)
			for (int r = 0; r < RES_N; r++)
				if (r == TASKS || n->groups[i].res[r].demand)
					n->groups[i].res[r].demand =
						rnd(w, 2) ? rnd(w, 60) : r > 0;
		break;
	}
}

/* Something reaches a daemon. */
static void heard(struct world *w, struct wnode *n, struct event *e)
{
	struct ledger_fact f;

	switch (e->kind) {
	case EV_TICK:
		if (e->id == n->tick_at)
			daemon_tick(w, n);
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
		f = fact(w, n, e->id, e->about);
		f.refused = e->late;
		if (n->groups[e->id].exists)
			ledger_facts(n->ledger, w->now, &f, 1, false);
		break;
	default:
		break;
	}
	drain(w, n);
}

static void happen(struct world *w, struct event *e)
{
	struct wnode *n = &w->nodes[e->node];

	w->stats.events++;
	if (!has_leader(w) && is_of_store(e)) {
		put_off(w, e, w->leader_at);
		return;
	}
	switch (e->kind) {
	case EV_WORK:
		work(w);
		break;
	case EV_FAULT:
		if (w->faults)
			one_fault(w);
		push(w, (struct event){ .kind = EV_FAULT },
		     rnd(w, 4 * W_SEC));
		break;
	case EV_START:
		world_start(w, e->node);
		break;
	case EV_RECOVER:
		if (w->recovering && !w->told)
			world_recover(w, w->conf.nodes);
		break;
	case EV_LEADER:
		leader_fault(w);
		break;
	case EV_TXN:
		reached_store(w, e);
		break;
	case EV_CELL:
		w->conf.cells->due(w->conf.arg, e->node, e->id);
		break;
	default:
		if (e->run == n->run && n->ledger)
			heard(w, n, e);
		break;
	}
}

void world_run(struct world *w, uint64_t ns)
{
	uint64_t end = w->now + ns, at;
	struct event e;

	while (w->n_heap && !w->breach[0]) {
		at = w->load ? load_next(w->load) : UINT64_MAX;
		if ((at < w->heap[0].at ? at : w->heap[0].at) > end)
			break;
		if (at < w->heap[0].at) {
			w->now = at;
			load_go_on(w->load);
			continue;
		}
		e = pop(w);
		w->now = e.at;
		happen(w, &e);
		event_fini(&e);
	}
	w->now = end;
}

/* The admin */

static void await_leader(struct world *w)
{
	if (!has_leader(w))
		world_run(w, w->leader_at - w->now);
}

enum verb { CREATE, SET, POLICY, DELETE, FENCE, LEAVE, CAST_OFF };

static int admin(struct world *w, enum verb verb, const char *what,
		 uint64_t limit)
{
	struct desired_change c = { 0 };
	struct cgspan_err err;
	struct txn t;
	int ret = 0;

	await_leader(w);
	c.limit_set[w->res] = true;
	c.limit[w->res] = limit;
	txn_init(&t);
	switch (verb) {
	case POLICY:
		c = (struct desired_change){ .on_expiry_set = true,
					     .on_expiry = limit };
		ret = desired_set(&t, &w->store, what, &c, &err);
		break;
	case CAST_OFF:
		ret = nodes_fence(&t, &w->store, what, NODES_RECOVER, 0, &err);
		break;
	case CREATE:
		ret = desired_create(&t, &w->store, what, &c, &err);
		break;
	case SET:
		ret = desired_set(&t, &w->store, what, &c, &err);
		break;
	case DELETE:
		ret = desired_delete(&t, &w->store, what, &err);
		break;
	case FENCE:
		ret = nodes_fence(&t, &w->store, what, "admin", 0, &err);
		break;
	case LEAVE:
		ret = nodes_leave(&t, &w->store, what, &err);
		break;
	}
	if (ret >= 0 && store_commit(w, &t.view) != STORE_APPLIED)
		breach(w, "an admin's transaction on what was just read conflicts");
	txn_fini(&t);
	return ret;
}

int world_create(struct world *w, const char *path, uint64_t limit)
{
	return admin(w, CREATE, path, limit);
}

int world_set(struct world *w, const char *path, uint64_t limit)
{
	int ret = admin(w, SET, path, limit);

	w->stats.sets += !ret;
	return ret;
}

int world_delete(struct world *w, const char *path)
{
	return admin(w, DELETE, path, 0);
}

int world_fence(struct world *w, unsigned int node)
{
	int ret;

	w->nodes[node].disowned = true;
	while ((ret = admin(w, FENCE, w->nodes[node].name, 0)) > 0)
		;
	return ret;
}

int world_policy(struct world *w, const char *path, uint8_t on_expiry)
{
	return admin(w, POLICY, path, on_expiry);
}

/* All nodes but @but are there, and wait to be told to claim. */
void world_recover(struct world *w, unsigned int but)
{
	struct names names = { 0 };
	struct txn t;

	for (unsigned int i = 0; i < w->conf.nodes; i++)
		if (i != but && !w->nodes[i].left &&
		    names_add(&names, w->nodes[i].name))
			need(NULL);
	await_leader(w);
	txn_init(&t);
	if (nodes_recover(&t, &w->store, w->identity, &names, NULL) ||
	    store_commit(w, &t.view) != STORE_APPLIED)
		breach(w, "a recovery could not begin");
	w->told = true;
	txn_fini(&t);
	names_fini(&names);
	if (but >= w->conf.nodes)
		return;
	w->nodes[but].disowned = true;
	while (admin(w, CAST_OFF, w->nodes[but].name, 0) > 0)
		;
}

int world_leave(struct world *w, unsigned int node)
{
	return admin(w, LEAVE, w->nodes[node].name, 0);
}

/* Under a load: nodes that have been in session for long, their daemons just
 * started again, with leases that cover what is in use.
 */

static bool load_admit(void *arg, unsigned int node, bool again)
{
	struct world *w = arg;

	return kernel_admit(w, &w->nodes[node], w->load_group, TASKS, 1,
			    again);
}

static void load_leave(void *arg, unsigned int node)
{
	struct world *w = arg;

	charge(w, &w->nodes[node], w->load_group, TASKS, -1);
}

static void load_wait(void *arg, unsigned int node, uint64_t waiting)
{
	struct world *w = arg;

	w->nodes[node].waiting = waiting;
}

static void put(struct world *w, const char *key, char *val)
{
	kvs_set(&w->store, key, need(val), strlen(val), ++w->rev);
	mirror_key(w, key, val);
	free(val);
}

/* What a node has in use, and a lease that covers it; of @free. */
static void had(const struct world *w, unsigned int i, uint64_t free,
		uint64_t *lease, uint64_t *used)
{
	if (w->conf.cells) {
		w->conf.cells->settled(w->conf.arg, i, lease, used);
		return;
	}
	*used = load_used(w->load, i);
	*lease = *used + *used / 20 + 1;
	if (*lease > *used + free)
		*lease = *used + free;
}

static void settle_node(struct world *w, struct wnode *n, uint64_t id,
			struct pool_rec *pool)
{
	struct epoch_rec epoch = { .state = EPOCH_LIVE };
	unsigned int i = n - w->nodes;
	struct hb_rec hb = { .seq = 1, .ttl_ms = 15000 };
	struct kres *g = &n->groups[w->load_group].res[TASKS], *root;
	struct lease_rec lease = { .seq = 1 };
	struct node_rec node = { 0 };
	char key[KEY_LEN];

	strcpy(epoch.machine, n->machine);
	strcpy(epoch.boot, n->boot);
	strcpy(epoch.uuid, n->uuid);
	strcpy(node.machine, n->machine);
	strcpy(node.boot, n->boot);
	strcpy(node.uuid, n->uuid);
	put(w, key_epoch(key, n->name), epoch_format(&epoch));
	n->kernel_epoch = w->rev;
	n->sent = w->now;
	put(w, key_node(key, n->name), node_format(&node));
	put(w, key_hb(key, n->name), hb_format(&hb));

	group_new(n, path_index(w, "/"));
	group_new(n, w->load_group);
	had(w, i, pool->free, &g->lease, &g->used);
	g->own = g->used;
	lease.res[TASKS] = (struct lease_res){ g->lease, 1, g->used,
					       g->lease - g->used };
	pool->free -= g->lease - g->used;
	pool->mean += g->used;
	pool->headroom += g->lease - g->used;
	put(w, key_lease(key, n->name, id), lease_format(&lease));
	root = &n->groups[path_index(w, "/")].res[TASKS];
	root->lease = CGSPAN_MAX;
	root->used = g->used;
}

/* Evenly, in as many shards as so many nodes have after a while. */
static void put_shards(struct world *w, uint64_t id, struct pool_rec all)
{
	unsigned int each = w->conf.shard_nodes ? w->conf.shard_nodes : 32;
	unsigned int n = (w->conf.nodes + each - 1) / each;
	struct pool_rec one;
	char key[KEY_LEN];

	n = n < SHARDS_MAX ? n : SHARDS_MAX;
	for (unsigned int k = 0; k < n; k++) {
		one.free = all.free / (n - k);
		one.mean = all.mean / (n - k);
		one.headroom = all.headroom / (n - k);
		all.free -= one.free;
		all.mean -= one.mean;
		all.headroom -= one.headroom;
		put(w, key_pool(key, id, TASKS, k), pool_format(&one));
	}
}

static void settle(struct world *w)
{
	static const struct load_ops ops = {
		load_admit, load_leave, load_wait,
	};
	struct cluster_rec cluster = cluster_fresh();
	struct load_conf conf = *w->conf.load;
	struct group_rec rec = group_root();
	struct pool_rec pool = { 0 };
	uint64_t lease, used;
	char key[KEY_LEN];

	conf.start = w->now;
	if (!w->conf.cells)
		w->load = load_new(&conf, &ops, w);
	path_add(w, "/");
	w->load_group = path_add(w, "/job");
	rec.id = cluster.next_id++;
	rec.limit[TASKS] = w->load ? load_limit(w->load) : conf.limit;
	rec.gen[TASKS] = 1;
	put(w, KEY_CLUSTER_NAME, cluster_format(&cluster));
	put(w, key_group(key, "/job"), group_format(&rec));
	pool.free = rec.limit[TASKS];
	for (unsigned int i = 0; i < w->conf.nodes; i++) {
		had(w, i, 0, &lease, &used);
		pool.free -= used;
	}
	for (unsigned int i = 0; i < w->conf.nodes; i++)
		settle_node(w, &w->nodes[i], rec.id, &pool);
	put_shards(w, rec.id, pool);
}

struct load *world_load(struct world *w)
{
	return w->load;
}

/* Making it */

struct world *world_new(const struct world_conf *conf)
{
	struct world *w = need(calloc(1, sizeof(*w)));

	w->conf = *conf;
	w->rng = conf->seed;
	w->coin = ~conf->seed;
	w->now = W_SEC;
	strcpy(w->identity, "sim");
	w->nodes = need(calloc(conf->nodes, sizeof(*w->nodes)));
	for (unsigned int i = 0; i < conf->nodes; i++) {
		struct wnode *n = &w->nodes[i];

		snprintf(n->name, sizeof(n->name), "n%u", i);
		snprintf(n->machine, sizeof(n->machine), "machine-%u", i);
		snprintf(n->boot, sizeof(n->boot), "boot-%u", i);
		snprintf(n->uuid, sizeof(n->uuid), "uuid-%u", i);
		push(w, (struct event){ .kind = EV_START, .node = i },
		     rnd(w, conf->load ? 2 * W_SEC : 50 * W_MSEC));
	}
	if (conf->load)
		settle(w);
	else if (!conf->cells)
		push(w, (struct event){ .kind = EV_WORK }, 0);
	push(w, (struct event){ .kind = EV_FAULT }, W_SEC);
	if (conf->faults && !conf->steady)
		push(w, (struct event){ .kind = EV_LEADER }, 2 * W_SEC);
	return w;
}

void world_free(struct world *w)
{
	for (unsigned int i = 0; i < w->conf.nodes; i++)
		world_kill(w, i);
	for (size_t i = 0; i < w->n_heap; i++)
		event_fini(&w->heap[i]);
	for (unsigned int i = 0; i < w->n_paths; i++) {
		for (int r = 0; r < RES_N; r++) {
			free(w->mirror[i].res[r].awaits);
			free(w->mirror[i].res[r].lease);
		}
	}
	if (w->load)
		load_free(w->load);
	free(w->nodes);
	free(w->heap);
	kvs_fini(&w->store);
	kvs_fini(&w->backup);
	free(w);
}

uint64_t world_now(const struct world *w)
{
	return w->now;
}

const struct world_stats *world_stats(const struct world *w)
{
	return &w->stats;
}

const char *world_breach(const struct world *w)
{
	return w->breach[0] ? w->breach : NULL;
}

void world_faults(struct world *w, bool on)
{
	w->faults = on;
	for (unsigned int i = 0; !on && i < w->conf.nodes; i++) {
		w->nodes[i].out_until = 0;
		w->nodes[i].deaf_until = 0;
	}
}

void world_about(struct world *w, uint32_t res)
{
	w->res = res;
}

void world_demand(struct world *w, unsigned int node, const char *path,
		  uint64_t tasks)
{
	w->nodes[node].groups[path_add(w, path)].res[w->res].demand = tasks;
}

bool world_admit(struct world *w, unsigned int node, const char *path,
		 uint64_t amount)
{
	int i = path_index(w, path);
	struct wnode *n = &w->nodes[node];

	if (!kernel_admit(w, n, i, w->res, amount, false))
		return false;
	n->groups[i].res[w->res].own -= amount;
	return true;
}

void world_release(struct world *w, unsigned int node, const char *path,
		   uint64_t amount)
{
	int i = path_index(w, path);
	struct wnode *n = &w->nodes[node];

	n->groups[i].res[w->res].own += amount;
	charge(w, n, i, w->res, -amount);
}

void world_move_in(struct world *w, unsigned int node, const char *path,
		   uint64_t tasks)
{
	int i = path_index(w, path);

	charge(w, &w->nodes[node], i, w->res, tasks);
	w->nodes[node].groups[i].res[w->res].demand += tasks;
	tell_credit(w, &w->nodes[node], i, w->res, CGSPAN_CREDIT_OVERDRAWN);
}

uint64_t world_lease(const struct world *w, unsigned int node,
		     const char *path)
{
	const struct mirror *m = &w->mirror[path_index(w, path)];

	return m->rec.limit[w->res] == CGSPAN_MAX ? CGSPAN_MAX :
						     counted(m, w->res, node);
}

uint64_t world_kernel(const struct world *w, unsigned int node,
		      const char *path)
{
	return w->nodes[node].groups[path_index(w, path)].res[w->res].lease;
}

uint64_t world_used(const struct world *w, unsigned int node, const char *path)
{
	return w->nodes[node].groups[path_index(w, path)].res[w->res].used;
}

uint64_t world_pool(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].res[w->res].pool;
}

uint64_t world_debt(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].res[w->res].debt;
}

uint64_t world_limit(const struct world *w, const char *path)
{
	return w->mirror[path_index(w, path)].rec.limit[w->res];
}

bool world_exists(const struct world *w, const char *path)
{
	int i = path_index(w, path);

	return i >= 0 && w->mirror[i].exists;
}

bool world_acked(const struct world *w, unsigned int node, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&w->store,
				key_ack(key, w->nodes[node].name));
	struct ack_rec ack;

	return kv && !ack_parse(kv->val, kv->len, &ack, NULL) &&
	       ack.rev >= w->mirror[path_index(w, path)].rev;
}

bool world_in_session(const struct world *w, unsigned int node)
{
	return w->nodes[node].ledger &&
	       ledger_in_session(w->nodes[node].ledger);
}

bool world_said(const struct world *w, unsigned int node,
		enum ledger_status code)
{
	return w->nodes[node].said[code];
}

bool world_left(const struct world *w, unsigned int node)
{
	return w->nodes[node].left;
}
