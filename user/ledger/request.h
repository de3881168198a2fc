/* SPDX-License-Identifier: GPL-2.0 */
/* The transaction under construction or under way, and how the store answers. */
#ifndef CGSPAN_LEDGER_REQUEST_H
#define CGSPAN_LEDGER_REQUEST_H

#include "model/kv.h"
#include "model/txn.h"
#include "state.h"

enum txn_kind {
	TXN_CLOSE,
	TXN_JOIN,
	TXN_JOIN_TO_CLAIM,
	TXN_CLAIM,
	TXN_CLAIMED,
	TXN_BEAT,
	TXN_REMOVE,
	TXN_MOVE,
	TXN_LOOK,		/* changes nothing: what do the pools have? */
	TXN_ALARM,
};

struct request {
	uint64_t id;			/* 0: none under way */
	enum txn_kind kind;
	uint64_t sent;			/* when, ns */
	bool forgotten;			/* it went to a store that is no more */
	bool probe;			/* it only asks for a pool */
	bool grows;			/* it takes from a pool */
	int64_t ack;			/* it writes this ack; 0: none */
	enum store_state store;
	uint64_t retry;			/* not before this, ns */
	unsigned int conflicts;		/* in a row */
	uint64_t rtt;			/* of an answer, ns */
};

void request_send(struct ledger *l, enum txn_kind kind);
/* Compare a key with its revision in the cache. */
void request_compare(struct ledger *l, const char *key);
/* And put @val, as txn_put() takes it, or delete the key. */
void request_put(struct ledger *l, const char *key, char *val);
void request_delete(struct ledger *l, const char *key);

#endif /* CGSPAN_LEDGER_REQUEST_H */
