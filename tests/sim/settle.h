/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The start of a world under a load: nodes in session for long, whose daemons
 * were just started again, with leases that cover what is in use.
 */
#ifndef CGSPAN_SIM_SETTLE_H
#define CGSPAN_SIM_SETTLE_H

struct world;

void settle_load(struct world *w);

#endif /* CGSPAN_SIM_SETTLE_H */
