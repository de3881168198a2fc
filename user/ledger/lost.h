/* SPDX-License-Identifier: GPL-2.0 */
/* Detect a store that is new or restored from a backup, and stop the nodes. */
#ifndef CGSPAN_LEDGER_LOST_H
#define CGSPAN_LEDGER_LOST_H

#include "model/kv.h"
#include "model/record.h"
#include "session.h"
#include "state.h"

struct cgspan_err;

/* What the key "cluster" says: EV_WHOLE, EV_LEARNING, EV_AWAITED, EV_LOST, or
 * EV_UNREADABLE with @err set.
 */
enum trust_event lost_says(const struct ledger *l, struct cgspan_err *err);
/* Handle a changed key "cluster"; true if grants may begin (TRUST_RUN) now. */
bool lost_look_at_cluster(struct ledger *l);
/* Is @rec of this boot of the kernel, and of this network namespace? */
bool lost_is_ours(const struct ledger *l, const struct epoch_rec *rec);
/* Is the store older than the kernel's session? @kv: epoch/ key, or NULL. */
bool lost_is_old(const struct ledger *l, const struct store_kv *kv,
		 const struct epoch_rec *rec);
/* Stop all nodes if this one may, else this one. @said: "cluster" says lost. */
void lost_stop(struct ledger *l, const struct store_kv *kv,
	       const struct epoch_rec *rec, bool said);
/* Do the keys in the answer to a conflict prove that the store went back? */
bool lost_conflict(const struct ledger *l, const struct store_kv *kvs,
		   size_t n);
/* Put "cluster" with a join, a leave or (@claimed) a claim; false: bad key. */
bool lost_put_cluster(struct ledger *l, bool claimed);

#endif /* CGSPAN_LEDGER_LOST_H */
