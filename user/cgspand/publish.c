// SPDX-License-Identifier: GPL-2.0
#include "publish.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "store/store.h"
#include "log.h"
#include "loop.h"
#include "mirror.h"
#include "enforce_module.h"
#include "model/sum.h"

#define MIN_PAUSE_NS	NSEC_PER_SEC

/* A node silent for this many times @rest_ns is not named for its headroom. */
#define FRESH		3

/* Another node, which publishes its usage. */
struct peer {
	struct peer *next;
	struct usage_rec usage;		/* last record of the node */
	uint64_t seen;			/* arrival of @usage, by enforce_clock() */
	bool fresh;			/* @seen is recent: see FRESH */
	bool there;			/* node is in the snapshot being read */
	char name[CGSPAN_NAME_LEN + 1];
};

/* The usage of this node, to the store; of all others, to the kernel. */
struct publish {
	struct enforce *enforce;	/* the kernel of this node */
	struct store *store;
	struct mirrors *mirrors;	/* mirror of usage/ */
	char key[KEY_LEN];		/* key usage/<this node> */
	/* The record sent last; its seq continues that of the last run. */
	struct usage_rec last;
	uint64_t sent_at;		/* when @last was sent; 0: never */
	uint64_t rest_ns;		/* send after this even if unchanged */
	bool sending;			/* a transaction is under way */
	bool seen_own;			/* usage/ has been read: @last.seq is set */
	bool stopped;			/* leaving: send nothing to the store */
	struct peer *peers;
	bool dirty;			/* the kernel lacks the latest @peers */
	int64_t groups_rev;		/* ledger_groups_rev() as last sent */
};

/* Usage of the other nodes, to the kernel */

static struct peer **find_peer(struct publish *p, const char *name)
{
	struct peer **q = &p->peers;

	while (*q && strcmp((*q)->name, name))
		q = &(*q)->next;
	return q;
}

static void drop_peer(struct publish *p, struct peer **q)
{
	struct peer *gone = *q;

	*q = gone->next;
	usage_fini(&gone->usage);
	free(gone);
	p->dirty = true;
}

/* Swap @rec with the peer's older record; add the peer if it is new. */
static void take_peer(struct publish *p, struct peer **q, const char *name,
		      struct usage_rec *rec)
{
	struct usage_rec old;

	if (!*q) {
		*q = calloc(1, sizeof(**q));
		if (!*q)
			return;
		strcpy((*q)->name, name);
	}
	old = (*q)->usage;
	(*q)->usage = *rec;
	*rec = old;
	(*q)->seen = enforce_clock(p->enforce);
	(*q)->fresh = true;
	(*q)->there = true;
	p->dirty = true;
}

static void take_usage(struct publish *p, const struct store_kv *kv)
{
	struct usage_rec rec;
	struct peer **q;
	struct key key;

	if (key_parse(kv->key, &key, NULL) || key.kind != KEY_USAGE)
		return;
	q = find_peer(p, key.node);
	if (!kv->val) {
		if (*q)
			drop_peer(p, q);
		return;
	}
	if (*q)
		(*q)->there = true;
	/* Keep older figures if a record is unreadable: their age is shown. */
	if (usage_parse(kv->val, kv->len, &rec, NULL))
		return;
	if (!strcmp(kv->key, p->key)) {
		if (rec.seq > p->last.seq)
			p->last.seq = rec.seq;
	} else if (!*q || (*q)->usage.seq != rec.seq) {
		take_peer(p, q, key.node, &rec);
	}	/* an unchanged record is skipped */
	usage_fini(&rec);
}

static void on_change(void *arg, const struct store_kv *kvs, size_t n,
		      int64_t rev)
{
	size_t i;

	(void)rev;
	for (i = 0; i < n; i++)
		take_usage(arg, &kvs[i]);
}

static void on_snapshot(void *arg, const char *prefix,
			const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct publish *p = arg;
	struct peer **q = &p->peers, *peer;

	(void)prefix;
	for (peer = p->peers; peer; peer = peer->next)
		peer->there = false;
	on_change(p, kvs, n, rev);
	while (*q) {
		if ((*q)->there)
			q = &(*q)->next;
		else
			drop_peer(p, q);
	}
	p->seen_own = true;
}

static int list_groups(const struct ledger *l, struct sum **out, size_t *n)
{
	struct ledger_group g;
	struct sum *sums;
	size_t i;

	for (*n = 0; ledger_groups(l, *n, &g); )
		++*n;
	sums = calloc(*n + 1, sizeof(*sums));
	if (!sums)
		return -ENOMEM;
	for (i = 0; i < *n && ledger_groups(l, i, &g); i++)
		sums[i] = (struct sum) { .id = g.rec->id, .path = g.path };
	sums_sort(sums, *n);
	*out = sums;
	return 0;
}

/* Add all peers up into @sums; set @all's time and number of nodes. */
static void add_up(const struct publish *p, struct sum *sums, size_t n,
		   struct cgspan_peer *all)
{
	const struct peer *peer;

	all->time = enforce_clock(p->enforce);
	for (peer = p->peers; peer; peer = peer->next) {
		all->nodes++;
		if (peer->seen < all->time)
			all->time = peer->seen;
		sums_add(sums, n, &peer->usage,
			 peer->fresh ? peer->name : NULL);
	}
}

static int send_peers(struct publish *p, const struct enforce_view *v,
		      const struct sum *sums, size_t n,
		      const struct cgspan_peer *all, struct cgspan_err *err)
{
	struct cgspan *kernel = enforce_kernel(p->enforce);
	struct cgspan_peer peers[CGSPAN_LEASES_MAX];
	const struct cgspan_group *g;
	size_t i, k = 0;
	uint32_t res;
	int ret = 0;

	for (i = 0; !ret && i < n; i++) {
		g = enforce_view_find(v, sums[i].path);
		for (res = 0; g && res < RES_N; res++) {
			if (!sums[i].used[res] && !enforce_res(g, res))
				continue;
			peers[k++] = (struct cgspan_peer) {
				.path = sums[i].path,
				.res = res,
				.used = sums[i].used[res],
				.nodes = all->nodes,
				.time = all->time,
				.node = sums[i].node[res],
				.headroom = sums[i].headroom[res],
			};
		}
		if (k + RES_N <= CGSPAN_LEASES_MAX)
			continue;
		ret = cgspan_peer_set(kernel, peers, k, err);
		k = 0;
	}
	return ret || !k ? ret : cgspan_peer_set(kernel, peers, k, err);
}

static void look_for_silent(struct publish *p)
{
	uint64_t now = enforce_clock(p->enforce);
	struct peer *peer;

	for (peer = p->peers; peer; peer = peer->next)
		if (peer->fresh && now - peer->seen > FRESH * p->rest_ns) {
			peer->fresh = false;
			p->dirty = true;
		}
}

static int tell_kernel(struct publish *p, const struct enforce_view *v,
		       const struct ledger *l, struct cgspan_err *err)
{
	struct cgspan_peer all = { 0 };
	struct sum *sums;
	size_t n;
	int ret;

	look_for_silent(p);
	if (!p->dirty && p->groups_rev == ledger_groups_rev(l))
		return 0;
	if (list_groups(l, &sums, &n))
		return cgspan_err_nomem(err);
	add_up(p, sums, n, &all);
	ret = send_peers(p, v, sums, n, &all, err);
	free(sums);
	if (!ret) {
		p->dirty = false;
		p->groups_rev = ledger_groups_rev(l);
	}
	return ret;
}

/* Usage of this node, to the store */

static void add_items(struct usage_rec *rec, const struct enforce_view *v,
		      const struct cgspan_group *k, uint64_t id)
{
	unsigned int r;

	for (r = 0; r < k->n_res; r++) {
		const struct cgspan_res *res = &k->res[r];

		/* Leave out: no member, use, refusal; lease 0 or max. */
		if (!v->members[k - v->groups] && !res->used &&
		    !res->refusals && (!res->lease || res->lease == CGSPAN_MAX))
			continue;
		rec->items[rec->n++] = (struct usage_item) {
			.group = id,
			.res = res->id,
			.used = res->used,
			.lease = res->lease,
			.live = k->live,
			.refusals = res->refusals,
			.headroom = v->members[k - v->groups] ?
				    enforce_headroom(v, k, res->id) : 0,
		};
	}
}

static int collect(struct usage_rec *rec, const struct enforce_view *v,
		   const struct ledger *l)
{
	struct ledger_group g;
	size_t i;

	rec->n = 0;
	rec->items = calloc(v->n * RES_N + 1, sizeof(*rec->items));
	if (!rec->items)
		return -ENOMEM;
	for (i = 0; ledger_groups(l, i, &g); i++) {
		const struct cgspan_group *k = enforce_view_find(v, g.path);

		if (k)
			add_items(rec, v, k, g.rec->id);
	}
	return 0;
}

static bool same_items(const struct usage_rec *a, const struct usage_rec *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		const struct usage_item *x = &a->items[i], *y = &b->items[i];

		if (x->group != y->group || x->res != y->res ||
		    x->used != y->used || x->lease != y->lease ||
		    x->live != y->live || x->refusals != y->refusals ||
		    x->headroom != y->headroom)
			return false;
	}
	return true;
}

static void on_sent(void *arg, enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n,
		    const struct cgspan_err *err)
{
	struct publish *p = arg;

	(void)rev;
	(void)kvs;
	(void)n;
	p->sending = false;
	if (res == STORE_ERROR)
		log_line(LOG_WARNING, "usage is not published: %s",
			 err ? err->msg : "the store refused");
}

/* Send a record; its items belong to the publisher, even after an error. */
static int send_usage(struct publish *p, struct usage_rec *rec,
		      struct cgspan_err *err)
{
	struct store_op op = { .key = p->key };
	const struct store_txn txn = { .ops = &op, .n_ops = 1 };
	char *val;
	int ret;

	rec->seq = p->last.seq + 1;
	val = usage_format(rec);
	usage_fini(&p->last);
	p->last = *rec;
	if (!val)
		return cgspan_err_nomem(err);
	op.val = val;
	op.len = strlen(val);
	ret = store_txn(p->store, &txn, on_sent, p, err);
	free(val);
	p->sending = !ret;
	return ret;
}

static int tell_store(struct publish *p, const struct enforce_view *v,
		      const struct ledger *l, struct cgspan_err *err)
{
	uint64_t age = loop_now() - p->sent_at;
	struct usage_rec rec;

	if (p->stopped || p->sending || !p->seen_own || age < MIN_PAUSE_NS)
		return 0;
	if (collect(&rec, v, l))
		return cgspan_err_nomem(err);
	if (p->sent_at && age < p->rest_ns && same_items(&rec, &p->last)) {
		usage_fini(&rec);
		return 0;
	}
	p->sent_at = loop_now();
	return send_usage(p, &rec, err);
}

int publish_tick(struct publish *p, const struct enforce_view *v,
		 const struct ledger *l, struct cgspan_err *err)
{
	int ret = tell_kernel(p, v, l, err);

	return ret ? ret : tell_store(p, v, l, err);
}

int publish_new(struct publish **out, sd_event *event, struct store *s,
		struct enforce *e, const char *name, uint64_t rest_ns,
		struct cgspan_err *err)
{
	struct publish *p = calloc(1, sizeof(*p));
	int ret;

	if (!p)
		return cgspan_err_nomem(err);
	p->enforce = e;
	p->store = s;
	p->rest_ns = rest_ns;
	p->dirty = true;
	key_usage(p->key, name);
	ret = mirrors_new(&p->mirrors, event, s, on_snapshot, on_change, p,
			  err);
	if (!ret)
		ret = mirror_add(p->mirrors, "usage/", err);
	if (ret)
		publish_free(p);
	else
		*out = p;
	return ret;
}

void publish_free(struct publish *p)
{
	if (!p)
		return;
	while (p->peers)
		drop_peer(p, &p->peers);
	mirrors_free(p->mirrors);
	usage_fini(&p->last);
	free(p);
}

void publish_stop(struct publish *p)
{
	p->stopped = true;
}
