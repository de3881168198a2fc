/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The daemon of a node, around the real ledger: started, killed, and told of
 * events.
 */
#ifndef CGSPAN_SIM_DAEMON_H
#define CGSPAN_SIM_DAEMON_H

#include <stdbool.h>

struct event;
struct wnode;
struct world;

/* Give the ledger an event of the running daemon, and carry its intents out. */
void daemon_hear(struct world *w, struct wnode *n, struct event *e);

void world_kill(struct world *w, unsigned int node);
void world_start(struct world *w, unsigned int node);
/* Start the node's ledger: called by world_start(), or by a delegate that is ready. */
void world_started(struct world *w, unsigned int node);
bool world_running(const struct world *w, unsigned int node);
/* Reboot the node: its daemon dies, its kernel forgets its groups; a daemon starts later. */
void world_reboot(struct world *w, unsigned int node);

#endif /* CGSPAN_SIM_DAEMON_H */
