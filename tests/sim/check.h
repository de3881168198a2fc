/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checker: the limit holds after each transaction, and when a kernel gets a lease.
 * A violation is noted by state_breach().
 */
#ifndef CGSPAN_SIM_CHECK_H
#define CGSPAN_SIM_CHECK_H

#include <stdbool.h>

struct world;

/* Check leases + pool = limit + debt for every group and resource that has a limit. */
void check_sums(struct world *w);
/* Check the leases of group @i in node @n's kernel, unless @n is in mres.awaits: in a recovery,
 * none is above wnode.cap; else, if its epoch is live, none is above what the store counts.
 */
void check_kernel(struct world *w, unsigned int n, int i);
/* Check the kernels that a change of the key @name may affect. */
void check_key(struct world *w, const char *name);
/* If a recovery is complete, note its end and check all kernels in session. */
void check_recovery(struct world *w);
/* Is the epoch of node @n's kernel the node's live epoch in the store? */
bool check_is_live(const struct world *w, unsigned int n);

#endif /* CGSPAN_SIM_CHECK_H */
