/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_LEDGER_INTENT_H
#define CGSPAN_LEDGER_INTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kv.h"

/**
 * struct ledger_item - one item of a LEASE_SET
 * @path: of the group
 * @res: enum cgspan_resource
 * @amount: CGSPAN_MAX: no limit
 * @seq: of the lease in the store that it follows from
 * @low: low-water mark; 0: none
 * @exhausted: suppress notifications of refusals
 */
struct ledger_item {
	const char *path;
	uint32_t res;
	uint64_t amount;
	uint64_t seq;
	uint64_t low;
	bool exhausted;
};

/**
 * struct ledger_held - one item of its reply, in the same order
 * @amount: the lease now in force; larger than requested if more is in use
 * @used: the amount in use
 * @missing: the kernel has no such group
 */
struct ledger_held {
	uint64_t amount;
	uint64_t used;
	bool missing;
};

/**
 * enum ledger_status - the subject of a STATUS
 * @LEDGER_ST_JOINED: a new session has begun
 * @LEDGER_ST_RESUMED: the session from before the daemon's restart goes on
 * @LEDGER_ST_REBOOTED: this machine has booted again: the old leases go back
 * @LEDGER_ST_FENCED: this node was fenced; it joins again
 * @LEDGER_ST_DUPLICATE: another machine (or network namespace) has this name;
 *	nothing is done until it has left or is fenced
 * @LEDGER_ST_BUSY: another socket owns the kernel's session
 * @LEDGER_ST_STORE_OLD: the store has lost what a kernel's session rests on:
 *	restored from a backup, or another one; nothing is done until an
 *	administrator has named the nodes
 * @LEDGER_ST_BAD_VALUE: a key holds what cannot be read; it is left alone
 * @LEDGER_ST_SILENT: a peer's heartbeat has stopped (a hint)
 * @LEDGER_ST_SPEAKS: the heartbeat of a silent peer has resumed
 * @LEDGER_ST_LEAVING: all leases are being returned
 * @LEDGER_ST_BLOCKED: leaving waits for tasks that are still charged
 * @LEDGER_ST_STORE: the store refused a transaction
 * @LEDGER_ST_KERNEL: the kernel refused a request
 * @LEDGER_ST_HALF_FENCED: a peer has been fenced, perhaps not to the end:
 *	nodes_fence() is to be called until nothing is left, never on a live node
 * @LEDGER_ST_CLAIMED: the store was told what this kernel holds
 * @LEDGER_ST_CLOCK: a peer's clock, or this node's, has stood still: a paused
 *	machine's session outlives its deadline
 */
enum ledger_status {
	LEDGER_ST_JOINED,
	LEDGER_ST_RESUMED,
	LEDGER_ST_REBOOTED,
	LEDGER_ST_FENCED,
	LEDGER_ST_DUPLICATE,
	LEDGER_ST_BUSY,
	LEDGER_ST_STORE_OLD,
	LEDGER_ST_BAD_VALUE,
	LEDGER_ST_SILENT,
	LEDGER_ST_SPEAKS,
	LEDGER_ST_LEAVING,
	LEDGER_ST_BLOCKED,
	LEDGER_ST_STORE,
	LEDGER_ST_KERNEL,
	LEDGER_ST_CLOCK,
	LEDGER_ST_HALF_FENCED,
	LEDGER_ST_CLAIMED,
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

/**
 * struct ledger_intent - an action for the driver
 * @kind: selects the member below
 * @id: TXN and LEASE_SET: give it back with the result; never 0, never reused
 * @txn: TXN: what to send; copied by store_txn()
 * @lease: LEASE_SET: under this epoch, these items
 * @renew: RENEW: and LEAVE (only @renew.epoch)
 * @prefix: WATCH and UNWATCH
 * @status: STATUS: its subject and text; with SILENT and SPEAKS the peer and the
 *	mod_rev of its hb/ key
 */
struct ledger_intent {
	enum ledger_kind kind;
	uint64_t id;
	union {
		const struct store_txn *txn;
		struct {
			uint64_t epoch;
			const struct ledger_item *items;
			size_t n;
		} lease;
		struct {
			uint64_t epoch;
			uint64_t sent;
			uint32_t ttl_ms;
		} renew;
		const char *prefix;
		struct {
			enum ledger_status code;
			const char *text;
			const char *peer;
			int64_t hb_rev;
		} status;
	};
};

#endif /* CGSPAN_LEDGER_INTENT_H */
