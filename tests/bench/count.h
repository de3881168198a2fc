/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Measure the cost of an operation in instructions.
 *
 * In a QEMU machine with -icount shift=0 and one processor the time-stamp counter
 * counts instructions, those of interrupts and softirqs included. While the
 * processor idles, QEMU advances the counter to the next timer. So the measured code
 * may wait only for other processes that run; measure() checks it by /proc/schedstat.
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

/* Return: run time of all tasks, ns. The sleep makes the kernel add this task's, too. */
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

/* Return: mean of the middle half of @values, without outliers by periodic jobs. */
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
 * Execute a pseudorandom number of instructions up to @max, a function of @k and
 * @max alone. Return: how many.
 */
static inline uint64_t spin(uint64_t k, uint64_t max)
{
	uint64_t n, left;

	k = (k + 1) * 0x9e3779b97f4a7c15;
	k = (k ^ k >> 32) * 0xd6e8feb86659fd93;
	n = (k >> 32) % (max / 2) + 1;
	left = n;
	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(left) : : "cc");
	return 2 * n;
}

/*
 * Call @fn at least @n times after a warm-up, in PORTIONS equal portions; print the
 * mean cost of a call. Choose @n so large that each portion includes several ticks,
 * and the softirqs that the calls cause. @max: spin(k, @max) follows call k, and is
 * not part of the cost; 0: none.
 */
#define PORTIONS 10

static inline void measure(void (*fn)(void *arg), void *arg, uint64_t n,
			   uint64_t max)
{
	uint64_t portions[PORTIONS], all, busy, begun, spun, i, k;

	n = (n + PORTIONS - 1) / PORTIONS;
	for (k = 0; k < n; k++) {
		fn(arg);
		if (max)
			spin(k, max);
	}
	busy = busy_time();
	all = __rdtsc();
	for (i = 0; i < PORTIONS; i++) {
		begun = __rdtsc();
		spun = 0;
		for (k = 0; k < n; k++) {
			fn(arg);
			if (max)
				spun += spin(i * n + k, max);
		}
		portions[i] = __rdtsc() - begun - spun;
	}
	all = __rdtsc() - all;
	busy = busy_time() - busy;
	errno = ETIME;
	must(busy + all / 500 > all, "the processor was idle meanwhile");
	printf("%.1f\n", middle(portions, PORTIONS) / n);
}

/* Measure code that runs once: end() prints the cost of what ran since begin(). */
static inline uint64_t begin(void)
{
	return __rdtsc();
}

static inline void end(uint64_t begun)
{
	printf("%" PRIu64 "\n", (uint64_t)__rdtsc() - begun);
}

#endif /* COUNT_H */
