/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_GROUP_H
#define CGSPAN_NETLINK_GROUP_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_group;

extern const struct nla_policy cgspan_nl_group_new_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_group_set_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_group_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_group_name(struct sk_buff *skb, struct cgspan_group *group);
int cgspan_nl_fill_shares(struct sk_buff *skb, struct cgspan_group *group);

int cgspan_nl_group_new(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_group_set(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_group_del(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_group_get(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_group_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* CGSPAN_NETLINK_GROUP_H */
