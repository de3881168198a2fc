/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups by index: a path keeps its index for the life of the world.
 */
#ifndef CGSPAN_SIM_PATH_H
#define CGSPAN_SIM_PATH_H

#include <stdint.h>

struct world;

/* Return: the index of @path; -1: it was never added. */
int path_index(const struct world *w, const char *path);
/* Return: the index of @path, which is added if needed. */
int path_add(struct world *w, const char *path);
/* Return: the index of the group that has this id in the store; -1: none. */
int path_by_id(const struct world *w, uint64_t id);

#endif /* CGSPAN_SIM_PATH_H */
