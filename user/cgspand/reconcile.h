/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the groups and members of the kernel agree with desired state: groups
 * from the store, members from the configuration.
 */
#ifndef CGSPAN_RECONCILE_H
#define CGSPAN_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;
struct cgspan_member;
struct config;
struct ledger;
struct enforce;

/* Name of the daemon's program, as /proc/PID/comm has it. */
#define DAEMON_NAME	"cgspand"

/**
 * struct reconcile_result - what is left to do
 * @unbound: members of the configuration that could not be bound
 * @pending: groups to be removed that are still in use
 */
struct reconcile_result {
	size_t unbound;
	size_t pending;
};

/**
 * reconcile_bind() - bind the members before anything is known from the store
 * @e: the kernel
 * @config: its members; one that cannot be bound is logged and marked as told
 * @joined: the kernel has a session, so its groups and leases are kept
 * @res: filled
 * @err: set on error
 *
 * Without a session, makes the groups that the members need, with leases of 0:
 * they admit no new tasks until the ledger sets the leases. Logs and counts each
 * member that cannot be bound.
 *
 * Return: 0 or a negative errno.
 */
int reconcile_bind(struct enforce *e, struct config *config, bool joined,
		   struct reconcile_result *res, struct cgspan_err *err);

/**
 * reconcile_groups() - make groups and members agree with the store
 * @e: the kernel; this process must own the session
 * @l: has the groups of the store
 * @config: its members are read again from @config_path
 * @config_path: the file of the configuration
 * @res: filled
 * @err: set on error; try again later
 *
 * Return: 0 or a negative errno.
 */
int reconcile_groups(struct enforce *e, const struct ledger *l,
		     struct config *config, const char *config_path,
		   struct reconcile_result *res, struct cgspan_err *err);

/**
 * reconcile_freezer() - give the kernel the cgroup.freeze of a member
 * @e: the kernel
 * @m: the member; ignored unless its cgroup exists and the kernel lacks the file
 */
void reconcile_freezer(struct enforce *e, const struct cgspan_member *m);

/**
 * reconcile_freezers() - reconcile_freezer() for all members
 * @e: the kernel
 * @err: set on error
 *
 * Return: 0 or a negative errno.
 */
int reconcile_freezers(struct enforce *e, struct cgspan_err *err);

/**
 * reconcile_clear() - remove all members and groups after LEAVE
 * @e: the kernel
 * @err: set on error
 *
 * Return: 0 or a negative errno.
 */
int reconcile_clear(struct enforce *e, struct cgspan_err *err);

#endif /* CGSPAN_RECONCILE_H */
