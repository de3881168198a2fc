// SPDX-License-Identifier: GPL-2.0
/* cgspan tree: show the groups, with sums over all nodes and on this one. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "field.h"
#include "resource.h"
#include "verbs.h"

#define NSEC_PER_MSEC	1000000ULL
#define WATCH_MS	1000

/* The groups and the node, read once from the kernel. */
struct view {
	struct cgspan_group *groups;
	size_t n;
	struct cgspan_node node;
	struct cgspan_session session;
};

static int view_read(struct view *v, struct cmd *c, struct cgspan_err *err)
{
	int ret = cgspan_group_list(c->kernel, cmd_arg(c, "GROUP"), &v->groups,
				    &v->n, err);

	/* Read the clock last: no figure is then newer than the clock. */
	return ret ? ret : cmd_node(c, &v->node, &v->session, err);
}

/* Sort "/" before other characters, so that subgroups follow their parent. */
static int by_path(const void *a, const void *b)
{
	const char *p = ((const struct cgspan_group *)a)->path;
	const char *q = ((const struct cgspan_group *)b)->path;

	while (*p && *p == *q) {
		p++;
		q++;
	}
	return (*p == '/' ? 1 : (unsigned char)*p) -
	       (*q == '/' ? 1 : (unsigned char)*q);
}

/* The sum over all nodes is unknown until the peers' figures have come. */
static void res_row(struct table *t, const struct view *v,
		    const struct cgspan_group *g, const struct cgspan_res *r)
{
	bool alone = v->session.state == CGSPAN_SESSION_NONE;
	bool unknown = !alone && !r->has_peer;
	uint64_t peers = alone ? 0 : r->peer_nodes;
	uint64_t age = v->node.clock > r->peer_time ?
		       v->node.clock - r->peer_time : 0;
	const struct field row[] = {
		{ "group", UNIT_PATH, .text = g->path },
		{ "resource", UNIT_TEXT,
		  .text = resource_name(&v->node, r->id) },
		{ "used", UNIT_COUNT, .unknown = unknown,
		  .num = r->used + (alone ? 0 : r->peer_used) },
		{ "limit", UNIT_AMOUNT, .num = r->limit },
		{ "here", UNIT_COUNT, .num = r->used },
		{ "lease", UNIT_AMOUNT, .num = r->lease },
		{ "nodes", UNIT_COUNT, .num = 1 + peers, .unknown = unknown },
		{ "age_ms", UNIT_MS, .num = age / NSEC_PER_MSEC,
		  .unknown = unknown || !peers },
		{ "live", UNIT_COUNT, .num = g->live, .more = true },
		{ "peak", UNIT_COUNT, .num = r->peak, .more = true },
		{ "refusals", UNIT_COUNT, .num = r->refusals, .more = true },
		{ "refused_forks", UNIT_COUNT, .num = g->refusals,
		  .more = true },
		{ "forks", UNIT_COUNT, .num = g->forks, .more = true },
		{ "execs", UNIT_COUNT, .num = g->execs, .more = true },
		{ "exits", UNIT_COUNT, .num = g->exits, .more = true },
		{ "members", UNIT_COUNT, .num = g->members, .more = true },
		{ "on_expiry", UNIT_TEXT, .more = true,
		  .text = cgspan_expiry_name(g->on_expiry) },
		{ "credit", UNIT_TEXT, .more = true,
		  .text = cgspan_credit_name(r->credit) },
		{ "low", UNIT_COUNT, .num = r->low, .more = true },
		{ "exhausted", UNIT_FLAG, .num = r->exhausted, .more = true },
		{ "orphan", UNIT_FLAG, .more = true,
		  .num = g->flags & CGSPAN_GROUP_F_ORPHAN },
		{ "id", UNIT_COUNT, .num = g->id, .more = true },
		{ "reserved", UNIT_COUNT, .num = r->reserved, .more = true },
		{ "cpu_ns", UNIT_NS, .num = g->cpu, .more = true },
		{ "memory", UNIT_BYTES, .num = g->memory,
		  .unknown = !g->measured, .more = true },
		{ "memory_peak", UNIT_BYTES, .num = g->memory_peak,
		  .unknown = !g->measured, .more = true },
		{ "max_rss", UNIT_BYTES, .num = g->max_rss, .more = true },
		{ "voluntary", UNIT_COUNT, .num = g->voluntary, .more = true },
		{ "involuntary", UNIT_COUNT, .num = g->involuntary,
		  .more = true },
		{ "major_faults", UNIT_COUNT, .num = g->major_faults,
		  .more = true },
	};

	table_row(t, row, ARRAY_SIZE(row));
}

static void view_fill(struct table *t, const struct view *v)
{
	const struct cgspan_group none = {};
	unsigned int r;
	size_t i;

	res_row(t, v, &none, none.res);
	for (i = 0; i < v->n; i++)
		for (r = 0; r < v->groups[i].n_res; r++)
			res_row(t, v, &v->groups[i], &v->groups[i].res[r]);
}

/* Lines below the table, about what it does not show. */
static void notes_print(const struct view *v)
{
	const struct cgspan_session *s = &v->session;
	bool known = false;
	unsigned int r;
	size_t i;

	for (i = 0; i < v->n; i++)
		for (r = 0; r < v->groups[i].n_res; r++)
			known |= v->groups[i].res[r].has_peer;
	if (s->state == CGSPAN_SESSION_NONE)
		puts("This node is alone: it has not joined a cluster.");
	else if (!known)
		puts("The figures of other nodes are not known yet: HERE and LEASE are of this node.");
	if (s->state == CGSPAN_SESSION_EXPIRED)
		printf("The session expired %.1f s ago: only groups with on-expiry continue admit tasks.\n",
		       (v->node.clock - s->deadline) / 1e9);
}

static int tree_once(struct cmd *c, bool redraw, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	struct view v = {};
	int ret;

	ret = view_read(&v, c, err);
	if (ret)
		return ret;
	if (v.n)
		qsort(v.groups, v.n, sizeof(*v.groups), by_path);
	view_fill(&t, &v);
	if (redraw)
		fputs("\033[H\033[J", stdout);
	ret = table_print(&t, c, err);
	if (!ret && c->format == FORMAT_TEXT && !c->fields)
		notes_print(&v);
	free(v.groups);
	return ret;
}

static int tree_watch(struct cmd *c, struct cgspan_err *err)
{
	bool redraw = c->format == FORMAT_TEXT && isatty(STDOUT_FILENO);
	unsigned int ms = WATCH_MS;
	int ret;

	ret = cmd_seconds(c, "-w", &ms, err);
	while (!ret) {
		ret = tree_once(c, redraw, err);
		if (!redraw && c->format == FORMAT_TEXT)
			putchar('\n');
		if (fflush(stdout))
			return cgspan_err_set(err, -errno,
					      "cannot write the output");
		poll(NULL, 0, ms);
	}
	return ret;
}

static int tree(struct cmd *c, struct cgspan_err *err)
{
	const char *group;
	int ret;

	ret = cmd_group(c, "GROUP", &group, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	if (ret)
		return ret;
	return cmd_arg(c, "-w") ? tree_watch(c, err) : tree_once(c, false, err);
}

const struct verb verb_tree = {
	.name = "tree",
	.help = "show the groups: the sum over all nodes, and this node's part",
	.fn = tree,
	.args = {
		{ "GROUP", NULL, ARG_WORD, true, false },
		{ "-w", "SECONDS", ARG_KEY_OPT, true, false },
	},
};
