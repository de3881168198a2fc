/* SPDX-License-Identifier: GPL-2.0 */
/* Claims of what the kernel holds. */
#ifndef CGSPAN_LEDGER_CLAIM_H
#define CGSPAN_LEDGER_CLAIM_H

#include "state.h"

void claim_fini(struct ledger *l);
/* A group of the kernel that the store lacks. */
void claim_orphan(struct ledger *l, const struct ledger_fact *f);
/* PH_CLAIM: send the next transaction, or none until more is known. */
void claim_step(struct ledger *l);

#endif /* CGSPAN_LEDGER_CLAIM_H */
