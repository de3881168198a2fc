/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_DEBUG_H
#define CGSPAN_DEBUG_H

void cgspan_debug_init(void);
void cgspan_debug_exit(void);

#endif /* CGSPAN_DEBUG_H */
