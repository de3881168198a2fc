// SPDX-License-Identifier: GPL-2.0
/* cgspan watch: print the kernel's events as they arrive. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "field.h"
#include "verbs.h"

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

static const struct cgspan_event none;

static void time_text(char *text, size_t size)
{
	struct timespec now;
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	len = strftime(text, size, "%FT%T", &tm);
	len += snprintf(text + len, size - len, ".%03ld",
			now.tv_nsec / 1000000);
	strftime(text + len, size - len, "%z", &tm);
}

static bool of_group(const struct cgspan_event *e)
{
	return e->cmd == CGSPAN_CMD_GROUP_NTF ||
	       e->cmd == CGSPAN_CMD_GROUP_DEL_NTF ||
	       e->cmd == CGSPAN_CMD_GROUP_EMPTY_NTF ||
	       e->cmd == CGSPAN_CMD_CREDIT_NTF;
}

/*
 * @e: the event; &none: events were lost
 * @res: the resource of an event of a group, or NULL
 * @lost: number of lost events; 0: unknown, or none
 */
static void row_add(struct table *t, const struct cgspan_event *e,
		    const struct cgspan_res *res, uint64_t lost)
{
	bool exit = e->cmd == CGSPAN_CMD_EXIT_NTF;
	bool session = e->cmd == CGSPAN_CMD_SESSION_NTF;
	bool member = e->cmd == CGSPAN_CMD_MEMBER_NTF ||
		      e->cmd == CGSPAN_CMD_MEMBER_DEL_NTF;
	bool config = e->cmd == CGSPAN_CMD_GROUP_NTF ||
		      e->cmd == CGSPAN_CMD_GROUP_DEL_NTF;
	bool credit = e->cmd == CGSPAN_CMD_CREDIT_NTF && res;
	bool group = of_group(e);
	const struct cgspan_group *g = group ? &e->group : &none.group;
	const struct cgspan_res *r = res ? res : none.group.res;
	const struct cgspan_member *m = member ? &e->member : &none.member;
	const struct cgspan_session *s = session ? &e->session : &none.session;
	const struct cgspan_exit *x = exit ? &e->exit : &none.exit;
	char time[64];
	const struct field row[] = {
		{ "time", UNIT_TEXT, .text = time },
		{ "event", UNIT_TEXT, .text = e->cmd ? names[e->cmd] : "lost" },
		{ "group", UNIT_PATH, .text = exit ? x->group : member ?
				      m->group : group ? g->path : NULL },
		{ "id", UNIT_COUNT, .num = exit ? x->group_id : g->id,
		  .unknown = !exit && !group },
		{ "resource", UNIT_TEXT,
		  .text = res ? cgspan_res_name(r->id) : NULL },
		{ "limit", UNIT_AMOUNT, .num = r->limit,
		  .unknown = !config || !res },
		{ "lease", UNIT_AMOUNT, .num = r->lease, .unknown = !credit },
		{ "used", UNIT_COUNT, .num = r->used, .unknown = !credit },
		{ "refusals", UNIT_COUNT, .num = r->refusals,
		  .unknown = !credit },
		{ "credit", UNIT_TEXT,
		  .text = credit ? cgspan_credit_name(r->credit) : NULL },
		{ "on_expiry", UNIT_TEXT,
		  .text = config ? cgspan_expiry_name(g->on_expiry) : NULL },
		{ "cgroup", UNIT_TEXT, .text = member ? m->cgroup : NULL },
		{ "cgroup_id", UNIT_COUNT, .num = m->cgroup_id,
		  .unknown = !member },
		{ "session", UNIT_TEXT,
		  .text = session ? cgspan_session_name(s->state) : NULL },
		{ "epoch", UNIT_COUNT, .num = s->epoch, .unknown = !session },
		{ "ttl_ms", UNIT_MS, .num = s->ttl, .unknown = !session },
		{ "frozen", UNIT_FLAG, .unknown = !member,
		  .num = m->flags & CGSPAN_MEMBER_F_FROZEN },
		{ "pid", UNIT_COUNT, .num = x->pid, .unknown = !exit },
		{ "tgid", UNIT_COUNT, .num = x->tgid, .unknown = !exit },
		{ "comm", UNIT_TEXT, .text = exit ? x->comm : NULL },
		{ "code", UNIT_COUNT, .num = x->code, .unknown = !exit },
		{ "start_ns", UNIT_NS, .num = x->start, .unknown = !exit },
		{ "end_ns", UNIT_NS, .num = x->end, .unknown = !exit },
		{ "cpu_ns", UNIT_NS, .num = x->cpu, .unknown = !exit },
		{ "max_rss", UNIT_BYTES, .num = x->max_rss,
		  .unknown = !exit || x->pid != x->tgid },
		{ "lost", UNIT_COUNT, .num = lost, .unknown = !lost },
	};

	time_text(time, sizeof(time));
	table_row(t, row, ARRAY_SIZE(row));
}

/* Add a row for lost exits, then for the event, or for each resource in it. */
static void event_add(struct table *t, const struct cgspan_event *e,
		      uint64_t *seq)
{
	unsigned int i, n_res = of_group(e) ? e->group.n_res : 0;

	if (e->cmd == CGSPAN_CMD_EXIT_NTF) {
		if (*seq && e->exit.seq > *seq + 1)
			row_add(t, &none, NULL, e->exit.seq - *seq - 1);
		*seq = e->exit.seq;
	}
	if (!n_res)
		row_add(t, e, NULL, 0);
	for (i = 0; i < n_res; i++)
		row_add(t, e, &e->group.res[i], 0);
}

/* Prints all events that have arrived, until -EAGAIN. */
static int drain(struct cmd *c, struct cgspan_events *ev, struct table *t,
		 uint64_t *seq, struct cgspan_err *err)
{
	struct cgspan_event e;
	int ret;

	for (;;) {
		ret = cgspan_event_recv(ev, &e, err);
		if (!ret)
			event_add(t, &e, seq);
		else if (ret == -ENOBUFS)
			row_add(t, &none, NULL, 0);
		else
			return ret;
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
	struct table t = { .shape = SHAPE_STREAM };
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
	/* The words have the order of the bits of CGSPAN_EVENT_*. */
	.args = {
		{ "config", NULL, ARG_FLAG, true, false },
		{ "credit", NULL, ARG_FLAG, true, false },
		{ "session", NULL, ARG_FLAG, true, false },
		{ "exit", NULL, ARG_FLAG, true, false },
	},
};
