/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Groups by index: a path keeps its index for the life of the world.
 */
#ifndef CGSPAN_SIM_PATH_H
#define CGSPAN_SIM_PATH_H

#include <stdint.h>

struct world;

/* Index of a path; -1: not known. */
int path_index(const struct world *w, const char *path);
/* Likewise; an unknown path is added. */
int path_add(struct world *w, const char *path);
/* Index of the group that has this id in the store; -1: none. */
int path_by_id(const struct world *w, uint64_t id);

#endif /* CGSPAN_SIM_PATH_H */
