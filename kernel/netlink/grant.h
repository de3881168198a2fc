/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_GRANT_H
#define CGSPAN_NETLINK_GRANT_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_amounts;
struct cgspan_answer;
struct cgspan_group;

int cgspan_nl_fill_answer(struct sk_buff *skb, struct cgspan_group *group,
			  const struct cgspan_amounts *amounts,
			  const struct cgspan_answer *answer);
size_t cgspan_nl_answer_size(const struct cgspan_answer *answer);

extern const struct genl_ops cgspan_nl_grant_ops[3];

#endif /* CGSPAN_NETLINK_GRANT_H */
