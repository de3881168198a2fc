/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_HOLDER_H
#define CGSPAN_NETLINK_HOLDER_H

struct netlink_ext_ack;
struct nlattr;
struct pid;

int cgspan_nl_get_holder(struct nlattr *pid, struct nlattr *pidfd,
			 struct pid **holder, struct netlink_ext_ack *extack);

#endif /* CGSPAN_NETLINK_HOLDER_H */
