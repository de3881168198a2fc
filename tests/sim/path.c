// SPDX-License-Identifier: GPL-2.0
#include "path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

int path_index(const struct world *w, const char *path)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		if (!strcmp(w->paths[i], path))
			return i;
	return -1;
}

int path_add(struct world *w, const char *path)
{
	int i = path_index(w, path);
	char buf[CGSPAN_PATH_LEN + 1];

	if (i >= 0)
		return i;
	if (w->n_paths == WORLD_GROUPS) {
		fprintf(stderr, "world: too many groups\n");
		abort();
	}
	i = w->n_paths++;
	snprintf(w->paths[i], sizeof(w->paths[0]), "%s", path);
	for (int r = 0; r < RES_N; r++) {
		struct mres *m = &w->mirror[i].res[r];

		m->awaits = need(calloc(w->conf.nodes, sizeof(*m->awaits)));
		m->lease = need(calloc(w->conf.nodes, sizeof(*m->lease)));
	}
	for (unsigned int j = 0; j < w->n_paths; j++)
		w->parents[j] = path_parent(buf, w->paths[j]) ?
				path_index(w, buf) : -1;
	return i;
}

int path_by_id(const struct world *w, uint64_t id)
{
	for (unsigned int i = 0; i < w->n_paths; i++)
		if (w->mirror[i].exists && w->mirror[i].rec.id == id)
			return i;
	return -1;
}
