/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_NODE_H
#define CGSPAN_NETLINK_NODE_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_node;

int cgspan_nl_fill_session(struct sk_buff *skb, struct cgspan_node *node);

extern const struct genl_ops cgspan_nl_node_ops[4];

#endif /* CGSPAN_NETLINK_NODE_H */
