/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver: gives the ledger facts from the kernel and the store, and carries
 * out its intentions. All state that matters is in the kernel and the store: a
 * run after a crash at any point reads it from there.
 */
#ifndef CGSPAN_DRIVER_H
#define CGSPAN_DRIVER_H

struct cgspan_err;
struct config;
struct driver;
struct sd_event;

/* What the driver works with; all of it must outlive the driver. */
struct driver_conf {
	struct sd_event *event;	/* the loop, which the driver may end */
	/* The configuration; its members are read again when groups change */
	struct config *config;
	/* The configuration's file, read again when groups change */
	const char *config_path;
	/* Called at most once: members are bound, leases (old or new) hold */
	void (*ready)(void);
};

/**
 * driver_new() - connect to kernel and store, and bind the members
 * @out: free it with driver_free()
 * @conf: copied
 * @err: set on error; a store that is down is none: the event loop waits for it
 *
 * Return: 0 or a negative errno.
 */
int driver_new(struct driver **out, const struct driver_conf *conf,
	       struct cgspan_err *err);

/**
 * driver_free() - disconnect; kernel and store keep session and leases
 */
void driver_free(struct driver *d);

#endif /* CGSPAN_DRIVER_H */
