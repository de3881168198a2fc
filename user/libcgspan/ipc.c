// SPDX-License-Identifier: GPL-2.0
#include "ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define TIMEOUT_MS	10000
/* Number of multicast groups; bit i of CGSPAN_EVENT_* stands for group i. */
#define MCGRPS		4
/* How often a dump is read at most, if the tree changes meanwhile. */
#define DUMP_TRIES	16
/* Bytes received at once: each datagram of the kernel is smaller. */
#define RX_SIZE		65536
/* Socket buffer of a listener to EXIT_NTF: thousands may come at once. */
#define EXIT_BUF	(8 << 20)
/* For a request of more bytes the socket's send buffer is enlarged. */
#define TX_SIZE		(128 * 1024)

struct cgspan {
	struct mnl_socket *nl;
	uint32_t seq;
	uint16_t family;		/* family to send requests to */
	uint16_t cgspan;		/* number of the family cgspan */
	uint32_t mcgrp[MCGRPS];
	unsigned int timeout_ms;
	bool brief;
	size_t rx_len;			/* number of received bytes in @rx */
	size_t rx_off;			/* offset in @rx of the next message */
	char rx[RX_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static const char *const mcgrp_names[MCGRPS] = {
	CGSPAN_MCGRP_CONFIG,
	CGSPAN_MCGRP_CREDIT,
	CGSPAN_MCGRP_SESSION,
	CGSPAN_MCGRP_EXIT,
};

int ipc_mismatch(struct cgspan_err *err, const char *what)
{
	return cgspan_err_set(err, -EIO,
			      "%s: module and library do not match", what);
}

int ipc_check_count(size_t n, size_t max, const char *what,
		    struct cgspan_err *err)
{
	if (n && n <= max)
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "a request has 1 to %zu %s, not %zu", max, what,
			      n);
}

/* --- receiving --------------------------------------------------------- */

/* Receive one datagram; drop those that are not from the kernel. */
static int receive(struct cgspan *c, struct cgspan_err *err)
{
	struct sockaddr_nl from = {};
	socklen_t len = sizeof(from);
	ssize_t got;

	do {
		len = sizeof(from);
		got = recvfrom(ipc_fd(c), c->rx, sizeof(c->rx),
			       MSG_DONTWAIT | MSG_TRUNC,
			       (struct sockaddr *)&from, &len);
	} while ((got < 0 && errno == EINTR) || (got >= 0 && from.nl_pid));
	if (got < 0 && errno == EAGAIN)
		return -EAGAIN;
	if (got < 0 && errno == ENOBUFS)
		return cgspan_err_set(err, -ENOBUFS,
				      "messages from the kernel were lost");
	if (got < 0)
		return cgspan_err_set(err, -errno, "cannot receive: %s",
				      strerror(errno));
	if ((size_t)got > sizeof(c->rx))
		return cgspan_err_set(err, -EIO,
				      "the kernel's answer is too long (%zd bytes)",
				      got);
	c->rx_len = got;
	c->rx_off = 0;
	return 0;
}

int ipc_next(struct cgspan *c, const struct nlmsghdr **out,
	     struct cgspan_err *err)
{
	const struct nlmsghdr *nlh;
	int left, ret;

	if (c->rx_off >= c->rx_len) {
		ret = receive(c, err);
		if (ret)
			return ret;
	}
	nlh = (const struct nlmsghdr *)(c->rx + c->rx_off);
	left = c->rx_len - c->rx_off;
	if (!mnl_nlmsg_ok(nlh, left)) {
		c->rx_off = c->rx_len;
		return cgspan_err_set(err, -EIO,
				      "the kernel's answer is truncated");
	}
	c->rx_off += MNL_ALIGN(nlh->nlmsg_len);
	*out = nlh;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* As ipc_next(), but wait until @deadline, in ms of now_ms(); -ETIMEDOUT. */
static int next_until(struct cgspan *c, int64_t deadline,
		      const struct nlmsghdr **out, struct cgspan_err *err)
{
	struct pollfd pfd = { .fd = ipc_fd(c), .events = POLLIN };
	int64_t left;
	int ret;

	for (;;) {
		ret = ipc_next(c, out, err);
		if (ret != -EAGAIN)
			return ret;
		left = deadline - now_ms();
		if (left <= 0)
			return cgspan_err_set(err, -ETIMEDOUT,
					      "no answer from the kernel within %u ms; it may still have done what was asked",
					      c->timeout_ms);
		if (poll(&pfd, 1, left) < 0 && errno != EINTR)
			return cgspan_err_set(err, -errno, "cannot poll: %s",
					      strerror(errno));
	}
}

/* --- refusals ---------------------------------------------------------- */

/* The error text in the attributes of an extended ack, or NULL. */
static const char *ack_text(const void *attrs, size_t len)
{
	const struct nlattr *attr;	/* set by mnl_attr_for_each_payload() */

	mnl_attr_for_each_payload(attrs, len)
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
		    !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
			return mnl_attr_get_str(attr);
	return NULL;
}

/* Return the error in an NLMSG_ERROR or NLMSG_DONE, set in @err; 0: success. */
static int ack_read(const struct nlmsghdr *nlh, struct cgspan_err *err)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const char *load = mnl_nlmsg_get_payload(nlh);
	const char *text = NULL;
	size_t skip = sizeof(int);
	int no;

	/* The NLMSG_DONE of an old kernel may be empty. */
	if (len < sizeof(no))
		return 0;
	memcpy(&no, load, sizeof(no));
	if (no >= 0)
		return 0;
	/* An error repeats the request, or, if capped, only its header. */
	if (nlh->nlmsg_type == NLMSG_ERROR)
		skip = sizeof(struct nlmsgerr);
	if (nlh->nlmsg_type == NLMSG_ERROR &&
	    !(nlh->nlmsg_flags & NLM_F_CAPPED) && len >= skip)
		skip += MNL_ALIGN(((struct nlmsgerr *)load)->msg.nlmsg_len) -
			sizeof(struct nlmsghdr);
	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) && skip < len)
		text = ack_text(load + skip, len - skip);
	return cgspan_err_set(err, no, "%s", text ? text : strerror(-no));
}

/* --- requests ---------------------------------------------------------- */

static int transmit(struct cgspan *c, struct msg *m, struct cgspan_err *err)
{
	struct nlmsghdr *nlh = msg_hdr(m);
	int size;

	if (m->no)
		return m->no == -ENOMEM ? cgspan_err_nomem(err) :
		       cgspan_err_set(err, m->no,
				      "a name in the request is too long");
	nlh->nlmsg_type = c->family;
	nlh->nlmsg_seq = ++c->seq;
	if (nlh->nlmsg_len > TX_SIZE) {
		/* If this call fails, sending may fail, which is reported. */
		size = nlh->nlmsg_len * 2;
		setsockopt(ipc_fd(c), SOL_SOCKET, SO_SNDBUFFORCE, &size,
			   sizeof(size));
	}
	while (mnl_socket_sendto(c->nl, nlh, nlh->nlmsg_len) < 0)
		if (errno != EINTR)
			return cgspan_err_set(err, -errno,
					      "cannot send to the kernel: %s",
					      strerror(errno));
	return 0;
}

/*
 * Read to the end of the answer even if @fn fails, so that none of it is left
 * for the next request. Skip answers to earlier requests that timed out.
 */
static int answers(struct cgspan *c, ipc_reply_fn *fn, void *arg,
		   struct cgspan_err *err)
{
	int64_t deadline = now_ms() + c->timeout_ms;
	const struct nlmsghdr *nlh;
	bool answered = false, torn = false;
	int ret, bad = 0;

	for (;;) {
		ret = next_until(c, deadline, &nlh, err);
		if (ret)
			return ret;
		if (nlh->nlmsg_seq != c->seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			torn = true;
		if (nlh->nlmsg_type == NLMSG_ERROR ||
		    nlh->nlmsg_type == NLMSG_DONE)
			break;
		if (nlh->nlmsg_type != c->family)
			continue;
		answered = true;
		if (fn && !bad)
			bad = fn(nlh, arg);
	}
	ret = ack_read(nlh, err);
	if (ret)
		return ret;
	if (torn)
		return cgspan_err_set(err, -EAGAIN,
				      "the tree kept changing while it was read: try again");
	if (fn && !answered && nlh->nlmsg_type == NLMSG_ERROR)
		bad = -EIO;
	if (bad == -ENOMEM)
		return cgspan_err_nomem(err);
	if (bad)
		ipc_mismatch(err, "the kernel's answer cannot be understood");
	return bad;
}

int ipc_call(struct cgspan *c, struct msg *m, ipc_reply_fn *fn, void *arg,
	     struct cgspan_err *err)
{
	int ret;

	if (!m->no)
		msg_hdr(m)->nlmsg_flags |= NLM_F_ACK;
	ret = transmit(c, m, err);
	if (!ret)
		ret = answers(c, fn, arg, err);
	msg_free(m);
	return ret;
}

int ipc_await(struct cgspan *c, unsigned int ms, ipc_reply_fn *fn, void *arg,
	      const bool *done, struct cgspan_err *err)
{
	int64_t deadline = now_ms() + ms + c->timeout_ms;
	const struct nlmsghdr *nlh;
	int ret = 0;

	while (!ret && !*done) {
		ret = next_until(c, deadline, &nlh, err);
		if (!ret && nlh->nlmsg_seq == c->seq &&
		    nlh->nlmsg_type == c->family && fn(nlh, arg))
			ret = ipc_mismatch(err, "a notification cannot be understood");
	}
	return ret;
}

/* --- answers read into structs ----------------------------------------- */

struct items {
	const struct layout *l;
	char *items;
	size_t n;
	size_t cap;
};

static int item_read(const struct nlmsghdr *nlh, void *arg)
{
	struct items *all = arg;
	size_t cap, size = all->l->size;
	char *items;

	if (all->n == all->cap) {
		cap = all->cap ? all->cap * 2 : 1;
		items = reallocarray(all->items, cap, size);
		if (!items)
			return -ENOMEM;
		all->items = items;
		all->cap = cap;
	}
	items = all->items + all->n++ * size;
	memset(items, 0, size);
	return msg_read(nlh, all->l, items);
}

int ipc_get(struct cgspan *c, struct msg *m, const struct layout *l, void *out,
	    struct cgspan_err *err)
{
	struct items all = { .l = l };
	int ret = ipc_call(c, m, item_read, &all, err);

	if (!ret && out && all.n)
		memcpy(out, all.items, l->size);
	free(all.items);
	return ret;
}

int ipc_dump(struct cgspan *c, struct msg *m, const struct layout *l,
	     void *out, size_t *n, struct cgspan_err *err)
{
	struct items all = { .l = l };
	int ret, tries = 0;

	if (!m->no)
		msg_hdr(m)->nlmsg_flags |= NLM_F_DUMP;
	do {
		all.n = 0;
		ret = transmit(c, m, err);
		if (!ret)
			ret = answers(c, item_read, &all, err);
	} while (ret == -EAGAIN && ++tries < DUMP_TRIES);
	msg_free(m);
	if (ret || !all.n) {
		free(all.items);
		all.items = NULL;
	}
	if (!ret) {
		memcpy(out, &all.items, sizeof(all.items));
		*n = all.n;
	}
	return ret;
}

/* --- the handle -------------------------------------------------------- */

struct mcgrp {
	uint32_t id;
	char name[GENL_NAMSIZ];
};

static const struct field mcgrp_fields[] = {
	FIELD(CTRL_ATTR_MCAST_GRP_ID, WIRE_SAME, mcgrp, id),
	FIELD(CTRL_ATTR_MCAST_GRP_NAME, WIRE_STR, mcgrp, name),
};

static const struct layout mcgrp_layout = { LAYOUT(0, mcgrp, mcgrp_fields) };

static int mcgrp_read(struct cgspan *c, const struct nlattr *nest)
{
	struct mcgrp grp = {};
	size_t i;

	if (nest_read(nest, &mcgrp_layout, &grp))
		return -EIO;
	for (i = 0; i < MCGRPS; i++)
		if (!strcmp(grp.name, mcgrp_names[i]))
			c->mcgrp[i] = grp.id;
	return 0;
}

static int family_read(const struct nlmsghdr *nlh, void *arg)
{
	struct cgspan *c = arg;
	const struct nlattr *a, *grp;
	int ret = 0;

	a = msg_find(nlh, CTRL_ATTR_FAMILY_ID);
	if (!a || mnl_attr_validate(a, MNL_TYPE_U16))
		return -EIO;
	c->cgspan = mnl_attr_get_u16(a);
	a = msg_find(nlh, CTRL_ATTR_MCAST_GROUPS);
	if (a)
		mnl_attr_for_each_nested(grp, a)
			ret = ret ? ret : mcgrp_read(c, grp);
	return ret;
}

/* Find the family cgspan, by a request to the controller of all families. */
static int family_find(struct cgspan *c, struct cgspan_err *err)
{
	struct msg m;
	int ret;

	c->family = GENL_ID_CTRL;
	msg_init(&m, CTRL_CMD_GETFAMILY);
	msg_put_str(&m, CTRL_ATTR_FAMILY_NAME, CGSPAN_GENL_NAME);
	ret = ipc_call(c, &m, family_read, c, err);
	if (ret == -ENOENT)
		return cgspan_err_set(err, ret,
				      "the cgspan module is not loaded: load it (\"cgspan load\")");
	c->family = c->cgspan;
	return ret;
}

/* Ask for extended acks without a copy of the request, and strict checks. */
static int options_set(struct cgspan *c, struct cgspan_err *err)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK,
	};
	int one = 1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (mnl_socket_setsockopt(c->nl, options[i], &one, sizeof(one)))
			return cgspan_err_set(err, -errno,
					      "cannot set netlink option %d: %s",
					      options[i], strerror(errno));
	return 0;
}

static int handle_setup(struct cgspan *c, struct cgspan_err *err)
{
	int ret;

	c->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!c->nl)
		return cgspan_err_set(err, -errno,
				      "cannot open a netlink socket: %s",
				      strerror(errno));
	if (mnl_socket_bind(c->nl, 0, MNL_SOCKET_AUTOPID))
		return cgspan_err_set(err, -errno,
				      "cannot bind a netlink socket: %s",
				      strerror(errno));
	ret = options_set(c, err);
	return ret ? ret : family_find(c, err);
}

int cgspan_open(struct cgspan **out, struct cgspan_err *err)
{
	struct cgspan *c = calloc(1, sizeof(*c));
	int ret;

	if (!c)
		return cgspan_err_nomem(err);
	c->timeout_ms = TIMEOUT_MS;
	ret = handle_setup(c, err);
	if (ret)
		cgspan_close(c);
	else
		*out = c;
	return ret;
}

void cgspan_close(struct cgspan *c)
{
	if (!c)
		return;
	if (c->nl)
		mnl_socket_close(c->nl);
	free(c);
}

void cgspan_timeout_set(struct cgspan *c, unsigned int ms)
{
	c->timeout_ms = ms ? ms : 1;
}

void cgspan_brief_set(struct cgspan *c, bool brief)
{
	c->brief = brief;
}

bool ipc_brief(const struct cgspan *c)
{
	return c->brief;
}

int ipc_fd(const struct cgspan *c)
{
	return mnl_socket_get_fd(c->nl);
}

int ipc_listen(struct cgspan *c, unsigned int which, struct cgspan_err *err)
{
	const int size = EXIT_BUF;
	size_t i;

	/* If this call fails, more messages may be lost: ipc_next() tells. */
	if (which & CGSPAN_EVENT_EXIT)
		setsockopt(ipc_fd(c), SOL_SOCKET, SO_RCVBUFFORCE, &size,
			   sizeof(size));

	for (i = 0; i < MCGRPS; i++) {
		if (!(which & 1U << i))
			continue;
		if (!c->mcgrp[i])
			return ipc_mismatch(err, "the module lacks a kind of notifications");
		if (mnl_socket_setsockopt(c->nl, NETLINK_ADD_MEMBERSHIP,
					  &c->mcgrp[i], sizeof(c->mcgrp[i])))
			return cgspan_err_set(err, -errno,
					      "cannot listen to \"%s\": %s",
					      mcgrp_names[i], errno == EPERM ?
					      "it needs CAP_NET_ADMIN" :
					      strerror(errno));
	}
	return 0;
}
