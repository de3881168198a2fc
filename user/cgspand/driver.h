/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver: hands the ledger what kernel and store say, and carries out what
 * it intends. It holds no state of its own that matters: after a crash at any
 * point the next run finds all in the kernel and the store.
 */
#ifndef CGSPAN_DRIVER_H
#define CGSPAN_DRIVER_H

struct cgspan_err;
struct config;
struct driver;
struct sd_event;

/**
 * struct driver_conf - what it works with; all outlive the driver
 * @event: the event loop; ended with sd_event_exit()
 * @config: as read at the start; its members follow the file
 * @config_path: the file, read again when groups change
 * @ready: told once, when members are bound and leases are in force
 * @arg: for @ready
 */
struct driver_conf {
	struct sd_event *event;
	struct config *config;
	const char *config_path;
	void (*ready)(void *arg);
	void *arg;
};

/**
 * driver_new() - connect to kernel and store, bind the members, begin
 * @out: free it with driver_free()
 * @conf: copied
 * @err: why it failed
 *
 * A store that is down is waited for, in the loop.
 *
 * Return: 0 or a negative errno.
 */
int driver_new(struct driver **out, const struct driver_conf *conf,
	       struct cgspan_err *err);

/**
 * driver_free() - end; kernel and store keep all they have
 * @d: may be NULL
 */
void driver_free(struct driver *d);

#endif /* CGSPAN_DRIVER_H */
