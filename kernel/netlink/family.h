/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_FAMILY_H
#define CGSPAN_NETLINK_FAMILY_H

int cgspan_nl_family_init(void);
void cgspan_nl_family_exit(void);

#endif /* CGSPAN_NETLINK_FAMILY_H */
