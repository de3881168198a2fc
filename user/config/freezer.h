/* SPDX-License-Identifier: GPL-2.0 */
/* The cgroup.freeze of a member, which the kernel wants with it. */
#ifndef CGSPAN_FREEZER_H
#define CGSPAN_FREEZER_H

struct cgspan_member_conf;

/**
 * freezer_open() - open the cgroup.freeze of a cgroup to be bound
 * @m: its path; what was opened is put in, to be closed by freezer_close()
 *
 * Nothing is put in where there is none: the directory is not there yet, or is
 * the root. The kernel says so where it must have one.
 */
void freezer_open(struct cgspan_member_conf *m);

/**
 * freezer_close() - the kernel has its own reference now
 * @m: from freezer_open()
 */
void freezer_close(struct cgspan_member_conf *m);

#endif /* CGSPAN_FREEZER_H */
