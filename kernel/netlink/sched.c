// SPDX-License-Identifier: GPL-2.0
/*
 * Requests: the histograms of the scheduler.
 */
#include "sched.h"

#include "../holder.h"
#include "../sched.h"
#include "attr.h"

static int sched_hold(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_holder *holder;
	int ret;

	ret = cgspan_nl_check_privilege(skb, info->extack);
	if (ret)
		return ret;
	holder = cgspan_holder_get(NULL, NETLINK_CB(skb).sk, info->snd_portid);
	if (!holder)
		return -ENOMEM;
	ret = cgspan_sched_hold(holder);
	cgspan_holder_put(holder);
	if (ret)
		NL_SET_ERR_MSG(info->extack,
			       "the probes of the scheduler cannot be attached, or there is no memory");
	return ret;
}

const struct genl_ops cgspan_nl_sched_ops[1] = {
	{
		.cmd = CGSPAN_CMD_SCHED_HOLD,
		.doit = sched_hold,
	},
};
