/* SPDX-License-Identifier: GPL-2.0 */
/* Clocks of the test programs. */
#ifndef TESTS_PROG_CLOCK_H
#define TESTS_PROG_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* CLOCK_BOOTTIME in ms. */
static inline long long now_ms(void)
{
	return clock_ns(CLOCK_BOOTTIME) / 1000000;
}

/* CLOCK_MONOTONIC in seconds. */
static inline double now(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1e9;
}

#endif /* TESTS_PROG_CLOCK_H */
