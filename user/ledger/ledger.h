/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger: moves amounts between pools and one node's leases. Pure: no I/O,
 * no clock, no threads. Events go in by function calls, intentions come out of
 * a queue; the same sequence of events gives the same sequence of intentions.
 *
 * How the daemon drives it
 * ------------------------
 * Every time is ns of the kernel's CLOCK_BOOTTIME, as NODE_GET's CLOCK tells,
 * and never goes back. After *every* event, and once after
 * ledger_start(), drain:
 *
 *	while ((in = ledger_next(l)))
 *		carry it out (in is valid until the next call on this ledger)
 *
 * Start:
 *  1. ledger_new(); NODE_GET; a dump of the groups -> ledger_facts();
 *     then ledger_start() with the kernel's session.
 *  2. The first intentions are WATCHes. For WATCH(prefix): store_get(prefix,
 *     true) -> ledger_snapshot(prefix, kvs, rev), and store_watch() from
 *     rev + 1 -> ledger_change() for each REV. PROGRESS is not needed. On LOST,
 *     or if the get fails: read and watch again -> ledger_snapshot() again.
 *     UNWATCH(prefix): end it. A prefix is watched at most once at a time.
 *     If the store's revision has gone back: ledger_gone_back() before
 *     anything else that comes from the store.
 *  3. The ledger joins (or resumes its session after a restart of the daemon)
 *     by itself as soon as it has seen what it needs.
 *
 * Intentions:
 *  TXN        store_txn() -> ledger_txn_done() with the same id. At most one is
 *             under way. If it could not even be sent: STORE_ERROR. If
 *             the daemon gives up waiting: STORE_UNKNOWN, and then never again
 *             for that id (a later answer to a forgotten id is ignored).
 *  LEASE_SET  to the kernel -> ledger_lease_done() with the same id and the
 *             reply's amounts. At most one is under way, with at most
 *             CGSPAN_LEASES_MAX items. Order matters: carry out LEASE_SET,
 *             RENEW and LEAVE in the order in which they come. A group that the
 *             kernel does not have (yet): leave the item out of the message and
 *             reply amount 0, used 0 for it, with missing = true.
 *  RENEW      SESSION_RENEW(epoch, sent, ttl_ms) -> ledger_renew_done(), with 0
 *             or an errno, as -EBUSY (another socket owns the session: it is
 *             tried again) or -ESTALE (the kernel has a higher epoch).
 *  WATCH, UNWATCH   see above.
 *  LEAVE      LEAVE(epoch) to the kernel -> ledger_leave_done() with the errno.
 *  STATUS     a line for the log; code says which, for tests and for sd_notify.
 *             LEDGER_ST_SILENT names a peer whose heartbeat has stopped: a hint
 *             only. With a fence agent configured, run it, and on its success
 *             fence the peer by nodes_fence() with the hb_rev given.
 *  LEFT       all is handed back, the keys are gone: exit 0.
 *
 * Facts: before each ledger_tick() dump the kernel's groups into
 * ledger_facts(), one fact for each resource that it tells of. A tick is due
 * at ledger_timer(), and may be made at any other time as well. A "credit" event:
 * give the group's facts at once, with refused as the event says:
 * that is how a lease grows before the next tick.
 *
 * Groups in the kernel: the daemon makes, sets and deletes them from group/
 * keys, which it may watch for itself or read off ledger_groups(). A new group
 * has lease 0 in the kernel; the ledger sets it, "max" included, once the
 * group shows up in ledger_facts(). For a group in state deleting the daemon
 * removes members and then the group (GROUP_DEL is EBUSY as long as tasks are
 * charged: try again); the next complete ledger_facts() without it lets the
 * ledger hand its lease back. When the kernel's groups agree with group/ as of
 * revision R (deleted ones gone or not): ledger_reconciled(R); the ledger writes
 * ack/<node> in its next transaction, once every lease that R asks for is in
 * force.
 *
 * The daemon itself writes usage/<node>, in transactions of its own (without
 * compares). The ledger never puts that key; leaving or fencing deletes it.
 *
 * What holds at every revision, and what happens when the store has gone back, is in
 * README.md.
 *
 * Errors: functions that take in an event return 0 or -ENOMEM, after which the
 * ledger can only be freed: the daemon then exits and starts anew, which is
 * safe at every point.
 */
#ifndef CGSPAN_LEDGER_H
#define CGSPAN_LEDGER_H

#include "model/codec.h"
#include "model/kv.h"
#include "fact.h"
#include "intent.h"

struct cgspan_err;
struct ledger;

/* Identity and times of this node. */
struct ledger_conf {
	const char *name;
	const char *machine;		/* machine id; ids are shorter than ID_LEN */
	const char *boot;
	const char *uuid;		/* module's id of the network namespace */
	const char *identity;		/* store_identity(), or NULL */
	const char *const *labels;	/* labels such as "rack=r1" */
	size_t n_labels;		/* number of @labels, at most LABELS_MAX */
	uint32_t ttl_ms;		/* ttl, 1 to CGSPAN_TTL_MAX_MS; 0: 15000 */
	uint32_t heartbeat_ms;		/* heartbeat period < @ttl_ms / 2; 0: 5000 */
	uint32_t shard_nodes;		/* nodes that share a pool's shard; 0: 32 */
	uint64_t seed;			/* seed of all random choices */
};

/* A ledger for one run of the daemon; @conf is copied. 0, -EINVAL or -ENOMEM. */
int ledger_new(struct ledger **out, const struct ledger_conf *conf,
	       struct cgspan_err *err);
/* Free a ledger, which may be NULL; kernel and store are not changed. */
void ledger_free(struct ledger *l);

/* Functions that take in an event at time @now, ns. 0; -ENOMEM: free @l. */

/* Begin. The kernel's session: @epoch, 0: no session; @sent: when its last
 * renewal was sent; @deadline: when it ends.
 */
int ledger_start(struct ledger *l, uint64_t now, uint64_t epoch, uint64_t sent,
		 uint64_t deadline);

/* All keys under a watched prefix as of @rev, sorted; no others exist there. */
int ledger_snapshot(struct ledger *l, uint64_t now, const char *prefix,
		    const struct store_kv *kvs, size_t n, int64_t rev);
/* One revision's changes; deleted keys have val NULL. */
int ledger_change(struct ledger *l, uint64_t now, const struct store_kv *kvs,
		  size_t n, int64_t rev);
/* The result of a transaction, as store_txn_fn has it; @why may be NULL. */
int ledger_txn_done(struct ledger *l, uint64_t now, uint64_t id,
		    enum store_result res, int64_t rev,
		    const struct store_kv *kvs, size_t n, const char *why);
/* @no: 0; or a negative errno: nothing was set, and @held may be NULL. */
int ledger_lease_done(struct ledger *l, uint64_t now, uint64_t id, int no,
		      const struct ledger_held *held, const char *why);
int ledger_renew_done(struct ledger *l, uint64_t now, int no, const char *why);
int ledger_leave_done(struct ledger *l, uint64_t now, int no, const char *why);
/* The state of the kernel: groups in any order; all groups, if @complete. While
 * a LEASE_SET is under way, facts do not change the leases that it sets.
 */
int ledger_facts(struct ledger *l, uint64_t now, const struct ledger_fact *facts,
		 size_t n, bool complete);
/* The kernel's groups agree with group/ as of revision @rev. */
int ledger_reconciled(struct ledger *l, uint64_t now, int64_t rev);
/* The store's revision has gone back, or another store has answered. */
int ledger_gone_back(struct ledger *l, uint64_t now);
/* The store's state; DOWN: no transaction begins, no session is renewed. */
int ledger_store_state(struct ledger *l, uint64_t now, enum store_state state);
int ledger_tick(struct ledger *l, uint64_t now);

/* The next intention, or NULL. Valid until the next call on this ledger. */
const struct ledger_intent *ledger_next(struct ledger *l);
/* When the next tick is due, ns; at most 1 s after the last event. */
uint64_t ledger_timer(const struct ledger *l);

/* A group of the store, and this node's leases of it, read-only. */
struct ledger_group {
	const char *path;
	const struct group_rec *rec;
	int64_t rev;			/* mod_rev of the group's key */
	uint64_t lease[RES_N];		/* lease in the store; CGSPAN_MAX: no limit */
	uint64_t kernel[RES_N];		/* lease that the kernel told last */
};

/* Get the group with index @i, parents first; false: there is none. */
bool ledger_groups(const struct ledger *l, size_t i, struct ledger_group *out);
/* Revision up to which group/ is known; 0: not read yet. */
int64_t ledger_groups_rev(const struct ledger *l);
/* In session: this node has joined, and owns the kernel's session. */
bool ledger_in_session(const struct ledger *l);

#endif /* CGSPAN_LEDGER_H */
