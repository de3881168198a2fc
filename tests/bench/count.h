/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a thing costs, in instructions.
 *
 * In a machine of QEMU's with -icount shift=0 and one processor the time-stamp
 * counter counts instructions, those of interrupts and softirqs included. While
 * the processor idles, the counter is warped to the next timer: nothing that is
 * measured may wait for anything but another process that runs. What tasks have
 * run, by /proc/schedstat, tells whether that was so.
 */
#ifndef COUNT_H
#define COUNT_H

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "../vm/prog/die.h"

/* What tasks have run so far, that of this one included: it sleeps before. */
static inline uint64_t busy_time(void)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	uint64_t busy = 0;
	char line[4096];
	FILE *file;

	nanosleep(&moment, NULL);
	file = fopen("/proc/schedstat", "re");
	must(file, "/proc/schedstat");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu0 %*u %*u %*u %*u %*u %*u %" SCNu64,
			   &busy) == 1)
			break;
	fclose(file);
	return busy;
}

static inline int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The mean of the middle half: what runs every few seconds hits few. */
static inline double middle(uint64_t *values, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	qsort(values, n, sizeof(*values), compare);
	for (i = n / 4; i < n - n / 4; i++)
		sum += values[i];
	return (double)sum / (n - n / 4 * 2);
}

/*
 * Does it @n times, and some before that; prints what one costs. It is counted
 * in portions that are long enough for the softirqs that follow.
 */
#define PORTION 200
#define PORTIONS_MAX 4096

static inline void measure(void (*fn)(void *arg), void *arg, uint64_t n)
{
	static uint64_t portions[PORTIONS_MAX];
	uint64_t all, busy, begun, i, k;

	n = (n + PORTION - 1) / PORTION;
	must(n <= PORTIONS_MAX, "too many");
	for (k = 0; k < PORTION; k++)
		fn(arg);
	busy = busy_time();
	all = __rdtsc();
	for (i = 0; i < n; i++) {
		begun = __rdtsc();
		for (k = 0; k < PORTION; k++)
			fn(arg);
		portions[i] = __rdtsc() - begun;
	}
	all = __rdtsc() - all;
	busy = busy_time() - busy;
	errno = ETIME;
	must(busy + all / 500 > all, "the processor was idle meanwhile");
	printf("%.1f\n", middle(portions, n) / PORTION);
}

/* The same of something that is done but once. */
static inline uint64_t begin(void)
{
	return __rdtsc();
}

static inline void end(uint64_t begun)
{
	printf("%" PRIu64 "\n", (uint64_t)__rdtsc() - begun);
}

#endif /* COUNT_H */
