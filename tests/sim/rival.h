/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other ways to share a limit under the same load, to compare cgspan with:
 *
 *	static   each node has a fixed part of the limit
 *	central  each arrival and each end is a request to one allocator
 *	doorman  each node reports its demand every 5 s, and gets a proportional
 *		 share, at most what the other shares leave, at least its use
 *	ideal    each node knows the use of all others without delay
 */
#ifndef CGSPAN_SIM_RIVAL_H
#define CGSPAN_SIM_RIVAL_H

#include <stdint.h>

struct load;
struct load_conf;
struct rival;

/* Return: the policy of the name @policy, under the load of @conf; NULL: unknown name. */
struct rival *rival_new(const char *policy, const struct load_conf *conf);
void rival_free(struct rival *r);
struct load *rival_load(struct rival *r);
/* Let virtual time pass until @end, ns. */
void rival_run(struct rival *r, uint64_t end);
/* Return: the number of requests to an allocator so far; retries are not counted. */
uint64_t rival_asked(const struct rival *r);

#endif /* CGSPAN_SIM_RIVAL_H */
