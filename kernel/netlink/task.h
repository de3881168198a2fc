/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_TASK_H
#define CGSPAN_NETLINK_TASK_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

extern const struct genl_ops cgspan_nl_task_ops[1];

#endif /* CGSPAN_NETLINK_TASK_H */
