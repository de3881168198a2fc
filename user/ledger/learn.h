/* SPDX-License-Identifier: GPL-2.0 */
/* Enter keys of the store into the view. */
#ifndef CGSPAN_LEDGER_LEARN_H
#define CGSPAN_LEDGER_LEARN_H

#include "model/kv.h"
#include "group.h"
#include "state.h"

/* Enter @kv into the cache, if newer. With val NULL: absent as of @rev. */
void learn_key(struct ledger *l, const struct store_kv *kv, int64_t rev);
/* The key of a group has changed: read it. */
void learn_group(struct ledger *l, const char *path);
/* If this node's lease has changed, read it: unsure until it is rewritten. */
void learn_lease(struct ledger *l, struct lgroup *g);
/* Forget all keys, and all groups but "/". */
void learn_nothing(struct ledger *l);

#endif /* CGSPAN_LEDGER_LEARN_H */
