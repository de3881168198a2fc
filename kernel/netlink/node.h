/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_NODE_H
#define CGSPAN_NETLINK_NODE_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_node;

extern const struct nla_policy cgspan_nl_node_set_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_renew_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_leave_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_session(struct sk_buff *skb, struct cgspan_node *node);

int cgspan_nl_node_get(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_node_set(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_session_renew(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_session_leave(struct sk_buff *skb, struct genl_info *info);

#endif /* CGSPAN_NETLINK_NODE_H */
