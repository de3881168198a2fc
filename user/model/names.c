// SPDX-License-Identifier: GPL-2.0
#include "names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void names_fini(struct names *names)
{
	free(names->at);
	memset(names, 0, sizeof(*names));
}

static size_t find(const struct names *names, const char *name)
{
	size_t i = 0;

	while (i < names->n && strcmp(names->at[i], name))
		i++;
	return i;
}

bool names_have(const struct names *names, const char *name)
{
	return find(names, name) < names->n;
}

int names_add(struct names *names, const char *name)
{
	void *p;

	if (names_have(names, name))
		return 0;
	p = realloc(names->at, (names->n + 1) * sizeof(*names->at));
	if (!p)
		return -ENOMEM;
	names->at = p;
	strcpy(names->at[names->n++], name);
	return 0;
}

bool names_del(struct names *names, const char *name)
{
	size_t i = find(names, name);

	if (i == names->n)
		return false;
	memmove(names->at[i], names->at[i + 1],
		(--names->n - i) * sizeof(*names->at));
	return true;
}
