/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UNIT_KERNEL_BUG_H
#define TESTS_UNIT_KERNEL_BUG_H

#include <stdlib.h>

#define WARN_ON_ONCE(x) ((x) ? abort() : (void)0)

#endif /* TESTS_UNIT_KERNEL_BUG_H */
