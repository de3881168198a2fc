/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Self-tests, run when the module is loaded into a debug kernel (see Kbuild); if
 * one fails, the module does not load. The file under test includes its test, so
 * that the test reaches static functions. A test leaves nothing behind.
 */
#ifndef CGSPAN_SELFTEST_H
#define CGSPAN_SELFTEST_H

#include <linux/printk.h>
#include <linux/types.h>

struct cgspan_session;
struct cgspan_tree;

#ifdef CGSPAN_SELFTEST

#define expect(condition) do {						\
	if (!(condition)) {						\
		pr_err("cgspan: self-test failed: %s:%d: %s\n",		\
		       __FILE__, __LINE__, #condition);			\
		return false;						\
	}								\
} while (0)

void cgspan_selftest_reset(struct cgspan_tree *tree);
bool cgspan_counter_selftest(void);
bool cgspan_tree_selftest(struct cgspan_tree *tree);
bool cgspan_charge_selftest(struct cgspan_tree *tree);
bool cgspan_session_selftest(struct cgspan_session *session);
bool cgspan_grant_selftest(struct cgspan_tree *tree);

/* In the node of the initial namespace. */
static inline bool cgspan_selftest(struct cgspan_tree *tree,
				   struct cgspan_session *session)
{
	return cgspan_counter_selftest() && cgspan_tree_selftest(tree) &&
	       cgspan_charge_selftest(tree) &&
	       cgspan_session_selftest(session) && cgspan_grant_selftest(tree);
}

#else

static inline bool cgspan_selftest(struct cgspan_tree *tree,
				   struct cgspan_session *session)
{
	return true;
}

#endif

#endif /* CGSPAN_SELFTEST_H */
