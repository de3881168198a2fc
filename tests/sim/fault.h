/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults at random times: kills, reboots, fences, cut-off nodes, backups and
 * restores, changes of demand, and of the store's leader.
 */
#ifndef CGSPAN_SIM_FAULT_H
#define CGSPAN_SIM_FAULT_H

struct world;

/* Draw one random fault; it happens if it is possible now. */
void fault_next(struct world *w);
/* If faults are on, change the store's leader; schedule the next call. */
void fault_leader(struct world *w);

#endif /* CGSPAN_SIM_FAULT_H */
