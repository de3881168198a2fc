/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Detect from heartbeats that the clock of a peer, or that of this node, stood
 * still. Pure.
 *
 * Sessions end by the boot clock, which stands still in a paused machine: the
 * session of that machine outlives its deadline. Its own clock does not tell it
 * that; a comparison with the times in heartbeats of peers does.
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
	/* @base: our clock minus the peer's, with the heartbeat's delay;
	 * @base_at: when that was measured, by our clock.
	 */
	int64_t base;
	uint64_t base_at;
	uint64_t from;			/* start of the present window */
	int64_t low;			/* smallest difference in the window */
	unsigned int n;			/* number of heartbeats in the window */
};

/* Take in a heartbeat, sent at @sent by the peer's clock, received at @now by
 * ours; another @epoch may mean another boot, so another clock. Return: ns by
 * which the peer's clock fell behind ours; below 0: ours behind the peer's; 0:
 * nothing that matters.
 */
int64_t pace_heard(struct pace *p, int64_t epoch, uint64_t sent, uint64_t now,
		   uint64_t ttl);

#endif /* CGSPAN_PACE_H */
