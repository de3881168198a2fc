/* SPDX-License-Identifier: GPL-2.0 */
/* cgspand as a service of systemd, where that runs. */
#ifndef CGSPAN_SERVICE_H
#define CGSPAN_SERVICE_H

struct cgspan_err;

/**
 * service_enable() - start the daemon, now and with the machine
 * @err: why not
 *
 * Return: 0; 1: systemd does not run here; or a negative errno.
 */
int service_enable(struct cgspan_err *err);

/**
 * service_disable() - stop it, now and with the machine
 * @err: why not
 *
 * Return: 0, also where systemd does not run or has no such service; or a
 * negative errno.
 */
int service_disable(struct cgspan_err *err);

#endif /* CGSPAN_SERVICE_H */
