/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect from heartbeats that the clock of a peer, or the own one, has stood
 * still. Pure.
 *
 * Sessions end by the boot clock, which stands still in a paused machine: its
 * session outlives the deadline. The machine itself cannot detect that; its
 * peers can.
 */
#ifndef CGSPAN_PACE_H
#define CGSPAN_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Two correct clocks differ by less than 1 %. */
#define DRIFT_DIV	100

/* One peer's clock; all zero: nothing is known yet. Times are ns. */
struct pace {
	int64_t epoch;			/* epoch of the observed session */
	bool based;			/* @base is known */
	/* Offset of the peer's clock to ours, with the delay of the heartbeat,
	 * and the time of this measurement by our clock.
	 */
	int64_t base;
	uint64_t base_at;
	uint64_t from;			/* time when this window began */
	int64_t low;			/* the smallest offset in it */
	unsigned int n;			/* heartbeats in it */
};

/* A heartbeat of a session with @ttl has come, which was sent at @sent by its clock;
 * another @epoch is another boot, and another clock. By how much its clock has fallen
 * back behind ours; below 0: ours behind its own; 0: by nothing that matters.
 */
int64_t pace_heard(struct pace *p, int64_t epoch, uint64_t sent, uint64_t now,
		   uint64_t ttl);

#endif /* CGSPAN_PACE_H */
