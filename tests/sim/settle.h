/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The start of a world under a load: all nodes are in session, with leases that
 * cover what is in use, so that their daemons start as after a restart.
 */
#ifndef CGSPAN_SIM_SETTLE_H
#define CGSPAN_SIM_SETTLE_H

struct world;

void settle_load(struct world *w);

#endif /* CGSPAN_SIM_SETTLE_H */
