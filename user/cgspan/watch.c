// SPDX-License-Identifier: GPL-2.0
/* cgspan watch: print the kernel's events as they arrive. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "field.h"
#include "verbs.h"

enum {
	F_TIME, F_EVENT, F_GROUP, F_ID, F_RESOURCE, F_LIMIT, F_LEASE, F_USED,
	F_REFUSALS, F_CREDIT, F_ON_EXPIRY, F_CGROUP, F_CGROUP_ID, F_SESSION,
	F_EPOCH, F_TTL, F_FROZEN, F_PID, F_TGID, F_COMM, F_CODE, F_START, F_END,
	F_CPU, F_MAX_RSS, F_LOST,
};

static const struct field fields[] = {
	[F_TIME] = { "time", UNIT_TEXT, false },
	[F_EVENT] = { "event", UNIT_TEXT, false },
	[F_GROUP] = { "group", UNIT_PATH, false },
	[F_ID] = { "id", UNIT_COUNT, false },
	[F_RESOURCE] = { "resource", UNIT_TEXT, false },
	[F_LIMIT] = { "limit", UNIT_AMOUNT, false },
	[F_LEASE] = { "lease", UNIT_AMOUNT, false },
	[F_USED] = { "used", UNIT_COUNT, false },
	[F_REFUSALS] = { "refusals", UNIT_COUNT, false },
	[F_CREDIT] = { "credit", UNIT_TEXT, false },
	[F_ON_EXPIRY] = { "on_expiry", UNIT_TEXT, false },
	[F_CGROUP] = { "cgroup", UNIT_TEXT, false },
	[F_CGROUP_ID] = { "cgroup_id", UNIT_COUNT, false },
	[F_SESSION] = { "session", UNIT_TEXT, false },
	[F_EPOCH] = { "epoch", UNIT_COUNT, false },
	[F_TTL] = { "ttl_ms", UNIT_MS, false },
	[F_FROZEN] = { "frozen", UNIT_FLAG, false },
	[F_PID] = { "pid", UNIT_COUNT, false },
	[F_TGID] = { "tgid", UNIT_COUNT, false },
	[F_COMM] = { "comm", UNIT_TEXT, false },
	[F_CODE] = { "code", UNIT_COUNT, false },
	[F_START] = { "start_ns", UNIT_NS, false },
	[F_END] = { "end_ns", UNIT_NS, false },
	[F_CPU] = { "cpu_ns", UNIT_NS, false },
	[F_MAX_RSS] = { "max_rss", UNIT_BYTES, false },
	[F_LOST] = { "lost", UNIT_COUNT, false },
};

static const char *const names[] = {
	[CGSPAN_CMD_GROUP_NTF] = "group",
	[CGSPAN_CMD_GROUP_DEL_NTF] = "group-gone",
	[CGSPAN_CMD_MEMBER_NTF] = "member",
	[CGSPAN_CMD_MEMBER_DEL_NTF] = "member-gone",
	[CGSPAN_CMD_CREDIT_NTF] = "credit",
	[CGSPAN_CMD_SESSION_NTF] = "session",
	[CGSPAN_CMD_GROUP_EMPTY_NTF] = "group-empty",
	[CGSPAN_CMD_EXIT_NTF] = "exit",
};

static void row_begin(struct table *t, const char *event)
{
	struct timespec now;
	char text[64];
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof(text), "%FT%T", &tm);
	len += snprintf(text + len, sizeof(text) - len, ".%03ld",
			now.tv_nsec / 1000000);
	strftime(text + len, sizeof(text) - len, "%z", &tm);
	table_row(t);
	table_text(t, F_TIME, text);
	table_text(t, F_EVENT, event);
}

/* @r: NULL for a group without resources */
static void res_fill(struct table *t, const struct cgspan_event *e,
		     const struct cgspan_res *r)
{
	table_text(t, F_GROUP, e->group.path);
	table_num(t, F_ID, e->group.id);
	if (r)
		table_text(t, F_RESOURCE, cgspan_res_name(r->id));
	if (e->cmd == CGSPAN_CMD_GROUP_EMPTY_NTF)
		return;
	if (r && e->cmd == CGSPAN_CMD_CREDIT_NTF) {
		table_num(t, F_LEASE, r->lease);
		table_num(t, F_USED, r->used);
		table_num(t, F_REFUSALS, r->refusals);
		table_text(t, F_CREDIT, cgspan_credit_name(r->credit));
	} else if (e->cmd != CGSPAN_CMD_CREDIT_NTF) {
		table_text(t, F_ON_EXPIRY,
			   cgspan_expiry_name(e->group.on_expiry));
		if (r)
			table_num(t, F_LIMIT, r->limit);
	}
}

/* A row for each resource, or one row. */
static void group_fill(struct table *t, const struct cgspan_event *e)
{
	unsigned int i;

	res_fill(t, e, e->group.n_res ? e->group.res : NULL);
	for (i = 1; i < e->group.n_res; i++) {
		row_begin(t, names[e->cmd]);
		res_fill(t, e, &e->group.res[i]);
	}
}

static void member_fill(struct table *t, const struct cgspan_member *m)
{
	table_text(t, F_GROUP, m->group);
	table_text(t, F_CGROUP, m->cgroup);
	table_num(t, F_CGROUP_ID, m->cgroup_id);
	table_num(t, F_FROZEN, m->flags & CGSPAN_MEMBER_F_FROZEN);
}

static void session_fill(struct table *t, const struct cgspan_session *s)
{
	table_text(t, F_SESSION, cgspan_session_name(s->state));
	table_num(t, F_EPOCH, s->epoch);
	table_num(t, F_TTL, s->ttl);
}

static void exit_fill(struct table *t, const struct cgspan_exit *e)
{
	table_text(t, F_GROUP, e->group);
	table_num(t, F_ID, e->group_id);
	table_num(t, F_PID, e->pid);
	table_num(t, F_TGID, e->tgid);
	table_text(t, F_COMM, e->comm);
	table_num(t, F_CODE, e->code);
	table_num(t, F_START, e->start);
	table_num(t, F_END, e->end);
	table_num(t, F_CPU, e->cpu);
	if (e->pid == e->tgid)
		table_num(t, F_MAX_RSS, e->max_rss);
}

/* A row for exits that were lost before this one, by their numbers. */
static void gap_fill(struct table *t, const struct cgspan_event *e,
		     uint64_t *seq)
{
	if (e->cmd != CGSPAN_CMD_EXIT_NTF)
		return;
	if (*seq && e->exit.seq > *seq + 1) {
		row_begin(t, "lost");
		table_num(t, F_LOST, e->exit.seq - *seq - 1);
	}
	*seq = e->exit.seq;
}

static void event_fill(struct table *t, const struct cgspan_event *e)
{
	row_begin(t, names[e->cmd]);
	switch (e->cmd) {
	case CGSPAN_CMD_EXIT_NTF:
		exit_fill(t, &e->exit);
		break;
	case CGSPAN_CMD_MEMBER_NTF:
	case CGSPAN_CMD_MEMBER_DEL_NTF:
		member_fill(t, &e->member);
		break;
	case CGSPAN_CMD_SESSION_NTF:
		session_fill(t, &e->session);
		break;
	default:
		group_fill(t, e);
	}
}

/* Prints all events that have arrived, until -EAGAIN. */
static int drain(struct cmd *c, struct cgspan_events *ev, struct table *t,
		 uint64_t *seq, struct cgspan_err *err)
{
	struct cgspan_event e;
	int ret;

	for (;;) {
		ret = cgspan_event_recv(ev, &e, err);
		if (!ret) {
			gap_fill(t, &e, seq);
			event_fill(t, &e);
		} else if (ret == -ENOBUFS) {
			row_begin(t, "lost");
		} else {
			return ret;
		}
		ret = table_print(t, c, err);
		if (ret)
			return ret;
		if (fflush(stdout))
			return cgspan_err_set(err, -errno,
					      "cannot write the output");
	}
}

static unsigned int events_given(const struct cmd *c)
{
	unsigned int which = 0;
	size_t i;

	for (i = 0; c->verb->args[i].name; i++)
		if (cmd_arg(c, c->verb->args[i].name))
			which |= 1U << i;
	return which ? which : CGSPAN_EVENT_ALL;
}

static int watch(struct cmd *c, struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_STREAM);
	struct cgspan_events *ev;
	uint64_t seq = 0;
	struct pollfd pfd;
	int ret;

	ret = cgspan_event_open(&ev, events_given(c), err);
	if (ret)
		return ret;
	pfd = (struct pollfd){ .fd = cgspan_event_fd(ev), .events = POLLIN };
	do {
		ret = drain(c, ev, &t, &seq, err);
		if (ret == -EAGAIN)
			ret = poll(&pfd, 1, -1) < 0 && errno != EINTR ?
			      cgspan_err_set(err, -errno, "cannot poll: %s",
					     strerror(errno)) : 0;
	} while (!ret);
	table_clear(&t);
	cgspan_event_close(ev);
	return ret;
}

const struct verb verb_watch = {
	.name = "watch",
	.help = "print events of this node as they happen; \"exit\": tasks that end",
	.fn = watch,
	/* In the order of the bits of CGSPAN_EVENT_*. */
	.args = {
		{ "config", NULL, ARG_FLAG, true, false },
		{ "credit", NULL, ARG_FLAG, true, false },
		{ "session", NULL, ARG_FLAG, true, false },
		{ "exit", NULL, ARG_FLAG, true, false },
	},
};
