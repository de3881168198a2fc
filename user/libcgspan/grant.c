// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <stdio.h>

#define AMOUNT(res)							\
	FIELD(CGSPAN_GRANT_A_TASKS + (res), WIRE_SAME, cgspan_grant,	\
	      amounts[res])

static const struct field fields[] = {
	FIELD(CGSPAN_GRANT_A_ID, WIRE_SAME, cgspan_grant, id),
	FIELD(CGSPAN_GRANT_A_STATE, WIRE_U8, cgspan_grant, state),
	FIELD(CGSPAN_GRANT_A_GROUP_ID, WIRE_SAME, cgspan_grant, group_id),
	FIELD(CGSPAN_GRANT_A_GROUP_PATH, WIRE_STR, cgspan_grant, group),
	FIELD(CGSPAN_GRANT_A_PID, WIRE_SAME, cgspan_grant, pid),
	FIELD(CGSPAN_GRANT_A_PORT, WIRE_SAME, cgspan_grant, port),
	FIELD(CGSPAN_GRANT_A_RES, WIRE_SAME, cgspan_grant, res),
	FIELD(CGSPAN_GRANT_A_MISSING, WIRE_SAME, cgspan_grant, missing),
	FIELD(CGSPAN_GRANT_A_SPENT, WIRE_SAME, cgspan_grant, spent),
	FIELD(CGSPAN_GRANT_A_NODE, WIRE_STR, cgspan_grant, node),
	FIELD(CGSPAN_GRANT_A_HEADROOM, WIRE_SAME, cgspan_grant, headroom),
	FIELD(CGSPAN_GRANT_A_CAUSE, WIRE_U8, cgspan_grant, cause),
	FIELD(CGSPAN_GRANT_A_CALLER_ID, WIRE_SAME, cgspan_grant, caller_id),
	AMOUNT(CGSPAN_RES_TASKS),
	AMOUNT(CGSPAN_RES_CPU),
	AMOUNT(CGSPAN_RES_MEMORY),
	AMOUNT(CGSPAN_RES_USER0),
	AMOUNT(CGSPAN_RES_USER1),
	AMOUNT(CGSPAN_RES_USER2),
	AMOUNT(CGSPAN_RES_USER3),
	AMOUNT(CGSPAN_RES_USER4),
};

const struct layout grant_layout = {
	LAYOUT(CGSPAN_A_GRANT, cgspan_grant, fields),
};

void build_admit(struct msg *m, const struct cgspan_grant_conf *conf)
{
	size_t i, nest;

	msg_init(m, CGSPAN_CMD_ADMIT);
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

/* Answers to CGSPAN_CMD_ADMIT; GRANT_NTF may come before the reply. */
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
		return msg_read(nlh, &grant_layout, &o->reply);
	o->told = true;
	return msg_read(nlh, &grant_layout, &o->ntf);
}

/* Put the missing amount and any node with headroom before the error's text. */
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

static int outcome_judge(struct cgspan *c, const struct cgspan_grant_conf *conf,
			 struct outcome *o, struct cgspan_err *err)
{
	int ret;

	if (o->reply.state != CGSPAN_GRANT_QUEUED || conf->dry_run)
		return 0;
	if (conf->queued)
		conf->queued(conf->arg, &o->reply);
	ret = ipc_await(c, conf->wait_ms, outcome_read, o, &o->told, err);
	if (ret)
		return ret;
	o->reply = o->ntf;
	/* GRANT_NTF tells what was missing, and any node with headroom. */
	if (o->ntf.state == CGSPAN_GRANT_TIMED_OUT) {
		ret = cgspan_err_set(err, -ETIME,
				     "no headroom came within %u ms",
				     conf->wait_ms);
		lack_set(err, &o->ntf);
		return ret;
	}
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

	msg_init(m, cmd);
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
	struct msg m;

	id_build(&m, CGSPAN_CMD_GRANT_GET, id);
	return ipc_get(c, &m, &grant_layout, out, err);
}

int cgspan_grant_list(struct cgspan *c, const char *under,
		      struct cgspan_grant **out, size_t *n,
		      struct cgspan_err *err)
{
	struct msg m;

	msg_init_path(&m, CGSPAN_CMD_GRANT_GET, CGSPAN_A_GRANT,
		      CGSPAN_GRANT_A_GROUP_PATH, under);
	return ipc_dump(c, &m, &grant_layout, out, n, err);
}
