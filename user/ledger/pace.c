// SPDX-License-Identifier: GPL-2.0
#include "pace.h"

#include <stdlib.h>

#define HEARD_MIN	3

/*
 * A heartbeat may be late, but in a window as long as the ttl at least one has
 * a small delay. If even the smallest delay has changed, up or down, by more
 * than half a ttl since the window before, a clock has stood still.
 */
int64_t pace_heard(struct pace *p, int64_t epoch, uint64_t sent, uint64_t now,
		   uint64_t ttl)
{
	int64_t offset = (int64_t)(now - sent), off, creep;

	if (p->epoch != epoch)
		*p = (struct pace){ .epoch = epoch };
	if (!p->n)
		p->from = now;
	if (!p->n++ || offset < p->low)
		p->low = offset;
	if (p->n < HEARD_MIN || now - p->from < ttl)
		return 0;

	off = p->based ? p->low - p->base : 0;
	creep = (int64_t)(now - p->base_at) / DRIFT_DIV;
	p->n = 0;
	p->base_at = now;
	if (p->based && (uint64_t)llabs(off) <= ttl / 2) {
		/* Let the base follow slow drift, so that a jump shows. */
		p->base += off > creep ? creep : off < -creep ? -creep : off;
		return 0;
	}
	p->based = true;
	p->base = p->low;
	return off;
}
