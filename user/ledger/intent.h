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
	uint64_t amount;		/* the lease to set; CGSPAN_MAX: no limit */
	uint64_t seq;			/* seq of the store's lease record */
	uint64_t low;			/* low-water mark; 0: none */
	bool exhausted;			/* only overdrafts send "credit" events */
};

/* One item of the reply to a LEASE_SET, in the order of the request. */
struct ledger_held {
	uint64_t amount;		/* lease in force (shrunk to the use) */
	uint64_t used;
	bool missing;			/* the kernel has no such group */
};

/* What a STATUS tells. */
enum ledger_status {
	LEDGER_ST_JOINED,	/* a new session has begun */
	LEDGER_ST_RESUMED,	/* a session that was live already continues */
	LEDGER_ST_REBOOTED,	/* the machine rebooted: old leases go back */
	LEDGER_ST_FENCED,	/* this node was fenced; it joins again */
	/* Another machine or network namespace uses this node's name: this
	 * ledger waits until that one has left or is fenced.
	 */
	LEDGER_ST_DUPLICATE,
	LEDGER_ST_BUSY,		/* another socket owns the kernel's session */
	/* The store is older than the kernel's session (restored from a
	 * backup), or is another one, or the kernel's epoch is higher: this
	 * node does nothing until an administrator has named all nodes.
	 */
	LEDGER_ST_STORE_OLD,
	LEDGER_ST_BAD_VALUE,	/* a key is missing, bad, or cannot be put */
	LEDGER_ST_SILENT,	/* a peer's heartbeat has stopped (a hint) */
	LEDGER_ST_SPEAKS,	/* the heartbeat of a silent peer has resumed */
	LEDGER_ST_LEAVING,	/* all leases are being returned */
	LEDGER_ST_BLOCKED,	/* leaving waits, e.g. for charged tasks */
	LEDGER_ST_STORE,	/* a transaction was refused, or not sent */
	LEDGER_ST_KERNEL,	/* the kernel refused a request */
	/* The clock of a peer or of this node stood still, as in a paused
	 * machine: so that node's session outlives its deadline.
	 */
	LEDGER_ST_CLOCK,
	/* The fencing of another node may be incomplete: call nodes_fence(),
	 * with NODES_FINISH, until nothing is left to do.
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
	uint64_t id;	/* TXN, LEASE_SET: the result has the same id; never reused */
	union {
		const struct store_txn *txn;	/* to be copied by store_txn() */
		struct {
			uint64_t epoch;
			const struct ledger_item *items;
			size_t n;
		} lease;
		struct {			/* LEAVE: only @epoch is set */
			uint64_t epoch;
			uint64_t sent;
			uint32_t ttl_ms;
		} renew;
		const char *prefix;		/* prefix to WATCH or UNWATCH */
		struct {
			enum ledger_status code;
			const char *text;
			const char *peer;	/* name of the peer, or NULL */
			int64_t hb_rev;		/* mod_rev of peer's hb/; or 0 */
		} status;
	};
};

#endif /* CGSPAN_LEDGER_INTENT_H */
