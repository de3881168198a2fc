// SPDX-License-Identifier: GPL-2.0
/* Charges in a tree of groups. */
#include "selftest.h"

static struct netlink_ext_ack test_ack;

static struct cgspan_group *__init test_create(struct cgspan_tree *tree,
					       const char *path, int on_expiry)
{
	return cgspan_group_create(tree, path, on_expiry, &test_ack);
}

static u64 __init test_set(struct cgspan_group *group, u64 lease)
{
	u64 used;

	return cgspan_share_set_lease(&group->shares[CGSPAN_RES_TASKS], lease,
				      0, false, &used);
}

/* As under the lock of a record, which all of these are called with. */
static int __init test_fork(struct cgspan_group *group, bool force)
{
	int ret;

	local_irq_disable();
	ret = cgspan_charge_fork(group, force, NULL);
	local_irq_enable();
	return ret;
}

static void __init test_unfork(struct cgspan_group *group)
{
	local_irq_disable();
	cgspan_charge_unfork(group, NULL);
	local_irq_enable();
}

static void __init test_move(struct cgspan_group *from,
			     struct cgspan_group *to)
{
	local_irq_disable();
	cgspan_charge_move(from, to, true, NULL);
	local_irq_enable();
}

/* The chain refuses where its narrowest lease is, and nothing stays charged. */
static bool __init test_charges(struct cgspan_tree *tree)
{
	struct cgspan_group *a, *b, *c;

	a = test_create(tree, "/a", -1);
	b = test_create(tree, "/a/b", -1);
	c = test_create(tree, "/c", -1);
	expect(!IS_ERR(a) && !IS_ERR(b) && !IS_ERR(c));

	expect(test_set(a, 2) == 2);
	expect(!test_fork(b, false));
	expect(!test_fork(b, false));
	expect(test_fork(b, false) == -EAGAIN);
	expect(cgspan_group_tasks(a) == 2 && cgspan_group_tasks(b) == 2);
	expect(!test_fork(b, true));
	expect(cgspan_group_tasks(a) == 3);
	test_unfork(b);
	expect(test_set(a, 1) == 2);
	expect(cgspan_group_remove(b, &test_ack) == -EBUSY);

	/* Out of the subtree, within it, and away. */
	test_move(b, c);
	expect(cgspan_group_tasks(a) == 1 && cgspan_group_tasks(c) == 1);
	test_move(b, a);
	expect(cgspan_group_tasks(a) == 1 && !cgspan_group_tasks(b));
	expect(cgspan_group_tasks(tree->root) == 2);
	test_move(a, NULL);
	test_move(c, NULL);
	expect(!cgspan_group_tasks(tree->root));

	expect(!cgspan_group_remove(c, &test_ack));
	expect(!cgspan_group_remove(b, &test_ack));
	expect(!cgspan_group_remove(a, &test_ack));
	return true;
}

bool __init cgspan_charge_selftest(struct cgspan_tree *tree)
{
	bool ok;

	mutex_lock(&tree->lock);
	ok = test_charges(tree);
	mutex_unlock(&tree->lock);
	return ok;
}
