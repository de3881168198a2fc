// SPDX-License-Identifier: GPL-2.0
/*
 * Send hand-made valid and invalid messages for every command.
 *
 *   nlraw CGROUP
 *
 * A table has one valid message for each command; an invalid message is a valid
 * one with a single fault. Invalid messages are sent first, from the socket that
 * owns the session, so that only the fault can cause the refusal; then the valid
 * ones, which must all be accepted. CGROUP is an empty cgroup v2 directory; the
 * groups /raw and /raw/old must not exist.
 *
 * Prints for each message, separated by tabs:
 *   "ok" or "not ok", command, fault, errno or 0, extended ack
 * "ok": refused with a fitting errno and a text. Exit status: 0: all are ok; 1:
 * not; 2: error.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/cgspan.h>

#define DIE_STATUS 2
#include "genl.h"

#define BUF_SIZE (1 << 17)
#define EPOCH 10
#define UNPRIVILEGED 65534
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum kind { U8, U32, U64, S32, STR, BIN };

/* An attribute. Values are texts, also those of numbers; bad[1] may be NULL. */
struct field {
	const char *name;
	uint16_t nest;
	uint16_t nest2;		/* nest with the field, inside @nest; 0: @nest itself */
	uint16_t id;
	enum kind kind;
	bool required;
	const char *good;	/* valid value; "now": the clock */
	const char *bad[2];
	uint16_t by_id;		/* attribute that names the same group by id */
};

#define FIELDS_MAX 9

struct command {
	const char *name;
	uint8_t cmd;
	bool dump;
	bool open_to_all;
	uint16_t many;		/* nest that may occur at most @max times */
	int max;
	struct field fields[FIELDS_MAX];
};

/* FIELD(NAME, NEST, ATTRIBUTE, KIND, GOOD, ...): the rest is REQUIRED or BAD(...). */
#define FIELD(n, in, attr, k, v, ...) \
	{ .name = n, .nest = CGSPAN_A_##in, .id = CGSPAN_##in##_A_##attr, \
	  .kind = k, .good = v, ##__VA_ARGS__ }
#define REQUIRED .required = true
#define BAD(...) .bad = { __VA_ARGS__ }

/* The path of a group, whose id is another attribute of the nest. */
#define PATH(n, in, attr, by, v) \
	FIELD(n, in, attr, STR, v, REQUIRED, BAD("relative", "/a//b"), \
	      .by_id = CGSPAN_##in##_A_##by)
#define GROUP_PATH(v) PATH("path", GROUP, PATH, ID, v)
#define PATH_IN(in) PATH("group-path", in, GROUP_PATH, GROUP_ID, "/raw")

/* An attribute of the nest RESOURCE, which is inside another nest. */
#define RESOURCE(n, in, attr, k, v, ...) \
	{ .name = n, .nest = CGSPAN_A_##in, \
	  .nest2 = CGSPAN_##in##_A_RESOURCE, .id = CGSPAN_RES_A_##attr, \
	  .kind = k, .required = true, .good = v, ##__VA_ARGS__ }

#define ON_EXPIRY FIELD("on-expiry", GROUP, ON_EXPIRY, U8, "0", BAD("7"))
#define LIMIT_ID RESOURCE("resource-id", GROUP, ID, U32, "0", BAD("99"))
#define LIMIT RESOURCE("resource-limit", GROUP, LIMIT, U64, "50")
#define SESSION_EPOCH \
	FIELD("epoch", SESSION, EPOCH, U64, "10", REQUIRED, BAD("0"))
#define RES(in) FIELD("res", in, RES, U32, "0", REQUIRED, BAD("99"))
#define MEMBER_CGROUP \
	FIELD("cgroup", MEMBER, CGROUP, STR, "CGROUP", REQUIRED, \
	      BAD("", "relative"))
#define MEMBER_FD FIELD("fd", MEMBER, FD, S32, "CGROUP", REQUIRED, BAD("-1", "999"))
/* The id of the first grant since the module was loaded, by prepare_grant(). */
#define GRANT_ID FIELD("id", GRANT, ID, U64, "1", REQUIRED, BAD("0"))
#define GRANT_TASKS \
	FIELD("tasks", GRANT, TASKS, U64, "1", REQUIRED, \
	      BAD("0", "0x20000000000001"))
#define GRANT_WAIT FIELD("wait", GRANT, WAIT, U32, "1", BAD("86400001"))
#define GROUP_FLAGS FIELD("flags", GROUP, FLAGS, U32, "2", BAD("1", "4"))
#define GRANT_FLAGS FIELD("flags", GRANT, FLAGS, U32, "1", BAD("2"))

#define COMMAND(c) .name = #c, .cmd = CGSPAN_CMD_##c

static const struct command commands[] = {
	{ COMMAND(NODE_GET), .open_to_all = true },
	{ COMMAND(NODE_SET), .fields = {
		FIELD("name", NODE, NAME, STR, "raw-1", REQUIRED,
		      BAD("", "no blanks")),
		FIELD("boot-id", NODE, BOOT_ID, BIN, "16"),
		RESOURCE("resource-id", NODE, ID, U32, "3", BAD("2", "8")),
		RESOURCE("resource-name", NODE, NAME, STR, "raw-gpu",
			 BAD("9lives", "user1")) } },
	{ COMMAND(SESSION_RENEW), .fields = {
		SESSION_EPOCH,
		FIELD("sent", SESSION, SENT, U64, "now", REQUIRED,
		      BAD("future")),
		FIELD("ttl", SESSION, TTL, U32, "60000", REQUIRED,
		      BAD("0", "86400001")) } },
	{ COMMAND(GROUP_NEW), .fields = {
		GROUP_PATH("/raw/new"), ON_EXPIRY, LIMIT_ID, LIMIT } },
	{ COMMAND(GROUP_SET), .fields = {
		GROUP_PATH("/raw"), ON_EXPIRY, LIMIT_ID, LIMIT } },
	{ COMMAND(LEASE_SET), .many = CGSPAN_A_LEASE,
	  .max = CGSPAN_LEASES_MAX, .fields = {
		SESSION_EPOCH, PATH_IN(LEASE), RES(LEASE),
		FIELD("amount", LEASE, AMOUNT, U64, "5", REQUIRED),
		FIELD("low", LEASE, LOW, U64, "1"),
		FIELD("exhausted", LEASE, EXHAUSTED, U8, "0", BAD("2")),
		FIELD("drain", LEASE, DRAIN, U8, "0", BAD("2")),
		FIELD("cause", LEASE, CAUSE, U8, "1", BAD("5")),
		FIELD("caller", LEASE, CALLER, STR, "/") } },
	{ COMMAND(MEMBER_ADD), .many = CGSPAN_A_MEMBER,
	  .max = CGSPAN_MEMBERS_MAX, .fields = {
		PATH_IN(MEMBER), MEMBER_CGROUP,
		FIELD("freeze-fd", MEMBER, FREEZE_FD, S32, "FREEZE",
		      BAD("-1", "999")) } },
	{ COMMAND(MEMBER_GET), .dump = true, .open_to_all = true,
	  .fields = { GROUP_PATH("/raw") } },
	{ COMMAND(PEER_SET), .many = CGSPAN_A_PEER,
	  .max = CGSPAN_LEASES_MAX, .fields = {
		PATH_IN(PEER), RES(PEER),
		FIELD("used", PEER, USED, U64, "7", REQUIRED),
		FIELD("nodes", PEER, NODES, U32, "2", REQUIRED),
		FIELD("time", PEER, TIME, U64, "now", REQUIRED),
		FIELD("node", PEER, NODE, STR, "raw-2", REQUIRED,
		      BAD("", "no blanks")),
		FIELD("headroom", PEER, HEADROOM, U64, "9", REQUIRED) } },
	{ COMMAND(TASK_GET), .dump = true, .fields = { GROUP_PATH("/raw") } },
	{ COMMAND(ADMIT), .fields = {
		PATH_IN(GRANT), GRANT_TASKS, GRANT_WAIT, GRANT_FLAGS,
		FIELD("pid", GRANT, PID, U32, "PID", BAD("0", "0x7fffffff")) } },
	{ .name = "ADMIT pidfd", .cmd = CGSPAN_CMD_ADMIT, .fields = {
		PATH_IN(GRANT), GRANT_TASKS, GRANT_WAIT, GRANT_FLAGS,
		FIELD("pidfd", GRANT, PIDFD, S32, "PIDFD",
		      BAD("-1", "CGROUP")) } },
	{ COMMAND(GRANT_GET), .open_to_all = true, .fields = { GRANT_ID } },
	{ .name = "GRANT_GET dump", .cmd = CGSPAN_CMD_GRANT_GET, .dump = true,
	  .open_to_all = true, .fields = { PATH_IN(GRANT) } },
	{ COMMAND(RELEASE), .fields = { GRANT_ID } },
	{ COMMAND(GROUP_GET), .open_to_all = true,
	  .fields = { GROUP_PATH("/raw"), GROUP_FLAGS } },
	{ .name = "GROUP_GET dump", .cmd = CGSPAN_CMD_GROUP_GET, .dump = true,
	  .open_to_all = true, .fields = { GROUP_PATH("/raw") } },
	{ COMMAND(MEMBER_DEL), .many = CGSPAN_A_MEMBER,
	  .max = CGSPAN_MEMBERS_MAX, .fields = { MEMBER_CGROUP } },
	{ .name = "MEMBER_ADD fd", .cmd = CGSPAN_CMD_MEMBER_ADD,
	  .fields = { PATH_IN(MEMBER), MEMBER_FD } },
	{ .name = "MEMBER_DEL fd", .cmd = CGSPAN_CMD_MEMBER_DEL,
	  .fields = { MEMBER_FD } },
	{ COMMAND(GROUP_DEL), .fields = { GROUP_PATH("/raw/old") } },
	{ COMMAND(LEAVE), .fields = { SESSION_EPOCH } },
};

/* Faults of a message. */
enum spoil {
	NOTHING, NO_NEST, NO_FIELD, BAD_VALUE, BAD_SIZE, NO_SUCH_GROUP,
	NO_SUCH_ID, OTHER_EPOCH, NO_PRIVILEGE, USER_NAMESPACE, UNKNOWN_NEST,
	UNKNOWN_FIELD, NOT_NESTED, TOO_LONG_FIELD, STRAY_BYTES, TOO_MANY
};

struct fault {
	enum spoil spoil;
	int field;		/* index of the field, or -1 */
	int bad;		/* index of the field's bad value */
};

struct answer {
	int error;		/* 0 or a negative errno */
	char text[256];
};

struct raw {
	struct mnl_socket *nl;
	uint16_t family;
	const char *cgroup;	/* path below /sys/fs/cgroup */
	int fd;
	int freeze_fd;
	int pidfd;
	int bad;		/* messages that were not ok */
};

/* ---- making a message ---- */

static uint64_t boottime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static int64_t number(const struct raw *r, const char *v)
{
	if (!strcmp(v, "now"))
		return boottime();
	if (!strcmp(v, "future"))
		return boottime() + 3600 * 1000000000ULL;
	if (!strcmp(v, "CGROUP"))
		return r->fd;
	if (!strcmp(v, "FREEZE"))
		return r->freeze_fd;
	if (!strcmp(v, "PID"))
		return getpid();
	if (!strcmp(v, "PIDFD"))
		return r->pidfd;
	return strtoull(v, NULL, 0);
}

static void put_field(const struct raw *r, struct nlmsghdr *nlh,
		      const struct field *f, const char *v)
{
	static const char zeros[64];

	switch (f->kind) {
	case U8:
		mnl_attr_put_u8(nlh, f->id, number(r, v));
		break;
	case U32:
	case S32:
		mnl_attr_put_u32(nlh, f->id, number(r, v));
		break;
	case U64:
		mnl_attr_put_u64(nlh, f->id, number(r, v));
		break;
	case STR:
		mnl_attr_put_strz(nlh, f->id,
				  strcmp(v, "CGROUP") ? v : r->cgroup);
		break;
	case BIN:
		mnl_attr_put(nlh, f->id, number(r, v), zeros);
		break;
	}
}

static void put_spoilt(const struct raw *r, struct nlmsghdr *nlh,
		       const struct field *f, const struct fault *fault)
{
	switch (fault->spoil) {
	case NO_FIELD:
		break;
	case BAD_VALUE:
		put_field(r, nlh, f, f->bad[fault->bad]);
		break;
	case BAD_SIZE:		/* 3 bytes fit no number; the text has no final 0 */
		mnl_attr_put(nlh, f->id, 3, "/xy");
		break;
	case NO_SUCH_GROUP:
		mnl_attr_put_strz(nlh, f->id, "/no/such/group");
		break;
	case NO_SUCH_ID:
		mnl_attr_put_u64(nlh, f->by_id, 1ULL << 60);
		break;
	case OTHER_EPOCH:
		mnl_attr_put_u64(nlh, f->id, EPOCH - 1);
		break;
	default:
		put_field(r, nlh, f, f->good);
	}
}

/*
 * Put a nest with all its fields. Return: the index of the next nest's first
 * field.
 */
static int put_nest(const struct raw *r, struct nlmsghdr *nlh,
		    const struct command *c, int i, const struct fault *fault)
{
	const struct field *f = &c->fields[i];
	uint16_t nest = f->nest, nest2 = 0;
	struct nlattr *outer, *inner = NULL;

	outer = mnl_attr_nest_start(nlh, nest);
	if (fault->spoil == NOT_NESTED && i == 0)
		outer->nla_type = nest;
	for (; i < FIELDS_MAX && c->fields[i].name; i++) {
		f = &c->fields[i];
		if (f->nest != nest)
			break;
		if (inner && f->nest2 != nest2) {
			mnl_attr_nest_end(nlh, inner);
			inner = NULL;
		}
		if (f->nest2 && !inner)
			inner = mnl_attr_nest_start(nlh, f->nest2);
		nest2 = f->nest2;
		if (i == fault->field)
			put_spoilt(r, nlh, f, fault);
		else
			put_field(r, nlh, f, f->good);
	}
	if (inner)
		mnl_attr_nest_end(nlh, inner);
	if (fault->spoil == UNKNOWN_FIELD)
		mnl_attr_put_u32(nlh, 200, 1);
	mnl_attr_nest_end(nlh, outer);
	return i;
}

static void put_nests(const struct raw *r, struct nlmsghdr *nlh,
		      const struct command *c, const struct fault *fault)
{
	int i = 0;

	while (i < FIELDS_MAX && c->fields[i].name) {
		int copies = 1, first = i;

		if (fault->spoil == TOO_MANY && c->fields[i].nest == c->many)
			copies = c->max + 1;
		while (copies--)
			i = put_nest(r, nlh, c, first, fault);
	}
}

static struct nlmsghdr *make(const struct raw *r, char *buf,
			     const struct command *c, const struct fault *fault)
{
	struct nlmsghdr *nlh = genl_begin(buf, r->family, c->cmd,
					 c->dump ? NLM_F_DUMP : NLM_F_ACK);
	struct nlattr *last;

	if (fault->spoil != NO_NEST)
		put_nests(r, nlh, c, fault);
	if (fault->spoil == UNKNOWN_NEST)
		mnl_attr_put_u32(nlh, 200, 1);
	if (fault->spoil == TOO_LONG_FIELD) {
		last = mnl_nlmsg_get_payload_tail(nlh);
		mnl_attr_put_u32(nlh, CGSPAN_A_NODE, 0);
		last->nla_len += 64;
	}
	if (fault->spoil == STRAY_BYTES) {
		memset(mnl_nlmsg_get_payload_tail(nlh), 0x5a, 3);
		nlh->nlmsg_len += 3;
	}
	return nlh;
}

/* ---- the answer to a message ---- */

static int on_ack_attr(const struct nlattr *attr, void *data)
{
	struct answer *a = data;

	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
		snprintf(a->text, sizeof(a->text), "%s",
			 mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static void read_end(const struct nlmsghdr *nlh, struct answer *a)
{
	unsigned int skip = sizeof(int);

	a->error = *(int *)mnl_nlmsg_get_payload(nlh);
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);

		skip = sizeof(*e);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			skip += mnl_nlmsg_get_payload_len(&e->msg);
	}
	mnl_attr_parse(nlh, skip, on_ack_attr, a);
}

static struct answer talk(struct mnl_socket *nl, const struct nlmsghdr *nlh)
{
	static char buf[BUF_SIZE];
	struct answer a = { };

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	for (;;) {
		struct nlmsghdr *in = (struct nlmsghdr *)buf;
		ssize_t size = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		int n = size;

		if (size < 0)
			die("receive");
		for (; mnl_nlmsg_ok(in, n); in = mnl_nlmsg_next(in, &n)) {
			if (in->nlmsg_type == NLMSG_ERROR ||
			    in->nlmsg_type == NLMSG_DONE) {
				read_end(in, &a);
				return a;
			}
		}
	}
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *nl = genl_open();
	int on = 1;

	mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on));
	return nl;
}

/* Send as an unprivileged user, from another process and socket. */
static struct answer talk_as(const struct nlmsghdr *nlh, enum spoil as)
{
	struct answer a = { };
	int fds[2], status;
	pid_t pid;

	if (pipe(fds))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		if (as == USER_NAMESPACE ? unshare(CLONE_NEWUSER) :
				   setresuid(UNPRIVILEGED, UNPRIVILEGED,
					     UNPRIVILEGED))
			die("becoming another");
		a = talk(open_socket(), nlh);
		_exit(write(fds[1], &a, sizeof(a)) != sizeof(a));
	}
	close(fds[1]);
	if (read(fds[0], &a, sizeof(a)) != sizeof(a))
		die("the other's answer");
	close(fds[0]);
	waitpid(pid, &status, 0);
	return a;
}

/* ---- judging an answer ---- */

static bool fits(const struct command *c, const struct fault *fault, int error)
{
	switch (fault->spoil) {
	case NOTHING:
		return error == 0;
	case NO_PRIVILEGE:
	case USER_NAMESPACE:
		return error == (c->open_to_all ? 0 : -EPERM);
	case NO_SUCH_GROUP:
	case NO_SUCH_ID:
		return error == -ENOENT;
	case OTHER_EPOCH:
		return error == -ESTALE;
	case BAD_VALUE:
		/* An invalid path names no group: ENOENT is right, too. */
		return error == -EINVAL || error == -ERANGE ||
		       error == -EBADF || error == -ESRCH ||
		       (error == -ENOENT && c->fields[fault->field].by_id);
	case BAD_SIZE:
		return error == -EINVAL || error == -ERANGE;
	case TOO_MANY:
		return error == -E2BIG || error == -EINVAL;
	default:
		return error == -EINVAL;
	}
}

static const char *name(const struct command *c, const struct fault *fault,
			char *buf, size_t size)
{
	static const char *const names[] = {
		"nothing", "no attributes", "missing", "out of range",
		"wrong size", "unknown group", "unknown group id",
		"stale epoch", "unprivileged", "root of a user namespace",
		"unknown nest", "unknown attribute", "nest without its flag",
		"truncated", "stray bytes", "too many"
	};

	if (fault->field < 0)
		return names[fault->spoil];
	snprintf(buf, size, "%s %s%s%s", names[fault->spoil],
		 c->fields[fault->field].name,
		 fault->spoil == BAD_VALUE ? "=" : "",
		 fault->spoil == BAD_VALUE ?
		 c->fields[fault->field].bad[fault->bad] : "");
	return buf;
}

static void check(struct raw *r, const struct command *c, enum spoil how,
		  int field, int bad)
{
	struct fault fault = { .spoil = how, .field = field, .bad = bad };
	static char buf[BUF_SIZE];
	char what[128];
	struct answer a;
	bool ok;

	memset(buf, 0, sizeof(buf));
	make(r, buf, c, &fault);
	if (how == NO_PRIVILEGE || how == USER_NAMESPACE)
		a = talk_as((struct nlmsghdr *)buf, how);
	else
		a = talk(r->nl, (struct nlmsghdr *)buf);
	ok = fits(c, &fault, a.error) && (!a.error || a.text[0]);
	r->bad += !ok;
	printf("%s\t%s\t%s\t%s\t%s\n", ok ? "ok" : "not ok", c->name,
	       name(c, &fault, what, sizeof(what)),
	       a.error ? strerrorname_np(-a.error) : "0", a.text);
	fflush(stdout);
}

static void check_field(struct raw *r, const struct command *c, int i)
{
	const struct field *f = &c->fields[i];

	if (f->required && !(c->dump && f->by_id && c->open_to_all))
		check(r, c, NO_FIELD, i, 0);
	for (int bad = 0; bad < 2 && f->bad[bad]; bad++)
		check(r, c, BAD_VALUE, i, bad);
	check(r, c, BAD_SIZE, i, 0);
	if (f->by_id) {
		check(r, c, NO_SUCH_GROUP, i, 0);
		if (c->cmd != CGSPAN_CMD_GROUP_NEW)
			check(r, c, NO_SUCH_ID, i, 0);
	}
	if (f->id == CGSPAN_SESSION_A_EPOCH && f->nest == CGSPAN_A_SESSION)
		check(r, c, OTHER_EPOCH, i, 0);
}

static void check_command(struct raw *r, const struct command *c)
{
	for (int i = 0; i < FIELDS_MAX && c->fields[i].name; i++)
		check_field(r, c, i);
	if (c->fields[0].name) {
		/* A dump of all groups needs no attribute. */
		if (!(c->dump && c->open_to_all))
			check(r, c, NO_NEST, -1, 0);
		check(r, c, UNKNOWN_FIELD, -1, 0);
		check(r, c, NOT_NESTED, -1, 0);
	}
	if (c->many)
		check(r, c, TOO_MANY, -1, 0);
	check(r, c, UNKNOWN_NEST, -1, 0);
	check(r, c, TOO_LONG_FIELD, -1, 0);
	check(r, c, STRAY_BYTES, -1, 0);
	check(r, c, NO_PRIVILEGE, -1, 0);
	check(r, c, USER_NAMESPACE, -1, 0);
}

/* Queue a request; the new session has no lease for it. */
static void prepare_grant(struct raw *r)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = genl_begin(buf, r->family, CGSPAN_CMD_ADMIT,
					 NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GRANT);

	mnl_attr_put_strz(nlh, CGSPAN_GRANT_A_GROUP_PATH, "/raw");
	mnl_attr_put_u64(nlh, CGSPAN_GRANT_A_CPU, 1000);
	mnl_attr_put_u32(nlh, CGSPAN_GRANT_A_WAIT, CGSPAN_WAIT_MAX_MS);
	mnl_attr_nest_end(nlh, nest);
	if (talk(r->nl, nlh).error)
		die("cannot queue");
}

/* Join, and create the groups that valid messages name. */
static void prepare(struct raw *r)
{
	static const char *const paths[] = { "/raw", "/raw/old" };
	const struct fault none = { .field = -1 };
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlattr *nest;
	struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (commands[i].cmd == CGSPAN_CMD_SESSION_RENEW &&
		    talk(r->nl, make(r, buf, &commands[i], &none)).error)
			die("cannot join");
	}
	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		nlh = genl_begin(buf, r->family, CGSPAN_CMD_GROUP_NEW,
				 NLM_F_ACK);
		nest = mnl_attr_nest_start(nlh, CGSPAN_A_GROUP);
		mnl_attr_put_strz(nlh, CGSPAN_GROUP_A_PATH, paths[i]);
		mnl_attr_nest_end(nlh, nest);
		if (talk(r->nl, nlh).error)
			die(paths[i]);
	}
	prepare_grant(r);
}

int main(int argc, char **argv)
{
	struct raw r = { };
	size_t i;

	if (argc != 2 || strncmp(argv[1], "/sys/fs/cgroup/", 15)) {
		fprintf(stderr, "usage: nlraw /sys/fs/cgroup/NAME\n");
		return 2;
	}
	r.cgroup = argv[1] + 14;
	r.fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r.freeze_fd = openat(r.fd, "cgroup.freeze", O_RDWR | O_CLOEXEC);
	if (r.fd < 0 || r.freeze_fd < 0)
		die(argv[1]);
	r.pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	if (r.pidfd < 0)
		die("pidfd");
	r.nl = open_socket();
	r.family = genl_family(r.nl, CGSPAN_GENL_NAME);
	prepare(&r);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		check_command(&r, &commands[i]);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		check(&r, &commands[i], NOTHING, -1, 0);
	return r.bad ? 1 : 0;
}
