// SPDX-License-Identifier: GPL-2.0
/* cgspan admit: grant amounts of a group to a command or a process. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "field.h"
#include "verbs.h"

enum { F_ID, F_STATE };

static const struct field fields[] = {
	[F_ID] = { "id", UNIT_COUNT, false },
	[F_STATE] = { "state", UNIT_TEXT, false },
};

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

/* The holder is the command, which this process becomes, or the parent. */
static int args_read(struct cmd *c, struct cgspan_grant_conf *conf,
		     struct cgspan_limit *amounts, struct cgspan_err *err)
{
	int ret;

	conf->amounts = amounts;
	conf->dry_run = cmd_arg(c, "--dry-run");
	ret = cmd_group(c, "GROUP", &conf->group, err);
	if (!ret)
		ret = cmd_limits(c, amounts, &conf->n_amounts, err);
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

static int outcome_print(struct cmd *c, const struct cgspan_grant *grant,
			 struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);

	if (grant->id)
		table_num(&t, F_ID, grant->id);
	table_text(&t, F_STATE, cgspan_grant_state_name(grant->state));
	return table_print(&t, c, err);
}

static int command_run(char **words, struct cgspan_err *err)
{
	execvp(words[0], words);
	return cgspan_err_set(err, -errno, "cannot run %.200s: %s", words[0],
			      strerror(errno));
}

/* Reports what lacks, and a node that has it, while the request waits. */
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

static int admit(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_limit amounts[CGSPAN_RES_MAX + 1];
	struct cgspan_grant_conf conf = { .queued = queued_print, .arg = c };
	struct cgspan_grant grant = {};
	struct cgspan *k;
	int ret;

	ret = args_read(c, &conf, amounts, err);
	if (!ret)
		ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_grant_admit(k, &conf, &grant, err);
	cgspan_close(k);
	if (ret)
		return ret;
	if (c->rest)
		return command_run(c->rest, err);
	return outcome_print(c, &grant, err);
}

static const struct arg args[] = {
	{ "GROUP", NULL, ARG_WORD, false, false },
	ARG_LIMITS,
	{ "wait", "MS", ARG_KEY, true, false },
	{ "pid", "PID", ARG_KEY, true, false },
	{ "--dry-run", NULL, ARG_FLAG, true, false },
	{ "COMMAND", NULL, ARG_REST, true, true },
	{}
};

const struct verb verb_admit = {
	.name = "admit",
	.help = "hold amounts in a group until a command or a process ends",
	.args = args,
	.fn = admit,
};
