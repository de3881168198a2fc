// SPDX-License-Identifier: GPL-2.0
#include "request.h"

#include "out.h"
#include "view.h"

void request_send(struct ledger *l, enum txn_kind kind)
{
	struct ledger_intent in = { .kind = LEDGER_TXN };
	struct request *r = l->request;

	if (l->txn->error) {
		/* Only -ENOMEM is possible: callers have checked the room. */
		ledger_no_memory(l);
		return;
	}
	r->id = ++l->out->last_id;
	r->kind = kind;
	r->sent = l->now;
	kvs_fini(&l->view->deleted);
	in.id = r->id;
	in.txn = &l->txn->view;
	out_queue(l, &in, NULL, NULL);
}

void request_compare(struct ledger *l, const char *key)
{
	const struct store_kv *kv = kvs_find(&l->view->cache, key);

	txn_compare(l->txn, key, kv ? kv->mod_rev : 0);
}

void request_put(struct ledger *l, const char *key, char *val)
{
	request_compare(l, key);
	txn_put(l->txn, key, val);
}

void request_delete(struct ledger *l, const char *key)
{
	request_compare(l, key);
	txn_delete(l->txn, key);
}
