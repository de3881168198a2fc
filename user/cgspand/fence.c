// SPDX-License-Identifier: GPL-2.0
#include "fence.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/kvs.h"
#include "config/config.h"
#include "config/crash.h"
#include "model/desired.h"
#include "model/nodes.h"
#include "libcgspan/err.h"
#include "log.h"
#include "loop.h"
#include "store/store.h"

#define AGENT_NS	(60 * NSEC_PER_SEC)	/* time until an agent is killed */
#define AGAIN_NS	(20 * NSEC_PER_SEC)	/* pause after a failed try */

/* The fencing of one node. */
struct job {
	struct fence *f;
	struct job *next;
	const struct config_agent *agent; /* switches the node off; or NULL */
	pid_t pid;			/* process of the agent; 0: none */
	sd_event_source *child;		/* event source: the agent has ended */
	sd_event_source *timer;		/* to kill the agent, or to try again */
	struct kvs cache;		/* the store's keys that were read */
	size_t step;			/* index of the prefix that is being read */
	bool busy;			/* a request to the store is under way */
	bool off;			/* no agent is needed any more */
	bool done;			/* free the job once @busy and @pid are 0 */
	int64_t hb_rev;			/* @hb_rev of nodes_fence() */
	char node[CGSPAN_NAME_LEN + 1];
};

struct fence {
	sd_event *event;
	struct store *store;
	const struct config_agent *agents;
	size_t n_agents;
	const char *by;
	struct job *jobs;
};

static void read_next(struct job *j);

static void job_free(struct job *j)
{
	struct job **p = &j->f->jobs;

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	sd_event_source_disable_unref(j->child);
	sd_event_source_disable_unref(j->timer);
	kvs_fini(&j->cache);
	free(j);
}

static void job_done(struct job *j)
{
	j->done = true;
	if (!j->pid)	/* a running agent may hang: keep its timer */
		loop_disarm(j->timer);
	if (!j->busy && !j->pid)
		job_free(j);
}

static void again_later(struct job *j)
{
	loop_arm(j->timer, loop_now() + AGAIN_NS);
}

/* The store: read all keys, do the next step; repeat until none is left */

static void failed(struct job *j, const char *why)
{
	log_line(LOG_WARNING, "fencing of node %s failed, trying again: %s",
		 j->node, why);
	again_later(j);
}

static void on_step(void *arg, enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n,
		    const struct cgspan_err *err)
{
	struct job *j = arg;

	(void)rev;
	(void)kvs;
	(void)n;
	j->busy = false;
	if (res == STORE_APPLIED)
		crash_point("fence", "committed");
	if (res == STORE_ERROR || res == STORE_UNKNOWN)
		failed(j, err ? err->msg : "the store refused");
	else
		read_next(j);
}

static void next_step(struct job *j)
{
	struct cgspan_err err = { 0 };
	struct txn t;
	int ret;

	txn_init(&t);
	ret = nodes_fence(&t, &j->cache, j->node, j->f->by, j->hb_rev, &err);
	if (ret > 0) {
		crash_point("fence", "sent");
		j->busy = !store_txn(j->f->store, &t.view, on_step, j, &err);
		if (!j->busy)
			failed(j, err.msg);
		txn_fini(&t);
		return;
	}
	txn_fini(&t);
	if (!ret)
		log_line(LOG_NOTICE,
			 "node %s is fenced: its leases are back in the pools",
			 j->node);
	else if (ret != -ESTALE || j->hb_rev != NODES_FINISH)
		log_line(LOG_WARNING, "node %s is not fenced: %s", j->node,
			 err.msg);
	job_done(j);
}

static void on_read(void *arg, const struct store_kv *kvs, size_t n,
		    int64_t rev, const struct cgspan_err *err)
{
	struct job *j = arg;
	bool bad = err;
	size_t i;

	(void)rev;
	j->busy = false;
	for (i = 0; i < n && !bad; i++)
		bad = kvs_set(&j->cache, kvs[i].key, kvs[i].val, kvs[i].len,
			      kvs[i].mod_rev) < 0;
	if (bad)
		again_later(j);
	else if (desired_prefixes[++j->step])
		read_next(j);
	else
		next_step(j);
}

static void read_next(struct job *j)
{
	const char *what;

	if (!desired_prefixes[j->step])
		j->step = 0;
	if (!j->step)
		kvs_fini(&j->cache);
	what = desired_prefixes[j->step];
	j->busy = !store_get(j->f->store, what, what[strlen(what) - 1] == '/',
			     on_read, j, NULL);
	if (!j->busy)
		again_later(j);
}

/* Running the agent */

char **agent_words(const char *command, const char *node)
{
	size_t size = strlen(command) + 1, max = size / 2 + 2, n = 0;
	const char *p;
	char **words, *to;

	for (p = command; *p; p++)
		if (p[0] == '%' && p[1] == 'n')
			size += strlen(node);
	words = malloc(max * sizeof(*words) + size);
	if (!words)
		return NULL;
	to = (char *)(words + max);
	for (p = command; *p; ) {
		p += strspn(p, " \t");
		if (!*p)
			break;
		for (words[n++] = to; *p && *p != ' ' && *p != '\t'; p++) {
			if (p[0] == '%' && p[1] == 'n')
				to = stpcpy(to, node);
			else
				*to++ = *p;
			p += p[0] == '%' && (p[1] == 'n' || p[1] == '%');
		}
		*to++ = '\0';
	}
	words[n] = NULL;
	return words;
}

static int on_agent(sd_event_source *src, const siginfo_t *si, void *arg)
{
	bool exited = si->si_code == CLD_EXITED;
	struct job *j = arg;

	(void)src;
	crash_point("agent", "after");
	j->pid = 0;
	sd_event_source_disable_unref(j->child);
	j->child = NULL;
	loop_disarm(j->timer);
	if (j->done) {
		job_free(j);
	} else if (exited && !si->si_status) {
		log_line(LOG_NOTICE, "node %s is off: its fence agent succeeded",
			 j->node);
		j->off = true;
		j->step = 0;
		read_next(j);
	} else {
		log_line(LOG_ERR,
			 "the fence agent of node %s failed (%s %d), trying again in %llu s",
			 j->node, exited ? "exit status" : "signal", si->si_status,
			 AGAIN_NS / NSEC_PER_SEC);
		again_later(j);
	}
	return 0;
}

static int spawn(struct job *j)
{
	posix_spawnattr_t attr;
	char **words = agent_words(j->agent->command, j->node);
	sigset_t none;
	int ret;

	if (!words)
		return -ENOMEM;
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	ret = -posix_spawnp(&j->pid, words[0], NULL, &attr, words, environ);
	posix_spawnattr_destroy(&attr);
	free(words);
	if (ret) {
		j->pid = 0;
		return ret;
	}
	ret = sd_event_add_child(j->f->event, &j->child, j->pid, WEXITED,
				 on_agent, j);
	if (ret < 0) {
		kill(j->pid, SIGKILL);
		waitpid(j->pid, NULL, 0);
		j->pid = 0;
	}
	return ret;
}

static void run_agent(struct job *j)
{
	const struct job *other;
	int ret;

	/*
	 * The agent of an ended job may still run, if the node's heartbeat came
	 * back. Its success is no proof for this job, which has a later
	 * heartbeat.
	 */
	for (other = j->f->jobs; other; other = other->next)
		if (other->pid && !strcmp(other->node, j->node)) {
			again_later(j);
			return;
		}
	log_line(LOG_NOTICE, "node %s is silent: running its fence agent",
		 j->node);
	crash_point("agent", "before");
	ret = spawn(j);
	if (ret < 0) {
		log_line(LOG_ERR, "the fence agent of node %s does not start: %s",
			 j->node, strerror(-ret));
		again_later(j);
		return;
	}
	loop_arm(j->timer, loop_now() + AGENT_NS);
}

static int on_timer(sd_event_source *src, uint64_t usec, void *arg)
{
	struct job *j = arg;

	(void)src;
	(void)usec;
	if (j->pid)
		kill(j->pid, SIGKILL);	/* its exit calls on_agent() */
	else if (j->off && !j->busy)
		read_next(j);
	else if (!j->off)
		run_agent(j);
	return 0;
}

static const struct config_agent *find_agent(const struct fence *f,
					     const char *node)
{
	const struct config_agent *any = NULL;
	size_t i;

	for (i = 0; i < f->n_agents; i++) {
		if (!strcmp(f->agents[i].node, node))
			return &f->agents[i];
		if (!any && !strcmp(f->agents[i].node, "*"))
			any = &f->agents[i];
	}
	return any;
}

static struct job *find_job(struct fence *f, const char *node)
{
	struct job *j;

	for (j = f->jobs; j; j = j->next)
		if (!j->done && !strcmp(j->node, node))
			return j;
	return NULL;
}

static struct job *job_new(struct fence *f, const char *node, int64_t hb_rev)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j || loop_timer(f->event, on_timer, j, &j->timer, NULL)) {
		free(j);
		log_line(LOG_ERR, "node %s cannot be fenced: out of memory",
			 node);
		return NULL;
	}
	j->f = f;
	j->hb_rev = hb_rev;
	strncpy(j->node, node, CGSPAN_NAME_LEN);
	j->next = f->jobs;
	f->jobs = j;
	return j;
}

void fence_silent(struct fence *f, const char *node, int64_t hb_rev)
{
	const struct config_agent *agent = find_agent(f, node);
	struct job *j;

	if (!agent) {
		log_line(LOG_WARNING,
			 "node %s is silent and keeps its leases: if it is switched off, run: cgspan fence %s --confirm-off",
			 node, node);
		return;
	}
	if (find_job(f, node))
		return;
	j = job_new(f, node, hb_rev);
	if (!j)
		return;
	j->agent = agent;
	run_agent(j);
}

void fence_finish(struct fence *f, const char *node)
{
	struct job *j = NULL;

	if (!find_job(f, node))
		j = job_new(f, node, NODES_FINISH);
	if (!j)
		return;
	j->off = true;
	again_later(j);
}

void fence_speaks(struct fence *f, const char *node)
{
	struct job *j = find_job(f, node);

	/* Until the agent has succeeded a heartbeat ends the job. After that it
	 * does not: the first transaction, which fences the epoch, compares the
	 * heartbeat.
	 */
	if (j && !j->off)
		job_done(j);
}

int fence_new(struct fence **out, sd_event *event, struct store *s,
	      const struct config_agent *agents, size_t n, const char *by,
	      struct cgspan_err *err)
{
	struct fence *f = calloc(1, sizeof(*f));

	if (!f)
		return cgspan_err_nomem(err);
	f->event = event;
	f->store = s;
	f->agents = agents;
	f->n_agents = n;
	f->by = by;
	*out = f;
	return 0;
}

void fence_free(struct fence *f)
{
	if (!f)
		return;
	while (f->jobs)
		job_free(f->jobs);
	free(f);
}
