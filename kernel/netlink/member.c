// SPDX-License-Identifier: GPL-2.0
/* Requests, replies and dumps: members. */
#include "member.h"

#include <linux/slab.h>

#include "../bind.h"
#include "../expiry.h"
#include "../path.h"
#include "../place.h"
#include "attr.h"
#include "group.h"

static const struct nla_policy member_add_nest[CGSPAN_MEMBER_A_MAX + 1] = {
	[CGSPAN_MEMBER_A_GROUP_ID] = FROM_1,
	[CGSPAN_MEMBER_A_GROUP_PATH] = PATH,
	[CGSPAN_MEMBER_A_CGROUP] = CGROUP,
	[CGSPAN_MEMBER_A_FD] = NLA_POLICY_MIN(NLA_S32, 0),
	[CGSPAN_MEMBER_A_FREEZE_FD] = NLA_POLICY_MIN(NLA_S32, 0),
	[CGSPAN_MEMBER_A_PROCS_FD] = NLA_POLICY_MIN(NLA_S32, 0),
	[CGSPAN_MEMBER_A_KILL_FD] = NLA_POLICY_MIN(NLA_S32, 0),
};

static const struct nla_policy member_del_nest[CGSPAN_MEMBER_A_MAX + 1] = {
	[CGSPAN_MEMBER_A_CGROUP] = CGROUP,
	[CGSPAN_MEMBER_A_CGROUP_ID] = FROM_1,
	[CGSPAN_MEMBER_A_FD] = NLA_POLICY_MIN(NLA_S32, 0),
};

static const struct nla_policy member_add_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_MEMBER] = NLA_POLICY_NESTED(member_add_nest),
};

static const struct nla_policy member_del_policy[CGSPAN_A_MAX + 1] = {
	[CGSPAN_A_MEMBER] = NLA_POLICY_NESTED(member_del_nest),
};

/* @path: path of the cgroup; NULL: leave it out */
int cgspan_nl_fill_member(struct sk_buff *skb, const struct cgspan_member *member,
			  const char *path)
{
	struct nlattr *nest;

	nest = start_nest(skb, CGSPAN_A_MEMBER);
	if (!nest ||
	    put_u64(skb, CGSPAN_MEMBER_A_GROUP_ID,
		    cgspan_group_id(member->group), CGSPAN_MEMBER_A_PAD) ||
	    nla_put_string(skb, CGSPAN_MEMBER_A_GROUP_PATH,
			   member->group->path) ||
	    (path && nla_put_string(skb, CGSPAN_MEMBER_A_CGROUP, path)) ||
	    put_u64(skb, CGSPAN_MEMBER_A_CGROUP_ID, READ_ONCE(member->id),
		    CGSPAN_MEMBER_A_PAD) ||
	    put_u32(skb, CGSPAN_MEMBER_A_FLAGS,
		    cgspan_member_flags(member)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dump_member(struct sk_buff *skb, struct netlink_callback *cb,
		       struct cgspan_member *member, const char *base,
		       char *path)
{
	void *hdr = cgspan_nl_start_item(skb, cb, CGSPAN_CMD_MEMBER_GET);

	if (!hdr)
		return -EMSGSIZE;
	cgspan_path_show(member->path, base, path, PATH_MAX);
	return cgspan_nl_end_item(skb, hdr, cgspan_nl_fill_member(skb, member, path));
}

static int member_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct cgspan_tree *tree = dumped_tree(cb);
	struct cursor *cursor = cursor_of(cb);
	struct cgspan_member *member;
	char *base, *path;
	int ret;

	ret = cgspan_nl_begin_dump(cb, false);
	if (ret)
		return ret;

	ret = -ENOMEM;
	base = cgspan_path_base();
	path = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!base || !path)
		goto out;

	cb->seq = atomic_read(&tree->member_gen);
	ret = 0;
	while ((member = cgspan_member_next(tree, cursor->last))) {
		if (!cursor->top || member->group == cursor->top)
			ret = dump_member(skb, cb, member, base, path);
		if (ret) {
			cgspan_member_put(member);
			break;
		}
		if (cursor->last)
			cgspan_member_put(cursor->last);
		cursor->last = member;
	}
	ret = skb->len ?: ret;
out:
	kfree(base);
	kfree(path);
	return ret;
}

static int fd_of(const struct nlattr *attr)
{
	return attr ? nla_get_s32(attr) : -1;
}

static int parse_add(struct cgspan_tree *tree, struct nlattr *attr,
		     void *item, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_MEMBER_A_MAX + 1];
	struct cgspan_bind *bind = item;
	struct cgspan_group *group;
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_MEMBER_A_MAX, attr,
			       member_add_nest, extack);
	if (ret)
		return ret;
	if (!tb[CGSPAN_MEMBER_A_CGROUP] && !tb[CGSPAN_MEMBER_A_FD])
		return REFUSE(extack, EINVAL,
			      "the cgroup's path or file descriptor is missing");
	if (tb[CGSPAN_MEMBER_A_CGROUP] && tb[CGSPAN_MEMBER_A_FD])
		return REFUSE(extack, EINVAL,
			      "the cgroup is named both by path and by file descriptor");

	group = cgspan_nl_get_group(tree, tb[CGSPAN_MEMBER_A_GROUP_PATH],
				    tb[CGSPAN_MEMBER_A_GROUP_ID], extack);
	if (IS_ERR(group))
		return PTR_ERR(group);

	bind->group = group;
	bind->attr = attr;
	if (tb[CGSPAN_MEMBER_A_CGROUP])
		bind->path = nla_data(tb[CGSPAN_MEMBER_A_CGROUP]);
	else
		bind->fd = nla_get_s32(tb[CGSPAN_MEMBER_A_FD]);
	bind->freezer = fd_of(tb[CGSPAN_MEMBER_A_FREEZE_FD]);
	bind->procs = fd_of(tb[CGSPAN_MEMBER_A_PROCS_FD]);
	bind->kill = fd_of(tb[CGSPAN_MEMBER_A_KILL_FD]);
	return 0;
}

static int parse_del(struct cgspan_tree *tree, struct nlattr *attr,
		     void *item, struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CGSPAN_MEMBER_A_MAX + 1];
	struct cgspan_bind *bind = item;
	int ret;

	ret = nla_parse_nested(tb, CGSPAN_MEMBER_A_MAX, attr,
			       member_del_nest, extack);
	if (ret)
		return ret;
	ret = !!tb[CGSPAN_MEMBER_A_CGROUP] + !!tb[CGSPAN_MEMBER_A_FD] +
	      !!tb[CGSPAN_MEMBER_A_CGROUP_ID];
	if (!ret)
		return REFUSE(extack, EINVAL,
			      "the cgroup's path, file descriptor or id is missing");
	if (ret > 1)
		return REFUSE(extack, EINVAL,
			      "the cgroup is named in more than one way");

	bind->attr = attr;
	bind->fd = -1;
	if (tb[CGSPAN_MEMBER_A_CGROUP])
		bind->path = nla_data(tb[CGSPAN_MEMBER_A_CGROUP]);
	else if (tb[CGSPAN_MEMBER_A_FD])
		bind->fd = nla_get_s32(tb[CGSPAN_MEMBER_A_FD]);
	else
		bind->id = get_u64(tb[CGSPAN_MEMBER_A_CGROUP_ID]);
	/* From the initial network namespace an id may name any namespace's member. */
	bind->any = bind->id && tree == &cgspan_node_of(&init_net)->tree;
	return 0;
}

/* Return: the *@n cgroups that a request is to bind or unbind, or an ERR_PTR. */
static struct cgspan_bind *parse_binds(struct sk_buff *skb,
				       struct genl_info *info, unsigned int *n,
				       cgspan_nl_parse_fn *parse)
{
	int ret;

	*n = cgspan_nl_count(info, CGSPAN_A_MEMBER);
	ret = cgspan_nl_check_privilege(skb, info->extack) ?:
	      CHECK_COUNT(*n, CGSPAN_A_MEMBER, "members", info->extack);
	if (ret)
		return ERR_PTR(ret);
	return cgspan_nl_parse_list(info, CGSPAN_A_MEMBER, *n,
				    sizeof(struct cgspan_bind), parse);
}

static int member_add(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_bind *binds;
	unsigned int i, n;
	int ret;

	binds = parse_binds(skb, info, &n, parse_add);
	if (IS_ERR(binds))
		return PTR_ERR(binds);
	for (i = 0; i < n; i++)
		binds[i].trusted = netlink_capable(skb, CAP_SYS_ADMIN);
	ret = cgspan_bind_add(binds, n, info->extack);
	if (!ret)
		cgspan_expiry_kick();
	cgspan_nl_put_list(binds, n, sizeof(*binds));
	return ret;
}

static int member_del(struct sk_buff *skb, struct genl_info *info)
{
	struct cgspan_bind *binds;
	unsigned int n;
	int ret;

	binds = parse_binds(skb, info, &n, parse_del);
	if (IS_ERR(binds))
		return PTR_ERR(binds);
	ret = cgspan_bind_del(tree_of(info), binds, n, info->extack);
	cgspan_nl_put_list(binds, n, sizeof(*binds));
	return ret;
}

const struct genl_ops cgspan_nl_member_ops[3] = {
	OP(MEMBER_ADD, member_add, member_add_policy),
	OP(MEMBER_DEL, member_del, member_del_policy),
	OP_DUMP(MEMBER_GET, NULL, member_dump, cgspan_nl_group_policy),
};
