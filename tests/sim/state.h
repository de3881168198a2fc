/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a world: its store, nodes, kernels and pending events, and what
 * the checker knows. All parts of the simulator work on it.
 */
#ifndef CGSPAN_SIM_STATE_H
#define CGSPAN_SIM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "model/kvs.h"
#include "model/codec.h"
#include "base.h"
#include "conf.h"
#include "stats.h"

#define WATCHES		32
#define WATCH_BUCKETS	4096
#define TASKS		CGSPAN_RES_TASKS
#define TTL		(15 * SEC)

/**
 * struct kres - a resource of a group in one kernel
 * @limit: of the group
 * @lease: in force; CGSPAN_MAX: unlimited
 * @used: charged, by the group and those below it
 * @own: charged in this group, by work_step()
 * @peak: highest @used
 * @forks: admissions, counter
 * @refusals: refused admissions, counter
 * @asked: largest refused amount since the lease was set
 * @low: free units below which the daemon is told
 * @exhausted: the daemon knows that the limit is reached
 * @told: worst event sent since the lease was set
 * @demand: what the node wants to have in use
 */
struct kres {
	uint64_t limit;
	uint64_t lease;
	uint64_t used;
	uint64_t own;
	uint64_t peak;
	uint64_t forks;
	uint64_t refusals;
	uint64_t asked;
	uint64_t low;
	bool exhausted;
	enum cgspan_credit told;
	uint64_t demand;
};

/** struct kgroup - a group in one kernel */
struct kgroup {
	bool exists;
	uint8_t on_expiry;
	struct kres res[RES_N];
};

/**
 * struct watch - a watch of a daemon
 * @serial: its id; 0: unused
 * @ready: the first read is answered
 * @last: arrival time of its latest news, so that revisions stay in order
 * @prefix: of the keys
 * @node: index of the daemon's node
 * @next: in the same bucket
 */
struct watch {
	uint64_t serial;
	bool ready;
	uint64_t last;
	char *prefix;
	unsigned int node;
	struct watch *next;
};

/**
 * struct wnode - a node: its kernel and its daemon
 * @name: of the node
 * @machine: machine id
 * @boot: boot id
 * @uuid: of the kernel's session
 * @identity: of the store, as the daemon knows it
 * @ledger: of the running daemon, or NULL
 * @run: number of the daemon's life; events of an earlier life are discarded
 * @tick_at: time of the pending EV_TICK
 * @kernel_epoch: of the kernel's session; 0: none
 * @sent: time stamp of the latest heartbeat that the kernel knows
 * @groups: of the kernel, by path index
 * @watches: of the daemon
 * @said: statuses reported since the daemon was started
 * @left: the daemon has returned all leases and ended
 * @waiting: waits for admission in the group under load
 * @out_until: cut off from the store until then
 * @deaf_until: its watches are delayed until then
 * @store: number of restores that the daemon knows of
 * @unaware: only its own keys can tell the daemon of a restore
 * @disowned: fenced, and not in a new epoch yet
 * @starting: a cell whose delegate is not ready yet
 * @renewing: epoch of a cell's pending renewal
 * @renewing_sent: time stamp of it
 * @setting: answer of a LEASE_SET that waits for the cell's own line
 * @setting_at: index of that line
 * @cap: while the store recovers, highest lease that is no violation
 */
struct wnode {
	char name[16];
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	char identity[16];
	struct ledger *ledger;
	uint64_t run;
	uint64_t tick_at;
	uint64_t kernel_epoch;
	uint64_t sent;
	struct kgroup groups[WORLD_GROUPS];
	struct watch watches[WATCHES];
	bool said[32];
	bool left;
	uint64_t waiting;
	uint64_t out_until;
	uint64_t deaf_until;
	uint64_t store;
	bool unaware;
	bool disowned;
	bool starting;
	uint64_t renewing;
	uint64_t renewing_sent;
	struct event *setting;
	size_t setting_at;
	uint64_t cap[WORLD_GROUPS][RES_N];
};

/**
 * struct mres - a resource of a group, as the store has it
 * @free: of the pool, by shard
 * @pool: sum of @free
 * @debt: use above the limit
 * @held: sum of the leases that count
 * @awaits: by node: it has still to claim
 * @lease: by node
 */
struct mres {
	uint64_t free[SHARDS_MAX];
	uint64_t pool;
	uint64_t debt;
	uint64_t held;
	bool *awaits;
	struct lease_res *lease;
};

/** struct mirror - a group of the store, as the checker reads it */
struct mirror {
	bool exists;
	struct group_rec rec;
	int64_t rev;
	struct mres res[RES_N];
};

struct event;
struct load;

/**
 * struct world - all of it
 * @conf: as given
 * @stats: counters
 * @breach: the first violation; empty: none
 * @faults: faults are on
 * @res: resource that the functions of observe.h are about
 * @rng: random numbers
 * @coin: further ones, for faults of the store itself
 * @now: virtual time, ns
 * @serial: of the latest event or watch
 * @heap: pending events
 * @n_heap: how many
 * @room: allocated
 * @happen: carries an event out
 * @store: contents of the store
 * @rev: its revision
 * @identity: its identity
 * @leader_at: it has no leader until then
 * @backup: copy of the store
 * @backup_rev: its revision; 0: there is none
 * @restores: number of restores
 * @recovering: restored, and not all nodes have claimed
 * @told: of that recovery, the administrator has listed the nodes
 * @by_prefix: watches, by hash of their prefix
 * @paths: of groups
 * @parents: of these, index of the parent or -1
 * @n_paths: number of groups
 * @mirror: by path index
 * @nodes: all nodes
 * @load: or NULL
 * @load_group: its group
 */
struct world {
	struct world_conf conf;
	struct world_stats stats;
	char breach[512];
	bool faults;
	uint32_t res;
	uint64_t rng;
	uint64_t coin;
	uint64_t now;
	uint64_t serial;
	struct event *heap;
	size_t n_heap;
	size_t room;
	void (*happen)(struct world *w, struct event *e);
	struct kvs store;
	int64_t rev;
	char identity[16];
	uint64_t leader_at;
	struct kvs backup;
	int64_t backup_rev;
	uint64_t restores;
	bool recovering;
	bool told;
	struct watch *by_prefix[WATCH_BUCKETS];
	char paths[WORLD_GROUPS][32];
	int parents[WORLD_GROUPS];
	unsigned int n_paths;
	struct mirror mirror[WORLD_GROUPS];
	struct wnode *nodes;
	struct load *load;
	int load_group;
};

/* A random number below @below. */
static inline uint64_t rnd(struct world *w, uint64_t below)
{
	return draw_below(&w->rng, below);
}

/* Likewise, of the numbers for faults of the store itself. */
static inline uint64_t toss(struct world *w, uint64_t below)
{
	return draw_below(&w->coin, below);
}

static inline bool fault(struct world *w, unsigned int per_mille)
{
	return w->faults && rnd(w, 1000) < per_mille;
}

static inline bool store_fault(struct world *w, unsigned int per_mille)
{
	return w->faults && !w->conf.steady && toss(w, 1000) < per_mille;
}

/* The delay of one way to the store or back, ns. */
static inline uint64_t hop(struct world *w)
{
	return w->conf.rtt / 4 + rnd(w, w->conf.rtt / 2) +
	       (fault(w, w->conf.faults) ? rnd(w, 200 * MSEC) : 0);
}

/* Note a violation; only the first one is kept. */
__attribute__((format(printf, 2, 3)))
void state_breach(struct world *w, const char *fmt, ...);
/* Does the expired session put the group's leases out of force? */
bool state_on_hold(const struct world *w, const struct wnode *n,
		   const struct kgroup *g);

#endif /* CGSPAN_SIM_STATE_H */
