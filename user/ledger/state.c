// SPDX-License-Identifier: GPL-2.0
#include "state.h"

#include <errno.h>
#include <stdlib.h>

void ledger_no_memory(struct ledger *l)
{
	l->error = -ENOMEM;
}

void *ledger_grow(struct ledger *l, void *array, size_t n, size_t size)
{
	void *p = reallocarray(array, n + 1, size);

	if (!p)
		ledger_no_memory(l);
	return p;
}

/* splitmix64, the same on all machines. */
uint64_t ledger_random(struct ledger *l, uint64_t below)
{
	uint64_t z = l->rng += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : 0;
}
