/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What has happened in a world, counted.
 */
#ifndef CGSPAN_SIM_STATS_H
#define CGSPAN_SIM_STATS_H

#include <stdint.h>

/**
 * struct world_stats - counters, from the start of the world
 * @revisions: of the store; each one is checked
 * @events: all events
 * @unknown: requests whose result the daemon never learnt
 * @late: of these, carried out after the daemon's time-out
 * @conflicts: transactions refused by their compares
 * @kills: daemons killed
 * @reboots: nodes rebooted
 * @fences: running nodes fenced
 * @sets: limits changed
 * @forks: admissions
 * @refusals: refused admissions
 * @sent: transactions that write
 * @looks: transactions that only read, which the store does not log
 * @restores: restores of the store, from a backup or to an empty one
 * @same: of these, with the identity unchanged
 * @recoveries: completed
 * @doubled: requests that the store carried out twice
 * @leaders: changes of the store's leader
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

#endif /* CGSPAN_SIM_STATS_H */
