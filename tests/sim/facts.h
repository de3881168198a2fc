/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel reports to its daemon's ledger.
 */
#ifndef CGSPAN_SIM_FACTS_H
#define CGSPAN_SIM_FACTS_H

#include "ledger/ledger.h"

struct world;
struct wnode;

/* Return: the fact about resource @res of group @i; its @path points into @w. */
struct ledger_fact facts_of(const struct world *w, const struct wnode *n,
			    unsigned int i, int res);
/* Give the ledger the facts of the node's kernel, except of resources with nothing to report. */
void facts_give(struct world *w, struct wnode *n);

#endif /* CGSPAN_SIM_FACTS_H */
