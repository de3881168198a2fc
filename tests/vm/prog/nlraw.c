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

/* An attribute. Numbers are texts; their second bad value may be missing. */
struct field {
	const char *name;
	uint16_t nest;
	uint16_t nest2;		/* inside @nest; 0: directly in it */
	uint16_t id;
	enum kind kind;
	bool required;
	const char *good;	/* valid value; "now": the clock */
	const char *bad[2];
	uint16_t by_id;		/* attribute that names the same group by id */
};

#define FIELDS_MAX 7

struct command {
	const char *name;
	uint8_t cmd;
	bool dump;
	bool open_to_all;
	uint16_t many;		/* nest that may occur at most @max times */
	int max;
	struct field fields[FIELDS_MAX];
};

#define GROUP_PATH(p) \
	{ .name = "path", .nest = CGSPAN_A_GROUP, .id = CGSPAN_GROUP_A_PATH, \
	  .kind = STR, .required = true, .good = p, \
	  .bad = { "relative", "/a//b" }, .by_id = CGSPAN_GROUP_A_ID }

#define ON_EXPIRY \
	{ .name = "on-expiry", .nest = CGSPAN_A_GROUP, \
	  .id = CGSPAN_GROUP_A_ON_EXPIRY, .kind = U8, .good = "0", \
	  .bad = { "7" } }

#define RESOURCE_ID \
	{ .name = "resource-id", .nest = CGSPAN_A_GROUP, \
	  .nest2 = CGSPAN_GROUP_A_RESOURCE, .id = CGSPAN_RES_A_ID, \
	  .kind = U32, .required = true, .good = "0", .bad = { "99" } }

#define RESOURCE_LIMIT \
	{ .name = "resource-limit", .nest = CGSPAN_A_GROUP, \
	  .nest2 = CGSPAN_GROUP_A_RESOURCE, .id = CGSPAN_RES_A_LIMIT, \
	  .kind = U64, .required = true, .good = "50" }

#define SESSION_EPOCH \
	{ .name = "epoch", .nest = CGSPAN_A_SESSION, \
	  .id = CGSPAN_SESSION_A_EPOCH, .kind = U64, .required = true, \
	  .good = "10", .bad = { "0" } }

#define MEMBER_GROUP \
	{ .name = "group-path", .nest = CGSPAN_A_MEMBER, \
	  .id = CGSPAN_MEMBER_A_GROUP_PATH, .kind = STR, .required = true, \
	  .good = "/raw", .bad = { "relative", "/a//b" }, \
	  .by_id = CGSPAN_MEMBER_A_GROUP_ID }

#define MEMBER_CGROUP \
	{ .name = "cgroup", .nest = CGSPAN_A_MEMBER, \
	  .id = CGSPAN_MEMBER_A_CGROUP, .kind = STR, .required = true, \
	  .good = "CGROUP", .bad = { "", "relative" } }

/* The first grant since the module was loaded: see prepare_grant(). */
#define GRANT_ID \
	{ .name = "id", .nest = CGSPAN_A_GRANT, .id = CGSPAN_GRANT_A_ID, \
	  .kind = U64, .required = true, .good = "1", .bad = { "0" } }

#define GRANT_GROUP \
	{ .name = "group-path", .nest = CGSPAN_A_GRANT, \
	  .id = CGSPAN_GRANT_A_GROUP_PATH, .kind = STR, .required = true, \
	  .good = "/raw", .bad = { "relative", "/a//b" }, \
	  .by_id = CGSPAN_GRANT_A_GROUP_ID }

#define GRANT_TASKS \
	{ .name = "tasks", .nest = CGSPAN_A_GRANT, \
	  .id = CGSPAN_GRANT_A_TASKS, .kind = U64, .required = true, \
	  .good = "1", .bad = { "0", "0x20000000000001" } }

#define GRANT_WAIT \
	{ .name = "wait", .nest = CGSPAN_A_GRANT, .id = CGSPAN_GRANT_A_WAIT, \
	  .kind = U32, .good = "1", .bad = { "86400001" } }

#define GRANT_FLAGS \
	{ .name = "flags", .nest = CGSPAN_A_GRANT, \
	  .id = CGSPAN_GRANT_A_FLAGS, .kind = U32, .good = "1", \
	  .bad = { "2" } }

static const struct command commands[] = {
	{ .name = "NODE_GET", .cmd = CGSPAN_CMD_NODE_GET, .open_to_all = true },
	{ .name = "NODE_SET", .cmd = CGSPAN_CMD_NODE_SET, .fields = {
		{ .name = "name", .nest = CGSPAN_A_NODE,
		  .id = CGSPAN_NODE_A_NAME, .kind = STR, .required = true,
		  .good = "raw-1", .bad = { "", "no blanks" } },
		{ .name = "boot-id", .nest = CGSPAN_A_NODE,
		  .id = CGSPAN_NODE_A_BOOT_ID, .kind = BIN, .good = "16" },
		{ .name = "resource-id", .nest = CGSPAN_A_NODE,
		  .nest2 = CGSPAN_NODE_A_RESOURCE, .id = CGSPAN_RES_A_ID,
		  .kind = U32, .required = true, .good = "3",
		  .bad = { "2", "8" } },
		{ .name = "resource-name", .nest = CGSPAN_A_NODE,
		  .nest2 = CGSPAN_NODE_A_RESOURCE, .id = CGSPAN_RES_A_NAME,
		  .kind = STR, .required = true, .good = "raw-gpu",
		  .bad = { "9lives", "user1" } } } },
	{ .name = "SESSION_RENEW", .cmd = CGSPAN_CMD_SESSION_RENEW, .fields = {
		SESSION_EPOCH,
		{ .name = "sent", .nest = CGSPAN_A_SESSION,
		  .id = CGSPAN_SESSION_A_SENT, .kind = U64, .required = true,
		  .good = "now", .bad = { "future" } },
		{ .name = "ttl", .nest = CGSPAN_A_SESSION,
		  .id = CGSPAN_SESSION_A_TTL, .kind = U32, .required = true,
		  .good = "60000", .bad = { "0", "86400001" } } } },
	{ .name = "GROUP_NEW", .cmd = CGSPAN_CMD_GROUP_NEW, .fields = {
		GROUP_PATH("/raw/new"), ON_EXPIRY, RESOURCE_ID,
		RESOURCE_LIMIT } },
	{ .name = "GROUP_SET", .cmd = CGSPAN_CMD_GROUP_SET, .fields = {
		GROUP_PATH("/raw"), ON_EXPIRY, RESOURCE_ID,
		RESOURCE_LIMIT } },
	{ .name = "LEASE_SET", .cmd = CGSPAN_CMD_LEASE_SET,
	  .many = CGSPAN_A_LEASE, .max = CGSPAN_LEASES_MAX, .fields = {
		SESSION_EPOCH,
		{ .name = "group-path", .nest = CGSPAN_A_LEASE,
		  .id = CGSPAN_LEASE_A_GROUP_PATH, .kind = STR,
		  .required = true, .good = "/raw",
		  .bad = { "relative", "/a//b" },
		  .by_id = CGSPAN_LEASE_A_GROUP_ID },
		{ .name = "res", .nest = CGSPAN_A_LEASE,
		  .id = CGSPAN_LEASE_A_RES, .kind = U32, .required = true,
		  .good = "0", .bad = { "99" } },
		{ .name = "amount", .nest = CGSPAN_A_LEASE,
		  .id = CGSPAN_LEASE_A_AMOUNT, .kind = U64, .required = true,
		  .good = "5" },
		{ .name = "low", .nest = CGSPAN_A_LEASE,
		  .id = CGSPAN_LEASE_A_LOW, .kind = U64, .good = "1" },
		{ .name = "exhausted", .nest = CGSPAN_A_LEASE,
		  .id = CGSPAN_LEASE_A_EXHAUSTED, .kind = U8, .good = "0",
		  .bad = { "2" } } } },
	{ .name = "MEMBER_ADD", .cmd = CGSPAN_CMD_MEMBER_ADD,
	  .many = CGSPAN_A_MEMBER, .max = CGSPAN_MEMBERS_MAX,
	  .fields = { MEMBER_GROUP, MEMBER_CGROUP,
		{ .name = "freeze-fd", .nest = CGSPAN_A_MEMBER,
		  .id = CGSPAN_MEMBER_A_FREEZE_FD, .kind = S32,
		  .good = "FREEZE", .bad = { "-1", "999" } } } },
	{ .name = "MEMBER_GET", .cmd = CGSPAN_CMD_MEMBER_GET, .dump = true,
	  .open_to_all = true, .fields = { GROUP_PATH("/raw") } },
	{ .name = "PEER_SET", .cmd = CGSPAN_CMD_PEER_SET,
	  .many = CGSPAN_A_PEER, .max = CGSPAN_LEASES_MAX, .fields = {
		{ .name = "group-path", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_GROUP_PATH, .kind = STR,
		  .required = true, .good = "/raw",
		  .bad = { "relative", "/a//b" },
		  .by_id = CGSPAN_PEER_A_GROUP_ID },
		{ .name = "res", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_RES, .kind = U32, .required = true,
		  .good = "0", .bad = { "99" } },
		{ .name = "used", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_USED, .kind = U64, .required = true,
		  .good = "7" },
		{ .name = "nodes", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_NODES, .kind = U32, .required = true,
		  .good = "2" },
		{ .name = "time", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_TIME, .kind = U64, .required = true,
		  .good = "now" },
		{ .name = "node", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_NODE, .kind = STR, .required = true,
		  .good = "raw-2", .bad = { "", "no blanks" } },
		{ .name = "headroom", .nest = CGSPAN_A_PEER,
		  .id = CGSPAN_PEER_A_HEADROOM, .kind = U64, .required = true,
		  .good = "9" } } },
	{ .name = "TASK_GET", .cmd = CGSPAN_CMD_TASK_GET, .dump = true,
	  .fields = { GROUP_PATH("/raw") } },
	{ .name = "ADMIT", .cmd = CGSPAN_CMD_ADMIT, .fields = {
		GRANT_GROUP, GRANT_TASKS, GRANT_WAIT, GRANT_FLAGS,
		{ .name = "pid", .nest = CGSPAN_A_GRANT,
		  .id = CGSPAN_GRANT_A_PID, .kind = U32, .good = "1",
		  .bad = { "0", "0x7fffffff" } } } },
	{ .name = "ADMIT pidfd", .cmd = CGSPAN_CMD_ADMIT, .fields = {
		GRANT_GROUP, GRANT_TASKS, GRANT_WAIT, GRANT_FLAGS,
		{ .name = "pidfd", .nest = CGSPAN_A_GRANT,
		  .id = CGSPAN_GRANT_A_PIDFD, .kind = S32, .good = "PIDFD",
		  .bad = { "-1", "CGROUP" } } } },
	{ .name = "GRANT_GET", .cmd = CGSPAN_CMD_GRANT_GET, .open_to_all = true,
	  .fields = { GRANT_ID } },
	{ .name = "GRANT_GET dump", .cmd = CGSPAN_CMD_GRANT_GET, .dump = true,
	  .open_to_all = true, .fields = { GRANT_GROUP } },
	{ .name = "RELEASE", .cmd = CGSPAN_CMD_RELEASE,
	  .fields = { GRANT_ID } },
	{ .name = "GROUP_GET", .cmd = CGSPAN_CMD_GROUP_GET, .open_to_all = true,
	  .fields = { GROUP_PATH("/raw") } },
	{ .name = "GROUP_GET dump", .cmd = CGSPAN_CMD_GROUP_GET, .dump = true,
	  .open_to_all = true, .fields = { GROUP_PATH("/raw") } },
	{ .name = "MEMBER_DEL", .cmd = CGSPAN_CMD_MEMBER_DEL,
	  .many = CGSPAN_A_MEMBER, .max = CGSPAN_MEMBERS_MAX,
	  .fields = { MEMBER_CGROUP } },
	{ .name = "MEMBER_ADD fd", .cmd = CGSPAN_CMD_MEMBER_ADD, .fields = {
		MEMBER_GROUP,
		{ .name = "fd", .nest = CGSPAN_A_MEMBER,
		  .id = CGSPAN_MEMBER_A_FD, .kind = S32, .required = true,
		  .good = "CGROUP", .bad = { "-1", "999" } } } },
	{ .name = "MEMBER_DEL fd", .cmd = CGSPAN_CMD_MEMBER_DEL, .fields = {
		{ .name = "fd", .nest = CGSPAN_A_MEMBER,
		  .id = CGSPAN_MEMBER_A_FD, .kind = S32, .required = true,
		  .good = "CGROUP", .bad = { "-1", "999" } } } },
	{ .name = "GROUP_DEL", .cmd = CGSPAN_CMD_GROUP_DEL,
	  .fields = { GROUP_PATH("/raw/old") } },
	{ .name = "LEAVE", .cmd = CGSPAN_CMD_LEAVE, .fields = { SESSION_EPOCH } },
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
	int bad;		/* index of its bad value */
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
	case BAD_SIZE:		/* no type's size, no final 0 */
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

/* ---- its answer ---- */

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
