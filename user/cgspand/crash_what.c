// SPDX-License-Identifier: GPL-2.0
#ifdef CGSPAN_TEST
#include "crash_what.h"

#include <string.h>

#include "libcgspan/cgspan.h"
#include "ledger/ledger.h"
#include "enforce_module.h"

static const struct group_rec *find_group(const struct ledger *l, uint64_t id,
					  struct ledger_group *g)
{
	size_t i;

	for (i = 0; ledger_groups(l, i, g); i++)
		if (g->rec->id == id)
			return g->rec;
	return NULL;
}

/* How a lease record to be written first differs from the ledger's leases. */
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

/* Name a transaction by its first action in weight's order, or "heartbeat". */
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
	const struct cgspan_res *res;
	struct cgspan_group g;
	size_t i;

	if (in->kind == LEDGER_TXN)
		return txn_what(l, in->txn);
	for (i = 0; i < in->lease.n; i++) {
		const struct ledger_item *item = &in->lease.items[i];

		if (cgspan_group_get(kernel, item->path, 0, &g, NULL))
			continue;
		res = enforce_res(&g, item->res);
		if (res && item->amount < res->lease)
			return "shrink";
	}
	return "grow";
}
#endif
