/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink on libmnl. An error ends the program; genl_talk() returns refusals.
 */
#ifndef TESTS_PROG_GENL_H
#define TESTS_PROG_GENL_H

#include <stdint.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "die.h"

/* Begin a message in @buf: put the headers of netlink and generic netlink. */
static inline struct nlmsghdr *genl_begin(void *buf, uint16_t family,
					  uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

/* Open and bind a socket; the caller closes it. */
static inline struct mnl_socket *genl_open(void)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	return nl;
}

struct genl_reader {
	mnl_attr_cb_t fn;
	void *data;
};

static inline int genl_read(const struct nlmsghdr *nlh, void *arg)
{
	struct genl_reader *r = arg;

	return r->fn ? mnl_attr_parse(nlh, sizeof(struct genlmsghdr), r->fn,
				      r->data) : MNL_CB_OK;
}

/*
 * Send @nlh, a request with NLM_F_ACK, and call @fn, if it is not NULL, for each
 * attribute of the answers. Return: 0, or a negative errno: mostly the ack's.
 */
static inline int genl_talk(struct mnl_socket *nl, const struct nlmsghdr *nlh,
			    mnl_attr_cb_t fn, void *data)
{
	static _Alignas(NLMSG_ALIGNTO) char buf[1 << 16];
	struct genl_reader r = { .fn = fn, .data = data };
	ssize_t len;
	int ret;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		die("send");
	do {
		len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (len < 0)
			die("receive");
		ret = mnl_cb_run(buf, len, 0, mnl_socket_get_portid(nl),
				 genl_read, &r);
	} while (ret > 0);
	return ret < 0 ? -errno : 0;
}

/* Call @fn for each attribute that the kernel tells of the family @name. */
static inline void genl_find(struct mnl_socket *nl, const char *name,
			     mnl_attr_cb_t fn, void *data)
{
	char buf[256];
	struct nlmsghdr *nlh = genl_begin(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY,
					  NLM_F_ACK);

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	if (genl_talk(nl, nlh, fn, data))
		die("no such generic netlink family: load the module first");
}

static inline int genl_on_family(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
		*(uint16_t *)data = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/* Return: the id of the family @name. */
static inline uint16_t genl_family(struct mnl_socket *nl, const char *name)
{
	uint16_t id = 0;

	genl_find(nl, name, genl_on_family, &id);
	return id;
}

#endif /* TESTS_PROG_GENL_H */
