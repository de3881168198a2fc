// SPDX-License-Identifier: GPL-2.0
#include "rival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "load.h"

#define REFRESH		(5 * SEC)

enum policy {
	STATIC,
	CENTRAL,
	DOORMAN,
	IDEAL,
	POLICIES,
};

static const char *const names[] = { "static", "central", "doorman", "ideal" };

/* One node's lease and use under a rival policy. */
struct share {
	uint64_t lease;		/* highest allowed use: STATIC, DOORMAN */
	uint64_t used;		/* present use */
	/* highest use since the last refresh() of this node */
	uint64_t top;
	uint64_t refused;	/* arrivals refused at once since the last refresh() of this node */
};

struct rival {
	enum policy policy;
	struct load_conf conf;
	struct load *load;
	uint64_t limit;
	uint64_t used;
	uint64_t leases;
	double wanted;
	uint64_t asked;
	uint64_t next;
	unsigned int turn;
	struct share *shares;
	double *wants;
};

static bool admit(void *arg, unsigned int node, bool again)
{
	struct rival *r = arg;
	struct share *s = &r->shares[node];
	bool fits = r->policy == CENTRAL || r->policy == IDEAL ?
		    r->used < r->limit : s->used < s->lease;

	r->asked += r->policy == CENTRAL && !again;
	if (!fits) {
		s->refused += !again;
		return false;
	}
	r->used++;
	s->used++;
	if (s->used > s->top)
		s->top = s->used;
	return true;
}

static void leave(void *arg, unsigned int node)
{
	struct rival *r = arg;

	r->used--;
	r->shares[node].used--;
	r->asked += r->policy == CENTRAL;
}

static void waits(void *arg, unsigned int node, uint64_t waiting)
{
	(void)arg;
	(void)node;
	(void)waiting;
}

/* Doorman: set one node's lease by its demand; each node has its turn every REFRESH. */
static void refresh(struct rival *r)
{
	struct share *s = &r->shares[r->turn];
	double seconds = (double)REFRESH / SEC, share;
	uint64_t most, lease;

	/* Demand: highest use, plus refused arrivals per second times their mean stay. */
	r->wanted -= r->wants[r->turn];
	r->wants[r->turn] = s->top + s->refused * (double)r->conf.service /
			    SEC / seconds;
	r->wanted += r->wants[r->turn];
	share = r->wanted > 0 ? r->wants[r->turn] / r->wanted : 0;
	lease = share * r->limit;
	r->leases -= s->lease;
	most = r->limit - r->leases;
	if (lease > most)
		lease = most;
	if (lease < s->used)
		lease = s->used;
	r->leases += lease;
	s->lease = lease;
	s->top = s->used;
	s->refused = 0;
	r->asked++;
	load_poke(r->load, r->turn, r->next);
	r->turn = (r->turn + 1) % r->conf.nodes;
	r->next += REFRESH / r->conf.nodes;
}

struct rival *rival_new(const char *policy, const struct load_conf *conf)
{
	static const struct load_ops ops = { admit, leave, waits };
	struct rival *r;
	int p = 0;

	while (p < POLICIES && strcmp(names[p], policy))
		p++;
	if (p == POLICIES)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		abort();
	r->policy = p;
	r->conf = *conf;
	r->load = load_new(conf, &ops, r);
	r->limit = load_limit(r->load);
	r->shares = calloc(conf->nodes, sizeof(*r->shares));
	r->wants = calloc(conf->nodes, sizeof(*r->wants));
	if (!r->shares || !r->wants)
		abort();
	r->next = p == DOORMAN ? 0 : UINT64_MAX;
	for (unsigned int i = 0; i < conf->nodes; i++) {
		struct share *s = &r->shares[i];

		s->used = load_used(r->load, i);
		s->lease = p == DOORMAN ? s->used : r->limit / conf->nodes;
		s->top = s->used;
		r->used += s->used;
		r->leases += s->lease;
		r->wants[i] = s->used;
		r->wanted += s->used;
	}
	return r;
}

void rival_free(struct rival *r)
{
	load_free(r->load);
	free(r->shares);
	free(r->wants);
	free(r);
}

struct load *rival_load(struct rival *r)
{
	return r->load;
}

void rival_run(struct rival *r, uint64_t end)
{
	while (load_next(r->load) <= end || r->next <= end)
		if (r->next <= load_next(r->load))
			refresh(r);
		else
			load_step(r->load);
}

uint64_t rival_asked(const struct rival *r)
{
	return r->asked;
}
