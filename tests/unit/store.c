// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the store: the same suite on SQLite and on a real etcd server, which
 * is started here, and tests of SQLite alone.
 *
 *	store			runs all
 *	store --add TIMES PREFIX URL ...
 *			adds to a counter: another process of a test
 *	store --shift "" PREFIX URL ...
 *			moves between two keys until it is killed
 */
#include "store_fixture.h"

#include <sqlite3.h>
#include <sys/resource.h>

/* Time-out of requests: no test here waits for it; long enough if the CPU is busy. */
#define TIMEOUT_MS	10000

/* Another process that runs this program */

static pid_t start_other(struct env *e, const char *what, const char *arg,
			 int out)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (out >= 0)
		dup2(out, 1);
	/* Without certificates cacert is NULL, and ends the arguments. */
	execl("/proc/self/exe", "store", what, arg, e->conf.prefix,
	      e->conf.url, e->conf.cacert, e->conf.cert, e->conf.key, NULL);
	_exit(127);
}

static bool exited_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}

static bool add_times(struct env *e, int times)
{
	const struct store_kv *kv = e->a.kv;
	char val[24];

	while (times) {
		CHECK(ask(e, "sum", false) && !e->a.err.no);
		snprintf(val, sizeof(val), "%d",
			 e->a.n && kv->val ? atoi(kv->val) + 1 : 1);
		CHECK(put_if(e, "sum", e->a.n ? kv->mod_rev : 0, val));
		CHECK(e->a.res == STORE_APPLIED || e->a.res == STORE_CONFLICT);
		times -= e->a.res == STORE_APPLIED;
	}
	return true;
}

/* Put 1000000 - i into key x and i into key y, for i = 1, 2, ...; print each applied i. */
static void shift_for_ever(struct env *e)
{
	char x[24], y[24];

	for (int i = 1;; i++) {
		struct store_op ops[2] = { { "x", x, 0 }, { "y", y, 0 } };

		ops[0].len = (size_t)snprintf(x, sizeof(x), "%d", 1000000 - i);
		ops[1].len = (size_t)snprintf(y, sizeof(y), "%d", i);
		if (!change(e, NULL, 0, ops, 2) || e->a.res != STORE_APPLIED)
			return;
		dprintf(1, "%d\n", i);
	}
}

static int other(int argc, char **argv)
{
	struct env e = { .conf = { .url = argv[4], .prefix = argv[3],
				   .timeout_ms = TIMEOUT_MS } };
	bool ok = true;

	if (argc > 7) {
		e.conf.cacert = argv[5];
		e.conf.cert = argv[6];
		e.conf.key = argv[7];
	}
	if (sd_event_new(&e.ev) < 0 || !env_open(&e))
		return 1;
	if (!strcmp(argv[1], "--add"))
		ok = add_times(&e, atoi(argv[2]));
	else
		shift_for_ever(&e);
	env_close(&e);
	sd_event_unref(e.ev);
	return ok ? 0 : 1;
}

/* Reads and transactions */

static bool says_up(struct env *e)
{
	CHECK(wait_until(e->ev, e->states.n));
	CHECK(e->states.last == STORE_UP);
	CHECK(e->states.n == 1);
	CHECK(ask(e, "nothing", false));
	CHECK(store_identity(e->s) && strlen(store_identity(e->s)) > 8);
	return true;
}

static bool absent(struct env *e)
{
	CHECK(ask(e, "nothing", false));
	CHECK(!e->a.err.no && !e->a.n && e->a.rev >= 1);
	CHECK(ask(e, "", true));
	CHECK(!e->a.err.no && !e->a.n);
	return true;
}

static bool create_once(struct env *e)
{
	int64_t rev;

	CHECK(put_if(e, "a", 0, "one"));
	CHECK(e->a.res == STORE_APPLIED && e->a.rev > 1 && !e->a.err.no);
	rev = e->a.rev;

	CHECK(put_if(e, "a", 0, "two"));
	CHECK(e->a.res == STORE_CONFLICT && e->a.n == 1 && !e->a.err.no);
	CHECK(!strcmp(e->a.kv[0].key, "a"));
	CHECK(e->a.kv[0].len == 3 && !strcmp(e->a.kv[0].val, "one"));
	CHECK(e->a.kv[0].mod_rev == rev && e->a.rev == rev);

	CHECK(ask(e, "a", false));
	CHECK(e->a.n == 1 && e->a.rev == rev && e->a.kv[0].mod_rev == rev);
	CHECK(!strcmp(e->a.kv[0].key, "a") && !strcmp(e->a.kv[0].val, "one"));
	return true;
}

static bool compare_revision(struct env *e)
{
	int64_t first;

	CHECK(put(e, "a", "one"));
	first = e->a.rev;
	CHECK(put_if(e, "a", first, "two"));
	CHECK(e->a.res == STORE_APPLIED && e->a.rev == first + 1);
	CHECK(put_if(e, "a", first, "three"));
	CHECK(e->a.res == STORE_CONFLICT);
	CHECK(e->a.kv[0].mod_rev == first + 1);
	CHECK(!strcmp(e->a.kv[0].val, "two"));
	return true;
}

static bool delete_key(struct env *e)
{
	int64_t rev;

	CHECK(put(e, "a", "one"));
	CHECK(put(e, "a", NULL));
	rev = e->a.rev;
	CHECK(ask(e, "a", false));
	CHECK(!e->a.n && e->a.rev == rev);
	CHECK(put_if(e, "a", rev, "two"));
	CHECK(e->a.res == STORE_CONFLICT && e->a.n == 1 && e->a.rev == rev);
	CHECK(!e->a.kv[0].val && !e->a.kv[0].mod_rev);
	CHECK(!strcmp(e->a.kv[0].key, "a"));

	/* Deleting an absent key is APPLIED, without a new revision. */
	CHECK(put(e, "a", NULL));
	CHECK(e->a.rev == rev);
	CHECK(put_if(e, "a", 0, "two"));
	CHECK(e->a.res == STORE_APPLIED && e->a.rev == rev + 1);
	return true;
}

static bool empty_value(struct env *e)
{
	CHECK(put(e, "a", ""));
	CHECK(ask(e, "a", false));
	CHECK(e->a.n == 1 && e->a.kv[0].val && !e->a.kv[0].len);
	CHECK(put_if(e, "a", 0, "x"));
	CHECK(e->a.res == STORE_CONFLICT && e->a.kv[0].val);
	return true;
}

static bool all_or_nothing(struct env *e)
{
	struct store_cmp cmps[3] = { { "a", 0 }, { "b", 0 }, { "c", 0 } };
	struct store_op ops[3] = { { "a", "9", 1 }, { "b", NULL, 0 },
				   { "d", "9", 1 } };
	int64_t rev;

	CHECK(put(e, "b", "1"));
	rev = e->a.rev;
	CHECK(change(e, cmps, 3, ops, 3));
	CHECK(e->a.res == STORE_CONFLICT && e->a.n == 3);
	CHECK(!strcmp(e->a.kv[0].key, "a") && !e->a.kv[0].val);
	CHECK(!strcmp(e->a.kv[1].key, "b") && e->a.kv[1].mod_rev == rev);
	CHECK(!strcmp(e->a.kv[2].key, "c") && !e->a.kv[2].val);
	CHECK(ask(e, "", true));
	CHECK(e->a.n == 1 && e->a.rev == rev);

	cmps[1].mod_rev = rev;
	CHECK(change(e, cmps, 3, ops, 3));
	CHECK(e->a.res == STORE_APPLIED && e->a.rev == rev + 1);
	CHECK(ask(e, "", true));
	CHECK(e->a.n == 2 && e->a.kv[0].mod_rev == rev + 1);
	CHECK(e->a.kv[1].mod_rev == rev + 1);
	CHECK(!strcmp(e->a.kv[0].key, "a") && !strcmp(e->a.kv[1].key, "d"));
	return true;
}

static bool only_compares(struct env *e)
{
	struct store_cmp cmp = { "a", 0 };
	int64_t rev;

	CHECK(put(e, "b", "1"));
	rev = e->a.rev;
	CHECK(change(e, &cmp, 1, NULL, 0));
	CHECK(e->a.res == STORE_APPLIED && e->a.rev == rev);
	cmp.mod_rev = 1;
	CHECK(change(e, &cmp, 1, NULL, 0));
	CHECK(e->a.res == STORE_CONFLICT);
	return true;
}

static bool prefix_read(struct env *e)
{
	static const char *const keys[] = { "b", "a/2", "a0", "a/1", "a",
					    "a/\303\251", "a-" };
	struct env elsewhere;

	for (size_t i = 0; i < 7; i++)
		CHECK(put(e, keys[i], keys[i]));
	CHECK(ask(e, "a/", true));
	CHECK(e->a.n == 3);
	CHECK(!strcmp(e->a.kv[0].key, "a/1") && !strcmp(e->a.kv[0].val, "a/1"));
	CHECK(!strcmp(e->a.kv[1].key, "a/2") && !strcmp(e->a.kv[1].val, "a/2"));
	CHECK(!strcmp(e->a.kv[2].key, "a/\303\251"));
	CHECK(ask(e, "", true));
	CHECK(e->a.n == 7 && !strcmp(e->a.kv[6].key, "b"));

	CHECK(env_open_other(&elsewhere, e, "/elsewhere/"));
	CHECK(ask(&elsewhere, "", true));
	CHECK(!elsewhere.a.n);
	env_close(&elsewhere);
	return true;
}

static bool big_value(struct env *e)
{
	enum { SIZE = 1000000 };
	char *val = malloc(SIZE);
	struct store_op op = { "big", val, SIZE };
	bool same;

	for (size_t i = 0; i < SIZE; i++)
		val[i] = (char)(i * 7 + i / 256);
	CHECK(change(e, NULL, 0, &op, 1));
	CHECK(e->a.res == STORE_APPLIED);
	CHECK(ask(e, "big", false));
	CHECK(e->a.n == 1 && e->a.kv[0].len == SIZE);
	same = !memcmp(e->a.kv[0].val, val, SIZE);
	free(val);
	CHECK(same);
	return true;
}

static bool biggest_txn(struct env *e)
{
	struct store_cmp cmps[STORE_TXN_MAX];
	struct store_op ops[STORE_TXN_MAX];
	char keys[STORE_TXN_MAX][16];
	struct store_txn over = { cmps, 1, ops, STORE_TXN_MAX };
	int64_t rev;

	for (int i = 0; i < STORE_TXN_MAX; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%03d", i);
		ops[i] = (struct store_op){ keys[i], "v", 1 };
		cmps[i] = (struct store_cmp){ keys[i], 0 };
	}
	CHECK(change(e, NULL, 0, ops, STORE_TXN_MAX));
	CHECK(e->a.res == STORE_APPLIED);
	rev = e->a.rev;
	CHECK(change(e, cmps, STORE_TXN_MAX, NULL, 0));
	CHECK(e->a.res == STORE_CONFLICT && e->a.n == STORE_TXN_MAX);
	for (int i = 0; i < STORE_TXN_MAX; i++)
		CHECK(!strcmp(e->a.kv[i].key, keys[i]) &&
		      e->a.kv[i].mod_rev == rev);

	forget(&e->a);
	CHECK(store_txn(e->s, &over, note_txn, &e->a, &e->a.err) == -E2BIG);
	CHECK(!e->a.done && strstr(e->a.err.msg, "120"));
	return true;
}

static bool bad_input(struct env *e)
{
	struct store_op twice[2] = { { "a", "1", 1 }, { "a", NULL, 0 } };
	struct store_cmp empty = { "", 0 };
	struct store_txn t1 = { NULL, 0, twice, 2 };
	struct store_txn t2 = { &empty, 1, NULL, 0 };
	struct store_watch *w;
	struct cgspan_err err;
	char key[2100];

	memset(key, 'k', sizeof(key));
	key[sizeof(key) - 1] = '\0';
	CHECK(store_txn(e->s, &t1, note_txn, &e->a, &err) == -EINVAL);
	CHECK(strstr(err.msg, "twice"));
	CHECK(store_txn(e->s, &t2, note_txn, &e->a, &err) == -EINVAL);
	CHECK(store_get(e->s, "", false, note_get, &e->a, &err) == -EINVAL);
	CHECK(store_get(e->s, "a\nb", false, note_get, &e->a, &err) ==
	      -EINVAL);
	CHECK(store_get(e->s, key, false, note_get, &e->a, &err) == -EINVAL);
	CHECK(store_watch(e->s, "a", 0, note_watch, NULL, &w, &err) ==
	      -EINVAL);
	CHECK(ask(e, "a", false) && !e->a.n);
	return true;
}

/* Watches */

static bool watch_order(struct env *e)
{
	const struct seen *seen = &e->seen;
	char val[16];
	size_t at = 0;

	CHECK(ask(e, "", true));
	CHECK(watch(e, "in/", e->a.rev + 1));
	for (int i = 0; i < 60; i++) {
		struct store_op ops[] = { { "in/a", val, 0 },
					  { "out", val, 0 },
					  { "in/b", val, 0 } };

		snprintf(val, sizeof(val), "%d", i);
		for (size_t j = 0; j < 3; j++)
			ops[j].len = strlen(val);
		/* Every third transaction changes no key that is watched. */
		CHECK(change(e, NULL, 0, i % 3 ? ops : &ops[1], i % 3 ? 3 : 1));
		CHECK(e->a.res == STORE_APPLIED);
	}
	CHECK(wait_until(e->ev, seen->n >= 80));
	CHECK(seen->n == 80 && seen->revs == 40 && !seen->lost);
	for (int i = 0; i < 60; i++) {
		const struct change *c = &seen->c[at];

		if (!(i % 3))
			continue;
		CHECK(!strcmp(c[0].key, "in/a") && !strcmp(c[1].key, "in/b"));
		CHECK(atoi(c[0].val) == i && c[0].of == 2);
		CHECK(c[0].rev == c[1].rev && (!at || c[0].rev > c[-1].rev));
		at += 2;
	}
	return true;
}

static bool watch_resume(struct env *e)
{
	const struct seen *seen = &e->seen;
	struct env older;
	char val[16];
	int64_t from = 0;

	for (int i = 0; i < 10; i++) {
		snprintf(val, sizeof(val), "%d", i);
		CHECK(put(e, "a", val));
		if (i == 4)
			from = e->a.rev;
	}
	older = (struct env){ .ev = e->ev, .s = e->s };
	CHECK(watch(&older, "", e->a.rev));
	CHECK(wait_until(e->ev, older.seen.n == 1));

	CHECK(watch(e, "", from));
	CHECK(wait_until(e->ev, seen->n == 6));
	CHECK(put(e, "a", NULL));
	CHECK(wait_until(e->ev, seen->n == 7));
	for (int i = 0; i < 6; i++)
		CHECK(atoi(seen->c[i].val) == i + 4 && !seen->c[i].deleted);
	CHECK(seen->c[0].rev == from);
	CHECK(seen->c[6].deleted && seen->c[6].rev == e->a.rev);
	CHECK(!strcmp(seen->c[6].key, "a"));

	/* The second watch began at an older revision: the first one gets no change twice. */
	CHECK(wait_until(e->ev, older.seen.n >= 2));
	CHECK(older.seen.n == 2 && older.seen.c[1].deleted);
	unwatch(&older);
	return true;
}

static void count_txn(void *arg, enum store_result res, int64_t rev,
		      const struct store_kv *kvs, size_t n,
		      const struct cgspan_err *err)
{
	int *left = arg;

	if (res == STORE_APPLIED)
		--*left;
}

/* Write more revisions than the table "log" of a SQLite store keeps. */
static bool overflow_log(struct env *e)
{
	struct store_op op = { "b", "x", 1 };
	struct store_txn txn = { NULL, 0, &op, 1 };
	int left = 10100;

	for (int i = left; i; i--)
		CHECK(!store_txn(e->s, &txn, count_txn, &left, &e->a.err));
	CHECK(wait_until_ms(e->ev, !left, 4 * DEADLINE_MS));
	return true;
}

static bool compact(struct env *e)
{
	if (!e->c.n)
		return overflow_log(e);
	CHECK(ask(e, "a", false));
	return etcd_compact(&e->c, e->a.rev);
}

static bool watch_lost(struct env *e)
{
	int64_t from;

	CHECK(put(e, "a", "1"));
	from = e->a.rev;
	CHECK(put(e, "a", "2"));
	CHECK(put(e, "a", "3"));
	CHECK(compact(e));
	CHECK(watch(e, "", from));
	CHECK(wait_until(e->ev, e->seen.lost));
	CHECK(!e->seen.revs);

	/* LOST comes once; a new watch from the current revision works. */
	CHECK(put(e, "a", "4"));
	CHECK(e->seen.lost == 1 && !e->seen.revs);
	unwatch(e);
	CHECK(watch(e, "", e->a.rev));
	CHECK(wait_until(e->ev, e->seen.n == 1));
	CHECK(!e->seen.lost && !strcmp(e->seen.c[0].val, "4"));
	return true;
}

static bool many_watchers(struct env *e)
{
	enum { N = 100 };
	struct env of[N];
	size_t all = 0;

	CHECK(put(e, "a", "0"));
	for (int i = 0; i < N; i++) {
		of[i] = (struct env){ .ev = e->ev, .s = e->s };
		CHECK(watch(&of[i], "a", e->a.rev + 1));
	}
	for (int i = 0; i < 5; i++)
		CHECK(put(e, "a", "1"));
	CHECK(wait_until(e->ev, ({
		all = 0;
		for (int i = 0; i < N; i++)
			all += of[i].seen.n;
		all == 5 * N;
	})));
	/* After store_unwatch() only the other watches get changes. */
	store_unwatch(of[0].w);
	of[0].w = NULL;
	CHECK(put(e, "a", "2"));
	CHECK(wait_until(e->ev, of[N - 1].seen.n == 6 && of[1].seen.n == 6));
	CHECK(of[0].seen.n == 5);
	for (int i = 0; i < N; i++)
		unwatch(&of[i]);
	return true;
}

struct once {
	struct store_watch *w;
	unsigned int calls;
};

static void end_itself(void *arg, enum store_watch_kind kind, int64_t rev,
		       const struct store_kv *kvs, size_t n)
{
	struct once *o = arg;

	if (kind != STORE_WATCH_REV)
		return;
	o->calls++;
	store_unwatch(o->w);
}

static bool unwatch_itself(struct env *e)
{
	struct once o = { 0 };

	CHECK(put(e, "a", "1"));
	CHECK(put(e, "a", "2"));
	CHECK(!store_watch(e->s, "", e->a.rev - 1, end_itself, &o, &o.w,
			   &e->a.err));
	CHECK(watch(e, "", e->a.rev - 1));
	CHECK(wait_until(e->ev, e->seen.n == 2));
	CHECK(put(e, "a", "3"));
	CHECK(wait_until(e->ev, e->seen.n == 3));
	CHECK(o.calls == 1);
	return true;
}

/* Several processes, several stores */

static bool sum_is_kept(struct env *e)
{
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		pid[i] = start_other(e, "--add", "50", -1);
		CHECK(pid[i] > 0);
	}
	CHECK(add_times(e, 50));
	CHECK(exited_well(pid[0]) && exited_well(pid[1]));
	CHECK(ask(e, "sum", false));
	CHECK(e->a.n == 1 && atoi(e->a.kv[0].val) == 150);
	return true;
}

static bool close_silently(struct env *e)
{
	struct env late;

	CHECK(env_open_other(&late, e, e->conf.prefix));
	CHECK(watch(&late, "", 1));
	for (int i = 0; i < 20; i++)
		CHECK(!store_get(late.s, "a", false, note_get, &late.a,
				 &late.a.err));
	store_close(late.s);
	/* A callback of the closed store, if it made one, would come during this put. */
	CHECK(put(e, "a", "1"));
	CHECK(!late.a.done && !late.seen.revs && !late.states.n);
	return true;
}

/* Durability: a writing process is killed */

static int last_said(const char *path)
{
	FILE *f = fopen(path, "re");
	int i, last = 0;

	while (f && fscanf(f, "%d", &i) == 1)
		last = i;
	if (f)
		fclose(f);
	return last;
}

static bool shift_is_whole(struct env *e, int said)
{
	int x, y;

	CHECK(ask(e, "", true));
	CHECK(e->a.n == 2);
	x = atoi(e->a.kv[0].val);
	y = atoi(e->a.kv[1].val);
	CHECK(x + y == 1000000);
	CHECK(y == said || y == said + 1);
	CHECK(e->a.kv[0].mod_rev == e->a.kv[1].mod_rev);
	return true;
}

static bool killed_writer(struct env *e)
{
	char said[128];
	pid_t pid;
	int fd;

	snprintf(said, sizeof(said), "/tmp/cgspan-said-%d", getpid());
	for (int round = 0; round < 5; round++) {
		fd = open(said, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
		CHECK(fd >= 0);
		CHECK(ask(e, "", true));
		CHECK(watch(e, "", e->a.rev + 1));
		pid = start_other(e, "--shift", "", fd);
		close(fd);
		CHECK(pid > 0);
		CHECK(wait_until(e->ev, e->seen.revs > 20u + round));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		unwatch(e);
		/* etcd finishes a transaction of the killed writer before this put. */
		CHECK(put(e, "z", NULL));
		CHECK(shift_is_whole(e, last_said(said)));
	}
	unlink(said);
	return true;
}

static const struct store_test common[] = {
	{ "the state UP is reported once, with the identity", says_up },
	{ "a key that was never written is absent", absent },
	{ "a key that must be absent is created once, then conflicts with its value",
	  create_once },
	{ "a compare holds at the newest revision only", compare_revision },
	{ "a deleted key is absent, and deleting an absent key changes nothing",
	  delete_key },
	{ "an empty value is not an absent key", empty_value },
	{ "all compares hold and all changes are made, or none",
	  all_or_nothing },
	{ "a transaction may only compare", only_compares },
	{ "a prefix reads its own keys, in order", prefix_read },
	{ "a value of a megabyte of any bytes is read back", big_value },
	{ "120 compares or changes fit in a transaction, 121 are refused", biggest_txn },
	{ "bad input is refused at once with a reason", bad_input },
	{ "a watch delivers whole revisions in order", watch_order },
	{ "a watch starts at a past revision; other watches get no change twice",
	  watch_resume },
	{ "a watch from before the log gets LOST once", watch_lost },
	{ "each of a hundred watches gets all changes", many_watchers },
	{ "a watch may end itself", unwatch_itself },
	{ "three processes that add to one key lose nothing", sum_is_kept },
	{ "a closed store calls no callback", close_silently },
	{ "a killed writer leaves whole transactions, none lost, and a watch gets them",
	  killed_writer },
};

#define RUN(t, e, engine, tests) \
	run_tests(t, e, engine, tests, sizeof(tests) / sizeof(tests[0]))

/* Each test has its own prefix. */
static void run_tests(struct tap *t, struct env *e, const char *engine,
		      const struct store_test *tests, size_t n)
{
	static unsigned int prefixes;
	char prefix[16];
	bool ok;

	e->conf.prefix = prefix;
	for (size_t i = 0; i < n; i++) {
		snprintf(prefix, sizeof(prefix), "/test-%u/", prefixes++);
		ok = env_open(e) && tests[i].fn(e);
		env_close(e);
		tap_result(t, ok, engine, tests[i].name);
	}
	e->conf.prefix = NULL;
}

/* SQLite alone */

static bool other_program(struct env *e)
{
	struct store_conf conf = e->conf;
	struct cgspan_err err = { 0 };
	struct store *s;
	char url[128];
	sqlite3 *db;

	snprintf(url, sizeof(url), "%s-other", e->conf.url);
	conf.url = url;
	CHECK(!sqlite3_open(url + 7, &db));
	CHECK(!sqlite3_exec(db, "CREATE TABLE t (x)", NULL, NULL, NULL));
	sqlite3_close(db);
	CHECK(store_open(&s, e->ev, &conf, NULL, NULL, &err) == -EINVAL);
	CHECK(strstr(err.msg, "another program"));
	return true;
}

static bool bad_urls(struct env *e)
{
	static const struct {
		const char *url;
		const char *says;
	} bad[] = {
		{ "sqlite:relative.db", "must begin with /" },
		{ "sqlite:/nonexistent/x.db", "create the folder first" },
		{ "http://127.0.0.1:2379", "https:// only" },
		{ "etcd:127.0.0.1", "must be sqlite:/path or https://" },
		{ "https://a:1,b:2", "must be https://host:port" },
		{ "https://", "must be https://host:port" },
	};
	struct cgspan_err err;
	struct store *s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct store_conf conf = { .url = bad[i].url };

		CHECK(store_open(&s, e->ev, &conf, NULL, NULL, &err) < 0);
		if (!strstr(err.msg, bad[i].says))
			printf("# %s\n", err.msg);
		CHECK(strstr(err.msg, bad[i].says));
	}
	return true;
}

static bool survives_reopen(struct env *e)
{
	char id[64];

	CHECK(put(e, "a", "kept"));
	snprintf(id, sizeof(id), "%s", store_identity(e->s));
	CHECK(env_open(e));
	CHECK(ask(e, "a", false));
	CHECK(e->a.n == 1 && !strcmp(e->a.kv[0].val, "kept"));
	CHECK(!strcmp(id, store_identity(e->s)));
	return true;
}

static bool fails_without_space(struct env *e)
{
	CHECK(put_if(e, "b", 0, "2"));
	CHECK(e->a.res == STORE_ERROR || e->a.res == STORE_UNKNOWN);
	CHECK(e->a.err.no && e->a.err.msg[0]);
	CHECK(wait_until(e->ev, e->states.last == STORE_READONLY));
	CHECK(e->states.why.msg[0]);
	CHECK(ask(e, "a", false));
	CHECK(e->a.n == 1 && !strcmp(e->a.kv[0].val, "1"));
	return true;
}

static bool read_only(struct env *e)
{
	struct rlimit old, tight;
	bool ok;

	CHECK(put(e, "a", "1"));
	CHECK(e->states.last == STORE_UP);
	/* As on a full disk: this process can write only the first byte of a file. */
	signal(SIGXFSZ, SIG_IGN);
	CHECK(!getrlimit(RLIMIT_FSIZE, &old));
	tight = old;
	tight.rlim_cur = 1;
	fflush(stdout);
	CHECK(!setrlimit(RLIMIT_FSIZE, &tight));
	ok = fails_without_space(e);
	CHECK(!setrlimit(RLIMIT_FSIZE, &old));
	CHECK(ok);

	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(e, "b", "3"));
	return true;
}

static bool replaced_file(struct env *e)
{
	char path[128], away[140];

	snprintf(path, sizeof(path), "%s", e->conf.url + 7);
	snprintf(away, sizeof(away), "%s.away", path);
	CHECK(put(e, "a", "1"));
	CHECK(!rename(path, away));
	CHECK(put_if(e, "b", 0, "2"));
	CHECK(e->a.res == STORE_ERROR && e->a.err.no == -ESTALE);
	CHECK(wait_until(e->ev, e->states.last == STORE_DOWN));
	CHECK(strstr(e->states.why.msg, "replaced"));
	CHECK(!rename(away, path));
	CHECK(wait_until(e->ev, e->states.last == STORE_UP));
	CHECK(put(e, "b", "3"));
	return true;
}

/* The file is restored in place by sqlite3's ".restore" while the store has it open. */
static bool restored_file(struct env *e)
{
	CHECK(put(e, "a", "1"));
	CHECK(run("sqlite3 '%s' '.backup %s.backup'", e->conf.url + 7,
		  e->conf.url + 7));
	CHECK(put(e, "a", "2"));
	CHECK(watch(e, "", e->a.rev + 1));
	CHECK(put(e, "b", "3"));
	CHECK(wait_until(e->ev, e->seen.n == 1) && !store_setbacks(e->s));
	CHECK(run("sqlite3 '%s' '.restore %s.backup'", e->conf.url + 7,
		  e->conf.url + 7));
	CHECK(put_if(e, "c", 0, "4"));
	CHECK(e->a.res == STORE_UNKNOWN && e->a.err.no == -ESTALE);
	CHECK(e->seen.lost == 1 && store_setbacks(e->s) == 1);
	CHECK(ask(e, "", true));
	CHECK(e->a.n == 2 && !strcmp(e->a.kv[0].val, "1"));
	CHECK(put(e, "d", "5"));
	CHECK(store_setbacks(e->s) == 1);
	return true;
}

/* A watch that was lost, and not freed yet, must not repeat scans for another one. */
static bool lost_beside_watch(struct env *e)
{
	struct seen seen = { 0 };
	struct store_watch *live;
	struct cgspan_err err;
	bool idle = false;

	CHECK(put(e, "a", "1"));
	CHECK(watch(e, "", e->a.rev + 1));
	CHECK(run("sqlite3 '%s' '.backup %s.backup'", e->conf.url + 7,
		  e->conf.url + 7));
	CHECK(put(e, "b", "2") && put(e, "b", "3"));
	CHECK(wait_until(e->ev, e->seen.n == 2));
	CHECK(run("sqlite3 '%s' '.restore %s.backup'", e->conf.url + 7,
		  e->conf.url + 7));
	CHECK(wait_until(e->ev, e->seen.lost));
	for (int i = 0; i < 5; i++)
		CHECK(put(e, "c", "4"));
	CHECK(!store_watch(e->s, "", e->a.rev + 1, note_watch, &seen, &live,
			   &err));
	/* A handler runs each time if scans repeat, else seldom: see LOOK_USEC. */
	for (int i = 0; i < 20 && !idle; i++)
		idle = !sd_event_run(e->ev, 200000);
	store_unwatch(live);
	CHECK(idle);
	return true;
}

/* Four processes create the file at once, and share it. */
static bool made_at_once(struct env *e)
{
	struct env fresh = { .ev = e->ev, .conf = e->conf };
	char url[128];
	pid_t pid[4];

	snprintf(url, sizeof(url), "%s-fresh", e->conf.url);
	fresh.conf.url = url;
	for (int i = 0; i < 4; i++)
		pid[i] = start_other(&fresh, "--add", "10", -1);
	for (int i = 0; i < 4; i++)
		CHECK(pid[i] > 0 && exited_well(pid[i]));
	CHECK(env_open(&fresh));
	CHECK(ask(&fresh, "sum", false));
	CHECK(fresh.a.n == 1 && atoi(fresh.a.kv[0].val) == 40);
	env_close(&fresh);
	return true;
}

/* The new file is read for longer than SQLite itself waits, while another process opens it. */
static bool made_while_read(struct env *e)
{
	struct timespec moment = { .tv_sec = 2, .tv_nsec = 500000000 };
	struct env fresh = *e;
	char url[128];
	sqlite3 *db;
	pid_t pid;

	snprintf(url, sizeof(url), "%s-read", e->conf.url);
	fresh.conf.url = url;
	CHECK(!sqlite3_open(url + 7, &db));
	CHECK(!sqlite3_exec(db, "BEGIN; SELECT * FROM sqlite_master", NULL,
			    NULL, NULL));
	pid = start_other(&fresh, "--add", "1", -1);
	CHECK(pid > 0);
	nanosleep(&moment, NULL);
	CHECK(!waitpid(pid, NULL, WNOHANG));
	sqlite3_close(db);
	CHECK(exited_well(pid));
	return true;
}

static bool private_file(struct env *e)
{
	struct stat st;

	CHECK(put(e, "a", "1"));
	CHECK(!stat(e->conf.url + 7, &st));
	CHECK((st.st_mode & 07777) == 0600);
	return true;
}

static const struct store_test sqlite_only[] = {
	{ "another program's database is refused", other_program },
	{ "a bad URL is refused with a reason", bad_urls },
	{ "an applied change is read after the store is opened again", survives_reopen },
	{ "without space the store is READONLY, then UP again", read_only },
	{ "a moved file is noticed before a write",
	  replaced_file },
	{ "a file restored from a backup is a setback", restored_file },
	{ "a lost watch repeats no scans for another watch", lost_beside_watch },
	{ "four processes create the file at once and share it", made_at_once },
	{ "the file is created as soon as no process reads it", made_while_read },
	{ "only its owner can read or write the file", private_file },
};

static void run_sqlite(struct tap *t, sd_event *ev)
{
	char dir[64], url[128];
	struct env e = { .ev = ev };

	make_dir(dir, sizeof(dir));
	snprintf(url, sizeof(url), "sqlite:%s/store.db", dir);
	e.conf.url = url;
	RUN(t, &e, "sqlite", common);
	RUN(t, &e, "sqlite", sqlite_only);
	remove_dir(dir);
}

/* etcd with one member; failures are in store_etcd.c and store_cluster.c */

static void run_etcd(struct tap *t, sd_event *ev)
{
	struct env e = { .ev = ev };
	bool ok;

	if (!have_etcd(t, "etcd", "the same suite"))
		return;
	ok = cluster_start(&e.c, 1);
	tap_result(t, ok, "etcd", "a member starts with certificates");
	if (ok) {
		e.conf = cluster_conf(&e.c, TIMEOUT_MS);
		/* The first test expects that the first reported state is UP. */
		env_open(&e);
		wait_until(ev, e.states.last == STORE_UP && e.states.n);
		RUN(t, &e, "etcd", common);
	}
	cluster_stop(&e.c);
}

int main(int argc, char **argv)
{
	struct tap t = { 0 };
	sd_event *ev;

	if (argc > 4)
		return other(argc, argv);
	if (sd_event_new(&ev) < 0)
		return 1;
	run_sqlite(&t, ev);
	run_etcd(&t, ev);
	sd_event_unref(ev);
	return tap_end(&t);
}
