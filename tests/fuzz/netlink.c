// SPDX-License-Identifier: GPL-2.0
/*
 * Send valid, nearly valid and random messages to the family "cgspan" from several
 * processes with several sockets each, MESSAGES in all, while groups, cgroups and
 * tasks are created and removed.
 *
 * All processes send some messages with few capabilities or none, and have a socket
 * that was opened with none. The third process is in a network namespace of its own,
 * the fourth in a user namespace, the fifth in both, and so on. Some tasks that are
 * made in a cgroup first send a few messages, mostly for grants, with no capability.
 *
 *   netlink [-m MESSAGES] [-s SEED] [-p PROCESSES] DIR
 *
 * DIR is an empty cgroup v2 directory with the pids controller enabled below it.
 * The seed determines all messages but ids, epochs and times; so -p 1 repeats a
 * run.
 *
 * Failures, which are printed with the seed: a valid message is not sent, refused
 * without a text (but for ENOMEM) or not answered; an answer is malformed. The caller
 * judges the kernel's log. The last line is "MESSAGES sent, ACCEPTED accepted, REFUSED
 * refused, DUMPS dumps". Exit status: 0; 1: a process failed; 2: none was started. Tasks
 * are killed at the end; cgroups, groups, members and the session stay.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/genetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include <linux/cgspan.h>

#define DIE_STATUS 2
#include "../sim/base.h"
#include "../vm/prog/clock.h"
#include "../vm/prog/clone.h"
#include "../vm/prog/genl.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BUF_SIZE (1 << 16)
#define SOCKETS 4
#define CHILDREN 8
#define NAMES 2			/* number of different names at each level */
#define MARKS 64
#define MCGROUPS 8
#define ALL_CAPS UINT64_MAX
#define FIRST_APART 2		/* processes from this number on are in other namespaces */
#define GUEST_MESSAGES 4	/* most messages that a guest, a task in a cgroup, sends */

/* The protocol. */

enum kind { U8, U32, U64, S32, TEXT, BYTES, NEST };

/* How a valid value of an attribute is chosen. */
enum value {
	ANY, ONE, RESOURCE, POLICY, GROUP_ID, GROUP_PATH, EPOCH, CLOCK, TTL,
	AMOUNT, CGROUP, CGROUP_ID, NAME, BOOT_ID, COUNT, USER_RESOURCE, SOME,
	GRANT_ID, HOLDER, WAIT, CAUSE, BRIEF,
	/* File descriptors. */
	CGROUP_FD, FREEZE_FD, PROCS_FD, KILL_FD, HOLDER_FD,
};

/*
 * An attribute: @often of 8 messages have it, each 1 to @many times (0: once), or have
 * the attribute @alt in its place.
 */
struct attr {
	uint16_t id;
	enum kind kind;
	enum value value;
	uint8_t often;
	uint8_t many;
	const struct attr *alt;
	const struct attr *nest;
};

#define END { }

#define ATTR(nest_, attr, kind, value, often_, ...) \
	{ CGSPAN_##nest_##_A_##attr, kind, value, .often = often_, __VA_ARGS__ }
/* In an ATTR(): the attribute that may take its place in a message (attr.alt). */
#define ALT(...) .alt = &(const struct attr)ATTR(__VA_ARGS__)
/* Names a group by its path, or by its id. */
#define GROUP_OF(nest_) \
	ATTR(nest_, GROUP_PATH, TEXT, GROUP_PATH, 8, \
	     ALT(nest_, GROUP_ID, U64, GROUP_ID, 8))
#define SOME_FIELD(attr, often_) ATTR(GRANT, attr, U64, SOME, often_)

static const struct attr group_only[] = {
	ATTR(GROUP, PATH, TEXT, GROUP_PATH, 8,
	     ALT(GROUP, ID, U64, GROUP_ID, 8)),
	END
};

static const struct attr group_read[] = {
	ATTR(GROUP, PATH, TEXT, GROUP_PATH, 8,
	     ALT(GROUP, ID, U64, GROUP_ID, 8)),
	ATTR(GROUP, FLAGS, U32, BRIEF, 4),
	END
};

static const struct attr resource[] = {
	ATTR(RES, ID, U32, RESOURCE, 8),
	ATTR(RES, LIMIT, U64, AMOUNT, 8),
	END
};

static const struct attr group_new[] = {
	ATTR(GROUP, PATH, TEXT, GROUP_PATH, 8),
	ATTR(GROUP, ON_EXPIRY, U8, POLICY, 2),
	ATTR(GROUP, RESOURCE, NEST, ANY, 2, .many = 3, .nest = resource),
	END
};

static const struct attr group_set[] = {
	ATTR(GROUP, PATH, TEXT, GROUP_PATH, 8,
	     ALT(GROUP, ID, U64, GROUP_ID, 8)),
	ATTR(GROUP, ON_EXPIRY, U8, POLICY, 4),
	ATTR(GROUP, RESOURCE, NEST, ANY, 4, .many = 3, .nest = resource),
	END
};

static const struct attr res_name[] = {
	ATTR(RES, ID, U32, USER_RESOURCE, 8),
	ATTR(RES, NAME, TEXT, NAME, 8),
	END
};

static const struct attr node[] = {
	ATTR(NODE, NAME, TEXT, NAME, 6),
	ATTR(NODE, BOOT_ID, BYTES, BOOT_ID, 4),
	ATTR(NODE, RESOURCE, NEST, ANY, 4, .many = 3, .nest = res_name),
	END
};

static const struct attr renew[] = {
	ATTR(SESSION, EPOCH, U64, EPOCH, 8),
	ATTR(SESSION, SENT, U64, CLOCK, 8),
	ATTR(SESSION, TTL, U32, TTL, 8),
	END
};

static const struct attr epoch_only[] = {
	ATTR(SESSION, EPOCH, U64, EPOCH, 8),
	END
};

static const struct attr lease[] = {
	GROUP_OF(LEASE),
	ATTR(LEASE, RES, U32, RESOURCE, 8),
	ATTR(LEASE, AMOUNT, U64, AMOUNT, 8),
	ATTR(LEASE, LOW, U64, AMOUNT, 2),
	ATTR(LEASE, EXHAUSTED, U8, ONE, 2),
	ATTR(LEASE, DRAIN, U8, ONE, 4),
	ATTR(LEASE, CAUSE, U8, CAUSE, 4),
	ATTR(LEASE, CALLER, TEXT, GROUP_PATH, 4),
	END
};

static const struct attr member_add[] = {
	GROUP_OF(MEMBER),
	ATTR(MEMBER, CGROUP, TEXT, CGROUP, 8,
	     ALT(MEMBER, FD, S32, CGROUP_FD, 8)),
	ATTR(MEMBER, FREEZE_FD, S32, FREEZE_FD, 4),
	ATTR(MEMBER, PROCS_FD, S32, PROCS_FD, 4),
	ATTR(MEMBER, KILL_FD, S32, KILL_FD, 4),
	END
};

static const struct attr member_fd =
	ATTR(MEMBER, FD, S32, CGROUP_FD, 8);

static const struct attr member_del[] = {
	ATTR(MEMBER, CGROUP, TEXT, CGROUP, 8,
	     ALT(MEMBER, CGROUP_ID, U64, CGROUP_ID, 8, .alt = &member_fd)),
	END
};

static const struct attr peer[] = {
	GROUP_OF(PEER),
	ATTR(PEER, RES, U32, RESOURCE, 8),
	ATTR(PEER, USED, U64, AMOUNT, 8),
	ATTR(PEER, NODES, U32, COUNT, 8),
	ATTR(PEER, TIME, U64, CLOCK, 8),
	ATTR(PEER, NODE, TEXT, NAME, 4),
	ATTR(PEER, HEADROOM, U64, AMOUNT, 4),
	END
};

static const struct attr admit[] = {
	GROUP_OF(GRANT),
	SOME_FIELD(TASKS, 5), SOME_FIELD(CPU, 4), SOME_FIELD(MEMORY, 2),
	SOME_FIELD(USER0, 2), SOME_FIELD(USER1, 1), SOME_FIELD(USER2, 1),
	SOME_FIELD(USER3, 1), SOME_FIELD(USER4, 1),
	ATTR(GRANT, PID, U32, HOLDER, 5, ALT(GRANT, PIDFD, S32, HOLDER_FD, 8)),
	ATTR(GRANT, WAIT, U32, WAIT, 4),
	ATTR(GRANT, FLAGS, U32, ONE, 1),
	END
};

static const struct attr grant_only[] = {
	ATTR(GRANT, ID, U64, GRANT_ID, 8),
	END
};

static const struct attr grant_group[] = {
	GROUP_OF(GRANT),
	END
};

static const struct attr some_grants[] = {
	{ CGSPAN_A_GRANT, NEST, .often = 4, .nest = grant_group },
	END
};

static const struct attr some_read[] = {
	{ CGSPAN_A_GROUP, NEST, .often = 4, .nest = group_read },
	END
};

static const struct attr some_group[] = {
	{ CGSPAN_A_GROUP, NEST, .often = 4, .nest = group_only },
	END
};

#define ONE_NEST(a, n) \
	((const struct attr[]){ { a, NEST, .often = 8, .nest = n }, END })
#define SOME_NESTS(a, n) \
	((const struct attr[]){ { a, NEST, .often = 8, .many = 4, .nest = n }, \
				END })

/* @weight: how often. MEMBER_ADD and MEMBER_DEL are rare: each stops all forks for a moment. */
static const struct command {
	uint8_t cmd;
	uint8_t weight;
	bool dump;
	const struct attr *attrs;
} commands[] = {
	{ CGSPAN_CMD_NODE_GET, 10, .attrs = (const struct attr[]){ END } },
	{ CGSPAN_CMD_NODE_SET, 5, .attrs = ONE_NEST(CGSPAN_A_NODE, node) },
	{ CGSPAN_CMD_SESSION_RENEW, 8,
	  .attrs = ONE_NEST(CGSPAN_A_SESSION, renew) },
	{ CGSPAN_CMD_LEAVE, 4,
	  .attrs = ONE_NEST(CGSPAN_A_SESSION, epoch_only) },
	{ CGSPAN_CMD_GROUP_NEW, 30,
	  .attrs = ONE_NEST(CGSPAN_A_GROUP, group_new) },
	{ CGSPAN_CMD_GROUP_SET, 15,
	  .attrs = ONE_NEST(CGSPAN_A_GROUP, group_set) },
	{ CGSPAN_CMD_GROUP_DEL, 15,
	  .attrs = ONE_NEST(CGSPAN_A_GROUP, group_only) },
	{ CGSPAN_CMD_GROUP_GET, 15,
	  .attrs = ONE_NEST(CGSPAN_A_GROUP, group_read) },
	{ CGSPAN_CMD_GROUP_GET, 4, true, .attrs = some_read },
	{ CGSPAN_CMD_LEASE_SET, 30, .attrs = (const struct attr[]){
		{ CGSPAN_A_SESSION, NEST, .often = 6, .nest = epoch_only },
		{ CGSPAN_A_LEASE, NEST, .often = 8, .many = 4, .nest = lease },
		END } },
	{ CGSPAN_CMD_MEMBER_ADD, 2,
	  .attrs = SOME_NESTS(CGSPAN_A_MEMBER, member_add) },
	{ CGSPAN_CMD_MEMBER_DEL, 2,
	  .attrs = SOME_NESTS(CGSPAN_A_MEMBER, member_del) },
	{ CGSPAN_CMD_MEMBER_GET, 4, true, .attrs = some_group },
	{ CGSPAN_CMD_PEER_SET, 10, .attrs = SOME_NESTS(CGSPAN_A_PEER, peer) },
	{ CGSPAN_CMD_TASK_GET, 4, true,
	  .attrs = ONE_NEST(CGSPAN_A_GROUP, group_only) },
	{ CGSPAN_CMD_ADMIT, 40, .attrs = ONE_NEST(CGSPAN_A_GRANT, admit) },
	{ CGSPAN_CMD_RELEASE, 25,
	  .attrs = ONE_NEST(CGSPAN_A_GRANT, grant_only) },
	{ CGSPAN_CMD_GRANT_GET, 10,
	  .attrs = ONE_NEST(CGSPAN_A_GRANT, grant_only) },
	{ CGSPAN_CMD_GRANT_GET, 4, true, .attrs = some_grants },
	{ CGSPAN_CMD_SCHED_HOLD, 2, .attrs = (const struct attr[]){ END } },
};

/* The state of one process. */

struct totals {
	uint64_t sent;
	uint64_t accepted;
	uint64_t refused;
	uint64_t dumps;
};

struct fuzzer {
	uint64_t random;
	uint64_t seed;
	unsigned int number;
	const char *dir;
	uint16_t family;
	uint32_t groups[MCGROUPS];
	struct mnl_socket *sockets[SOCKETS];
	pid_t children[CHILDREN];
	uint64_t last_id;	/* group id of the latest reply that had one */
	uint64_t last_grant;	/* grant id of the latest reply that had one */
	uint64_t epoch;
	uint32_t seq;
	struct totals totals;
	bool failed;
	bool guest;		/* the process is a task in a cgroup, and mostly asks for grants */

	bool spoil;		/* try to make the message invalid */
	uint8_t *buf;
	size_t len;
	struct mark {		/* an attribute: it begins at @buf + @at */
		size_t at;
		bool keep;	/* of the attribute, only the length may be made invalid */
	} marks[MARKS];
	size_t nr_marks;
};

static void __attribute__((format(printf, 2, 3)))
fail(struct fuzzer *f, const char *format, ...)
{
	va_list args;

	f->failed = true;
	fprintf(stderr, "netlink: seed %" PRIu64 ", process %u, message %" PRIu64
		": ", f->seed, f->number, f->totals.sent);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static uint64_t below(struct fuzzer *f, uint64_t n)
{
	return draw(&f->random) % n;
}

static bool chance(struct fuzzer *f, unsigned int n, unsigned int of)
{
	return below(f, of) < n;
}

/* Authority. */

static struct __user_cap_header_struct caps_head = {
	.version = _LINUX_CAPABILITY_VERSION_3,
};

/* Make @caps the effective capabilities, as far as permitted; all stay permitted. */
static void set_caps(uint64_t caps)
{
	struct __user_cap_data_struct data[2];

	must(!syscall(SYS_capget, &caps_head, data), "capget");
	data[0].effective = data[0].permitted & caps;
	data[1].effective = data[1].permitted & (caps >> 32);
	must(!syscall(SYS_capset, &caps_head, data), "capset");
}

/* Give up all capabilities for ever. */
static void drop_caps(void)
{
	struct __user_cap_data_struct none[2] = {};

	must(!syscall(SYS_capset, &caps_head, none), "capset");
}

/* Return: usually all capabilities; else none, CAP_NET_ADMIN or those of the daemon. */
static uint64_t some_caps(struct fuzzer *f)
{
	static const uint64_t caps[] = {
		0, 1 << CAP_NET_ADMIN, 1 << CAP_NET_ADMIN | 1 << CAP_SYS_RESOURCE,
	};

	return chance(f, 3, 4) ? ALL_CAPS : caps[below(f, ARRAY_SIZE(caps))];
}

static void enter_namespaces(unsigned int number)
{
	static const int flags[] = {
		CLONE_NEWUSER, CLONE_NEWUSER | CLONE_NEWNET, CLONE_NEWNET,
	};

	if (number >= FIRST_APART)
		must(!unshare(flags[number % ARRAY_SIZE(flags)]), "unshare");
}

/* Values. */

/* Values near the limits of integer types. */
static uint64_t edge(struct fuzzer *f)
{
	static const uint64_t edges[] = {
		0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, INT32_MAX,
		0x80000000, UINT32_MAX, INT64_MAX, 1ULL << 63, UINT64_MAX - 1,
		UINT64_MAX
	};

	return edges[below(f, ARRAY_SIZE(edges))];
}

/* Return: a holder for grants: a child, or this process, whose children may use them. */
static pid_t holder(struct fuzzer *f)
{
	pid_t child = f->children[below(f, CHILDREN)];

	return child > 0 && chance(f, 1, 2) ? child : getpid();
}

static uint64_t number(struct fuzzer *f, enum value value)
{
	switch (value) {
	case ONE:
		return below(f, 2);
	case RESOURCE:
		return below(f, CGSPAN_RES_MAX + 1);
	case POLICY:
		return below(f, CGSPAN_ON_EXPIRY_MAX + 1);
	case CAUSE:
		return below(f, CGSPAN_CAUSE_MAX + 1);
	case BRIEF:
		return below(f, 2) * CGSPAN_GROUP_F_BRIEF;
	case GROUP_ID:
		return f->last_id - below(f, 8);
	case EPOCH:
		return f->epoch + chance(f, 1, 8);
	case CLOCK:
		return clock_ns(CLOCK_BOOTTIME) - below(f, 1000000);
	case TTL:
		return 1 + below(f, chance(f, 1, 2) ? 20 : 20000);
	case AMOUNT:
		return chance(f, 1, 3) ? CGSPAN_MAX : below(f, 12);
	case COUNT:
		return below(f, 100);
	case USER_RESOURCE:
		return CGSPAN_RES_USER0 + below(f, CGSPAN_RES_USERS);
	case SOME:
		return 1 + below(f, 12);
	case GRANT_ID:
		return f->last_grant - below(f, 8);
	case HOLDER:
		return holder(f);
	case WAIT:
		return below(f, chance(f, 1, 2) ? 20 : 20000);
	default:
		return edge(f);
	}
}

/* Append to @path a random one: 1 to 4 levels, each with one of NAMES names. */
static void name_one(struct fuzzer *f, char *path, size_t size)
{
	size_t len = strlen(path);
	int more = 4;

	do {
		len += snprintf(path + len, size - len, "/%c",
				(char)('a' + below(f, NAMES)));
	} while (--more && chance(f, 1, 2));
}

static void put(struct fuzzer *f, const void *data, size_t len)
{
	if (f->len + len + 4 > BUF_SIZE / 2)
		return;
	memcpy(f->buf + f->len, data, len);
	f->len += len;
	while (f->len % 4)
		f->buf[f->len++] = 0;
}

static size_t start_attr(struct fuzzer *f, uint16_t type)
{
	const struct nlattr attr = { .nla_type = type };
	size_t at = f->len;

	put(f, &attr, sizeof(attr));
	if (f->nr_marks < MARKS)
		f->marks[f->nr_marks++] = (struct mark){ .at = at };
	return at;
}

static struct nlattr *attr_at(struct fuzzer *f, size_t at)
{
	return (struct nlattr *)(f->buf + at);
}

/* @at: the attribute begun last; from now only its length may be made invalid. */
static void keep(struct fuzzer *f, size_t at)
{
	if (f->marks[f->nr_marks - 1].at == at)
		f->marks[f->nr_marks - 1].keep = true;
}

static size_t put_attr(struct fuzzer *f, uint16_t type, const void *data,
		       size_t len)
{
	size_t at = start_attr(f, type);

	put(f, data, len);
	attr_at(f, at)->nla_len = sizeof(struct nlattr) + len;
	return at;
}

/* Return: the path of a random cgroup, valid until the next call. */
static const char *some_cgroup(struct fuzzer *f)
{
	static char path[256];

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", f->dir);
	name_one(f, path, sizeof(path));
	return path;
}

static int open_cgroup(struct fuzzer *f)
{
	return open(some_cgroup(f), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Open a file of a cgroup, or, as a proof of authority, of DIR. */
static int open_file(struct fuzzer *f, const char *name, int flags)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", some_cgroup(f), name);
	if (flags == O_WRONLY && chance(f, 1, 4))
		snprintf(path, sizeof(path), "/sys/fs/cgroup%s/%s", f->dir, name);
	return open(path, flags | O_CLOEXEC);
}

static uint64_t cgroup_id(struct fuzzer *f)
{
	int fd = open_cgroup(f);
	struct stat st;
	uint64_t id = 0;

	if (fd < 0)
		return below(f, 100);
	if (!fstat(fd, &st))
		id = st.st_ino;
	close(fd);
	return id;
}

/* Of cgroup paths and "/" only spoil the length: no cgroup outside of DIR may be bound. */
static void put_text(struct fuzzer *f, const struct attr *attr)
{
	char text[256] = "";
	size_t at;

	if (attr->value == CGROUP)
		snprintf(text, sizeof(text), "%s", f->dir);
	if (attr->value == NAME)
		snprintf(text, sizeof(text), "n%u", (unsigned int)below(f, 9));
	else if (attr->value == GROUP_PATH && chance(f, 1, 16))
		strcpy(text, "/");
	else
		name_one(f, text, sizeof(text));
	at = put_attr(f, attr->id, text, strlen(text) + 1);
	if (attr->value == CGROUP || !text[1])
		keep(f, at);
}

/* Valid descriptors in a message get these numbers, and stay open until replaced. */
#define SPARE_FD 3
#define SPARE_FDS 5

static int open_one(struct fuzzer *f, enum value value)
{
	switch (value) {
	case CGROUP_FD:
		return open_cgroup(f);
	case FREEZE_FD:
		return open_file(f, "cgroup.freeze", O_RDWR);
	case PROCS_FD:
		return open_file(f, "cgroup.procs", O_WRONLY);
	case KILL_FD:
		return open_file(f, "cgroup.kill", O_WRONLY);
	default:
		return syscall(SYS_pidfd_open, holder(f), 0);
	}
}

static int32_t spare_fd(struct fuzzer *f, enum value value)
{
	int spare = SPARE_FD + (value - CGROUP_FD), fd = open_one(f, value);

	if (fd < 0)
		return below(f, 64);
	dup3(fd, spare, O_CLOEXEC);
	close(fd);
	return spare;
}

static void put_nest(struct fuzzer *f, const struct attr *attrs);

static void put_one(struct fuzzer *f, const struct attr *attr)
{
	uint8_t bytes[16];
	uint64_t value;
	size_t at, i;

	switch (attr->kind) {
	case NEST:
		at = start_attr(f, attr->id | NLA_F_NESTED);
		put_nest(f, attr->nest);
		attr_at(f, at)->nla_len = f->len - at;
		return;
	case TEXT:
		put_text(f, attr);
		return;
	case BYTES:
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = draw(&f->random);
		put_attr(f, attr->id, bytes, sizeof(bytes));
		return;
	default:
		break;
	}
	if (attr->kind == S32)
		value = spare_fd(f, attr->value);
	else if (attr->value == CGROUP_ID)
		value = cgroup_id(f);
	else
		value = number(f, attr->value);
	put_attr(f, attr->id, &value,
		 attr->kind == U8 ? 1 : attr->kind == U64 ? 8 : 4);
}

static const struct attr *either(struct fuzzer *f, const struct attr *attr)
{
	while (attr->alt && chance(f, 1, 4))
		attr = attr->alt;
	return attr;
}

static void put_nest(struct fuzzer *f, const struct attr *attrs)
{
	const struct attr *attr;
	unsigned int n;

	for (attr = attrs; attr->often; attr++) {
		if (!chance(f, attr->often, 8) || (f->spoil && chance(f, 1, 16)))
			continue;
		n = attr->many ? 1 + below(f, attr->many) : 1;
		if (f->spoil && chance(f, 1, 32))
			n = below(f, 40);
		while (n--)
			put_one(f, either(f, attr));
	}
}

/* Making messages invalid. */

/* Change @attr's value; not that of a nest, nor if its length was made invalid before. */
static void spoil_value(struct fuzzer *f, struct nlattr *attr)
{
	size_t len = attr->nla_len - sizeof(*attr);
	uint8_t *data = (uint8_t *)(attr + 1);
	uint64_t value = edge(f);

	if (attr->nla_type & NLA_F_NESTED || attr->nla_len < sizeof(*attr) ||
	    data + len > f->buf + f->len)
		return;
	if (len <= sizeof(value) && chance(f, 3, 4))
		memcpy(data, &value, len);
	else if (len)
		data[below(f, len)] = draw(&f->random);
}

static void spoil_one(struct fuzzer *f)
{
	struct nlattr *attr;
	struct mark *mark;

	if (!f->nr_marks)
		return;
	mark = &f->marks[below(f, f->nr_marks)];
	attr = attr_at(f, mark->at);
	switch (below(f, mark->keep ? 2 : 8)) {
	case 0:
		attr->nla_len += (int)below(f, 17) - 8;
		break;
	case 1:
		attr->nla_len = edge(f);
		break;
	case 2:
		attr->nla_type = below(f, 32) | (attr->nla_type & NLA_F_NESTED);
		break;
	case 3:
		attr->nla_type ^= 1 << below(f, 16);
		break;
	default:
		spoil_value(f, attr);
	}
}

/* Messages. */

static void start_message(struct fuzzer *f, uint16_t flags, uint8_t cmd)
{
	const struct nlmsghdr nlh = {
		.nlmsg_type = f->family,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = ++f->seq,
	};
	const struct genlmsghdr genl = {
		.cmd = cmd, .version = CGSPAN_GENL_VERSION
	};

	f->len = 0;
	f->nr_marks = 0;
	put(f, &nlh, sizeof(nlh));
	put(f, &genl, sizeof(genl));
}

static const struct command *pick(struct fuzzer *f)
{
	unsigned int total = 0, at;
	size_t i;

	for (i = 0; f->guest && i < ARRAY_SIZE(commands); i++)
		if (commands[i].cmd == CGSPAN_CMD_ADMIT && chance(f, 3, 4))
			return &commands[i];
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		total += commands[i].weight;
	at = below(f, total);
	for (i = 0; at >= commands[i].weight; i++)
		at -= commands[i].weight;
	return &commands[i];
}

static void garbage(struct fuzzer *f)
{
	size_t i, len = below(f, chance(f, 1, 8) ? 4096 : 128);

	start_message(f, chance(f, 1, 4) ? NLM_F_DUMP : NLM_F_ACK,
		      below(f, CGSPAN_CMD_MAX + 3));
	if (chance(f, 1, 2))	/* half of the garbage begins with an attribute */
		start_attr(f, below(f, CGSPAN_A_MAX + 2));
	for (i = 0; i < len / 4; i++) {
		uint32_t word = draw(&f->random) >> below(f, 32);

		put(f, &word, sizeof(word));
	}
	if (f->nr_marks)
		attr_at(f, f->marks[0].at)->nla_len = f->len - f->marks[0].at;
}

/* Compose a message in @f->buf. Return: false: it may be invalid. */
static bool compose(struct fuzzer *f)
{
	const struct command *command = pick(f);
	unsigned int kind = below(f, 16);

	f->spoil = kind < 5;
	if (!kind) {
		garbage(f);
		return false;
	}
	start_message(f, command->dump ? NLM_F_DUMP : NLM_F_ACK, command->cmd);
	put_nest(f, command->attrs);
	while (f->spoil && chance(f, 3, 4))
		spoil_one(f);
	return !f->spoil;
}

/* Answers. */

static const char *text_of(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	unsigned int offset = sizeof(*err);
	const struct nlattr *attr;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		offset += err->msg.nlmsg_len - sizeof(err->msg);
	mnl_attr_for_each(attr, nlh, offset)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			return mnl_attr_get_str(attr);
	return NULL;
}

/* Keep the ids and the epoch of a reply for later messages. */
static void learn(struct fuzzer *f, const struct nlmsghdr *nlh)
{
	const struct nlattr *nest, *attr;

	mnl_attr_for_each(nest, nlh, sizeof(struct genlmsghdr)) {
		uint16_t outer = mnl_attr_get_type(nest);

		if (outer != CGSPAN_A_GROUP && outer != CGSPAN_A_SESSION &&
		    outer != CGSPAN_A_GRANT)
			continue;
		mnl_attr_for_each_nested(attr, nest) {
			uint16_t type = mnl_attr_get_type(attr);

			if (outer == CGSPAN_A_GROUP && type == CGSPAN_GROUP_A_ID)
				f->last_id = mnl_attr_get_u64(attr);
			if (outer == CGSPAN_A_GRANT && type == CGSPAN_GRANT_A_ID)
				f->last_grant = mnl_attr_get_u64(attr);
			if (outer == CGSPAN_A_SESSION &&
			    type == CGSPAN_SESSION_A_EPOCH)
				f->epoch = mnl_attr_get_u64(attr) ?: 1;
		}
	}
}

/* Return: whether @nlh ends the answer to the request @seq; @right: that was valid. */
static bool judge(struct fuzzer *f, const struct nlmsghdr *nlh, uint32_t seq,
		  bool right)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_seq != seq)
		return false;
	if (nlh->nlmsg_type == f->family) {
		learn(f, nlh);
		return false;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		f->totals.dumps++;
		return true;
	}
	if (nlh->nlmsg_type != NLMSG_ERROR)
		return false;
	if (!err->error) {
		f->totals.accepted++;
		return true;
	}
	f->totals.refused++;
	if (right && err->error != -ENOMEM && !text_of(nlh))
		fail(f, "command %u is refused without a text (%s)",
		     ((struct genlmsghdr *)(f->buf + NLMSG_HDRLEN))->cmd,
		     strerror(-err->error));
	return true;
}

/* Return: 1: end of the answer; 0: read on; -1: nothing is queued, or an error. */
static int receive(struct fuzzer *f, struct mnl_socket *socket, uint32_t seq,
		   bool right)
{
	static _Alignas(NLMSG_ALIGNTO) uint8_t buf[BUF_SIZE];
	const struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
	int len = recv(mnl_socket_get_fd(socket), buf, sizeof(buf),
		       MSG_DONTWAIT);
	bool end = false;

	if (len < 0) {
		if (errno == ENOBUFS)
			return 0;
		if (errno != EAGAIN)
			fail(f, "recv: %s", strerror(errno));
		return -1;
	}
	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
		end |= judge(f, nlh, seq, right);
	if (len)
		fail(f, "the answer is malformed");
	return end;
}

static void open_socket(struct fuzzer *f, unsigned int i)
{
	const int on = 1;
	size_t group;

	if (f->sockets[i])
		mnl_socket_close(f->sockets[i]);
	/* The last socket is opened without capabilities, whatever its sender has. */
	set_caps(i == SOCKETS - 1 ? 0 : ALL_CAPS);
	f->sockets[i] = genl_open();
	mnl_socket_setsockopt(f->sockets[i], NETLINK_EXT_ACK, (void *)&on,
			      sizeof(on));
	for (group = 0; group < ARRAY_SIZE(f->groups); group++)
		if (chance(f, 1, 4))
			mnl_socket_setsockopt(f->sockets[i],
					      NETLINK_ADD_MEMBERSHIP,
					      &f->groups[group],
					      sizeof(f->groups[group]));
	set_caps(ALL_CAPS);
}

/* Send one message, and receive its answer; some dumps are ended by closing the socket. */
static void exchange(struct fuzzer *f)
{
	/* Prefer the first socket: it may own the session. */
	unsigned int i = chance(f, 3, 4) ? 0 : below(f, SOCKETS);
	struct mnl_socket *socket = f->sockets[i];
	bool right = compose(f);
	struct nlmsghdr *nlh = (struct nlmsghdr *)f->buf;
	size_t len = f->len;
	bool whole = true;
	int more;

	nlh->nlmsg_len = len;
	if (!right && chance(f, 1, 16)) {
		nlh->nlmsg_len = edge(f);
		whole = false;
	}
	f->totals.sent++;
	if (mnl_socket_sendto(socket, f->buf, len) < 0) {
		if (right)
			fail(f, "send: %s", strerror(errno));
		return;
	}
	do {
		more = receive(f, socket, f->seq, right);
		if (nlh->nlmsg_flags & NLM_F_DUMP && chance(f, 1, 8)) {
			open_socket(f, i);
			return;
		}
	} while (!more);
	if (more < 0 && whole && right)
		fail(f, "command %u is not answered",
		     ((struct genlmsghdr *)(f->buf + NLMSG_HDRLEN))->cmd);
}

static void send_one(struct fuzzer *f)
{
	set_caps(some_caps(f));
	exchange(f);
	set_caps(ALL_CAPS);
}

/* Change groups, cgroups and tasks. */

static void end_child(struct fuzzer *f, pid_t *child)
{
	int status;

	if (*child <= 0)
		return;
	kill(*child, SIGKILL);
	if (waitpid(*child, &status, 0) > 0 && WIFEXITED(status) &&
	    WEXITSTATUS(status))
		f->failed = true;
	*child = 0;
}

/* A task in a cgroup: send messages, most for grants, in its own group by chance. */
static void be_guest(struct fuzzer *f)
{
	unsigned int i;

	f->guest = true;
	f->failed = false;
	/* Make the child send other messages than its parent will. */
	f->random = ~f->random;
	drop_caps();
	for (i = 0; i < SOCKETS; i++)
		open_socket(f, i);
	for (i = 0; i < GUEST_MESSAGES && !f->failed; i++)
		send_one(f);
	if (f->failed)
		_exit(1);
}

/* Half of the children exit soon: zombies until end_child(). */
static void make_child(struct fuzzer *f)
{
	pid_t *child = &f->children[below(f, CHILDREN)];
	bool lives = chance(f, 1, 2), asks = chance(f, 1, 4);
	int fd = open_cgroup(f);

	if (fd < 0)
		return;
	end_child(f, child);
	*child = clone_into(fd);
	if (!*child) {
		if (asks)
			be_guest(f);
		while (lives)
			pause();
		_exit(0);
	}
	close(fd);
}

static void move_child(struct fuzzer *f)
{
	pid_t child = f->children[below(f, CHILDREN)];
	int dir = open_cgroup(f), fd;

	if (dir < 0)
		return;
	fd = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && child > 0)
		dprintf(fd, "%d", child);
	if (fd >= 0)
		close(fd);
	close(dir);
}

static void change_world(struct fuzzer *f)
{
	switch (below(f, 8)) {
	case 0:
		open_socket(f, below(f, SOCKETS));
		break;
	case 1:
	case 2:
		mkdir(some_cgroup(f), 0755);
		break;
	case 3:
		rmdir(some_cgroup(f));
		break;
	case 4:
		end_child(f, &f->children[below(f, CHILDREN)]);
		break;
	case 5:
		move_child(f);
		break;
	default:
		make_child(f);
	}
}

static bool fuzz(struct fuzzer *f, uint64_t messages)
{
	unsigned int i;

	f->random = f->seed * 1000003 + f->number;
	f->epoch = 1;
	f->last_id = 8;
	f->last_grant = 8;
	f->buf = malloc(BUF_SIZE);
	must(f->buf, "memory");
	for (i = 0; i < SOCKETS; i++)
		open_socket(f, i);
	while (f->totals.sent < messages && !f->failed) {
		if (chance(f, 1, 32))
			change_world(f);
		send_one(f);
	}
	for (i = 0; i < CHILDREN; i++)
		end_child(f, &f->children[i]);
	free(f->buf);
	return !f->failed;
}

/* The main program finds the family, and runs all processes. */

/* How many messages a process sends: few where most are refused. */
static uint64_t share_of(uint64_t messages, uint64_t processes, uint64_t number)
{
	uint64_t few = messages / (4 * processes);
	uint64_t many = processes < FIRST_APART ? processes : FIRST_APART;

	if (number >= FIRST_APART)
		return few;
	messages -= few * (processes - many);
	return messages / many + (number < messages % many);
}

static int find_number(const struct nlattr *attr, void *data)
{
	struct fuzzer *f = data;
	const struct nlattr *group, *part;
	size_t n = 0;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		f->family = mnl_attr_get_u16(attr);
	if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
		return MNL_CB_OK;
	mnl_attr_for_each_nested(group, attr)
		mnl_attr_for_each_nested(part, group)
			if (mnl_attr_get_type(part) == CTRL_ATTR_MCAST_GRP_ID &&
			    n < ARRAY_SIZE(f->groups))
				f->groups[n++] = mnl_attr_get_u32(part);
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	uint64_t messages = 10000, seed = 1, processes = 5, i;
	struct totals sum = {}, *totals;
	struct mnl_socket *socket;
	struct fuzzer f = {};
	int opt, status;
	bool ok = true;

	while ((opt = getopt(argc, argv, "m:s:p:")) > 0) {
		uint64_t *value = opt == 'm' ? &messages : opt == 's' ? &seed :
				  opt == 'p' ? &processes : NULL;

		if (!value)
			return 2;
		*value = strtoull(optarg, NULL, 0);
	}
	if (optind + 1 != argc || !processes || processes > 64 ||
	    strncmp(argv[optind], "/sys/fs/cgroup/", 15)) {
		fprintf(stderr, "usage: netlink [-m MESSAGES] [-s SEED] [-p PROCESSES] DIR\n");
		return 2;
	}
	for (i = SPARE_FD; i < SPARE_FD + SPARE_FDS; i++)
		must(dup2(0, i) == (int)i, "dup2");
	f.dir = argv[optind] + strlen("/sys/fs/cgroup");
	f.seed = seed;
	socket = genl_open();
	genl_find(socket, CGSPAN_GENL_NAME, find_number, &f);
	mnl_socket_close(socket);
	totals = mmap(NULL, sizeof(*totals) * processes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(totals != MAP_FAILED, "mmap");
	for (i = 0; i < processes; i++) {
		pid_t pid = fork();

		must(pid >= 0, "fork");
		if (pid)
			continue;
		f.number = i;
		enter_namespaces(i);
		ok = fuzz(&f, share_of(messages, processes, i));
		totals[i] = f.totals;
		_exit(!ok);
	}
	while (wait(&status) > 0)
		ok &= WIFEXITED(status) && !WEXITSTATUS(status);
	for (i = 0; i < processes; i++) {
		sum.sent += totals[i].sent;
		sum.accepted += totals[i].accepted;
		sum.refused += totals[i].refused;
		sum.dumps += totals[i].dumps;
	}
	printf("%" PRIu64 " sent, %" PRIu64 " accepted, %" PRIu64 " refused, %"
	       PRIu64 " dumps\n", sum.sent, sum.accepted, sum.refused, sum.dumps);
	return !ok;
}
