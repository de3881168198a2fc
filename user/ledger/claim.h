/* SPDX-License-Identifier: GPL-2.0 */
/* Claims of amounts that the kernel holds. */
#ifndef CGSPAN_LEDGER_CLAIM_H
#define CGSPAN_LEDGER_CLAIM_H

#include "model/record.h"
#include "fact.h"
#include "state.h"

/* A group of the kernel that the store lacks. */
struct orphan {
	char *path;			/* owned path of the group */
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	uint64_t limit[RES_N];
	bool hopeless;			/* group cannot be put in the store */
};

struct claims {
	bool surveyed;			/* kernel groups read in TRUST_CLAIM */
	struct orphan *orphans;
	size_t n_orphans;
};

/* Free the orphans, not @c. */
void claim_fini(struct claims *c);
void claim_begin(struct ledger *l);
/* Note a resource of a group that the kernel has and the store lacks. */
void claim_orphan(struct ledger *l, const struct ledger_fact *f);
/* TRUST_CLAIM: send the next claims; after the last, tell the store. */
void claim_step(struct ledger *l);

#endif /* CGSPAN_LEDGER_CLAIM_H */
