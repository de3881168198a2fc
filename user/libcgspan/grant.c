// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <stdio.h>

#define AMOUNT(res) {							\
	.attr = CGSPAN_GRANT_A_TASKS + (res),				\
	.wire = WIRE_U64,						\
	.off = offsetof(struct cgspan_grant, amounts) +			\
	       (res) * sizeof(uint64_t),				\
	.size = sizeof(uint64_t),					\
}

static const struct field fields[] = {
	FIELD(CGSPAN_GRANT_A_ID, WIRE_U64, cgspan_grant, id),
	FIELD(CGSPAN_GRANT_A_STATE, WIRE_U8, cgspan_grant, state),
	FIELD(CGSPAN_GRANT_A_GROUP_ID, WIRE_U64, cgspan_grant, group_id),
	FIELD(CGSPAN_GRANT_A_GROUP_PATH, WIRE_STR, cgspan_grant, group),
	FIELD(CGSPAN_GRANT_A_PID, WIRE_U32, cgspan_grant, pid),
	FIELD(CGSPAN_GRANT_A_PORT, WIRE_U32, cgspan_grant, port),
	FIELD(CGSPAN_GRANT_A_RES, WIRE_U32, cgspan_grant, res),
	FIELD(CGSPAN_GRANT_A_MISSING, WIRE_U64, cgspan_grant, missing),
	FIELD(CGSPAN_GRANT_A_SPENT, WIRE_U64, cgspan_grant, spent),
	FIELD(CGSPAN_GRANT_A_NODE, WIRE_STR, cgspan_grant, node),
	FIELD(CGSPAN_GRANT_A_HEADROOM, WIRE_U64, cgspan_grant, headroom),
	AMOUNT(CGSPAN_RES_TASKS),
	AMOUNT(CGSPAN_RES_CPU),
	AMOUNT(CGSPAN_RES_MEMORY),
	AMOUNT(CGSPAN_RES_USER0),
	AMOUNT(CGSPAN_RES_USER1),
	AMOUNT(CGSPAN_RES_USER2),
	AMOUNT(CGSPAN_RES_USER3),
	AMOUNT(CGSPAN_RES_USER4),
};

int read_grant(const struct nlattr *nest, struct cgspan_grant *out)
{
	return nest_read(nest, fields, ARRAY_SIZE(fields), out);
}

static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = msg_find(nlh, CGSPAN_A_GRANT);

	return nest ? read_grant(nest, arg) : -EIO;
}

void build_admit(struct msg *m, const struct cgspan_grant_conf *conf)
{
	size_t i, nest;

	msg_init(m, CGSPAN_CMD_ADMIT, 0);
	nest = msg_nest(m, CGSPAN_A_GRANT);
	msg_put_group(m, CGSPAN_GRANT_A_GROUP_PATH, conf->group,
		      CGSPAN_GRANT_A_GROUP_ID, conf->group_id);
	for (i = 0; i < conf->n_amounts; i++)
		msg_put_u64(m, CGSPAN_GRANT_A_TASKS + conf->amounts[i].res,
			    conf->amounts[i].limit);
	if (conf->pid)
		msg_put_u32(m, CGSPAN_GRANT_A_PID, conf->pid);
	if (conf->wait_ms)
		msg_put_u32(m, CGSPAN_GRANT_A_WAIT, conf->wait_ms);
	if (conf->dry_run)
		msg_put_u32(m, CGSPAN_GRANT_A_FLAGS, CGSPAN_GRANT_F_DRY_RUN);
	msg_nest_end(m, nest);
}

/* The notification about a queued request may come before or after the reply. */
struct outcome {
	struct cgspan_grant reply;
	struct cgspan_grant ntf;
	bool told;
};

static int outcome_read(const struct nlmsghdr *nlh, void *arg)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct outcome *o = arg;

	if (genl->cmd != CGSPAN_CMD_GRANT_NTF)
		return reply_read(nlh, &o->reply);
	o->told = true;
	return reply_read(nlh, &o->ntf);
}

static bool outcome_told(const void *arg)
{
	const struct outcome *o = arg;

	return o->told;
}

/* Put the missing amount, and a node that has it, in front of the text. */
static void lack_set(struct cgspan_err *err, const struct cgspan_grant *lack)
{
	const char *name = cgspan_res_name(lack->res);
	char where[CGSPAN_NAME_LEN + 64] = "";

	if (!lack->group[0])
		return;
	if (lack->node[0])
		snprintf(where, sizeof(where),
			 "; node %s has headroom for %llu", lack->node,
			 (unsigned long long)lack->headroom);
	cgspan_err_wrap(err, "%.80s lacks %llu of %s%s", lack->group,
			(unsigned long long)lack->missing,
			name ? name : "a resource", where);
}

/* A timed-out request: the notification has the shortage and the peer. */
static int timed_out(const struct cgspan_grant_conf *conf,
		     const struct cgspan_grant *ntf, struct cgspan_err *err)
{
	cgspan_err_set(err, -ETIME, "no headroom came within %u ms",
		       conf->wait_ms);
	lack_set(err, ntf);
	return -ETIME;
}

static int outcome_judge(struct cgspan *c, const struct cgspan_grant_conf *conf,
			 struct outcome *o, struct cgspan_err *err)
{
	int ret;

	if (o->reply.state != CGSPAN_GRANT_QUEUED || conf->dry_run)
		return 0;
	if (conf->queued)
		conf->queued(conf->arg, &o->reply);
	ret = ipc_await(c, conf->wait_ms, outcome_read, outcome_told, o, err);
	if (ret)
		return ret;
	o->reply = o->ntf;
	if (o->ntf.state == CGSPAN_GRANT_TIMED_OUT)
		return timed_out(conf, &o->ntf, err);
	if (o->ntf.state != CGSPAN_GRANT_GRANTED)
		return cgspan_err_set(err, -ECANCELED,
				      "the request was released, or its holder has exited");
	return 0;
}

int cgspan_grant_admit(struct cgspan *c, const struct cgspan_grant_conf *conf,
		       struct cgspan_grant *out, struct cgspan_err *err)
{
	struct outcome o = {};
	struct msg m;
	size_t i;
	int ret;

	for (i = 0; i < conf->n_amounts; i++)
		if (conf->amounts[i].res > CGSPAN_RES_MAX)
			return cgspan_err_set(err, -EINVAL,
					      "there is no resource %u",
					      conf->amounts[i].res);
	build_admit(&m, conf);
	ret = ipc_call(c, &m, outcome_read, &o, err);
	if (ret)
		lack_set(err, &o.reply);
	if (!ret)
		ret = outcome_judge(c, conf, &o, err);
	if (out)
		*out = o.reply;
	return ret;
}

static void id_build(struct msg *m, uint8_t cmd, uint64_t id)
{
	size_t nest;

	msg_init(m, cmd, 0);
	nest = msg_nest(m, CGSPAN_A_GRANT);
	msg_put_u64(m, CGSPAN_GRANT_A_ID, id);
	msg_nest_end(m, nest);
}

int cgspan_grant_release(struct cgspan *c, uint64_t id, struct cgspan_err *err)
{
	struct msg m;

	id_build(&m, CGSPAN_CMD_RELEASE, id);
	return ipc_call(c, &m, NULL, NULL, err);
}

int cgspan_grant_get(struct cgspan *c, uint64_t id, struct cgspan_grant *out,
		     struct cgspan_err *err)
{
	struct cgspan_grant grant = {};
	struct msg m;
	int ret;

	id_build(&m, CGSPAN_CMD_GRANT_GET, id);
	ret = ipc_call(c, &m, reply_read, &grant, err);
	if (!ret)
		*out = grant;
	return ret;
}

int cgspan_grant_list(struct cgspan *c, const char *under,
		      struct cgspan_grant **out, size_t *n,
		      struct cgspan_err *err)
{
	void *items;
	struct msg m;
	size_t nest;
	int ret;

	msg_init(&m, CGSPAN_CMD_GRANT_GET, 0);
	if (under) {
		nest = msg_nest(&m, CGSPAN_A_GRANT);
		msg_put_str(&m, CGSPAN_GRANT_A_GROUP_PATH, under);
		msg_nest_end(&m, nest);
	}
	ret = ipc_dump(c, &m, reply_read, sizeof(**out), &items, n, err);
	if (!ret)
		*out = items;
	return ret;
}
