/* SPDX-License-Identifier: GPL-2.0 */
/* Enter keys of the store into the view. */
#ifndef CGSPAN_LEDGER_LEARN_H
#define CGSPAN_LEDGER_LEARN_H

#include "model/kv.h"
#include "group.h"
#include "state.h"

/* @rev: revision at which an absent key is known to be absent. */
void learn_key(struct ledger *l, const struct store_kv *kv, int64_t rev);
/* Read the key of a group that has changed. */
void learn_group(struct ledger *l, const char *path);
/* This node's lease as the cache has it; not used until a barrier rewrote it. */
void learn_lease(struct ledger *l, struct lgroup *g);
/* Forget all. */
void learn_nothing(struct ledger *l);

#endif /* CGSPAN_LEDGER_LEARN_H */
