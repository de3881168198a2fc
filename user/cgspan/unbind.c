// SPDX-License-Identifier: GPL-2.0
/* cgspan unbind: end the membership of a cgroup, also after a restart. */
#include <errno.h>

#include "bind.h"
#include "config/file.h"
#include "verbs.h"

/*
 * A member may be in the kernel alone, bound by another program, or in the
 * configuration alone, while the kernel does not have its group.
 */
static int unbind(struct cmd *c, struct cgspan_err *err)
{
	struct cgspan_member_conf m = {};
	struct cgspan_err kept = {};
	struct cgspan *k;
	int ret, no;

	ret = bind_cgroup(c, &m.cgroup, err);
	if (!ret)
		ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	ret = cgspan_member_del(k, &m, 1, err);
	cgspan_close(k);
	if (ret && ret != -ENOENT)
		return ret;
	no = config_keep_member(config_path(c->config), m.cgroup, NULL, &kept);
	if (no && no != -ENOENT) {
		*err = kept;
		return cgspan_err_wrap(err, "not removed from the configuration, so it is bound again after a restart");
	}
	if (ret && no)
		return ret;
	return bind_print(c, m.cgroup, NULL, err);
}

static const struct arg args[] = {
	{ "CGROUP", NULL, ARG_WORD, false, false },
	{}
};

const struct verb verb_unbind = {
	.name = "unbind",
	.help = "end the membership of a cgroup",
	.args = args,
	.fn = unbind,
};
