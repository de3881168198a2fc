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

static bool is_better(const struct sum *s, const struct usage_item *item,
		      const char *node)
{
	const char *best = s->node[item->res];

	if (item->headroom != s->headroom[item->res])
		return item->headroom > s->headroom[item->res];
	return best && strcmp(node, best) < 0;
}

void sums_add(struct sum *sums, size_t n, const struct usage_rec *usage,
	      const char *node)
{
	for (size_t i = 0; n && i < usage->n; i++) {
		const struct sum key = { .id = usage->items[i].group };
		struct sum *s = bsearch(&key, sums, n, sizeof(*sums), by_id);
		const struct usage_item *item = &usage->items[i];

		if (!s)
			continue;
		s->used[item->res] += item->used;
		if (!node || !is_better(s, item, node))
			continue;
		s->headroom[item->res] = item->headroom;
		s->node[item->res] = node;
	}
}
