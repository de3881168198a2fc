/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_GRANT_H
#define CGSPAN_NETLINK_GRANT_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

struct cgspan_answer;
struct cgspan_group;

extern const struct nla_policy cgspan_nl_admit_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_release_policy[CGSPAN_A_MAX + 1];
extern const struct nla_policy cgspan_nl_grant_get_policy[CGSPAN_A_MAX + 1];

int cgspan_nl_fill_answer(struct sk_buff *skb, struct cgspan_group *group,
			  const u64 *amounts,
			  const struct cgspan_answer *answer);
size_t cgspan_nl_answer_size(const struct cgspan_answer *answer);

int cgspan_nl_grant_admit(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_grant_release(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_grant_get(struct sk_buff *skb, struct genl_info *info);
int cgspan_nl_grant_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* CGSPAN_NETLINK_GRANT_H */
