/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules of the code that tests take out, since a check that cannot fail proves
 * nothing, and places at which tests delay a thread. CGSPAN_BUG is a constant, or
 * in a unit test a variable; in the module that is installed it is CGSPAN_BUG_NONE:
 * all rules hold and nothing is delayed.
 */
#ifndef CGSPAN_BUG_H
#define CGSPAN_BUG_H

/* Above each rule: what happens without it, and the check that detects this. */
enum cgspan_bug {
	CGSPAN_BUG_NONE,
	/* No fork is refused; detected by demo/controls. */
	CGSPAN_BUG_GATE_OFF,
	/* The root computes held from @used, not @room: unit/counter detects it. */
	CGSPAN_BUG_HELD_BY_USED,
};

#ifndef CGSPAN_BUG
#define CGSPAN_BUG CGSPAN_BUG_NONE
#endif

#define cgspan_bug(bug) ((bug) == CGSPAN_BUG)

#ifndef cgspan_delay
#define cgspan_delay() ((void)0)
#endif

#endif /* CGSPAN_BUG_H */
