// SPDX-License-Identifier: GPL-2.0
#include "msg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The length of an attribute or a nest is a u16. */
#define ATTR_MAX	(UINT16_MAX - MNL_ATTR_HDRLEN - MNL_ALIGNTO)

/* Make room for an attribute; false after an error. */
static bool msg_room(struct msg *m, size_t len)
{
	size_t need, cap = m->cap;
	char *buf;

	if (m->no)
		return false;
	if (len > ATTR_MAX) {
		m->no = -EMSGSIZE;
		return false;
	}
	need = msg_hdr(m)->nlmsg_len + MNL_ATTR_HDRLEN + MNL_ALIGN(len);
	if (need <= cap)
		return true;
	while (cap < need)
		cap *= 2;
	buf = realloc(m->buf, cap);
	if (!buf) {
		m->no = -ENOMEM;
		return false;
	}
	m->buf = buf;
	m->cap = cap;
	return true;
}

void msg_init(struct msg *m, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;

	*m = (struct msg){ .cap = 512 };
	m->buf = malloc(m->cap);
	if (!m->buf) {
		m->no = -ENOMEM;
		return;
	}
	nlh = mnl_nlmsg_put_header(m->buf);
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = CGSPAN_GENL_VERSION;
}

void msg_free(struct msg *m)
{
	free(m->buf);
	m->buf = NULL;
}

struct nlmsghdr *msg_hdr(const struct msg *m)
{
	return (struct nlmsghdr *)m->buf;
}

void msg_put_u8(struct msg *m, uint16_t type, uint8_t val)
{
	if (msg_room(m, sizeof(val)))
		mnl_attr_put_u8(msg_hdr(m), type, val);
}

void msg_put_u32(struct msg *m, uint16_t type, uint32_t val)
{
	if (msg_room(m, sizeof(val)))
		mnl_attr_put_u32(msg_hdr(m), type, val);
}

void msg_put_u64(struct msg *m, uint16_t type, uint64_t val)
{
	if (msg_room(m, sizeof(val)))
		mnl_attr_put_u64(msg_hdr(m), type, val);
}

void msg_put_str(struct msg *m, uint16_t type, const char *val)
{
	if (msg_room(m, strlen(val) + 1))
		mnl_attr_put_strz(msg_hdr(m), type, val);
}

void msg_put_bin(struct msg *m, uint16_t type, const void *val, size_t len)
{
	if (msg_room(m, len))
		mnl_attr_put(msg_hdr(m), type, len, val);
}

void msg_put_group(struct msg *m, uint16_t path_type, const char *path,
		   uint16_t id_type, uint64_t id)
{
	if (path)
		msg_put_str(m, path_type, path);
	else
		msg_put_u64(m, id_type, id);
}

/* By offset: the buffer may move while the nest is filled. */
size_t msg_nest(struct msg *m, uint16_t type)
{
	size_t at;

	if (!msg_room(m, 0))
		return 0;
	at = msg_hdr(m)->nlmsg_len;
	mnl_attr_nest_start(msg_hdr(m), type);
	return at;
}

void msg_nest_end(struct msg *m, size_t nest)
{
	if (m->no)
		return;
	if (msg_hdr(m)->nlmsg_len - nest > UINT16_MAX)
		m->no = -EMSGSIZE;
	else
		mnl_attr_nest_end(msg_hdr(m), (struct nlattr *)(m->buf + nest));
}

static int store(void *to, size_t size, uint64_t val)
{
	if (size == sizeof(bool))
		*(bool *)to = val;
	else if (size == sizeof(uint32_t))
		memcpy(to, &(uint32_t){ val }, size);
	else
		memcpy(to, &val, size);
	return 0;
}

static int value_read(const struct nlattr *a, const struct field *f, void *to)
{
	size_t len = mnl_attr_get_payload_len(a);

	switch ((enum wire)f->wire) {
	case WIRE_U8:
		if (len != sizeof(uint8_t))
			return -EIO;
		return store(to, f->size, mnl_attr_get_u8(a));
	case WIRE_U32:
		if (len != sizeof(uint32_t))
			return -EIO;
		return store(to, f->size, mnl_attr_get_u32(a));
	case WIRE_U64:
		if (len != sizeof(uint64_t))
			return -EIO;
		return store(to, f->size, mnl_attr_get_u64(a));
	case WIRE_STR:
		len = strnlen(mnl_attr_get_payload(a), len);
		if (len >= f->size)
			return -EIO;
		memcpy(to, mnl_attr_get_payload(a), len);
		((char *)to)[len] = '\0';
		return 0;
	case WIRE_BIN:
		if (len != f->size)
			return -EIO;
		memcpy(to, mnl_attr_get_payload(a), len);
		return 0;
	}
	return -EIO;
}

int nest_read(const struct nlattr *nest, const struct field *fields, size_t n,
	      void *out)
{
	const struct nlattr *a;
	size_t i;
	int ret;

	mnl_attr_for_each_nested(a, nest) {
		for (i = 0; i < n; i++) {
			if (mnl_attr_get_type(a) != fields[i].attr)
				continue;
			ret = value_read(a, &fields[i],
					 (char *)out + fields[i].off);
			if (ret)
				return ret;
		}
	}
	return 0;
}

const struct nlattr *msg_find(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}
