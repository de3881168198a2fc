// SPDX-License-Identifier: GPL-2.0
#include "driver.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>

#include "config/config.h"
#include "config/crash.h"
#include "crash_what.h"
#include "libcgspan/err.h"
#include "fence.h"
#include "config/identity.h"
#include "ledger/ledger.h"
#include "log.h"
#include "loop.h"
#include "mirror.h"
#include "enforce_module.h"
#include "publish.h"
#include "store/store.h"
#include "reconcile.h"
#include "watchdog.h"

#define RETRY_NS	(500 * NSEC_PER_MSEC)
#define BURST		64
#define READY_NS	(20 * NSEC_PER_MSEC)
#define COVER_NS	(2 * NSEC_PER_SEC)

/**
 * struct driver - all that a running daemon has
 * @conf: from driver_new()
 * @node: the kernel
 * @id: who this node is
 * @session: the kernel's, as found at the start
 * @store: the store, or NULL once closed
 * @start: reads the store's identity until it is known
 * @identity: that identity; another one means another store
 * @setbacks: how often it had gone back when that was last looked at
 * @ledger: NULL until then
 * @sent: the transaction under way: there is at most one
 * @mirrors: of what the ledger watches
 * @publish: usage out and in
 * @fence: runs the fence agents
 * @watchdog: for groups whose on_expiry is reset
 * @tick: the next look at the kernel
 * @reconciled: revision of the groups that the kernel agrees with
 * @tree: what the last reconciliation left to do
 * @acked: since when the leases are in force, ns; 0: not yet
 * @ready: said so
 * @done: the loop is about to end: no event counts any more
 */
struct driver {
	struct driver_conf conf;
	struct node *node;
	struct identity id;
	struct cgspan_session session;
	struct store *store;
	sd_event_source *start;
	char *identity;
	unsigned int setbacks;
	struct ledger *ledger;
	struct {
		uint64_t id;
		const char *what;
		bool ack;
	} sent;
	struct mirrors *mirrors;
	struct publish *publish;
	struct fence *fence;
	struct watchdog *watchdog;
	sd_event_source *tick;
	int64_t reconciled;
	struct tree_result tree;
	uint64_t acked;
	bool ready;
	bool done;
};

static void drain(struct driver *d);

static void finish(struct driver *d, int code)
{
	d->done = true;
	sd_event_exit(d->conf.event, code);
}

/* Only a lack of memory: the next run starts from kernel and store again. */
static void check(struct driver *d, int ret)
{
	if (!ret)
		return;
	log_line(LOG_ERR, "out of memory: starting anew");
	finish(d, 1);
}

static void set_status(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}

static void say_ready(struct driver *d)
{
	if (d->ready)
		return;
	d->ready = true;
	d->conf.ready(d->conf.arg);
}

/*
 * Is it the store that it was? If not, the ledger begins anew; with another
 * identity, so does the daemon.
 */
static bool went_back(struct driver *d)
{
	const char *identity = store_identity(d->store);

	if (store_setbacks(d->store) == d->setbacks)
		return false;
	d->setbacks = store_setbacks(d->store);
	if (identity && strcmp(identity, d->identity)) {
		log_line(LOG_ERR,
			 "another store answers than before (%s, was %s): starting anew",
			 identity, d->identity);
		finish(d, 1);
		return true;
	}
	log_line(LOG_ERR, "the store has gone back to an earlier revision");
	d->reconciled = 0;
	check(d, ledger_gone_back(d->ledger, node_clock(d->node)));
	return true;
}

/* Transactions */

static void on_txn(void *arg, enum store_result res, int64_t rev,
		   const struct store_kv *kvs, size_t n,
		   const struct cgspan_err *err)
{
	struct driver *d = arg;

	if (res == STORE_APPLIED) {
		crash_point(d->sent.what, "committed");
		if (d->sent.ack && !d->acked)
			d->acked = loop_now();
	}
	check(d, ledger_txn_done(d->ledger, node_clock(d->node), d->sent.id,
				 res, rev, kvs, n, err ? err->msg : NULL));
	went_back(d);
	drain(d);
}

static bool has_ack(const struct driver *d, const struct store_txn *txn)
{
	char key[KEY_LEN];
	size_t i;

	key_ack(key, d->id.name);
	for (i = 0; i < txn->n_ops; i++)
		if (txn->ops[i].val && !strcmp(txn->ops[i].key, key))
			return true;
	return false;
}

static void do_txn(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err = { 0 };

	d->sent.id = in->id;
	d->sent.what = crash_what(node_kernel(d->node), d->ledger, in);
	d->sent.ack = has_ack(d, in->txn);
	if (!store_txn(d->store, in->txn, on_txn, d, &err))
		crash_point(d->sent.what, "sent");
	else
		check(d, ledger_txn_done(d->ledger, node_clock(d->node),
					 in->id, STORE_ERROR, 0, NULL, 0,
					 err.msg));
}

/* The kernel */

static void do_lease(struct driver *d, const struct ledger_intent *in)
{
	struct ledger_held held[CGSPAN_LEASES_MAX];
	struct cgspan_err err = { 0 };
	uint64_t id = in->id;
	const char *what;
	int ret;

	what = crash_what(node_kernel(d->node), d->ledger, in);
	crash_point(what, "before");
	ret = node_lease_set(d->node, in->lease.epoch, in->lease.items,
			     in->lease.n, held, &err);
	if (!ret)
		crash_point(what, "after");
	check(d, ledger_lease_done(d->ledger, node_clock(d->node), id, ret,
				   held, err.msg));
}

static void do_renew(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err = { 0 };
	int ret;

	crash_point("renew", "before");
	ret = cgspan_session_renew(node_kernel(d->node), in->renew.epoch,
				   in->renew.sent, in->renew.ttl_ms, NULL,
				   &err);
	if (!ret)
		crash_point("renew", "after");
	check(d, ledger_renew_done(d->ledger, node_clock(d->node), ret,
				   err.msg));
}

static void do_leave(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err = { 0 };
	int ret;

	crash_point("session-end", "before");
	ret = cgspan_session_leave(node_kernel(d->node), in->renew.epoch, &err);
	if (!ret)
		crash_point("session-end", "after");
	check(d, ledger_leave_done(d->ledger, node_clock(d->node), ret,
				   err.msg));
}

static void do_left(struct driver *d)
{
	struct cgspan_err err;

	if (tree_clear(d->node, &err))
		log_line(LOG_WARNING, "the kernel is not cleared: %s", err.msg);
	watchdog_disarm(d->watchdog);
	log_line(LOG_NOTICE, "this node has left the cluster");
	finish(d, 0);
}

static int status_level(enum ledger_status code)
{
	switch (code) {
	case LEDGER_ST_JOINED:
	case LEDGER_ST_RESUMED:
	case LEDGER_ST_REBOOTED:
	case LEDGER_ST_SPEAKS:
	case LEDGER_ST_LEAVING:
	case LEDGER_ST_HALF_FENCED:
	case LEDGER_ST_CLAIMED:
		return LOG_NOTICE;
	case LEDGER_ST_DUPLICATE:
	case LEDGER_ST_CLOCK:
	case LEDGER_ST_STORE_OLD:
		return LOG_ERR;
	default:
		return LOG_WARNING;
	}
}

static void do_status(struct driver *d, const struct ledger_intent *in)
{
	log_line(status_level(in->status.code), "%s%s%s%s",
		 in->status.peer ? "node " : "",
		 in->status.peer ? in->status.peer : "",
		 in->status.peer ? ": " : "", in->status.text);
	switch (in->status.code) {
	case LEDGER_ST_DUPLICATE:
		finish(d, 1);
		return;
	case LEDGER_ST_SILENT:
		fence_silent(d->fence, in->status.peer, in->status.hb_rev);
		return;
	case LEDGER_ST_SPEAKS:
		fence_speaks(d->fence, in->status.peer);
		return;
	case LEDGER_ST_HALF_FENCED:
		fence_finish(d->fence, in->status.peer);
		return;
	case LEDGER_ST_LEAVING:
		publish_stop(d->publish);
		break;
	case LEDGER_ST_STORE_OLD:
		/* As where it is down: the kernel's leases hold. */
		if (d->session.state != CGSPAN_SESSION_NONE)
			say_ready(d);
		break;
	default:
		break;
	}
	set_status(in->status.text);
}

static void carry_out(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err;

	switch (in->kind) {
	case LEDGER_TXN:
		do_txn(d, in);
		break;
	case LEDGER_LEASE_SET:
		do_lease(d, in);
		break;
	case LEDGER_RENEW:
		do_renew(d, in);
		break;
	case LEDGER_WATCH:
		check(d, mirror_add(d->mirrors, in->prefix, &err));
		break;
	case LEDGER_UNWATCH:
		mirror_del(d->mirrors, in->prefix);
		break;
	case LEDGER_LEAVE:
		do_leave(d, in);
		break;
	case LEDGER_STATUS:
		do_status(d, in);
		break;
	case LEDGER_LEFT:
		do_left(d);
		break;
	}
}

static bool must_reconcile(const struct driver *d)
{
	return ledger_in_session(d->ledger) &&
	       (d->tree.pending ||
		ledger_groups_rev(d->ledger) != d->reconciled);
}

/*
 * Everything that follows from an event; then the time of the next look. Other
 * events have their turn even where one has no end of consequences.
 */
static void drain(struct driver *d)
{
	const struct ledger_intent *in;
	unsigned int n = 0;
	uint64_t next;

	while (!d->done && n++ < BURST && (in = ledger_next(d->ledger)))
		carry_out(d, in);
	if (d->done)
		return;
	next = node_loop_time(d->node, ledger_timer(d->ledger));
	if (n > BURST || (must_reconcile(d) && !d->tree.pending))
		next = 0;
	else if (d->acked && !d->ready)
		next = loop_now() + READY_NS;
	loop_arm(d->tick, next);
}

/* Events */

static void on_snapshot(void *arg, const char *prefix,
			const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct driver *d = arg;

	/* The ledger then asks for all of it once more. */
	if (went_back(d)) {
		drain(d);
		return;
	}
	check(d, ledger_snapshot(d->ledger, node_clock(d->node), prefix, kvs,
				 n, rev));
	drain(d);
}

static void on_change(void *arg, const struct store_kv *kvs, size_t n,
		      int64_t rev)
{
	struct driver *d = arg;

	check(d, ledger_change(d->ledger, node_clock(d->node), kvs, n, rev));
	drain(d);
}

static void on_state(void *arg, enum store_state state,
		     const struct cgspan_err *why)
{
	struct driver *d = arg;

	if (state == STORE_UP)
		log_line(LOG_INFO, "the store answers");
	else
		log_line(LOG_WARNING, "the store is %s: %s",
			 state == STORE_DOWN ? "down" : "read-only",
			 why ? why->msg : "no reason known");
	/* After a restart the kernel's leases hold with or without a store. */
	if (state != STORE_UP && d->session.state != CGSPAN_SESSION_NONE)
		say_ready(d);
	if (!d->ledger)
		return;
	check(d, ledger_store_state(d->ledger, node_clock(d->node), state));
	drain(d);
}

/*
 * Ready: what runs here is covered, so that what starts behind us is admitted.
 * A pool that is dry may take long to cover it: that holds nobody up for ever.
 */
static void check_ready(struct driver *d, const struct node_view *v)
{
	bool covered = true;
	unsigned int r;
	size_t i;

	if (d->ready || !d->acked || !ledger_in_session(d->ledger))
		return;
	for (i = 0; i < v->n; i++)
		for (r = 0; r < v->groups[i].n_res; r++)
			covered &= v->groups[i].res[r].used <=
				   v->groups[i].res[r].lease;
	if (covered || loop_now() - d->acked > COVER_NS)
		say_ready(d);
}

/* @refused: an event says so of this resource; -1: of none */
static int give_facts(struct driver *d, const struct node_view *v,
		      bool complete, int refused)
{
	struct ledger_fact *facts;
	size_t i, n;
	int ret;

	ret = node_facts(v, &facts, &n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		facts[i].refused = (int)facts[i].res == refused;
	ret = ledger_facts(d->ledger, node_clock(d->node), facts, n, complete);
	free(facts);
	return ret;
}

/* Unguarded, no group may have a lease: the kernel keeps what it has. */
static void guard(struct driver *d, const struct node_view *v)
{
	struct cgspan_err err;

	if (!watchdog_guard(d->watchdog, d->node, v, &err))
		return;
	log_line(LOG_ERR, "%s", err.msg);
	finish(d, 1);
}

/* The resource that an event says was refused or overdrawn, or -1. */
static int refused_in(const struct cgspan_group *told)
{
	unsigned int r;

	for (r = 0; r < told->n_res; r++)
		if (told->res[r].credit == CGSPAN_CREDIT_REFUSED ||
		    told->res[r].credit == CGSPAN_CREDIT_OVERDRAWN)
			return told->res[r].id;
	return -1;
}

static void look_at(struct driver *d, const char *path, int refused)
{
	struct cgspan_group g;
	uint32_t members;
	const struct node_view v = {
		.groups = &g, .n = 1, .members = &members,
	};

	if (!d->ledger)
		return;
	if (cgspan_group_get(node_kernel(d->node), path, 0, &g, NULL))
		return;
	/* Somebody's tasks have come: below or here, there is a member. */
	members = g.members ? g.members : 1;
	check(d, give_facts(d, &v, false, refused));
	drain(d);
}

static void on_event(void *arg, const struct cgspan_event *ev)
{
	struct driver *d = arg;
	struct cgspan_err err;

	if (!ev) {	/* some were lost: look at all of them */
		if (tree_freezers(d->node, &err))
			log_line(LOG_WARNING, "%s", err.msg);
		if (d->ledger)
			loop_arm(d->tick, 0);
		return;
	}
	switch (ev->cmd) {
	case CGSPAN_CMD_CREDIT_NTF:
		look_at(d, ev->group.path, refused_in(&ev->group));
		break;
	case CGSPAN_CMD_GROUP_EMPTY_NTF:
		log_line(LOG_NOTICE,
			 "the session had expired: group %s is killed and empty",
			 ev->group.path);
		look_at(d, ev->group.path, -1);
		break;
	case CGSPAN_CMD_MEMBER_NTF:
		tree_freezer(d->node, &ev->member);
		break;
	default:
		break;
	}
}

/* What was said about a member once need not be said again. */
static void keep_told(struct config *to, const struct config *from)
{
	size_t i, k;

	for (i = 0; i < to->n_members; i++)
		for (k = 0; k < from->n_members; k++)
			if (!strcmp(to->members[i].cgroup,
				    from->members[k].cgroup))
				to->members[i].told = from->members[k].told;
}

/* An admin may have bound or unbound since; a file in ruins changes nothing. */
static void reload_members(struct driver *d)
{
	struct config *c = d->conf.config;
	struct cgspan_err err;
	struct config fresh;

	if (config_load(&fresh, d->conf.config_path, &err)) {
		log_line(LOG_WARNING, "the members stay as they were: %s",
			 err.msg);
	} else {
		struct config old = *c;

		keep_told(&fresh, &old);
		c->members = fresh.members;
		c->n_members = fresh.n_members;
		fresh.members = old.members;
		fresh.n_members = old.n_members;
	}
	config_free(&fresh);
}

static void reconcile(struct driver *d, struct node_view *v)
{
	int64_t rev = ledger_groups_rev(d->ledger);
	struct cgspan_err err;
	int ret;

	reload_members(d);
	ret = tree_reconcile(d->node, d->ledger, d->conf.config, &d->tree, &err);
	if (!ret) {
		node_view_free(v);
		ret = node_read(d->node, v, &err);
	}
	if (ret) {
		log_line(LOG_WARNING, "groups do not agree with the store: %s",
			 err.msg);
		d->tree.pending = 1;	/* again with the next tick */
		return;
	}
	d->reconciled = rev;
	guard(d, v);
	check(d, give_facts(d, v, true, -1));
	check(d, ledger_reconciled(d->ledger, node_clock(d->node), rev));
	drain(d);
}

static int on_tick(sd_event_source *src, uint64_t usec, void *arg)
{
	uint64_t start = loop_now(), cost, next;
	struct driver *d = arg;
	struct cgspan_err err = { 0 };
	struct node_view v;
	int ret;

	(void)src;
	(void)usec;
	ret = node_read(d->node, &v, &err);
	if (!ret)
		guard(d, &v);
	if (!ret && !d->done) {
		check(d, give_facts(d, &v, true, -1));
		check(d, ledger_tick(d->ledger, node_clock(d->node)));
		drain(d);
	}
	if (!ret && !d->done && must_reconcile(d))
		reconcile(d, &v);
	if (!ret && !d->done && ledger_in_session(d->ledger))
		ret = publish_tick(d->publish, &v, d->ledger, &err);
	if (!ret && !d->done)
		check_ready(d, &v);
	if (ret)
		log_line(LOG_WARNING, "%s", err.msg);
	node_view_free(&v);
	if (d->done)
		return 0;

	/* A node with very many groups is looked at less often. */
	cost = loop_now() - start;
	next = node_loop_time(d->node, ledger_timer(d->ledger));
	if (next < loop_now() + 10 * cost)
		next = loop_now() + 10 * cost;
	loop_arm(d->tick, next);
	return 0;
}

/* Start */

static int make_ledger(struct driver *d, struct cgspan_err *err)
{
	const struct config *c = d->conf.config;
	struct ledger_conf conf = {
		.name = d->id.name,
		.machine = d->id.machine,
		.boot = d->id.boot,
		.uuid = d->id.uuid,
		.identity = d->identity,
		.labels = (const char *const *)c->labels,
		.n_labels = c->n_labels,
		.ttl_ms = c->ttl_ms,
		.heartbeat_ms = c->heartbeat_ms,
	};

	if (getrandom(&conf.seed, sizeof(conf.seed), 0) < 0)
		conf.seed = loop_now();
	srandom(conf.seed);
	return ledger_new(&d->ledger, &conf, err);
}

static int begin(struct driver *d, struct cgspan_err *err)
{
	struct node_view v;
	int ret;

	ret = make_ledger(d, err);
	if (!ret)
		ret = mirrors_new(&d->mirrors, d->conf.event, d->store,
				  on_snapshot, on_change, d, err);
	if (!ret)
		ret = publish_new(&d->publish, d->conf.event, d->store, d->node,
				  d->id.name,
				  d->conf.config->heartbeat_ms * NSEC_PER_MSEC, err);
	if (!ret)
		ret = node_read(d->node, &v, err);
	if (ret)
		return ret;
	guard(d, &v);
	check(d, give_facts(d, &v, true, -1));
	node_view_free(&v);
	check(d, ledger_start(d->ledger, node_clock(d->node), d->session.epoch,
			      d->session.sent, d->session.deadline));
	drain(d);
	return 0;
}

/* The first answer tells which store this is. */
static void on_first(void *arg, const struct store_kv *kvs, size_t n,
		     int64_t rev, const struct cgspan_err *why)
{
	const char *identity;
	struct driver *d = arg;
	struct cgspan_err err;

	(void)kvs;
	(void)n;
	(void)rev;
	identity = store_identity(d->store);
	if (why || !identity) {
		loop_arm(d->start, loop_now() + RETRY_NS / 2 +
			  (uint64_t)random() % RETRY_NS);
		return;
	}
	d->identity = strdup(identity);
	d->setbacks = store_setbacks(d->store);
	if (!d->identity) {
		check(d, -ENOMEM);
	} else if (begin(d, &err)) {
		log_line(LOG_ERR, "%s", err.msg);
		finish(d, 1);
	}
}

static int read_first(sd_event_source *src, uint64_t usec, void *arg)
{
	struct driver *d = arg;

	(void)src;
	(void)usec;
	if (store_get(d->store, KEY_CLUSTER_NAME, false, on_first, d, NULL))
		loop_arm(d->start, loop_now() + RETRY_NS);
	return 0;
}

static int read_password(const struct config *c, char *buf, size_t size,
			 struct cgspan_err *err)
{
	char *text;
	size_t len;
	int ret;

	if (!c->password_file)
		return 0;
	ret = config_file_read(c->password_file, &text, &len, err);
	if (ret)
		return ret;
	len = strcspn(text, "\r\n");
	if (!len || len >= size)
		ret = cgspan_err_set(err, -EINVAL,
				     "%.120s: its first line must be a password",
				     c->password_file);
	else
		snprintf(buf, size, "%.*s", (int)len, text);
	explicit_bzero(text, len);
	free(text);
	return ret;
}

static int open_store(struct driver *d, struct cgspan_err *err)
{
	const struct config *c = d->conf.config;
	char password[256] = "";
	struct store_conf conf = {
		.url = c->store,
		.prefix = c->prefix,
		.cacert = c->cacert,
		.cert = c->cert,
		.key = c->key,
		.user = c->user,
		.password = c->user ? password : NULL,
	};
	int ret;

	ret = read_password(c, password, sizeof(password), err);
	if (!ret)
		ret = store_open(&d->store, d->conf.event, &conf,
				 on_state, d, err);
	explicit_bzero(password, sizeof(password));
	return ret;
}

/* The kernel's side of the start: who are we, and what goes on here? */
static int open_node(struct driver *d, struct cgspan_err *err)
{
	struct cgspan_node node;
	bool joined;
	int ret;

	ret = node_open(&d->node, d->conf.event, on_event, d, err);
	if (!ret)
		ret = cgspan_node_get(node_kernel(d->node), &node, &d->session,
				      err);
	if (ret)
		return ret;
	joined = d->session.state != CGSPAN_SESSION_NONE;
	if (joined && d->session.owned)
		return cgspan_err_set(err, -EBUSY,
				      "another process owns the session of this node: is a cgspand running here? Stop it first");
	ret = identity_read(&d->id, d->conf.config->node, node.uuid, err);
	if (ret)
		return ret;
	if (joined && strcmp(node.name, d->id.name))
		return cgspan_err_set(err, -EBUSY,
				      "this kernel is in session as node %s, not %s: leave the cluster under that name first (cgspan leave)",
				      node.name, d->id.name);
	ret = joined ? 0 : cgspan_node_set(node_kernel(d->node), d->id.name,
					   d->id.boot_id, err);
	if (!ret)
		ret = tree_bind(d->node, d->conf.config, joined, &d->tree, err);
	return ret;
}

int driver_new(struct driver **out, const struct driver_conf *conf,
	       struct cgspan_err *err)
{
	struct driver *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	d->conf = *conf;
	ret = watchdog_new(&d->watchdog, conf->config->watchdog,
			   conf->config->watchdog_ms, err);
	if (!ret)
		ret = open_node(d, err);
	if (!ret)
		ret = open_store(d, err);
	if (!ret)
		ret = loop_timer(conf->event, on_tick, d, &d->tick, err);
	if (!ret)
		ret = loop_timer(conf->event, read_first, d, &d->start, err);
	if (!ret)
		ret = fence_new(&d->fence, conf->event, d->store,
				conf->config->agents, conf->config->n_agents,
				d->id.name, err);
	if (ret) {
		driver_free(d);
		return ret;
	}
	loop_arm(d->start, 0);
	*out = d;
	return 0;
}

void driver_free(struct driver *d)
{
	if (!d)
		return;
	store_close(d->store);
	mirrors_free(d->mirrors);
	publish_free(d->publish);
	fence_free(d->fence);
	watchdog_free(d->watchdog);
	ledger_free(d->ledger);
	sd_event_source_disable_unref(d->tick);
	sd_event_source_disable_unref(d->start);
	node_close(d->node);
	free(d->identity);
	free(d);
}
