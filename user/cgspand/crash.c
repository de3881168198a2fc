// SPDX-License-Identifier: GPL-2.0
#ifdef CGSPAN_TEST
#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Each "what" of a transaction or a request, with its two steps. */
static const struct {
	const char *what;
	const char *steps[2];
} points[] = {
	{ "join",	{ "sent", "committed" } },
	{ "barrier",	{ "sent", "committed" } },
	{ "acquire",	{ "sent", "committed" } },
	{ "return",	{ "sent", "committed" } },
	{ "claim",	{ "sent", "committed" } },
	{ "debt",	{ "sent", "committed" } },
	{ "delete",	{ "sent", "committed" } },
	{ "want",	{ "sent", "committed" } },
	{ "ack",	{ "sent", "committed" } },
	{ "heartbeat",	{ "sent", "committed" } },
	{ "leave",	{ "sent", "committed" } },
	{ "fence",	{ "sent", "committed" } },
	{ "agent",	{ "before", "after" } },
	{ "renew",	{ "before", "after" } },
	{ "grow",	{ "before", "after" } },
	{ "shrink",	{ "before", "after" } },
	{ "group-new",	{ "before", "after" } },
	{ "group-set",	{ "before", "after" } },
	{ "group-del",	{ "before", "after" } },
	{ "member-add",	{ "before", "after" } },
	{ "end",	{ "before", "after" } },
};

#define N_POINTS (sizeof(points) / sizeof(points[0]))

void crash_list(void)
{
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++)
		printf("%s-%s\n", points[i / 2].what, points[i / 2].steps[i % 2]);
}

static bool is_known(const char *name, size_t len)
{
	char full[32];
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++) {
		snprintf(full, sizeof(full), "%s-%s", points[i / 2].what,
			 points[i / 2].steps[i % 2]);
		if (strlen(full) == len && !memcmp(full, name, len))
			return true;
	}
	return false;
}

/* NAME[:NUMBER] in an environment variable: is it this point? */
static bool is_chosen(const char *env, const char *what, const char *step,
		      unsigned long *number)
{
	const char *name = getenv(env);
	size_t len, wlen = strlen(what);

	if (!name || !*name)
		return false;
	len = strcspn(name, ":");
	if (!is_known(name, len)) {
		fprintf(stderr, "cgspand: %s=%s names no point: see --list-crash-points\n",
			env, name);
		_exit(2);
	}
	*number = name[len] ? strtoul(name + len + 1, NULL, 10) : 1;
	return len == wlen + 1 + strlen(step) && !memcmp(name, what, wlen) &&
	       name[wlen] == '-' &&
	       !memcmp(name + wlen + 1, step, strlen(step));
}

void crash_point(const char *what, const char *step)
{
	static unsigned long passed;
	unsigned long number;

	if (is_chosen("CGSPAN_DELAY", what, step, &number)) {
		struct timespec ts = { number / 1000,
				       number % 1000 * 1000000 };

		nanosleep(&ts, NULL);
	}
	if (is_chosen("CGSPAN_CRASH", what, step, &number) &&
	    ++passed == number) {
		fprintf(stderr, "cgspand: crash point %s-%s\n", what, step);
		raise(SIGKILL);
	}
}
#endif
