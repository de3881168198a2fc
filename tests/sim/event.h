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
	EV_TICK,		/* a daemon's timer expires; ignored unless @id is wnode.tick_at */
	EV_TXN,			/* a transaction reaches the store */
	EV_LEADER,		/* if faults are on, the store's leader changes */
	EV_STATE,		/* a daemon learns that the store is down, or up */
	EV_ANSWER,		/* a transaction's result or time-out reaches the daemon */
	EV_GET,			/* a watch's first read is answered, or shows a restore */
	EV_WATCH,		/* a revision reaches a watch */
	EV_HELD,		/* the kernel's answer to a LEASE_SET */
	EV_RENEWED,		/* the kernel's answer to a RENEW */
	EV_LEFT,		/* the kernel's answer to a LEAVE */
	EV_CREDIT,		/* a kernel reports low headroom, a refusal or an overdraft */
	EV_WORK,		/* a node's use changes */
	EV_FAULT,		/* it is time for a random fault */
	EV_START,		/* a daemon is started */
	EV_BACK,		/* a daemon learns that the store was restored */
	EV_RECOVER,		/* the administrator begins the recovery */
	EV_CELL,		/* the time given to world_after() has come */
};

/** struct news - what one revision changed; shared by the EV_WATCH events of all watches */
struct news {
	unsigned int refs;
	int64_t rev;
	size_t n;
	struct store_kv kvs[];
};

struct event {
	uint64_t at;		/* time of the event, ns */
	uint64_t serial;	/* orders events of the same time */
	enum wevent kind;	/* kind of event */
	unsigned int node;	/* index of the node */
	uint64_t run;		/* wnode.run of the daemon that it, or EV_TXN's answer, is for */
	/* id of a transaction, watch, LEASE_SET or world_after(); index of a group; EV_TICK: ns */
	uint64_t id;
	struct txn *txn;	/* EV_TXN: the transaction; the event owns it */
	struct news *news;	/* EV_WATCH: changes of a revision; the event has a reference */
	enum store_result res;	/* EV_ANSWER: result of the transaction */
	int64_t rev;		/* EV_ANSWER: revision of the store */
	struct store_kv *kvs;	/* keys read after a conflict or by a watch; the event owns them */
	size_t n;		/* length of @kvs */
	struct ledger_held *held;	/* EV_HELD: leases and use; the event owns them */
	int no;			/* 0 or -errno: a kernel's answer */
	/* EV_TXN: the store is to send no answer; EV_CREDIT: reports a refusal */
	bool late;
	/* EV_TXN: second delivery of a request: @res is the first delivery's result,
	 * @id the number of restores of the store at the first delivery
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

/* Let @ns of virtual time pass; after a violation no more events are carried out. */
void world_run(struct world *w, uint64_t ns);

#endif /* CGSPAN_SIM_EVENT_H */
