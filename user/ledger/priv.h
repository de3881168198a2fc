/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside the ledger. ledger.c takes events in; ledger_view.c keeps the picture
 * of the store; ledger_session.c knows the way into a session and out of it;
 * ledger_demand.c weighs what is wanted, and which slack goes back;
 * ledger_move.c moves it between pools, leases and the kernel;
 * ledger_learn.c rebuilds a store that has gone back; ledger_peer.c listens to
 * the neighbours; ledger_queue.c holds what goes out.
 */
#ifndef CGSPAN_LEDGER_PRIV_H
#define CGSPAN_LEDGER_PRIV_H

#include "model/account.h"
#include "model/kvs.h"
#include "ledger.h"
#include "pace.h"
#include "policy.h"
#include "rule.h"
#include "model/txn.h"

#define MSEC		1000000ULL
#define SEC		(1000 * MSEC)
#define TICK		(100 * MSEC)
/* As long in need of a dry pool: exhausted. */
#define EXHAUSTED	SEC

/**
 * enum phase - of this run
 * @PH_READ: reading the store, closing an old session of our own, joining
 * @PH_CLAIM: the store has gone back: claiming what the kernel holds, which
 *	goes on under the session that it has
 * @PH_OWN: there is a live epoch; the kernel's session is not ours yet
 * @PH_RUN: in session
 * @PH_STUCK: an admin must help; looked at again when the store changes
 * @PH_LEFT: nothing more to do
 */
enum phase {
	PH_READ,
	PH_CLAIM,
	PH_OWN,
	PH_RUN,
	PH_STUCK,
	PH_LEFT,
};

/**
 * enum shrink - a return on its way
 * @SHRINK_NO: none
 * @SHRINK_KERNEL: the kernel is to shrink to the target
 * @SHRINK_STORE: it has: what the kernel no longer holds is to be committed
 */
enum shrink {
	SHRINK_NO,
	SHRINK_KERNEL,
	SHRINK_STORE,
};

/**
 * struct demand - what is wanted of a group now
 * @low: with less headroom than this, more is asked for
 * @target: what the lease should be
 * @more: admissions that are being refused, here and below
 * @need: above the lease: must be had
 * @ask: above the lease: would be good to have; at least @need
 */
struct demand {
	uint64_t low;
	uint64_t target;
	uint64_t more;
	uint64_t need;
	uint64_t ask;
};

/**
 * struct lres - one resource of a group on this node
 * @policy: what it will want
 * @demand: what it wants now
 * @below: admissions that the groups below will pass on to this one
 * @pool: as last heard of: the sum of its shards
 * @n_shards: how many
 * @pool_news: there is more to read
 * @kernel: the most that the kernel may hold; exact after a LEASE_SET's reply
 * @known: that has been heard of: of what is not limited it does not tell
 * @used: in use there
 * @low: low-water mark that the kernel has
 * @exhausted: flag that the kernel has
 * @setting: in the LEASE_SET under way
 * @shrink: a return on its way
 * @target: to which amount
 * @claimable: the kernel has shrunk to what is in use, so it can be claimed
 * @blocked: the store has a debt key: nothing is granted
 * @debt: and of what is out above the limit
 * @awaited: it awaits our answer
 * @wanted: largest need of another live node, 0: none wants
 * @wanted_all: the sum of those needs
 * @poorest: what the poorest of them holds; CGSPAN_MAX: the limit is not short
 * @wanted_rev: mod_rev of the last one to want
 * @answer_at: when to answer that want, ns; 0: not chosen yet; over: as soon
 *	as there is something to give
 * @left: what was free where this node last gave, afterwards
 * @gave: in which revision that was
 * @gave_at: and when, ns
 * @hungry: in need, and the pool was dry
 * @hungry_since: ns
 * @grown: when the lease last grew, ns
 * @grown_by: and by how much
 * @no_pool: the store lacks the pool: damaged
 */
struct lres {
	struct policy policy;
	struct demand demand;
	uint64_t below;
	struct pool_rec pool;
	uint32_t n_shards;
	bool pool_news;
	uint64_t kernel;
	bool known;
	uint64_t used;
	uint64_t low;
	bool exhausted;
	bool setting;
	enum shrink shrink;
	uint64_t target;
	bool claimable;
	bool blocked;
	uint64_t debt;
	bool awaited;
	uint64_t wanted;
	uint64_t wanted_all;
	uint64_t poorest;
	int64_t wanted_rev;
	uint64_t answer_at;
	uint64_t left;
	int64_t gave;
	uint64_t gave_at;
	bool hungry;
	uint64_t hungry_since;
	uint64_t grown;
	uint64_t grown_by;
	bool no_pool;
};

/* What another live node wants of a group, as of this revision. */
struct want {
	char node[CGSPAN_NAME_LEN + 1];
	struct want_rec rec;
	int64_t rev;
};

/**
 * struct lgroup - a group of the store, on this node
 * @path: owned
 * @parent: the group above; NULL: none
 * @rec: desired state
 * @rev: mod_rev of its key
 * @lease: as the store has it
 * @lease_rev: mod_rev of that key; 0: it does not exist
 * @next: what the transaction under way makes of it
 * @in_txn: there is one
 * @drop: it deletes the lease's key
 * @claimed: PH_CLAIM: a transaction of this run has claimed it
 * @sure: a transaction of this run has written the lease, or nobody can have:
 *	only then may the kernel be raised to it, and only then does it move
 * @seen: the kernel's groups were looked at since this one is known
 * @present: the kernel has it
 * @members: in the kernel, subtree
 * @on_expiry: enum cgspan_on_expiry, of the kernel's group
 * @wants: of the others
 * @n_wants: how many
 * @own_want: what our key in want/ asks for: demand_asks(); 0: no key
 * @own_rev: its mod_rev
 * @want_at: when it was last put, ns
 * @watch_pool: we watch its pool
 * @res: per resource
 */
struct lgroup {
	char *path;
	struct lgroup *parent;
	struct group_rec rec;
	int64_t rev;
	struct lease_rec lease;
	int64_t lease_rev;
	struct lease_rec next;
	bool in_txn;
	bool drop;
	bool claimed;
	bool sure;
	bool seen;
	bool present;
	uint32_t members;
	uint8_t on_expiry;
	struct want *wants;
	size_t n_wants;
	uint32_t own_want;
	int64_t own_rev;
	uint64_t want_at;
	bool watch_pool;
	struct lres res[RES_N];
};

/* A prefix that the daemon watches for us. */
struct watch {
	char *prefix;
	bool seen;
};

/* A queued intention and what it owns. */
struct queued {
	struct ledger_intent in;
	char *text;
	char *peer;
};

enum txn_kind {
	TXN_CLOSE,
	TXN_JOIN,
	TXN_CLAIM,
	TXN_CLAIMED,
	TXN_BEAT,
	TXN_REMOVE,
	TXN_MOVE,
	TXN_LOOK,		/* changes nothing: what do the pools have? */
	TXN_ALARM,
};

/* Why an item is in the LEASE_SET under way: the reply may come late. */
enum set_why {
	SET_AMOUNT,		/* to what the store has */
	SET_SHRINK,		/* to return the rest */
	SET_CLAIM,		/* to what is in use, to claim it */
};

/* One item of it. */
struct set_item {
	uint64_t group;
	uint32_t res;
	enum set_why why;
};

/* A neighbour on the ring of names. */
struct peer {
	char name[CGSPAN_NAME_LEN + 1];
	int64_t hb_rev;
	uint32_t ttl_ms;
	uint64_t since;
	bool silent;
	struct pace pace;
};

#define PEERS	2

/**
 * struct orphan - a group of the kernel that the store has not
 * @path: owned
 * @on_expiry: enum cgspan_on_expiry
 * @limit: per resource
 * @hopeless: the store cannot have it as it is
 */
struct orphan {
	char *path;
	uint8_t on_expiry;
	uint64_t limit[RES_N];
	bool hopeless;
};

struct ledger {
	char name[CGSPAN_NAME_LEN + 1];
	char identity[64];
	struct node_rec self;
	uint32_t ttl_ms;
	uint32_t heartbeat_ms;
	uint32_t shard_nodes;
	uint64_t rng;
	int error;

	enum phase phase;
	enum ledger_status told;	/* latest reason to be stuck or blocked */
	bool has_told;
	uint64_t epoch;			/* ours; 0: none */
	int64_t epoch_rev;		/* mod_rev of its key */
	uint64_t base;			/* what the transaction under way adds */
	uint64_t kernel_epoch;		/* of the kernel's session */
	uint64_t kernel_sent;		/* its time of sending, as found */
	uint64_t deadline;		/* of the kernel's session, ns */
	bool resumed;			/* an earlier run began this epoch */
	bool leaving;
	bool leave_sent;
	uint64_t leave_at;		/* PH_RUN: not before this, ns */
	bool renew_sent;		/* PH_OWN: a RENEW is under way */
	uint64_t beat;			/* PH_OWN: committed beat's time */
	uint64_t renewed;		/* time of sending of the last RENEW */
	uint64_t renewing;		/* its epoch */
	bool look;			/* the kernel is to be looked at now */
	uint64_t hb_seq;
	uint64_t hb_sent;		/* of the last committed one */
	uint64_t retry;			/* not before this, ns */
	uint64_t now;

	struct kvs cache;
	struct kvs deleted;		/* since txn_id was sent: when */
	int64_t rev;			/* highest seen */
	int64_t groups_rev;
	struct lgroup **groups;		/* by path */
	size_t n_groups;
	size_t first;			/* where the next transaction begins */
	uint32_t live;			/* nodes in session, as far as known */

	bool anew;			/* all is to be read again, from nothing */
	bool gone;			/* the store has gone back in this run */
	bool lost;			/* it says that it has */
	bool foreign;			/* it is a copy of another one */
	bool learning;			/* lost, or waiting for claims: no grants */
	bool awaited;			/* for ours */
	bool claiming;			/* our epoch began with claims */
	bool surveyed;			/* PH_CLAIM: the kernel was looked at */
	struct orphan *orphans;
	size_t n_orphans;

	enum store_state store;
	struct txn txn;
	uint64_t txn_id;		/* 0: none under way */
	enum txn_kind txn_kind;
	uint64_t txn_sent;
	bool txn_void;			/* it went to a store that is no more */
	bool probe;			/* it only asks for a pool */
	bool grows;			/* it takes from a pool */
	int64_t txn_ack;		/* it writes this ack; 0: none */
	unsigned int conflicts;
	uint64_t home;			/* of the name: which shard is ours */
	uint64_t dice;			/* and which are the others */
	bool doubt;			/* pools were not what they were known as */
	bool looked;			/* and have been looked at since */
	uint64_t rtt;

	uint64_t set_id;		/* 0: no LEASE_SET under way */
	struct ledger_item *items;
	struct set_item *set;
	size_t n_items;
	uint64_t set_retry;

	int64_t reconciled;
	int64_t acked;

	struct watch *watches;
	size_t n_watches;
	struct peer peers[PEERS];
	int64_t fenced_rev;	/* epoch/ keys up to here have been looked after */

	struct queued *queue;
	size_t q_first;
	size_t q_n;
	size_t q_room;
	struct queued taken;
	uint64_t last_id;
};

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Not below 0. */
static inline uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* ledger_queue.c */
/* Less than @below; 0 if that is 0. */
uint64_t ledger_random(struct ledger *l, uint64_t below);
void ledger_no_memory(struct ledger *l);
void ledger_queue(struct ledger *l, struct queued q);
void queued_fini(struct queued *q);
__attribute__((format(printf, 3, 4)))
void ledger_say(struct ledger *l, enum ledger_status code, const char *fmt, ...);
/* Once, until it is something else. */
__attribute__((format(printf, 3, 4)))
void ledger_say_once(struct ledger *l, enum ledger_status code,
		     const char *fmt, ...);
void ledger_watch(struct ledger *l, const char *prefix);
void ledger_unwatch(struct ledger *l, const char *prefix);
struct watch *ledger_find_watch(const struct ledger *l, const char *prefix);
/* The watch's answer is in: the cache has what is under @prefix. */
bool ledger_watched(const struct ledger *l, const char *prefix);
void ledger_watch_all(struct ledger *l);
void ledger_watch_anew(struct ledger *l);
bool ledger_watches_seen(const struct ledger *l);

/* ledger_view.c */
void view_learn(struct ledger *l, const struct store_kv *kv, int64_t rev);
/* All of it. */
void view_forget(struct ledger *l);
void view_group_update(struct ledger *l, const char *path);
void view_lease_reload(struct ledger *l, struct lgroup *g);
void view_group_free(struct lgroup *g);
void view_pool_prefix(char key[KEY_LEN], uint64_t id);
void view_look_at_epoch(struct ledger *l);
void view_bad_value(struct ledger *l, const struct store_kv *kv,
		    const struct cgspan_err *err);
struct lgroup *view_group(const struct ledger *l, const char *path);
struct lgroup *ledger_group_id(const struct ledger *l, uint64_t id);
bool ledger_node_live(const struct ledger *l, const char *node);

/* ledger_session.c */
void ledger_send(struct ledger *l, enum txn_kind kind);
char *ledger_beat(struct ledger *l);
/* The transaction compares a key as the cache has it. */
void ledger_compare(struct ledger *l, const char *key);
/* Is it of this boot of the kernel, and this network namespace? */
bool session_is_ours(const struct ledger *l, const struct epoch_rec *rec);
/* What the store says of our session is not so any more: read all of it again. */
void session_start_over(struct ledger *l);
void session_decide(struct ledger *l);
void session_take_over(struct ledger *l);
void session_joined(struct ledger *l, int64_t rev);
void session_begin(struct ledger *l);
/* This very session's keys, as we have written them. */
void session_compare(struct ledger *l);
void session_renew(struct ledger *l, uint64_t sent);
void session_renewed(struct ledger *l);
/* PH_CLAIM: all that the kernel holds is claimed. */
void session_send_claimed(struct ledger *l);
/* And that is in the store, at this revision. */
void session_claimed(struct ledger *l, int64_t rev);
void session_leave(struct ledger *l);

/* Forks come one by one, and every single unit helps. The other resources are
 * asked for by the piece: a part of it helps nobody.
 */
static inline bool in_pieces(int res)
{
	return res != CGSPAN_RES_TASKS;
}

static inline bool group_limited(const struct lgroup *g, int res)
{
	return g->rec.limit[res] != CGSPAN_MAX;
}

/* Nodes in session, at least this one. */
static inline uint64_t ledger_live(const struct ledger *l)
{
	return l->live ? l->live : 1;
}

/* ledger_learn.c */
void learn_fini(struct ledger *l);
void learn_look_at_cluster(struct ledger *l);
/* Has the store lost what this kernel's session rests on? */
bool learn_is_old(const struct ledger *l, const struct store_kv *kv,
		  const struct epoch_rec *rec);
/* It has: that is said, to all where it can be. */
void learn_stop(struct ledger *l, const struct store_kv *kv,
		const struct epoch_rec *rec);
/* Does a conflict's answer prove that it has? */
bool learn_conflict(const struct ledger *l, const struct store_kv *kvs,
		    size_t n);
void learn_orphan(struct ledger *l, const struct ledger_fact *f);
/* PH_CLAIM: the next transaction, or none until more is known. */
void learn_step(struct ledger *l);
/* A set of nodes changes, or what is waited for. False: nothing can be done. */
bool learn_put_cluster(struct ledger *l, bool claimed);

/* ledger_move.c */
/* This node's amount of the present counter. */
uint64_t move_amount(const struct lgroup *g, int res);
void move_plan(struct ledger *l);
/* PH_CLAIM: claims, as many as fit; false: all is claimed. */
bool move_claim(struct ledger *l);
void move_done(struct ledger *l, enum store_result res, int64_t rev);
/* A look that found all as it was known, or what is not so. */
void move_looked(struct ledger *l, enum store_result res);
void move_set(struct ledger *l);
void move_set_done(struct ledger *l, const struct ledger_held *held);

/* ledger_demand.c */
void demand_read_debt(struct ledger *l, struct lgroup *g, int res);
void demand_read_want(struct ledger *l, struct lgroup *g, const char *node);
/* What has been heard of them. */
void demand_read_pools(struct ledger *l);
/* All of them. */
void demand_read(struct ledger *l, struct lgroup *g);
void demand_sample(struct ledger *l, struct lgroup *g,
		   const struct ledger_fact *f);
uint64_t demand_floor(const struct ledger *l, const struct lgroup *g, int res);
/* After an event: what is wanted now, and who is hungry. */
void demand_weigh(struct ledger *l);
/* Of @amount more: what the ancestors' room lets this node use. */
uint64_t demand_useful(const struct ledger *l, const struct lgroup *g, int res,
		       uint64_t amount);
/* On each tick, and when others want: what goes back, too. */
void demand_assess(struct ledger *l);
/* Is there anything that can be wanted? */
bool demand_any(const struct ledger *l);
/* Does the use fall, so that much goes back soon? */
bool demand_falls(const struct ledger *l);
/* Do others want what this node has? */
bool demand_asked(const struct ledger *l);
/* When the next want is to be answered, ns; UINT64_MAX: none is. */
uint64_t demand_timer(const struct ledger *l);
/* What to say in want/; all needs 0: nothing. */
struct want_rec demand_want(const struct ledger *l, const struct lgroup *g);
/* Resources that it asks for, a bit each; and RES_N bits further up, those of
 * which it says that there is too little for all.
 */
uint32_t demand_asks(const struct want_rec *want);

/* ledger_peer.c */
void peer_choose(struct ledger *l);
void peer_heard(struct ledger *l, const char *node);
void peer_anew(struct ledger *l);
void peer_tick(struct ledger *l);

#endif /* CGSPAN_LEDGER_PRIV_H */
