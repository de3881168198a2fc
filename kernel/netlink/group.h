/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_GROUP_H
#define CGSPAN_NETLINK_GROUP_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_group;

/* Most bytes of a description of a resource, and of a group with all resources. */
#define SHARE_SIZE	(nla_total_size(0) +				\
			 2 * nla_total_size(sizeof(u32)) +		\
			 3 * nla_total_size(sizeof(u8)) +		\
			 14 * nla_total_size_64bit(sizeof(u64)) +	\
			 nla_total_size(CGSPAN_NAME_LEN + 1))
#define GROUP_SIZE	(nla_total_size(0) +				\
			 2 * nla_total_size(sizeof(u32)) +		\
			 nla_total_size(sizeof(u8)) +			\
			 15 * nla_total_size_64bit(sizeof(u64)) +	\
			 nla_total_size(CGSPAN_PATH_LEN + 1) +		\
			 __CGSPAN_RES_LAST * SHARE_SIZE)

extern const struct nla_policy cgspan_nl_group_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_group_name(struct sk_buff *skb, struct cgspan_group *group);
int cgspan_nl_fill_shares(struct sk_buff *skb, struct cgspan_group *group);

extern const struct genl_ops cgspan_nl_group_ops[4];

#endif /* CGSPAN_NETLINK_GROUP_H */
