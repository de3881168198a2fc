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
	/* Without this rule no fork is refused; demo/controls detects it. */
	CGSPAN_BUG_GATE_OFF,
	/* Without this rule the root's held is from @used: unit/counter detects it. */
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
