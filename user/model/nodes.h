/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions on the set of nodes: one that leaves, one that is off, and all
 * of them after the store was lost. Pure, and driven as those of desired.h.
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
 * The node's daemon then returns all leases and removes its keys, node/<node>
 * last: the command waits until that key is gone. Marked already: 0 with an
 * empty transaction.
 *
 * Return: 0; -ENOENT: not registered; -EPERM: it is fenced; -EBADMSG; -ENOMEM.
 */
int nodes_leave(struct txn *t, const struct kvs *kvs, const char *node,
		struct cgspan_err *err);

/**
 * nodes_fence() - the next step of fencing a node
 * @by: what said that the node is off: a node's name, "admin", NODES_RECOVER
 * @hb_rev: mod_rev of hb/<node> when a fence agent switched the node off; it
 *	must be the same still. 0: an administrator says so, and hb/ does not
 *	matter; or NODES_FINISH
 *
 * The caller must know that the machine is off. The first step marks its epoch
 * as fenced, which makes void what it may still have sent; each further one
 * returns some of its leases to the pools. Read, build and send until nothing
 * is left; after CONFLICT or UNKNOWN read again. Any number of nodes may fence
 * one node at a time, and stop after any step.
 *
 * Return: 1: @t is the next step; 0: nothing is left to do; -ENOENT: no such
 * node; -ESTALE: its heartbeat is not that of @hb_rev; -EBADMSG; -ENOMEM.
 */
int nodes_fence(struct txn *t, const struct kvs *kvs, const char *node,
		const char *by, int64_t hb_rev, struct cgspan_err *err);

/* Rebuild a lost store from what the kernels hold: each of @nodes must claim
 * that before anything is granted; all others must be fenced, by NODES_RECOVER.
 * @identity is store_identity(). May be repeated: each call starts the recovery
 * with its own list of nodes. 0; -EBADMSG; -ENOMEM.
 */
int nodes_recover(struct txn *t, const struct kvs *kvs,
		  const char *identity, const struct names *nodes,
		  struct cgspan_err *err);

#endif /* CGSPAN_NODES_H */
