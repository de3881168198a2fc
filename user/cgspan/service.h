/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon: a service of systemd, and the owner of this node's session. */
#ifndef CGSPAN_SERVICE_H
#define CGSPAN_SERVICE_H

#include "libcgspan/cgspan.h"

/*
 * Let systemd start the daemon now and at each boot, without a wait for it.
 * Return: 0; 1: systemd does not run here; or a negative errno.
 */
int service_enable(struct cgspan_err *err);

/*
 * Stop the daemon, and do not start it at boot; sleeps. Does nothing if systemd
 * does not run or has not enabled the service. Return: 0 or a negative errno.
 */
int service_disable(struct cgspan_err *err);

/**
 * service_wait() - wait for the state of the session; sleeps
 * @k: the kernel
 * @live: wait until the session is live; else until there is none
 * @deadline: ms of sync_now()
 * @err: why it failed; not set with -ETIME
 *
 * Return: 0; -ETIME: the deadline has passed; or another negative errno.
 */
int service_wait(struct cgspan *k, bool live, uint64_t deadline,
		 struct cgspan_err *err);

#endif /* CGSPAN_SERVICE_H */
