/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store as the checker reads it, updated with each key that changes.
 */
#ifndef CGSPAN_SIM_MIRROR_H
#define CGSPAN_SIM_MIRROR_H

#include <stdint.h>

struct mirror;
struct world;

/* Return: the index of the node of this name; -1: there is none. */
int mirror_node(const struct world *w, const char *name);
/* Return: node @n's lease; 0 if its generation is not the one of the limit. */
uint64_t mirror_counted(const struct mirror *m, int res, int n);
/* Take in that the key @name has the value @val, or is deleted (NULL). */
void mirror_key(struct world *w, const char *name, const char *val);
/* If @name is the key of a group, read all other keys of that group again. */
void mirror_group(struct world *w, const char *name);
/* Read all groups of the store again. */
void mirror_rebuild(struct world *w);

#endif /* CGSPAN_SIM_MIRROR_H */
