/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_UNIT_KERNEL_MINMAX_H
#define TESTS_UNIT_KERNEL_MINMAX_H

#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define min(a, b) min_t(__typeof__(a), a, b)
#define max(a, b) max_t(__typeof__(a), a, b)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)

#endif /* TESTS_UNIT_KERNEL_MINMAX_H */
