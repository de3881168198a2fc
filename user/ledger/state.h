/* SPDX-License-Identifier: GPL-2.0 */
/* The state of the ledger, and questions to it that change nothing. */
#ifndef CGSPAN_LEDGER_STATE_H
#define CGSPAN_LEDGER_STATE_H

#include "model/account.h"
#include "model/kvs.h"
#include "model/txn.h"
#include "fact.h"
#include "intent.h"
#include "pace.h"
#include "policy.h"

#define MSEC		1000000ULL
#define SEC		(1000 * MSEC)
#define TICK		(100 * MSEC)
/* As long in need of a dry pool: exhausted. */
#define EXHAUSTED	SEC

/**
 * enum phase - the state of this run: see README.md
 * @PH_READ: reads the store, closes an old session of this node, joins
 * @PH_CLAIM: the store has gone back: claims what the kernel holds, while the
 *	kernel keeps its session
 * @PH_OWN: the epoch is live; the kernel's session is not yet taken over
 * @PH_RUN: in session
 * @PH_STUCK: an administrator must act; retried when the store changes
 * @PH_LEFT: the node has left
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
 * @pool_news: the cache has a newer pool
 * @debt_news: the cache has a newer debt
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
	bool debt_news;
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
 * @sure: a transaction of this run has written the lease, or no run can have:
 *	only then may the kernel be raised to it, and only then it moves
 * @seen: the kernel's groups were looked at since this one is known
 * @present: the kernel has it
 * @members: in the kernel, subtree
 * @on_expiry: enum cgspan_on_expiry, of the kernel's group
 * @wants: of the others
 * @n_wants: how many
 * @own_want: what our key in want/ asks for: demand_asks(); 0: no key
 * @own_rev: its mod_rev
 * @want_at: when it was last put, ns
 * @watch_pool: its pool is watched
 * @want_news: the cache has newer wants
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
	bool want_news;
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

/* What the view has learned and ledger.c has still to digest. */
enum {
	NEWS_EPOCH	= 1 << 0,	/* our epoch's key */
	NEWS_CLUSTER	= 1 << 1,	/* the key "cluster" */
	NEWS_NODES	= 1 << 2,	/* sessions of other nodes */
	NEWS_HB		= 1 << 3,	/* a peer's heartbeat */
	NEWS_DEMAND	= 1 << 4,	/* wants or debts of groups */
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
	bool heard;
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

	unsigned int news;		/* NEWS_*: to be digested */
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
	uint64_t shard_random;		/* chooses two other shards */
	bool pools_stale;		/* a move conflicted: pools have changed */
	bool pools_checked;		/* and were read since */
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

/* Forks use single units. Other resources come in pieces: a part of a piece is of
 * no use.
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

/* The group of this path, or of this id; NULL: none. */
struct lgroup *group_find(const struct ledger *l, const char *path);
struct lgroup *group_by_id(const struct ledger *l, uint64_t id);
/* Index of the first group that is not before @path. */
size_t group_lower(const struct ledger *l, const char *path);
void group_free(struct lgroup *g);
void group_pool_prefix(char key[KEY_LEN], uint64_t id);
/* This node's amount of the group's present generation. */
uint64_t group_amount(const struct lgroup *g, int res);
bool node_live(const struct ledger *l, const char *node);
/* Is it of this boot of the kernel, and of this network namespace? */
bool session_is_ours(const struct ledger *l, const struct epoch_rec *rec);
/* The store no longer says of our session what we know: read all of it again. */
void session_start_over(struct ledger *l);
/* Restart the time-outs of peers: their silence had a reason. */
void peers_restart(struct ledger *l);
/* Less than @below; 0 if that is 0. */
uint64_t ledger_random(struct ledger *l, uint64_t below);
void ledger_no_memory(struct ledger *l);

#endif /* CGSPAN_LEDGER_STATE_H */
