// SPDX-License-Identifier: GPL-2.0
/* The library without a kernel: messages are built, and read again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/msg.h"
#include "libcgspan/words.h"
#include "tap.h"

static const struct nlattr *nest_of(struct msg *m, uint16_t type)
{
	return m->no ? NULL : msg_find(msg_hdr(m), type);
}

static uint8_t cmd_of(const struct msg *m)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(msg_hdr(m));

	return genl->cmd;
}

static bool node_round(void)
{
	const uint8_t boot[CGSPAN_ID_LEN] = { 1, 2, 3, [15] = 255 };
	struct cgspan_node out = {};
	struct msg m;

	build_node(&m, "n1", boot);
	CHECK(cmd_of(&m) == CGSPAN_CMD_NODE_SET);
	CHECK(!msg_read(msg_hdr(&m), &node_layout, &out));
	CHECK(!strcmp(out.name, "n1"));
	CHECK(out.has_boot_id && !memcmp(out.boot_id, boot, sizeof(boot)));
	msg_free(&m);
	memset(&out, 0, sizeof(out));
	build_node(&m, "n2", NULL);
	CHECK(!msg_read(msg_hdr(&m), &node_layout, &out));
	CHECK(!out.has_boot_id);
	msg_free(&m);
	return true;
}

static bool session_round(void)
{
	struct cgspan_session out = {};
	struct msg m;

	build_renewal(&m, 1ULL << 40, 123456789012345ULL, 15000);
	CHECK(cmd_of(&m) == CGSPAN_CMD_SESSION_RENEW);
	CHECK(!msg_read(msg_hdr(&m), &session_layout, &out));
	CHECK(out.epoch == 1ULL << 40);
	CHECK(out.sent == 123456789012345ULL);
	CHECK(out.ttl == 15000);
	msg_free(&m);
	return true;
}

static bool grant_round(void)
{
	const struct cgspan_limit amounts[] = {
		{ CGSPAN_RES_TASKS, 4 }, { CGSPAN_RES_USER4, 1ULL << 40 },
	};
	const struct cgspan_grant_conf conf = {
		.group = "/web", .amounts = amounts,
		.n_amounts = ARRAY_SIZE(amounts), .pid = 12,
	};
	struct cgspan_grant out = {};
	struct msg m;

	build_admit(&m, &conf);
	CHECK(cmd_of(&m) == CGSPAN_CMD_ADMIT);
	CHECK(!msg_read(msg_hdr(&m), &grant_layout, &out));
	CHECK(!strcmp(out.group, "/web") && out.pid == 12 && !out.port);
	CHECK(out.amounts[CGSPAN_RES_TASKS] == 4);
	CHECK(out.amounts[CGSPAN_RES_USER4] == 1ULL << 40);
	CHECK(!out.amounts[CGSPAN_RES_CPU]);
	msg_free(&m);
	return true;
}

static bool res_names(void)
{
	struct cgspan_node out = {};
	struct msg m;
	size_t nest, res;
	uint32_t i;

	msg_init(&m, CGSPAN_CMD_NODE_GET);
	nest = msg_nest(&m, CGSPAN_A_NODE);
	for (i = 0; i < 40; i += 4) {
		res = msg_nest(&m, CGSPAN_NODE_A_RESOURCE);
		msg_put_u32(&m, CGSPAN_RES_A_ID, i);
		msg_put_str(&m, CGSPAN_RES_A_NAME, "gpu");
		msg_nest_end(&m, res);
	}
	msg_nest_end(&m, nest);
	CHECK(!msg_read(msg_hdr(&m), &node_layout, &out));
	CHECK(!strcmp(out.res_names[4 - CGSPAN_RES_USER0], "gpu"));
	CHECK(!out.res_names[0][0]);
	msg_free(&m);
	return true;
}

static bool group_round(void)
{
	const struct cgspan_limit limit = { CGSPAN_RES_TASKS, 60 };
	struct cgspan_group_conf conf = {
		.path = "/web/front",
		.on_expiry = CGSPAN_ON_EXPIRY_HOLD,
		.limits = &limit,
		.n_limits = 1,
	};
	struct cgspan_group out = {};
	struct msg m;

	build_group(&m, CGSPAN_CMD_GROUP_NEW, &conf);
	CHECK(cmd_of(&m) == CGSPAN_CMD_GROUP_NEW);
	CHECK(!msg_read(msg_hdr(&m), &group_layout, &out));
	CHECK(!strcmp(out.path, "/web/front"));
	CHECK(out.on_expiry == CGSPAN_ON_EXPIRY_HOLD);
	CHECK(out.n_res == 1 && out.res[0].id == CGSPAN_RES_TASKS);
	CHECK(out.res[0].limit == 60 && !out.res[0].has_peer);
	msg_free(&m);
	return true;
}

static bool group_by_id(void)
{
	struct cgspan_group_conf conf = {
		.id = 7, .on_expiry = CGSPAN_ON_EXPIRY_KEEP,
	};
	const struct nlattr *nest, *a;
	struct cgspan_group out = {};
	struct msg m;

	build_group(&m, CGSPAN_CMD_GROUP_SET, &conf);
	nest = nest_of(&m, CGSPAN_A_GROUP);
	CHECK(!nest_read(nest, &group_layout, &out));
	CHECK(out.id == 7 && !*out.path);
	mnl_attr_for_each_nested(a, nest)
		CHECK(mnl_attr_get_type(a) == CGSPAN_GROUP_A_ID);
	msg_free(&m);
	return true;
}

static bool lease_many(void)
{
	struct cgspan_lease leases[CGSPAN_LEASES_MAX] = {};
	struct cgspan_lease out;
	const struct nlattr *a;
	struct msg m;
	size_t i;

	for (i = 0; i < CGSPAN_LEASES_MAX; i++) {
		leases[i].id = i + 2;
		leases[i].amount = i % 2 ? CGSPAN_MAX : i;
		leases[i].set = CGSPAN_LEASE_SET_LOW;
		leases[i].low = i;
	}
	build_lease(&m, 9, leases, CGSPAN_LEASES_MAX);
	CHECK(!m.no);
	i = 0;
	mnl_attr_for_each(a, msg_hdr(&m), sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != CGSPAN_A_LEASE)
			continue;
		out = (struct cgspan_lease){};
		CHECK(!nest_read(a, &lease_layout, &out));
		CHECK(out.id == i + 2 && out.amount == leases[i].amount);
		i++;
	}
	CHECK(i == CGSPAN_LEASES_MAX);
	CHECK(nest_of(&m, CGSPAN_A_SESSION));
	msg_free(&m);
	return true;
}

static bool lease_alone(void)
{
	struct cgspan_lease lease = { .path = "/web", .amount = 5 };
	struct msg m;

	build_lease(&m, 0, &lease, 1);
	CHECK(nest_of(&m, CGSPAN_A_LEASE));
	CHECK(!nest_of(&m, CGSPAN_A_SESSION));
	msg_free(&m);
	return true;
}

/* Return: types of the attributes that build_lease() makes of @lease, one bit each. */
static unsigned int lease_attrs(const struct cgspan_lease *lease)
{
	const struct nlattr *a;
	unsigned int bits = 0;
	struct msg m;

	build_lease(&m, 0, lease, 1);
	mnl_attr_for_each_nested(a, nest_of(&m, CGSPAN_A_LEASE))
		bits |= 1u << mnl_attr_get_type(a);
	msg_free(&m);
	return bits;
}

static bool lease_drains(void)
{
	const unsigned int plain = 1u << CGSPAN_LEASE_A_GROUP_PATH |
				   1u << CGSPAN_LEASE_A_RES |
				   1u << CGSPAN_LEASE_A_AMOUNT;
	struct cgspan_lease lease = { .path = "/web", .amount = 5 };
	const struct nlattr *a;
	struct msg m;

	CHECK(lease_attrs(&lease) == plain);
	lease.drain = true;
	CHECK(lease_attrs(&lease) == (plain | 1u << CGSPAN_LEASE_A_DRAIN));
	lease.drain = false;
	lease.cause = CGSPAN_CAUSE_GUARANTEE;
	lease.caller = "/ci";
	build_lease(&m, 0, &lease, 1);
	mnl_attr_for_each_nested(a, nest_of(&m, CGSPAN_A_LEASE)) {
		if (mnl_attr_get_type(a) == CGSPAN_LEASE_A_CAUSE)
			CHECK(mnl_attr_get_u8(a) == CGSPAN_CAUSE_GUARANTEE);
		if (mnl_attr_get_type(a) == CGSPAN_LEASE_A_CALLER)
			CHECK(!strcmp(mnl_attr_get_str(a), "/ci"));
	}
	msg_free(&m);
	CHECK(lease_attrs(&lease) == (plain | 1u << CGSPAN_LEASE_A_CAUSE |
				      1u << CGSPAN_LEASE_A_CALLER));
	return true;
}

/* An answer to LEASE_SET, as the kernel makes it: more is held than the lease. */
static bool lease_held(void)
{
	struct cgspan_lease out = { .drain = true };
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_LEASE_SET);
	nest = msg_nest(&m, CGSPAN_A_LEASE);
	msg_put_u64(&m, CGSPAN_LEASE_A_AMOUNT, 50);
	msg_put_u64(&m, CGSPAN_LEASE_A_USED, 111);
	msg_put_u64(&m, CGSPAN_LEASE_A_HELD, 112);
	msg_nest_end(&m, nest);
	CHECK(!nest_read(nest_of(&m, CGSPAN_A_LEASE), &lease_layout, &out));
	CHECK(out.amount == 50 && out.used == 111 && out.held == 112);
	msg_free(&m);
	return true;
}

static bool member_round(void)
{
	char cgroup[CGSPAN_CGROUP_LEN + 1];
	struct cgspan_member_conf conf = {
		.group = "/web", .cgroup = cgroup,
	};
	struct cgspan_member out = {};
	struct msg m;

	memset(cgroup, 'x', CGSPAN_CGROUP_LEN);
	cgroup[0] = '/';
	cgroup[CGSPAN_CGROUP_LEN] = '\0';
	build_member(&m, CGSPAN_CMD_MEMBER_ADD, &conf, 1);
	CHECK(!msg_read(msg_hdr(&m), &member_layout, &out));
	CHECK(!strcmp(out.group, "/web") && !strcmp(out.cgroup, cgroup));
	msg_free(&m);
	return true;
}

/* A request to unbind a cgroup has only the cgroup's path: no group, and no freeze fd. */
static bool member_del_has_no_group(void)
{
	struct cgspan_member_conf conf = {
		.group = "/web", .cgroup = "/a",
		.has_freeze_fd = true, .freeze_fd = 5,
	};
	const struct nlattr *a;
	struct msg m;

	build_member(&m, CGSPAN_CMD_MEMBER_DEL, &conf, 1);
	mnl_attr_for_each_nested(a, nest_of(&m, CGSPAN_A_MEMBER))
		CHECK(mnl_attr_get_type(a) == CGSPAN_MEMBER_A_CGROUP);
	msg_free(&m);
	return true;
}

static bool peer_is_seen(void)
{
	struct cgspan_peer peer = {
		.path = "/web", .res = CGSPAN_RES_TASKS, .used = 12,
		.nodes = 2, .time = 99,
	};
	const struct nlattr *a;
	bool named = false;
	struct msg m;

	build_peer(&m, &peer, 1);
	CHECK(cmd_of(&m) == CGSPAN_CMD_PEER_SET);
	mnl_attr_for_each_nested(a, nest_of(&m, CGSPAN_A_PEER))
		named |= mnl_attr_get_type(a) == CGSPAN_PEER_A_NODE;
	CHECK(!named);
	msg_free(&m);
	peer.node = "n2";
	build_peer(&m, &peer, 1);
	mnl_attr_for_each_nested(a, nest_of(&m, CGSPAN_A_PEER))
		named |= mnl_attr_get_type(a) == CGSPAN_PEER_A_NODE &&
			 !strcmp(mnl_attr_get_str(a), "n2");
	CHECK(named);
	msg_free(&m);
	return true;
}

static bool hint_is_read(void)
{
	struct cgspan_grant out = {};
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_ADMIT);
	nest = msg_nest(&m, CGSPAN_A_GRANT);
	msg_put_u8(&m, CGSPAN_GRANT_A_STATE, CGSPAN_GRANT_REFUSED);
	msg_put_str(&m, CGSPAN_GRANT_A_GROUP_PATH, "/web");
	msg_put_u32(&m, CGSPAN_GRANT_A_RES, CGSPAN_RES_CPU);
	msg_put_u64(&m, CGSPAN_GRANT_A_MISSING, 500);
	msg_put_str(&m, CGSPAN_GRANT_A_NODE, "n2");
	msg_put_u64(&m, CGSPAN_GRANT_A_HEADROOM, 3000);
	msg_nest_end(&m, nest);
	CHECK(!msg_read(msg_hdr(&m), &grant_layout, &out));
	CHECK(!strcmp(out.node, "n2") && out.headroom == 3000);
	CHECK(out.missing == 500 && out.res == CGSPAN_RES_CPU);
	msg_free(&m);
	return true;
}

static bool long_name_refused(void)
{
	struct msg m;
	char *name = malloc(70001);

	CHECK(name);
	memset(name, 'a', 70000);
	name[70000] = '\0';
	build_node(&m, name, NULL);
	CHECK(m.no == -EMSGSIZE);
	msg_free(&m);
	free(name);
	return true;
}

/* Attributes of a node that are too short or too long. */
static bool wrong_sizes_refused(void)
{
	static const struct { uint16_t type; size_t size; } wrong[] = {
		{ CGSPAN_NODE_A_BOOT_ID, 15 },
		{ CGSPAN_NODE_A_UUID, 17 },
		{ CGSPAN_NODE_A_CLOCK, 4 },
		{ CGSPAN_NODE_A_GROUPS, 8 },
		{ CGSPAN_NODE_A_HOOKS, 2 },
		{ CGSPAN_NODE_A_NAME, CGSPAN_NAME_LEN + 1 },
	};
	char bytes[CGSPAN_NAME_LEN + 1];
	struct cgspan_node out;
	size_t i, nest;
	struct msg m;

	memset(bytes, 'b', sizeof(bytes));
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		msg_init(&m, CGSPAN_CMD_NODE_GET);
		nest = msg_nest(&m, CGSPAN_A_NODE);
		msg_put_bin(&m, wrong[i].type, bytes, wrong[i].size);
		msg_nest_end(&m, nest);
		CHECK(msg_read(msg_hdr(&m), &node_layout, &out) == -EIO);
		msg_free(&m);
	}
	return true;
}

static bool unknown_passed_over(void)
{
	struct cgspan_node out = {};
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_NODE_GET);
	nest = msg_nest(&m, CGSPAN_A_NODE);
	msg_put_u64(&m, CGSPAN_NODE_A_MAX + 10, 1);
	msg_put_str(&m, CGSPAN_NODE_A_NAME, "n1");
	msg_nest_end(&m, nest);
	CHECK(!msg_read(msg_hdr(&m), &node_layout, &out));
	CHECK(!strcmp(out.name, "n1"));
	msg_free(&m);
	return true;
}

/* A newer module may tell of resources for which struct cgspan_group has no place. */
static bool unknown_resource_passed_over(void)
{
	struct cgspan_group out = {};
	size_t i, nest, res;
	struct msg m;

	msg_init(&m, CGSPAN_CMD_GROUP_GET);
	nest = msg_nest(&m, CGSPAN_A_GROUP);
	for (i = 0; i < 40; i++) {
		res = msg_nest(&m, CGSPAN_GROUP_A_RESOURCE);
		msg_put_u32(&m, CGSPAN_RES_A_ID, i);
		msg_put_u64(&m, CGSPAN_RES_A_PEER_TIME, 1);
		msg_nest_end(&m, res);
	}
	msg_nest_end(&m, nest);
	CHECK(!msg_read(msg_hdr(&m), &group_layout, &out));
	CHECK(out.n_res == CGSPAN_RES_MAX + 1 && out.res[0].has_peer);
	msg_free(&m);
	return true;
}

static bool events_known(void)
{
	struct cgspan_event e;
	struct msg m;
	size_t nest;

	msg_init(&m, CGSPAN_CMD_SESSION_NTF);
	CHECK(read_event(msg_hdr(&m), &e) == -EIO);
	nest = msg_nest(&m, CGSPAN_A_SESSION);
	msg_put_u64(&m, CGSPAN_SESSION_A_EPOCH, 4);
	msg_put_u8(&m, CGSPAN_SESSION_A_STATE, CGSPAN_SESSION_EXPIRED);
	msg_nest_end(&m, nest);
	CHECK(!read_event(msg_hdr(&m), &e));
	CHECK(e.cmd == CGSPAN_CMD_SESSION_NTF && e.session.epoch == 4);
	CHECK(e.session.state == CGSPAN_SESSION_EXPIRED);
	msg_free(&m);
	msg_init(&m, CGSPAN_CMD_EXIT_NTF);
	nest = msg_nest(&m, CGSPAN_A_EXIT);
	msg_put_u64(&m, CGSPAN_EXIT_A_SEQ, 7);
	msg_put_str(&m, CGSPAN_EXIT_A_GROUP_PATH, "/web");
	msg_put_u32(&m, CGSPAN_EXIT_A_CODE, 9);
	msg_nest_end(&m, nest);
	CHECK(!read_event(msg_hdr(&m), &e));
	CHECK(e.exit.seq == 7 && !strcmp(e.exit.group, "/web"));
	CHECK(e.exit.code == 9);
	msg_free(&m);
	msg_init(&m, CGSPAN_CMD_MAX + 1);
	CHECK(read_event(msg_hdr(&m), &e) == -ENOMSG);
	msg_free(&m);
	return true;
}

static bool amounts(void)
{
	static const char *const bad[] = {
		"", "-1", "+1", " 1", "1 ", "0x10", "1k", "1.5", "MAX",
		"18446744073709551615", "18446744073709551616",
		"99999999999999999999999",
	};
	struct cgspan_err err;
	uint64_t val;
	size_t i;

	CHECK(!cgspan_amount_parse("0", &val, NULL) && val == 0);
	CHECK(!cgspan_amount_parse("00060", &val, NULL) && val == 60);
	CHECK(!cgspan_amount_parse("18446744073709551614", &val, NULL) &&
	      val == CGSPAN_MAX - 1);
	CHECK(!cgspan_amount_parse("max", &val, NULL) && val == CGSPAN_MAX);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		val = 1234;
		CHECK(cgspan_amount_parse(bad[i], &val, &err) < 0);
		CHECK(val == 1234 && err.no < 0 && *err.msg);
	}
	return true;
}

static bool paths(void)
{
	static const char *const good[] = {
		"/", "/a", "/web/front", "/a.b/c_d/e-f", "/..a", "/...",
	};
	static const char *const bad[] = {
		"", "web", "//", "/a/", "/a//b", "/.", "/a/..", "/a b", "/a\n",
		"/\xc3\xa4", "/a:b",
	};
	char path[CGSPAN_PATH_LEN + 2];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(!cgspan_path_check(good[i], NULL));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(cgspan_path_check(bad[i], NULL) == -EINVAL);
	/* Sixteen levels of 63 bytes, with their slashes, are 1,024 bytes: one byte too many. */
	for (i = 0; i < CGSPAN_PATH_LEN + 1; i++)
		path[i] = i % (CGSPAN_NAME_LEN + 1) ? 'a' : '/';
	path[i] = '\0';
	CHECK(cgspan_path_check(path, NULL) == -ENAMETOOLONG);
	path[CGSPAN_PATH_LEN] = '\0';
	CHECK(!cgspan_path_check(path, NULL));
	for (i = 0; i < 2 * (CGSPAN_DEPTH_MAX + 1); i++)
		path[i] = i % 2 ? 'a' : '/';
	path[i] = '\0';
	CHECK(cgspan_path_check(path, NULL) == -ENAMETOOLONG);
	path[2 * CGSPAN_DEPTH_MAX] = '\0';
	CHECK(!cgspan_path_check(path, NULL));
	return true;
}

static bool names(void)
{
	static const char *const good[] = {
		"a", "n1", "rack-1.example_org", "...", ".a", "-", "_", "7",
	};
	static const char *const bad[] = {
		"", ".", "..", "a/b", "a b", "a\n", "a:b", "\xc3\xa4", "*",
	};
	char name[CGSPAN_NAME_LEN + 2];
	struct cgspan_err err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(!cgspan_name_check(good[i], NULL));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(cgspan_name_check(bad[i], &err) == -EINVAL && *err.msg);
	memset(name, 'a', sizeof(name));
	name[CGSPAN_NAME_LEN + 1] = '\0';
	CHECK(cgspan_name_check(name, NULL) == -EINVAL);
	name[CGSPAN_NAME_LEN] = '\0';
	CHECK(!cgspan_name_check(name, NULL));
	CHECK(words_is_name("../a", 3) == false);
	CHECK(words_is_name("..", 2) == false && words_is_name("n1/a", 2));
	return true;
}

static bool errors_wrapped(void)
{
	struct cgspan_err err;
	char big[sizeof(err.msg) + 50];

	CHECK(cgspan_err_set(&err, -EBUSY, "in use by %d", 5) == -EBUSY);
	CHECK(cgspan_err_wrap(&err, "cannot remove %s", "/web") == -EBUSY);
	CHECK(!strcmp(err.msg, "cannot remove /web: in use by 5"));
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	CHECK(cgspan_err_wrap(&err, "%s", big) == -EBUSY);
	CHECK(strlen(err.msg) == sizeof(err.msg) - 1);
	CHECK(cgspan_err_nomem(&err) == -ENOMEM && err.no == -ENOMEM);
	CHECK(!strcmp(err.msg, "out of memory"));
	CHECK(cgspan_err_set(NULL, -EIO, "x") == -EIO);
	CHECK(cgspan_err_wrap(NULL, "x") == -EINVAL);
	return true;
}

static bool words(void)
{
	CHECK(cgspan_res_find("tasks") == CGSPAN_RES_TASKS);
	CHECK(cgspan_res_find("task") == -1);
	CHECK(!strcmp(cgspan_res_name(CGSPAN_RES_TASKS), "tasks"));
	for (uint32_t r = 0; r <= CGSPAN_RES_MAX; r++)
		CHECK(cgspan_res_find(cgspan_res_name(r)) == (int)r);
	CHECK(!cgspan_res_name(CGSPAN_RES_MAX + 1));
	CHECK(cgspan_expiry_find("hold") == CGSPAN_ON_EXPIRY_HOLD);
	CHECK(!cgspan_expiry_name(-1));
	CHECK(!strcmp(cgspan_session_name(CGSPAN_SESSION_LIVE), "live"));
	CHECK(!strcmp(cgspan_credit_name(CGSPAN_CREDIT_REFUSED), "refused"));
	return true;
}

static const struct tap_test tests[] = {
	{ node_round, "a node's name and boot id are read as built" },
	{ session_round, "a renewal is read as built" },
	{ grant_round, "a grant's request is read as built" },
	{ res_names, "only user resources take names" },
	{ group_round, "a group with a limit is read as built" },
	{ group_by_id, "a group named by its id carries nothing else" },
	{ lease_many, "CGSPAN_LEASES_MAX leases fit into one message" },
	{ lease_alone, "a lease without a session carries no epoch" },
	{ lease_drains, "a lease carries drain, cause and caller only if they are set" },
	{ lease_held, "what is held of a drained lease is read" },
	{ member_round, "a cgroup's longest path is read as built" },
	{ member_del_has_no_group, "an unbinding carries no group" },
	{ peer_is_seen, "peers' figures are built" },
	{ hint_is_read, "shortage and peer of a grant are read" },
	{ long_name_refused, "a name too long for an attribute is refused" },
	{ wrong_sizes_refused, "an attribute of a wrong size is refused" },
	{ unknown_passed_over, "an unknown attribute is skipped" },
	{ unknown_resource_passed_over, "an unknown resource is skipped" },
	{ events_known, "notifications are known by their command" },
	{ amounts, "amounts are digits or max, up to CGSPAN_MAX - 1" },
	{ paths, "paths of groups have 32 levels, 1023 bytes, plain names" },
	{ names, "names of nodes are 1 to 63 plain bytes, not . or .." },
	{ errors_wrapped, "a wrapped error has its context in front and fits" },
	{ words, "each number has its word, and the reverse" },
};

int main(void)
{
	return TAP_RUN(tests);
}
