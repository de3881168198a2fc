/* SPDX-License-Identifier: GPL-2.0 */
/* A group of the store, with what this node knows of it and wants. */
#ifndef CGSPAN_LEDGER_GROUP_H
#define CGSPAN_LEDGER_GROUP_H

#include "model/key.h"
#include "model/record.h"
#include "policy.h"

/* Steps of returning unused amounts of this node's lease to the pool. */
enum shrink {
	SHRINK_NO,
	SHRINK_KERNEL,	/* let the kernel shrink the lease to lres.target */
	SHRINK_STORE,	/* the kernel has shrunk the lease; commit the return */
};

/* What this node needs now of a resource of a group. */
struct demand {
	uint64_t low;		/* ask for more if the headroom is lower */
	uint64_t target;	/* desired amount of the lease */
	uint64_t more;		/* refused lately or queued, about; subtree */
	uint64_t need;		/* amount required above the lease */
	uint64_t ask;		/* amount desired above the lease; >= @need */
};

/* One resource of a group on this node. */
struct lres {
	struct policy policy;		/* estimate of the demand */
	struct demand demand;
	uint64_t below;			/* what subgroups add to demand.more */
	struct pool_rec pool;		/* sum of the pool's shards, as last read */
	uint32_t n_shards;
	bool pool_news;			/* @pool is older than the cache */
	bool debt_news;			/* debt fields are behind the cache */
	bool no_pool;			/* account was missing or unreadable */
	/* State of the kernel: */
	uint64_t kernel;		/* lease that the kernel told last */
	bool known;			/* the kernel has reported @kernel */
	uint64_t used;
	uint64_t low;			/* low-water mark as last sent */
	bool exhausted;			/* flag "exhausted" as last sent */
	bool setting;			/* the pending LEASE_SET sets this lease */
	enum shrink shrink;
	uint64_t target;		/* shrink to this, or the use if more */
	/* State of the debt's key: */
	bool blocked;			/* the debt's key exists: no grants */
	uint64_t debt;
	bool awaited;			/* a claim or removal here is awaited */
	bool claimable;			/* @kernel is the amount to claim */
	/* Wants of other live nodes, without those that is_later() ignores: */
	uint64_t wanted;		/* other nodes' largest want; 0: none */
	uint64_t wanted_all;		/* sum of other nodes' wants */
	/* Least @have of other nodes' wants; CGSPAN_MAX: limit suffices. */
	uint64_t poorest;
	int64_t wanted_rev;		/* mod_rev of the latest want of another node */
	uint64_t answer_at;		/* time to return slack, ns; 0: not set */
	/* The latest return of this node: */
	uint64_t left;			/* free amount in the shard after a return */
	int64_t gave;			/* revision of the latest return */
	uint64_t gave_at;		/* time of the latest return, ns */
	/* This node's want: */
	bool hungry;			/* need is unmet; the pool was empty */
	uint64_t hungry_since;		/* time when @hungry became true, ns */
	uint64_t grown;			/* time when the lease last grew, ns */
	uint64_t grown_by;
};

/* What another live node wants of a group, as of revision @rev. */
struct want {
	char node[CGSPAN_NAME_LEN + 1];
	struct want_rec rec;
	int64_t rev;
};

struct lgroup {
	char *path;			/* owned path of the group */
	struct lgroup *parent;		/* group above; NULL: none */
	struct group_rec rec;
	int64_t rev;			/* mod_rev of the group's key */
	struct lease_rec lease;		/* this node's lease, as the store has it */
	int64_t lease_rev;		/* mod_rev of the lease's key; 0: none */
	struct lease_rec next;		/* lease in the pending transaction */
	bool in_txn;			/* the pending transaction writes the lease */
	bool drop;			/* pending transaction deletes the lease */
	bool claimed;			/* TRUST_CLAIM: group has no claim left */
	/* The lease is certain: a transaction of this run wrote it, or no other
	 * run can have written it; no later result is unknown. Only then moves
	 * may change it, and the kernel's lease may rise to it.
	 */
	bool sure;
	/* State of the kernel: */
	bool seen;			/* all facts read since group_new() */
	bool present;
	uint32_t members;		/* 0: no member cgroup in the subtree */
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	/* State of the keys in want/: */
	struct want *wants;		/* wants of other live nodes */
	size_t n_wants;
	bool want_news;			/* @wants are older than the cache */
	uint32_t own_want;		/* own want's demand_asks(); ~0U: bad */
	int64_t own_rev;		/* mod_rev of this node's want */
	uint64_t want_at;		/* time when this node last put a want, ns */
	bool watch_pool;		/* the group's pools are watched */
	struct lres res[RES_N];
};

/* Is a resource asked for in pieces, where a part of a piece is useless? Tasks
 * are not: a fork takes one.
 */
static inline bool in_pieces(int res)
{
	return res != CGSPAN_RES_TASKS;
}

static inline bool group_limited(const struct lgroup *g, int res)
{
	return g->rec.limit[res] != CGSPAN_MAX;
}

/* A new group; NULL without memory. */
struct lgroup *group_new(const char *path);
/* Free a group, which may be NULL. */
void group_free(struct lgroup *g);
void group_pool_prefix(char key[KEY_LEN], uint64_t id);
/* This node's lease of the resource; 0 if it is of another generation. */
uint64_t group_amount(const struct lgroup *g, int res);
/* Note that the kernel lacks the group: @res has no lease and no use there. */
void group_is_absent(struct lgroup *g, int res);

#endif /* CGSPAN_LEDGER_GROUP_H */
