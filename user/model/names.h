/* SPDX-License-Identifier: GPL-2.0 */
/* A set of nodes' names, as values of the store hold them. */
#ifndef CGSPAN_NAMES_H
#define CGSPAN_NAMES_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stddef.h>

/** struct names - @n names in the order in which they came; owned */
struct names {
	size_t n;
	char (*at)[CGSPAN_NAME_LEN + 1];
};

void names_fini(struct names *names);
bool names_have(const struct names *names, const char *name);
/* A valid name, once. 0 or -ENOMEM. */
int names_add(struct names *names, const char *name);
/* True if it was there. */
bool names_del(struct names *names, const char *name);

#endif /* CGSPAN_NAMES_H */
