/* SPDX-License-Identifier: GPL-2.0 */
/* Enter keys of the store into the view. */
#ifndef CGSPAN_LEDGER_LEARN_H
#define CGSPAN_LEDGER_LEARN_H

#include "model/kv.h"
#include "group.h"
#include "state.h"

/* @rev: if the key does not exist, a revision at which that was so. */
void learn_key(struct ledger *l, const struct store_kv *kv, int64_t rev);
/* The key of a group has changed: read it. */
void learn_group(struct ledger *l, const char *path);
/* Read this node's lease from the cache; unsure until a barrier rewrites it. */
void learn_lease(struct ledger *l, struct lgroup *g);
/* Forget all keys and groups. */
void learn_nothing(struct ledger *l);

#endif /* CGSPAN_LEDGER_LEARN_H */
