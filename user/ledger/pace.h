/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer's clock against ours, from its heartbeats. Pure.
 *
 * Sessions end by the boot clock. That of a paused machine stands still, and
 * its session outlives its deadline by as long: nothing on that machine can
 * tell, but its peers can.
 */
#ifndef CGSPAN_PACE_H
#define CGSPAN_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Two sound clocks run apart by less than one in a hundred. */
#define DRIFT_DIV	100

/* One peer's clock; all zero: nothing is known yet. Times are ns. */
struct pace {
	int64_t epoch;			/* of the session that is listened to */
	bool based;			/* @base is known */
	/* Its offset to ours: what is passed on the way, and how far the clocks are
	 * apart; and when that was so, by our clock.
	 */
	int64_t base;
	uint64_t base_at;
	uint64_t from;			/* when this window began */
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
