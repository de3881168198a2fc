// SPDX-License-Identifier: GPL-2.0
#include "cell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "delegate.h"
#include "world.h"

#define MOVE_EVERY	(10 * SEC)
/* Under a load, the root's pool starts with 1 / ROOT_SLACK of (limit - mean use). */
#define ROOT_SLACK	20

/* The checker of all stores together; each world checks its own store. */

static void check(struct cells *c)
{
	uint64_t most = world_limit(c->root, JOB) + world_debt(c->root, JOB);

	if (c->given > most)
		delegate_breach(c, "at %" PRIu64 " ms: all cells were given %" PRIu64 ", the root's limit and debt are %" PRIu64,
				world_now(c->root) / MSEC, c->given, most);
	/* Faults in cells fence running nodes: pools and leases may then exceed @most. */
	if (c->held > most && !c->conf.faults_below)
		delegate_breach(c, "at %" PRIu64 " ms: pools and leases of all cells are %" PRIu64 ", the root's limit and debt %" PRIu64,
				world_now(c->root) / MSEC, c->held, most);
}

static void root_revised(void *arg)
{
	struct cells *c = arg;

	if (c->root && world_exists(c->root, JOB))
		check(c);
}

/* After each change of a cell's store: update the root's view of the cell. */
static void revised(void *arg)
{
	struct cell *c = arg;
	struct ledger_held held = { 0 };
	uint64_t sum;

	if (!c->w || !world_exists(c->w, JOB))
		return;
	c->transfer = delegate_transfer(c);
	c->free = world_pool(c->w, JOB);
	sum = world_limit(c->w, JOB) + world_debt(c->w, JOB);
	held.amount = c->transfer.amount == CGSPAN_MAX ? sum :
		      c->transfer.amount;
	held.used = sum - c->free;
	c->all->given += held.amount - c->held.amount;
	c->all->held += sum - c->sum;
	c->sum = sum;
	if (held.used > c->held.used)
		c->taken += held.used - c->held.used;
	c->held = held;
	if (!c->all->root)
		return;
	world_cell(c->all->root, c->i, &held, c->taken,
		   !c->free && delegate_wants(c, true));
	root_revised(c->all);
}

/* Tell the root what each cell has: the root may know the group only now. Put the
 * cells in debt while the root is in debt, and out of it afterwards.
 */
static void look(struct cells *all)
{
	bool owes;

	if (!world_exists(all->root, JOB))
		return;
	owes = world_debt(all->root, JOB);
	for (unsigned int i = 0; i < all->conf.cells; i++) {
		struct cell *c = &all->cells[i];

		world_cell(all->root, i, &c->held, c->taken, false);
		if (c->n_asks || !world_running(all->root, i))
			continue;
		if (owes && world_limit(c->w, JOB))
			delegate_ask(c, (struct ask){ .what = OWE });
		else if (!owes && world_limit(c->w, JOB) < c->held.amount)
			delegate_ask(c, (struct ask){ .what = LIFT });
	}
}

bool cells_full(const struct cells *c, unsigned int i)
{
	return !c->conf.full || i % (c->conf.cells / c->conf.full) == 0;
}

/* How many nodes of the cell one simulated node stands for. */
static unsigned int coarse(const struct cells *c, unsigned int i)
{
	return cells_full(c, i) ? 1 : CELLS_COARSE;
}

/* The load is spread over cells as over nodes; within a cell it is uniform. */

static void spread(struct cells *c)
{
	unsigned int n = c->conf.cells, first = rnd(c, n);
	double *means = need(calloc(n, sizeof(*means))), mean;

	load_spread(c->conf.load->kind, c->conf.load->mean * n, n, first, means);
	for (unsigned int i = 0; i < n; i++) {
		mean = means[i] * coarse(c, i);
		if (mean != c->cells[i].mean && c->cells[i].w)
			load_mean(world_load(c->cells[i].w), mean,
				  world_now(c->root));
		c->cells[i].mean = mean;
	}
	free(means);
}

/* Creation */

static struct world *make_cell(struct cells *all, struct cell *c)
{
	struct world_conf conf = {
		.seed = all->conf.seed * 1000003 + c->i, .rtt = all->conf.rtt,
		.nodes = all->conf.nodes / coarse(all, c->i),
		.faults = all->conf.faults, .revised = revised, .arg = c,
	};
	struct load_conf load;

	if (!all->conf.load)
		return world_new(&conf);
	load = *all->conf.load;
	load.kind = LOAD_UNIFORM;
	load.nodes = conf.nodes;
	load.mean = c->mean;
	load.limit = c->mean * load.nodes *
		     (1 + (1 / load.load - 1) * (1 - 1.0 / ROOT_SLACK));
	load.all = &all->sum;
	load.seed = conf.seed;
	conf.load = &load;
	return world_new(&conf);
}

static struct world *make_root(struct cells *c)
{
	struct load_conf load = { .limit = c->sum.limit };
	struct world_conf conf = {
		.seed = c->conf.seed, .rtt = c->conf.rtt,
		.nodes = c->conf.cells, .faults = c->conf.faults,
		.load = c->conf.load ? &load : NULL,
		.cells = &delegate_ops, .revised = root_revised, .arg = c,
	};

	return world_new(&conf);
}

struct cells *cells_new(const struct cells_conf *conf)
{
	struct cells *c = need(calloc(1, sizeof(*c)));
	const struct load_conf *load = conf->load;

	c->conf = *conf;
	c->rng = conf->seed * 0x2545f4914f6cdd1dULL;
	c->move_at = load && load->kind == LOAD_HOTSPOT ? SEC + MOVE_EVERY :
							  UINT64_MAX;
	c->cells = need(calloc(conf->cells, sizeof(*c->cells)));
	if (load) {
		c->sum.limit = load->mean * conf->nodes * conf->cells /
			       load->load;
		spread(c);
	}
	for (unsigned int i = 0; i < conf->cells; i++) {
		struct cell *cell = &c->cells[i];

		cell->all = c;
		cell->i = i;
		cell->crash = CRASH_N;
		cell->w = make_cell(c, cell);
		revised(cell);
	}
	c->root = make_root(c);
	for (unsigned int i = 0; i < conf->cells; i++)
		revised(&c->cells[i]);
	return c;
}

void cells_free(struct cells *c)
{
	world_free(c->root);
	for (unsigned int i = 0; i < c->conf.cells; i++)
		world_free(c->cells[i].w);
	delegate_free_requests(c);
	free(c->cells);
	free(c);
}

/* The worlds advance in turn, by steps that are at most the least hop(). */
void cells_run(struct cells *c, uint64_t ns)
{
	uint64_t end = world_now(c->root) + ns, step = c->conf.rtt / 4, left;

	while (!cells_breach(c) && (left = end - world_now(c->root))) {
		if (world_now(c->root) >= c->move_at) {
			c->move_at += MOVE_EVERY;
			spread(c);
		}
		left = left < step ? left : step;
		world_run(c->root, left);
		for (unsigned int i = 0; i < c->conf.cells; i++)
			world_run(c->cells[i].w, left);
		look(c);
	}
}

const char *cells_breach(const struct cells *c)
{
	if (c->breach[0])
		return c->breach;
	for (unsigned int i = 0; i < c->conf.cells; i++)
		if (world_breach(c->cells[i].w))
			return world_breach(c->cells[i].w);
	return world_breach(c->root);
}

const struct cells_stats *cells_stats(const struct cells *c)
{
	return &c->stats;
}

struct world *cells_root(struct cells *c)
{
	return c->root;
}

struct world *cells_cell(struct cells *c, unsigned int i)
{
	return c->cells[i].w;
}

int cells_create(struct cells *c, uint64_t limit, uint64_t each)
{
	int ret = world_create(c->root, JOB, limit);

	for (unsigned int i = 0; !ret && i < c->conf.cells; i++)
		ret = world_create(c->cells[i].w, JOB, each);
	return ret;
}

/* The sum of the pool and the leases of a store's nodes. */
static uint64_t total(struct world *w, unsigned int nodes)
{
	uint64_t sum = world_pool(w, JOB);

	for (unsigned int i = 0; i < nodes; i++)
		sum += world_lease(w, i, JOB);
	return sum;
}

static bool cell_whole(struct cells *all, unsigned int i)
{
	struct cell *c = &all->cells[i];
	uint64_t limit = world_limit(c->w, JOB);

	for (unsigned int n = 0; n < all->conf.nodes; n++)
		if (!world_in_session(c->w, n) ||
		    world_kernel(c->w, n, JOB) != world_lease(c->w, n, JOB))
			return false;
	return world_in_session(all->root, i) && !c->n_asks &&
	       !world_debt(c->w, JOB) && total(c->w, all->conf.nodes) == limit &&
	       world_lease(all->root, i, JOB) == limit;
}

bool cells_whole(struct cells *c)
{
	for (unsigned int i = 0; i < c->conf.cells; i++)
		if (!cell_whole(c, i))
			return false;
	return !world_debt(c->root, JOB) &&
	       total(c->root, c->conf.cells) == world_limit(c->root, JOB);
}

void cells_faults(struct cells *c, bool on)
{
	c->faults = on;
	world_faults(c->root, on);
	for (unsigned int i = 0; c->conf.faults_below && i < c->conf.cells; i++)
		world_faults(c->cells[i].w, on);
}

void cells_crash(struct cells *c, unsigned int i, enum cells_crash where)
{
	c->cells[i].crash = where;
}

uint64_t cells_limit(const struct cells *c)
{
	return c->sum.limit;
}

void cells_measure(struct cells *c)
{
	for (unsigned int i = 0; i < c->conf.cells; i++)
		load_measure(world_load(c->cells[i].w), world_now(c->root));
}

void cells_marks(struct cells *c, struct load_marks *sum)
{
	const struct load_marks *m;

	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < c->conf.cells; i++) {
		m = load_marks(world_load(c->cells[i].w), world_now(c->root));
		sum->arrivals += m->arrivals;
		sum->admitted += m->admitted;
		sum->refused += m->refused;
		sum->needless += m->needless;
		sum->waited += m->waited;
		sum->space += m->space;
		for (unsigned int k = 0; k < LOAD_WAIT_STEPS; k++)
			sum->waits[k] += m->waits[k];
	}
}
