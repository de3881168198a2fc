/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Places where a test kills the daemon, or "cgspan fence" (with SIGKILL at the
 * COUNT-th passage, CGSPAN_CRASH=NAME[:COUNT]), or holds it up
 * (CGSPAN_DELAY=NAME:MS). Only in a build with -DCGSPAN_TEST; in any other they
 * are nothing at all.
 *
 * A name has two parts. For a transaction: what it is for, then "sent" (on its
 * way to the store) or "committed" (applied, and not yet acted upon). For the
 * kernel or a fence agent: what is asked for, then "before" or "after".
 */
#ifndef CGSPAN_CRASH_H
#define CGSPAN_CRASH_H

#ifdef CGSPAN_TEST
void crash_point(const char *what, const char *step);
/* Every name to standard output, one a line. */
void crash_list(void);
#else
static inline void crash_point(const char *what, const char *step)
{
	(void)what;
	(void)step;
}
#endif

#endif /* CGSPAN_CRASH_H */
