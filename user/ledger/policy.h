/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Estimate what this node will want next of a resource of a group, from samples
 * alone. What the node may have is decided elsewhere.
 */
#ifndef CGSPAN_POLICY_H
#define CGSPAN_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct ledger_fact;

/* An estimate of demand; all 0 is a fresh one. Times are ns. */
struct policy {
	uint64_t now;			/* time of the latest sample */
	uint64_t since;			/* first sample since counters began */
	double mean;			/* mean of use and waiting, over about 1 s */
	double rate;			/* forks per second, over about 1 s */
	double offered;			/* forks and refusals per s, about 1 s */
	double burst;			/* forks per second, over about 0.2 s */
	double slope;			/* rise of use per second, over about 0.2 s */
	double rise;			/* moving mean of highest rises in 2 s */
	double rise_dev;		/* moving mean: deviation from @rise */
	uint64_t used;			/* latest use */
	uint64_t waiting;		/* latest sum of queued requests */
	uint64_t forks;			/* latest value of the counter of forks */
	uint64_t refusals;		/* latest value of the counter of refusals */
	uint64_t refused_at;		/* time of last refusal or queue; 0: never */
	uint64_t missed;		/* refusals since growth or calm, about */
	uint64_t asked;			/* largest amount refused lately; 0: none */
	uint64_t chunk;			/* least amount to ask; 0: no refusals */
	uint64_t window;		/* start of the window of 2 s for a rise */
	uint64_t base;			/* use at the start of the window */
	uint64_t top;			/* highest use in the window */
	uint64_t peak[2];		/* highest use of the last and present 0.5 s */
	uint64_t peak_at;		/* start of the present half second */
};

/* Take in the kernel's counters at the time @now. */
void policy_sample(struct policy *p, uint64_t now,
		   const struct ledger_fact *f);
/* If no rise was measured yet, begin the moving mean of rises at @headroom. */
void policy_recall(struct policy *p, uint64_t headroom);
/*
 * Units were asked from the pool. While the kernel refuses, the least amount to
 * ask is first @first, then doubles, up to @most and to 0.4 s of @p->offered.
 */
void policy_asked(struct policy *p, uint64_t first, uint64_t most);

/* Highest use within the last half to one second. */
uint64_t policy_peak(const struct policy *p);
/* policy_peak(), capped at use + headroom (0 while use falls) + 2. */
uint64_t policy_keep(const struct policy *p);
/* Does use fall steeply? Then no headroom is kept. */
bool policy_falls(const struct policy *p);
/* The amount that a steep rise will need within the next 0.25 s; or 0. */
uint64_t policy_ramp(const struct policy *p);
/* The usual largest rise within 2 s: mean of rises plus 1.5 deviations. */
uint64_t policy_headroom(const struct policy *p);
/* Low-water mark: 1 + forks to expect in 2.5 round trips + 3 sigma. */
uint64_t policy_low(const struct policy *p, uint64_t rtt);
/* Units refused in the last 2 s or waiting, as an estimate; or 0. */
uint64_t policy_more(const struct policy *p, uint64_t now);
/* The amount queued, or a larger one up to @limit refused lately; or 0. */
uint64_t policy_piece(const struct policy *p, uint64_t now, uint64_t limit);

#endif /* CGSPAN_POLICY_H */
