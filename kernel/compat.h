/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels this module is built for, 6.1 and later.
 * The code is written for the newest; nothing else looks at the version.
 */
#ifndef CGSPAN_COMPAT_H
#define CGSPAN_COMPAT_H

#include <linux/ftrace.h>
#include <linux/hrtimer.h>
#include <linux/version.h>
#include <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define ftrace_regs_set_instruction_pointer(fregs, ip) \
	ftrace_instruction_pointer_set(fregs, ip)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define cgspan_assign_str(dst, src) __assign_str(dst, src)
#else
#define cgspan_assign_str(dst, src) __assign_str(dst)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *timer),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* The attributes of a dump request. */
static inline struct nlattr **cgspan_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

#endif /* CGSPAN_COMPAT_H */
