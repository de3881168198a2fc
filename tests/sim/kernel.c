// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <errno.h>

#include "check.h"
#include "event.h"
#include "load.h"
#include "path.h"
#include "state.h"

void kernel_add_group(struct wnode *n, int i)
{
	struct kgroup *k = &n->groups[i];

	k->exists = true;
	for (int r = 0; r < RES_N; r++)
		k->res[r] = (struct kres){
			.limit = CGSPAN_MAX,
			.lease = n->kernel_epoch ? 0 : CGSPAN_MAX,
			.demand = k->res[r].demand,
		};
}

void kernel_charge(struct world *w, struct wnode *n, int i, int res,
		   int64_t by)
{
	struct kres *r;

	n->groups[i].res[res].own += by;
	for (; i >= 0; i = w->parents[i]) {
		if (!n->groups[i].exists)
			continue;
		r = &n->groups[i].res[res];
		r->used += by;
		r->peak = r->used > r->peak ? r->used : r->peak;
		if (n->cap[i][res] < r->used)
			n->cap[i][res] = r->used;
	}
}

void kernel_tell(struct world *w, struct wnode *n, int i, int res,
		 enum cgspan_credit credit)
{
	struct kres *r = &n->groups[i].res[res];

	if (r->told >= credit || !n->ledger ||
	    (r->exhausted && credit != CGSPAN_CREDIT_OVERDRAWN))
		return;
	r->told = credit;
	event_push(w, (struct event){ .kind = EV_CREDIT, .node = n - w->nodes,
				      .run = n->run, .id = i, .about = res,
				      .late = credit == CGSPAN_CREDIT_REFUSED },
		   MSEC / 10);
}

static void refuse(struct world *w, struct wnode *n, int i, int res,
		   uint64_t amount)
{
	struct kres *r = &n->groups[i].res[res];

	r->refusals++;
	r->asked = amount > r->asked ? amount : r->asked;
	w->stats.refusals++;
	kernel_tell(w, n, i, res, CGSPAN_CREDIT_REFUSED);
}

bool kernel_admit(struct world *w, struct wnode *n, int i, int res,
		  uint64_t amount, bool again)
{
	struct kres *r;

	for (int j = i; j >= 0; j = w->parents[j]) {
		r = &n->groups[j].res[res];
		if (!n->groups[j].exists ||
		    ((r->lease == CGSPAN_MAX || r->used + amount <= r->lease) &&
		     !state_on_hold(w, n, &n->groups[j])))
			continue;
		if (!again)
			refuse(w, n, j, res, amount);
		return false;
	}
	kernel_charge(w, n, i, res, amount);
	w->stats.forks++;
	for (int j = i; j >= 0; j = w->parents[j]) {
		r = &n->groups[j].res[res];
		r->forks++;
		if (n->groups[j].exists && r->lease != CGSPAN_MAX &&
		    r->lease - r->used < r->low)
			kernel_tell(w, n, j, res, CGSPAN_CREDIT_LOW);
	}
	return true;
}

static void void_leases(struct wnode *n)
{
	for (int i = 0; i < WORLD_GROUPS; i++)
		for (int r = 0; r < RES_N; r++)
			n->groups[i].res[r].lease = 0;
}

int kernel_renew(struct wnode *n, uint64_t epoch, uint64_t sent,
		 uint64_t now)
{
	if (sent > now)
		return -ERANGE;
	if (epoch < n->kernel_epoch)
		return -ESTALE;
	if (epoch > n->kernel_epoch) {
		void_leases(n);
		n->disowned = false;
	}
	n->kernel_epoch = epoch;
	if (sent > n->sent)
		n->sent = sent;
	return 0;
}

int kernel_leave(struct wnode *n)
{
	for (int i = 0; i < WORLD_GROUPS; i++)
		for (int r = 0; r < RES_N; r++)
			if (n->groups[i].res[r].used)
				return -EBUSY;
	void_leases(n);
	n->kernel_epoch = 0;
	return 0;
}

struct ledger_held kernel_set_lease(struct world *w, struct wnode *n,
				    const struct ledger_item *it)
{
	struct ledger_held held = { 0 };
	int i = path_index(w, it->path);
	struct kres *g;

	if (i < 0 || !n->groups[i].exists) {
		held.missing = true;
		return held;
	}
	g = &n->groups[i].res[it->res];
	if (it->amount < g->lease)
		g->lease = it->amount > g->used ? it->amount :
			   g->used < g->lease ? g->used : g->lease;
	else
		g->lease = it->amount;
	g->low = it->low;
	g->exhausted = it->exhausted;
	g->told = CGSPAN_CREDIT_OK;
	g->asked = 0;
	if (w->load && i == w->load_group)
		load_poke(w->load, n - w->nodes, w->now);
	held.amount = g->lease;
	held.used = g->used;
	check_kernel(w, n - w->nodes, i);
	return held;
}
