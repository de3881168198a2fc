// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>

static const struct field fields[] = {
	FIELD(CGSPAN_LEASE_A_GROUP_ID, WIRE_SAME, cgspan_lease, id),
	FIELD(CGSPAN_LEASE_A_RES, WIRE_SAME, cgspan_lease, res),
	FIELD(CGSPAN_LEASE_A_AMOUNT, WIRE_SAME, cgspan_lease, amount),
	FIELD(CGSPAN_LEASE_A_USED, WIRE_SAME, cgspan_lease, used),
	FIELD(CGSPAN_LEASE_A_HELD, WIRE_SAME, cgspan_lease, held),
};

const struct layout lease_layout = {
	LAYOUT(CGSPAN_A_LEASE, cgspan_lease, fields),
};

static void one_build(struct msg *m, const struct cgspan_lease *l)
{
	size_t nest = msg_nest(m, CGSPAN_A_LEASE);

	msg_put_group(m, CGSPAN_LEASE_A_GROUP_PATH, l->path,
		      CGSPAN_LEASE_A_GROUP_ID, l->id);
	msg_put_u32(m, CGSPAN_LEASE_A_RES, l->res);
	msg_put_u64(m, CGSPAN_LEASE_A_AMOUNT, l->amount);
	if (l->set & CGSPAN_LEASE_SET_LOW)
		msg_put_u64(m, CGSPAN_LEASE_A_LOW, l->low);
	if (l->set & CGSPAN_LEASE_SET_EXHAUSTED)
		msg_put_u8(m, CGSPAN_LEASE_A_EXHAUSTED, l->exhausted);
	if (l->drain)
		msg_put_u8(m, CGSPAN_LEASE_A_DRAIN, 1);
	if (l->cause)
		msg_put_u8(m, CGSPAN_LEASE_A_CAUSE, l->cause);
	if (l->caller)
		msg_put_str(m, CGSPAN_LEASE_A_CALLER, l->caller);
	msg_nest_end(m, nest);
}

void build_lease(struct msg *m, uint64_t epoch,
		 const struct cgspan_lease *leases, size_t n)
{
	size_t i, nest;

	msg_init(m, CGSPAN_CMD_LEASE_SET);
	if (epoch) {
		nest = msg_nest(m, CGSPAN_A_SESSION);
		msg_put_u64(m, CGSPAN_SESSION_A_EPOCH, epoch);
		msg_nest_end(m, nest);
	}
	for (i = 0; i < n; i++)
		one_build(m, &leases[i]);
}

struct reply {
	struct cgspan_lease *leases;
	size_t n;
	size_t seen;
};

/* Read the answers, which are in the order of the request. */
static int reply_read(const struct nlmsghdr *nlh, void *arg)
{
	struct reply *r = arg;
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != CGSPAN_A_LEASE)
			continue;
		if (r->seen == r->n ||
		    nest_read(a, &lease_layout, &r->leases[r->seen++]))
			return -EIO;
	}
	return 0;
}

int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err)
{
	struct reply r = { .leases = leases, .n = n };
	int ret = ipc_check_count(n, CGSPAN_LEASES_MAX, "leases", err);
	struct msg m;

	if (ret)
		return ret;
	build_lease(&m, epoch, leases, n);
	ret = ipc_call(c, &m, reply_read, &r, err);
	if (!ret && r.seen != n)
		return ipc_mismatch(err, "the kernel's answer lacks a lease");
	return ret;
}
