// SPDX-License-Identifier: GPL-2.0
/*
 * Failures of one etcd member: stopped, killed, restarted, full, replaced, with
 * users. Each test has its own member.
 */
#include "store_fixture.h"

/* Short where a member is silent on purpose, else longer than any answer. */
#define TIMEOUT_MS	1000
#define PATIENT_MS	10000

struct env {
	sd_event *ev;
	struct store_conf conf;
	struct cluster c;
	struct store *s;
	struct states states;
	struct answer a;
	struct seen seen;
};

static bool up(struct env *e)
{
	CHECK(wait_until(e->ev, e->states.n && e->states.last == STORE_UP));
	return true;
}

static bool reopen(struct env *e)
{
	store_close(e->s);
	e->s = open_store(e->ev, &e->conf, "/cgspan/", &e->states);
	CHECK(e->s);
	return true;
}

/* Write while the member is silent: the result is UNKNOWN, in time. */
static bool unknown_put(struct env *e, const char *key, const char *val)
{
	int64_t start = now_ms();

	CHECK(put_if(e->ev, e->s, key, 0, val, &e->a));
	CHECK(e->a.res == STORE_UNKNOWN);
	CHECK(e->a.err.no && e->a.err.msg[0] && !e->a.n && !e->a.rev);
	CHECK(now_ms() - start < TIMEOUT_MS + 5000);
	return true;
}

/*
 * A paused member has the request in its socket, and may apply it when it is
 * resumed, long after the result UNKNOWN. A second write with the same compare
 * settles it: exactly one of the two is applied.
 */
static bool late(struct env *e)
{
	struct store_watch *w;
	char key[16];
	int came = 0;

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "before", "1", &e->a));
	CHECK(!store_watch(e->s, "", e->a.rev + 1, note_watch, &e->seen, &w,
			   &e->a.err));
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "late-%u", i);
		CHECK(member_pause(&e->c, 0));
		CHECK(unknown_put(e, key, "late"));
		CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
		CHECK(strstr(e->states.why.msg, "https://127.0.0.1"));
		member_resume(&e->c, 0);
		CHECK(wait_until(e->ev, e->states.last == STORE_UP));

		CHECK(put_if(e->ev, e->s, key, 0, "fence", &e->a));
		came += e->a.res == STORE_CONFLICT;
		CHECK(e->a.res == STORE_APPLIED || e->a.res == STORE_CONFLICT);
		CHECK(e->a.res == STORE_APPLIED ||
		      !strcmp(e->a.kv[0].val, "late"));
		CHECK(wait_until(e->ev, e->seen.n == i + 1));
		CHECK(!strcmp(e->seen.c[i].key, key));
	}
	printf("# %d of 4 were applied late\n", came);
	CHECK(put(e->ev, e->s, "after", "1", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 5));
	CHECK(!strcmp(e->seen.c[4].key, "after"));
	return true;
}

/*
 * The connection breaks without an answer. If libcurl sent the request again on
 * a new connection, that would be refused, and the result would be ERROR.
 */
static bool killed(struct env *e)
{
	struct store_op op = { "a", "1", 1 };
	struct store_txn txn = { NULL, 0, &op, 1 };

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "before", "1", &e->a));
	forget(&e->a);
	CHECK(member_pause(&e->c, 0));
	CHECK(!store_txn(e->s, &txn, note_txn, &e->a, &e->a.err));
	/* Long enough to send it, shorter than the time-out. */
	CHECK(!wait_until_ms(e->ev, e->a.done, TIMEOUT_MS / 3));
	member_kill(&e->c, 0);
	CHECK(wait_until(e->ev, e->a.done));
	CHECK(e->a.res == STORE_UNKNOWN);
	return true;
}

static bool refused(struct env *e)
{
	CHECK(up(e));
	CHECK(put(e->ev, e->s, "before", "1", &e->a));
	member_kill(&e->c, 0);
	CHECK(wait_until(e->ev, ({
		CHECK(put_if(e->ev, e->s, "a", 0, "1", &e->a));
		e->a.res == STORE_ERROR;
	})));
	CHECK(e->a.err.no == -EHOSTUNREACH && e->a.err.msg[0]);
	CHECK(ask(e->ev, e->s, "a", false, &e->a));
	CHECK(e->a.err.no && !e->a.n);
	CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(ask(e->ev, e->s, "before", false, &e->a));
	CHECK(e->a.n == 1);
	return true;
}

/* The member starts after the store was opened. */
static bool down_first(struct env *e)
{
	member_kill(&e->c, 0);
	CHECK(reopen(e));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN && e->states.why.msg[0]);
	CHECK(!store_identity(e->s));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(store_identity(e->s));
	return true;
}

static bool seen_last(const struct seen *seen, int val)
{
	return seen->n && atoi(seen->c[seen->n - 1].val) == val;
}

/* Each value in order; an UNKNOWN write may have been applied twice. */
static bool seen_to(const struct seen *seen, int val)
{
	int at = 1;

	CHECK(!seen->lost && atoi(seen->c[0].val) == 1 && seen_last(seen, val));
	for (size_t i = 1; i < seen->n; i++) {
		CHECK(seen->c[i].rev > seen->c[i - 1].rev);
		CHECK(atoi(seen->c[i].val) == at ||
		      atoi(seen->c[i].val) == at + 1);
		at = atoi(seen->c[i].val);
	}
	return true;
}

/* A watch continues after its member was killed, and after it was silent. */
static bool watch_goes_on(struct env *e)
{
	struct store *other;
	struct store_watch *w;
	int64_t start;

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "n", "0", &e->a));
	CHECK(!store_watch(e->s, "n", e->a.rev + 1, note_watch, &e->seen, &w,
			   &e->a.err));
	CHECK(put(e->ev, e->s, "n", "1", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 1));

	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	other = open_store(e->ev, &e->conf, "/cgspan/", NULL);
	CHECK(other);
	CHECK(wait_until(e->ev, ({
		CHECK(put_if(e->ev, other, "n", e->a.rev ? e->a.rev : 0, "2",
			     &e->a));
		if (e->a.res == STORE_CONFLICT)
			e->a.rev = e->a.kv[0].mod_rev;
		e->a.res == STORE_APPLIED;
	})));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 2)));
	CHECK(put(e->ev, other, "n", "3", &e->a));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 3)));
	CHECK(seen_to(&e->seen, 3));

	/* A silent stream is ended, although its connection stays open. */
	CHECK(member_pause(&e->c, 0));
	start = now_ms();
	CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
	CHECK(now_ms() - start < 10000);
	member_resume(&e->c, 0);
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(e->ev, other, "n", "4", &e->a));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 4)));
	CHECK(seen_to(&e->seen, 4));
	store_close(other);
	return true;
}

/* Compacted while the watch was not connected: it must get LOST. */
static bool compacted_away(struct env *e)
{
	struct store_watch *w;
	struct store *other;
	struct states states;
	char args[64];

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "n", "0", &e->a));
	CHECK(!store_watch(e->s, "n", e->a.rev + 1, note_watch, &e->seen, &w,
			   &e->a.err));
	CHECK(put(e->ev, e->s, "n", "1", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 1));
	/* The event loop does not run while etcdctl writes and compacts. */
	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	CHECK(run("until cd '%s' && ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:%d --cacert=ca.pem --cert=node.pem --key=node.key put /cgspan/n 2 >>etcdctl.log 2>&1; do sleep 0.2; done",
		  e->c.dir, e->c.m[0].client_port));
	CHECK(etcdctl(&e->c, "", "put /cgspan/n 3"));
	snprintf(args, sizeof(args), "compaction %lld",
		 (long long)e->a.rev + 2);
	CHECK(etcdctl(&e->c, "", args));
	CHECK(wait_until(e->ev, e->seen.lost));
	CHECK(e->seen.n == 1);

	other = open_store(e->ev, &e->conf, "/cgspan/", &states);
	CHECK(other);
	CHECK(ask(e->ev, other, "n", false, &e->a));
	CHECK(e->a.n == 1 && !strcmp(e->a.kv[0].val, "3"));
	store_close(other);
	return true;
}

/* Another cluster answers at the same address. */
static bool replaced(struct env *e)
{
	struct store_watch *w;
	char id[64];

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "n", "0", &e->a));
	snprintf(id, sizeof(id), "%s", store_identity(e->s));
	CHECK(!store_watch(e->s, "n", e->a.rev + 1, note_watch, &e->seen, &w,
			   &e->a.err));
	CHECK(put(e->ev, e->s, "n", "1", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 1));
	member_kill(&e->c, 0);
	CHECK(run("rm -rf '%s/m0.data'", e->c.dir));
	/* Another token gives another cluster id. */
	strcat(e->c.dir, "/.");
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, e->seen.lost));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(strcmp(id, store_identity(e->s)));
	CHECK(store_setbacks(e->s) == 1);
	return true;
}

/* The same cluster, restored from a copy of its data. */
static bool gone_back(struct env *e)
{
	struct store_watch *w;

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "n", "0", &e->a));
	member_kill(&e->c, 0);
	CHECK(run("cp -r '%s/m0.data' '%s/copy'", e->c.dir, e->c.dir));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, ({
		CHECK(ask(e->ev, e->s, "n", false, &e->a));
		!e->a.err.no;
	})));
	for (int i = 1; i <= 5; i++)
		CHECK(put(e->ev, e->s, "n", "x", &e->a));
	CHECK(!store_watch(e->s, "n", e->a.rev, note_watch, &e->seen, &w,
			   &e->a.err));
	CHECK(wait_until(e->ev, e->seen.n == 1));

	member_kill(&e->c, 0);
	CHECK(run("rm -rf '%s/m0.data' && mv '%s/copy' '%s/m0.data'", e->c.dir,
		  e->c.dir, e->c.dir));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, e->seen.lost));
	CHECK(e->seen.n == 1);
	CHECK(store_setbacks(e->s) == 1);
	return true;
}

static bool full(struct env *e)
{
	enum { SIZE = 1000000 };
	char *val = calloc(1, SIZE);
	struct store_op op = { "big", val, SIZE };
	bool ok;

	CHECK(up(e));
	CHECK(put(e->ev, e->s, "a", "1", &e->a));
	do {
		ok = change(e->ev, e->s, NULL, 0, &op, 1, &e->a);
	} while (ok && e->a.res == STORE_APPLIED);
	free(val);
	CHECK(ok);
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -ENOSPC);
	CHECK(e->states.last == STORE_READONLY);
	CHECK(strstr(e->states.why.msg, "alarm disarm"));
	CHECK(ask(e->ev, e->s, "a", false, &e->a));
	CHECK(e->a.n == 1 && e->states.last == STORE_READONLY);

	CHECK(etcdctl(&e->c, "", "del /cgspan/big"));
	CHECK(ask(e->ev, e->s, "a", false, &e->a));
	{
		char args[64];

		snprintf(args, sizeof(args), "compaction %lld",
			 (long long)e->a.rev);
		CHECK(etcdctl(&e->c, "", args));
	}
	CHECK(etcdctl(&e->c, "", "defrag"));
	CHECK(etcdctl(&e->c, "", "alarm disarm"));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(e->ev, e->s, "a", "2", &e->a));
	return true;
}

static bool too_big(struct env *e)
{
	enum { SIZE = 2000000 };
	char *val = calloc(1, SIZE);
	struct store_op op = { "big", val, SIZE };
	bool ok;

	CHECK(up(e));
	ok = change(e->ev, e->s, NULL, 0, &op, 1, &e->a);
	free(val);
	CHECK(ok && e->a.res == STORE_ERROR);
	CHECK(strstr(e->a.err.msg, "too large"));
	CHECK(e->states.last == STORE_UP);
	return true;
}

/* Users */

static bool make_users(struct env *e)
{
	CHECK(etcdctl(&e->c, "", "user add root:rootpw"));
	CHECK(etcdctl(&e->c, "", "user grant-role root root"));
	CHECK(etcdctl(&e->c, "", "role add cell"));
	CHECK(etcdctl(&e->c, "",
		      "role grant-permission --prefix cell readwrite /cgspan/"));
	CHECK(etcdctl(&e->c, "", "user add node:nodepw"));
	CHECK(etcdctl(&e->c, "", "user grant-role node cell"));
	CHECK(etcdctl(&e->c, "", "auth enable"));
	return true;
}

static bool users(struct env *e)
{
	struct store_watch *w;

	/* A user is configured before etcd has authentication enabled. */
	e->conf.user = "node";
	e->conf.password = "nodepw";
	CHECK(reopen(e));
	CHECK(up(e));
	CHECK(put(e->ev, e->s, "a", "0", &e->a));

	/* Authentication is enabled while the store is open. */
	CHECK(make_users(e));
	CHECK(put(e->ev, e->s, "a", "1", &e->a));
	CHECK(!store_watch(e->s, "a", e->a.rev + 1, note_watch, &e->seen, &w,
			   &e->a.err));
	CHECK(put(e->ev, e->s, "a", "2", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 1));

	/* After a restart the member does not know the token. */
	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, ({
		CHECK(ask(e->ev, e->s, "a", false, &e->a));
		!e->a.err.no;
	})));
	CHECK(put(e->ev, e->s, "a", "3", &e->a));
	CHECK(wait_until(e->ev, e->seen.n == 2));
	CHECK(!strcmp(e->seen.c[1].val, "3") && !e->seen.lost);
	return true;
}

static bool wrong_password(struct env *e)
{
	CHECK(up(e));
	CHECK(make_users(e));
	e->conf.user = "node";
	e->conf.password = "wrong";
	CHECK(reopen(e));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN);
	CHECK(strstr(e->states.why.msg, "user node: check name and password"));
	CHECK(put_if(e->ev, e->s, "a", 0, "1", &e->a));
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -EACCES);
	return true;
}

static bool not_allowed(struct env *e)
{
	struct store_watch *w;

	CHECK(up(e));
	CHECK(make_users(e));
	e->conf.user = "node";
	e->conf.password = "nodepw";
	store_close(e->s);
	e->s = open_store(e->ev, &e->conf, "/other/", &e->states);
	CHECK(e->s);
	CHECK(up(e));
	CHECK(put_if(e->ev, e->s, "a", 0, "1", &e->a));
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -EACCES);
	CHECK(strstr(e->a.err.msg, "permission denied"));

	/* A refused watch is reported by the state DOWN. */
	CHECK(!store_watch(e->s, "", 1, note_watch, &e->seen, &w, &e->a.err));
	CHECK(wait_until(e->ev, e->states.seen[STORE_DOWN]));
	CHECK(!e->seen.n && !e->seen.lost);
	return true;
}

/* etcd with users refuses a certificate with a common name. */
static bool common_name(struct env *e)
{
	char pem[128], key[128];

	CHECK(up(e));
	CHECK(make_users(e));
	CHECK(run("cd '%s' && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout cn.key -subj /CN=web -out cn.csr 2>/dev/null && openssl x509 -req -in cn.csr -CA ca.pem -CAkey ca.key -set_serial 7 -out cn.pem 2>/dev/null",
		  e->c.dir));
	snprintf(pem, sizeof(pem), "%s/cn.pem", e->c.dir);
	snprintf(key, sizeof(key), "%s/cn.key", e->c.dir);
	e->conf.user = "node";
	e->conf.password = "nodepw";
	e->conf.cert = pem;
	e->conf.key = key;
	CHECK(reopen(e));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN);
	CHECK(strstr(e->states.why.msg, "common name"));
	return true;
}

static bool no_certificate(struct env *e)
{
	struct cgspan_err err;
	struct store *s;

	CHECK(up(e));
	e->conf.cert = NULL;
	CHECK(store_open(&s, e->ev, &e->conf, NULL, NULL, &err) == -EINVAL);
	CHECK(strstr(err.msg, "cert and key go together"));
	e->conf.cert = "/nonexistent/node.pem";
	CHECK(store_open(&s, e->ev, &e->conf, NULL, NULL, &err) == -ENOENT);
	CHECK(strstr(err.msg, "/nonexistent/node.pem"));

	/* Without a certificate the member refuses the connection. */
	e->conf.cert = NULL;
	e->conf.key = NULL;
	CHECK(reopen(e));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN && e->states.why.msg[0]);
	CHECK(put_if(e->ev, e->s, "a", 0, "1", &e->a));
	CHECK(e->a.res != STORE_APPLIED && e->a.res != STORE_CONFLICT);
	return true;
}

static const struct {
	const char *name;
	bool (*fn)(struct env *e);
	unsigned int timeout_ms;
	const char *extra;
} tests[] = {
	{ "a write to a paused member is UNKNOWN; one with the same compare settles it",
	  late, TIMEOUT_MS, NULL },
	{ "a write is UNKNOWN if its member is killed before the answer", killed,
	  TIMEOUT_MS, NULL },
	{ "a write that cannot be sent is ERROR; the store is UP after a restart", refused,
	  PATIENT_MS, NULL },
	{ "the store is DOWN until its member starts", down_first, PATIENT_MS, NULL },
	{ "a watch continues after a restart and after silence", watch_goes_on,
	  TIMEOUT_MS, NULL },
	{ "a watch whose revisions were compacted gets LOST", compacted_away, PATIENT_MS, NULL },
	{ "another cluster at the same address: watches get LOST, the identity changes",
	  replaced, PATIENT_MS, NULL },
	{ "a cluster restored from a copy: watches get LOST", gone_back,
	  PATIENT_MS, NULL },
	{ "without space the store is READONLY, then UP again", full,
	  PATIENT_MS, "--quota-backend-bytes=4000000" },
	{ "a transaction that is too large for etcd is ERROR", too_big, PATIENT_MS, NULL },
	{ "a user's token is requested, and again when etcd has lost it", users,
	  PATIENT_MS, NULL },
	{ "a wrong password is reported", wrong_password, PATIENT_MS, NULL },
	{ "a write without permission is ERROR", not_allowed, PATIENT_MS, NULL },
	{ "a certificate with a common name is reported with a remedy", common_name,
	  PATIENT_MS, NULL },
	{ "a missing certificate is reported", no_certificate, PATIENT_MS, NULL },
};

static bool run_one(sd_event *ev, size_t i)
{
	struct env e = { .ev = ev };
	char dir[64];
	bool ok;

	e.c.extra = tests[i].extra;
	ok = cluster_start(&e.c, 1);
	snprintf(dir, sizeof(dir), "%s", e.c.dir);
	if (ok) {
		cluster_conf(&e.c, &e.conf);
		e.conf.timeout_ms = tests[i].timeout_ms;
		e.s = open_store(ev, &e.conf, "/cgspan/", &e.states);
		ok = e.s && tests[i].fn(&e);
		store_close(e.s);
	}
	if (!ok && e.states.why.msg[0])
		printf("# last state %d: %s\n", e.states.last,
		       e.states.why.msg);
	memcpy(e.c.dir, dir, sizeof(dir));
	cluster_stop(&e.c);
	forget(&e.a);
	seen_free(&e.seen);
	return ok;
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "";
	struct tap t = { 0 };
	sd_event *ev;

	if (sd_event_new(&ev) < 0)
		return 1;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (!strstr(tests[i].name, only))
			continue;
		if (!have("etcd") || !have("etcdctl"))
			tap_skip(&t, "etcd", tests[i].name,
				 "etcd or etcdctl is not installed (etcd-server, etcd-client)");
		else
			tap_result(&t, run_one(ev, i), "etcd", tests[i].name);
	}
	sd_event_unref(ev);
	return tap_end(&t);
}
