/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-tests, run when the module is loaded into a kernel that looks for faults
 * (see Kbuild): it does not load if one fails. Each is included by the file
 * that it tests, and so reaches what is static there; it leaves nothing behind,
 * or the module would not load, anyway.
 */
#ifndef CGSPAN_SELFTEST_H
#define CGSPAN_SELFTEST_H

#include <linux/printk.h>
#include <linux/types.h>

#ifdef CGSPAN_SELFTEST

#include "../group.h"

#define expect(condition) do {						\
	if (!(condition)) {						\
		pr_err("cgspan: self-test failed: %s:%d: %s\n",		\
		       __FILE__, __LINE__, #condition);			\
		return false;						\
	}								\
} while (0)

/* The counters of a group "/" as they are in the beginning. */
static inline void cgspan_selftest_reset(struct cgspan_group *root)
{
	struct cgspan_counter *counter;
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		counter = &root->shares[res].counter;
		cgspan_counter_init(counter, NULL, CGSPAN_MAX, counter->tell);
	}
}

bool cgspan_counter_selftest(void);
bool cgspan_group_selftest(void);
bool cgspan_session_selftest(void);
bool cgspan_grant_selftest(void);

static inline bool cgspan_selftest(void)
{
	return cgspan_counter_selftest() && cgspan_group_selftest() &&
	       cgspan_session_selftest() && cgspan_grant_selftest();
}

#else

static inline bool cgspan_selftest(void)
{
	return true;
}

#endif

#endif /* CGSPAN_SELFTEST_H */
