/* SPDX-License-Identifier: GPL-2.0 */
/* The view of the store. */
#ifndef CGSPAN_LEDGER_VIEW_H
#define CGSPAN_LEDGER_VIEW_H

#include "state.h"

void view_learn(struct ledger *l, const struct store_kv *kv, int64_t rev);
/* Forget all of it. */
void view_forget(struct ledger *l);
void view_group_update(struct ledger *l, const char *path);
void view_lease_reload(struct ledger *l, struct lgroup *g);

#endif /* CGSPAN_LEDGER_VIEW_H */
