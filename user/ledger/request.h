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
	TXN_LOOK,		/* a transaction without changes that reads pools */
	TXN_ALARM,
};

struct request {
	uint64_t id;			/* id of the pending transaction; 0: none */
	enum txn_kind kind;
	uint64_t sent;			/* sending time of the transaction, ns */
	bool forgotten;			/* sent before the cache was discarded */
	bool probe;			/* transaction asks for unknown pools */
	bool grows;			/* the transaction grants amounts */
	int64_t ack;			/* ack/ revision in transaction; 0: none */
	enum store_state store;
	uint64_t retry;			/* earliest time of next transaction, ns */
	unsigned int conflicts;		/* conflicts or unknown results in a row */
	uint64_t rtt;			/* mean round-trip time, ns */
};

void request_send(struct ledger *l, enum txn_kind kind);
/* Compare a key with its revision in the cache. */
void request_compare(struct ledger *l, const char *key);
/* Compare a key, and put @val (owned as by txn_put()), or delete the key. */
void request_put(struct ledger *l, const char *key, char *val);
void request_delete(struct ledger *l, const char *key);

#endif /* CGSPAN_LEDGER_REQUEST_H */
