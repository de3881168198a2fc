// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan admit, release and grants: hold amounts of a group for a command or
 * a process, end a grant, list the grants of this node.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "field.h"
#include "resource.h"
#include "verbs.h"

/* --- admit ------------------------------------------------------------- */

static int number_read(struct cmd *c, const char *name, uint32_t *out,
		       struct cgspan_err *err)
{
	const char *text = cmd_arg(c, name);
	uint64_t val;

	if (!text)
		return 0;
	if (cgspan_amount_parse(text, &val, NULL) || val > INT32_MAX)
		return cmd_usage(c, err, "\"%.40s\" after \"%s\" is no number that fits",
				 text, name);
	*out = val;
	return 0;
}

/*
 * Fill @conf. The holder is the process "pid", if given; else this process, if
 * it will become a command; else the parent of this process.
 */
static int args_read(struct cmd *c, struct cgspan_grant_conf *conf,
		     struct cgspan_limit *amounts, struct cgspan_err *err)
{
	int ret;

	conf->amounts = amounts;
	conf->dry_run = cmd_arg(c, "--dry-run");
	ret = cmd_group(c, "GROUP", &conf->group, err);
	if (!ret)
		ret = resource_amounts(c, amounts, &conf->n_amounts, err);
	if (!ret)
		ret = number_read(c, "wait", &conf->wait_ms, err);
	if (!ret)
		ret = number_read(c, "pid", &conf->pid, err);
	if (ret)
		return ret;
	if (!conf->n_amounts)
		return cmd_usage(c, err, "no amount is given: write cpu 500, tasks 4 ...");
	if (c->rest && (conf->pid || conf->dry_run || !c->rest[0]))
		return cmd_usage(c, err,
				 "the command after \"--\" is the holder: pid and --dry-run are not allowed with it");
	if (!conf->pid)
		conf->pid = c->rest ? getpid() : getppid();
	return 0;
}

/* As text, report what a waiting request lacks, and a node with headroom. */
static void queued_print(void *arg, const struct cgspan_grant *grant)
{
	const struct cmd *c = arg;
	const char *name = cgspan_res_name(grant->res);

	if (c->format != FORMAT_TEXT)
		return;
	if (!grant->group[0] || !name)
		fprintf(stderr, "cgspan: waiting behind earlier requests");
	else
		fprintf(stderr, "cgspan: waiting: %s lacks %" PRIu64 " of %s",
			grant->group, grant->missing, name);
	if (grant->node[0])
		fprintf(stderr, "; node %s has headroom for %" PRIu64,
			grant->node, grant->headroom);
	fputc('\n', stderr);
}

static int outcome_print(struct cmd *c, const struct cgspan_grant *grant,
			 struct cgspan_err *err)
{
	const struct field r[] = {
		{ "id", UNIT_COUNT, .num = grant->id, .unknown = !grant->id },
		{ "state", UNIT_TEXT,
		  .text = cgspan_grant_state_name(grant->state) },
	};

	return result_print(c, r, ARRAY_SIZE(r), err, NULL);
}

static int admit(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_limit amounts[CGSPAN_RES_MAX + 1];
	struct cgspan_grant_conf conf = { .queued = queued_print, .arg = c };
	struct cgspan_grant grant = {};
	int ret;

	ret = args_read(c, &conf, amounts, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	if (!ret)
		ret = cgspan_grant_admit(c->kernel, &conf, &grant, err);
	if (ret)
		return ret;
	if (c->rest) {
		execvp(c->rest[0], c->rest);
		return cgspan_err_set(err, -errno, "cannot run %.200s: %s",
				      c->rest[0], strerror(errno));
	}
	return outcome_print(c, &grant, err);
}

const struct verb verb_admit = {
	.name = "admit",
	.help = "hold amounts in a group until a command or a process ends",
	.fn = admit,
	.args = {
		{ "GROUP", NULL, ARG_WORD, false, false },
		ARG_LIMITS,
		{ "wait", "MS", ARG_KEY, true, false },
		{ "pid", "PID", ARG_KEY, true, false },
		{ "--dry-run", NULL, ARG_FLAG, true, false },
		{ "COMMAND", NULL, ARG_REST, true, true },
	},
};

/* --- release ----------------------------------------------------------- */

static int release(struct cmd *c, struct cgspan_err *err)
{
	const char *text = cmd_arg(c, "ID");
	uint64_t id;
	int ret;

	if (cgspan_amount_parse(text, &id, NULL) || !id || id == CGSPAN_MAX)
		return cmd_usage(c, err, "\"%.40s\" is no grant's id: \"cgspan grants\" lists them",
				 text);
	ret = cmd_kernel(c, err);
	return ret ? ret : cgspan_grant_release(c->kernel, id, err);
}

const struct verb verb_release = {
	.name = "release",
	.help = "end a grant, or take a request from the queue",
	.fn = release,
	.args = {
		{ "ID", NULL, ARG_WORD, false, false },
	},
};

/* --- grants ------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
	const struct cgspan_grant *p = a, *q = b;

	return (p->id > q->id) - (p->id < q->id);
}

static void grant_row(struct table *t, const struct cgspan_node *node,
		      const struct cgspan_grant *g)
{
	char amounts[(CGSPAN_RES_MAX + 1) * (CGSPAN_RES_NAME_LEN + 24)] = "";
	const struct field row[] = {
		{ "id", UNIT_COUNT, .num = g->id },
		{ "group", UNIT_TEXT, .text = g->group },
		{ "state", UNIT_TEXT,
		  .text = cgspan_grant_state_name(g->state) },
		{ "amounts", UNIT_WORDS, .text = amounts },
		{ "spent", UNIT_COUNT, .num = g->spent, .more = true },
		{ "pid", UNIT_COUNT, .num = g->pid, .unknown = g->port },
		{ "port", UNIT_COUNT, .num = g->port, .unknown = !g->port,
		  .more = true },
	};
	size_t len = 0;
	uint32_t res;

	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		if (g->amounts[res])
			len += sprintf(amounts + len, "%s%s=%" PRIu64,
				       len ? " " : "", resource_name(node, res),
				       g->amounts[res]);
	table_row(t, row, ARRAY_SIZE(row));
}

static int grants(struct cmd *c, struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	struct cgspan_grant *list;
	struct cgspan_node node;
	const char *group;
	size_t i, n;
	int ret;

	ret = cmd_group(c, "GROUP", &group, err);
	if (!ret)
		ret = cmd_node(c, &node, NULL, err);
	if (!ret)
		ret = cgspan_grant_list(c->kernel, group, &list, &n, err);
	if (ret)
		return ret;
	if (n)
		qsort(list, n, sizeof(*list), by_id);
	grant_row(&t, &node, &(struct cgspan_grant){});
	for (i = 0; i < n; i++)
		grant_row(&t, &node, &list[i]);
	free(list);
	return table_print(&t, c, err);
}

const struct verb verb_grants = {
	.name = "grants",
	.help = "list grants, and requests that wait, on this node",
	.fn = grants,
	.args = {
		{ "GROUP", NULL, ARG_WORD, true, false },
	},
};
