/* SPDX-License-Identifier: GPL-2.0 */
/* A set of names of nodes, as in records of the store. */
#ifndef CGSPAN_NAMES_H
#define CGSPAN_NAMES_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stddef.h>

/** struct names - @at: @n names in order of arrival, owned */
struct names {
	size_t n;
	char (*at)[CGSPAN_NAME_LEN + 1];
};

void names_fini(struct names *names);
bool names_have(const struct names *names, const char *name);
/* Add a valid name, if the set does not have it. 0 or -ENOMEM. */
int names_add(struct names *names, const char *name);
/* Remove a name; true if it was in the set. */
bool names_del(struct names *names, const char *name);

#endif /* CGSPAN_NAMES_H */
