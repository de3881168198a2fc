/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules that tests take out: a check that cannot fail proves nothing. In a build
 * with -DCGSPAN_TEST the environment variable CGSPAN_BROKEN_RULES names broken
 * rules, separated by commas; in any other build no rule is ever broken.
 */
#ifndef CGSPAN_LEDGER_RULE_H
#define CGSPAN_LEDGER_RULE_H

#include <stdbool.h>

/* What each of them breaks, and which check catches it, is in rule.c's table. */
enum rule {
	RULE_STORE_FIRST_RETURN,
	RULE_RAISE_ON_READ,
	RULE_BLIND_RETRY,
	RULE_TRUST_THE_STORE,
	RULE_GRANT_WHILE_LEARNING,
	RULE_GRANT_UNAWARES,
	RULE_BELIEVE_THE_BACKUP,
	RULE_NO_HB_COMPARE,
	RULE_EPOCH_GOES_BACK,
	RULE_CREDIT_FIRST,
	RULE_NO_TRANSFER,
	RULE_N,
};

#ifdef CGSPAN_TEST
/**
 * rule_broken() - whether a test has taken a rule out
 * @rule: the rule
 *
 * An unknown name in CGSPAN_BROKEN_RULES ends the process with status 2.
 */
bool rule_broken(enum rule rule);
/* Print the table: name, what it breaks, which check catches it. */
void rule_list(void);
#else
static inline bool rule_broken(enum rule rule)
{
	(void)rule;
	return false;
}
#endif

#endif /* CGSPAN_LEDGER_RULE_H */
