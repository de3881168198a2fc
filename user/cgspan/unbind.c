// SPDX-License-Identifier: GPL-2.0
/* cgspan unbind: a cgroup is a member no longer, nor after a restart. */
#include <errno.h>

#include "config/config.h"
#include "member.h"
#include "verbs.h"

/*
 * Either may be missing in one place: a member that somebody else bound, and
 * one whose group the kernel does not have yet.
 */
static int unbind(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_member_conf m = {};
	struct cgspan_err kept = {};
	struct cgspan *k;
	int ret, no;

	ret = member_cgroup(c, &m.cgroup, err);
	if (!ret)
		ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_member_del(k, &m, 1, err);
	cgspan_close(k);
	if (ret && ret != -ENOENT)
		return ret;
	no = config_file_member(config_path(c->config), m.cgroup, NULL, &kept);
	if (no && no != -ENOENT) {
		*err = kept;
		return cgspan_err_wrap(err, "it is bound again after a restart");
	}
	if (ret && no)
		return ret;
	return member_say(c, m.cgroup, NULL, err);
}

static const struct arg args[] = {
	{ "CGROUP", NULL, ARG_WORD, false, false },
};

const struct verb verb_unbind = {
	.name = "unbind",
	.help = "let a cgroup be a member no longer",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = unbind,
};
