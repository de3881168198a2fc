// SPDX-License-Identifier: GPL-2.0
/* The tree of groups. */
#include "selftest.h"

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

static struct cgspan_group *__init test_create(struct cgspan_tree *tree,
					       const char *path, int on_expiry)
{
	return cgspan_group_create(tree, path, on_expiry, &test_ack);
}

static bool __init test_tree(struct cgspan_tree *tree)
{
	struct cgspan_group *a, *b;

	a = test_create(tree, "/a", CGSPAN_ON_EXPIRY_HOLD);
	expect(!IS_ERR(a));
	b = test_create(tree, "/a/b", -1);
	expect(!IS_ERR(b));

	expect(b->on_expiry == CGSPAN_ON_EXPIRY_HOLD);
	expect(b->top == a && b->depth == 2 && b->parent == a);
	expect(cgspan_group_contains(a, b) && !cgspan_group_contains(b, a));
	expect(cgspan_group_root(b) == tree->root);
	expect(test_create(tree, "/a", -1) == ERR_PTR(-EEXIST));
	expect(test_create(tree, "/x/y", -1) == ERR_PTR(-ENOENT));
	expect(test_create(tree, "/a/c", CGSPAN_ON_EXPIRY_CONTINUE) ==
	       ERR_PTR(-EINVAL));
	expect(cgspan_group_get_by_path(tree, "/a/b") == b);
	cgspan_group_put(b);
	expect(cgspan_group_get_by_id(tree, a->id) == a);
	cgspan_group_put(a);

	expect(cgspan_group_remove(a, &test_ack) == -EBUSY);
	expect(!cgspan_group_remove(b, &test_ack));
	expect(!cgspan_group_get_by_path(tree, "/a/b"));
	expect(!cgspan_group_remove(a, &test_ack));
	return true;
}

/* Set the counters of "/" to their initial state. */
void __init cgspan_selftest_reset(struct cgspan_tree *tree)
{
	struct cgspan_counter *counter;
	u32 res;

	for (res = 0; res < __CGSPAN_RES_LAST; res++) {
		counter = &tree->root->shares[res].counter;
		cgspan_counter_init(counter, NULL, CGSPAN_MAX, counter->tell);
	}
}

bool __init cgspan_tree_selftest(struct cgspan_tree *tree)
{
	bool ok;

	mutex_lock(&tree->lock);
	ok = test_paths() && test_tree(tree);
	mutex_unlock(&tree->lock);
	return ok;
}
