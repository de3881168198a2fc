/* SPDX-License-Identifier: GPL-2.0 */
/* A store that has gone back. */
#ifndef CGSPAN_LEDGER_LOST_H
#define CGSPAN_LEDGER_LOST_H

#include "state.h"

void lost_look_at_cluster(struct ledger *l);
/* Is the store older than this kernel's session? */
bool lost_is_old(const struct ledger *l, const struct store_kv *kv,
		 const struct epoch_rec *rec);
/* It is: stop this node, and all others if it may. */
void lost_stop(struct ledger *l, const struct store_kv *kv,
	       const struct epoch_rec *rec);
/* Does a conflict's answer prove that it is? */
bool lost_conflict(const struct ledger *l, const struct store_kv *kvs,
		   size_t n);
/* Record a change of the set of nodes. False: the key cannot be read. */
bool lost_put_cluster(struct ledger *l, bool claimed);

#endif /* CGSPAN_LEDGER_LOST_H */
