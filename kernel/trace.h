/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events cgspan:cgspan_*, for trace-cmd, perf and bpftrace. "node" is the inode
 * number of the network namespace, "id" and "path" name a group there, "res" is
 * a resource. They take numbers and strings alone, so that every layer can use them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cgspan

#if !defined(CGSPAN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define CGSPAN_TRACE_H

#include <linux/sched.h>
#include <linux/tracepoint.h>

#include "../include/uapi/linux/cgspan.h"
#include "compat.h"
#include "refusal.h"

/* Readers of binary records need the numbers behind the names. */
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

TRACE_DEFINE_ENUM(CGSPAN_CAUSE_NONE);
TRACE_DEFINE_ENUM(CGSPAN_CAUSE_DEBT);
TRACE_DEFINE_ENUM(CGSPAN_CAUSE_GUARANTEE);
TRACE_DEFINE_ENUM(CGSPAN_CAUSE_SHARE);
TRACE_DEFINE_ENUM(CGSPAN_CAUSE_NODES);

#define show_cause(cause)						\
	__print_symbolic(cause,						\
		{ CGSPAN_CAUSE_NONE, "none" },				\
		{ CGSPAN_CAUSE_DEBT, "debt" },				\
		{ CGSPAN_CAUSE_GUARANTEE, "guarantee" },		\
		{ CGSPAN_CAUSE_SHARE, "share" },			\
		{ CGSPAN_CAUSE_NODES, "nodes" })

/* After a charge or a reserve, with the top-level group locked; @used: charges alone. */
DECLARE_EVENT_CLASS(cgspan_charge,
	TP_PROTO(u32 node, u64 id, const char *path, u32 res, u64 n, u64 used,
		 u64 lease),
	TP_ARGS(node, id, path, res, n, used, lease),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, n)
		__field(u64, used)
		__field(u64, lease)
		__string(path, path)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->res = res;
		__entry->id = id;
		__entry->n = n;
		__entry->used = used;
		__entry->lease = lease;
		cgspan_assign_str(path, path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s n=%llu used=%llu lease=%lld",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->n, __entry->used,
		  __entry->lease)
);

/* @n was admitted to the group. */
DEFINE_EVENT(cgspan_charge, cgspan_admit,
	TP_PROTO(u32 node, u64 id, const char *path, u32 res, u64 n, u64 used,
		 u64 lease),
	TP_ARGS(node, id, path, res, n, used, lease)
);

/* @n was charged to the group or below it, after which the group was overdrawn. */
DEFINE_EVENT(cgspan_charge, cgspan_debt,
	TP_PROTO(u32 node, u64 id, const char *path, u32 res, u64 n, u64 used,
		 u64 lease),
	TP_ARGS(node, id, path, res, n, used, lease)
);

/* @n was requested in the group; @by, the same or an ancestor, refused. */
TRACE_EVENT(cgspan_refuse,
	TP_PROTO(u32 node, u64 id, const char *path, u32 res, u64 n, u64 by,
		 const char *by_path, u32 reason, u64 used, u64 lease, u32 cause,
		 u64 caller),
	TP_ARGS(node, id, path, res, n, by, by_path, reason, used, lease, cause,
		caller),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, by)
		__field(u64, n)
		__field(u64, used)
		__field(u64, lease)
		__field(u32, reason)
		__field(u32, cause)
		__field(u64, caller)
		__string(path, path)
		__string(by_path, by_path)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->res = res;
		__entry->id = id;
		__entry->by = by;
		__entry->n = n;
		__entry->used = used;
		__entry->lease = lease;
		__entry->reason = reason;
		__entry->cause = cause;
		__entry->caller = caller;
		cgspan_assign_str(path, path);
		cgspan_assign_str(by_path, by_path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s n=%llu reason=%s by=%llu by_path=%s used=%llu lease=%lld cause=%s caller=%llu",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->n,
		  show_reason(__entry->reason), __entry->by,
		  __get_str(by_path), __entry->used, __entry->lease,
		  show_cause(__entry->cause), __entry->caller)
);

/* A lease was set; a shrink may have stopped above @asked, a drain left it below. */
TRACE_EVENT(cgspan_lease_set,
	TP_PROTO(u32 node, u64 id, const char *path, u32 res, u64 asked,
		 u64 lease, u64 used, u64 low, bool exhausted, u32 cause,
		 u64 caller),
	TP_ARGS(node, id, path, res, asked, lease, used, low, exhausted, cause,
		caller),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, res)
		__field(u64, id)
		__field(u64, asked)
		__field(u64, lease)
		__field(u64, used)
		__field(u64, low)
		__field(bool, exhausted)
		__field(u32, cause)
		__field(u64, caller)
		__string(path, path)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->res = res;
		__entry->id = id;
		__entry->asked = asked;
		__entry->lease = lease;
		__entry->used = used;
		__entry->low = low;
		__entry->exhausted = exhausted;
		__entry->cause = cause;
		__entry->caller = caller;
		cgspan_assign_str(path, path);
	),
	TP_printk("node=%u id=%llu path=%s res=%s asked=%lld lease=%lld used=%llu low=%llu exhausted=%d cause=%s caller=%llu",
		  __entry->node, __entry->id, __get_str(path),
		  show_res(__entry->res), __entry->asked, __entry->lease,
		  __entry->used, __entry->low, __entry->exhausted,
		  show_cause(__entry->cause), __entry->caller)
);

/* A session's deadline has passed. */
TRACE_EVENT(cgspan_expiry,
	TP_PROTO(u32 node, u64 epoch, u64 deadline, u64 now),
	TP_ARGS(node, epoch, deadline, now),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u64, epoch)
		__field(u64, deadline)
		__field(u64, now)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->epoch = epoch;
		__entry->deadline = deadline;
		__entry->now = now;
	),
	TP_printk("node=%u epoch=%llu deadline=%llu now=%llu",
		  __entry->node, __entry->epoch, __entry->deadline,
		  __entry->now)
);

/* A charged task has exited; it stays charged until it is reaped. */
TRACE_EVENT(cgspan_exit,
	TP_PROTO(u32 node, u64 id, const char *path, s32 pid, s32 tgid,
		 s32 code, const char *comm),
	TP_ARGS(node, id, path, pid, tgid, code, comm),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(s32, pid)
		__field(u64, id)
		__field(s32, tgid)
		__field(s32, code)
		__array(char, comm, TASK_COMM_LEN)
		__string(path, path)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->pid = pid;
		__entry->id = id;
		__entry->tgid = tgid;
		__entry->code = code;
		memcpy(__entry->comm, comm, TASK_COMM_LEN);
		cgspan_assign_str(path, path);
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
