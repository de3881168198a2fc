/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units of time, allocation, strings and random numbers, for all files of tests/sim.
 */
#ifndef CGSPAN_SIM_BASE_H
#define CGSPAN_SIM_BASE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MSEC	((uint64_t)1000000)
#define SEC	(1000 * MSEC)

/* Return: @p; aborts if it is NULL, because an allocation failed. */
static inline void *need(void *p)
{
	if (!p) {
		fputs("sim: out of memory\n", stderr);
		abort();
	}
	return p;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* 32-bit FNV-1a of the @len bytes at @text. */
static inline uint32_t hash(const char *text, size_t len)
{
	uint32_t h = 2166136261u;

	while (len--)
		h = (h ^ (unsigned char)*text++) * 16777619u;
	return h;
}

/* The next number of splitmix64; it depends on *@state alone, which advances. */
static inline uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* A random number from 0 to @below - 1; 0 if @below is 0. */
static inline uint64_t draw_below(uint64_t *state, uint64_t below)
{
	uint64_t z = draw(state);

	return below ? z % below : 0;
}

#endif /* CGSPAN_SIM_BASE_H */
