/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transactions on desired state. Pure: what the store says in, a transaction
 * out.
 *
 * How a command drives them:
 *
 *	1. read the prefixes of desired_prefixes[], in that order, into one
 *	   struct kvs;
 *	2. build the transaction from it and send it;
 *	3. APPLIED: done; each ack/<node> must reach the answer's revision;
 *	   CONFLICT: another transaction was faster: again from 1;
 *	   UNKNOWN: again from 1, and see whether the group is already as
 *	   wanted: a set is idempotent; a create that finds its own group, and
 *	   a delete that finds no group or one in state deleting, has succeeded.
 */
#ifndef CGSPAN_DESIRED_H
#define CGSPAN_DESIRED_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stdint.h>

#include "kvs.h"
#include "record.h"
#include "txn.h"

struct cgspan_err;
struct group_at;

/* What to read, in this order, up to NULL: the key "cluster" first, so that its
 * compare proves the set of nodes unchanged since; then prefixes.
 */
extern const char *const desired_prefixes[];

/* Changes to a group: a value counts only if its "_set" is true. */
struct desired_change {
	bool limit_set[RES_N];
	uint64_t limit[RES_N];		/* the limit; CGSPAN_MAX: none */
	bool guarantee_set[RES_N];
	uint64_t guarantee[RES_N];	/* the guarantee; 0: none */
	bool on_expiry_set;
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
};

/* Each function adds to @t, which must be empty except for desired_remove(). */

/* Create the group @path, whose parent must exist. A limit that is not set is
 * "max", a policy that is not set is the parent's. 0; -EEXIST; -ENOENT: no
 * parent; -EBUSY: the parent is being deleted; -EINVAL, -ENAMETOOLONG: a bad
 * path; -EINVAL: a policy weaker than the parent's, a guarantee above the
 * limit; -EBADMSG: the store is damaged; -ENOMEM.
 */
int desired_create(struct txn *t, const struct kvs *kvs, const char *path,
		   const struct desired_change *c, struct cgspan_err *err);

/**
 * desired_set() - change a group, or "/"
 *
 * What a limit gains pays debt, and the rest is free in the pool. What it loses
 * is taken from the pool; what that lacks becomes debt. After "max" every node
 * not fenced must first claim what it uses. Nothing to change in a key that
 * exists: 0, no change in @t; acks must then reach the group's mod_rev.
 *
 * Return: as desired_create(), but -ENOENT: no such group; -EBUSY: it is being
 * deleted; -EINVAL also: the policy of a group below is weaker.
 */
int desired_set(struct txn *t, const struct kvs *kvs, const char *path,
		const struct desired_change *c, struct cgspan_err *err);

/**
 * desired_delete() - put a group into state deleting
 *
 * The nodes remove it from their kernels and return their leases; the last one
 * removes group/<path>: the deletion is pending while that key exists. If all
 * nodes are fenced, the transaction removes it at once. If it is already in
 * state deleting: 0 with an empty transaction.
 *
 * Return: 0; -ENOENT; -EBUSY: it has children, or a live node uses it, or it
 * is "/"; -EINVAL, -ENAMETOOLONG: a bad path; -EBADMSG; -ENOMEM.
 */
int desired_delete(struct txn *t, const struct kvs *kvs, const char *path,
		   struct cgspan_err *err);

/* Remove a group's key and all its accounts. @t may have changes already, and
 * must have room for these. 0; -EBADMSG; -ENOMEM.
 */
int desired_remove(struct txn *t, const struct kvs *kvs, const char *path,
		   const struct group_at *g, struct cgspan_err *err);

#endif /* CGSPAN_DESIRED_H */
