// SPDX-License-Identifier: GPL-2.0
#include "change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "change_kernel.h"
#include "change_store.h"
#include "cluster.h"
#include "field.h"

#define WAIT_MS		10000

enum { F_GROUP, F_REVISION, F_IN_FORCE, F_NODES, F_MISSING };

static const struct field fields[] = {
	[F_GROUP] = { "group", UNIT_PATH, false },
	[F_REVISION] = { "revision", UNIT_COUNT, false },
	[F_IN_FORCE] = { "in_force", UNIT_COUNT, false },
	[F_NODES] = { "nodes", UNIT_COUNT, false },
	[F_MISSING] = { "missing", UNIT_WORDS, false },
};

static int change_read(struct cmd *c, struct change *ch, struct cgspan_err *err)
{
	int ret;

	ret = cmd_group(c, "GROUP", &ch->path, err);
	if (!ret)
		ret = cmd_limits(c, ch->limits, &ch->n_limits, err);
	if (!ret)
		ret = cmd_on_expiry(c, &ch->on_expiry, err);
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
	struct table t = TABLE(fields, SHAPE_ONE);

	if (cmd_wants_sentence(c)) {
		if (!out->nodes && ch->kind != CHANGE_DELETE)
			printf("%s: written, no node has joined yet\n",
			       ch->path);
		else if (!ch->wait_ms && out->revision)
			printf("%s: written at revision %lld, not waited for\n",
			       ch->path, (long long)out->revision);
		else if (ch->kind == CHANGE_DELETE)
			printf("%s: gone\n", ch->path);
		else
			printf("%s: in force on %zu of %zu node%s\n", ch->path,
			       out->in_force, out->nodes,
			       out->nodes == 1 ? "" : "s");
		return 0;
	}
	table_text(&t, F_GROUP, ch->path);
	if (out->revision)
		table_num(&t, F_REVISION, out->revision);
	table_num(&t, F_IN_FORCE, out->in_force);
	table_num(&t, F_NODES, out->nodes);
	table_text(&t, F_MISSING, out->missing ? out->missing : "");
	return table_print(&t, c, err);
}

int change_run(struct cmd *c, enum change_kind kind, struct cgspan_err *err)
{
	struct change ch = { .kind = kind, .wait_ms = WAIT_MS };
	struct cgspan_err print_err;
	struct cluster cl = {};
	struct outcome out = {};
	int ret, printed = 0;

	ret = change_read(c, &ch, err);
	if (!ret)
		ret = cluster_open(&cl, c, err);
	if (!ret)
		ret = cl.store ? change_store(&ch, cl.store, &out, err) :
				 change_kernel(&ch, &out, err);
	/* After -ETIME the error text names the missing nodes. */
	if (!ret || (ret == -ETIME && c->format != FORMAT_TEXT))
		printed = outcome_print(c, &ch, &out, &print_err);
	if (!ret && printed) {
		*err = print_err;
		ret = printed;
	}
	free(out.missing);
	cluster_close(&cl);
	return ret;
}
