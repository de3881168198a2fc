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

/**
 * struct pace - one peer's clock; all zero: nothing is known yet
 * @epoch: of the session that is listened to
 * @based: @base is known
 * @base: its offset to ours: what is passed on the way, and how far the clocks
 *	are apart; ns
 * @base_at: when that was so, ns of our clock
 * @from: when this window began
 * @low: the smallest offset in it
 * @n: heartbeats in it
 */
struct pace {
	int64_t epoch;
	bool based;
	int64_t base;
	uint64_t base_at;
	uint64_t from;
	int64_t low;
	unsigned int n;
};

/**
 * pace_heard() - a heartbeat has come
 * @p: the peer's
 * @epoch: of its session: another one is another boot, and another clock
 * @sent: when it was sent, ns of its clock
 * @now: ns of ours
 * @ttl: of its session, ns
 *
 * Return: by how much its clock has fallen back behind ours, ns; below 0: ours
 * behind its own; 0: by nothing that matters.
 */
int64_t pace_heard(struct pace *p, int64_t epoch, uint64_t sent, uint64_t now,
		   uint64_t ttl);

#endif /* CGSPAN_PACE_H */
