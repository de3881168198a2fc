/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests on their way to the store, and answers back: lost, late, doubled, or
 * without a leader.
 */
#ifndef CGSPAN_SIM_REQUEST_H
#define CGSPAN_SIM_REQUEST_H

struct event;
struct world;

/* The transaction of @e reaches the store. */
void request_arrive(struct world *w, struct event *e);
/* The store loses its leader, and has another one 0.3 to 1.5 s later. */
void request_change_leader(struct world *w);

#endif /* CGSPAN_SIM_REQUEST_H */
