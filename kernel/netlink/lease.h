/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NETLINK_LEASE_H
#define CGSPAN_NETLINK_LEASE_H

#include <net/genetlink.h>

#include "../../include/uapi/linux/cgspan.h"

extern const struct genl_ops cgspan_nl_lease_ops[2];

#endif /* CGSPAN_NETLINK_LEASE_H */
