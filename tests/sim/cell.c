// SPDX-License-Identifier: GPL-2.0
#include "cell.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "model/kvs.h"
#include "model/codec.h"
#include "model/desired.h"
#include "world.h"

#define MOVE_EVERY	(10 * SEC)
#define TASKS		CGSPAN_RES_TASKS
#define JOB		"/job"
#define TRANSFER	"transfer" JOB
/* The root's pool has this part of the slack at the start. */
#define ROOT_SLACK	20
#define ASKS		4
/* What a delegate is woken for, besides its requests. */
#define RESTART		0
#define DIE		UINT64_MAX

/* What a delegate is asked to write. */
enum what {
	FENCE,			/* void what earlier ones have under way */
	EPOCH,			/* a new one: what the cell was given is void */
	SET,			/* the cell is to hold what the lease is */
	OWE,			/* the root is in debt: so is the cell */
	LIFT,			/* the root is in debt no more */
};

struct ask {
	enum what what;
	uint64_t amount;
	uint64_t seq;
	uint64_t epoch;
};

/* The value of TRANSFER. */
struct transfer {
	uint64_t epoch;
	uint64_t seq;
	uint64_t amount;
};

/* On its way to a cell's store, or back. */
struct request {
	uint64_t id;
	uint64_t run;
	bool arrived;
	bool late;
	enum store_result res;
	struct ledger_held held;
	struct txn txn;
	struct request *next;
};

/**
 * struct cell - one
 * @all: of these
 * @i: its number
 * @w: its store and its nodes
 * @mean: in use on a node, as its load is now
 * @held: as the root has it: what it was given, and what its nodes hold
 * @sum: its pool and its nodes' leases
 * @free: in its pool
 * @taken: from it, counter
 * @run: of its delegate: which one
 * @transfer: as its store has it
 * @asks: of the delegate, in order; the first is under way
 * @n_asks: how many
 * @crash: where to die, or CRASH_N
 */
struct cell {
	struct cells *all;
	unsigned int i;
	struct world *w;
	double mean;
	struct ledger_held held;
	uint64_t sum;
	uint64_t free;
	uint64_t taken;
	uint64_t run;
	struct transfer transfer;
	struct ask asks[ASKS];
	unsigned int n_asks;
	enum cells_crash crash;
};

struct cells {
	struct cells_conf conf;
	struct cells_stats stats;
	char breach[512];
	bool faults;
	uint64_t rng;
	uint64_t last_id;
	uint64_t given;		/* to all of them */
	uint64_t held;		/* by all of them */
	uint64_t move_at;
	struct load_sum sum;
	struct world *root;
	struct cell *cells;
	struct request *requests;
};

static uint64_t rnd(struct cells *c, uint64_t below)
{
	return draw_below(&c->rng, below);
}

static bool fault(struct cells *c)
{
	return c->faults && rnd(c, 1000) < c->conf.faults;
}

static uint64_t hop(struct cells *c)
{
	return c->conf.rtt / 4 + rnd(c, c->conf.rtt / 2) +
	       (fault(c) ? rnd(c, 200 * MSEC) : 0);
}

__attribute__((format(printf, 2, 3)))
static void breach(struct cells *c, const char *fmt, ...)
{
	va_list ap;

	if (c->breach[0])
		return;
	va_start(ap, fmt);
	vsnprintf(c->breach, sizeof(c->breach), fmt, ap);
	va_end(ap);
}

/* The checker: of each store, its world's; of all of them, this. */

static void check(struct cells *c)
{
	uint64_t most = world_limit(c->root, JOB) + world_debt(c->root, JOB);

	if (c->given > most)
		breach(c, "at %" PRIu64 " ms: all cells were given %" PRIu64 ", the root's limit and debt are %" PRIu64,
		       world_now(c->root) / MSEC, c->given, most);
	/* Of a node that was fenced alive, more may be in use. */
	if (c->held > most && !c->conf.faults_below)
		breach(c, "at %" PRIu64 " ms: pools and leases of all cells are %" PRIu64 ", the root's limit and debt %" PRIu64,
			 world_now(c->root) / MSEC, c->held, most);
}

static void root_revised(void *arg)
{
	struct cells *c = arg;

	if (c->root && world_exists(c->root, JOB))
		check(c);
}

/* A cell's store */

static struct transfer read_transfer(const struct cell *c)
{
	const struct store_kv *kv = kvs_find(world_store(c->w), TRANSFER);
	struct transfer t = { .amount = CGSPAN_MAX };

	if (kv && sscanf(kv->val, "{\"v\":1,\"epoch\":%" SCNu64 ",\"seq\":%" SCNu64 ",\"amount\":%" SCNu64,
			 &t.epoch, &t.seq, &t.amount) != 3)
		breach(c->all, "a transfer cannot be read: %s", kv->val);
	return t;
}

static char *format_transfer(const struct transfer *t)
{
	char *val = need(malloc(128));

	snprintf(val, 128, "{\"v\":1,\"epoch\":%" PRIu64 ",\"seq\":%" PRIu64 ",\"amount\":%" PRIu64 "}",
		 t->epoch, t->seq, t->amount);
	return val;
}

/* What the cell's nodes want, and its pool has not. */
static uint64_t wants(const struct cell *c, bool any)
{
	const struct kvs *store = world_store(c->w);
	struct want_rec want;
	uint64_t sum = 0;

	for (size_t i = kvs_lower(store, "want/"); i < store->n; i++) {
		const struct store_kv *kv = &store->kv[i];

		if (!has_prefix(kv->key, "want/"))
			break;
		if (any)
			return 1;
		if (!want_parse(kv->val, kv->len, &want, NULL))
			sum += want.need[TASKS];
	}
	return sum > c->free ? sum - c->free : 0;
}

static uint64_t waiting(void *arg, unsigned int node)
{
	struct cells *c = arg;

	return wants(&c->cells[node], false);
}

/* After each change of its store: what the root sees of it. */
static void revised(void *arg)
{
	struct cell *c = arg;
	struct ledger_held held = { 0 };
	uint64_t sum;

	if (!c->w || !world_exists(c->w, JOB))
		return;
	c->transfer = read_transfer(c);
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
		   !c->free && wants(c, true));
	root_revised(c->all);
}

/* Its delegate */

static void begin(struct cell *c);

/* From here on it does nothing more. */
static bool crashes(struct cell *c, enum cells_crash where)
{
	struct cells *all = c->all;

	if (c->crash != where && !(fault(all) && rnd(all, 4) == where))
		return false;
	c->crash = CRASH_N;
	c->run++;
	c->n_asks = 0;
	all->stats.crashes[where]++;
	world_after(all->root, c->i, 0, DIE);
	return true;
}

static void die(struct cell *c)
{
	struct cells *all = c->all;

	world_kill(all->root, c->i);
	world_after(all->root, c->i,
		    rnd(all, rnd(all, 2) ? 20 * MSEC : 2 * SEC), RESTART);
}

/* The limit that does what is asked. What nodes hold, and were given, they
 * keep, but when all slack has to pay.
 */
static uint64_t limit_for(const struct cell *c, const struct ask *a)
{
	bool owes = world_debt(c->all->root, JOB);

	switch (a->what) {
	case FENCE:
		return world_limit(c->w, JOB);
	case SET:
		return owes ? 0 : max_u64(a->amount, min_u64(c->held.used,
							     c->held.amount));
	case LIFT:
		return c->held.amount;
	default:
		return 0;
	}
}

/* And what the cell has then been given. */
static struct transfer transfer_for(const struct cell *c, const struct ask *a)
{
	struct transfer t = c->transfer;

	if (t.amount == CGSPAN_MAX)
		t.amount = c->held.amount;
	if (a->what == EPOCH)
		t.amount = 0;
	if (a->what == SET)
		t.amount = max_u64(a->amount, min_u64(c->held.used, t.amount));
	if (a->what == EPOCH || a->what == SET)
		t.epoch = a->epoch;
	if (a->what == SET)
		t.seq = a->seq;
	return t;
}

static void put_transfer(const struct cell *c, struct txn *t,
			 const struct ask *a)
{
	const struct store_kv *kv = kvs_find(world_store(c->w), TRANSFER);
	struct transfer to = transfer_for(c, a);

#ifndef CGSPAN_BUG_NO_TRANSFER
	txn_compare(t, TRANSFER, kv ? kv->mod_rev : 0);
#endif
	txn_put(t, TRANSFER, format_transfer(&to));
}

static void build(struct cell *c, struct txn *t, const struct ask *a)
{
	struct desired_change change = { 0 };
	int ret;

	change.limit_set[TASKS] = true;
	change.limit[TASKS] = limit_for(c, a);
	ret = desired_set(t, world_store(c->w), JOB, &change, NULL);
	if (ret)
		breach(c->all, "a cell's limit cannot be set: %s",
		       strerror(-ret));
	put_transfer(c, t, a);
}

static void post(struct cell *c, struct request *r, uint64_t delay)
{
	struct cells *all = c->all;

	r->id = ++all->last_id;
	r->next = all->requests;
	all->requests = r;
	world_after(all->root, c->i, delay, r->id);
}

static struct request *request(struct cell *c, uint64_t delay)
{
	struct request *r = need(calloc(1, sizeof(*r)));

	r->run = c->run;
	txn_init(&r->txn);
	post(c, r, delay);
	return r;
}

/* What the store has said, and how the cell is now. */
static void reply(struct cell *c, enum store_result res, uint64_t delay)
{
	struct request *r = request(c, delay);

	r->arrived = true;
	r->res = res;
	r->held = c->held;
}

/* Nothing was heard: it is looked at anew, and written anew. */
static void give_up(struct cell *c)
{
	c->all->stats.unknown++;
	reply(c, STORE_UNKNOWN, 100 * MSEC + rnd(c->all, 400 * MSEC));
}

static void send(struct cell *c)
{
	struct cells *all = c->all;
	struct request *r;

	if (fault(all)) {
		give_up(c);
		if (!rnd(all, 3))
			return;
		r = request(c, rnd(all, rnd(all, 2) ? 50 * MSEC : 3 * SEC));
		r->late = true;
	} else {
		r = request(c, hop(all));
	}
	build(c, &r->txn, &c->asks[0]);
	crashes(c, CRASH_SENT);
}

/* Is the cell as it should be, so that there is nothing to write? */
static bool is_done(const struct cell *c, const struct ask *a)
{
	return a->what == SET && limit_for(c, a) == world_limit(c->w, JOB) &&
	       transfer_for(c, a).amount == c->transfer.amount;
}

static void answer(struct cell *c, const struct ledger_held *held)
{
	struct cells *all = c->all;
	struct ask a = c->asks[0];

	if (a.what == SET && crashes(c, CRASH_HEARD))
		return;
	memmove(&c->asks[0], &c->asks[1], --c->n_asks * sizeof(a));
	if (c->n_asks)
		begin(c);
	switch (a.what) {
	case FENCE:
		world_started(all->root, c->i);
		break;
	case EPOCH:
		world_renewed(all->root, c->i);
		break;
	case SET:
		world_held(all->root, c->i, held);
		break;
	default:
		break;
	}
}

#ifdef CGSPAN_BUG_CREDIT_FIRST
/* The root hears of it before the cell has been debited. */
static bool tell_first(struct cell *c)
{
	uint64_t limit = transfer_for(c, &c->asks[0]).amount;
	struct request *r;

	if (c->asks[0].what != SET || limit >= c->held.amount)
		return false;
	r = request(c, hop(c->all));
	r->late = true;
	build(c, &r->txn, &c->asks[0]);
	r = request(c, 0);
	r->arrived = true;
	r->held = c->held;
	r->held.amount = limit;
	return true;
}
#else
static bool tell_first(struct cell *c)
{
	(void)c;
	return false;
}
#endif

static void begin(struct cell *c)
{
	if (tell_first(c))
		return;
	if (is_done(c, &c->asks[0]))
		reply(c, STORE_APPLIED, MSEC / 10);
	else
		send(c);
}

static void ask(struct cell *c, struct ask a)
{
	c->asks[c->n_asks++] = a;
	if (c->n_asks == 1)
		begin(c);
}

/* The transaction is with the cell's store. */
static void arrive(struct cell *c, struct request *r)
{
	uint64_t limit = world_limit(c->w, JOB);
	enum store_result res = world_commit(c->w, &r->txn.view);
	struct cells *all = c->all;

	all->stats.up += world_limit(c->w, JOB) > limit;
	all->stats.down += world_limit(c->w, JOB) < limit;
	all->stats.late += r->late && res == STORE_APPLIED;
	if (r->late || r->run != c->run || crashes(c, CRASH_DONE))
		return;
	if (fault(all))
		give_up(c);
	else
		reply(c, res, hop(all));
}

static void request_free(struct request *r)
{
	txn_fini(&r->txn);
	free(r);
}

/* If the cell's store has no leader: a later leader takes the request, or none. */
static bool is_stuck(struct cell *c, struct request *r)
{
	uint64_t leader_in = world_leader_in(c->w);

	if (!leader_in)
		return false;
	if (!r->late && r->run == c->run)
		give_up(c);
	r->late = true;
	if (rnd(c->all, 2))
		post(c, r, leader_in + rnd(c->all, 3 * SEC));
	else
		request_free(r);
	return true;
}

static struct request *take(struct cells *c, uint64_t id)
{
	struct request **p = &c->requests, *r;

	while (*p && (*p)->id != id)
		p = &(*p)->next;
	r = *p;
	if (r)
		*p = r->next;
	return r;
}

static void due(void *arg, unsigned int node, uint64_t id)
{
	struct cells *all = arg;
	struct cell *c = &all->cells[node];
	struct request *r;

	if (id == RESTART) {
		world_start(all->root, node);
		return;
	}
	if (id == DIE) {
		die(c);
		return;
	}
	r = take(all, id);
	if (!r->arrived && is_stuck(c, r))
		return;
	if (!r->arrived)
		arrive(c, r);
	else if (r->run == c->run && r->res == STORE_APPLIED)
		answer(c, &r->held);
	else if (r->run == c->run)
		send(c);
	request_free(r);
}

/* What the root's world asks of a kernel */

static void start(void *arg, unsigned int node)
{
	struct cells *c = arg;

	ask(&c->cells[node], (struct ask){ .what = FENCE });
}

static void stop(void *arg, unsigned int node)
{
	struct cells *c = arg;

	c->cells[node].run++;
	c->cells[node].n_asks = 0;
}

static void renew(void *arg, unsigned int node, uint64_t epoch)
{
	struct cells *c = arg;

	ask(&c->cells[node], (struct ask){ .what = EPOCH, .epoch = epoch });
}

static void set(void *arg, unsigned int node, uint64_t epoch,
		const struct ledger_item *it)
{
	struct cells *all = arg;
	struct cell *c = &all->cells[node];

	if (!crashes(c, CRASH_ASKED))
		ask(c, (struct ask){ SET, it->amount, it->seq, epoch });
}

static void settled(void *arg, unsigned int node, uint64_t *lease,
		    uint64_t *used)
{
	struct cells *c = arg;

	*lease = c->cells[node].held.amount;
	*used = c->cells[node].held.used;
}

/* A look at all: the root may have come to know the group only now; and as long
 * as it is in debt, the cells are.
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
			ask(c, (struct ask){ .what = OWE });
		else if (!owes && world_limit(c->w, JOB) < c->held.amount)
			ask(c, (struct ask){ .what = LIFT });
	}
}

bool cells_full(const struct cells *c, unsigned int i)
{
	return !c->conf.full || i % (c->conf.cells / c->conf.full) == 0;
}

/* Of how many nodes one is simulated. */
static unsigned int coarse(const struct cells *c, unsigned int i)
{
	return cells_full(c, i) ? 1 : CELLS_COARSE;
}

/* The load: over the cells as over nodes, and within them uniform. */

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

/* Making them */

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
	static const struct world_cells ops = {
		settled, start, stop, renew, set, waiting, due,
	};
	struct load_conf load = { .limit = c->sum.limit };
	struct world_conf conf = {
		.seed = c->conf.seed, .rtt = c->conf.rtt,
		.nodes = c->conf.cells, .faults = c->conf.faults,
		.load = c->conf.load ? &load : NULL,
		.cells = &ops, .revised = root_revised, .arg = c,
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
	struct request *r;

	world_free(c->root);
	for (unsigned int i = 0; i < c->conf.cells; i++)
		world_free(c->cells[i].w);
	while ((r = c->requests)) {
		c->requests = r->next;
		request_free(r);
	}
	free(c->cells);
	free(c);
}

/* The worlds go on in steps of less than a message takes between two. */
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

/* What the store's nodes hold, and its pool. */
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
