/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual time: pending events, ordered by time; events of one time in the
 * order in which they were made.
 */
#ifndef CGSPAN_SIM_EVENT_H
#define CGSPAN_SIM_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kv.h"

struct txn;
struct world;

enum wevent {
	EV_TICK,		/* the daemon's timer */
	EV_TXN,			/* a transaction reaches the store */
	EV_LEADER,		/* the store's leader changes */
	EV_STATE,		/* a daemon learns that the store is down, or up */
	EV_ANSWER,		/* the answer of a transaction */
	EV_GET,			/* the first read of a watch is answered */
	EV_WATCH,		/* a revision reaches a watch */
	EV_HELD,		/* the answer of a LEASE_SET */
	EV_RENEWED,		/* the answer of a RENEW */
	EV_LEFT,		/* the answer of a LEAVE */
	EV_CREDIT,		/* a kernel tells of a lease's credit */
	EV_WORK,		/* a node's use changes */
	EV_FAULT,		/* the next fault */
	EV_START,		/* a daemon is started */
	EV_BACK,		/* a daemon learns that the store was restored */
	EV_RECOVER,		/* the administrator begins the recovery */
	EV_CELL,		/* the time given to world_after() has come */
};

/** struct news - what one revision changed; shared by the EV_WATCH of all watches */
struct news {
	unsigned int refs;
	int64_t rev;
	size_t n;
	struct store_kv kvs[];
};

struct event {
	uint64_t at;		/* time of the event, ns */
	uint64_t serial;	/* order among events of one time */
	enum wevent kind;	/* kind of event */
	unsigned int node;	/* index of the node */
	uint64_t run;		/* the daemon's wnode.run: another daemon drops the event */
	/* transaction, watch, LEASE_SET, group index or world_after(); EV_TICK: the time, ns */
	uint64_t id;
	struct txn *txn;	/* EV_TXN: the transaction; the event owns it */
	struct news *news;	/* EV_WATCH: the change, one reference */
	enum store_result res;	/* EV_ANSWER: the result */
	int64_t rev;		/* EV_ANSWER: revision of the store */
	struct store_kv *kvs;	/* EV_ANSWER: compared keys; or keys read; owned */
	size_t n;		/* length of @kvs */
	struct ledger_held *held;	/* EV_HELD: leases and use, owned */
	int no;			/* 0 or -errno: a kernel's answer */
	/* EV_TXN: the daemon has stopped waiting for the answer; EV_CREDIT: a refusal */
	bool late;
	/* EV_TXN: second delivery of a request: @res is the result of the first,
	 * @id the number of restores at that time
	 */
	bool again;
	uint32_t about;		/* EV_CREDIT: resource; EV_STATE: state of the store */
};

/* Does @a happen before @b? */
bool event_before(const struct event *a, const struct event *b);
/* Add an event that happens @delay ns from now; the world owns what @e owns. */
void event_push(struct world *w, struct event e, uint64_t delay);
/* Put *@e, taken from the heap, back for the time @at, with its serial; clears *@e. */
void event_put_off(struct world *w, struct event *e, uint64_t at);
/* Free what an event owns, but not the event. */
void event_fini(struct event *e);
/* Drop a reference; the last one frees @news. */
void event_put_news(struct news *news);

/* Let @ns of virtual time pass; stops at a violation. */
void world_run(struct world *w, uint64_t ns);

#endif /* CGSPAN_SIM_EVENT_H */
