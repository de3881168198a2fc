/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ledger of one node: what it was told at its start, and one struct for each
 * concern, which the header of that concern describes.
 */
#ifndef CGSPAN_LEDGER_STATE_H
#define CGSPAN_LEDGER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/record.h"

struct claims;
struct lease_set;
struct moves;
struct out;
struct peers;
struct request;
struct session;
struct txn;
struct view;

#define MSEC		1000000ULL
#define SEC		(1000 * MSEC)
#define TICK		(100 * MSEC)

struct ledger {
	char name[CGSPAN_NAME_LEN + 1];
	char identity[64];
	struct node_rec self;
	uint32_t ttl_ms;
	uint32_t heartbeat_ms;
	uint32_t shard_nodes;
	uint64_t rng;
	uint64_t now;			/* time of the present event, ns */
	int error;			/* 0; -ENOMEM: the driver must give up */
	bool look;			/* the driver must read the kernel now */

	struct session *session;
	struct view *view;
	struct out *out;
	struct txn *txn;		/* transaction to send, or pending */
	struct request *request;
	struct moves *moves;
	struct lease_set *set;
	struct claims *claims;
	struct peers *peers;
};

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* a - b, at least 0. */
static inline uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/* A random number below @below; 0 if @below is 0. */
uint64_t ledger_random(struct ledger *l, uint64_t below);
void ledger_no_memory(struct ledger *l);
/* Grow @array to at least @n + 1 elements of @size bytes. Return: the array,
 * which may have moved; NULL: out of memory, which the ledger remembers.
 */
void *ledger_grow(struct ledger *l, void *array, size_t n, size_t size);

#endif /* CGSPAN_LEDGER_STATE_H */
