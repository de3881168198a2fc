/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store as the checker reads it, updated with each key that changes.
 */
#ifndef CGSPAN_SIM_MIRROR_H
#define CGSPAN_SIM_MIRROR_H

#include <stdint.h>

struct mirror;
struct world;

/* Return: the index of a node; -1: not known. */
int mirror_node(const struct world *w, const char *name);
/* The lease of node @n as far as it counts: 0 if it is of an earlier generation. */
uint64_t mirror_counted(const struct mirror *m, int res, int n);
/* A key has changed; @val NULL: deleted. */
void mirror_key(struct world *w, const char *name, const char *val);
/* If @name is a group's key: read all other keys of the group again. */
void mirror_group(struct world *w, const char *name);
/* Read the whole store again. */
void mirror_rebuild(struct world *w);

#endif /* CGSPAN_SIM_MIRROR_H */
