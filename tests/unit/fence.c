// SPDX-License-Identifier: GPL-2.0
/*
 * Fence agents as real processes, with a clock and an event loop of this test. No
 * agent here succeeds, so the store is not used. Also tested: how an agent's
 * command is split into words, and guarded cgroups.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/config.h"
#include "config/guard.h"
#include "cgspand/fence.h"
#include "cgspand/loop.h"
#include "store/store.h"
#include "tap.h"

/* Replaces sd-event's struct: a timer, or a child process. */
struct sd_event_source {
	struct sd_event_source *next;
	sd_event_time_handler_t on_time;
	sd_event_child_handler_t on_child;
	void *arg;
	uint64_t when;		/* time of a timer, ns; 0: off */
	pid_t pid;		/* pid of a child */
};

static struct {
	struct sd_event_source *sources;
	uint64_t now;
} loop;

static int add(struct sd_event_source s, struct sd_event_source **out)
{
	*out = malloc(sizeof(s));
	if (!*out)
		return -ENOMEM;
	s.next = loop.sources;
	**out = s;
	loop.sources = *out;
	return 0;
}

int loop_timer(sd_event *event, sd_event_time_handler_t fn, void *arg,
	       sd_event_source **out, struct cgspan_err *err)
{
	return add((struct sd_event_source){ .on_time = fn, .arg = arg }, out);
}

int sd_event_add_child(sd_event *event, sd_event_source **out, pid_t pid,
		       int options, sd_event_child_handler_t fn, void *arg)
{
	return add((struct sd_event_source){
		.on_child = fn, .arg = arg, .pid = pid,
	}, out);
}

void loop_arm(sd_event_source *s, uint64_t when)
{
	s->when = when;
}

void loop_disarm(sd_event_source *s)
{
	s->when = 0;
}

sd_event_source *sd_event_source_disable_unref(sd_event_source *s)
{
	struct sd_event_source **p = &loop.sources;

	if (!s)
		return NULL;
	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	free(s);
	return NULL;
}

uint64_t loop_now(void)
{
	return loop.now;
}

int store_get(struct store *s, const char *key, bool prefix,
	      store_get_fn *fn, void *arg, struct cgspan_err *err)
{
	return -EIO;
}

int store_txn(struct store *s, const struct store_txn *txn, store_txn_fn *fn,
	      void *arg, struct cgspan_err *err)
{
	return -EIO;
}

/* Advance the clock, and call timers until none is due. */
static void pass(unsigned int seconds)
{
	struct sd_event_source *s;
	uint64_t when;

	loop.now += seconds * NSEC_PER_SEC;
	do {
		for (s = loop.sources; s; s = s->next)
			if (s->when && s->when <= loop.now)
				break;
		if (s) {
			when = s->when;
			s->when = 0;
			s->on_time(s, when / 1000, s->arg);
		}
	} while (s);
}

static unsigned int running(void)
{
	unsigned int n = 0;

	for (struct sd_event_source *s = loop.sources; s; s = s->next)
		n += s->on_child && !kill(s->pid, 0);
	return n;
}

/* Wait for the end of the agent, and call its handler. Return: its wait status; -1: none. */
static int ends(void)
{
	struct sd_event_source *s = loop.sources;
	siginfo_t si = { 0 };
	int status;

	while (s && !s->on_child)
		s = s->next;
	alarm(10);	/* SIGALRM ends this program if the agent does not end */
	if (!s || waitpid(s->pid, &status, 0) != s->pid)
		return -1;
	alarm(0);
	si.si_status = WIFEXITED(status) ? WEXITSTATUS(status) :
					   WTERMSIG(status);
	si.si_code = WIFEXITED(status) ? CLD_EXITED : CLD_KILLED;
	s->on_child(s, &si, s->arg);
	return status;
}

static struct fence *begin(const char *command)
{
	static struct config_agent agent = { .node = "*" };
	struct fence *f;

	agent.command = (char *)command;
	loop.sources = NULL;
	loop.now = 1;
	return fence_new(&f, NULL, NULL, &agent, 1, "n2", NULL) ? NULL : f;
}

/* Free @f. Return: whether it has left no timer and no child process to wait for. */
static bool gone(struct fence *f)
{
	fence_free(f);
	return !loop.sources;
}

/* Begin to fence n1 with an agent that hangs; then a heartbeat of n1 arrives. */
static struct fence *begin_in_vain(void)
{
	struct fence *f = begin("sleep 1000");

	fence_silent(f, "n1", 5);
	fence_speaks(f, "n1");
	return f;
}

static bool fails(void)
{
	struct fence *f = begin("false");

	fence_silent(f, "n1", 5);
	fence_silent(f, "n1", 5);
	CHECK(running() == 1);
	CHECK(WEXITSTATUS(ends()) == 1);
	pass(19);
	CHECK(running() == 0);
	pass(1);
	CHECK(running() == 1);
	ends();
	CHECK(gone(f));
	return true;
}

static bool hangs(void)
{
	struct fence *f = begin("sleep 1000");

	fence_silent(f, "n1", 5);
	pass(59);
	CHECK(running() == 1);
	pass(1);
	CHECK(WTERMSIG(ends()) == SIGKILL);
	pass(20);
	CHECK(running() == 1);
	pass(60);
	ends();
	CHECK(gone(f));
	return true;
}

static bool hangs_and_node_speaks(void)
{
	struct fence *f = begin_in_vain();

	pass(60);
	CHECK(WTERMSIG(ends()) == SIGKILL);
	CHECK(!loop.sources);
	pass(60);
	CHECK(running() == 0);
	fence_free(f);
	return true;
}

static bool waits_its_turn(void)
{
	struct fence *f = begin_in_vain();

	pass(30);
	fence_silent(f, "n1", 6);
	CHECK(running() == 1);
	pass(30);
	CHECK(running() == 1);
	CHECK(WTERMSIG(ends()) == SIGKILL);
	CHECK(running() == 0);
	pass(20);
	CHECK(running() == 1);
	pass(60);
	ends();
	CHECK(gone(f));
	return true;
}

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

static const struct tap_test tests[] = {
	{ fails, "an agent that fails is run again 20 s later" },
	{ hangs, "an agent that hangs is killed after 60 s, and run again" },
	{ hangs_and_node_speaks, "an agent that hangs is killed after 60 s though its node speaks again" },
	{ waits_its_turn, "a node that is silent again has a second agent only when the first has ended" },
	{ contains, "a cgroup contains itself and what is below it" },
	{ contains_not, "it does not contain its neighbours or what is above it" },
	{ words, "an agent's command is parted at blanks, %n is the node" },
	{ few_words, "a name longer than its place fits; a last % stays" },
};

int main(void)
{
	return TAP_RUN(tests);
}
