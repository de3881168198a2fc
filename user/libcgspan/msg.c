// SPDX-License-Identifier: GPL-2.0
#include "msg.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The length of an attribute or a nest has 16 bits. */
#define ATTR_MAX	(UINT16_MAX - MNL_ATTR_HDRLEN - MNL_ALIGNTO)

/* Make room for an attribute; false if this failed now or earlier. */
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

void msg_init(struct msg *m, uint8_t cmd)
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
	nlh->nlmsg_flags = NLM_F_REQUEST;
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

void msg_put_bin(struct msg *m, uint16_t type, const void *val, size_t len)
{
	if (msg_room(m, len))
		mnl_attr_put(msg_hdr(m), type, len, val);
}

void msg_put_u8(struct msg *m, uint16_t type, uint8_t val)
{
	msg_put_bin(m, type, &val, sizeof(val));
}

void msg_put_u32(struct msg *m, uint16_t type, uint32_t val)
{
	msg_put_bin(m, type, &val, sizeof(val));
}

void msg_put_u64(struct msg *m, uint16_t type, uint64_t val)
{
	msg_put_bin(m, type, &val, sizeof(val));
}

void msg_put_str(struct msg *m, uint16_t type, const char *val)
{
	msg_put_bin(m, type, val, strlen(val) + 1);
}

void msg_put_group(struct msg *m, uint16_t path_type, const char *path,
		   uint16_t id_type, uint64_t id)
{
	if (path)
		msg_put_str(m, path_type, path);
	else
		msg_put_u64(m, id_type, id);
}

/* Return an offset, as the buffer may move while the nest is filled. */
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

void msg_init_path(struct msg *m, uint8_t cmd, uint16_t nest, uint16_t type,
		   const char *path)
{
	size_t at;

	msg_init(m, cmd);
	if (!path)
		return;
	at = msg_nest(m, nest);
	msg_put_str(m, type, path);
	msg_nest_end(m, at);
}

static int value_read(const struct nlattr *a, const struct field *f, char *to)
{
	const void *val = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);

	switch ((enum wire)f->wire) {
	case WIRE_SAME:
		if (len != f->size)
			return -EIO;
		memcpy(to, val, len);
		return 0;
	case WIRE_U8:
		if (len != sizeof(uint8_t))
			return -EIO;
		if (f->size == sizeof(bool))
			*(bool *)to = mnl_attr_get_u8(a);
		else
			*(uint32_t *)to = mnl_attr_get_u8(a);
		return 0;
	case WIRE_STR:
		len = strnlen(val, len);
		if (len >= f->size)
			return -EIO;
		memcpy(to, val, len);
		to[len] = '\0';
		return 0;
	}
	return -EIO;
}

int nest_read(const struct nlattr *nest, const struct layout *l, void *out)
{
	const struct nlattr *a;
	const struct field *f;
	char *to = out;

	mnl_attr_for_each_nested(a, nest) {
		for (f = l->fields; f < l->fields + l->n; f++) {
			if (mnl_attr_get_type(a) != f->attr)
				continue;
			if (value_read(a, f, to + f->off))
				return -EIO;
			if (f->has)
				*(bool *)(to + f->has) = true;
		}
	}
	return l->more ? l->more(nest, out) : 0;
}

const struct nlattr *msg_find(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

int msg_read(const struct nlmsghdr *nlh, const struct layout *l, void *out)
{
	const struct nlattr *nest = msg_find(nlh, l->nest);

	return nest ? nest_read(nest, l, out) : -EIO;
}
