// SPDX-License-Identifier: GPL-2.0
#include "policy.h"

#include <math.h>

#define SEC		1000000000ULL
#define WINDOW		(2 * SEC)
#define PEAK		(SEC / 2)
#define STARVED		(2 * SEC)
/* Weight of a new rise against the mean of those before. */
#define RISE_WEIGHT	0.2

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static bool starved(const struct policy *p, uint64_t now)
{
	return p->refused_at && now - p->refused_at < STARVED;
}

static void reset(struct policy *p, uint64_t now, uint64_t used,
		  uint64_t forks, uint64_t refusals)
{
	p->now = now;
	p->since = now;
	p->mean = used;
	p->forks = forks;
	p->refusals = refusals;
	p->window = now;
	p->base = used;
	p->top = used;
	p->peak[0] = used;
	p->peak[1] = used;
	p->peak_at = now;
}

static void measure_rise(struct policy *p, uint64_t now, uint64_t used)
{
	double rise, off;

	p->top = max_u64(p->top, used);
	if (now - p->window < WINDOW)
		return;

	/* One ramp must not poison it: far outliers count as three devs. */
	rise = p->top - p->base;
	off = fabs(rise - p->rise);
	if (p->rise_dev > 0)
		off = fmin(off, 3 * p->rise_dev + 1);
	rise = rise > p->rise ? p->rise + off : p->rise - off;
	p->rise += RISE_WEIGHT * (rise - p->rise);
	p->rise_dev += RISE_WEIGHT * (off - p->rise_dev);
	p->window = now;
	p->base = used;
	p->top = used;
}

static void measure_peak(struct policy *p, uint64_t now, uint64_t used)
{
	if (now - p->peak_at >= PEAK) {
		p->peak[0] = now - p->peak_at < 2 * PEAK ? p->peak[1] : used;
		p->peak[1] = used;
		p->peak_at = now;
	}
	p->peak[1] = max_u64(p->peak[1], used);
}

void policy_sample(struct policy *p, uint64_t now, uint64_t used,
		   uint64_t forks, uint64_t refusals, bool refused)
{
	double dt, keep, rate;

	/* The first look, or the kernel's counters have begun anew. */
	if (!p->now || forks < p->forks || refusals < p->refusals)
		reset(p, now, used, forks, refusals);

	dt = (double)(now - p->now) / SEC;
	if (dt > 0) {
		keep = exp(-dt);
		rate = (double)(forks - p->forks) / dt;
		p->mean = keep * p->mean + (1 - keep) * (double)used;
		p->rate = keep * p->rate + (1 - keep) * rate;
		p->forks = forks;
	}
	if (refusals > p->refusals || refused) {
		p->missed += max_u64(refusals - p->refusals, 1);
		p->refused_at = now;
	}
	p->refusals = refusals;
	p->used = used;
	p->now = now;
	measure_rise(p, now, used);
	measure_peak(p, now, used);
	if (!starved(p, now))
		p->chunk = 0;
}

void policy_recall(struct policy *p, uint64_t headroom)
{
	if (!p->rise && !p->rise_dev)
		p->rise = headroom;
}

void policy_asked(struct policy *p, uint64_t first, uint64_t most)
{
	if (!p->missed)
		return;
	p->chunk = p->chunk ? 2 * p->chunk : first;
	if (p->chunk > most)
		p->chunk = most;
}

void policy_served(struct policy *p)
{
	p->missed = 0;
}

uint64_t policy_peak(const struct policy *p)
{
	return max_u64(p->used, max_u64(p->peak[0], p->peak[1]));
}

uint64_t policy_headroom(const struct policy *p)
{
	return ceil(p->rise + 1.5 * p->rise_dev);
}

uint64_t policy_low(const struct policy *p, uint64_t rtt)
{
	double soon = p->rate * 2.5 * (double)rtt / SEC;

	return 1 + (uint64_t)(soon + 3 * sqrt(soon));
}

uint64_t policy_more(const struct policy *p, uint64_t now)
{
	return starved(p, now) ? max_u64(p->chunk, 1) : 0;
}
