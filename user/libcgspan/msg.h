/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages: building and reading their attributes. Pure, no I/O: requests are
 * built here and sent by ipc.c; answers are received there and read here.
 */
#ifndef CGSPAN_MSG_H
#define CGSPAN_MSG_H

#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "cgspan.h"

/* A request under construction. */
struct msg {
	/* A struct nlmsghdr and its attributes; grows as needed */
	char *buf;
	size_t cap;	/* allocated bytes of @buf */
	/*
	 * The first error, -ENOMEM or -EMSGSIZE. Later attributes are ignored,
	 * and sending the message returns the error: builders need not check
	 */
	int no;
};

/* Begin a request; ipc.c fills in the numbers of family and sequence. */
void msg_init(struct msg *m, uint8_t cmd);
void msg_free(struct msg *m);
struct nlmsghdr *msg_hdr(const struct msg *m);

void msg_put_u8(struct msg *m, uint16_t type, uint8_t val);
void msg_put_u32(struct msg *m, uint16_t type, uint32_t val);
void msg_put_u64(struct msg *m, uint16_t type, uint64_t val);
void msg_put_str(struct msg *m, uint16_t type, const char *val);
void msg_put_bin(struct msg *m, uint16_t type, const void *val, size_t len);
/* Put the @path of a group, or, if it is NULL, the @id. */
void msg_put_group(struct msg *m, uint16_t path_type, const char *path,
		   uint16_t id_type, uint64_t id);

/* Begin a nest. Return: the argument for msg_nest_end(). */
size_t msg_nest(struct msg *m, uint16_t type);
void msg_nest_end(struct msg *m, size_t nest);

/* Begin a request with @path in a nest; a @path of NULL: without the nest. */
void msg_init_path(struct msg *m, uint8_t cmd, uint16_t nest, uint16_t type,
		   const char *path);

/**
 * enum wire - how a value is encoded in an attribute
 * @WIRE_SAME: bytes, copied; exactly as many as the struct's member has
 * @WIRE_U8: one byte; into a bool or an enum
 * @WIRE_STR: a string; into a char array, where it must fit with its final 0
 */
enum wire {
	WIRE_SAME,
	WIRE_U8,
	WIRE_STR,
};

/* Where the value of @attr goes in a struct; @has: offset of a bool, or 0. */
struct field {
	uint16_t attr;
	uint16_t wire;
	uint16_t off;
	uint16_t size;
	uint16_t has;
};

#define PLACE(_attr, _wire, _struct, _member)				\
	.attr = (_attr),						\
	.wire = (_wire),						\
	.off = offsetof(struct _struct, _member),			\
	.size = sizeof(((struct _struct *)0)->_member)

#define FIELD(_attr, _wire, _struct, _member)				\
	{ PLACE(_attr, _wire, _struct, _member) }

/* How the attributes of a nest fill a struct. */
struct layout {
	uint16_t nest;		/* attribute of the nest, for msg_read() */
	uint16_t size;			/* size of the struct */
	/* The place for each attribute; other attributes are skipped */
	const struct field *fields;
	size_t n;			/* number of @fields */
	/* Reads attributes that @fields lacks; returns 0 or -EIO; or NULL */
	int (*more)(const struct nlattr *nest, void *out);
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define LAYOUT(_nest, _struct, _fields)					\
	.nest = (_nest),						\
	.size = sizeof(struct _struct),					\
	.fields = (_fields),						\
	.n = ARRAY_SIZE(_fields)

extern const struct layout node_layout;
extern const struct layout session_layout;
extern const struct layout group_layout;
extern const struct layout lease_layout;
extern const struct layout member_layout;
extern const struct layout task_layout;
extern const struct layout grant_layout;

/* The first attribute of this type at the top level of a message, or NULL. */
const struct nlattr *msg_find(const struct nlmsghdr *nlh, uint16_t type);

/*
 * Read a nest, or the nest of a message, into a struct; a member without an
 * attribute is not changed. Return: 0; -EIO: a wrong size, or no such nest.
 */
int nest_read(const struct nlattr *nest, const struct layout *l, void *out);
int msg_read(const struct nlmsghdr *nlh, const struct layout *l, void *out);
/* Read a notification. Return: 0; -EIO; -ENOMSG: its kind is unknown. */
int read_event(const struct nlmsghdr *nlh, struct cgspan_event *out);

/* Build whole requests, ready to be sent. */
void build_node(struct msg *m, const char *name, const uint8_t *boot_id);
void build_renewal(struct msg *m, uint64_t epoch, uint64_t sent, uint32_t ttl);
void build_group(struct msg *m, uint8_t cmd,
		 const struct cgspan_group_conf *conf);
void build_lease(struct msg *m, uint64_t epoch,
		 const struct cgspan_lease *leases, size_t n);
void build_member(struct msg *m, uint8_t cmd,
		  const struct cgspan_member_conf *members, size_t n);
void build_admit(struct msg *m, const struct cgspan_grant_conf *conf);
void build_peer(struct msg *m, const struct cgspan_peer *peers, size_t n);

#endif /* CGSPAN_MSG_H */
