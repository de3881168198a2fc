/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_DEBUG_H
#define CGSPAN_DEBUG_H

struct cgspan_group;

void cgspan_debug_init(void);
void cgspan_debug_exit(void);
void cgspan_debug_add(struct cgspan_group *group);
void cgspan_debug_remove(struct cgspan_group *group);

#endif /* CGSPAN_DEBUG_H */
