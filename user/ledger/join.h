/* SPDX-License-Identifier: GPL-2.0 */
/* Joining and leaving a session. */
#ifndef CGSPAN_LEDGER_JOIN_H
#define CGSPAN_LEDGER_JOIN_H

#include "session.h"
#include "state.h"

/* If this node's epoch key has changed: handle a fence, or an older store. */
void join_look_at_epoch(struct ledger *l);
/* session_reads(): stop, close an old session, join, resume one, or leave. */
void join_decide(struct ledger *l);
/* The epoch is live: send RENEW or, if the last heartbeat is old, a new one. */
void join_take_over(struct ledger *l);
/* The transaction of EV_LIVE, EV_TO_CLAIM or EV_CLAIMED was applied at @rev. */
void join_done(struct ledger *l, enum trust_event event, int64_t rev);
/* TRUST_CLAIM: all amounts of the kernel are claimed; tell the store. */
void join_send_claimed(struct ledger *l);
/* The kernel has begun the session: this node is now in session. */
void join_begin(struct ledger *l);
/* Add to the transaction: compares of epoch/ and hb/, and a heartbeat. */
void join_beat(struct ledger *l);
void join_renew(struct ledger *l, uint64_t sent);
void join_renewed(struct ledger *l);
void join_leave(struct ledger *l);

#endif /* CGSPAN_LEDGER_JOIN_H */
