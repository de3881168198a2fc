/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hardware watchdog, for groups whose on-expiry is reset. It is armed while
 * such a group has members, a lease or use here. It is fed unless such a group
 * has use past the session's deadline: then the machine resets, at the latest
 * one time-out after the deadline. While armed, the machine also resets if the
 * daemon hangs, or is stopped and not started again within the time-out.
 */
#ifndef CGSPAN_WATCHDOG_H
#define CGSPAN_WATCHDOG_H

struct cgspan_err;
struct enforce;
struct enforce_view;
struct watchdog;

/**
 * watchdog_new() - a watchdog, not armed
 * @out: free it with watchdog_free()
 * @path: of its device; must outlive the watchdog; NULL: there is none
 * @timeout_ms: reset the machine after so long without feeding; whole seconds
 * @err: set on error
 *
 * Return: 0 or -ENOMEM.
 */
int watchdog_new(struct watchdog **out, const char *path,
		 unsigned int timeout_ms, struct cgspan_err *err);

/**
 * watchdog_free() - free it; an armed device stays armed
 */
void watchdog_free(struct watchdog *w);

/**
 * watchdog_guard() - arm, feed or disarm, as the groups need it now
 * @e: the kernel, whose session is read if a reset group has use
 * @v: the groups; call again within a quarter of the time-out
 * @err: set on error
 *
 * Return: 0, or a negative errno: the device cannot be armed, so no group may
 * get a lease.
 */
int watchdog_guard(struct watchdog *w, struct enforce *e,
		   const struct enforce_view *v, struct cgspan_err *err);

/**
 * watchdog_disarm() - disarm the device, if it is armed: no group needs it
 */
void watchdog_disarm(struct watchdog *w);

#endif /* CGSPAN_WATCHDOG_H */
