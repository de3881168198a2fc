/* SPDX-License-Identifier: GPL-2.0 */
/* What all requests, replies and dumps have in common. */
#ifndef CGSPAN_NETLINK_ATTR_H
#define CGSPAN_NETLINK_ATTR_H

#include <linux/string.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include "../../include/uapi/linux/cgspan.h"
#include "../node.h"

struct cgspan_group;
struct cgspan_member;

#define REFUSE(extack, error, msg) ({			\
	NL_SET_ERR_MSG(extack, msg);			\
	-(error);					\
})

#define MISSING(extack, attr)	REFUSE(extack, EINVAL, #attr " is missing")

/* nla_parse_nested() of @attrs[@type]; -EINVAL if that, or @attrs, is NULL. */
#define PARSE_NEST(tb, max, attrs, type, policy, extack) ({		\
	struct netlink_ext_ack *_extack = (extack);			\
	struct nlattr **_attrs = (attrs);				\
									\
	_attrs && _attrs[type] ?					\
		nla_parse_nested(tb, max, _attrs[type], policy, _extack) : \
		MISSING(_extack, type);					\
})

/* Return: 0 if a request may have @n items of this type, else an error. */
#define CHECK_COUNT(n, type, noun, extack) ({				\
	struct netlink_ext_ack *_extack = (extack);			\
	unsigned int _n = (n);						\
									\
	static_assert(CGSPAN_LEASES_MAX == 512 &&			\
		      CGSPAN_MEMBERS_MAX == 512);			\
	!_n ? MISSING(_extack, type) :					\
	_n > 512 ? REFUSE(_extack, E2BIG,				\
			  "more than 512 " noun " in one request") : 0;	\
})

/* Short forms of policy entries. */
#define PATH	{ .type = NLA_NUL_STRING, .len = CGSPAN_PATH_LEN }
#define CGROUP	{ .type = NLA_NUL_STRING, .len = CGSPAN_CGROUP_LEN }
#define U64	{ .type = NLA_U64 }
#define FROM_1	NLA_POLICY_MIN(NLA_U64, 1)
#define RES	NLA_POLICY_MAX(NLA_U32, CGSPAN_RES_MAX)

/* Entries of a table of operations: a request; a dump, its @handler may be NULL. */
#define OP(command, handler, its_policy) {	\
	.cmd = CGSPAN_CMD_##command,		\
	.doit = handler,			\
	.policy = its_policy,			\
	.maxattr = CGSPAN_A_MAX,		\
}

#define OP_DUMP(command, handler, dump, its_policy) {	\
	.cmd = CGSPAN_CMD_##command,			\
	.doit = handler,				\
	.start = cgspan_nl_start_dump,			\
	.dumpit = dump,					\
	.done = cgspan_nl_end_dump,			\
	.policy = its_policy,				\
	.maxattr = CGSPAN_A_MAX,			\
}

/* Indices of multicast groups in the family's array. */
enum { CONFIG, CREDIT, SESSION, EXIT };

extern struct genl_family cgspan_nl_family;
extern const struct nla_policy cgspan_nl_epoch_nest[CGSPAN_SESSION_A_MAX + 1];
extern const struct nla_policy cgspan_nl_group_nest[CGSPAN_GROUP_A_MAX + 1];
extern const struct nla_policy cgspan_nl_read_nest[CGSPAN_GROUP_A_MAX + 1];
extern const struct nla_policy cgspan_nl_read_policy[CGSPAN_A_MAX + 1];

/* Attributes. */

/* Inline in place of nla_get_u64(), which is a call and a copy. */
static inline u64 get_u64(const struct nlattr *attr)
{
	u64 value;

	memcpy(&value, nla_data(attr), sizeof(value));
	return value;
}

/* An attribute that is a number; @size: of its data in bytes, 0 means 8. */
struct cgspan_nl_number {
	int type;
	u64 value;
	unsigned int size;
};

struct nlattr *cgspan_nl_start_nest(struct sk_buff *skb, int type);
int cgspan_nl_put_u64(struct sk_buff *skb, int type, u64 value, int pad);
int cgspan_nl_put_u32(struct sk_buff *skb, int type, u32 value);
int cgspan_nl_put_u8(struct sk_buff *skb, int type, u8 value);

/* Short names, because a function that fills a reply is a long list of these calls. */
#define start_nest	cgspan_nl_start_nest
#define put_u64		cgspan_nl_put_u64
#define put_u32		cgspan_nl_put_u32
#define put_u8		cgspan_nl_put_u8

/* Write an attribute at @at. Return: where the next attribute begins. */
static __always_inline void *
cgspan_nl_write_number(struct nlattr *at, int pad,
		       const struct cgspan_nl_number *number)
{
	unsigned int size = number->size ?: sizeof(u64);
	u32 word = size == sizeof(u8) ?
		   (__force u32)cpu_to_le32(number->value) : number->value;

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	    size == sizeof(u64) && IS_ALIGNED((unsigned long)at, sizeof(u64)))
		*at++ = (struct nlattr) { NLA_HDRLEN, pad };
	*at++ = (struct nlattr) { nla_attr_size(size), number->type };
	memcpy(at, size == sizeof(u64) ? (void *)&number->value : &word,
	       NLA_ALIGN(size));
	return (void *)at + NLA_ALIGN(size);
}

/*
 * Inline, and with a constant @n, each number becomes two stores: nearly all of a
 * dump are numbers, thirty for each group.
 */
static __always_inline int
cgspan_nl_put_numbers(struct sk_buff *skb, int pad,
		      const struct cgspan_nl_number *list, int n)
{
	void *tail = skb_tail_pointer(skb), *at = tail;
	int i, room = 0;

#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		room += list[i].size ? nla_total_size(list[i].size) :
				       nla_total_size_64bit(sizeof(u64));
	if (skb_tailroom(skb) < room)
		return -EMSGSIZE;
#pragma GCC unroll 16
	for (i = 0; i < n; i++)
		at = cgspan_nl_write_number(at, pad, &list[i]);
	__skb_put(skb, at - tail);
	return 0;
}

/* Put { type, value } or { type, value, size }, ...: all of them or none. */
#define put_numbers(skb, pad, ...) ({					\
	const struct cgspan_nl_number _list[] = { __VA_ARGS__ };	\
									\
	cgspan_nl_put_numbers(skb, pad, _list, ARRAY_SIZE(_list));	\
})

/* Put why a lease is low, if the daemon has told the cause. */
int cgspan_nl_put_cause(struct sk_buff *skb, u8 cause, u64 caller, int cause_type,
			int caller_type, int pad);

/* Requests. */

static inline struct cgspan_node *node_of(struct genl_info *info)
{
	return cgspan_node_of(genl_info_net(info));
}

static inline struct cgspan_tree *tree_of(struct genl_info *info)
{
	return &node_of(info)->tree;
}

int cgspan_nl_check_privilege(struct sk_buff *skb,
			      struct netlink_ext_ack *extack);
int cgspan_nl_check_owner(struct genl_info *info);
bool cgspan_nl_is_name(const char *name);
int cgspan_nl_check_name(const char *name, struct netlink_ext_ack *extack);
struct cgspan_group *cgspan_nl_get_group(struct cgspan_tree *tree,
					 struct nlattr *path, struct nlattr *id,
					 struct netlink_ext_ack *extack);

/* The group that a CGSPAN_A_GROUP names, referenced, or an ERR_PTR. */
static inline struct cgspan_group *get_named(struct cgspan_tree *tree,
					     struct nlattr **tb,
					     struct netlink_ext_ack *extack)
{
	return cgspan_nl_get_group(tree, tb[CGSPAN_GROUP_A_PATH],
				   tb[CGSPAN_GROUP_A_ID], extack);
}

/* Does the nest CGSPAN_A_GROUP ask for groups without totals of use? */
static inline bool is_brief(struct nlattr **tb)
{
	return tb[CGSPAN_GROUP_A_FLAGS] &&
	       nla_get_u32(tb[CGSPAN_GROUP_A_FLAGS]) & CGSPAN_GROUP_F_BRIEF;
}

/* Requests with a list: each item begins with a reference to a group. */

/**
 * typedef cgspan_nl_parse_fn - parse one item of a list
 * @tree: the tree of the node to which the request is
 * @attr: the nest of the item
 * @item: to fill, zeroed; after an error it holds no reference
 * @extack: the reason of an error
 */
typedef int cgspan_nl_parse_fn(struct cgspan_tree *tree, struct nlattr *attr,
			       void *item, struct netlink_ext_ack *extack);

unsigned int cgspan_nl_count(struct genl_info *info, int type);
void *cgspan_nl_parse_list(struct genl_info *info, int type, unsigned int n,
			   size_t size, cgspan_nl_parse_fn *parse);
void cgspan_nl_put_list(void *items, unsigned int n, size_t size);

/* Replies. */

struct sk_buff *cgspan_nl_start_reply(struct genl_info *info, size_t payload,
				      void **hdr);
int cgspan_nl_send_reply(struct genl_info *info, struct sk_buff *skb, void *hdr,
			 int ret);

/* Dumps. */

/**
 * struct cursor - the position of a dump, in the callback's context
 * @next_id: of groups: the id to continue at; of grants: the last id in @bucket
 * @top: only this subtree, of members only this group; NULL: all; referenced
 * @last: the last member shown or skipped, referenced
 * @settled: as cgspan_task_settle() returned it; 0: totals of use are not shown
 * @bucket: of the table of tasks or grants, to continue at
 * @skip: number of tasks of @bucket to skip
 * @begun: the request has been checked
 * @brief: without what tasks and members have used
 */
struct cursor {
	u64 next_id;
	struct cgspan_group *top;
	struct cgspan_member *last;
	u64 settled;
	unsigned int bucket;
	unsigned int skip;
	bool begun;
	bool brief;
};

static inline struct cursor *cursor_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	return (struct cursor *)cb->ctx;
}

static inline struct cgspan_tree *dumped_tree(struct netlink_callback *cb)
{
	return &cgspan_node_of(sock_net(cb->skb->sk))->tree;
}

int cgspan_nl_start_dump(struct netlink_callback *cb);
int cgspan_nl_begin_dump(struct netlink_callback *cb, bool tasks);
int cgspan_nl_end_dump(struct netlink_callback *cb);
void *cgspan_nl_start_item(struct sk_buff *skb, struct netlink_callback *cb,
			   u8 cmd);
int cgspan_nl_end_item(struct sk_buff *skb, void *hdr, int ret);

#endif /* CGSPAN_NETLINK_ATTR_H */
