/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_EXPIRY_H
#define CGSPAN_EXPIRY_H

struct cgspan_group;

int cgspan_expiry_init(void);
void cgspan_expiry_exit(void);
void cgspan_expiry_kick(void);
void cgspan_expiry_flush(void);
void cgspan_expiry_joined(struct cgspan_group *group);

#endif /* CGSPAN_EXPIRY_H */
