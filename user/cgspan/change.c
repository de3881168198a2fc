// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan create, set and delete: change a group. If the configuration names
 * a store, a change is a transaction there, which the daemons apply to their
 * kernels; if it names none, only this kernel changes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "change_kernel.h"
#include "change_store.h"
#include "field.h"
#include "resource.h"
#include "verbs.h"

#define WAIT_MS		10000

static int on_expiry_read(struct cmd *c, int *policy, struct cgspan_err *err)
{
	const char *text = cmd_arg(c, "on-expiry");

	*policy = text ? cgspan_expiry_find(text) : CGSPAN_ON_EXPIRY_KEEP;
	if (!text || *policy >= 0)
		return 0;
	return cmd_usage(c, err,
			 "\"%.40s\" is no policy: write continue, hold, freeze, kill or reset",
			 text);
}

static int change_read(struct cmd *c, struct change *ch, struct cgspan_err *err)
{
	int ret;

	ret = cmd_group(c, "GROUP", &ch->path, err);
	if (!ret)
		ret = resource_amounts(c, ch->limits, &ch->n_limits, err);
	if (!ret)
		ret = on_expiry_read(c, &ch->on_expiry, err);
	if (!ret)
		ret = cmd_wait(c, &ch->wait_ms, err);
	if (!ret && ch->kind == CHANGE_SET && !ch->n_limits &&
	    ch->on_expiry == CGSPAN_ON_EXPIRY_KEEP)
		return cmd_usage(c, err, "nothing is given to set: write tasks, cpu, memory, on-expiry ...");
	return ret;
}

static int outcome_print(struct cmd *c, const struct change *ch,
			 const struct outcome *out, struct cgspan_err *err)
{
	const struct field r[] = {
		{ "group", UNIT_TEXT, .text = ch->path },
		{ "revision", UNIT_COUNT, .num = out->revision,
		  .unknown = !out->revision },
		{ "in_force", UNIT_COUNT, .num = out->in_force },
		{ "nodes", UNIT_COUNT, .num = out->nodes },
		{ "missing", UNIT_WORDS,
		  .text = out->missing ? out->missing : "" },
	};
	char text[80];

	if (!out->nodes && ch->kind != CHANGE_DELETE)
		snprintf(text, sizeof(text), "written, no node has joined yet");
	else if (!ch->wait_ms && out->revision)
		snprintf(text, sizeof(text),
			 "written at revision %lld, not waited for",
			 (long long)out->revision);
	else if (ch->kind == CHANGE_DELETE)
		snprintf(text, sizeof(text), "gone");
	else
		snprintf(text, sizeof(text), "in force on %zu of %zu node%s",
			 out->in_force, out->nodes, out->nodes == 1 ? "" : "s");
	return result_print(c, r, ARRAY_SIZE(r), err, "%s: %s", ch->path, text);
}

static int run(struct cmd *c, const struct change *ch, struct outcome *out,
	       struct cgspan_err *err)
{
	int ret = cmd_store(c, err);

	if (ret)
		return ret;
	if (c->store)
		return change_store(ch, c->store, out, err);
	ret = cmd_kernel(c, err);
	if (!ret)
		ret = change_kernel(c->kernel, ch, err);
	out->nodes = 1;
	out->in_force = !ret;
	return ret;
}

static int change(struct cmd *c, struct cgspan_err *err)
{
	struct change ch = {
		.kind = c->verb == &verb_create ? CHANGE_CREATE :
			c->verb == &verb_set ? CHANGE_SET : CHANGE_DELETE,
		.wait_ms = WAIT_MS,
	};
	struct cgspan_err print_err;
	struct outcome out = {};
	int ret, printed = 0;

	ret = change_read(c, &ch, err);
	if (!ret)
		ret = run(c, &ch, &out, err);
	/* After -ETIME the error text is enough, except for programs. */
	if (!ret || (ret == -ETIME && c->format != FORMAT_TEXT))
		printed = outcome_print(c, &ch, &out, &print_err);
	if (!ret && printed) {
		*err = print_err;
		ret = printed;
	}
	free(out.missing);
	return ret;
}

#define ARG_WAIT	{ "--wait", "SECONDS", ARG_KEY, true, false }
#define ARG_NO_WAIT	{ "--no-wait", NULL, ARG_FLAG, true, false }

const struct verb verb_create = {
	.name = "create",
	.help = "create a group, with limits for the whole cluster",
	.fn = change,
	.args = {
		{ "GROUP", NULL, ARG_WORD, false, false },
		ARG_LIMITS,
		{ "on-expiry", "POLICY", ARG_KEY, true, false },
		ARG_WAIT,
		ARG_NO_WAIT,
	},
};

const struct verb verb_set = {
	.name = "set",
	.help = "change a group's limits or its policy",
	.fn = change,
	.args = {
		{ "GROUP", NULL, ARG_WORD, false, false },
		ARG_LIMITS,
		{ "on-expiry", "POLICY", ARG_KEY, true, false },
		ARG_WAIT,
		ARG_NO_WAIT,
	},
};

const struct verb verb_delete = {
	.name = "delete",
	.help = "remove a group that has no children, no tasks and no grants",
	.fn = change,
	.args = {
		{ "GROUP", NULL, ARG_WORD, false, false },
		ARG_WAIT,
		ARG_NO_WAIT,
	},
};
