/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the kernel's groups agree with the store, and binds the configuration's
 * members. A member that cannot be bound is logged once, and is no error.
 * Functions with @err return 0 or a negative errno, with the reason in @err;
 * then try again later.
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
 * reconcile_bind() - bind the members before anything is known from the store
 * @joined: the kernel has a session, so its groups and leases are kept
 *
 * Without a session, makes the missing groups of the members, with leases of 0:
 * they admit no new tasks until the ledger sets the leases.
 */
int reconcile_bind(struct enforce *e, struct config *config, bool joined,
		   struct cgspan_err *err);

/**
 * reconcile_groups() - make groups agree with the store; bind members
 * @e: the kernel; this process must own the session
 * @l: has the groups of the store
 * @config: its members are read again from @config_path
 * @config_path: the file of the configuration
 * @pending: set to the number of groups to be removed that are still in use
 * @err: set on error
 */
int reconcile_groups(struct enforce *e, const struct ledger *l,
		     struct config *config, const char *config_path,
		     size_t *pending, struct cgspan_err *err);

/**
 * reconcile_freezer() - give the kernel the cgroup.freeze of a member
 * @m: ignored unless its cgroup exists and the kernel lacks the file
 */
void reconcile_freezer(struct enforce *e, const struct cgspan_member *m);

/**
 * reconcile_freezers() - reconcile_freezer() for all members
 */
int reconcile_freezers(struct enforce *e, struct cgspan_err *err);

/**
 * reconcile_clear() - after LEAVE: no members, no group but "/", its leases max
 */
int reconcile_clear(struct enforce *e, struct cgspan_err *err);

#endif /* CGSPAN_RECONCILE_H */
