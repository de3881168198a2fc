/* SPDX-License-Identifier: GPL-2.0 */
/* A group of the store, on this node. */
#ifndef CGSPAN_LEDGER_GROUP_H
#define CGSPAN_LEDGER_GROUP_H

#include "model/key.h"
#include "model/record.h"
#include "policy.h"

/* Steps of a return. */
enum shrink {
	SHRINK_NO,
	SHRINK_KERNEL,	/* the kernel is to shrink to the target */
	SHRINK_STORE,	/* the kernel has shrunk; commit the return */
};

/* Present needs of a resource of a group. */
struct demand {
	uint64_t low;		/* below this headroom, ask for more */
	uint64_t target;	/* what the lease should be */
	uint64_t more;		/* refused admissions of the subtree */
	uint64_t need;		/* amount above the lease that is required */
	uint64_t ask;		/* useful amount above the lease, >= @need */
};

/* One resource of a group on this node. */
struct lres {
	struct policy policy;		/* estimate of the demand */
	struct demand demand;
	uint64_t below;			/* refused admissions of the groups below */
	struct pool_rec pool;		/* the sum of its shards, as last read */
	uint32_t n_shards;
	bool pool_news;			/* the cache has a newer pool */
	bool debt_news;			/* the cache has a newer debt */
	bool no_pool;			/* the store lacks the pool: damaged */
	/* The kernel */
	uint64_t kernel;		/* largest lease that the kernel may hold */
	bool known;			/* reported by the kernel (never if "max") */
	uint64_t used;
	uint64_t low;			/* low-water mark in the kernel */
	bool exhausted;			/* exhausted flag in the kernel */
	bool setting;			/* the pending LEASE_SET contains it */
	enum shrink shrink;
	uint64_t target;		/* lease after the shrink */
	/* The debt's key */
	bool blocked;			/* the debt's key exists: no grants */
	uint64_t debt;
	bool awaited;			/* the debt awaits this node's answer */
	bool claimable;			/* the kernel's lease shrank to the use */
	/* Wants of other live nodes */
	uint64_t wanted;		/* the largest want; 0: none */
	uint64_t wanted_all;		/* sum of the wants */
	uint64_t poorest;		/* least lease of them; CGSPAN_MAX: enough */
	int64_t wanted_rev;		/* mod_rev of the latest want */
	uint64_t answer_at;		/* when to answer, ns; 0: not chosen */
	/* The latest return */
	uint64_t left;			/* free amount of the shard after it */
	int64_t gave;			/* revision of the latest return */
	uint64_t gave_at;		/* time of the latest return, ns */
	/* This node's want */
	bool hungry;			/* has a need, and the pool was empty */
	uint64_t hungry_since;		/* time when it became hungry, ns */
	uint64_t grown;			/* when the lease last grew, ns */
	uint64_t grown_by;
};

/* What another live node wants of a group, as of this revision. */
struct want {
	char node[CGSPAN_NAME_LEN + 1];
	struct want_rec rec;
	int64_t rev;
};

struct lgroup {
	char *path;			/* owned */
	struct lgroup *parent;		/* NULL: none */
	struct group_rec rec;
	int64_t rev;			/* mod_rev of its key */
	struct lease_rec lease;		/* as the store has it */
	int64_t lease_rev;		/* mod_rev of the lease's key; 0: none */
	struct lease_rec next;		/* lease in the pending transaction */
	bool in_txn;			/* the pending transaction writes the lease */
	bool drop;			/* the pending transaction deletes the key */
	bool claimed;			/* CLAIM: this run has claimed its amounts */
	/* A transaction of this run has written the lease, or no run can have: only
	 * then it moves, and the kernel may be raised to it.
	 */
	bool sure;
	/* The kernel */
	bool seen;			/* the kernel was read since it is known */
	bool present;
	uint32_t members;		/* members of the subtree */
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	/* Keys in want/ */
	struct want *wants;		/* wants of other nodes */
	size_t n_wants;
	bool want_news;			/* the cache has newer wants */
	uint32_t own_want;		/* this node's: demand_asks(); 0: no key */
	int64_t own_rev;		/* mod_rev of this node's key */
	uint64_t want_at;		/* time of the last put of this key, ns */
	bool watch_pool;		/* the pool is watched */
	struct lres res[RES_N];
};

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

/* A new group; NULL without memory. */
struct lgroup *group_new(const char *path);
/* May be NULL. */
void group_free(struct lgroup *g);
void group_pool_prefix(char key[KEY_LEN], uint64_t id);
/* This node's amount of the group's present generation. */
uint64_t group_amount(const struct lgroup *g, int res);
/* Record that the kernel lacks the group. */
void group_is_absent(struct lgroup *g, int res);

#endif /* CGSPAN_LEDGER_GROUP_H */
