/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state of a world: its store, nodes, kernels and pending events, and what
 * the checker knows. Most files of the simulator work on it.
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

/* A resource of a group in one kernel. */
struct kres {
	uint64_t limit;		/* limit, as the daemon set it; CGSPAN_MAX: none */
	uint64_t lease;		/* lease that the kernel has; CGSPAN_MAX: unlimited */
	uint64_t used;		/* use of the group and its subgroups */
	uint64_t own;		/* use of this group alone, except what world_admit() admitted */
	uint64_t peak;		/* highest @used after a kernel_charge() */
	uint64_t forks;		/* admissions, also below; of a cell: units taken from its pool */
	uint64_t refusals;	/* admissions that this lease refused, without retries */
	uint64_t asked;		/* largest amount that it refused since the last LEASE_SET */
	uint64_t low;		/* if fewer units are free after an admission, the daemon is told */
	bool exhausted;		/* set by the daemon, which wants no event but overdrafts */
	enum cgspan_credit told; /* worst "credit" event sent since the last LEASE_SET */
	uint64_t demand;	/* value that work_step() moves @own to */
};

/** struct kgroup - a group in one kernel */
struct kgroup {
	bool exists;
	uint8_t on_expiry;
	struct kres res[RES_N];
};

/* A watch of a daemon. */
struct watch {
	uint64_t serial;	/* id of the watch; 0: unused */
	bool ready;		/* the watch's first read was answered: changes follow */
	uint64_t last;		/* when the latest news sent to it is due, ns */
	char *prefix;		/* prefix of the keys that it watches */
	unsigned int node;	/* index of the daemon's node */
	struct watch *next;	/* next watch in the same bucket */
};

/* A node: its kernel and its daemon. */
struct wnode {
	char name[16];
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];	/* id of the network namespace */
	char identity[16];	/* identity of the store, as the daemon knows it */
	struct ledger *ledger;	/* ledger of the running daemon, or NULL */
	uint64_t run;		/* changes when a daemon ends: events yet to reach it are dropped */
	uint64_t tick_at;	/* time of the one EV_TICK that counts, ns */
	uint64_t kernel_epoch;	/* epoch of the kernel's session; 0: none */
	uint64_t sent;		/* latest time of sending that a RENEW has given, ns */
	/* groups of the kernel, by path index */
	struct kgroup groups[WORLD_GROUPS];
	struct watch watches[WATCHES];	/* watches of the daemon */
	/* by enum ledger_status: has the daemon reported it since its start? */
	bool said[32];
	bool left;		/* the daemon has returned all leases and ended */
	/* under a load: number of arrivals that wait on the node */
	uint64_t waiting;
	uint64_t out_until;	/* fault: transactions sent before then are lost, ns */
	uint64_t deaf_until;	/* fault: new changes reach the daemon's watches no earlier, ns */
	uint64_t store;		/* number of restores that the daemon knows of */
	/* the daemon is not told of the latest restore: only its own keys show it */
	bool unaware;
	bool disowned;		/* fenced, and the kernel has no new epoch yet */
	bool starting;		/* a daemon is to start when the cell's delegate is ready */
	uint64_t renewing;	/* epoch of the latest RENEW to a cell */
	uint64_t renewing_sent;	/* time of sending of the latest RENEW to a cell, ns */
	/* answer to a LEASE_SET, held back until the cell has answered its line */
	struct event *setting;
	size_t setting_at;	/* index of the cell's line in the LEASE_SET of @setting */
	/* highest correct leases while the store recovers, by path index */
	uint64_t cap[WORLD_GROUPS][RES_N];
};

/* A resource of a group, as the store has it. */
struct mres {
	uint64_t free[SHARDS_MAX];	/* free units of the pool, by shard */
	uint64_t pool;		/* sum of @free */
	uint64_t debt;		/* by how much leases and pool exceed the limit */
	uint64_t held;		/* sum of the leases of the limit's generation */
	bool *awaits;		/* by node: is it in debt_rec.await of the key debt/? */
	struct lease_res *lease;	/* by node: its lease */
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

struct world {
	struct world_conf conf;
	struct world_stats stats;
	char breach[512];	/* text of the first violation, or empty */
	bool faults;		/* faults are on */
	/* resource that world_about() selected */
	uint32_t res;
	uint64_t rng;		/* state of the generator of rnd() */
	uint64_t coin;		/* state of the generator of toss() */
	uint64_t now;		/* virtual time, ns */
	uint64_t serial;	/* serial number of the latest event, watch or boot */
	struct event *heap;	/* pending events */
	size_t n_heap;		/* number of pending events */
	size_t room;		/* allocated length of @heap */
	/* function that carries an event out */
	void (*happen)(struct world *w, struct event *e);
	struct kvs store;	/* contents of the store */
	int64_t rev;		/* revision of the store */
	char identity[16];	/* identity of the store */
	uint64_t leader_at;	/* time at which the store has a leader again, ns */
	struct kvs backup;	/* backup of the store */
	int64_t backup_rev;	/* revision of the backup; 0: none */
	uint64_t restores;	/* number of restores */
	bool recovering;	/* restored, and the recovery is not complete */
	/* the administrator has listed the nodes that are to claim */
	bool told;
	/* watches, by hash of their prefix */
	struct watch *by_prefix[WATCH_BUCKETS];
	char paths[WORLD_GROUPS][32];	/* paths of the groups */
	int parents[WORLD_GROUPS];	/* index of each path's parent, or -1 */
	unsigned int n_paths;	/* number of @paths */
	struct mirror mirror[WORLD_GROUPS];	/* groups of the store, by path index */
	struct wnode *nodes;	/* all nodes */
	struct load *load;	/* load on the nodes, or NULL */
	int load_group;		/* path index of the group of the load */
};

/* A random number below @below. */
static inline uint64_t rnd(struct world *w, uint64_t below)
{
	return draw_below(&w->rng, below);
}

/* A random number below @below from world.coin, for faults that world_conf.steady excludes. */
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

/* The delay of a message to the store, or back, ns. */
static inline uint64_t hop(struct world *w)
{
	return w->conf.rtt / 4 + rnd(w, w->conf.rtt / 2) +
	       (fault(w, w->conf.faults) ? rnd(w, 200 * MSEC) : 0);
}

/* Note a violation; only the first one is kept. */
__attribute__((format(printf, 2, 3)))
void state_breach(struct world *w, const char *fmt, ...);
/* Has the session expired, so that by the group's policy its leases admit nothing? */
bool state_on_hold(const struct world *w, const struct wnode *n,
		   const struct kgroup *g);

#endif /* CGSPAN_SIM_STATE_H */
