/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checker: after each change of the store and of a kernel the limit holds.
 * A violation is noted by state_breach().
 */
#ifndef CGSPAN_SIM_CHECK_H
#define CGSPAN_SIM_CHECK_H

#include <stdbool.h>

struct world;

/* Check leases + pool = limit + debt for every group and resource. */
void check_sums(struct world *w);
/* Check that no lease of group @i in node @n's kernel is above the store's;
 * during a recovery, that none is above its cap.
 */
void check_kernel(struct world *w, unsigned int n, int i);
/* Check the kernels that a change of this key may affect. */
void check_key(struct world *w, const char *name);
/* If the recovery is complete, check all kernels. */
void check_recovery(struct world *w);
/* Is the epoch of the kernel live in the store? */
bool check_is_live(const struct world *w, unsigned int n);

#endif /* CGSPAN_SIM_CHECK_H */
