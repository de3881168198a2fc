/* SPDX-License-Identifier: GPL-2.0 */
/* The files of a cgroup that the kernel needs to bind it. */
#ifndef CGSPAN_MEMBER_FILE_H
#define CGSPAN_MEMBER_FILE_H

struct cgspan_member_conf;

/*
 * Open the files of the cgroup @m->cgroup: its cgroup.freeze, and its parent's
 * (the root's own) cgroup.procs and cgroup.kill, which prove to the kernel that
 * the caller may move and kill its tasks. Skip a file that does not open: the
 * root has no cgroup.freeze and no cgroup.kill, and the directory may not exist
 * yet. If the kernel needs a file that was skipped, it refuses the member.
 */
void member_file_open(struct cgspan_member_conf *m);

/* Close the files after the request: the kernel references what it keeps. */
void member_file_close(struct cgspan_member_conf *m);

#endif /* CGSPAN_MEMBER_FILE_H */
