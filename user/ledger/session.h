/* SPDX-License-Identifier: GPL-2.0 */
/* The session of this node, and what the node may trust: see README.md. */
#ifndef CGSPAN_LEDGER_SESSION_H
#define CGSPAN_LEDGER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * TRUST_OLD_x is TRUST_x after the store has gone back in this run: an epoch/
 * record that matches the kernel's session proves nothing then.
 */
enum trust {
	TRUST_SAME,	/* in the table: the state does not change */
	TRUST_VOID,	/* discard the cache, then read again */
	TRUST_READ,	/* read the store; then close, join, resume or leave */
	TRUST_STUCK,	/* an administrator must act; read again on EV_NEWS */
	TRUST_OLD_VOID,
	TRUST_OLD_READ,
	TRUST_OLD_STUCK,
	/* The kernel keeps its session while this node claims what it holds. */
	TRUST_CLAIM,
	/* _CLAIMED, _OWN: epoch live, RENEW is next; _CLAIMED: claims made. */
	TRUST_CLAIMED,
	TRUST_OWN,
	TRUST_LEARN,	/* in session; nothing is granted before EV_WHOLE */
	TRUST_RUN,	/* in session; amounts are granted */
	TRUST_LEFT,
	TRUST_N
};

enum trust_event {
	/* Events: what the key "cluster" says */
	EV_WHOLE,	/* no recovery is under way */
	EV_LEARNING,	/* other nodes have yet to claim */
	EV_AWAITED,	/* this node has yet to claim */
	EV_LOST,	/* the store has gone back, or is a copy of another one */
	EV_UNREADABLE,
	/* Events of the store */
	EV_GONE_BACK,	/* the store is older than it was, or another one */
	EV_FORGOTTEN,	/* the cache was discarded */
	EV_NEWS,	/* a snapshot, or a change of epoch/, node/, cluster */
	/* Events of this node in the store */
	EV_EPOCH_OLDER,	/* the node's epoch/ key is missing, or an older one */
	EV_FENCED,
	EV_REFUSED,	/* cannot join, claim or leave: a status tells why */
	EV_LIVE,	/* joined, or took over a live epoch of this node */
	EV_TO_CLAIM,	/* joined with claims to make */
	EV_NOT_AWAITED,	/* no claim of this node is awaited any longer */
	EV_CLAIMED,	/* all claims of this node are in the store */
	EV_REMOVED,	/* the keys of this node were removed */
	/* Events of the kernel */
	EV_RENEWED,	/* the kernel has taken the epoch */
	EV_BUSY,	/* another socket owns the kernel's session */
	EV_STALE,	/* the kernel has a higher epoch than the node */
	EV_LEFT,	/* the kernel has left the session */
	EV_N
};

/* Times are ns of the boot clock. */
struct session {
	enum trust trust;
	uint64_t epoch;			/* epoch of this node; 0: none */
	int64_t epoch_rev;		/* mod_rev of the epoch's key */
	uint64_t base;			/* epoch base in the pending transaction */
	bool resumed;			/* epoch was live when it was read */
	uint64_t kernel_epoch;		/* epoch of the kernel's session */
	uint64_t kernel_sent;		/* time SENT of kernel's last renewal */
	uint64_t deadline;		/* deadline of the kernel's session */
	bool renew_sent;		/* TRUST_OWN, _CLAIMED: RENEW under way */
	uint64_t beat;			/* TRUST_OWN, _CLAIMED: heartbeat sent at */
	uint64_t renewed;		/* time SENT in the last RENEW */
	uint64_t renewing;		/* epoch of the last RENEW */
	uint64_t hb_seq;		/* sequence number of the last heartbeat */
	uint64_t hb_sent;		/* when the last applied heartbeat was sent */
	int64_t reconciled;		/* group/ revision that the kernel has */
	int64_t acked;			/* group/ revision in this node's ack/ */
	bool leaving;			/* an administrator told the node to leave */
	bool leave_sent;
	uint64_t leave_at;		/* earliest time of the next LEAVE */
};

/* Apply an event to the state; true if the state has changed. */
bool session_event(struct session *s, enum trust_event event);

static inline bool session_reads(const struct session *s)
{
	return s->trust == TRUST_READ || s->trust == TRUST_OLD_READ;
}

static inline bool session_is_void(const struct session *s)
{
	return s->trust == TRUST_VOID || s->trust == TRUST_OLD_VOID;
}

/* Is the epoch live, but has the kernel yet to accept a RENEW of it? */
static inline bool session_owns(const struct session *s)
{
	return s->trust == TRUST_CLAIMED || s->trust == TRUST_OWN;
}

static inline bool session_runs(const struct session *s)
{
	return s->trust == TRUST_LEARN || s->trust == TRUST_RUN;
}

#endif /* CGSPAN_LEDGER_SESSION_H */
