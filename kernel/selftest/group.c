// SPDX-License-Identifier: GPL-2.0
/* The tree of groups, and charges in it, in the initial namespace's node. */
#include "selftest.h"

#include <net/net_namespace.h>

static struct netlink_ext_ack test_ack;

static bool __init test_paths(void)
{
	static const char * const right[] = { "/", "/a", "/a/b.c/-_", "/..." };
	static const char * const wrong[] = {
		"", "a", "//", "/a/", "/a//b", "/.", "/a/..", "/a\n", "/\x7f"
	};
	char *path;
	int i, ret;

	for (i = 0; i < ARRAY_SIZE(right); i++)
		expect(!cgspan_group_check_path(right[i], &test_ack));
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		expect(cgspan_group_check_path(wrong[i], &test_ack) == -EINVAL);

	path = kzalloc(2 * CGSPAN_DEPTH_MAX + 3, GFP_KERNEL);
	expect(path);
	for (i = 0; i <= CGSPAN_DEPTH_MAX; i++)
		memcpy(path + 2 * i, "/x", 2);
	ret = cgspan_group_check_path(path, &test_ack);
	path[2 * CGSPAN_DEPTH_MAX] = 0;
	ret = ret == -ENAMETOOLONG ?
	      cgspan_group_check_path(path, &test_ack) : -EINVAL;
	kfree(path);
	expect(!ret);
	return true;
}

static struct cgspan_group *__init test_create(struct cgspan_node *node,
					       const char *path, int on_expiry)
{
	return cgspan_group_create(node, path, on_expiry, &test_ack);
}

static bool __init test_tree(struct cgspan_node *node)
{
	struct cgspan_group *a, *b;

	a = test_create(node, "/a", CGSPAN_ON_EXPIRY_HOLD);
	expect(!IS_ERR(a));
	b = test_create(node, "/a/b", -1);
	expect(!IS_ERR(b));

	expect(b->on_expiry == CGSPAN_ON_EXPIRY_HOLD);
	expect(b->top == a && b->depth == 2 && b->parent == a);
	expect(cgspan_group_contains(a, b) && !cgspan_group_contains(b, a));
	expect(cgspan_group_root(b) == node->root);
	expect(test_create(node, "/a", -1) == ERR_PTR(-EEXIST));
	expect(test_create(node, "/x/y", -1) == ERR_PTR(-ENOENT));
	expect(test_create(node, "/a/c", CGSPAN_ON_EXPIRY_CONTINUE) ==
	       ERR_PTR(-EINVAL));
	expect(cgspan_group_get_by_path(node, "/a/b") == b);
	cgspan_group_put(b);
	expect(cgspan_group_get_by_id(node, a->id) == a);
	cgspan_group_put(a);

	expect(cgspan_group_remove(a, &test_ack) == -EBUSY);
	expect(!cgspan_group_remove(b, &test_ack));
	expect(!cgspan_group_get_by_path(node, "/a/b"));
	expect(!cgspan_group_remove(a, &test_ack));
	return true;
}

static u64 __init test_set(struct cgspan_group *group, u64 lease)
{
	u64 used;

	return cgspan_group_set_lease(&group->shares[CGSPAN_RES_TASKS], lease,
				      0, false, &used);
}

/* As under the lock of a record, which all of these are called with. */
static int __init test_fork(struct cgspan_group *group, bool force)
{
	int ret;

	local_irq_disable();
	ret = cgspan_group_fork(group, force, NULL);
	local_irq_enable();
	return ret;
}

static void __init test_unfork(struct cgspan_group *group)
{
	local_irq_disable();
	cgspan_group_unfork(group, NULL);
	local_irq_enable();
}

static void __init test_move(struct cgspan_group *from,
			     struct cgspan_group *to)
{
	local_irq_disable();
	cgspan_group_move(from, to, true, NULL);
	local_irq_enable();
}

/* The chain refuses where its narrowest lease is, and nothing stays charged. */
static bool __init test_charges(struct cgspan_node *node)
{
	struct cgspan_group *a, *b, *c;

	a = test_create(node, "/a", -1);
	b = test_create(node, "/a/b", -1);
	c = test_create(node, "/c", -1);
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
	expect(cgspan_group_tasks(node->root) == 2);
	test_move(a, NULL);
	test_move(c, NULL);
	expect(!cgspan_group_tasks(node->root));

	expect(!cgspan_group_remove(c, &test_ack));
	expect(!cgspan_group_remove(b, &test_ack));
	expect(!cgspan_group_remove(a, &test_ack));
	return true;
}

bool __init cgspan_group_selftest(void)
{
	struct cgspan_node *node = cgspan_node_of(&init_net);
	bool ok;

	mutex_lock(&node->lock);
	ok = test_paths() && test_tree(node) && test_charges(node);
	mutex_unlock(&node->lock);
	return ok;
}
