/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches of the daemons on the store.
 */
#ifndef CGSPAN_SIM_WATCH_H
#define CGSPAN_SIM_WATCH_H

#include <stdint.h>

struct news;
struct watch;
struct wnode;
struct world;

/* Return: a node's watch of this prefix, or NULL. */
struct watch *watch_find(struct wnode *n, const char *prefix);
/* Return: the node's watch with this serial number, or NULL. @serial 0: an unused one. */
struct watch *watch_by_serial(struct wnode *n, uint64_t serial);
/* Begin a watch: its first read is answered by EV_GET. */
void watch_begin(struct world *w, struct wnode *n, const char *prefix);
/* End a watch; NULL, or an unused one, is ignored. */
void watch_end(struct world *w, struct watch *v);
/* Send news to each ready watch of a prefix of one of its keys. A watched prefix ends with a
 * slash, or is a whole key; a watch with several keys of the news is told once.
 */
void watch_wake(struct world *w, struct news *news);

#endif /* CGSPAN_SIM_WATCH_H */
