/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_HOOK_H
#define CGSPAN_HOOK_H

#include <linux/types.h>

struct netlink_ext_ack;

int cgspan_hook_init(void);
void cgspan_hook_exit(void);
int cgspan_hook_attach(struct netlink_ext_ack *extack);
void cgspan_hook_detach(void);
bool cgspan_hook_attached(void);
int cgspan_hook_barrier(void (*fn)(void *arg), void *arg);

#endif /* CGSPAN_HOOK_H */
