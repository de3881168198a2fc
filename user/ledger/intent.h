/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_LEDGER_INTENT_H
#define CGSPAN_LEDGER_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kv.h"

/* One item of a LEASE_SET. */
struct ledger_item {
	const char *path;
	uint32_t res;			/* enum cgspan_resource */
	uint64_t amount;		/* CGSPAN_MAX: no limit */
	uint64_t seq;			/* seq of the store's lease record */
	uint64_t low;			/* low-water mark; 0: none */
	bool exhausted;			/* suppress notifications of refusals */
};

/* One item of its reply, in the same order. */
struct ledger_held {
	uint64_t amount;		/* the lease in force, or the use if that is larger */
	uint64_t used;
	bool missing;			/* the kernel has no such group */
};

/* The subject of a STATUS. */
enum ledger_status {
	LEDGER_ST_JOINED,	/* a new session has begun */
	LEDGER_ST_RESUMED,	/* the session is the one before the restart */
	LEDGER_ST_REBOOTED,	/* the machine rebooted: return old leases */
	LEDGER_ST_FENCED,	/* this node was fenced; it joins again */
	/* Another machine or network namespace has this name: nothing is done until
	 * it has left or is fenced.
	 */
	LEDGER_ST_DUPLICATE,
	LEDGER_ST_BUSY,		/* another socket owns the kernel's session */
	/* The store has lost what a kernel's session rests on: restored from a
	 * backup, or another one. Nothing is done until an administrator has named
	 * the nodes.
	 */
	LEDGER_ST_STORE_OLD,
	LEDGER_ST_BAD_VALUE,	/* a key cannot be read; it is left alone */
	LEDGER_ST_SILENT,	/* a peer's heartbeat has stopped (a hint) */
	LEDGER_ST_SPEAKS,	/* the heartbeat of a silent peer has resumed */
	LEDGER_ST_LEAVING,	/* all leases are being returned */
	LEDGER_ST_BLOCKED,	/* leaving waits for tasks that are charged */
	LEDGER_ST_STORE,	/* the store refused a transaction */
	LEDGER_ST_KERNEL,	/* the kernel refused a request */
	/* A peer's clock, or this node's, has stood still: a paused machine's
	 * session outlives its deadline.
	 */
	LEDGER_ST_CLOCK,
	/* A peer has been fenced, perhaps not to the end: nodes_fence() is to be
	 * called until nothing is left, never on a live node.
	 */
	LEDGER_ST_HALF_FENCED,
	LEDGER_ST_CLAIMED,	/* the store was told what this kernel holds */
};

enum ledger_kind {
	LEDGER_TXN,
	LEDGER_LEASE_SET,
	LEDGER_RENEW,
	LEDGER_WATCH,
	LEDGER_UNWATCH,
	LEDGER_LEAVE,
	LEDGER_STATUS,
	LEDGER_LEFT,
};

/* An action for the driver; @kind selects the member of the union. */
struct ledger_intent {
	enum ledger_kind kind;
	uint64_t id;	/* TXN, LEASE_SET: its result has this id, too; never reused */
	union {
		const struct store_txn *txn;	/* copied by store_txn() */
		struct {
			uint64_t epoch;
			const struct ledger_item *items;
			size_t n;
		} lease;
		struct {			/* LEAVE has only the epoch */
			uint64_t epoch;
			uint64_t sent;
			uint32_t ttl_ms;
		} renew;
		const char *prefix;		/* WATCH, UNWATCH */
		struct {
			enum ledger_status code;
			const char *text;
			const char *peer;	/* SILENT, SPEAKS, CLOCK, ... */
			int64_t hb_rev;		/* mod_rev of its hb/ key */
		} status;
	};
};

#endif /* CGSPAN_LEDGER_INTENT_H */
