/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_NOTIFY_H
#define CGSPAN_NETLINK_NOTIFY_H

void cgspan_nl_notify_connect(void);
void cgspan_nl_notify_disconnect(void);

#endif /* CGSPAN_NETLINK_NOTIFY_H */
