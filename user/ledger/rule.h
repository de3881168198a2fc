/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules that a test can break, to prove that a check notices it. In a build
 * with -DCGSPAN_TEST the environment variable CGSPAN_BROKEN_RULES names broken
 * rules, separated by commas; in any other build no rule is ever broken.
 */
#ifndef CGSPAN_LEDGER_RULE_H
#define CGSPAN_LEDGER_RULE_H

#include <stdbool.h>

/* Comment of a rule: what a broken rule does, and the tests that then fail. */
enum rule {
	/* A return shrinks the store's lease before the kernel's: ledger-rules,
	 * cluster/crash, cluster/controls, demo/controls
	 */
	RULE_STORE_FIRST_RETURN,
	/* A kernel lease is raised on a bare read, without a barrier: ledger-rules */
	RULE_RAISE_ON_READ,
	/* After an unknown result the transaction is repeated without a barrier:
	 * ledger-rules, cluster/controls
	 */
	RULE_BLIND_RETRY,
	/* A store older than the kernel's session is believed: ledger-rules */
	RULE_TRUST_THE_STORE,
	/* Amounts are granted before all nodes have claimed: ledger-rules */
	RULE_GRANT_WHILE_LEARNING,
	/* A grant does not compare the key that stops all grants: ledger-rules */
	RULE_GRANT_UNAWARES,
	/* A node claims what the backup says instead of what its kernel holds:
	 * ledger-rules
	 */
	RULE_BELIEVE_THE_BACKUP,
	/* Transactions do not compare the node's own heartbeat: ledger-rules */
	RULE_NO_HB_COMPARE,
	/* A new epoch may be below the kernel's: ledger-rules */
	RULE_EPOCH_GOES_BACK,
	/* Cells: the root is credited before the cell is debited: cell-rules */
	RULE_CREDIT_FIRST,
	/* Cells: a transfer's id does not make a late request void: cell-rules */
	RULE_NO_TRANSFER,
	RULE_N
};

#ifdef CGSPAN_TEST
/* Has a test broken the rule? An unknown name in CGSPAN_BROKEN_RULES ends the
 * process with status 2.
 */
bool rule_broken(enum rule rule);
#else
static inline bool rule_broken(enum rule rule)
{
	(void)rule;
	return false;
}
#endif

#endif /* CGSPAN_LEDGER_RULE_H */
