// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the family "cgspan" on libnl-genl-3 that shares nothing with
 * libcgspan, not even the header: its tables are made from the Netlink spec. It
 * proves that the spec suffices for a client, and sends requests for the tests.
 *
 *   genlclient COMMAND [ITEM...]   one request
 *   genlclient                     requests from stdin, one per line, on one
 *                                  socket, which closes at the end of stdin
 *   genlclient -m GROUP[,GROUP]... print notifications until killed
 *   genlclient -l                  list the operations of the spec: "do COMMAND",
 *                                  "dump COMMAND" or "event NOTIFICATION [GROUP]"
 *
 * A request is "[stopped] [dump] command item...": "stopped" sends it, and stops
 * the process before it reads the answer. An item is "name=value" or
 * "nest{ item... }", with the names of the spec:
 *   lease-set session{ epoch=3 } lease{ group-path=/web res=0 amount=5 }
 * A u64 may be "max", "now", "now+N" or "now-N" (CLOCK_BOOTTIME, ns). A descriptor
 * may be its number, the absolute path of a directory or file to open, or "pid:N",
 * to open a pidfd. For invalid requests there are "name:HEX" or "N:HEX", an attribute
 * (by its number, N) of these bytes, "!nest{ ... }", a nest without NLA_F_NESTED, and
 * "~HEX", bytes without the header of an attribute.
 *
 * Each request is answered by one line of JSON:
 *   {"replies":[{"cmd":"lease-set","lease":[{...}]}],"ok":true}
 *   {"replies":[],"ok":false,"errno":"ESTALE","text":"..."}
 * Exit status: 0; 1: an answer was not ok, or -m ended; 2: invalid request, or an error.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "clock.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum kind { NONE, PAD, U8, U32, U64, S32, STRING, BINARY, NEST };

/* An attribute of the protocol; @many: it may come several times: print an array. */
struct attr {
	const char *name;
	int id;
	enum kind kind;
	bool many;
	const struct attr *nest;
};

/* A command: one or more of a request (@does), a dump (@dumps), a notification (@tells). */
struct operation {
	const char *name;
	bool does;
	bool dumps;
	bool tells;
	const char *mcgrp;	/* multicast group of the notification */
};

#include "spec.h"

struct client {
	struct nl_sock *sk;
	int family;
	int replies;		/* replies printed for the present request */
	bool done;
	int error;		/* 0 or a negative errno */
	char text[512];		/* text of the extended ack */
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "genlclient: %s: %s\n", what, why);
	exit(2);
}

/* ---- out: attributes to JSON ---- */

static void put_string(const char *s, int len)
{
	putchar('"');
	for (; len > 0 && *s; s++, len--) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_attrs(struct nlattr *head, int len, const struct attr *spec,
		      bool first);

static void put_value(struct nlattr *nla, const struct attr *a)
{
	const unsigned char *raw = nla_data(nla);

	switch (a->kind) {
	case U8:
		printf("%u", nla_get_u8(nla));
		break;
	case U32:
		printf("%u", nla_get_u32(nla));
		break;
	case S32:
		printf("%d", nla_get_s32(nla));
		break;
	case U64:
		if (nla_get_u64(nla) == AMOUNT_MAX)
			printf("\"max\"");
		else
			printf("%" PRIu64, nla_get_u64(nla));
		break;
	case STRING:
		put_string(nla_data(nla), nla_len(nla));
		break;
	case BINARY:
		putchar('"');
		for (int i = 0; i < nla_len(nla); i++)
			printf("%02x", raw[i]);
		putchar('"');
		break;
	case NEST:
		putchar('{');
		put_attrs(nla_data(nla), nla_len(nla), a->nest, true);
		putchar('}');
		break;
	case NONE:
	case PAD:
		break;
	}
}

/* Each attribute of a reply must be in the spec. */
static void check_attrs(struct nlattr *head, int len, const struct attr *spec)
{
	struct nlattr *nla;
	int rem;

	nla_for_each_attr(nla, head, len, rem) {
		const struct attr *a = spec;

		while (a->name && a->id != nla_type(nla))
			a++;
		if (!a->name)
			die("reply", "an attribute that the spec does not have");
	}
}

static void put_attrs(struct nlattr *head, int len, const struct attr *spec,
		      bool first)
{
	check_attrs(head, len, spec);
	for (const struct attr *a = spec; a->name; a++) {
		struct nlattr *nla;
		int rem, seen = 0;

		if (a->kind == PAD)
			continue;

		nla_for_each_attr(nla, head, len, rem) {
			if (nla_type(nla) != a->id)
				continue;
			if (seen++)
				putchar(',');
			else
				printf("%s\"%s\":%s", first ? "" : ",",
				       a->name, a->many ? "[" : "");
			first = false;
			put_value(nla, a);
		}
		if (seen && a->many)
			putchar(']');
		if (seen > 1 && !a->many)
			die(a->name, "came twice");
	}
}

static void put_message(struct nlmsghdr *nlh)
{
	struct genlmsghdr *gh = genlmsg_hdr(nlh);

	if (gh->cmd >= ARRAY_SIZE(operations) || !operations[gh->cmd].name)
		die("reply", "a command that the spec does not have");
	printf("{\"cmd\":\"%s\"", operations[gh->cmd].name);
	put_attrs(genlmsg_attrdata(gh, 0), genlmsg_attrlen(gh, 0),
		  cgspan_attrs, false);
	putchar('}');
}

/* ---- in: text to attributes ---- */

static const struct attr *find(const struct attr *spec, const char *name,
			       size_t len)
{
	for (; spec->name; spec++) {
		if (strlen(spec->name) == len && !memcmp(spec->name, name, len))
			return spec;
	}
	return NULL;
}

static uint64_t parse_u64(const char *v)
{
	uint64_t base = 0;
	char *end;

	if (!strcmp(v, "max"))
		return AMOUNT_MAX;
	if (!strncmp(v, "now", 3)) {
		base = clock_ns(CLOCK_BOOTTIME);
		v += 3;
		if (!*v)
			return base;
	}
	base += strtoull(v, &end, 0);
	if (*end || end == v)
		die(v, "not a number");
	return base;
}

static int parse_fd(const char *v)
{
	int fd;

	if (!strncmp(v, "pid:", 4))
		return syscall(SYS_pidfd_open, atoi(v + 4), 0);
	if (*v != '/')
		return atoi(v);
	fd = open(v, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR)
		fd = open(v, O_RDWR | O_CLOEXEC);
	if (fd < 0 && errno == EACCES)
		fd = open(v, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		die(v, strerror(errno));
	return fd;
}

/* Put an attribute with the bytes of @hex, or, if @id is negative, the bytes alone. */
static void add_bin(struct nl_msg *msg, int id, const char *hex)
{
	unsigned char raw[64];
	size_t n = 0;

	for (; n < sizeof(raw) && sscanf(hex, "%2hhx", &raw[n]) == 1; n++)
		hex += 2;
	if (id < 0)
		nlmsg_append(msg, raw, n, 0);
	else
		nla_put(msg, id, n, raw);
}

static void add_value(struct nl_msg *msg, const struct attr *a, const char *v)
{
	switch (a->kind) {
	case U8:
		nla_put_u8(msg, a->id, parse_u64(v));
		break;
	case U32:
		nla_put_u32(msg, a->id, parse_u64(v));
		break;
	case S32:
		nla_put_s32(msg, a->id, parse_fd(v));
		break;
	case U64:
		nla_put_u64(msg, a->id, parse_u64(v));
		break;
	case STRING:
		nla_put_string(msg, a->id, v);
		break;
	case BINARY:
		add_bin(msg, a->id, v);
		break;
	case NEST:
		die(a->name, "is a nest: write name{ ... }");
		break;
	case NONE:
	case PAD:
		die(a->name, "is not for you");
	}
}

/* Add items up to a closing brace or the end. Return: the place of that. */
static char **add_items(struct nl_msg *msg, const struct attr *spec, char **w)
{
	for (; *w && strcmp(*w, "}"); w++) {
		const char *word = *w + (**w == '!');
		size_t len = strcspn(word, "={:");
		const struct attr *a = find(spec, word, len);
		struct nlattr *nest;

		if (*word == '~') {
			add_bin(msg, -1, word + 1);
			continue;
		}
		if (word[len] == ':') {
			add_bin(msg, a ? a->id : atoi(word), word + len + 1);
			continue;
		}
		if (!a)
			die(word, "no such attribute here");
		if (word[len] == '=') {
			add_value(msg, a, word + len + 1);
			continue;
		}
		if (word[len] != '{' || a->kind != NEST)
			die(word, "write name=value or nest{ ... }");
		nest = nla_nest_start(msg, a->id);
		nest->nla_type = a->id | (**w == '!' ? 0 : NLA_F_NESTED);
		w = add_items(msg, a->nest, w + 1);
		if (!*w)
			die(a->name, "no closing brace");
		nla_nest_end_keep_empty(msg, nest);
	}
	return w;
}

static int command_id(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		if (operations[i].name && !strcmp(operations[i].name, name))
			return i;
	}
	die(name, "no such command");
	return 0;
}

/* ---- the socket ---- */

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct client *c = arg;

	if (c->replies++)
		putchar(',');
	put_message(nlmsg_hdr(msg));
	return NL_OK;
}

/* End the request, and read the text of the extended ack, @skip bytes into the answer. */
static int end_request(struct client *c, struct nlmsghdr *nlh, int error,
		       int skip)
{
	struct nlattr *nla;
	int rem;

	c->done = true;
	if (!c->error)
		c->error = error;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	nla_for_each_attr(nla, (struct nlattr *)((char *)nlmsg_data(nlh) + skip),
			  nlmsg_datalen(nlh) - skip, rem) {
		if (nla_type(nla) == NLMSGERR_ATTR_MSG)
			snprintf(c->text, sizeof(c->text), "%.*s",
				 nla_len(nla), (char *)nla_data(nla));
	}
	return NL_STOP;
}

static int on_done(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	int *error = nlmsg_data(nlh);

	if (nlh->nlmsg_type != NLMSG_DONE || nlmsg_datalen(nlh) < 4)
		return end_request(arg, nlh, 0, nlmsg_datalen(nlh));
	return end_request(arg, nlh, *error, sizeof(*error));
}

/* The request precedes the text: only its header if the answer is CAPPED, else all. */
static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct nlmsghdr *nlh = (void *)((char *)e - NLMSG_HDRLEN);
	int skip = sizeof(*e);

	(void)from;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - NLMSG_HDRLEN;
	return end_request(arg, nlh, e->error, NLMSG_ALIGN(skip));
}

static void client_open(struct client *c)
{
	int on = 1;

	c->sk = nl_socket_alloc();
	if (!c->sk || genl_connect(c->sk) < 0)
		die("netlink", "cannot open a socket");
	c->family = genl_ctrl_resolve(c->sk, FAMILY);
	if (c->family < 0)
		die("no generic netlink family cgspan", "load the module first");
	nl_socket_disable_auto_ack(c->sk);
	/* A GRANT_NTF has the sequence number of the request that waited, not the last one. */
	nl_socket_disable_seq_check(c->sk);
	nl_socket_set_buffer_size(c->sk, 1 << 20, 1 << 16);
	nl_socket_set_msg_buf_size(c->sk, 1 << 16);
	setsockopt(nl_socket_get_fd(c->sk), SOL_NETLINK, NETLINK_EXT_ACK, &on,
		   sizeof(on));
	nl_socket_modify_cb(c->sk, NL_CB_VALID, NL_CB_CUSTOM, on_valid, c);
	nl_socket_modify_cb(c->sk, NL_CB_FINISH, NL_CB_CUSTOM, on_done, c);
	nl_socket_modify_cb(c->sk, NL_CB_ACK, NL_CB_CUSTOM, on_done, c);
	nl_socket_modify_err_cb(c->sk, NL_CB_CUSTOM, on_error, c);
}

/* A dump that was interrupted by a change is inconsistent: report EINTR. */
static int on_interrupted(struct nl_msg *msg, void *arg)
{
	struct client *c = arg;

	(void)msg;
	c->error = -EINTR;
	return NL_OK;
}

static int request(struct client *c, char **w)
{
	int flags = NLM_F_REQUEST | NLM_F_ACK;
	struct nl_msg *msg = nlmsg_alloc_size(1 << 18);
	bool stop = !strcmp(*w, "stopped");
	int err;

	w += stop;
	if (*w && !strcmp(*w, "dump")) {
		flags = NLM_F_REQUEST | NLM_F_DUMP;
		w++;
	}
	if (!msg || !*w || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
					c->family, 0, flags, command_id(*w),
					VERSION))
		die("request", "no command or no memory");
	if (*add_items(msg, cgspan_attrs, w + 1))
		die("request", "a closing brace too many");

	c->done = false;
	c->error = 0;
	c->replies = 0;
	c->text[0] = 0;
	printf("{\"replies\":[");
	err = nl_send_auto(c->sk, msg);
	nlmsg_free(msg);
	if (stop)
		raise(SIGSTOP);
	while (err >= 0 && !c->done)
		err = nl_recvmsgs_default(c->sk);
	if (!c->done && err < 0)
		die("netlink", nl_geterror(err));
	if (c->error) {
		printf("],\"ok\":false,\"errno\":\"%s\",\"text\":",
		       strerrorname_np(-c->error));
		put_string(c->text, sizeof(c->text));
		printf("}\n");
	} else {
		printf("],\"ok\":true}\n");
	}
	fflush(stdout);
	return c->error ? 1 : 0;
}

static int from_stdin(struct client *c)
{
	char *line = NULL, *words[8192];
	size_t size = 0;
	int rc = 0;

	while (getline(&line, &size, stdin) > 0) {
		size_t n = 0;

		for (char *s = strtok(line, " \t\n"); s; s = strtok(NULL, " \t\n")) {
			if (n + 1 == ARRAY_SIZE(words))
				die("request", "too many words");
			words[n++] = s;
		}
		words[n] = NULL;
		if (n)
			rc |= request(c, words);
	}
	free(line);
	return rc;
}

static int on_ntf(struct nl_msg *msg, void *arg)
{
	(void)arg;
	put_message(nlmsg_hdr(msg));
	putchar('\n');
	fflush(stdout);
	return NL_OK;
}

static int monitor(struct client *c, char *groups)
{
	for (char *s = strtok(groups, ","); s; s = strtok(NULL, ",")) {
		int id = genl_ctrl_resolve_grp(c->sk, FAMILY, s);

		if (id < 0 || nl_socket_add_membership(c->sk, id) < 0)
			die(s, "no such multicast group");
	}
	nl_socket_modify_cb(c->sk, NL_CB_VALID, NL_CB_CUSTOM, on_ntf, c);
	printf("{\"listening\":true}\n");
	fflush(stdout);
	for (;;) {
		int err = nl_recvmsgs_default(c->sk);

		/* The socket's buffer overflowed: notifications were lost. */
		if (err == -NLE_NOMEM)
			printf("{\"overrun\":true}\n");
		else if (err < 0)
			return 1;
	}
}

static int list(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
		const struct operation *op = &operations[i];

		if (op->does)
			printf("do %s\n", op->name);
		if (op->dumps)
			printf("dump %s\n", op->name);
		if (op->tells)
			printf("event %s %s\n", op->name, op->mcgrp);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct client c = { };

	if (argc == 2 && !strcmp(argv[1], "-l"))
		return list();
	client_open(&c);
	nl_socket_modify_cb(c.sk, NL_CB_DUMP_INTR, NL_CB_CUSTOM,
			    on_interrupted, &c);
	if (argc == 3 && !strcmp(argv[1], "-m"))
		return monitor(&c, argv[2]);
	return argc > 1 ? request(&c, argv + 1) : from_stdin(&c);
}
