/* SPDX-License-Identifier: GPL-2.0 */
/* Counters of events in a world. */
#ifndef CGSPAN_SIM_STATS_H
#define CGSPAN_SIM_STATS_H

#include <stdint.h>

/* Counters since the start of the world. */
struct world_stats {
	uint64_t revisions;	/* revisions by store_commit(); all checked */
	uint64_t events;	/* events of enum wevent that were due */
	/* requests whose result was unknown to the daemon */
	uint64_t unknown;
	/* applied requests that the store does not answer: event.late */
	uint64_t late;
	uint64_t conflicts;	/* transactions refused by their compares */
	uint64_t kills;		/* daemons killed by faults */
	uint64_t reboots;	/* nodes rebooted */
	uint64_t fences;	/* calls of world_fence() by faults */
	uint64_t sets;		/* successful calls of world_set() */
	uint64_t forks;		/* admissions */
	uint64_t refusals;	/* refused admissions, without retries */
	uint64_t sent;		/* transactions with changes, sent by daemons */
	/* transactions without changes that daemons sent; not logged */
	uint64_t looks;
	/* restores of the store, from a backup or to an empty one */
	uint64_t restores;
	uint64_t same;		/* of @restores, those with the same identity */
	uint64_t recoveries;	/* completed recoveries */
	uint64_t doubled;	/* requests that reached the store twice */
	uint64_t leaders;	/* changes of the store's leader */
};

#endif /* CGSPAN_SIM_STATS_H */
