// SPDX-License-Identifier: GPL-2.0
/* Peer hints: the headroom that a node reports, and which node a hint names. */
#include <string.h>

#include "cgspand/enforce_module.h"
#include "model/sum.h"
#include "tap.h"

#define CPU	CGSPAN_RES_CPU

static struct cgspan_group group(const char *path, uint32_t res, uint64_t lease,
				 uint64_t used, uint64_t unspent)
{
	struct cgspan_group g = { .n_res = 1, .res = {
		{ .id = res, .lease = lease, .used = used,
		  .unspent = unspent },
	} };

	strcpy(g.path, path);
	return g;
}

static uint64_t headroom(uint64_t above, uint64_t lease, uint64_t used)
{
	struct cgspan_group groups[] = {
		group("/", CPU, above, used, used),
		group("/web", CGSPAN_RES_TASKS, 5, 0, 0),
		group("/web/a", CPU, lease, used, used),
	};
	const struct cgspan_group *by_path[] = {
		&groups[0], &groups[1], &groups[2],
	};
	const struct enforce_view v = { groups, 3, NULL, by_path };

	return enforce_headroom(&v, &groups[2], CPU);
}

static bool narrowest(void)
{
	CHECK(headroom(CGSPAN_MAX, CGSPAN_MAX, 7) == CGSPAN_MAX);
	CHECK(headroom(CGSPAN_MAX, 1000, 300) == 700);
	CHECK(headroom(900, 1000, 300) == 600);
	CHECK(headroom(2000, 1000, 300) == 700);
	CHECK(!headroom(CGSPAN_MAX, 1000, 1200));
	return true;
}

/* Reserved tasks that are not spent yet reduce headroom; spent ones are in the use. */
static bool reserve(void)
{
	struct cgspan_group g = group("/", CGSPAN_RES_TASKS, 10, 3, 4);
	const struct cgspan_group *by_path[] = { &g };
	const struct enforce_view v = { &g, 1, NULL, by_path };

	CHECK(enforce_headroom(&v, &g, CGSPAN_RES_TASKS) == 3);
	return true;
}

static void add(struct sum *sums, size_t n, const char *node, uint64_t id,
		uint64_t used, uint64_t headroom)
{
	struct usage_item item = {
		.group = id, .res = CPU, .used = used, .headroom = headroom,
	};
	const struct usage_rec usage = { .n = 1, .items = &item };

	sums_add(sums, n, &usage, node);
}

static bool most(void)
{
	struct sum sums[] = { { .id = 9 }, { .id = 4 }, { .id = 2 } };

	sums_sort(sums, 3);
	CHECK(sums[0].id == 2 && sums[2].id == 9);
	add(sums, 3, "n1", 4, 100, 0);
	CHECK(!sums[1].node[CPU]);
	add(sums, 3, "n3", 4, 100, 300);
	add(sums, 3, "n2", 4, 100, 300);
	add(sums, 3, "n4", 4, 100, 200);
	add(sums, 3, "n5", 9, 1, 900);
	add(sums, 3, "n5", 5, 1, 900);
	CHECK(!strcmp(sums[1].node[CPU], "n2") && sums[1].headroom[CPU] == 300);
	CHECK(sums[1].used[CPU] == 400 && !sums[1].used[0]);
	CHECK(!sums[0].node[CPU] && !sums[0].used[CPU]);
	CHECK(!strcmp(sums[2].node[CPU], "n5"));
	return true;
}

static bool silent(void)
{
	struct sum sum = { .id = 4 };

	add(&sum, 1, NULL, 4, 100, 900);
	CHECK(sum.used[CPU] == 100 && !sum.node[CPU]);
	add(&sum, 1, "n1", 4, 100, 10);
	CHECK(sum.used[CPU] == 200 && !strcmp(sum.node[CPU], "n1"));
	return true;
}

static const struct tap_test tests[] = {
	{ narrowest, "headroom is limited by the narrowest lease of all ancestors" },
	{ reserve, "reserved tasks reduce headroom before they are spent" },
	{ most, "the node with the most headroom is chosen" },
	{ silent, "a silent node counts as use, but is not chosen" },
};

int main(void)
{
	return TAP_RUN(tests);
}
