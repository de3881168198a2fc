// SPDX-License-Identifier: GPL-2.0
/*
 * Measure the cost of requests in instructions; print one figure.
 *
 *   ask echo N		a request of the family cgspan_echo, and its reply: mean of N
 *   ask admit PATH N	ADMIT and its reply, RELEASE and its ack: mean of N
 *   ask dump N		one dump of all groups, which are N and "/"
 *   ask read N [brief]	one dump of all groups: mean of N, with pauses of 0.1 s
 *   ask bind DIR N	create the groups /0 ... /(N-1), and bind the cgroups
 *			DIR/0 ... to them; prints the milliseconds of the binding
 */
#include <unistd.h>

#include <linux/cgspan.h>

#include "../vm/prog/clock.h"
#include "../vm/prog/genl.h"
#include "count.h"
#include "echo/echo.h"

#define BUF_SIZE (1 << 18)
#define BATCH 256

struct client {
	struct mnl_socket *socket;
	uint16_t family;
	char *buf;
};

static struct nlmsghdr *request(struct client *client, uint16_t flags,
				uint8_t cmd)
{
	return genl_begin(client->buf, client->family, cmd, flags);
}

static ssize_t receive(struct client *client)
{
	ssize_t len = mnl_socket_recvfrom(client->socket, client->buf, BUF_SIZE);

	must(len > 0, "recv");
	return len;
}

/* Send one request. Return: the next message; an error in it ends the program. */
static const struct nlmsghdr *ask(struct client *client,
				  const struct nlmsghdr *nlh)
{
	const struct nlmsghdr *reply = (struct nlmsghdr *)client->buf;
	const struct nlmsgerr *err;

	must(mnl_socket_sendto(client->socket, nlh, nlh->nlmsg_len) > 0,
	     "send");
	receive(client);
	if (reply->nlmsg_type == NLMSG_ERROR) {
		err = mnl_nlmsg_get_payload(reply);
		errno = -err->error;
		must(!errno, "the kernel refused");
	}
	return reply;
}

static void connect_to(struct client *client, const char *family)
{
	const int on = 1;

	client->buf = malloc(BUF_SIZE);
	must(client->buf, "memory");
	client->socket = genl_open();
	mnl_socket_setsockopt(client->socket, NETLINK_CAP_ACK, (void *)&on,
			      sizeof(on));
	client->family = genl_family(client->socket, family);
}

static void echo_one(void *arg)
{
	struct client *client = arg;
	struct nlmsghdr *nlh = request(client, 0, ECHO_CMD_ECHO);
	const struct nlmsghdr *reply;
	const struct nlattr *attr;

	mnl_attr_put_u32(nlh, ECHO_A_VALUE, 42);
	reply = ask(client, nlh);
	attr = mnl_nlmsg_get_payload_offset(reply, sizeof(struct genlmsghdr));
	errno = EPROTO;
	must(mnl_attr_get_u32(attr) == 42, "echo");
}

static void measure_echo(uint64_t n)
{
	struct client client;

	connect_to(&client, ECHO_NAME);
	measure(echo_one, &client, n, 0);
}

/* For the smallest ADMIT: one resource, CPU, of @group, held by the socket. */
struct admission {
	struct client client;
	uint64_t group;
};

/* Return: the value (u64) of the attribute @type in the reply's first nest. */
static uint64_t id_in(const struct nlmsghdr *reply, uint16_t type)
{
	const struct nlattr *nest, *attr;

	nest = mnl_nlmsg_get_payload_offset(reply, sizeof(struct genlmsghdr));
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == type)
			return mnl_attr_get_u64(attr);
	errno = EPROTO;
	die("the reply has no id");
	return 0;
}

static uint64_t find_group(struct client *client, const char *path)
{
	struct nlmsghdr *nlh = request(client, 0, CGSPAN_CMD_GROUP_GET);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GROUP);

	mnl_attr_put_strz(nlh, CGSPAN_GROUP_A_PATH, path);
	mnl_attr_nest_end(nlh, nest);
	return id_in(ask(client, nlh), CGSPAN_GROUP_A_ID);
}

static uint64_t admit(struct admission *a)
{
	struct nlmsghdr *nlh = request(&a->client, 0, CGSPAN_CMD_ADMIT);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GRANT);

	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_GROUP_ID, a->group);
	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_CPU, 100);
	mnl_attr_nest_end(nlh, nest);
	return id_in(ask(&a->client, nlh), CGSPAN_GRANT_A_ID);
}

static void admit_one(void *arg)
{
	struct admission *a = arg;
	uint64_t id = admit(a);
	struct nlmsghdr *nlh = request(&a->client, NLM_F_ACK,
				       CGSPAN_CMD_RELEASE);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GRANT);

	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_ID, id);
	mnl_attr_nest_end(nlh, nest);
	ask(&a->client, nlh);
}

static void measure_admit(const char *path, uint64_t n)
{
	struct admission admission;

	connect_to(&admission.client, CGSPAN_GENL_NAME);
	admission.group = find_group(&admission.client, path);
	measure(admit_one, &admission, n, 0);
}

static int count_group(const struct nlmsghdr *nlh, void *data)
{
	(void)nlh;
	++*(uint64_t *)data;
	return MNL_CB_OK;
}

/* Dump all groups. Return: their number. */
static uint64_t dump(struct client *client, bool brief)
{
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	uint64_t groups = 0;
	int more;

	nlh = request(client, NLM_F_DUMP, CGSPAN_CMD_GROUP_GET);
	if (brief) {
		nest = mnl_attr_nest_start(nlh, CGSPAN_A_GROUP);
		mnl_attr_put_u32(nlh, CGSPAN_GROUP_A_FLAGS,
				 CGSPAN_GROUP_F_BRIEF);
		mnl_attr_nest_end(nlh, nest);
	}
	must(mnl_socket_sendto(client->socket, nlh, nlh->nlmsg_len) > 0,
	     "send");
	do {
		more = mnl_cb_run(client->buf, receive(client), 0,
				  mnl_socket_get_portid(client->socket),
				  count_group, &groups);
		must(more >= 0, "dump");
	} while (more == MNL_CB_OK);
	return groups;
}

static void measure_dump(uint64_t n)
{
	struct client client;
	uint64_t begun, groups;

	connect_to(&client, CGSPAN_GENL_NAME);
	begun = begin();
	groups = dump(&client, false);
	end(begun);
	errno = EPROTO;
	must(groups == n + 1, "another number of groups");
}

static void measure_reads(uint64_t n, bool brief)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	struct client client;
	uint64_t begun, sum = 0, i;

	connect_to(&client, CGSPAN_GENL_NAME);
	for (i = 0; i < n; i++) {
		begun = begin();
		dump(&client, brief);
		sum += begin() - begun;
		nanosleep(&pause, NULL);
	}
	printf("%" PRIu64 "\n", sum / n);
}

static void make_group(struct client *client, uint64_t i)
{
	struct nlmsghdr *nlh = request(client, NLM_F_ACK, CGSPAN_CMD_GROUP_NEW);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GROUP);
	char path[32];

	snprintf(path, sizeof(path), "/%" PRIu64, i);
	mnl_attr_put_strz(nlh, CGSPAN_GROUP_A_PATH, path);
	mnl_attr_nest_end(nlh, nest);
	ask(client, nlh);	/* receive the reply */
	receive(client);	/* receive the ack */
}

static void put_member(struct nlmsghdr *nlh, const char *dir, uint64_t i)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_MEMBER);
	char path[256];

	snprintf(path, sizeof(path), "/%" PRIu64, i);
	mnl_attr_put_strz(nlh, CGSPAN_MEMBER_A_GROUP_PATH, path);
	snprintf(path, sizeof(path), "%s/%" PRIu64, dir, i);
	mnl_attr_put_strz(nlh, CGSPAN_MEMBER_A_CGROUP, path);
	mnl_attr_nest_end(nlh, nest);
}

static void measure_bind(const char *dir, uint64_t n)
{
	struct client client;
	struct nlmsghdr *nlh;
	uint64_t start, i, k;

	connect_to(&client, CGSPAN_GENL_NAME);
	for (i = 0; i < n; i++)
		make_group(&client, i);
	start = (uint64_t)now_ms();
	for (i = 0; i < n; i = k) {
		nlh = request(&client, NLM_F_ACK, CGSPAN_CMD_MEMBER_ADD);
		for (k = i; k < n && k < i + BATCH; k++)
			put_member(nlh, dir, k);
		ask(&client, nlh);
	}
	printf("%" PRIu64 "\n", (uint64_t)now_ms() - start);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	bool brief = argc > 3 && !strcmp(argv[3], "brief");
	uint64_t n = argc > 2 ? strtoull(argv[argc - 1 - brief], NULL, 10) : 0;

	if (!strcmp(what, "echo") && n)
		measure_echo(n);
	else if (!strcmp(what, "admit") && n && argc == 4)
		measure_admit(argv[2], n);
	else if (!strcmp(what, "dump") && n)
		measure_dump(n);
	else if (!strcmp(what, "read") && n)
		measure_reads(n, brief);
	else if (!strcmp(what, "bind") && n && argc == 4)
		measure_bind(argv[2], n);
	else
		return 2;
	return 0;
}
