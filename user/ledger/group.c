// SPDX-License-Identifier: GPL-2.0
#include "group.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lgroup *group_new(const char *path)
{
	struct lgroup *g = calloc(1, sizeof(*g));

	if (g)
		g->path = strdup(path);
	if (g && g->path)
		return g;
	group_free(g);
	return NULL;
}

void group_free(struct lgroup *g)
{
	if (!g)
		return;
	free(g->wants);
	free(g->path);
	free(g);
}

void group_pool_prefix(char key[KEY_LEN], uint64_t id)
{
	snprintf(key, KEY_LEN, "pool/%" PRIu64 "/", id);
}

uint64_t group_amount(const struct lgroup *g, int res)
{
	const struct lease_res *r = &g->lease.res[res];

	return r->gen == g->rec.gen[res] ? r->amount : 0;
}

void group_is_absent(struct lgroup *g, int res)
{
	g->res[res].kernel = 0;
	g->res[res].known = false;
	g->res[res].used = 0;
}
