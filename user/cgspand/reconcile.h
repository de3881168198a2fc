/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's tree of groups and members, made to agree with desired state:
 * groups from the store, members from the configuration.
 */
#ifndef CGSPAN_TREE_H
#define CGSPAN_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;
struct cgspan_member;
struct config;
struct ledger;
struct node;

/* Name of the daemon's program, as /proc/PID/comm has it. */
#define DAEMON_NAME	"cgspand"

/**
 * struct tree_result - what is left to do
 * @unbound: members of the configuration that could not be bound
 * @pending: groups to be removed that are still in use
 */
struct tree_result {
	size_t unbound;
	size_t pending;
};

/**
 * tree_bind() - bind the members before anything is known from the store
 * @n: the node
 * @config: its members; what cannot be bound is marked as told
 * @joined: the kernel has a session: its groups and leases are as they shall be
 * @res: filled
 * @err: why it failed
 *
 * On a node without a session the groups that the members need are made, with
 * leases that admit nothing beyond what is there, until the ledger sets them.
 * A member that cannot be bound is logged and counted.
 *
 * Return: 0 or a negative errno.
 */
int tree_bind(struct node *n, struct config *config, bool joined,
	      struct tree_result *res, struct cgspan_err *err);

/**
 * tree_reconcile() - make groups and members agree with the store
 * @n: the node; it must own the session
 * @l: knows the groups of the store
 * @config: its members, likewise
 * @res: filled
 * @err: why it failed; to be tried again
 *
 * Return: 0 or a negative errno.
 */
int tree_reconcile(struct node *n, const struct ledger *l,
		   struct config *config, struct tree_result *res,
		   struct cgspan_err *err);

/**
 * tree_freezer() - give the kernel the cgroup.freeze that a member misses
 * @n: the node
 * @m: the member; only where its directory has been made (again) it misses one
 */
void tree_freezer(struct node *n, const struct cgspan_member *m);

/**
 * tree_freezers() - tree_freezer() for all members
 * @n: the node
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int tree_freezers(struct node *n, struct cgspan_err *err);

/**
 * tree_clear() - remove all members and groups after LEAVE
 * @n: the node
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int tree_clear(struct node *n, struct cgspan_err *err);

#endif /* CGSPAN_TREE_H */
