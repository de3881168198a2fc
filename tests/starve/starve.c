// SPDX-License-Identifier: GPL-2.0
/*
 * How long does a starved node wait for units of a lease that another node does not need?
 *
 * starve CONFIG ROUNDS KERNEL KERNEL
 *
 * The daemons of the nodes n0 and n1 run already, with these kernels in files
 * (kernel.h) and the store that the configuration names; KERNEL_GROUP has limit LIMIT.
 * In each round one node leases over 90 % of the limit, the other one the rest, and the
 * pool is empty. Then most tasks of the first end, and just after that forks of the
 * other, the starved node, are refused. Measured are the time until the starved node's
 * kernel has a larger lease, and the transactions on wants, leases and pools until the
 * store has it; for comparison, the time of transactions of one compare and one put.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "model/codec.h"
#include "config/file.h"
#include "config/store.h"
#include "libcgspan/err.h"
#include "kernel.h"
#include "cgspand/loop.h"
#include "store/store.h"
#include "model/txn.h"

#define NODES		2
#define LIMIT		1000
#define BARE		5	/* transactions for comparison in each round */
#define PATIENCE	(20 * NSEC_PER_SEC)
#define QUIET		(300 * NSEC_PER_MSEC)
#define BARE_KEY	"bench/starve"
/* Upper bounds: transactions in a round; median wait / median time of a bare one. */
#define COMMITS		3
#define TIMES		8

/**
 * struct bench - the state of the program
 * @path: path of the configuration
 * @kernels: kernels of the nodes
 * @rev: revision of the store's last answer
 * @done: the awaited answer has arrived
 * @bare_rev: mod_rev of BARE_KEY
 * @wanting: nodes with a key want/ in the store; bit i: node i
 * @moved: time of the last change of a want, lease or pool, or of kernel_want()
 * @starved: number of the starved node; -1: none, or the store has its larger lease
 * @had: lease of the starved node before it was refused
 * @commits: transactions on a want, lease or pool while @starved is not -1
 */
struct bench {
	const char *path;
	struct cgspan *kernels[NODES];
	sd_event *event;
	struct store *store;
	int64_t rev;
	bool done;
	int64_t bare_rev;
	unsigned int wanting;
	uint64_t moved;
	int starved;
	uint64_t had;
	unsigned int commits;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "starve: %s: %s\n", what, why);
	exit(1);
}

/* Run the loop, which takes the store's answers, until @cond holds; fail after PATIENCE. */
#define UNTIL(b, cond, what) do {					\
	uint64_t _end = loop_now() + PATIENCE;				\
	while (!(cond)) {						\
		if (loop_now() > _end)					\
			fail(what, "it does not come");			\
		sd_event_run((b)->event, 1000);		\
	}								\
} while (0)

static bool is_move(const char *key)
{
	return !strncmp(key, "want/", 5) || !strncmp(key, "lease/", 6) ||
	       !strncmp(key, "pool/", 5);
}

static void note_want(struct bench *b, const struct store_kv *kv)
{
	struct key key;

	if (key_parse(kv->key, &key, NULL) || key.kind != KEY_WANT)
		return;
	b->wanting &= ~(1U << (key.node[1] - '0'));
	if (kv->val)
		b->wanting |= 1U << (key.node[1] - '0');
}

/* Is this change a larger lease of the starved node? */
static bool is_growth(const struct bench *b, const struct store_kv *kv)
{
	struct lease_rec rec;
	struct key key;

	return kv->val && !key_parse(kv->key, &key, NULL) &&
	       key.kind == KEY_LEASE && key.node[1] == '0' + b->starved &&
	       !lease_parse(kv->val, kv->len, &rec, NULL) &&
	       rec.res[CGSPAN_RES_TASKS].amount > b->had;
}

static void on_change(void *arg, enum store_watch_kind kind, int64_t rev,
		      const struct store_kv *kvs, size_t n)
{
	bool moves = false, grows = false;
	struct bench *b = arg;

	if (kind == STORE_WATCH_LOST)
		fail("the watch", "it is lost");
	for (size_t i = 0; kind == STORE_WATCH_REV && i < n; i++) {
		note_want(b, &kvs[i]);
		moves |= is_move(kvs[i].key);
		grows |= b->starved >= 0 && is_growth(b, &kvs[i]);
	}
	if (moves)
		b->moved = loop_now();
	if (b->starved < 0)
		return;
	b->commits += moves;
	if (grows)
		b->starved = -1;
}

static void on_txn(void *arg, enum store_result res, int64_t rev,
		   const struct store_kv *kvs, size_t n,
		   const struct cgspan_err *err)
{
	struct bench *b = arg;

	if (res != STORE_APPLIED)
		fail("a transaction", err ? err->msg : "a conflict");
	b->rev = rev;
	b->done = true;
}

static void commit(struct bench *b, struct txn *t)
{
	struct cgspan_err err;

	b->done = false;
	if (t->error || store_txn(b->store, &t->view, on_txn, b, &err))
		fail("a transaction", "it cannot be sent");
	while (!b->done)
		sd_event_run(b->event, UINT64_MAX);
	txn_fini(t);
}

static void on_read(void *arg, const struct store_kv *kvs, size_t n,
		    int64_t rev, const struct cgspan_err *why)
{
	struct bench *b = arg;

	if (why)
		fail("the store", why->msg);
	b->rev = rev;
	b->done = true;
}

static void open_store(struct bench *b)
{
	struct store_watch *w;
	struct cgspan_err err;
	struct config c;

	if (config_load(&c, b->path, &err))
		fail("the configuration", err.msg);
	if (sd_event_new(&b->event) < 0)
		fail("the bench", "no event loop");
	if (config_store_open(&b->store, b->event, &c, NULL, NULL, &err))
		fail("the store", err.msg);
	if (store_get(b->store, "", true, on_read, b, &err))
		fail("the store", err.msg);
	UNTIL(b, b->done, "the store's answer");
	if (store_watch(b->store, "", b->rev + 1, on_change, b, &w, &err))
		fail("the watch", err.msg);
}

static void want(struct bench *b, int node, uint64_t tasks)
{
	kernel_want(b->kernels[node], tasks);
}

static double bare(struct bench *b)
{
	uint64_t from = loop_now();
	struct txn t;

	txn_init(&t);
	txn_compare(&t, BARE_KEY, b->bare_rev);
	txn_put(&t, BARE_KEY, strdup("{}"));
	commit(b, &t);
	b->bare_rev = b->rev;
	return (double)(loop_now() - from) / NSEC_PER_MSEC;
}

static double starve(struct bench *b, int node, double *bares)
{
	struct kernel *rich = b->kernels[!node]->kernel;
	struct kernel *poor = b->kernels[node]->kernel;
	uint64_t from;

	do {
		want(b, node, 0);
		want(b, !node, 2 * LIMIT);
		UNTIL(b, rich->lease + poor->lease == LIMIT &&
			 rich->lease > LIMIT * 9 / 10, "that one node holds all");
		want(b, !node, rich->lease);
		b->moved = loop_now();
		UNTIL(b, !b->wanting && loop_now() - b->moved > QUIET,
		      "a quiet moment");
	} while (rich->lease + poor->lease != LIMIT);
	for (int i = 0; i < BARE; i++)
		bares[i] = bare(b);

	b->had = poor->lease;
	b->commits = 0;
	b->starved = node;
	poor->since = 0;
	from = loop_now();
	want(b, !node, LIMIT / 20);
	want(b, node, LIMIT / 2);
	UNTIL(b, poor->since && b->starved < 0, "what the starved node waits for");
	return (double)(poor->since - from) / NSEC_PER_MSEC;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double part(double *sorted, size_t n, double p)
{
	return sorted[(size_t)(p * (double)(n - 1) + 0.5)];
}

int main(int argc, char **argv)
{
	struct bench b = {
		.path = argc > 1 ? argv[1] : "", .starved = -1,
	};
	size_t rounds = argc > 2 + NODES ? strtoul(argv[2], NULL, 10) : 0;
	double *times, *bares, *commits, median, once;
	size_t more = 0;

	if (!rounds) {
		fputs("starve CONFIG ROUNDS KERNEL KERNEL\n", stderr);
		return 2;
	}
	times = calloc(rounds * (BARE + 2), sizeof(*times));
	if (!times)
		fail("memory", strerror(ENOMEM));
	commits = times + rounds;
	bares = commits + rounds;
	for (int i = 0; i < NODES; i++)
		b.kernels[i] = kernel_open(argv[3 + i]);
	open_store(&b);
	UNTIL(&b, b.kernels[0]->kernel->lease && b.kernels[1]->kernel->lease, "the first leases");
	for (size_t i = 0; i < rounds; i++) {
		times[i] = starve(&b, i % 2, bares + i * BARE);
		commits[i] = b.commits;
		more += b.commits > COMMITS;
	}
	qsort(times, rounds, sizeof(*times), by_size);
	qsort(commits, rounds, sizeof(*commits), by_size);
	qsort(bares, rounds * BARE, sizeof(*bares), by_size);
	median = part(times, rounds, 0.5);
	once = part(bares, rounds * BARE, 0.5);
	printf("{\"rounds\":%zu,\"median_ms\":%.3f,\"p99_ms\":%.3f,\"bare_ms\":%.3f,\"bare_p99_ms\":%.3f,\"times\":%.2f,\"commits\":%g,\"commits_most\":%g,\"commits_more\":%zu}\n",
	       rounds, median, part(times, rounds, 0.99), once,
	       part(bares, rounds * BARE, 0.99), median / once,
	       part(commits, rounds, 0.5), commits[rounds - 1], more);
	return median > TIMES * once || more;
}
