/* SPDX-License-Identifier: GPL-2.0 */
/* Names the crash point (config/crash.h) of an intention of the ledger. */
#ifndef CGSPAN_CRASH_WHAT_H
#define CGSPAN_CRASH_WHAT_H

struct cgspan;
struct ledger;
struct ledger_intent;

#ifdef CGSPAN_TEST
/* The purpose of a LEDGER_TXN or a LEDGER_LEASE_SET; a constant string. */
const char *crash_what(struct cgspan *kernel, const struct ledger *l,
		       const struct ledger_intent *in);
#else
static inline const char *crash_what(struct cgspan *kernel,
				     const struct ledger *l,
				     const struct ledger_intent *in)
{
	(void)kernel;
	(void)l;
	(void)in;
	return "";
}
#endif

#endif /* CGSPAN_CRASH_WHAT_H */
