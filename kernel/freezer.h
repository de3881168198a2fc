/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_FREEZER_H
#define CGSPAN_FREEZER_H

#include <linux/types.h>

struct file;
struct netlink_ext_ack;

struct file *cgspan_freezer_get(int fd, struct netlink_ext_ack *extack);
int cgspan_freezer_set(struct file *freezer, bool frozen);

#endif /* CGSPAN_FREEZER_H */
