/* SPDX-License-Identifier: GPL-2.0 */
/* Peers on the ring of names. */
#ifndef CGSPAN_LEDGER_PEER_H
#define CGSPAN_LEDGER_PEER_H

#include <linux/cgspan.h>

#include "pace.h"
#include "state.h"

#define PEERS	2

/* A neighbour on the ring of names. */
struct peer {
	char name[CGSPAN_NAME_LEN + 1];	/* "": none */
	int64_t seen_rev;		/* of its heartbeat in the cache */
	int64_t hb_rev;			/* of the last one that was heard; 0: none */
	uint32_t ttl_ms;
	uint64_t since;			/* when that was, ns */
	bool silent;
	struct pace pace;
};

struct peers {
	struct peer at[PEERS];
	int64_t fenced_rev;	/* epoch/ keys up to here have been looked after */
};

void peer_choose(struct ledger *l);
/* Forget them: nothing is watched. */
void peer_forget(struct ledger *l);
/* Restart their time-outs: their silence had a reason. */
void peer_restart(struct ledger *l);
/* Take in heartbeats that are new in the view. */
void peer_digest(struct ledger *l);
void peer_tick(struct ledger *l);

#endif /* CGSPAN_LEDGER_PEER_H */
