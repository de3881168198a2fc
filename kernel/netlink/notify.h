/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_NOTIFY_H
#define CGSPAN_NETLINK_NOTIFY_H

#include <linux/types.h>

struct cgspan_answer;
struct cgspan_grant;
struct cgspan_group;
struct cgspan_member;
struct cgspan_node;
struct llist_node;

void cgspan_netlink_tell_group(struct cgspan_group *group, unsigned long bits);
void cgspan_netlink_tell_member(struct cgspan_member *member,
				unsigned long bits);
void cgspan_netlink_tell_session(struct cgspan_node *node, unsigned long bits);
bool cgspan_netlink_exits_heard(void);
void cgspan_netlink_tell_grant(struct cgspan_grant *grant,
			       const struct cgspan_answer *answer);
void cgspan_netlink_tell_exits(struct llist_node *exits);

#endif /* CGSPAN_NETLINK_NOTIFY_H */
