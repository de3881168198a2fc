/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules that a test can break, to prove that a check notices it. In a build
 * with -DCGSPAN_TEST the environment variable CGSPAN_BROKEN_RULES names broken
 * rules, separated by commas; in any other build no rule is ever broken.
 */
#ifndef CGSPAN_LEDGER_RULE_H
#define CGSPAN_LEDGER_RULE_H

#include <stdbool.h>

/* What the code does if a rule is broken, and the tests that fail then. */
enum rule {
	/* Broken: a return shrinks the store's lease before the kernel's.
	 * Tests: ledger-rules, cluster/crash, cluster/controls, demo/controls
	 */
	RULE_STORE_FIRST_RETURN,
	/* Broken: no barrier before a kernel lease grows. Test: ledger-rules */
	RULE_RAISE_ON_READ,
	/* Broken: after an unknown result the transaction is repeated without a
	 * barrier. Tests: ledger-rules, cluster/controls
	 */
	RULE_BLIND_RETRY,
	/* Broken: a store that is too old is believed. Test: ledger-rules */
	RULE_TRUST_THE_STORE,
	/* Broken: grants before all nodes have claimed. Test: ledger-rules */
	RULE_GRANT_WHILE_LEARNING,
	/* Broken: grants do not compare "cluster". Test: ledger-rules */
	RULE_GRANT_UNAWARES,
	/* Broken: a node claims what the backup says instead of what its kernel
	 * holds. Test: ledger-rules
	 */
	RULE_BELIEVE_THE_BACKUP,
	/* Broken: no compare of the node's own heartbeat. Test: ledger-rules */
	RULE_NO_HB_COMPARE,
	/* Broken: a new epoch may be below the kernel's. Test: ledger-rules */
	RULE_EPOCH_GOES_BACK,
	/* Broken: root store gains before cell store loses. Test: cell-rules */
	RULE_CREDIT_FIRST,
	/* Broken: a transfer's id voids no late request. Test: cell-rules */
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
