// SPDX-License-Identifier: GPL-2.0
/*
 * audit: watch a store and report the first revision that breaks the sum
 *
 *	leases + pool = limit + debt
 *
 * of any group and resource with a limit. Shares the codec with the daemon, and
 * no code of the ledger.
 *
 * audit -c CONFIG	print "watching from revision N" and watch until
 *			SIGTERM; then "ok: N revisions"
 *	-v: also print each sum at each revision, with the CLOCK_BOOTTIME of
 *	its arrival:
 *	MS REVISION GROUP RESOURCE limit N debt N pool N leases N NODE=N...
 *	and, about ten times a second, the store's revision by a linearizable
 *	read that arrived at the first MS and was sent at the second one:
 *	MS REVISION asked MS
 * audit -c CONFIG -1	check the present store, and print each sum as
 *			GROUP RESOURCE limit N debt N pool N leases N
 *			and each lease in it as GROUP RESOURCE node NAME N
 *
 * Exit status: 0; 1: a sum is broken, or a record cannot be read; 2: another error.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "model/kvs.h"
#include "model/codec.h"
#include "config/file.h"
#include "config/store.h"
#include "libcgspan/cgspan.h"
#include "store/store.h"
#include "../vm/prog/clock.h"

#define ASK_USEC	100000

struct audit {
	struct store *store;
	struct store_watch *watch;
	sd_event *event;
	sd_event_source *ask;
	long long asked;
	struct kvs cache;
	bool once;
	bool verbose;
	uint64_t revisions;
};

/* Sums for one resource of one group; @each: text with " NODE=N" for each lease. */
struct sum {
	uint64_t pool;
	uint64_t leases;
	uint64_t debt;
	char each[4096];
	size_t len;
};

static void end(struct audit *a, int code)
{
	fflush(stdout);
	sd_event_exit(a->event, code);
}

static int broken(const struct store_kv *kv, const struct cgspan_err *err)
{
	printf("audit: revision %" PRId64 ": %s: %s\n", kv->mod_rev, kv->key,
	       err->msg);
	return 1;
}

static void add_lease(struct sum *s, const struct key *key, uint64_t amount)
{
	int len = snprintf(s->each + s->len, sizeof(s->each) - s->len,
			   " %s=%" PRIu64, key->node, amount);

	s->leases += amount;
	if (len > 0 && s->len + len < sizeof(s->each))
		s->len += len;
}

static void print_lease(const struct audit *a, const char *path,
			const struct key *key, int res, uint64_t amount)
{
	if (a->once)
		printf("%s %s node %s %" PRIu64 "\n", path, cgspan_res_name(res),
		       key->node, amount);
}

/* Add @kv to the sum @s if it is of @g and @res. Return: 0; 1: the record is broken. */
static int add_key(const struct audit *a, const char *path,
		   const struct group_rec *g, int res,
		   const struct store_kv *kv, struct sum *s)
{
	struct cgspan_err err;
	struct lease_rec lease;
	struct pool_rec pool;
	struct debt_rec debt;
	struct key key;
	int ret;

	ret = key_parse(kv->key, &key, &err);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return broken(kv, &err);
	if (key.group != g->id)
		return 0;
	if (key.kind == KEY_LEASE) {
		if (lease_parse(kv->val, kv->len, &lease, &err))
			return broken(kv, &err);
		if (lease.res[res].gen != g->gen[res])
			return 0;
		add_lease(s, &key, lease.res[res].amount);
		print_lease(a, path, &key, res, lease.res[res].amount);
	} else if (key.kind == KEY_POOL && key.res == (uint32_t)res) {
		if (pool_parse(kv->val, kv->len, &pool, &err))
			return broken(kv, &err);
		s->pool += pool.free;
	} else if (key.kind == KEY_DEBT && key.res == (uint32_t)res) {
		if (debt_parse(kv->val, kv->len, &debt, &err))
			return broken(kv, &err);
		s->debt += debt.debt;
		debt_fini(&debt);
	}
	return 0;
}

static void print_sum(const char *path, const struct group_rec *g, int res,
		      const struct sum *s)
{
	printf("%s %s limit %" PRIu64 " debt %" PRIu64 " pool %" PRIu64
	       " leases %" PRIu64, path, cgspan_res_name(res), g->limit[res], s->debt,
	       s->pool, s->leases);
}

static void print_time(int64_t rev)
{
	printf("%lld %" PRId64 " ", now_ms(), rev);
}

static int check_res(const struct audit *a, const char *path,
		     const struct group_rec *g, int res, int64_t rev)
{
	struct sum s = { 0 };
	size_t i;

	if (g->limit[res] == CGSPAN_MAX)
		return 0;
	for (i = 0; i < a->cache.n; i++)
		if (add_key(a, path, g, res, &a->cache.kv[i], &s))
			return 1;
	if (a->verbose)
		print_time(rev);
	if (a->verbose || a->once) {
		print_sum(path, g, res, &s);
		printf("%s\n", a->verbose ? s.each : "");
	}
	if (s.leases + s.pool == g->limit[res] + s.debt)
		return 0;
	printf("audit: revision %" PRId64 ": %s %s: leases %" PRIu64
	       " + pool %" PRIu64 " != limit %" PRIu64 " + debt %" PRIu64 "\n",
	       rev, path, cgspan_res_name(res), s.leases, s.pool, g->limit[res],
	       s.debt);
	return 1;
}

static int check_all(const struct audit *a, int64_t rev)
{
	struct cgspan_err err;
	struct group_rec g;
	struct key key;
	size_t i;
	int r;

	for (i = kvs_lower(&a->cache, "group/"); i < a->cache.n; i++) {
		const struct store_kv *kv = &a->cache.kv[i];

		if (key_parse(kv->key, &key, &err) || key.kind != KEY_GROUP)
			break;
		if (group_parse(kv->val, kv->len, &g, &err))
			return broken(kv, &err);
		for (r = 0; r < RES_N; r++)
			if (check_res(a, key.path, &g, r, rev))
				return 1;
	}
	return 0;
}

static int take(struct audit *a, const struct store_kv *kvs, size_t n,
		int64_t rev)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (kvs_set(&a->cache, kvs[i].key, kvs[i].val, kvs[i].len,
			      kvs[i].val ? kvs[i].mod_rev : rev) < 0) {
			printf("audit: out of memory\n");
			end(a, 2);
			return -1;
		}
	return 0;
}

static void on_watch(void *arg, enum store_watch_kind kind, int64_t rev,
		     const struct store_kv *kvs, size_t n)
{
	struct audit *a = arg;

	if (kind == STORE_WATCH_LOST) {
		printf("audit: revisions up to %" PRId64 " were missed\n", rev);
		end(a, 2);
		return;
	}
	if (kind != STORE_WATCH_REV || take(a, kvs, n, rev))
		return;
	a->revisions++;
	if (check_all(a, rev))
		end(a, 1);
	fflush(stdout);
}

static void ask_later(struct audit *a)
{
	if (sd_event_source_set_time_relative(a->ask, ASK_USEC) < 0 ||
	    sd_event_source_set_enabled(a->ask, SD_EVENT_ONESHOT) < 0)
		end(a, 2);
}

static void on_answer(void *arg, const struct store_kv *kvs, size_t n,
		      int64_t rev, const struct cgspan_err *why)
{
	struct audit *a = arg;

	(void)kvs;
	(void)n;
	if (!why) {
		print_time(rev);
		printf("asked %lld\n", a->asked);
		fflush(stdout);
	}
	ask_later(a);
}

static int on_ask(sd_event_source *src, uint64_t usec, void *arg)
{
	struct audit *a = arg;

	(void)src;
	(void)usec;
	a->asked = now_ms();
	if (store_get(a->store, KEY_CLUSTER_NAME, false, on_answer, a, NULL))
		ask_later(a);
	return 0;
}

/* Read the store's revision repeatedly: this shows how far the watch is behind. */
static int ask(struct audit *a)
{
	return sd_event_add_time_relative(a->event, &a->ask, CLOCK_BOOTTIME, 0,
					  1000, on_ask, a);
}

static void on_read(void *arg, const struct store_kv *kvs, size_t n,
		    int64_t rev, const struct cgspan_err *why)
{
	struct cgspan_err err = { 0 };
	struct audit *a = arg;

	if (why) {
		printf("audit: %s\n", why->msg);
		end(a, 2);
		return;
	}
	if (take(a, kvs, n, rev))
		return;
	if (check_all(a, rev)) {
		end(a, 1);
	} else if (a->once) {
		end(a, 0);
	} else if (store_watch(a->store, "", rev + 1, on_watch, a, &a->watch,
			       &err)) {
		printf("audit: %s\n", err.msg);
		end(a, 2);
	} else if (a->verbose && ask(a) < 0) {
		printf("audit: no timer\n");
		end(a, 2);
	} else {
		printf("watching from revision %" PRId64 "\n", rev + 1);
		fflush(stdout);
	}
}

static int on_term(sd_event_source *src, const struct signalfd_siginfo *si,
		   void *arg)
{
	struct audit *a = arg;

	(void)src;
	(void)si;
	printf("ok: %" PRIu64 " revisions\n", a->revisions);
	end(a, 0);
	return 0;
}

static int open_store(struct audit *a, const struct config *c,
		      struct cgspan_err *err)
{
	int ret;

	if (!c->store)
		return cgspan_err_set(err, -EINVAL, "no store is configured");
	ret = config_store_open(&a->store, a->event, c, NULL, NULL, err);
	return ret ? ret : store_get(a->store, "", true, on_read, a, err);
}

int main(int argc, char **argv)
{
	struct audit a = { 0 };
	struct cgspan_err err;
	const char *path = NULL;
	struct config c;
	sigset_t set;
	int opt, ret;

	while ((opt = getopt(argc, argv, "c:1v")) != -1) {
		if (opt == 'c')
			path = optarg;
		else if (opt == '1')
			a.once = true;
		else if (opt == 'v')
			a.verbose = true;
		else
			return 2;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ret = config_load(&c, path, &err);
	if (!ret && (sd_event_new(&a.event) < 0 ||
		     sd_event_add_signal(a.event, NULL, SIGTERM, on_term,
					 &a) < 0))
		ret = cgspan_err_set(&err, -ENOMEM, "no event loop");
	if (!ret)
		ret = open_store(&a, &c, &err);
	if (ret) {
		printf("audit: %s\n", err.msg);
		return 2;
	}
	ret = sd_event_loop(a.event);
	store_close(a.store);
	sd_event_source_unref(a.ask);
	sd_event_unref(a.event);
	kvs_fini(&a.cache);
	config_free(&c);
	return ret < 0 ? 2 : ret;
}
