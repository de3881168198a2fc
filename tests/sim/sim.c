// SPDX-License-Identifier: GPL-2.0
/*
 * One run of a policy under a load; prints its figures as a line of JSON.
 *
 * sim [NAME=VALUE]...
 *	policy=cgspan|static|central|doorman|ideal
 *	workload=uniform|zipf|hotspot|burst
 *	n=NODES mean_use=UNITS load=FRACTION service_s=S
 *	rtt_ms=MS wait_ms=MS seed=SEED time_s=S
 *	cells=K: policy cgspan, K cells of NODES / K nodes, each with its own
 *		store, and a root; the workload is spread over the cells. Adds
 *		writes per second: of a cell (mean, maximum), and of the root.
 *	full=F: only F of the cells have all their nodes; in the others one node
 *		stands for 20. Only the F count for transactions and cells' writes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "cell.h"
#include "load.h"
#include "rival.h"
#include "world.h"

#define WARM_UP		(8 * SEC)

struct run {
	char policy[16];
	char workload[16];
	struct load_conf load;
	double rtt_ms;
	double time_s;
	unsigned int cells;
	unsigned int full;
};

static int usage(void)
{
	fputs("sim: unknown name or value\n", stderr);
	return 2;
}

/* Set a parameter of the run by @arg, NAME=VALUE. Return: false: the name is unknown. */
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
	else if (IS("cells"))
		r->cells = x;
	else if (IS("full"))
		r->full = x;
	else
		return false;
#undef IS
	return true;
}

/* @txns: transactions with changes, or a rival's requests; @looks: transactions without any. */
static void report(const struct run *r, const struct load_marks *m,
		   uint64_t limit, double txns, double looks,
		   const char *more)
{
	const struct load_conf *c = &r->load;
	bool remote = !strcmp(r->policy, "central");
	double arrivals = m->arrivals, needful = m->refused - m->needless;
	double local = remote ? 0 : m->admitted - m->waited + needful;

	printf("{\"policy\":\"%s\",\"n\":%u,\"workload\":\"%s\",\"rtt_ms\":%g,\"wait_ms\":%g,\"load\":%g,\"mean_use\":%g,\"service_s\":%g,\"false_pct\":%.5f,\"local_pct\":%.5f,\"util_pct\":%.4f,\"txn_per_node_s\":%.4f,\"looks_per_node_s\":%.4f,\"p99_ms\":%.3g,\"seed\":%" PRIu64 "%s}\n",
	       r->policy, c->nodes, r->workload, r->rtt_ms,
	       (double)c->wait / 1e6, c->load, c->mean,
	       (double)c->service / SEC, 100 * m->needless / arrivals,
	       100 * local / arrivals,
	       100 * m->space / (r->time_s * SEC) / limit,
	       txns / c->nodes / r->time_s, looks / c->nodes / r->time_s,
	       load_p99(m) + (remote ? r->rtt_ms : 0), c->seed, more);
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
		       world_stats(w)->looks - looks, "");
	sent = !!world_breach(w);
	world_free(w);
	return sent;
}

/**
 * struct writes - transactions and revisions of the stores of the full cells
 * @sent: sum of transactions with changes
 * @looks: sum of transactions without changes
 * @all: sum of revisions
 * @first: revisions of each full cell's store at the previous count()
 * @most: highest number of revisions of one store since the previous count()
 */
struct writes {
	uint64_t sent;
	uint64_t looks;
	uint64_t all;
	uint64_t *first;
	uint64_t most;
};

static void count(struct cells *c, unsigned int n, struct writes *sum)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct world_stats *s = world_stats(cells_cell(c, i));
		uint64_t since = s->revisions - sum->first[i];

		if (!cells_full(c, i))
			continue;
		sum->sent += s->sent;
		sum->looks += s->looks;
		sum->all += s->revisions;
		sum->most = since > sum->most ? since : sum->most;
		sum->first[i] = s->revisions;
	}
}

static void report_cells(const struct run *r, struct cells *c,
			 const struct writes *from, const struct writes *to,
			 uint64_t root)
{
	struct load_marks *sum = malloc(sizeof(*sum));
	unsigned int full = r->full ? r->full : r->cells;
	char more[256];

	if (!sum)
		abort();
	cells_marks(c, sum);
	snprintf(more, sizeof(more), ",\"cells\":%u,\"full\":%u,\"cell_writes_s\":%.4g,\"cell_writes_most_s\":%.4g,\"root_writes_s\":%.4g",
		 r->cells, full, (double)(to->all - from->all) / full / r->time_s,
		 (double)to->most / r->time_s, (double)root / r->time_s);
	report(r, sum, cells_limit(c),
	       (double)(to->sent - from->sent) * r->cells / full,
	       (double)(to->looks - from->looks) * r->cells / full, more);
	free(sum);
}

static int run_cells(struct run *r)
{
	struct cells_conf conf = {
		.seed = r->load.seed, .cells = r->cells,
		.nodes = r->load.nodes / r->cells, .full = r->full,
		.rtt = r->rtt_ms * 1000000, .load = &r->load,
	};
	struct writes from = { 0 }, to = { 0 };
	struct cells *c = cells_new(&conf);
	uint64_t root;
	bool breach;

	r->load.nodes = conf.nodes * conf.cells;
	from.first = calloc(r->cells, sizeof(*from.first));
	if (!from.first)
		abort();
	to.first = from.first;
	cells_run(c, WARM_UP);
	cells_measure(c);
	count(c, r->cells, &from);
	root = world_stats(cells_root(c))->revisions;
	cells_run(c, r->time_s * SEC);
	count(c, r->cells, &to);
	root = world_stats(cells_root(c))->revisions - root;
	breach = cells_breach(c);
	if (breach)
		fprintf(stderr, "sim: %s\n", cells_breach(c));
	else
		report_cells(r, c, &from, &to, root);
	free(from.first);
	cells_free(c);
	return breach;
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
	       rival_asked(v) - asked, 0, "");
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
	    r.load.mean <= 0 || !r.load.service || r.time_s <= 0 ||
	    r.cells > r.load.nodes || (r.cells && kind == LOAD_BURST) ||
	    (r.full && (!r.cells || r.cells % r.full ||
			r.load.nodes / r.cells < CELLS_COARSE)))
		return usage();
	r.load.kind = kind;
	if (strcmp(r.policy, "cgspan"))
		return r.cells ? usage() : run_rival(&r);
	return r.cells ? run_cells(&r) : run_cgspan(&r);
}
