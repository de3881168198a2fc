/* SPDX-License-Identifier: GPL-2.0 */
/* Joining and leaving a session. */
#ifndef CGSPAN_LEDGER_JOIN_H
#define CGSPAN_LEDGER_JOIN_H

#include "session.h"
#include "state.h"

/* Our epoch's key has changed: this node was fenced, or the store has gone back. */
void join_look_at_epoch(struct ledger *l);
/* READ: close an old session, join, take one up, or leave. */
void join_decide(struct ledger *l);
/* The epoch is live: put a heartbeat with it, then renew the kernel's session. */
void join_take_over(struct ledger *l);
/* EV_LIVE, EV_TO_CLAIM or EV_CLAIMED is in the store, at this revision. */
void join_done(struct ledger *l, enum trust_event event, int64_t rev);
/* CLAIM: all amounts that the kernel holds are claimed. */
void join_send_claimed(struct ledger *l);
/* The kernel has the session. */
void join_begin(struct ledger *l);
/* The transaction compares the keys of this session, and puts a heartbeat. */
void join_beat(struct ledger *l);
void join_renew(struct ledger *l, uint64_t sent);
void join_renewed(struct ledger *l);
void join_leave(struct ledger *l);

#endif /* CGSPAN_LEDGER_JOIN_H */
