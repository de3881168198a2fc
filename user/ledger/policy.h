/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one group and resource on this node will want next. Only samples in and
 * figures out: what may be had is the ledger's matter.
 */
#ifndef CGSPAN_POLICY_H
#define CGSPAN_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct ledger_fact;

/* An estimate of demand; all 0 is a fresh one. Times are ns. */
struct policy {
	uint64_t now;			/* of the latest sample */
	uint64_t since;			/* of the first one */
	double mean;			/* of use and what waits, over about 1 s */
	double rate;			/* admissions per second, over about 1 s */
	double offered;			/* these and the refusals, likewise */
	double burst;			/* as @rate, over about 0.2 s */
	double slope;			/* rise of use per second, over about 0.2 s */
	double rise;			/* mean of the highest rise within 2 s */
	double rise_dev;		/* mean deviation of it */
	uint64_t used;			/* latest */
	uint64_t waiting;		/* latest: what waits for admission */
	uint64_t forks;			/* counter, latest */
	uint64_t refusals;		/* counter, latest */
	uint64_t refused_at;		/* when one was last seen; 0: never */
	uint64_t missed;		/* refusals since the lease last grew */
	uint64_t asked;			/* the most refused since an admission */
	uint64_t chunk;			/* to ask for at least; doubles per miss */
	uint64_t window;		/* start of the 2 s of the rise */
	uint64_t base;			/* use at its start */
	uint64_t top;			/* highest use in it */
	uint64_t peak[2];		/* of the latest half second, of this one */
	uint64_t peak_at;		/* start of this one */
};

/* Take in the kernel's counters. */
void policy_sample(struct policy *p, uint64_t now,
		   const struct ledger_fact *f);
/* The headroom of an earlier run, used until a rise has been measured. */
void policy_recall(struct policy *p, uint64_t headroom);
/* A request is sent; after a refusal the next one is twice as large. */
void policy_asked(struct policy *p, uint64_t first, uint64_t most);

/* Highest use within the last half to one second. */
uint64_t policy_peak(const struct policy *p);
/* policy_peak(), capped at use + usual headroom + 2. */
uint64_t policy_keep(const struct policy *p);
/* Does use fall steeply? Then no headroom is kept. */
bool policy_falls(const struct policy *p);
/* The need of a steep rise within the next 0.25 s. */
uint64_t policy_ramp(const struct policy *p);
/* Headroom above the mean: the typical largest rise within 2 s. */
uint64_t policy_headroom(const struct policy *p);
/* Admissions to expect while an ask is under way: 2.5 round trips, 3 sigma. */
uint64_t policy_low(const struct policy *p, uint64_t rtt);
/* Admissions refused lately and not yet served; or 0. */
uint64_t policy_more(const struct policy *p, uint64_t now);
/* The largest piece refused lately or waiting, not above @limit; or 0. */
uint64_t policy_piece(const struct policy *p, uint64_t now, uint64_t limit);

#endif /* CGSPAN_POLICY_H */
