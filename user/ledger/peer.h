/* SPDX-License-Identifier: GPL-2.0 */
/* Peers: the nodes whose heartbeats this node watches. */
#ifndef CGSPAN_LEDGER_PEER_H
#define CGSPAN_LEDGER_PEER_H

#include <linux/cgspan.h>

#include "pace.h"
#include "state.h"

#define PEERS	2

/* A node that this node watches: one of the next live ones by sorted names. */
struct peer {
	char name[CGSPAN_NAME_LEN + 1];	/* name of the node; "": no neighbour */
	int64_t seen_rev;		/* mod_rev of hb/ when last looked at */
	int64_t hb_rev;			/* last heartbeat heard: mod_rev; 0: none */
	uint32_t ttl_ms;
	uint64_t since;			/* start of the present silence, ns */
	bool silent;
	struct pace pace;
};

struct peers {
	struct peer at[PEERS];
	/* Fencings in epoch/ up to this revision were looked after. */
	int64_t fenced_rev;
};

void peer_choose(struct ledger *l);
/* Forget the neighbours, as their watches end. */
void peer_forget(struct ledger *l);
/* Restart the time-outs of the neighbours, as their silence had a known cause. */
void peer_restart(struct ledger *l);
/* Take in heartbeats that are new in the view. */
void peer_digest(struct ledger *l);
void peer_tick(struct ledger *l);

#endif /* CGSPAN_LEDGER_PEER_H */
