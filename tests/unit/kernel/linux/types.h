/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the kernel that kernel/counter.c needs, for a program. */
#ifndef TESTS_UNIT_KERNEL_TYPES_H
#define TESTS_UNIT_KERNEL_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define S64_MAX INT64_MAX

#endif /* TESTS_UNIT_KERNEL_TYPES_H */
