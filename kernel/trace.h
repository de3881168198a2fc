/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events cgspan:*, for trace-cmd, perf and bpftrace. "node" is the inode
 * number of the network namespace, "id" and "path" name a group there, "res"
 * is a resource.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cgspan

#if !defined(CGSPAN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CGSPAN_TRACE_H

#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "group.h"
#include "node.h"
#include "refusal.h"

/* For those who read the binary records: a name means nothing to them. */
TRACE_DEFINE_ENUM(CGSPAN_RES_TASKS);
TRACE_DEFINE_ENUM(CGSPAN_RES_CPU);
TRACE_DEFINE_ENUM(CGSPAN_RES_MEMORY);
TRACE_DEFINE_ENUM(CGSPAN_RES_USER0);
TRACE_DEFINE_ENUM(CGSPAN_RES_USER1);
TRACE_DEFINE_ENUM(CGSPAN_RES_USER2);
TRACE_DEFINE_ENUM(CGSPAN_RES_USER3);
TRACE_DEFINE_ENUM(CGSPAN_RES_USER4);
TRACE_DEFINE_ENUM(CGSPAN_REASON_LEASE);
TRACE_DEFINE_ENUM(CGSPAN_REASON_EXPIRED);
TRACE_DEFINE_ENUM(CGSPAN_REASON_ORPHAN);

#define show_res(res)							\
	__print_symbolic(res,						\
		{ CGSPAN_RES_TASKS, "tasks" },				\
		{ CGSPAN_RES_CPU, "cpu" },					\
		{ CGSPAN_RES_MEMORY, "memory" },				\
		{ CGSPAN_RES_USER0, "user0" },				\
		{ CGSPAN_RES_USER1, "user1" },				\
		{ CGSPAN_RES_USER2, "user2" },				\
		{ CGSPAN_RES_USER3, "user3" },				\
		{ CGSPAN_RES_USER4, "user4" })

#define show_reason(reason)						\
	__print_symbolic(reason,					\
		{ CGSPAN_REASON_LEASE, "lease" },			\
		{ CGSPAN_REASON_EXPIRED, "expired" },			\
		{ CGSPAN_REASON_ORPHAN, "orphan" })

/* One share, as it is after what happened. Its lock is held. */
DECLARE_EVENT_CLASS(cgspan_charge,
	TP_PROTO(struct cgspan_group *group, u32 res, u64 n),
	TP_ARGS(group, res, n),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, n)
		__field(u64, used)
		__field(u64, lease)
		__string(path, group->path)
	),
	TP_fast_assign(
		struct cgspan_counter *counter = &group->shares[res].counter;

		__entry->node = READ_ONCE(group->node)->net->ns.inum;
		__entry->res = res;
		__entry->id = cgspan_group_id(group);
		__entry->n = n;
		__entry->used = cgspan_counter_used(counter);
		__entry->lease = READ_ONCE(counter->lease);
		cgspan_assign_str(path, group->path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s n=%llu used=%llu lease=%lld",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->n, __entry->used,
		  __entry->lease)
);

/* @n was admitted to @group. */
DEFINE_EVENT(cgspan_charge, admit,
	TP_PROTO(struct cgspan_group *group, u32 res, u64 n),
	TP_ARGS(group, res, n)
);

/* @n was charged to @group or below, and this left it above its lease. */
DEFINE_EVENT(cgspan_charge, debt,
	TP_PROTO(struct cgspan_group *group, u32 res, u64 n),
	TP_ARGS(group, res, n)
);

/* @n was asked for in @group; @by, the same or an ancestor, refused. */
TRACE_EVENT(refuse,
	TP_PROTO(struct cgspan_group *group, struct cgspan_group *by, u32 res,
		 u64 n, u32 reason),
	TP_ARGS(group, by, res, n, reason),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, by)
		__field(u64, n)
		__field(u64, used)
		__field(u64, lease)
		__field(u32, reason)
		__string(path, group->path)
		__string(by_path, by->path)
	),
	TP_fast_assign(
		struct cgspan_counter *counter = &by->shares[res].counter;

		__entry->node = READ_ONCE(group->node)->net->ns.inum;
		__entry->res = res;
		__entry->id = cgspan_group_id(group);
		__entry->by = cgspan_group_id(by);
		__entry->n = n;
		__entry->used = cgspan_counter_used(counter);
		__entry->lease = READ_ONCE(counter->lease);
		__entry->reason = reason;
		cgspan_assign_str(path, group->path);
		cgspan_assign_str(by_path, by->path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s n=%llu reason=%s by=%llu by_path=%s used=%llu lease=%lld",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->n,
		  show_reason(__entry->reason), __entry->by,
		  __get_str(by_path), __entry->used, __entry->lease)
);

/* A lease was set; a shrink may have stopped above @asked. */
TRACE_EVENT(lease_set,
	TP_PROTO(struct cgspan_group *group, u32 res, u64 asked),
	TP_ARGS(group, res, asked),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, asked)
		__field(u64, lease)
		__field(u64, used)
		__field(u64, low)
		__field(bool, exhausted)
		__string(path, group->path)
	),
	TP_fast_assign(
		struct cgspan_counter *counter = &group->shares[res].counter;

		__entry->node = READ_ONCE(group->node)->net->ns.inum;
		__entry->res = res;
		__entry->id = cgspan_group_id(group);
		__entry->asked = asked;
		__entry->lease = counter->lease;
		__entry->used = cgspan_counter_used(counter);
		__entry->low = counter->low;
		__entry->exhausted = counter->exhausted;
		cgspan_assign_str(path, group->path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s asked=%lld lease=%lld used=%llu low=%llu exhausted=%d",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->asked, __entry->lease,
		  __entry->used, __entry->low, __entry->exhausted)
);

/* A session's deadline has passed. */
TRACE_EVENT(expiry,
	TP_PROTO(const struct cgspan_node *node, u64 deadline, u64 now),
	TP_ARGS(node, deadline, now),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u64, epoch)
		__field(u64, deadline)
		__field(u64, now)
		__string(name, node->name)
	),
	TP_fast_assign(
		__entry->node = node->net->ns.inum;
		__entry->epoch = READ_ONCE(node->session.epoch);
		__entry->deadline = deadline;
		__entry->now = now;
		cgspan_assign_str(name, node->name);
	),
	TP_printk("node=%u name=%s epoch=%llu deadline=%llu now=%llu",
		  __entry->node, __get_str(name), __entry->epoch,
		  __entry->deadline, __entry->now)
);

/* A charged task has exited; it stays charged until it is reaped. */
TRACE_EVENT(exit,
	TP_PROTO(struct cgspan_group *group, struct task_struct *task),
	TP_ARGS(group, task),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(s32, pid)
		__field(u64, id)
		__field(s32, tgid)
		__field(s32, code)
		__array(char, comm, TASK_COMM_LEN)
		__string(path, group->path)
	),
	TP_fast_assign(
		__entry->node = READ_ONCE(group->node)->net->ns.inum;
		__entry->pid = task->pid;
		__entry->id = cgspan_group_id(group);
		__entry->tgid = task->tgid;
		__entry->code = task->exit_code;
		memcpy(__entry->comm, task->comm, TASK_COMM_LEN);
		cgspan_assign_str(path, group->path);
	),
	TP_printk("node=%u id=%llu path=%s pid=%d tgid=%d comm=%s code=%d",
		  __entry->node, __entry->id, __get_str(path), __entry->pid,
		  __entry->tgid, __entry->comm, __entry->code)
);

#endif /* CGSPAN_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
