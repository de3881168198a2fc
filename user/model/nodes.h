/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions on the set of nodes: leave, fence (a node that is off), recover
 * (all nodes, if the store was lost). Pure, and driven as those of desired.h.
 */
#ifndef CGSPAN_NODES_H
#define CGSPAN_NODES_H

#include <stdint.h>

#include "kvs.h"
#include "names.h"
#include "txn.h"

struct cgspan_err;

/* @by of nodes_fence() for nodes that a recovery does not list. */
#define NODES_RECOVER	"recover"
/* @hb_rev of nodes_fence(): only finish a fencing that has begun. */
#define NODES_FINISH	(-1)

/* Each function adds to @t, initialised and empty, the next transaction. */

/**
 * nodes_leave() - mark node/<node> as leaving
 *
 * The node's daemon then returns all leases, and last removes node/<node> and
 * its other keys: the command waits until node/<node> is gone. If it is already
 * marked: 0 with an empty transaction.
 *
 * Return: 0; -ENOENT: no node/ key; -EPERM: not in session; -EBADMSG; -ENOMEM.
 */
int nodes_leave(struct txn *t, const struct kvs *kvs, const char *node,
		struct cgspan_err *err);

/**
 * nodes_fence() - the next step of fencing a node
 * @by: what fences: a node's name, "admin" or NODES_RECOVER; kept in the epoch
 * @hb_rev: mod_rev of hb/<node> when a fence agent switched the node off; it
 *	must be the same still when the epoch is marked. 0: an administrator or
 *	the node says so, and hb/ does not matter; or NODES_FINISH
 *
 * The caller must know that the node is off. The first step marks its epoch as
 * fenced, which makes void all transactions of the node in flight; each further
 * step returns some of its leases to the pools. Read, build and send until
 * nothing is left; after CONFLICT or UNKNOWN read again. Several nodes may
 * fence the same node at the same time; each may stop after any step.
 *
 * Return: 1: @t is the next step; 0: nothing is left to do; -ENOENT: no epoch/
 * key and no claim awaited; -ESTALE: its heartbeat is not that of @hb_rev, or,
 * with NODES_FINISH, no fencing has begun; -EBADMSG; -ENOMEM.
 */
int nodes_fence(struct txn *t, const struct kvs *kvs, const char *node,
		const char *by, int64_t hb_rev, struct cgspan_err *err);

/* Begin to rebuild a lost store: nothing is granted before each of @nodes has
 * claimed what its kernel holds, or is fenced; the caller must fence all other
 * nodes, @by NODES_RECOVER. @identity is store_identity(). A repeated call
 * begins again, with its own list of nodes. 0; -EBADMSG; -ENOMEM.
 */
int nodes_recover(struct txn *t, const struct kvs *kvs,
		  const char *identity, const struct names *nodes,
		  struct cgspan_err *err);

#endif /* CGSPAN_NODES_H */
