/* SPDX-License-Identifier: GPL-2.0 */
/* The daemon as a service of systemd. */
#ifndef CGSPAN_SERVICE_H
#define CGSPAN_SERVICE_H

struct cgspan_err;

/**
 * service_enable() - start the daemon, now and at each boot; sleeps
 * @err: why not
 *
 * Return: 0; 1: systemd does not run here; or a negative errno.
 */
int service_enable(struct cgspan_err *err);

/**
 * service_disable() - stop it, now and at each boot; sleeps
 * @err: why not
 *
 * Return: 0, also if systemd does not run or does not know the service; or a
 * negative errno.
 */
int service_disable(struct cgspan_err *err);

#endif /* CGSPAN_SERVICE_H */
