// SPDX-License-Identifier: GPL-2.0
#ifdef CGSPAN_TEST
#include "crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const points[] = {
	"join-sent", "join-committed", "barrier-sent", "barrier-committed",
	"acquire-sent", "acquire-committed", "return-sent", "return-committed",
	"debt-sent", "debt-committed", "delete-sent", "delete-committed",
	"want-sent", "want-committed", "ack-sent", "ack-committed",
	"heartbeat-sent", "heartbeat-committed", "leave-sent",
	"leave-committed", "close-sent", "close-committed", "fence-sent",
	"fence-committed", "agent-before", "agent-after", "renew-before",
	"renew-after", "grow-before", "grow-after", "shrink-before",
	"shrink-after", "group-new-before", "group-new-after",
	"group-set-before", "group-set-after", "group-del-before",
	"group-del-after", "member-add-before", "member-add-after",
	"session-end-before", "session-end-after",
};

#define N_POINTS (sizeof(points) / sizeof(points[0]))

void crash_list(void)
{
	size_t i;

	for (i = 0; i < N_POINTS; i++)
		puts(points[i]);
}

static bool is_known(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < N_POINTS; i++)
		if (strlen(points[i]) == len && !memcmp(points[i], name, len))
			return true;
	return false;
}

/* Does variable @env, NAME[:NUMBER], name this point? Exit if it names none. */
static bool is_chosen(const char *env, const char *point, unsigned long *number)
{
	const char *name = getenv(env);
	size_t len;

	if (!name || !*name)
		return false;
	len = strcspn(name, ":");
	if (!is_known(name, len)) {
		fprintf(stderr, "%s=%s names no point: see cgspand --list-crash-points\n",
			env, name);
		_exit(2);
	}
	*number = name[len] ? strtoul(name + len + 1, NULL, 10) : 1;
	return strlen(point) == len && !memcmp(name, point, len);
}

void crash_point(const char *what, const char *step)
{
	static unsigned long passed;
	unsigned long number;
	char point[32];

	snprintf(point, sizeof(point), "%s-%s", what, step);
	if (is_chosen("CGSPAN_DELAY", point, &number))
		usleep(number * 1000);
	if (is_chosen("CGSPAN_CRASH", point, &number) && ++passed == number) {
		fprintf(stderr, "crash point %s\n", point);
		raise(SIGKILL);
	}
}
#endif
