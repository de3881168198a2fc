/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: compares, commits, checks each revision, and wakes the watches.
 */
#ifndef CGSPAN_SIM_STORE_H
#define CGSPAN_SIM_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/kv.h"

struct kvs;
struct event;
struct world;

bool store_has_leader(const struct world *w);
/* Execute a transaction now. Return: STORE_APPLIED or STORE_CONFLICT. */
enum store_result store_commit(struct world *w, const struct store_txn *t);
/* Copy the keys that @t compares into @e->kvs. */
void store_read_compared(struct world *w, const struct store_txn *t,
			 struct event *e);
/* Copy all keys with @prefix, and the revision, into *@e. */
void store_read_prefix(struct world *w, const char *prefix, struct event *e);

/* The contents of the store. */
const struct kvs *world_store(const struct world *w);
/* Return: the time until the store has a leader, ns; 0: it has one. */
uint64_t world_leader_in(const struct world *w);
enum store_result world_commit(struct world *w, const struct store_txn *t);

#endif /* CGSPAN_SIM_STORE_H */
