/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_SCHED_H
#define CGSPAN_NETLINK_SCHED_H

#include <net/genetlink.h>

extern const struct genl_ops cgspan_nl_sched_ops[1];

#endif /* CGSPAN_NETLINK_SCHED_H */
