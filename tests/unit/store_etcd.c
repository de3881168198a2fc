// SPDX-License-Identifier: GPL-2.0
/*
 * A cluster of one etcd member that fails: it is paused, killed, full, replaced, or
 * has users. Each test has its own member.
 */
#include "store_fixture.h"

/* Time-outs of requests: short where a test makes its member silent, else long. */
#define TIMEOUT_MS	1000
#define PATIENT_MS	10000

static bool up(struct env *e)
{
	CHECK(wait_until(e->ev, e->states.n && e->states.last == STORE_UP));
	return true;
}

/* Begin to watch the key "n", and wait until one change of it has arrived. */
static bool watching(struct env *e)
{
	CHECK(up(e));
	CHECK(put(e, "n", "0"));
	CHECK(watch(e, "n", e->a.rev + 1));
	CHECK(put(e, "n", "1"));
	CHECK(wait_until(e->ev, e->seen.n == 1));
	return true;
}

static bool reopen_as(struct env *e, const char *user, const char *password)
{
	e->conf.user = user;
	e->conf.password = password;
	return env_open(e);
}

/* Write while the member is silent: the result is UNKNOWN soon after the time-out. */
static bool unknown_put(struct env *e, const char *key, const char *val)
{
	int64_t start = now_ms();

	CHECK(put_if(e, key, 0, val));
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
	char key[16];
	int came = 0;

	CHECK(up(e));
	CHECK(put(e, "before", "1"));
	CHECK(watch(e, "", e->a.rev + 1));
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "late-%u", i);
		CHECK(member_pause(&e->c, 0));
		CHECK(unknown_put(e, key, "late"));
		CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
		CHECK(strstr(e->states.why.msg, "https://127.0.0.1"));
		member_resume(&e->c, 0);
		CHECK(wait_until(e->ev, e->states.last == STORE_UP));

		CHECK(put_if(e, key, 0, "fence"));
		came += e->a.res == STORE_CONFLICT;
		CHECK(e->a.res == STORE_APPLIED || e->a.res == STORE_CONFLICT);
		CHECK(e->a.res == STORE_APPLIED ||
		      !strcmp(e->a.kv[0].val, "late"));
		CHECK(wait_until(e->ev, e->seen.n == i + 1));
		CHECK(!strcmp(e->seen.c[i].key, key));
	}
	printf("# %d of 4 were applied late\n", came);
	CHECK(put(e, "after", "1"));
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
	CHECK(put(e, "before", "1"));
	forget(&e->a);
	CHECK(member_pause(&e->c, 0));
	CHECK(!store_txn(e->s, &txn, note_txn, &e->a, &e->a.err));
	/* Wait until the request is surely sent, but for less than its time-out. */
	CHECK(!wait_until_ms(e->ev, e->a.done, TIMEOUT_MS / 3));
	member_kill(&e->c, 0);
	CHECK(wait_until(e->ev, e->a.done));
	CHECK(e->a.res == STORE_UNKNOWN);
	return true;
}

static bool refused(struct env *e)
{
	CHECK(up(e));
	CHECK(put(e, "before", "1"));
	member_kill(&e->c, 0);
	CHECK(wait_until(e->ev, ({
		CHECK(put_if(e, "a", 0, "1"));
		e->a.res == STORE_ERROR;
	})));
	CHECK(e->a.err.no == -EHOSTUNREACH && e->a.err.msg[0]);
	CHECK(ask(e, "a", false));
	CHECK(e->a.err.no && !e->a.n);
	CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(ask(e, "before", false));
	CHECK(e->a.n == 1);
	return true;
}

/* The member starts after the store was opened. */
static bool down_first(struct env *e)
{
	member_kill(&e->c, 0);
	CHECK(env_open(e));
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

/* Was each value up to @val seen in order? One that was written again may be seen twice. */
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

/* A watch continues after its member was killed, and after the member was silent. */
static bool watch_goes_on(struct env *e)
{
	struct env other;
	int64_t start;

	CHECK(watching(e));
	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	CHECK(env_open_other(&other, e, "/cgspan/"));
	other.a.rev = e->a.rev;
	CHECK(wait_until(e->ev, ({
		CHECK(put_if(&other, "n", other.a.rev, "2"));
		if (other.a.res == STORE_CONFLICT)
			other.a.rev = other.a.kv[0].mod_rev;
		other.a.res == STORE_APPLIED;
	})));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 2)));
	CHECK(put(&other, "n", "3"));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 3)));
	CHECK(seen_to(&e->seen, 3));

	/* A silent stream is ended, although its connection stays open. */
	CHECK(member_pause(&e->c, 0));
	start = now_ms();
	CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
	CHECK(now_ms() - start < 10000);
	member_resume(&e->c, 0);
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(&other, "n", "4"));
	CHECK(wait_until(e->ev, seen_last(&e->seen, 4)));
	CHECK(seen_to(&e->seen, 4));
	env_close(&other);
	return true;
}

/* Revisions are compacted while the watch is not connected: it must get LOST. */
static bool compacted_away(struct env *e)
{
	struct env other;

	CHECK(watching(e));
	/* The event loop does not run until the compaction: the watch does not reconnect before. */
	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	CHECK(run("until " ETCDCTL "put /cgspan/n 2 >>etcdctl.log 2>&1; do sleep 0.2; done",
		  e->c.dir, e->c.m[0].client_port));
	CHECK(etcdctl(&e->c, "put /cgspan/n 3"));
	CHECK(etcd_compact(&e->c, e->a.rev + 2));
	CHECK(wait_until(e->ev, e->seen.lost));
	CHECK(e->seen.n == 1);

	CHECK(env_open_other(&other, e, "/cgspan/"));
	CHECK(ask(&other, "n", false));
	CHECK(other.a.n == 1 && !strcmp(other.a.kv[0].val, "3"));
	env_close(&other);
	return true;
}

/* Another cluster answers at the same address. */
static bool replaced(struct env *e)
{
	char id[64];

	CHECK(watching(e));
	snprintf(id, sizeof(id), "%s", store_identity(e->s));
	member_kill(&e->c, 0);
	CHECK(run("rm -rf '%s/m0.data'", e->c.dir));
	/* The folder's path is also the token from which etcd derives its cluster id. */
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
	CHECK(up(e));
	CHECK(put(e, "n", "0"));
	member_kill(&e->c, 0);
	CHECK(run("cp -r '%s/m0.data' '%s/copy'", e->c.dir, e->c.dir));
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, ({
		CHECK(ask(e, "n", false));
		!e->a.err.no;
	})));
	for (int i = 1; i <= 5; i++)
		CHECK(put(e, "n", "x"));
	CHECK(watch(e, "n", e->a.rev));
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
	CHECK(up(e));
	CHECK(put(e, "a", "1"));
	do {
		CHECK(put_big(e, 1000000));
	} while (e->a.res == STORE_APPLIED);
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -ENOSPC);
	CHECK(e->states.last == STORE_READONLY);
	CHECK(strstr(e->states.why.msg, "alarm disarm"));
	CHECK(ask(e, "a", false));
	CHECK(e->a.n == 1 && e->states.last == STORE_READONLY);

	CHECK(etcdctl(&e->c, "del /cgspan/big"));
	CHECK(ask(e, "a", false));
	CHECK(etcd_compact(&e->c, e->a.rev));
	CHECK(etcdctl(&e->c, "defrag"));
	CHECK(etcdctl(&e->c, "alarm disarm"));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(e, "a", "2"));
	return true;
}

static bool too_big(struct env *e)
{
	CHECK(up(e));
	CHECK(put_big(e, 2000000));
	CHECK(e->a.res == STORE_ERROR);
	CHECK(strstr(e->a.err.msg, "too large"));
	CHECK(e->states.last == STORE_UP);
	return true;
}

/* Users */

static bool make_users(struct env *e)
{
	static const char *const calls[] = {
		"user add root:rootpw", "user grant-role root root",
		"role add cell",
		"role grant-permission --prefix cell readwrite /cgspan/",
		"user add node:nodepw", "user grant-role node cell",
		"auth enable",
	};

	CHECK(up(e));
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		CHECK(etcdctl(&e->c, calls[i]));
	return true;
}

static bool users(struct env *e)
{
	/* A user is configured before etcd has authentication enabled. */
	CHECK(reopen_as(e, "node", "nodepw"));
	CHECK(up(e));
	CHECK(put(e, "a", "0"));

	/* Authentication is enabled while the store is open. */
	CHECK(make_users(e));
	CHECK(put(e, "a", "1"));
	CHECK(watch(e, "a", e->a.rev + 1));
	CHECK(put(e, "a", "2"));
	CHECK(wait_until(e->ev, e->seen.n == 1));

	/* After a restart the member does not know the token. */
	member_kill(&e->c, 0);
	CHECK(member_start(&e->c, 0));
	CHECK(wait_until(e->ev, ({
		CHECK(ask(e, "a", false));
		!e->a.err.no;
	})));
	CHECK(put(e, "a", "3"));
	CHECK(wait_until(e->ev, e->seen.n == 2));
	CHECK(!strcmp(e->seen.c[1].val, "3") && !e->seen.lost);
	return true;
}

static bool wrong_password(struct env *e)
{
	CHECK(make_users(e));
	CHECK(reopen_as(e, "node", "wrong"));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN);
	CHECK(strstr(e->states.why.msg, "user node: check name and password"));
	CHECK(put_if(e, "a", 0, "1"));
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -EACCES);
	return true;
}

static bool not_allowed(struct env *e)
{
	CHECK(make_users(e));
	e->conf.prefix = "/other/";
	CHECK(reopen_as(e, "node", "nodepw"));
	CHECK(up(e));
	CHECK(put_if(e, "a", 0, "1"));
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -EACCES);
	CHECK(strstr(e->a.err.msg, "permission denied"));

	/* A refused watch is reported by the state DOWN. */
	CHECK(watch(e, "", 1));
	CHECK(wait_until(e->ev, e->states.seen[STORE_DOWN]));
	CHECK(!e->seen.n && !e->seen.lost);
	return true;
}

/* etcd with users refuses a certificate with a common name. */
static bool common_name(struct env *e)
{
	char pem[128], key[128];

	CHECK(make_users(e));
	CHECK(run("cd '%s' && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout cn.key -subj /CN=web -out cn.csr 2>/dev/null && openssl x509 -req -in cn.csr -CA ca.pem -CAkey ca.key -set_serial 7 -out cn.pem 2>/dev/null",
		  e->c.dir));
	snprintf(pem, sizeof(pem), "%s/cn.pem", e->c.dir);
	snprintf(key, sizeof(key), "%s/cn.key", e->c.dir);
	e->conf.cert = pem;
	e->conf.key = key;
	CHECK(reopen_as(e, "node", "nodepw"));
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
	CHECK(env_open(e));
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_DOWN && e->states.why.msg[0]);
	CHECK(put_if(e, "a", 0, "1"));
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
	e.conf = cluster_conf(&e.c, tests[i].timeout_ms);
	ok = ok && env_open(&e) && tests[i].fn(&e);
	if (!ok && e.states.why.msg[0])
		printf("# last state %d: %s\n", e.states.last,
		       e.states.why.msg);
	env_close(&e);
	memcpy(e.c.dir, dir, sizeof(dir));
	cluster_stop(&e.c);
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
		if (have_etcd(&t, "etcd", tests[i].name))
			tap_result(&t, run_one(ev, i), "etcd", tests[i].name);
	}
	sd_event_unref(ev);
	return tap_end(&t);
}
