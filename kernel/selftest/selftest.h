/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The self-test, run when the module is loaded into a debug kernel (see Kbuild); if
 * it fails, the module does not load. kernel/counter.c includes its source, so that
 * it can call static functions.
 */
#ifndef CGSPAN_SELFTEST_H
#define CGSPAN_SELFTEST_H

#include <linux/types.h>

#ifdef CGSPAN_SELFTEST
bool cgspan_selftest(void);
#else
static inline bool cgspan_selftest(void)
{
	return true;
}
#endif

#endif /* CGSPAN_SELFTEST_H */
