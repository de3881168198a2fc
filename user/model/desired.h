/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions of the command on desired state, and on a dead node. Pure: what
 * the store says in, a transaction out.
 *
 * How the command drives them:
 *
 *	1. read the prefixes of desired_prefixes[], in that order, into one
 *	   struct kvs; for desired_fence() also "lease/<node>/" and the
 *	   key hb/<node>;
 *	2. build the transaction from it and send it;
 *	3. APPLIED: done, its revision is what ack/<node> must reach;
 *	   CONFLICT: somebody was faster: again from 1;
 *	   UNKNOWN: again from 1, and look whether the group is already as
 *	   wanted: a set is idempotent; a create that finds its own group, and
 *	   a delete that finds none or one in state deleting, has succeeded.
 */
#ifndef CGSPAN_DESIRED_H
#define CGSPAN_DESIRED_H

#include "codec.h"
#include "kvs.h"
#include "txn.h"

struct cgspan_err;

/* What to read, in this order ("cluster" first: it pins the set of nodes);
 * NULL ends it. "cluster" is a key, the others are prefixes.
 */
extern const char *const desired_prefixes[];

/* Who fences those that a recovery leaves out: see desired_fence(). */
#define DESIRED_RECOVER	"recover"
#define DESIRED_FINISH	(-1)

/**
 * struct desired_change - what an admin asks for
 * @limit_set: this resource's limit is in @limit
 * @limit: CGSPAN_MAX: none
 * @guarantee_set: this resource's guarantee is in @guarantee
 * @guarantee: 0: none
 * @on_expiry_set: the policy is in @on_expiry
 * @on_expiry: enum cgspan_on_expiry
 */
struct desired_change {
	bool limit_set[RES_N];
	uint64_t limit[RES_N];
	bool guarantee_set[RES_N];
	uint64_t guarantee[RES_N];
	bool on_expiry_set;
	uint8_t on_expiry;
};

/**
 * desired_create() - make a group
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @path: of the new group; its parent must exist
 * @c: limits not set are "max"; a policy not set is the parent's
 * @err: why not
 *
 * Return: 0; -EEXIST; -ENOENT (no parent); -EBUSY (parent is being deleted);
 * -EINVAL (path, a policy weaker than the parent's, guarantee above the limit);
 * -EBADMSG (a value in the store is broken); -ENOMEM.
 */
int desired_create(struct txn *t, const struct kvs *d, const char *path,
		   const struct desired_change *c, struct cgspan_err *err);

/**
 * desired_set() - change a group; "/" can always be set
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @path: of the group
 * @c: what is not set stays
 * @err: why not
 *
 * A limit that is raised grows the pool (debt is paid first); lowered, it
 * drains the pool, and the rest becomes debt. From "max" to a number every node
 * in session must first claim what it uses. Nothing to change: 0 with an empty
 * transaction (@t->view.n_ops == 0); the group's mod_rev is then what acks
 * must reach.
 *
 * Return: as desired_create(); -ENOENT: no such group; -EBUSY: it is being
 * deleted.
 */
int desired_set(struct txn *t, const struct kvs *d, const char *path,
		const struct desired_change *c, struct cgspan_err *err);

/**
 * desired_delete() - put a group into state deleting
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @path: of the group
 * @err: why not
 *
 * The nodes remove it from their kernels and give their leases back; the last
 * one removes group/<path>: until it is gone the deletion is pending. With no
 * node in session the transaction removes it at once. A group in state deleting
 * already: 0 with an empty transaction.
 *
 * Return: 0; -ENOENT; -EBUSY: children, or a node (named) has tasks in it, or
 * "/"; -EBADMSG; -ENOMEM.
 */
int desired_delete(struct txn *t, const struct kvs *d, const char *path,
		   struct cgspan_err *err);

/**
 * desired_leave() - mark node/<node> as leaving
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @node: its name
 * @err: why not
 *
 * Its daemon then hands everything back and removes its keys; node/<node> is
 * the last one: the command waits for that key to go. Marked already: 0 with an
 * empty transaction.
 *
 * Return: 0; -ENOENT: not registered; -EPERM: it is fenced; -EBADMSG; -ENOMEM.
 */
int desired_leave(struct txn *t, const struct kvs *d, const char *node,
		  struct cgspan_err *err);

/**
 * desired_fence() - the next step of fencing a node
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @node: which
 * @by: who says that it is off: a node's name, "admin", or DESIRED_RECOVER
 * @hb_rev: mod_rev of hb/<node> that a fence agent's verdict is about: it must
 *	not have moved since; 0: an admin's word, whatever hb/ says;
 *	DESIRED_FINISH: only what a fence that has begun has left to do
 * @err: why not
 *
 * The caller must know that the machine is off. The first step marks its epoch
 * as fenced, which makes all that it may still have under way void; each
 * further one gives some of its leases back to the pools. Read, build, send,
 * until nothing is left: any number of fencers may do so at once, and stop
 * anywhere. After CONFLICT or UNKNOWN simply read and go on.
 *
 * Return: 1: @t is the next step; 0: nothing is left to do; -ENOENT: no such
 * node; -ESTALE: with @hb_rev: it has shown a heartbeat since; -EBADMSG;
 * -ENOMEM.
 */
int desired_fence(struct txn *t, const struct kvs *d, const char *node,
		  const char *by, int64_t hb_rev, struct cgspan_err *err);

/**
 * desired_recover() - the store has gone back: rebuild it from the kernels
 * @t: an initialised, empty transaction
 * @d: what the store says
 * @identity: store_identity()
 * @nodes: all that there are: each must claim what its kernel holds before
 *	anything is granted again; the others have to be fenced, by
 *	DESIRED_RECOVER
 * @err: why not
 *
 * Begins anew where it was begun before.
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int desired_recover(struct txn *t, const struct kvs *d,
		    const char *identity, const struct names *nodes,
		    struct cgspan_err *err);

#endif /* CGSPAN_DESIRED_H */
