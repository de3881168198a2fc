/* SPDX-License-Identifier: GPL-2.0 */
/* A group of the store, on this node. */
#ifndef CGSPAN_LEDGER_GROUP_H
#define CGSPAN_LEDGER_GROUP_H

#include "model/key.h"
#include "model/record.h"
#include "policy.h"

/* A return on its way. */
enum shrink {
	SHRINK_NO,
	SHRINK_KERNEL,	/* the kernel is to shrink to the target */
	SHRINK_STORE,	/* it has: what it no longer holds is to be committed */
};

/* What is wanted of a resource of a group now. */
struct demand {
	uint64_t low;		/* with less headroom than this, more is asked for */
	uint64_t target;	/* what the lease should be */
	uint64_t more;		/* admissions that are refused, here and below */
	uint64_t need;		/* above the lease: must be had */
	uint64_t ask;		/* above the lease: at least @need, what is useful */
};

/* One resource of a group on this node. */
struct lres {
	struct policy policy;		/* what it will want */
	struct demand demand;
	uint64_t below;			/* admissions that groups below pass on */
	struct pool_rec pool;		/* the sum of its shards, as last read */
	uint32_t n_shards;
	bool pool_news;			/* the cache has a newer pool */
	bool debt_news;			/* the cache has a newer debt */
	bool no_pool;			/* the store lacks the pool: damaged */
	/* The kernel */
	uint64_t kernel;		/* the most that it may hold */
	bool known;			/* it has told; "max" it does not tell */
	uint64_t used;
	uint64_t low;			/* low-water mark that it has */
	bool exhausted;			/* flag that it has */
	bool setting;			/* in the LEASE_SET under way */
	enum shrink shrink;
	uint64_t target;		/* of the shrink */
	/* The debt's key */
	bool blocked;			/* it exists: nothing is granted */
	uint64_t debt;
	bool awaited;			/* it awaits our answer */
	bool claimable;			/* the kernel has shrunk to what is used */
	/* Wants of other live nodes */
	uint64_t wanted;		/* the largest; 0: none */
	uint64_t wanted_all;		/* their sum */
	uint64_t poorest;		/* least lease; CGSPAN_MAX: no shortage */
	int64_t wanted_rev;		/* mod_rev of the latest */
	uint64_t answer_at;		/* when to answer, ns; 0: not chosen */
	/* The latest return */
	uint64_t left;			/* free in its shard afterwards */
	int64_t gave;			/* revision */
	uint64_t gave_at;		/* ns */
	/* This node's want */
	bool hungry;			/* in need, and the pool was dry */
	uint64_t hungry_since;		/* ns */
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
	int64_t lease_rev;		/* mod_rev of that key; 0: none */
	struct lease_rec next;		/* of the transaction under way */
	bool in_txn;			/* there is one */
	bool drop;			/* it deletes the lease's key */
	bool claimed;			/* CLAIM: by a transaction of this run */
	/* A transaction of this run has written the lease, or no run can have: only
	 * then it moves, and the kernel may be raised to it.
	 */
	bool sure;
	/* The kernel */
	bool seen;			/* it was looked at since this is known */
	bool present;
	uint32_t members;		/* in the subtree */
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	/* Keys in want/ */
	struct want *wants;		/* of the others */
	size_t n_wants;
	bool want_news;			/* the cache has newer ones */
	uint32_t own_want;		/* ours: demand_asks(); 0: no key */
	int64_t own_rev;		/* its mod_rev */
	uint64_t want_at;		/* when it was last put, ns */
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

/* A group that nothing is known of; NULL without memory. */
struct lgroup *group_new(const char *path);
/* May be NULL. */
void group_free(struct lgroup *g);
void group_pool_prefix(char key[KEY_LEN], uint64_t id);
/* This node's amount of the group's present generation. */
uint64_t group_amount(const struct lgroup *g, int res);
/* The kernel does not have it. */
void group_is_absent(struct lgroup *g, int res);

#endif /* CGSPAN_LEDGER_GROUP_H */
