/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_CGFILE_H
#define CGSPAN_CGFILE_H

#include <linux/types.h>

struct file;

bool cgspan_cgfile_is(const struct file *file, const char *name);
u64 cgspan_cgfile_cgroup(const struct file *file);
bool cgspan_cgfile_is_writable(int fd, const char *name, u64 id);

#endif /* CGSPAN_CGFILE_H */
