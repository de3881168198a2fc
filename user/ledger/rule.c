// SPDX-License-Identifier: GPL-2.0
#ifdef CGSPAN_TEST
#include "rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[RULE_N] = {
	[RULE_STORE_FIRST_RETURN] = "STORE_FIRST_RETURN",
	[RULE_RAISE_ON_READ] = "RAISE_ON_READ",
	[RULE_BLIND_RETRY] = "BLIND_RETRY",
	[RULE_TRUST_THE_STORE] = "TRUST_THE_STORE",
	[RULE_GRANT_WHILE_LEARNING] = "GRANT_WHILE_LEARNING",
	[RULE_GRANT_UNAWARES] = "GRANT_UNAWARES",
	[RULE_BELIEVE_THE_BACKUP] = "BELIEVE_THE_BACKUP",
	[RULE_NO_HB_COMPARE] = "NO_HB_COMPARE",
	[RULE_EPOCH_GOES_BACK] = "EPOCH_GOES_BACK",
	[RULE_CREDIT_FIRST] = "CREDIT_FIRST",
	[RULE_NO_TRANSFER] = "NO_TRANSFER",
};

static unsigned int find(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < RULE_N; i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
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
#endif
