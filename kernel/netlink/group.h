/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_GROUP_H
#define CGSPAN_NETLINK_GROUP_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_group;

extern const struct nla_policy cgspan_nl_group_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_group_name(struct sk_buff *skb, struct cgspan_group *group);
int cgspan_nl_fill_shares(struct sk_buff *skb, struct cgspan_group *group);

extern const struct genl_ops cgspan_nl_group_ops[4];

#endif /* CGSPAN_NETLINK_GROUP_H */
