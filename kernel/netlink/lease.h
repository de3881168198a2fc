/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_LEASE_H
#define CGSPAN_NETLINK_LEASE_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

extern const struct nla_policy cgspan_nl_lease_set_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_peer_set_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_lease_set(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_peer_set(struct sk_buff *skb, struct genl_info *info);

#endif /* CGSPAN_NETLINK_LEASE_H */
