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
#include "config/identity.h"
#include "config/store.h"
#include "crash_what.h"
#include "enforce_module.h"
#include "fence.h"
#include "ledger/ledger.h"
#include "libcgspan/err.h"
#include "log.h"
#include "loop.h"
#include "mirror.h"
#include "publish.h"
#include "reconcile.h"
#include "store/store.h"
#include "watchdog.h"

#define BURST		64
#define READY_NS	(20 * NSEC_PER_MSEC)
#define COVER_NS	(2 * NSEC_PER_SEC)

/* State of a running daemon. */
struct driver {
	struct driver_conf conf;
	struct enforce *enforce;	/* this node's kernel */
	struct identity id;		/* identity of this node */
	struct cgspan_session session;	/* the kernel's session at the start */
	struct store *store;
	char identity[64];		/* identity in the store's first answer */
	unsigned int setbacks;		/* store_setbacks() as checked last */
	struct ledger *ledger;		/* NULL before the store's first answer */
	struct {
		uint64_t id;
		const char *what;
		bool ack;
	} sent;				/* the ledger's transaction under way */
	/* Mirrors of prefixes; without a ledger, of the key "cluster". */
	struct mirrors *mirrors;
	struct publish *publish;
	struct fence *fence;
	struct watchdog *watchdog;
	sd_event_source *tick;		/* timer of the next ledger_tick() */
	int64_t reconciled;		/* revision that the kernel's groups have */
	size_t pending;			/* groups left to remove; or 1: retry */
	uint64_t acked;			/* when this run first put ack/; or 0 */
	bool ready;			/* @conf.ready has been called */
	bool done;			/* the loop is ending: ignore all events */
};

static void drain(struct driver *d);
static void begin(struct driver *d);

static uint64_t now(const struct driver *d)
{
	return enforce_clock(d->enforce);
}

static struct cgspan *kernel(const struct driver *d)
{
	return enforce_kernel(d->enforce);
}

static void finish(struct driver *d, int code)
{
	d->done = true;
	sd_event_exit(d->conf.event, code);
}

/* @ret: 0, or an error, as -ENOMEM: end the daemon; its next run reads all. */
static void check(struct driver *d, int ret)
{
	if (!ret)
		return;
	log_line(LOG_ERR, "out of memory: the daemon starts anew");
	finish(d, 1);
}

static void say_ready(struct driver *d)
{
	if (d->ready)
		return;
	d->ready = true;
	d->conf.ready();
}

/*
 * Has the store been replaced, or gone back, since the last call? If it has
 * gone back, the ledger starts anew; if it was replaced, the daemon ends, to
 * start anew.
 */
static bool went_back(struct driver *d)
{
	const char *identity = store_identity(d->store);

	if (store_setbacks(d->store) == d->setbacks)
		return false;
	d->setbacks = store_setbacks(d->store);
	if (identity && strcmp(identity, d->identity)) {
		log_line(LOG_ERR,
			 "another store answers than before (%s, was %s): the daemon starts anew",
			 identity, d->identity);
		finish(d, 1);
		return true;
	}
	log_line(LOG_ERR, "the store has gone back to an earlier revision");
	d->reconciled = 0;
	check(d, ledger_gone_back(d->ledger, now(d)));
	return true;
}

/* Transactions of the ledger */

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
	check(d, ledger_txn_done(d->ledger, now(d), d->sent.id, res, rev, kvs,
				 n, err ? err->msg : NULL));
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
	d->sent.what = crash_what(kernel(d), d->ledger, in);
	d->sent.ack = has_ack(d, in->txn);
	if (!store_txn(d->store, in->txn, on_txn, d, &err))
		crash_point(d->sent.what, "sent");
	else
		check(d, ledger_txn_done(d->ledger, now(d), in->id, STORE_ERROR,
					 0, NULL, 0, err.msg));
}

/* Requests to the kernel */

static void do_lease(struct driver *d, const struct ledger_intent *in)
{
	struct ledger_held held[CGSPAN_LEASES_MAX];
	struct cgspan_err err = { 0 };
	uint64_t id = in->id;
	const char *what;
	int ret;

	what = crash_what(kernel(d), d->ledger, in);
	crash_point(what, "before");
	ret = enforce_lease_set(d->enforce, in->lease.epoch, in->lease.items,
				in->lease.n, held, &err);
	if (!ret)
		crash_point(what, "after");
	check(d, ledger_lease_done(d->ledger, now(d), id, ret, held, err.msg));
}

static void do_renew(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err = { 0 };
	int ret;

	crash_point("renew", "before");
	ret = cgspan_session_renew(kernel(d), in->renew.epoch, in->renew.sent,
				   in->renew.ttl_ms, NULL, &err);
	if (!ret)
		crash_point("renew", "after");
	check(d, ledger_renew_done(d->ledger, now(d), ret, err.msg));
}

static void do_leave(struct driver *d, const struct ledger_intent *in)
{
	struct cgspan_err err = { 0 };
	int ret;

	crash_point("session-end", "before");
	ret = cgspan_session_leave(kernel(d), in->renew.epoch, &err);
	if (!ret)
		crash_point("session-end", "after");
	check(d, ledger_leave_done(d->ledger, now(d), ret, err.msg));
}

static void do_left(struct driver *d)
{
	struct cgspan_err err;

	if (reconcile_clear(d->enforce, &err))
		log_line(LOG_WARNING, "groups or members stay in the kernel: %s", err.msg);
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
	const char *peer = in->status.peer;

	log_line(status_level(in->status.code), "%s%s%s%s", peer ? "node " : "",
		 peer ? peer : "", peer ? ": " : "", in->status.text);
	switch (in->status.code) {
	case LEDGER_ST_DUPLICATE:
		finish(d, 1);
		return;
	case LEDGER_ST_SILENT:
		fence_silent(d->fence, peer, in->status.hb_rev);
		return;
	case LEDGER_ST_SPEAKS:
		fence_speaks(d->fence, peer);
		return;
	case LEDGER_ST_HALF_FENCED:
		fence_finish(d->fence, peer);
		return;
	case LEDGER_ST_LEAVING:
		publish_stop(d->publish);
		break;
	case LEDGER_ST_STORE_OLD:
		/* Until "cgspan recover", the kernel's leases hold. */
		if (d->session.state != CGSPAN_SESSION_NONE)
			say_ready(d);
		break;
	default:
		break;
	}
	sd_notifyf(0, "STATUS=%s", in->status.text);
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
	       (d->pending ||
		ledger_groups_rev(d->ledger) != d->reconciled);
}

/*
 * Carry out the ledger's intentions after an event, then arm the next tick. At
 * most BURST at a time, so that other events are not delayed without bound.
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
	next = enforce_loop_time(d->enforce, ledger_timer(d->ledger));
	if (n > BURST || (must_reconcile(d) && !d->pending))
		next = 0;
	else if (d->acked && !d->ready)
		next = loop_now() + READY_NS;
	loop_arm(d->tick, next);
}

/* Events of kernel, store and timer */

static void on_snapshot(void *arg, const char *prefix,
			const struct store_kv *kvs, size_t n, int64_t rev)
{
	struct driver *d = arg;

	if (!d->ledger) {
		begin(d);
		return;
	}
	/* After a setback the ledger asks for a new snapshot. */
	if (went_back(d)) {
		drain(d);
		return;
	}
	check(d, ledger_snapshot(d->ledger, now(d), prefix, kvs, n, rev));
	drain(d);
}

static void on_change(void *arg, const struct store_kv *kvs, size_t n,
		      int64_t rev)
{
	struct driver *d = arg;

	check(d, ledger_change(d->ledger, now(d), kvs, n, rev));
	drain(d);
}

static void on_state(void *arg, enum store_state state,
		     const struct cgspan_err *why)
{
	struct driver *d = arg;

	if (state == STORE_UP)
		log_line(LOG_INFO, "the store is up");
	else
		log_line(LOG_WARNING, "the store is %s: %s",
			 state == STORE_DOWN ? "down" : "read-only",
			 why ? why->msg : "the reason is not known");
	/* The kernel kept its leases over the restart: they need no store. */
	if (state != STORE_UP && d->session.state != CGSPAN_SESSION_NONE)
		say_ready(d);
	if (!d->ledger)
		return;
	check(d, ledger_store_state(d->ledger, now(d), state));
	drain(d);
}

/*
 * Call the daemon ready when the leases cover the use of this node, so that
 * services ordered after it can start tasks. An empty pool may delay that for
 * long: call it ready at the latest COVER_NS after the first ack/.
 */
static void check_ready(struct driver *d, const struct enforce_view *v)
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

/* @refused: resource that a "credit" event calls refused or overdrawn; or -1 */
static int give_facts(struct driver *d, const struct enforce_view *v,
		      bool complete, int refused)
{
	struct ledger_fact *facts;
	size_t i, n;
	int ret;

	ret = enforce_facts(v, &facts, &n);
	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		facts[i].refused = (int)facts[i].res == refused;
	ret = ledger_facts(d->ledger, now(d), facts, n, complete);
	free(facts);
	return ret;
}

/*
 * Give a view of all groups to the ledger. If a group needs the watchdog, and
 * that cannot be armed, no group may get a lease: end. The kernel keeps its
 * leases.
 */
static void take_view(struct driver *d, const struct enforce_view *v)
{
	struct cgspan_err err;

	if (!watchdog_guard(d->watchdog, d->enforce, v, &err)) {
		check(d, give_facts(d, v, true, -1));
		return;
	}
	log_line(LOG_ERR, "%s", err.msg);
	finish(d, 1);
}

static void look_at(struct driver *d, const char *path, int refused)
{
	struct cgspan_group g;
	uint32_t members;
	const struct enforce_view v = {
		.groups = &g, .n = 1, .members = &members,
	};

	if (!d->ledger)
		return;
	if (cgspan_group_get(kernel(d), path, 0, &g, NULL))
		return;
	/* An event came for the group, so assume a member in its subtree. */
	members = g.members ? g.members : 1;
	check(d, give_facts(d, &v, false, refused));
	drain(d);
}

static void on_event(void *arg, const struct cgspan_event *ev)
{
	struct driver *d = arg;
	struct cgspan_err err;

	if (!ev) {	/* lost notifications: read all groups */
		if (reconcile_freezers(d->enforce, &err))
			log_line(LOG_WARNING, "%s", err.msg);
		if (d->ledger)
			loop_arm(d->tick, 0);
		return;
	}
	switch (ev->cmd) {
	case CGSPAN_CMD_CREDIT_NTF:
		look_at(d, ev->group.path, enforce_refused(&ev->group));
		break;
	case CGSPAN_CMD_GROUP_EMPTY_NTF:
		log_line(LOG_NOTICE,
			 "group %s is killed and empty: the session had expired",
			 ev->group.path);
		look_at(d, ev->group.path, -1);
		break;
	case CGSPAN_CMD_MEMBER_NTF:
		reconcile_freezer(d->enforce, &ev->member);
		break;
	default:
		break;
	}
}

static void reconcile(struct driver *d, struct enforce_view *v)
{
	int64_t rev = ledger_groups_rev(d->ledger);
	struct cgspan_err err;
	int ret;

	ret = reconcile_groups(d->enforce, d->ledger, d->conf.config,
			       d->conf.config_path, &d->pending, &err);
	if (!ret) {
		enforce_view_free(v);
		ret = enforce_read(d->enforce, v, &err);
	}
	if (ret) {
		log_line(LOG_WARNING, "the kernel's groups differ from the store's: %s",
			 err.msg);
		d->pending = 1;	/* so that the next tick tries again */
		return;
	}
	d->reconciled = rev;
	take_view(d, v);
	check(d, ledger_reconciled(d->ledger, now(d), rev));
	drain(d);
}

static int on_tick(sd_event_source *src, uint64_t usec, void *arg)
{
	uint64_t start = loop_now(), cost, next;
	struct driver *d = arg;
	struct cgspan_err err = { 0 };
	struct enforce_view v;
	int ret;

	(void)src;
	(void)usec;
	ret = enforce_read(d->enforce, &v, &err);
	if (!ret)
		take_view(d, &v);
	if (!ret && !d->done) {
		check(d, ledger_tick(d->ledger, now(d)));
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
	enforce_view_free(&v);
	if (d->done)
		return 0;

	/* Between events spend at most a tenth of the time in ticks. */
	cost = loop_now() - start;
	next = enforce_loop_time(d->enforce, ledger_timer(d->ledger));
	if (next < loop_now() + 10 * cost)
		next = loop_now() + 10 * cost;
	loop_arm(d->tick, next);
	return 0;
}

/* Starting the driver */

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

static int start_parts(struct driver *d, struct cgspan_err *err)
{
	struct enforce_view v;
	int ret;

	ret = make_ledger(d, err);
	if (!ret)
		ret = publish_new(&d->publish, d->conf.event, d->store,
				  d->enforce, d->id.name,
				  d->conf.config->heartbeat_ms * NSEC_PER_MSEC,
				  err);
	if (!ret)
		ret = enforce_read(d->enforce, &v, err);
	if (ret)
		return ret;
	take_view(d, &v);
	enforce_view_free(&v);
	check(d, ledger_start(d->ledger, now(d), d->session.epoch,
			      d->session.sent, d->session.deadline));
	return 0;
}

/* The store has answered for the first time, so its identity is known. */
static void begin(struct driver *d)
{
	struct cgspan_err err;

	mirror_del(d->mirrors, KEY_CLUSTER_NAME);
	snprintf(d->identity, sizeof(d->identity), "%s",
		 store_identity(d->store));
	d->setbacks = store_setbacks(d->store);
	if (start_parts(d, &err)) {
		log_line(LOG_ERR, "%s", err.msg);
		finish(d, 1);
		return;
	}
	drain(d);
}

/* Read session and identity; name the node if not in session; bind members. */
static int open_node(struct driver *d, struct cgspan_err *err)
{
	struct cgspan_node node;
	bool joined;
	int ret;

	ret = enforce_open(&d->enforce, d->conf.event, on_event, d, err);
	if (!ret)
		ret = cgspan_node_get(kernel(d), &node, &d->session, err);
	if (ret)
		return ret;
	joined = d->session.state != CGSPAN_SESSION_NONE;
	if (joined && d->session.owned)
		return cgspan_err_set(err, -EBUSY,
				      "another process owns the session of this node: stop the cgspand that runs here");
	ret = identity_read(&d->id, d->conf.config->node, node.uuid, err);
	if (ret)
		return ret;
	if (joined && strcmp(node.name, d->id.name))
		return cgspan_err_set(err, -EBUSY,
				      "this kernel is in session as node %s, not %s: leave the cluster under that name first (cgspan leave)",
				      node.name, d->id.name);
	if (!joined)
		ret = cgspan_node_set(kernel(d), d->id.name, d->id.boot_id,
				      err);
	if (!ret)
		ret = reconcile_bind(d->enforce, d->conf.config, joined, err);
	return ret;
}

int driver_new(struct driver **out, const struct driver_conf *conf,
	       struct cgspan_err *err)
{
	struct driver *d = calloc(1, sizeof(*d));
	int ret;

	if (!d)
		return cgspan_err_nomem(err);
	d->conf = *conf;
	ret = watchdog_new(&d->watchdog, conf->config->watchdog,
			   conf->config->watchdog_ms, err);
	if (!ret)
		ret = open_node(d, err);
	if (!ret)
		ret = config_store_open(&d->store, conf->event, conf->config,
					on_state, d, err);
	if (!ret)
		ret = mirrors_new(&d->mirrors, conf->event, d->store,
				  on_snapshot, on_change, d, err);
	if (!ret)
		ret = mirror_add(d->mirrors, KEY_CLUSTER_NAME, err);
	if (!ret)
		ret = loop_timer(conf->event, on_tick, d, &d->tick, err);
	if (!ret)
		ret = fence_new(&d->fence, conf->event, d->store,
				conf->config->agents, conf->config->n_agents,
				d->id.name, err);
	if (ret)
		driver_free(d);
	else
		*out = d;
	return ret;
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
	enforce_close(d->enforce);
	free(d);
}
