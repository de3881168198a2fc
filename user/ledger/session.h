/* SPDX-License-Identifier: GPL-2.0 */
/* The way into a session and out of it. */
#ifndef CGSPAN_LEDGER_SESSION_H
#define CGSPAN_LEDGER_SESSION_H

#include "state.h"

void session_look_at_epoch(struct ledger *l);
void session_decide(struct ledger *l);
void session_take_over(struct ledger *l);
void session_joined(struct ledger *l, int64_t rev);
void session_begin(struct ledger *l);
/* The transaction compares the keys of this session. */
void session_compare(struct ledger *l);
void session_renew(struct ledger *l, uint64_t sent);
void session_renewed(struct ledger *l);
/* PH_CLAIM: all that the kernel holds is claimed. */
void session_send_claimed(struct ledger *l);
/* The claim is in the store, at this revision. */
void session_claimed(struct ledger *l, int64_t rev);
void session_leave(struct ledger *l);

#endif /* CGSPAN_LEDGER_SESSION_H */
