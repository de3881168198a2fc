/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restores of the store: from a backup, or to an empty store.
 */
#ifndef CGSPAN_SIM_RESTORE_H
#define CGSPAN_SIM_RESTORE_H

#include <stdbool.h>

struct world;

/**
 * enum world_restore - kinds of restores
 * @RESTORE_SAME: the backup, under the identity that the store had
 * @RESTORE_OTHER: the backup, under a new identity
 * @RESTORE_EMPTY: an empty store, under a new identity
 */
enum world_restore {
	RESTORE_SAME,
	RESTORE_OTHER,
	RESTORE_EMPTY,
	RESTORE_N,
};

/* Set wnode.cap: the highest correct leases until all nodes have claimed what they hold. */
void restore_set_caps(struct world *w);

void world_backup(struct world *w);
/* Restore the store, and set wnode.cap, in force until all have claimed. Return: was it done? */
bool world_restore(struct world *w, enum world_restore how);
bool world_recovering(const struct world *w);

#endif /* CGSPAN_SIM_RESTORE_H */
