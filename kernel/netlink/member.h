/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_MEMBER_H
#define CGSPAN_NETLINK_MEMBER_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_member;

int cgspan_nl_fill_member(struct sk_buff *skb, const struct cgspan_member *member,
			  const char *path);

extern const struct genl_ops cgspan_nl_member_ops[3];

#endif /* CGSPAN_NETLINK_MEMBER_H */
