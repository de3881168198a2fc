// SPDX-License-Identifier: GPL-2.0
/*
 * One run of a policy under a load, and its figures as one line of JSON.
 *
 * sim [NAME=VALUE]...
 *	policy=cgspan|static|central|doorman|ideal
 *	workload=uniform|zipf|hotspot|burst
 *	n=NODES mean_use=UNITS load=FRACTION service_s=S
 *	rtt_ms=MS wait_ms=MS seed=SEED time_s=S
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "rival.h"
#include "world.h"

#define SEC		1000000000ULL
#define WARM_UP		(8 * SEC)

struct run {
	char policy[16];
	char workload[16];
	struct load_conf load;
	double rtt_ms;
	double time_s;
};

static int usage(void)
{
	fputs("sim: no such name or value: see the top of its source\n", stderr);
	return 2;
}

/* NAME=VALUE into the run; false: there is no such name. */
static bool set(struct run *r, const char *arg)
{
	const char *val = strchr(arg, '=');
	double x = val ? strtod(val + 1, NULL) : 0;
	size_t len = val ? (size_t)(val++ - arg) : 0;
	struct load_conf *c = &r->load;

#define IS(name) (len == strlen(name) && !strncmp(arg, name, len))
	if (IS("policy"))
		snprintf(r->policy, sizeof(r->policy), "%s", val);
	else if (IS("workload"))
		snprintf(r->workload, sizeof(r->workload), "%s", val);
	else if (IS("n"))
		c->nodes = x;
	else if (IS("mean_use"))
		c->mean = x;
	else if (IS("load"))
		c->load = x;
	else if (IS("service_s"))
		c->service = x * SEC;
	else if (IS("rtt_ms"))
		r->rtt_ms = x;
	else if (IS("wait_ms"))
		c->wait = x * 1000000;
	else if (IS("seed"))
		c->seed = x;
	else if (IS("time_s"))
		r->time_s = x;
	else
		return false;
#undef IS
	return true;
}

/* @looks: transactions that change nothing, which the store does not log. */
static void report(const struct run *r, const struct load_marks *m,
		   uint64_t limit, double txns, double looks)
{
	const struct load_conf *c = &r->load;
	bool remote = !strcmp(r->policy, "central");
	double arrivals = m->arrivals, needful = m->refused - m->needless;
	double local = remote ? 0 : m->admitted - m->waited + needful;

	printf("{\"policy\":\"%s\",\"n\":%u,\"workload\":\"%s\",\"rtt_ms\":%g,\"wait_ms\":%g,\"load\":%g,\"mean_use\":%g,\"service_s\":%g,\"false_pct\":%.5f,\"local_pct\":%.5f,\"util_pct\":%.4f,\"txn_per_node_s\":%.4f,\"looks_per_node_s\":%.4f,\"p99_ms\":%.3g,\"seed\":%" PRIu64 "}\n",
	       r->policy, c->nodes, r->workload, r->rtt_ms,
	       (double)c->wait / 1e6, c->load, c->mean,
	       (double)c->service / SEC, 100 * m->needless / arrivals,
	       100 * local / arrivals,
	       100 * m->space / (r->time_s * SEC) / limit,
	       txns / c->nodes / r->time_s, looks / c->nodes / r->time_s,
	       load_p99(m) + (remote ? r->rtt_ms : 0), c->seed);
}

static int run_cgspan(const struct run *r)
{
	struct world_conf conf = {
		.seed = r->load.seed, .nodes = r->load.nodes,
		.rtt = r->rtt_ms * 1000000, .load = &r->load,
	};
	struct world *w = world_new(&conf);
	struct load *l = world_load(w);
	uint64_t sent, looks;

	world_run(w, WARM_UP);
	load_measure(l, world_now(w));
	sent = world_stats(w)->sent;
	looks = world_stats(w)->looks;
	world_run(w, r->time_s * SEC);
	if (world_breach(w))
		fprintf(stderr, "sim: %s\n", world_breach(w));
	else
		report(r, load_marks(l, world_now(w)), load_limit(l),
		       world_stats(w)->sent - sent,
		       world_stats(w)->looks - looks);
	sent = !!world_breach(w);
	world_free(w);
	return sent;
}

static int run_rival(const struct run *r)
{
	struct rival *v = rival_new(r->policy, &r->load);
	struct load *l;
	uint64_t asked;

	if (!v)
		return usage();
	l = rival_load(v);
	rival_run(v, WARM_UP);
	load_measure(l, WARM_UP);
	asked = rival_asked(v);
	rival_run(v, WARM_UP + r->time_s * SEC);
	report(r, load_marks(l, WARM_UP + r->time_s * SEC), load_limit(l),
	       rival_asked(v) - asked, 0);
	rival_free(v);
	return 0;
}

int main(int argc, char **argv)
{
	struct run r = {
		.policy = "cgspan", .workload = "uniform", .rtt_ms = 1,
		.time_s = 30,
		.load = { .nodes = 100, .mean = 1000, .load = 0.9,
			  .service = SEC, .seed = 1 },
	};
	int kind = 0;

	for (int i = 1; i < argc; i++)
		if (!set(&r, argv[i]))
			return usage();
	while (kind < LOAD_KINDS && strcmp(load_name(kind), r.workload))
		kind++;
	if (kind == LOAD_KINDS || !r.load.nodes || r.load.load <= 0 ||
	    r.load.mean <= 0 || !r.load.service || r.time_s <= 0)
		return usage();
	r.load.kind = kind;
	return strcmp(r.policy, "cgspan") ? run_rival(&r) : run_cgspan(&r);
}
