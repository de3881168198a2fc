/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A load on many nodes: Poisson arrivals, each of which stays for an exponential
 * time. A policy decides whether an arrival is admitted; a refused one waits for
 * at most the time that the load allows. The same seed gives the same sequence of
 * random numbers under every policy; what is drawn from it depends on the policy.
 */
#ifndef CGSPAN_SIM_LOAD_H
#define CGSPAN_SIM_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum load_kind - how the load is spread over the nodes
 * @LOAD_UNIFORM: all nodes alike
 * @LOAD_ZIPF: the share of the node with index i is in proportion to 1 / (i + 1)
 * @LOAD_HOTSPOT: half of the load on 5 % of the nodes (at least 1), drawn anew every 10 s
 * @LOAD_BURST: all nodes alike; units arrive in batches, of 32 on average
 */
enum load_kind {
	LOAD_UNIFORM,
	LOAD_ZIPF,
	LOAD_HOTSPOT,
	LOAD_BURST,
	LOAD_KINDS,
};

const char *load_name(enum load_kind kind);

/** struct load_sum - use and limit of several loads together */
struct load_sum {
	uint64_t used;
	uint64_t limit;
};

/**
 * struct load_conf - the load
 * @kind: how it is spread over the nodes
 * @nodes: number of nodes
 * @mean: mean use of a node if all arrivals are admitted
 * @load: mean use of all nodes divided by the limit, for example 0.9
 * @limit: limit of the group; 0: @mean * @nodes / @load
 * @all: sum that this load is a part of, or NULL
 * @service: mean time from admission to end, ns
 * @wait: how long an arrival waits for admission at most, ns
 * @start: virtual time of the start, ns
 * @seed: seed of all random numbers
 */
struct load_conf {
	enum load_kind kind;
	unsigned int nodes;
	double mean;
	double load;
	uint64_t limit;
	struct load_sum *all;
	uint64_t service;
	uint64_t wait;
	uint64_t start;
	uint64_t seed;
};

/**
 * struct load_ops - the policy
 * @admit: admit an arrival on @node, or refuse it; @again: it has waited. Arrivals that
 *	wait are tried when an admitted one leaves, by load_poke(), and when the first wait is over
 * @leave: an admitted arrival on @node has ended
 * @wait: @waiting arrivals now wait on @node
 */
struct load_ops {
	bool (*admit)(void *arg, unsigned int node, bool again);
	void (*leave)(void *arg, unsigned int node);
	void (*wait)(void *arg, unsigned int node, uint64_t waiting);
};

/* The histogram of waits: width of a bucket, ns, and number of buckets. */
#define LOAD_WAIT_STEP	((uint64_t)100000)
#define LOAD_WAIT_STEPS	10000

/**
 * struct load_marks - what was measured since load_measure()
 * @arrivals: number of arrivals
 * @admitted: arrivals admitted at once or later
 * @refused: arrivals not admitted before their wait was over
 * @needless: those of @refused while the load, or load_conf.all, was below its limit
 * @waited: those of @admitted that waited
 * @space: integral of use over time, in units times ns
 * @waits: histogram of the waits of admitted arrivals
 */
struct load_marks {
	uint64_t arrivals;
	uint64_t admitted;
	uint64_t refused;
	uint64_t needless;
	uint64_t waited;
	double space;
	uint64_t waits[LOAD_WAIT_STEPS];
};

/* Divide @total among @n nodes into @parts; hot spots begin at node @first. */
void load_spread(enum load_kind kind, double total, unsigned int n,
		 unsigned int first, double *parts);

struct load;

struct load *load_new(const struct load_conf *conf, const struct load_ops *ops,
		      void *arg);
void load_free(struct load *l);

/* Return: the limit, given by @limit or by @mean, @nodes and @load of load_conf. */
uint64_t load_limit(const struct load *l);
/* Set load_conf.mean, and draw the rates and the next event of all nodes again. */
void load_mean(struct load *l, double mean, uint64_t now);
/* Return: the present use of a node. */
uint64_t load_used(const struct load *l, unsigned int node);

/* Return: the time of the next event, ns, at which load_step() is to be called. */
uint64_t load_next(const struct load *l);
void load_step(struct load *l);
/* More may be admitted on @node than before: try the arrivals that wait there. */
void load_poke(struct load *l, unsigned int node, uint64_t now);

/* Start to measure: set all marks to 0. */
void load_measure(struct load *l, uint64_t now);
const struct load_marks *load_marks(struct load *l, uint64_t now);
/* Return: 99th percentile of the waits of admitted arrivals, ms; 999.9 also for more. */
double load_p99(const struct load_marks *m);

#endif /* CGSPAN_SIM_LOAD_H */
