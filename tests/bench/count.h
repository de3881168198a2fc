/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a thing costs, in instructions.
 *
 * In a machine of QEMU's with -icount shift=0 and one processor the time-stamp
 * counter counts instructions, those of interrupts and softirqs included. While
 * the processor idles, the counter is warped to the next timer. So what tasks
 * have run, by /proc/schedstat, counts where it is less; where nothing idles it
 * is a little more, as the reading of that file is in it.
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

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n",
		program_invocation_short_name, what, strerror(errno));
	exit(1);
}

static inline void must(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

struct count {
	uint64_t all;
	uint64_t busy;
};

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

static inline struct count begin(void)
{
	struct count start;

	start.busy = busy_time();
	start.all = __rdtsc();
	return start;
}

static inline void end(struct count start, uint64_t n)
{
	uint64_t all = __rdtsc() - start.all;
	uint64_t busy = busy_time() - start.busy;

	printf("%.1f\n", (double)(busy < all ? busy : all) / n);
}

#endif /* COUNT_H */
