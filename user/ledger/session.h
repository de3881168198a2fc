/* SPDX-License-Identifier: GPL-2.0 */
/* The session of this node, and what the node may trust meanwhile: see README.md. */
#ifndef CGSPAN_LEDGER_SESSION_H
#define CGSPAN_LEDGER_SESSION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The states with OLD are those without it, after the store has gone back in this
 * run: its record of a session, even a matching one, proves nothing.
 */
enum trust {
	TRUST_SAME,	/* in the table: the event does not matter */
	TRUST_VOID,	/* discard the cache, then read again */
	TRUST_READ,	/* reads the store, closes an old session, joins */
	TRUST_STUCK,	/* an administrator must act; read again after news */
	TRUST_OLD_VOID,
	TRUST_OLD_READ,
	TRUST_OLD_STUCK,
	/* The kernel keeps its session; the amounts that it holds are claimed. */
	TRUST_CLAIM,
	/* The epoch is live, with or without claims: renew the kernel's session
	 * next.
	 */
	TRUST_CLAIMED,
	TRUST_OWN,
	TRUST_LEARN,	/* in session; other nodes have yet to claim */
	TRUST_RUN,	/* in session; amounts are granted */
	TRUST_LEFT,
	TRUST_N
};

enum trust_event {
	/* What the key "cluster" says */
	EV_WHOLE,	/* no recovery under way */
	EV_LEARNING,	/* other nodes have yet to claim */
	EV_AWAITED,	/* this node has yet to claim */
	EV_LOST,	/* the store has gone back, or is a copy of another one */
	EV_UNREADABLE,
	/* The store */
	EV_GONE_BACK,	/* its revision decreased, or its id changed */
	EV_FORGOTTEN,	/* the cache was discarded */
	EV_NEWS,	/* keys of groups or nodes have changed */
	/* This node in the store */
	EV_EPOCH_OLDER,	/* the epoch's key is missing or older than known */
	EV_FENCED,
	EV_REFUSED,	/* the node cannot join: see the status */
	EV_LIVE,	/* joined, or a session of an earlier run is taken up */
	EV_TO_CLAIM,	/* joined with claims to make */
	EV_NOT_AWAITED,	/* another recovery was begun without this node */
	EV_CLAIMED,	/* all claims are in the store */
	EV_REMOVED,	/* the keys of this node are gone */
	/* The kernel */
	EV_RENEWED,	/* the kernel has taken the epoch */
	EV_BUSY,	/* another socket owns the kernel's session */
	EV_STALE,	/* the kernel has a higher epoch */
	EV_LEFT,	/* the kernel has left the session */
	EV_N
};

/* Times are ns of the boot clock. */
struct session {
	enum trust trust;
	uint64_t epoch;			/* epoch of this node; 0: none */
	int64_t epoch_rev;		/* mod_rev of the epoch's key */
	uint64_t base;			/* base that the pending transaction writes */
	bool resumed;			/* an earlier run began this epoch */
	uint64_t kernel_epoch;		/* epoch of the kernel's session */
	uint64_t kernel_sent;		/* its sending time, as read at the start */
	uint64_t deadline;		/* deadline of the kernel's session */
	bool renew_sent;		/* OWN, CLAIMED: a RENEW is under way */
	uint64_t beat;			/* OWN, CLAIMED: sending time of heartbeat */
	uint64_t renewed;		/* time of sending of the last RENEW */
	uint64_t renewing;		/* epoch of the last RENEW */
	uint64_t hb_seq;
	uint64_t hb_sent;		/* sequence of the last committed heartbeat */
	int64_t reconciled;		/* the kernel's groups agree with group/ */
	int64_t acked;
	bool leaving;			/* an administrator ordered to leave */
	bool leave_sent;
	uint64_t leave_at;		/* time before which no LEAVE is sent */
};

/* Take in an event; true if the state has changed. */
bool session_event(struct session *s, enum trust_event event);

static inline bool session_reads(const struct session *s)
{
	return s->trust == TRUST_READ || s->trust == TRUST_OLD_READ;
}

static inline bool session_is_void(const struct session *s)
{
	return s->trust == TRUST_VOID || s->trust == TRUST_OLD_VOID;
}

/* The epoch is live, and the kernel's session is not yet taken over. */
static inline bool session_owns(const struct session *s)
{
	return s->trust == TRUST_CLAIMED || s->trust == TRUST_OWN;
}

static inline bool session_runs(const struct session *s)
{
	return s->trust == TRUST_LEARN || s->trust == TRUST_RUN;
}

#endif /* CGSPAN_LEDGER_SESSION_H */
