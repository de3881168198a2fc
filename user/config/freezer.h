/* SPDX-License-Identifier: GPL-2.0 */
/* The file cgroup.freeze, which the kernel needs to freeze a member. */
#ifndef CGSPAN_FREEZER_H
#define CGSPAN_FREEZER_H

struct cgspan_member_conf;

/*
 * Opens cgroup.freeze of the cgroup @m->cgroup into @m->freeze_fd. The file may
 * be missing: the root has none, and the directory may not exist yet. If the
 * group needs it, the kernel refuses the member.
 */
void freezer_open(struct cgspan_member_conf *m);

/* After the request: the kernel has taken its own reference to the file. */
void freezer_close(struct cgspan_member_conf *m);

#endif /* CGSPAN_FREEZER_H */
