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

#include "cgspan.h"
#include "ledger.h"

/* Each "what" of a transaction or a request, with its two steps. */
static const struct {
	const char *what;
	const char *steps[2];
} points[] = {
	{ "join",	{ "sent", "committed" } },
	{ "barrier",	{ "sent", "committed" } },
	{ "acquire",	{ "sent", "committed" } },
	{ "return",	{ "sent", "committed" } },
	{ "debt",	{ "sent", "committed" } },
	{ "delete",	{ "sent", "committed" } },
	{ "want",	{ "sent", "committed" } },
	{ "ack",	{ "sent", "committed" } },
	{ "heartbeat",	{ "sent", "committed" } },
	{ "leave",	{ "sent", "committed" } },
	{ "close",	{ "sent", "committed" } },
	{ "fence",	{ "sent", "committed" } },
	{ "agent",	{ "before", "after" } },
	{ "renew",	{ "before", "after" } },
	{ "grow",	{ "before", "after" } },
	{ "shrink",	{ "before", "after" } },
	{ "group-new",	{ "before", "after" } },
	{ "group-set",	{ "before", "after" } },
	{ "group-del",	{ "before", "after" } },
	{ "member-add",	{ "before", "after" } },
	{ "session-end", { "before", "after" } },
};

#define N_POINTS (sizeof(points) / sizeof(points[0]))

void crash_list(void)
{
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++)
		printf("%s-%s\n", points[i / 2].what, points[i / 2].steps[i % 2]);
}

static bool is_known(const char *name, size_t len)
{
	char full[32];
	size_t i;

	for (i = 0; i < 2 * N_POINTS; i++) {
		snprintf(full, sizeof(full), "%s-%s", points[i / 2].what,
			 points[i / 2].steps[i % 2]);
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

static const struct group_rec *find_group(const struct ledger *l, uint64_t id,
					  struct ledger_group *g)
{
	size_t i;

	for (i = 0; ledger_groups(l, i, g); i++)
		if (g->rec->id == id)
			return g->rec;
	return NULL;
}

/* What a transaction does to one lease, against what the store has now. */
static const char *lease_what(const struct ledger *l, const struct key *key,
			      const struct store_op *op)
{
	struct ledger_group g;
	struct lease_rec rec;
	int r;

	if (!op->val || lease_parse(op->val, op->len, &rec, NULL) ||
	    !find_group(l, key->group, &g))
		return "return";
	for (r = 0; r < RES_N; r++) {
		if (g.rec->limit[r] == CGSPAN_MAX)
			continue;
		if (rec.res[r].amount < g.lease[r])
			return "return";
		if (rec.res[r].amount > g.lease[r])
			return "acquire";
	}
	return "barrier";
}

static const char *op_what(const struct ledger *l, const struct store_op *op)
{
	struct key key;

	if (key_parse(op->key, &key, NULL))
		return "heartbeat";
	switch (key.kind) {
	case KEY_EPOCH:
		return op->val ? "close" : "leave";
	case KEY_NODE:
		return op->val ? "join" : "leave";
	case KEY_GROUP:
		return "delete";
	case KEY_DEBT:
		return "debt";
	case KEY_LEASE:
		return lease_what(l, &key, op);
	case KEY_WANT:
		return op->val ? "want" : "heartbeat";
	case KEY_ACK:
		return "ack";
	default:
		return "heartbeat";
	}
}

/* A transaction does several things at once: its weightiest names it. */
static const char *txn_what(const struct ledger *l,
			    const struct store_txn *txn)
{
	static const char *const weight[] = {
		"join", "leave", "close", "delete", "debt", "return",
		"acquire", "barrier", "want", "ack",
	};
	size_t i, w;

	for (w = 0; w < sizeof(weight) / sizeof(weight[0]); w++)
		for (i = 0; i < txn->n_ops; i++)
			if (!strcmp(op_what(l, &txn->ops[i]), weight[w]))
				return weight[w];
	return "heartbeat";
}

const char *crash_what(struct cgspan *kernel, const struct ledger *l,
		       const struct ledger_intent *in)
{
	struct cgspan_group g;
	size_t i;

	if (in->kind == LEDGER_TXN)
		return txn_what(l, in->txn);
	for (i = 0; i < in->lease.n; i++) {
		const struct ledger_item *item = &in->lease.items[i];

		if (!cgspan_group_get(kernel, item->path, 0, &g, NULL) &&
		    item->res < g.n_res && item->amount < g.res[item->res].lease)
			return "shrink";
	}
	return "grow";
}
#endif
