/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Without load and cells: use that follows demand, on one node at a time.
 */
#ifndef CGSPAN_SIM_WORK_H
#define CGSPAN_SIM_WORK_H

struct world;

/* Change the use of a random node, and schedule the next step. */
void work_step(struct world *w);

#endif /* CGSPAN_SIM_WORK_H */
