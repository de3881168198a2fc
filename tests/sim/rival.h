/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other ways to share a limit, under the same load: what cgspan is compared
 * with.
 *
 *	static   every node has a fixed part of the limit
 *	central  one allocator is asked for each admission, and told of each end
 *	doorman  each node tells every 5 s what it would use, and gets a share in
 *		 proportion, never more than what the others have left
 *	ideal    every node knows the use of all others without delay
 */
#ifndef CGSPAN_SIM_RIVAL_H
#define CGSPAN_SIM_RIVAL_H

#include <stdint.h>

struct load;
struct load_conf;
struct rival;

/* NULL: there is no such policy. */
struct rival *rival_new(const char *policy, const struct load_conf *conf);
void rival_free(struct rival *r);
struct load *rival_load(struct rival *r);
/* Until @end, ns. */
void rival_run(struct rival *r, uint64_t end);
/* Transactions so far. */
uint64_t rival_asked(const struct rival *r);

#endif /* CGSPAN_SIM_RIVAL_H */
