/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the tests of the store: a temporary folder, an etcd cluster on free ports
 * with certificates from cgspan-certs, and calls that wait for their answers
 * until a deadline.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"
#include "../../user/libcgspan/err.h"
#include "tap.h"

#define MEMBERS_MAX	3
/* Usual longest wait, enough for a busy machine: only a test that fails waits so long. */
#define DEADLINE_MS	120000

#define unused		__attribute__((unused))

struct member {
	char name[8];
	int client_port;
	int peer_port;
	pid_t pid;
};

struct cluster {
	char dir[64];
	int n;
	struct member m[MEMBERS_MAX];
	char initial[256];
	const char *extra;	/* one more option for each member, or NULL */
};

/* The states that a store has reported: how many, the last one, and which. */
struct states {
	unsigned int n;
	enum store_state last;
	bool seen[3];
	struct cgspan_err why;
};

struct answer {
	bool done;
	enum store_result res;
	int64_t rev;
	size_t n;
	struct store_kv kv[130];
	struct cgspan_err err;
};

/* The changes that a watch has delivered, in order. */
struct seen {
	size_t n;
	size_t cap;
	struct change {
		int64_t rev;
		size_t of;	/* number of changes that came with this revision */
		char key[40];
		char val[24];
		bool deleted;
	} *c;
	unsigned int revs;
	unsigned int lost;
};

/* A store under test, its cluster if it is etcd, and what the store has reported. */
struct env {
	sd_event *ev;
	struct store_conf conf;
	struct cluster c;
	struct store *s;
	struct states states;
	struct answer a;
	struct store_watch *w;	/* watch that watch() began */
	struct seen seen;	/* changes that @w has delivered */
};

struct store_test {
	const char *name;
	bool (*fn)(struct env *e);
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Run the event loop until @cond holds, or for @ms. Value: whether it holds. */
#define wait_until_ms(ev, cond, ms)					\
	({								\
		int64_t end_ = now_ms() + (ms);				\
		while (!(cond) && now_ms() < end_)			\
			sd_event_run(ev, (uint64_t)			\
				     (end_ - now_ms() > 0 ?		\
				      end_ - now_ms() : 0) * 1000);	\
		(cond);							\
	})

#define wait_until(ev, cond)	wait_until_ms(ev, cond, DEADLINE_MS)

/* Programs */

static unused bool run(const char *fmt, ...)
{
	char *line;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (ret < 0)
		return false;
	ret = system(line);
	if (ret)
		printf("# failed: %s\n", line);
	free(line);
	return !ret;
}

/* Return: are etcd and etcdctl installed? If not, the test is reported as skipped. */
static unused bool have_etcd(struct tap *t, const char *subject,
			     const char *test)
{
	if (run("{ command -v etcd && command -v etcdctl; } >/dev/null"))
		return true;
	tap_skip(t, subject, test,
		 "etcd or etcdctl is not installed (etcd-server, etcd-client)");
	return false;
}

static unused bool make_dir(char *dir, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, size, "%s/cgspan-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir);
}

static unused void remove_dir(const char *dir)
{
	run("rm -rf '%s'", dir);
}

static unused bool make_certs(const char *dir)
{
	char here[] = __FILE__;

	return run("certs='%1$s/../../user/cgspand/cgspan-certs' && \"$certs\" init '%2$s' && \"$certs\" member '%2$s' member 127.0.0.1 localhost && \"$certs\" node '%2$s' node",
		   dirname(here), dir);
}

/* etcd */

/*
 * The socket stays bound and never listens, so that no other bind() to port 0 gets its port;
 * etcd can bind the same port, since both sockets have SO_REUSEADDR.
 */
static int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd, one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) ||
	    getsockname(fd, (struct sockaddr *)&a, &len))
		return 0;
	return ntohs(a.sin_port);
}

static void exec_member(struct cluster *c, struct member *m)
{
	char line[1024];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(line, sizeof(line), "exec etcd --name %1$s --data-dir %1$s.data"
		 " --listen-client-urls https://127.0.0.1:%2$d"
		 " --advertise-client-urls https://127.0.0.1:%2$d"
		 " --listen-peer-urls https://127.0.0.1:%3$d"
		 " --initial-advertise-peer-urls https://127.0.0.1:%3$d"
		 " --initial-cluster %4$s --initial-cluster-token %5$s"
		 " --cert-file member.pem --key-file member.key"
		 " --trusted-ca-file ca.pem --client-cert-auth"
		 " --peer-cert-file member.pem --peer-key-file member.key"
		 " --peer-trusted-ca-file ca.pem --peer-client-cert-auth"
		 " %6$s >>%1$s.log 2>&1", m->name, m->client_port, m->peer_port,
		 c->initial, c->dir, c->extra ? c->extra : "");
	execl("/bin/sh", "sh", "-c", line, NULL);
	_exit(127);
}

static unused bool member_start(struct cluster *c, int i)
{
	struct member *m = &c->m[i];

	m->pid = fork();
	if (!m->pid) {
		if (!chdir(c->dir))
			exec_member(c, m);
		_exit(127);
	}
	return m->pid > 0;
}

static unused void member_kill(struct cluster *c, int i)
{
	if (c->m[i].pid <= 0)
		return;
	kill(c->m[i].pid, SIGKILL);
	waitpid(c->m[i].pid, NULL, 0);
	c->m[i].pid = 0;
}

/* Stop a member; returns when it has stopped, which may be later than kill() returns. */
static unused bool member_pause(struct cluster *c, int i)
{
	int status;

	CHECK(!kill(c->m[i].pid, SIGSTOP));
	CHECK(waitpid(c->m[i].pid, &status, WUNTRACED) == c->m[i].pid);
	CHECK(WIFSTOPPED(status));
	return true;
}

static unused void member_resume(struct cluster *c, int i)
{
	kill(c->m[i].pid, SIGCONT);
}

static unused bool cluster_start(struct cluster *c, int n)
{
	size_t len = 0;

	c->n = n;
	if (!make_dir(c->dir, sizeof(c->dir)))
		return false;
	CHECK(make_certs(c->dir));
	for (int i = 0; i < n; i++) {
		snprintf(c->m[i].name, sizeof(c->m[i].name), "m%d", i);
		c->m[i].client_port = free_port();
		c->m[i].peer_port = free_port();
		CHECK(c->m[i].client_port && c->m[i].peer_port);
		len += (size_t)snprintf(c->initial + len,
					sizeof(c->initial) - len,
					"%s%s=https://127.0.0.1:%d",
					i ? "," : "", c->m[i].name,
					c->m[i].peer_port);
	}
	for (int i = 0; i < n; i++)
		CHECK(member_start(c, i));
	return true;
}

static unused void cluster_stop(struct cluster *c)
{
	for (int i = 0; i < c->n; i++) {
		if (c->m[i].pid > 0)
			kill(c->m[i].pid, SIGCONT);
		member_kill(c, i);
	}
	if (c->dir[0] && !getenv("KEEP"))
		remove_dir(c->dir);
}

/* Return: a configuration with all members; its texts are valid until the next call. */
static unused struct store_conf cluster_conf(const struct cluster *c,
					     unsigned int timeout_ms)
{
	static char text[4][256];
	size_t len = 0;

	for (int i = 0; i < c->n; i++)
		len += (size_t)snprintf(text[0] + len, sizeof(text[0]) - len,
					"%shttps://127.0.0.1:%d", i ? "," : "",
					c->m[i].client_port);
	snprintf(text[1], sizeof(text[1]), "%s/ca.pem", c->dir);
	snprintf(text[2], sizeof(text[2]), "%s/node.pem", c->dir);
	snprintf(text[3], sizeof(text[3]), "%s/node.key", c->dir);
	return (struct store_conf){
		.url = text[0], .prefix = "/cgspan/", .cacert = text[1],
		.cert = text[2], .key = text[3], .timeout_ms = timeout_ms,
	};
}

/* Format of a call of etcdctl up to its command, for a folder and a client port. */
#define ETCDCTL "cd '%s' && ETCDCTL_API=3 etcdctl --endpoints=https://127.0.0.1:%d --cacert=ca.pem --cert=node.pem --key=node.key "

static unused bool etcdctl(struct cluster *c, const char *args)
{
	return run(ETCDCTL "%s >>etcdctl.log 2>&1", c->dir,
		   c->m[0].client_port, args);
}

/* Delete the history of all keys before the revision @rev. */
static unused bool etcd_compact(struct cluster *c, int64_t rev)
{
	char args[64];

	snprintf(args, sizeof(args), "compaction %lld", (long long)rev);
	return etcdctl(c, args);
}

/* Stores */

static void note_state(void *arg, enum store_state state,
		       const struct cgspan_err *why)
{
	struct states *st = arg;

	st->n++;
	st->last = state;
	st->seen[state] = true;
	memset(&st->why, 0, sizeof(st->why));
	if (why)
		st->why = *why;
}

/* Open the store; close it before that if it is open. */
static unused bool env_open(struct env *e)
{
	struct cgspan_err err;

	store_close(e->s);
	e->s = NULL;
	memset(&e->states, 0, sizeof(e->states));
	if (!store_open(&e->s, e->ev, &e->conf, note_state, &e->states, &err))
		return true;
	printf("# store_open: %s\n", err.msg);
	return false;
}

/* Open the store of @e a second time, as @other, under @prefix. */
static unused bool env_open_other(struct env *other, const struct env *e,
				  const char *prefix)
{
	*other = (struct env){ .ev = e->ev, .conf = e->conf };
	other->conf.prefix = prefix;
	return env_open(other);
}

/* Asking and waiting */

static void forget(struct answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->kv[i].key);
		free(a->kv[i].val);
	}
	memset(a, 0, sizeof(*a));
}

static void keep(struct answer *a, const struct store_kv *kvs, size_t n)
{
	for (size_t i = 0; i < n && i < 130; i++) {
		a->kv[i] = kvs[i];
		a->kv[i].key = strdup(kvs[i].key);
		if (!kvs[i].val)
			continue;
		a->kv[i].val = malloc(kvs[i].len + 1);
		memcpy(a->kv[i].val, kvs[i].val, kvs[i].len);
		a->kv[i].val[kvs[i].len] = '\0';
	}
	a->n = n;
}

static void note_get(void *arg, const struct store_kv *kvs, size_t n,
		     int64_t rev, const struct cgspan_err *err)
{
	struct answer *a = arg;

	forget(a);
	a->done = true;
	a->rev = rev;
	if (err)
		a->err = *err;
	keep(a, kvs, n);
}

static void note_txn(void *arg, enum store_result res, int64_t rev,
		     const struct store_kv *kvs, size_t n,
		     const struct cgspan_err *err)
{
	struct answer *a = arg;

	note_get(a, kvs, n, rev, err);
	a->res = res;
}

static unused bool ask(struct env *e, const char *key, bool prefix)
{
	forget(&e->a);
	CHECK(!store_get(e->s, key, prefix, note_get, &e->a, &e->a.err));
	CHECK(!e->a.done);
	CHECK(wait_until(e->ev, e->a.done));
	return true;
}

static unused bool change(struct env *e, const struct store_cmp *cmps,
			  size_t n_cmps, const struct store_op *ops,
			  size_t n_ops)
{
	struct store_txn txn = { cmps, n_cmps, ops, n_ops };

	forget(&e->a);
	CHECK(!store_txn(e->s, &txn, note_txn, &e->a, &e->a.err));
	CHECK(!e->a.done);
	CHECK(wait_until(e->ev, e->a.done));
	return true;
}

/* Put one key, or delete it (@val is NULL), without a compare. Return: was it applied? */
static unused bool put(struct env *e, const char *key, const char *val)
{
	struct store_op op = { key, val, val ? strlen(val) : 0 };

	CHECK(change(e, NULL, 0, &op, 1));
	if (e->a.res != STORE_APPLIED)
		printf("# put %s: %s\n", key, e->a.err.msg);
	CHECK(e->a.res == STORE_APPLIED);
	return true;
}

/* Put one key if its revision is @mod_rev (0: if it is absent); the result is in @e->a. */
static unused bool put_if(struct env *e, const char *key, int64_t mod_rev,
			  const char *val)
{
	struct store_cmp cmp = { key, mod_rev };
	struct store_op op = { key, val, strlen(val) };

	return change(e, &cmp, 1, &op, 1);
}

/* Put @size zero bytes under the key "big"; the result is in @e->a. */
static unused bool put_big(struct env *e, size_t size)
{
	char *val = calloc(1, size);
	struct store_op op = { "big", val, size };
	bool ok = change(e, NULL, 0, &op, 1);

	free(val);
	return ok;
}

/* Watching */

static void note_watch(void *arg, enum store_watch_kind kind, int64_t rev,
		       const struct store_kv *kvs, size_t n)
{
	struct seen *w = arg;

	w->lost += kind == STORE_WATCH_LOST;
	w->revs += kind == STORE_WATCH_REV;
	if (kind != STORE_WATCH_REV)
		return;
	for (size_t i = 0; i < n; i++) {
		struct change *c;

		if (w->n == w->cap) {
			w->cap = w->cap ? 2 * w->cap : 64;
			w->c = reallocarray(w->c, w->cap, sizeof(*w->c));
		}
		c = &w->c[w->n++];
		memset(c, 0, sizeof(*c));
		c->rev = rev == kvs[i].mod_rev ? rev : -1;
		c->of = n;
		c->deleted = !kvs[i].val;
		snprintf(c->key, sizeof(c->key), "%s", kvs[i].key);
		snprintf(c->val, sizeof(c->val), "%s",
			 kvs[i].val ? kvs[i].val : "");
	}
}

static unused bool watch(struct env *e, const char *prefix, int64_t from)
{
	CHECK(!store_watch(e->s, prefix, from, note_watch, &e->seen, &e->w,
			   &e->a.err));
	return true;
}

static unused void unwatch(struct env *e)
{
	store_unwatch(e->w);
	e->w = NULL;
	free(e->seen.c);
	memset(&e->seen, 0, sizeof(e->seen));
}

static unused void env_close(struct env *e)
{
	unwatch(e);
	store_close(e->s);
	e->s = NULL;
	forget(&e->a);
}

#endif /* TESTS_UNIT_STORE_FIXTURE_H */
