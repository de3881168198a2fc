/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A deterministic world for the ledger: several nodes, each with a kernel that
 * keeps leases and a daemon that drives the real ledger; one store; virtual
 * time. A seed gives the delays, the workload and the faults; the same seed
 * gives the same run. After every change of the store and of a kernel the
 * promise is checked; the first breach is kept in world->breach.
 */
#ifndef CGSPAN_SIM_WORLD_H
#define CGSPAN_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

#define WORLD_GROUPS	8

/**
 * struct world_conf - what kind of world
 * @seed: of everything
 * @nodes: how many
 * @rtt: of the store, ns, typical
 * @faults: per mille of the store's requests that go wrong, and of the kills
 * @restores: faults include restores of the store
 * @steady: they include neither requests that it is sent twice nor changes of its
 *	leader
 * @shard_nodes: as struct ledger_conf has it
 * @load: instead of what world_demand() says: its only group is then /job
 * @cells: its nodes are cells, and their kernels what these do
 * @revised: called after each change of the store
 * @arg: for both
 */
struct world_conf {
	uint64_t seed;
	unsigned int nodes;
	uint64_t rtt;
	unsigned int faults;
	bool restores;
	bool steady;
	uint32_t shard_nodes;
	const struct load_conf *load;
	const struct world_cells *cells;
	void (*revised)(void *arg);
	void *arg;
};

/**
 * struct world_cells - in place of kernels: of the group /job, the tasks
 * @settled: what a cell has at the start, under a load
 * @start: a cell's daemon begins: world_started()
 * @stop: it has ended: what was asked for below is void
 * @renew: a new epoch: world_renewed()
 * @set: a line of a LEASE_SET: world_held()
 * @waiting: what a cell's nodes want and its pool has not
 * @due: world_after() is over
 */
struct world_cells {
	void (*settled)(void *arg, unsigned int node, uint64_t *lease,
			uint64_t *used);
	void (*start)(void *arg, unsigned int node);
	void (*stop)(void *arg, unsigned int node);
	void (*renew)(void *arg, unsigned int node, uint64_t epoch);
	void (*set)(void *arg, unsigned int node, uint64_t epoch,
		    const struct ledger_item *item);
	uint64_t (*waiting)(void *arg, unsigned int node);
	void (*due)(void *arg, unsigned int node, uint64_t id);
};

/**
 * struct world_stats - what has happened
 * @revisions: of the store, each one checked
 * @events: in all
 * @unknown: results that the daemon never learnt
 * @late: transactions that the store carried out after that
 * @conflicts: transactions refused by their compares
 * @kills: daemons killed
 * @reboots: nodes rebooted
 * @fences: nodes fenced while they were on
 * @sets: limits changed
 * @forks: admitted
 * @refusals: refused
 * @sent: transactions
 * @looks: transactions that change nothing: not in the store's log
 * @restores: of the store, from a backup or to nothing
 * @same: of them, under the identity that the store had
 * @recoveries: that came to their end
 * @doubled: requests that the store has carried out again
 * @leaders: that it has lost
 */
struct world_stats {
	uint64_t revisions;
	uint64_t events;
	uint64_t unknown;
	uint64_t late;
	uint64_t conflicts;
	uint64_t kills;
	uint64_t reboots;
	uint64_t fences;
	uint64_t sets;
	uint64_t forks;
	uint64_t refusals;
	uint64_t sent;
	uint64_t looks;
	uint64_t restores;
	uint64_t same;
	uint64_t recoveries;
	uint64_t doubled;
	uint64_t leaders;
};

struct kvs;
struct load;
struct load_conf;
struct store_txn;
struct world;

struct world *world_new(const struct world_conf *conf);
void world_free(struct world *w);

uint64_t world_now(const struct world *w);
const struct world_stats *world_stats(const struct world *w);
/* The first breach of the promise, or NULL. */
const char *world_breach(const struct world *w);
/* Let time pass: ns. Stops at a breach. */
void world_run(struct world *w, uint64_t ns);

/* The load that world_conf has asked for: to be measured. */
struct load *world_load(struct world *w);

/* Faults on or off from now on: requests lost, late or doubled, changes of the
 * store's leader, kills, reboots.
 */
void world_faults(struct world *w, bool on);
void world_kill(struct world *w, unsigned int node);
void world_start(struct world *w, unsigned int node);
void world_reboot(struct world *w, unsigned int node);
bool world_running(const struct world *w, unsigned int node);

/**
 * enum world_restore - what comes back
 * @RESTORE_SAME: the backup, and the store says that it is the same one
 * @RESTORE_OTHER: the backup, in another store
 * @RESTORE_EMPTY: another store, and an empty one
 */
enum world_restore {
	RESTORE_SAME,
	RESTORE_OTHER,
	RESTORE_EMPTY,
	RESTORE_N,
};

void world_backup(struct world *w);
/* False: not now. From here until all have claimed, no lease may grow. */
bool world_restore(struct world *w, enum world_restore how);
bool world_recovering(const struct world *w);
/* Admin: all nodes but this one are there, and that one is off. */
void world_recover(struct world *w, unsigned int but);

/* Of a world of cells: the answers, and what one has: on each change. */
void world_started(struct world *w, unsigned int node);
void world_renewed(struct world *w, unsigned int node);
void world_held(struct world *w, unsigned int node,
		const struct ledger_held *held);
void world_after(struct world *w, unsigned int node, uint64_t ns, uint64_t id);
/**
 * world_cell() - what a cell has
 * @w: the world of cells
 * @node: which cell
 * @held: as the world_held() of a kernel
 * @taken: by the cell's nodes from its pool, a counter
 * @refuses: its pool is dry, and one of its nodes wants
 */
void world_cell(struct world *w, unsigned int node,
		const struct ledger_held *held, uint64_t taken, bool refuses);

/* The store, when it will have a leader (ns; 0: it has), and one transaction with
 * it, now.
 */
const struct kvs *world_store(const struct world *w);
uint64_t world_leader_in(const struct world *w);
enum store_result world_commit(struct world *w, const struct store_txn *t);

/* Admin: as the command does it, read and retried until it is in the store.
 * 0 or what desired_*() said.
 */
int world_create(struct world *w, const char *path, uint64_t limit);
int world_set(struct world *w, const char *path, uint64_t limit);
int world_delete(struct world *w, const char *path);
int world_fence(struct world *w, unsigned int node);
int world_leave(struct world *w, unsigned int node);
int world_policy(struct world *w, const char *path, uint8_t on_expiry);

/* What is said and asked from now on is about this resource; first: tasks. */
void world_about(struct world *w, uint32_t res);
/* How many tasks this node wants to have in the group, from now on; how much it
 * wants of another resource, in pieces.
 */
void world_demand(struct world *w, unsigned int node, const char *path,
		  uint64_t tasks);
/* One admission that does not wait, and its end. */
bool world_admit(struct world *w, unsigned int node, const char *path,
		 uint64_t amount);
void world_release(struct world *w, unsigned int node, const char *path,
		   uint64_t amount);
/* Tasks moved in from outside: charged whatever the lease is. */
void world_move_in(struct world *w, unsigned int node, const char *path,
		   uint64_t tasks);

/* What is so now. CGSPAN_MAX: no limit. */
uint64_t world_lease(const struct world *w, unsigned int node,
		     const char *path);
uint64_t world_kernel(const struct world *w, unsigned int node,
		      const char *path);
uint64_t world_used(const struct world *w, unsigned int node, const char *path);
uint64_t world_pool(const struct world *w, const char *path);
uint64_t world_debt(const struct world *w, const char *path);
uint64_t world_limit(const struct world *w, const char *path);
bool world_exists(const struct world *w, const char *path);
/* Has the node acknowledged the group's latest change? */
bool world_acked(const struct world *w, unsigned int node, const char *path);
bool world_in_session(const struct world *w, unsigned int node);
/* Has its daemon said so since it was started? */
bool world_said(const struct world *w, unsigned int node,
		enum ledger_status code);
/* The daemon has handed all back and ended. */
bool world_left(const struct world *w, unsigned int node);

#endif /* CGSPAN_SIM_WORLD_H */
