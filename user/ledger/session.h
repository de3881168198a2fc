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
	TRUST_SAME,	/* in the table: the event changes nothing */
	TRUST_VOID,	/* what is known is void: to be forgotten and read again */
	TRUST_READ,	/* reads the store, closes an old session, joins */
	TRUST_STUCK,	/* an administrator must act; read again after news */
	TRUST_OLD_VOID,
	TRUST_OLD_READ,
	TRUST_OLD_STUCK,
	/* The kernel alone, with the session that it has: what it holds is claimed. */
	TRUST_CLAIM,
	/* The epoch is live, after claims or without: the kernel's session follows. */
	TRUST_CLAIMED,
	TRUST_OWN,
	TRUST_LEARN,	/* in session; pools may lack what others have to claim */
	TRUST_RUN,	/* in session; amounts are granted */
	TRUST_LEFT,
	TRUST_N
};

enum trust_event {
	/* What the key "cluster" says */
	EV_WHOLE,	/* nothing is missing */
	EV_LEARNING,	/* other nodes have still to claim what they hold */
	EV_AWAITED,	/* this one has */
	EV_LOST,	/* the store has gone back, or is a copy of another one */
	EV_UNREADABLE,
	/* The store */
	EV_GONE_BACK,	/* its revision has, or another one has answered */
	EV_FORGOTTEN,	/* all that was known of it */
	EV_NEWS,	/* keys of groups or nodes have changed */
	/* This node in it */
	EV_EPOCH_OLDER,	/* the epoch's key is missing or older than known */
	EV_FENCED,
	EV_REFUSED,	/* it cannot join: see the status */
	EV_LIVE,	/* joined, or a session of an earlier run is taken up */
	EV_TO_CLAIM,	/* joined with claims to make */
	EV_NOT_AWAITED,	/* another recovery was begun without this node */
	EV_CLAIMED,	/* all claims are in the store */
	EV_REMOVED,	/* the keys of this node are gone */
	/* The kernel */
	EV_RENEWED,	/* it has taken the epoch */
	EV_BUSY,	/* another socket owns its session */
	EV_STALE,	/* it has a higher epoch */
	EV_LEFT,	/* it has left the session */
	EV_N
};

/* Times are ns of the boot clock. */
struct session {
	enum trust trust;
	uint64_t epoch;			/* ours; 0: none */
	int64_t epoch_rev;		/* mod_rev of its key */
	uint64_t base;			/* what the transaction under way adds */
	bool resumed;			/* an earlier run began this epoch */
	uint64_t kernel_epoch;		/* of the kernel's session */
	uint64_t kernel_sent;		/* its time of sending, as found */
	uint64_t deadline;		/* of the kernel's session */
	bool renew_sent;		/* OWN, CLAIMED: a RENEW is under way */
	uint64_t beat;			/* OWN, CLAIMED: committed beat's time */
	uint64_t renewed;		/* time of sending of the last RENEW */
	uint64_t renewing;		/* its epoch */
	uint64_t hb_seq;
	uint64_t hb_sent;		/* of the last committed one */
	int64_t reconciled;		/* the kernel's groups agree with group/ */
	int64_t acked;
	bool leaving;			/* an administrator says so */
	bool leave_sent;
	uint64_t leave_at;		/* not before this */
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
