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

/*
 * Each "what" of a transaction or a request, with its two steps, and what it
 * leaves if it ends there. What has been sent to the store may be in it, or not.
 */
static const struct {
	const char *what;
	struct {
		const char *name;
		const char *left;
	} steps[2];
} points[] = {
	{ "join", {
		{ "sent", "the store may have the new session, the kernel has none" },
		{ "committed", "the store has the new session, the kernel has none" } } },
	{ "barrier", {
		{ "sent", "the lease may have been written again as it was" },
		{ "committed", "the lease is as it was, and nothing sent before can change it" } } },
	{ "acquire", {
		{ "sent", "the lease in the store may be larger than the kernel's" },
		{ "committed", "the lease in the store is larger than the kernel's" } } },
	{ "return", {
		{ "sent", "the kernel's lease is smaller, the store's may be" },
		{ "committed", "the kernel's lease and the store's are smaller" } } },
	{ "debt", {
		{ "sent", "the kernel's lease is smaller; the debt may be paid with the rest" },
		{ "committed", "the kernel's lease is smaller, and the debt by as much" } } },
	{ "delete", {
		{ "sent", "no node holds anything of the group; its key may be gone" },
		{ "committed", "the group's key is gone; kernels may have it still, empty" } } },
	{ "want", {
		{ "sent", "the store may have what the node asks its peers for" },
		{ "committed", "the store has what the node asks its peers for" } } },
	{ "ack", {
		{ "sent", "the store may have the word that the newest limits hold here" },
		{ "committed", "the store has the word that the newest limits hold here" } } },
	{ "heartbeat", {
		{ "sent", "the store may have the heartbeat, the kernel's session is not renewed" },
		{ "committed", "the store has the heartbeat, the kernel's session is not renewed" } } },
	{ "leave", {
		{ "sent", "the kernel is alone and holds limits; the node's keys may be gone" },
		{ "committed", "the kernel is alone and holds limits; the node's keys are gone" } } },
	{ "close", {
		{ "sent", "leases of an old session of this node may be back in the pools" },
		{ "committed", "leases of an old session of this node are back in the pools" } } },
	{ "fence", {
		{ "sent", "the dead node's epoch may be fenced, or then its leases back" },
		{ "committed", "the dead node's epoch is fenced, or then its leases back" } } },
	{ "agent", {
		{ "before", "the dead node is neither switched off nor fenced" },
		{ "after", "the dead node may be off, and is not fenced" } } },
	{ "renew", {
		{ "before", "the store has the heartbeat, the kernel's session is not renewed" },
		{ "after", "the kernel's session lives as long as the heartbeat says" } } },
	{ "grow", {
		{ "before", "the lease in the store is larger than the kernel's" },
		{ "after", "the kernel's lease is as large as the store's" } } },
	{ "shrink", {
		{ "before", "the kernel's lease is as large as the store's" },
		{ "after", "the kernel's lease is smaller than the store's" } } },
	{ "group-new", {
		{ "before", "the store has a group that the kernel has not" },
		{ "after", "the kernel has the group, with leases of 0" } } },
	{ "group-set", {
		{ "before", "the kernel shows an older limit or policy than the store" },
		{ "after", "the kernel shows the store's limits and policy" } } },
	{ "group-del", {
		{ "before", "the kernel has a group that the store has no more" },
		{ "after", "neither the kernel nor the store has the group" } } },
	{ "member-add", {
		{ "before", "the kernel does not count the members that it should" },
		{ "after", "the kernel counts the members, unless one was refused" } } },
	{ "session-end", {
		{ "before", "all leases are back, the kernel and the store have the session" },
		{ "after", "all leases are back, the kernel has no session, the store has" } } },
};

#define N_POINTS (sizeof(points) / sizeof(points[0]))

void crash_list(void)
{
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++)
		printf("%s-%s\t%s\n", points[i / 2].what,
		       points[i / 2].steps[i % 2].name,
		       points[i / 2].steps[i % 2].left);
}

static bool is_known(const char *name, size_t len)
{
	char full[32];
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++) {
		snprintf(full, sizeof(full), "%s-%s", points[i / 2].what,
			 points[i / 2].steps[i % 2].name);
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
		fprintf(stderr, "%s=%s names no point: see cgspand --list-crash-points\n",
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
		fprintf(stderr, "crash point %s-%s\n", what, step);
		raise(SIGKILL);
	}
}
#endif
