/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Points where a test kills or delays the daemon or the command, in builds with
 * -DCGSPAN_TEST only. CGSPAN_CRASH=NAME[:COUNT] sends SIGKILL when point
 * NAME is passed for the COUNT-th time, CGSPAN_DELAY=NAME:MS sleeps each time.
 *
 * The name of a point is WHAT-STEP. Of a transaction: its purpose, and "sent"
 * (the store may or may not apply it; a fencing is yet to be sent) or
 * "committed" (it is applied, the answer not acted on). Of a request to kernel
 * or fence agent: its kind, and "before" or, mostly on success only, "after".
 */
#ifndef CGSPAN_CRASH_H
#define CGSPAN_CRASH_H

#ifdef CGSPAN_TEST
void crash_point(const char *what, const char *step);
/* Print the names of all crash points to standard output, one a line. */
void crash_list(void);
#else
static inline void crash_point(const char *what, const char *step)
{
	(void)what;
	(void)step;
}
#endif

#endif /* CGSPAN_CRASH_H */
