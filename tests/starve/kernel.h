/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A kernel in memory: stands in for libcgspan's requests, so that a daemon runs
 * without the module. It keeps leases as the module does, for tasks alone. Its
 * struct kernel lies in memory that another process shares, which says how many
 * tasks are wanted in KERNEL_GROUP, and reads what has become of that.
 */
#ifndef CGSPAN_STARVE_KERNEL_H
#define CGSPAN_STARVE_KERNEL_H

#include <stdatomic.h>
#include <stdint.h>

#define KERNEL_GROUP	"/job"

/**
 * struct kernel - what both sides see
 * @wanted: tasks; after a change, write to @wake
 * @lease: of KERNEL_GROUP
 * @since: set to 0 before, and then: when the lease grew for the first time, ns
 *	of loop_now()
 * @wake: an eventfd: the daemon's notifications
 */
struct kernel {
	_Atomic uint64_t wanted;
	_Atomic uint64_t lease;
	_Atomic uint64_t since;
	int wake;
};

/* This process is the daemon on this kernel, from now on. */
void kernel_use(struct kernel *k);

#endif /* CGSPAN_STARVE_KERNEL_H */
