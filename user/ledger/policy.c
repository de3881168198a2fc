// SPDX-License-Identifier: GPL-2.0
#include "policy.h"

#include <math.h>

#include "fact.h"
#include "state.h"

#define WINDOW		(2 * SEC)
#define PEAK		(SEC / 2)
#define STARVED		(2 * SEC)
/* Weight of a new rise in the mean of rises. */
#define RISE_WEIGHT	0.2
/* In seconds: interval of the slope; look-ahead of a ramp; admissions that
 * the least amount to ask covers.
 */
#define SLOPE		0.2
#define RAMP		0.25
#define CHUNK		0.4
/* Seconds without refusals in which the least amount to ask falls to 1/e. */
#define CALM		0.3

static bool starved(const struct policy *p, uint64_t now)
{
	return p->refused_at && now - p->refused_at < STARVED;
}

static void reset(struct policy *p, uint64_t now, const struct ledger_fact *f)
{
	p->now = now;
	p->since = now;
	p->mean = f->used;
	p->used = f->used;
	p->forks = f->forks;
	p->refusals = f->refusals;
	p->window = now;
	p->base = f->used;
	p->top = f->used;
	p->peak[0] = f->used;
	p->peak[1] = f->used;
	p->peak_at = now;
}

static void measure_rise(struct policy *p, uint64_t now, uint64_t used)
{
	double rise, off;

	p->top = max_u64(p->top, used);
	if (now - p->window < WINDOW)
		return;

	/* Limit outliers to three deviations: a ramp is no usual rise. */
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

void policy_sample(struct policy *p, uint64_t now, const struct ledger_fact *f)
{
	double dt, keep, fast, rate;

	/* The first sample, or counters that began again. */
	if (!p->now || f->forks < p->forks || f->refusals < p->refusals)
		reset(p, now, f);

	dt = (double)(now - p->now) / SEC;
	if (dt > 0) {
		keep = exp(-dt);
		rate = (double)(f->forks - p->forks) / dt;
		p->mean = keep * p->mean +
			  (1 - keep) * (double)(f->used + f->waiting);
		p->rate = keep * p->rate + (1 - keep) * rate;
		rate += (double)(f->refusals - p->refusals) / dt;
		p->offered = keep * p->offered + (1 - keep) * rate;
		fast = exp(-dt / SLOPE);
		rate = ((double)f->used - (double)p->used) / dt;
		p->burst = fast * p->burst +
			   (1 - fast) * (double)(f->forks - p->forks) / dt;
		p->slope = fast * p->slope + (1 - fast) * rate;
	}
	if (f->refusals > p->refusals || f->refused || f->waiting) {
		p->missed += max_u64(f->refusals - p->refusals, 1);
		p->refused_at = now;
	} else if (dt > 0) {
		p->chunk = (double)p->chunk * exp(-dt / CALM);
	}
	p->asked = max_u64(f->used > p->used ? 0 : p->asked, f->asked);
	p->refusals = f->refusals;
	if (dt > 0)
		p->forks = f->forks;
	p->used = f->used;
	p->waiting = f->waiting;
	p->now = now;
	measure_rise(p, now, f->used);
	measure_peak(p, now, f->used);
	if (!starved(p, now)) {
		p->chunk = 0;
		p->missed = 0;
		p->asked = 0;
	}
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
	if (p->chunk > first && (double)p->chunk > CHUNK * p->offered)
		p->chunk = max_u64(first, CHUNK * p->offered);
}

uint64_t policy_peak(const struct policy *p)
{
	return max_u64(p->used, max_u64(p->peak[0], p->peak[1]));
}

/* Use falls if it will fall by more than the headroom within 0.25 s, or has
 * fallen by more than twice the headroom within about 1 s. Load that leaves
 * nodes ends slowly: headroom kept on all of them would be the whole pool.
 */
bool policy_falls(const struct policy *p)
{
	double head = (double)policy_headroom(p) + 1;
	double gone = p->mean - (double)(p->used + p->waiting);

	return -RAMP * p->slope > head || gone > 2 * head;
}

uint64_t policy_keep(const struct policy *p)
{
	uint64_t head = policy_falls(p) ? 0 : policy_headroom(p);
	uint64_t usual = p->used + head + 2;
	uint64_t peak = policy_peak(p);

	return min_u64(peak, usual);
}

uint64_t policy_ramp(const struct policy *p)
{
	double soon = RAMP * p->slope;

	return soon > (double)policy_headroom(p) ? (uint64_t)soon : 0;
}

uint64_t policy_headroom(const struct policy *p)
{
	return ceil(p->rise + 1.5 * p->rise_dev);
}

uint64_t policy_low(const struct policy *p, uint64_t rtt)
{
	double soon = fmax(p->rate, p->burst) * 2.5 * (double)rtt / SEC;

	return 1 + (uint64_t)(soon + 3 * sqrt(soon));
}

uint64_t policy_more(const struct policy *p, uint64_t now)
{
	uint64_t missed = min_u64(p->missed, p->chunk);

	return starved(p, now) ? max_u64(p->waiting, max_u64(missed, 1)) : 0;
}

uint64_t policy_piece(const struct policy *p, uint64_t now, uint64_t limit)
{
	if (!starved(p, now))
		return 0;
	return max_u64(p->waiting, p->asked <= limit ? p->asked : 0);
}
