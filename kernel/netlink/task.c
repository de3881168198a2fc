// SPDX-License-Identifier: GPL-2.0
/* Dumps: the tasks that are charged to a group or below it. */
#include "task.h"

#include "../task.h"
#include "../tree.h"
#include "attr.h"
#include "group.h"

struct task_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

static int fill_task(struct sk_buff *skb, const struct cgspan_task_info *info)
{
	struct nlattr *nest = start_nest(skb, CGSPAN_A_TASK);

	if (!nest ||
	    put_u32(skb, CGSPAN_TASK_A_PID, info->pid) ||
	    put_u32(skb, CGSPAN_TASK_A_TGID, info->tgid) ||
	    nla_put_string(skb, CGSPAN_TASK_A_COMM, info->comm) ||
	    put_u64(skb, CGSPAN_TASK_A_GROUP_ID, cgspan_group_id(info->group),
		    CGSPAN_TASK_A_PAD) ||
	    nla_put_string(skb, CGSPAN_TASK_A_GROUP_PATH, info->group->path) ||
	    put_u8(skb, CGSPAN_TASK_A_EXITED, info->exited))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dump_task(const struct cgspan_task_info *info, void *arg)
{
	struct task_dump *dump = arg;
	void *hdr;

	if (!cgspan_group_contains(cursor_of(dump->cb)->top, info->group))
		return 0;
	hdr = cgspan_nl_start_item(dump->skb, dump->cb, CGSPAN_CMD_TASK_GET);
	return hdr ? cgspan_nl_end_item(dump->skb, hdr, fill_task(dump->skb, info)) :
		     -EMSGSIZE;
}

static int task_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct task_dump dump = { .skb = skb, .cb = cb };
	struct cursor *cursor = cursor_of(cb);
	int ret;

	ret = cgspan_nl_begin_dump(cb, true);
	if (ret)
		return ret;

	cb->seq = atomic_read(&dumped_tree(cb)->gen);
	ret = cgspan_task_walk(&cursor->bucket, &cursor->skip, dump_task,
			       &dump);
	return skb->len ?: ret;
}

const struct genl_ops cgspan_nl_task_ops[1] = {
	OP_DUMP(TASK_GET, NULL, task_dump, cgspan_nl_group_policy),
};
