// SPDX-License-Identifier: GPL-2.0
/* Pure functions of the daemon: guarded cgroups, and the words of a fence agent. */
#include <stdlib.h>
#include <string.h>

#include "cgspand/fence.h"
#include "config/guard.h"
#include "tap.h"

static bool contains(void)
{
	CHECK(guard_contains("/web", "/web"));
	CHECK(guard_contains("/web", "/web/a"));
	CHECK(guard_contains("/web/", "/web/a"));
	CHECK(guard_contains("/", "/anything"));
	CHECK(guard_contains("/", "/"));
	return true;
}

static bool contains_not(void)
{
	CHECK(!guard_contains("/web", "/website"));
	CHECK(!guard_contains("/web/a", "/web"));
	CHECK(!guard_contains("/web", "/"));
	return true;
}

static bool words(void)
{
	char **w = agent_words("  /bin/off -n %n\t100%% %n.%n", "n1");

	CHECK(w);
	CHECK(!strcmp(w[0], "/bin/off") && !strcmp(w[1], "-n"));
	CHECK(!strcmp(w[2], "n1") && !strcmp(w[3], "100%"));
	CHECK(!strcmp(w[4], "n1.n1") && !w[5]);
	free(w);
	return true;
}

static bool few_words(void)
{
	char **w = agent_words("%n", "a-very-long-name-of-a-node");

	CHECK(w);
	CHECK(!strcmp(w[0], "a-very-long-name-of-a-node") && !w[1]);
	free(w);
	w = agent_words("a b c d %", "n");
	CHECK(w);
	CHECK(!strcmp(w[3], "d") && !strcmp(w[4], "%") && !w[5]);
	free(w);
	return true;
}

int main(void)
{
	struct tap t = { 0 };

	tap_result(&t, contains(), "", "a cgroup contains itself and what is below it");
	tap_result(&t, contains_not(), "", "it does not contain its neighbours or what is above it");
	tap_result(&t, words(), "", "an agent's command is parted at blanks, %n is the node");
	tap_result(&t, few_words(), "", "a name longer than its place fits; a last % stays");

	return tap_end(&t);
}
