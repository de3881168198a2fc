/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What all of the simulator's files need.
 */
#ifndef CGSPAN_SIM_BASE_H
#define CGSPAN_SIM_BASE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* @p, of malloc() and its like; there is no going on without it. */
static inline void *need(void *p)
{
	if (!p) {
		fputs("sim: no memory\n", stderr);
		abort();
	}
	return p;
}

static inline bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* Random numbers: splitmix64, whose whole state is @state. */
static inline uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* 0 to @below - 1, which may be 0: 0. */
static inline uint64_t draw_below(uint64_t *state, uint64_t below)
{
	uint64_t z = draw(state);

	return below ? z % below : 0;
}

#endif /* CGSPAN_SIM_BASE_H */
