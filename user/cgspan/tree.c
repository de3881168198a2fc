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

enum {
	F_GROUP, F_RESOURCE, F_USED, F_LIMIT, F_HERE, F_LEASE, F_NODES, F_AGE,
	F_LIVE, F_PEAK, F_REFUSALS, F_REFUSED_TASKS, F_FORKS, F_EXECS, F_EXITS,
	F_MEMBERS, F_ON_EXPIRY, F_CREDIT, F_LOW, F_EXHAUSTED, F_ORPHAN, F_ID,
	F_RESERVED, F_CPU, F_MEMORY, F_MEMORY_PEAK, F_MAX_RSS, F_VOLUNTARY,
	F_INVOLUNTARY, F_MAJOR_FAULTS,
};

static const struct field fields[] = {
	[F_GROUP] = { "group", UNIT_PATH, false },
	[F_RESOURCE] = { "resource", UNIT_TEXT, false },
	[F_USED] = { "used", UNIT_COUNT, false },
	[F_LIMIT] = { "limit", UNIT_AMOUNT, false },
	[F_HERE] = { "here", UNIT_COUNT, false },
	[F_LEASE] = { "lease", UNIT_AMOUNT, false },
	[F_NODES] = { "nodes", UNIT_COUNT, false },
	[F_AGE] = { "age_ms", UNIT_MS, false },
	[F_LIVE] = { "live", UNIT_COUNT, true },
	[F_PEAK] = { "peak", UNIT_COUNT, true },
	[F_REFUSALS] = { "refusals", UNIT_COUNT, true },
	[F_REFUSED_TASKS] = { "refused_forks", UNIT_COUNT, true },
	[F_FORKS] = { "forks", UNIT_COUNT, true },
	[F_EXECS] = { "execs", UNIT_COUNT, true },
	[F_EXITS] = { "exits", UNIT_COUNT, true },
	[F_MEMBERS] = { "members", UNIT_COUNT, true },
	[F_ON_EXPIRY] = { "on_expiry", UNIT_TEXT, true },
	[F_CREDIT] = { "credit", UNIT_TEXT, true },
	[F_LOW] = { "low", UNIT_COUNT, true },
	[F_EXHAUSTED] = { "exhausted", UNIT_FLAG, true },
	[F_ORPHAN] = { "orphan", UNIT_FLAG, true },
	[F_ID] = { "id", UNIT_COUNT, true },
	[F_RESERVED] = { "reserved", UNIT_COUNT, true },
	[F_CPU] = { "cpu_ns", UNIT_NS, true },
	[F_MEMORY] = { "memory", UNIT_BYTES, true },
	[F_MEMORY_PEAK] = { "memory_peak", UNIT_BYTES, true },
	[F_MAX_RSS] = { "max_rss", UNIT_BYTES, true },
	[F_VOLUNTARY] = { "voluntary", UNIT_COUNT, true },
	[F_INVOLUNTARY] = { "involuntary", UNIT_COUNT, true },
	[F_MAJOR_FAULTS] = { "major_faults", UNIT_COUNT, true },
};

/* One read of the kernel. */
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

	/* Read the clock last: no figure is younger. */
	return ret ? ret : cmd_node(c, &v->node, &v->session, err);
}

/* A slash sorts first, so that subgroups follow their parent. */
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

/* The sum over all nodes; unknown until the peers' figures have come. */
static void sum_fill(struct table *t, const struct view *v,
		     const struct cgspan_res *r)
{
	uint64_t age;

	if (v->session.state == CGSPAN_SESSION_NONE) {
		table_num(t, F_USED, r->used);
		table_num(t, F_NODES, 1);
	} else if (r->has_peer) {
		age = v->node.clock > r->peer_time ?
		      v->node.clock - r->peer_time : 0;
		table_num(t, F_USED, r->used + r->peer_used);
		table_num(t, F_NODES, 1 + (uint64_t)r->peer_nodes);
		if (r->peer_nodes)
			table_num(t, F_AGE, age / NSEC_PER_MSEC);
	}
}

static void res_fill(struct table *t, const struct cgspan_node *node,
		     const struct cgspan_res *r)
{
	table_text(t, F_RESOURCE, resource_name(node, r->id));
	table_num(t, F_LIMIT, r->limit);
	table_num(t, F_HERE, r->used);
	table_num(t, F_LEASE, r->lease);
	table_num(t, F_RESERVED, r->reserved);
	table_num(t, F_PEAK, r->peak);
	table_num(t, F_REFUSALS, r->refusals);
	table_num(t, F_LOW, r->low);
	table_num(t, F_EXHAUSTED, r->exhausted);
	table_text(t, F_CREDIT, cgspan_credit_name(r->credit));
}

static void group_fill(struct table *t, const struct cgspan_group *g)
{
	table_text(t, F_GROUP, g->path);
	table_num(t, F_ID, g->id);
	table_num(t, F_LIVE, g->live);
	table_num(t, F_FORKS, g->forks);
	table_num(t, F_EXECS, g->execs);
	table_num(t, F_EXITS, g->exits);
	table_num(t, F_REFUSED_TASKS, g->refusals);
	table_num(t, F_MEMBERS, g->members);
	table_num(t, F_ORPHAN, g->flags & CGSPAN_GROUP_F_ORPHAN);
	table_text(t, F_ON_EXPIRY, cgspan_expiry_name(g->on_expiry));
	table_num(t, F_CPU, g->cpu);
	table_num(t, F_MAX_RSS, g->max_rss);
	table_num(t, F_VOLUNTARY, g->voluntary);
	table_num(t, F_INVOLUNTARY, g->involuntary);
	table_num(t, F_MAJOR_FAULTS, g->major_faults);
	if (g->measured) {
		table_num(t, F_MEMORY, g->memory);
		table_num(t, F_MEMORY_PEAK, g->memory_peak);
	}
}

static void view_fill(struct table *t, const struct view *v)
{
	unsigned int r;
	size_t i;

	for (i = 0; i < v->n; i++)
		for (r = 0; r < v->groups[i].n_res; r++) {
			table_row(t);
			group_fill(t, &v->groups[i]);
			res_fill(t, &v->node, &v->groups[i].res[r]);
			sum_fill(t, v, &v->groups[i].res[r]);
		}
}

/* Explains the table below it. */
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
	struct table t = TABLE(fields, SHAPE_ROWS);
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
