/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_MEMBER_H
#define CGSPAN_NETLINK_MEMBER_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_member;

extern const struct nla_policy cgspan_nl_member_add_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_member_del_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_member(struct sk_buff *skb, const struct cgspan_member *member,
			  const char *path);

int cgspan_nl_member_add(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_member_del(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_member_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* CGSPAN_NETLINK_MEMBER_H */
