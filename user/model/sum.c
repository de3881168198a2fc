// SPDX-License-Identifier: GPL-2.0
#include "sum.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void sums_sort(struct sum *sums, size_t n)
{
	if (n)
		qsort(sums, n, sizeof(*sums), by_id);
}

static bool is_better(const struct sum *s, uint32_t res, uint64_t headroom,
		      const char *node)
{
	if (headroom != s->headroom[res])
		return headroom > s->headroom[res];
	return s->node[res] && strcmp(node, s->node[res]) < 0;
}

static void add_item(struct sum *s, const struct usage_item *item,
		     const char *node)
{
	s->used[item->res] += item->used;
	if (!node || !is_better(s, item->res, item->headroom, node))
		return;
	s->headroom[item->res] = item->headroom;
	s->node[item->res] = node;
}

void sums_add(struct sum *sums, size_t n, const struct usage_rec *usage,
	      const char *node)
{
	for (size_t i = 0; n && i < usage->n; i++) {
		const struct sum key = { .id = usage->items[i].group };
		struct sum *s = bsearch(&key, sums, n, sizeof(*sums), by_id);

		if (s)
			add_item(s, &usage->items[i], node);
	}
}
