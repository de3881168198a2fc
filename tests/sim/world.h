/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A deterministic world for the ledger: several nodes, each with a kernel that
 * keeps leases and a daemon that drives the real ledger; one store; virtual
 * time. The seed determines delays, workload and faults: the same seed gives the
 * same run. The limit is checked after every transaction, and when a kernel gets
 * a lease; the first violation is kept.
 */
#ifndef CGSPAN_SIM_WORLD_H
#define CGSPAN_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "admin.h"
#include "conf.h"
#include "daemon.h"
#include "event.h"
#include "kernel_cell.h"
#include "observe.h"
#include "restore.h"
#include "stats.h"
#include "store.h"

struct load;
struct world;

struct world *world_new(const struct world_conf *conf);
void world_free(struct world *w);

uint64_t world_now(const struct world *w);
const struct world_stats *world_stats(const struct world *w);
/* Return: the first violation, or NULL. */
const char *world_breach(const struct world *w);
/* Return: the load that world_conf asked for, or NULL. */
struct load *world_load(struct world *w);
/* Turn faults on or off: off also ends wnode.out_until and wnode.deaf_until. */
void world_faults(struct world *w, bool on);

#endif /* CGSPAN_SIM_WORLD_H */
