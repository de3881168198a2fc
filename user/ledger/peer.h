/* SPDX-License-Identifier: GPL-2.0 */
/* Peers on the ring of names. */
#ifndef CGSPAN_LEDGER_PEER_H
#define CGSPAN_LEDGER_PEER_H

#include "state.h"

void peer_choose(struct ledger *l);
/* Take in the heartbeats that the view has marked. */
void peer_digest(struct ledger *l);
void peer_tick(struct ledger *l);

#endif /* CGSPAN_LEDGER_PEER_H */
