/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_TASK_H
#define CGSPAN_NETLINK_TASK_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

int cgspan_nl_task_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* CGSPAN_NETLINK_TASK_H */
