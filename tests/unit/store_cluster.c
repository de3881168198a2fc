// SPDX-License-Identifier: GPL-2.0
/*
 * Three etcd members; some are killed or paused while a counter is increased.
 * An addition with the result UNKNOWN is settled by a read or a later write, so
 * that the counter is exact at the end.
 */
#include "store_fixture.h"

#define TIMEOUT_MS	1000

static struct {
	int added;
	int64_t rev;	/* revision of the key "sum"; 0: not known */
	unsigned int attempts;
	unsigned int unknown;
} sum;

/* The value of the key "sum" is "<count> <number of the attempt>". */
static bool read_sum(struct env *e, int *count, unsigned int *attempt,
		     int64_t *rev)
{
	*count = 0;
	*attempt = 0;
	*rev = 0;
	CHECK(wait_until(e->ev, ({
		CHECK(ask(e, "sum", false));
		!e->a.err.no;
	})));
	if (!e->a.n)
		return true;
	*rev = e->a.kv[0].mod_rev;
	CHECK(sscanf(e->a.kv[0].val, "%d %u", count, attempt) == 2);
	return true;
}

/* *@made: was the attempt @mine applied? On return it cannot be applied any more. */
static bool settle(struct env *e, unsigned int mine, bool *made)
{
	int64_t end = now_ms() + DEADLINE_MS;
	unsigned int attempt;
	char val[32];
	int64_t rev;
	int count;

	while (now_ms() < end) {
		CHECK(read_sum(e, &count, &attempt, &rev));
		*made = attempt == mine;
		if (*made)
			return true;
		/* A new revision of the key, with the same value, makes the attempt conflict. */
		snprintf(val, sizeof(val), "%d %u", count, attempt);
		CHECK(put_if(e, "sum", rev, val));
		if (e->a.res == STORE_APPLIED)
			return true;
	}
	CHECK(!"settled in time");
	return false;
}

static bool add_one(struct env *e)
{
	int64_t end = now_ms() + DEADLINE_MS;
	unsigned int attempt;
	char val[32];
	bool made = false;
	int64_t rev;
	int count;

	while (!made && now_ms() < end) {
		rev = sum.rev;
		count = sum.added;
		if (!rev)
			CHECK(read_sum(e, &count, &attempt, &rev));
		snprintf(val, sizeof(val), "%d %u", count + 1, ++sum.attempts);
		CHECK(put_if(e, "sum", rev, val));
		made = e->a.res == STORE_APPLIED;
		sum.rev = e->a.rev;
		if (e->a.res != STORE_UNKNOWN)
			continue;
		sum.unknown++;
		CHECK(settle(e, sum.attempts, &made));
	}
	CHECK(made);
	sum.added++;
	return true;
}

static int seen_count(const struct env *e)
{
	return e->seen.n ? atoi(e->seen.c[e->seen.n - 1].val) : 0;
}

/* Has the watch delivered each count up to sum.added in order, and no revision twice? */
static bool watch_is_whole(struct env *e)
{
	int at = 0;

	CHECK(wait_until(e->ev, seen_count(e) == sum.added));
	CHECK(!e->seen.lost);
	for (size_t i = 0; i < e->seen.n; i++) {
		int count = atoi(e->seen.c[i].val);

		CHECK(!i || e->seen.c[i].rev > e->seen.c[i - 1].rev);
		CHECK(count == at || count == at + 1);
		at = count;
	}
	return true;
}

static bool sum_is_exact(struct env *e)
{
	unsigned int attempt;
	int64_t rev;
	int count;

	CHECK(read_sum(e, &count, &attempt, &rev));
	CHECK(count == sum.added);
	return watch_is_whole(e);
}

static bool all_up(struct env *e)
{
	CHECK(wait_until(e->ev, e->states.n && e->states.last == STORE_UP));
	CHECK(watch(e, "sum", 1));
	for (int i = 0; i < 5; i++)
		CHECK(add_one(e));
	return sum_is_exact(e);
}

/* Kill each member once, among them the leader and the member that the store uses. */
static bool kill_each(struct env *e)
{
	memset(e->states.seen, 0, sizeof(e->states.seen));
	for (int i = 0; i < 3; i++) {
		member_kill(&e->c, i);
		for (int j = 0; j < 5; j++)
			CHECK(add_one(e));
		CHECK(watch_is_whole(e));
		CHECK(member_start(&e->c, i));
		/* Wait until the restarted member works: then the next member may be killed. */
		CHECK(run("n=0; until " ETCDCTL "endpoint health >>etcdctl.log 2>&1; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.2; done",
			  e->c.dir, e->c.m[i].client_port));
	}
	return sum_is_exact(e);
}

/* A paused member is silent, its connections stay open. */
static bool pause_each(struct env *e)
{
	for (int i = 0; i < 3; i++) {
		int64_t start;
		bool ok;

		CHECK(member_pause(&e->c, i));
		ok = add_one(e);
		start = now_ms();
		ok = ok && watch_is_whole(e);
		member_resume(&e->c, i);
		CHECK(ok);
		CHECK(now_ms() - start < 10000 + TIMEOUT_MS);
		CHECK(add_one(e));
	}
	return sum_is_exact(e);
}

/* One member alone cannot write: the state is DOWN. */
static bool lose_majority(struct env *e)
{
	member_kill(&e->c, 0);
	member_kill(&e->c, 1);
	CHECK(wait_until(e->ev, ({
		CHECK(put_if(e, "other", 0, "1"));
		CHECK(e->a.res != STORE_APPLIED);
		e->states.last == STORE_DOWN;
	})));
	CHECK(e->states.why.msg[0]);
	CHECK(member_start(&e->c, 0));
	CHECK(member_start(&e->c, 1));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(add_one(e));
	return sum_is_exact(e);
}

/* One of the endpoints does not exist. */
static bool dead_endpoint(struct env *e)
{
	struct env some = { .ev = e->ev, .conf = e->conf };
	char url[320];
	bool ok = true;

	snprintf(url, sizeof(url), "https://127.0.0.1:1,%s", e->conf.url);
	some.conf.url = url;
	for (int i = 0; ok && i < 8; i++)
		ok = env_open(&some) && put(&some, "other", "1") &&
		     wait_until(e->ev, some.states.n) &&
		     some.states.last == STORE_UP;
	env_close(&some);
	CHECK(ok);
	return true;
}

int main(void)
{
	static const struct store_test tests[] = {
		{ "a store with three members works", all_up },
		{ "an endpoint that does not exist is skipped",
		  dead_endpoint },
		{ "each member is killed in turn, no addition is lost or doubled",
		  kill_each },
		{ "each member is paused in turn, watches continue in time",
		  pause_each },
		{ "without a majority the state is DOWN, then UP, no addition is lost",
		  lose_majority },
	};
	const size_t n = sizeof(tests) / sizeof(tests[0]);
	struct env e = { 0 };
	struct tap t = { 0 };
	bool ok;

	if (sd_event_new(&e.ev) < 0)
		return 1;
	ok = cluster_start(&e.c, 3);
	e.conf = cluster_conf(&e.c, TIMEOUT_MS);
	ok = ok && env_open(&e);
	for (size_t i = 0; i < n; i++)
		if (have_etcd(&t, "cluster", tests[i].name))
			tap_result(&t, ok && tests[i].fn(&e), "cluster",
				   tests[i].name);
	printf("# %d additions, %u attempts, %u unknown\n", sum.added,
	       sum.attempts, sum.unknown);
	env_close(&e);
	cluster_stop(&e.c);
	sd_event_unref(e.ev);
	return tap_end(&t);
}
