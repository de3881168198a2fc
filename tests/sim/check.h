/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checker: after each change of the store and of a kernel the limit holds.
 * A violation is noted by state_breach().
 */
#ifndef CGSPAN_SIM_CHECK_H
#define CGSPAN_SIM_CHECK_H

#include <stdbool.h>

struct world;

/* Leases and pool are limit and debt, of every group and resource. */
void check_sums(struct world *w);
/* No lease of group @i in node @n's kernel is above what the store counts; while
 * the store recovers, none is above its cap.
 */
void check_kernel(struct world *w, unsigned int n, int i);
/* The kernels that a change of this key concerns. */
void check_key(struct world *w, const char *name);
/* Notice the end of a recovery, and check the kernels then. */
void check_recovery(struct world *w);
/* Is the kernel's epoch live in the store? */
bool check_is_live(const struct world *w, unsigned int n);

#endif /* CGSPAN_SIM_CHECK_H */
