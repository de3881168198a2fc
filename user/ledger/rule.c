// SPDX-License-Identifier: GPL-2.0
#ifdef CGSPAN_TEST
#include "rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *breaks;
	const char *caught_by;
} rules[RULE_N] = {
	[RULE_STORE_FIRST_RETURN] = { "STORE_FIRST_RETURN",
		"a return shrinks the store's lease before the kernel's",
		"ledger-rules, cluster/crash, cluster/controls, demo/controls" },
	[RULE_RAISE_ON_READ] = { "RAISE_ON_READ",
		"a kernel lease is raised on a bare read, without a barrier",
		"ledger-rules" },
	[RULE_BLIND_RETRY] = { "BLIND_RETRY",
		"after an unknown result the transaction is repeated without a barrier",
		"ledger-rules, cluster/controls" },
	[RULE_TRUST_THE_STORE] = { "TRUST_THE_STORE",
		"a store older than the kernel's session is believed",
		"ledger-rules" },
	[RULE_GRANT_WHILE_LEARNING] = { "GRANT_WHILE_LEARNING",
		"amounts are granted before all nodes have claimed",
		"ledger-rules" },
	[RULE_GRANT_UNAWARES] = { "GRANT_UNAWARES",
		"a grant does not compare the key that stops all grants",
		"ledger-rules" },
	[RULE_BELIEVE_THE_BACKUP] = { "BELIEVE_THE_BACKUP",
		"a node claims what the backup says instead of what its kernel holds",
		"ledger-rules" },
	[RULE_NO_HB_COMPARE] = { "NO_HB_COMPARE",
		"transactions do not compare the node's own heartbeat",
		"ledger-rules" },
	[RULE_EPOCH_GOES_BACK] = { "EPOCH_GOES_BACK",
		"a new epoch may be below the kernel's",
		"ledger-rules" },
	[RULE_CREDIT_FIRST] = { "CREDIT_FIRST",
		"cells: the root is credited before the cell is debited",
		"cell-rules" },
	[RULE_NO_TRANSFER] = { "NO_TRANSFER",
		"cells: a transfer's id does not make a late request void",
		"cell-rules" },
};

static unsigned int find(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < RULE_N; i++)
		if (strlen(rules[i].name) == len &&
		    !memcmp(rules[i].name, name, len))
			return i;
	fprintf(stderr, "CGSPAN_BROKEN_RULES: there is no rule %.*s\n",
		(int)len, name);
	_Exit(2);
}

bool rule_broken(enum rule rule)
{
	static unsigned int broken, known;
	const char *name;
	size_t len;

	if (!known) {
		name = getenv("CGSPAN_BROKEN_RULES");
		for (; name && *name; name += len + (name[len] == ',')) {
			len = strcspn(name, ",");
			broken |= 1U << find(name, len);
		}
		known = 1;
	}
	return broken & 1U << rule;
}

void rule_list(void)
{
	unsigned int i;

	for (i = 0; i < RULE_N; i++)
		printf("%s\t%s\t%s\n", rules[i].name, rules[i].breaks,
		       rules[i].caught_by);
}
#endif
