/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of the store: JSON objects with "v", the format version. A parser
 * refuses a higher "v", a required member that is missing, and a wrong type or
 * range; it skips members that it does not know: daemons one version apart work
 * together. A resource that a value does not mention has no limit, or no lease.
 */
#ifndef CGSPAN_CODEC_H
#define CGSPAN_CODEC_H

#include "key.h"
#include "kv.h"
#include "record.h"

/*
 * group_parse() and so on fill @out, which must own nothing before, from @len
 * bytes. 0, or a negative errno with a text, after which @out owns nothing:
 * -EINVAL; -EPROTO: a higher version; -ENOMEM. group_read() and so on parse the
 * value of @kv: 0; -EBADMSG, with the key in the text: it cannot be parsed: the
 * store is damaged, or newer; -ENOMEM. group_format() and so on return a
 * malloc()ed string; NULL: no memory.
 */
#define DECLARE_CODEC(name)						\
int name##_parse(const char *val, size_t len, struct name##_rec *out,	\
		 struct cgspan_err *err);				\
int name##_read(const struct store_kv *kv, struct name##_rec *out,	\
		struct cgspan_err *err);				\
char *name##_format(const struct name##_rec *rec)

DECLARE_CODEC(group);
DECLARE_CODEC(node);
DECLARE_CODEC(ack);
DECLARE_CODEC(epoch);
DECLARE_CODEC(hb);
DECLARE_CODEC(lease);
DECLARE_CODEC(pool);
DECLARE_CODEC(debt);
DECLARE_CODEC(want);
DECLARE_CODEC(usage);
DECLARE_CODEC(cluster);

/* Free the memory that a record owns. */
void debt_fini(struct debt_rec *rec);
void usage_fini(struct usage_rec *rec);
void cluster_fini(struct cluster_rec *rec);

/* The record of "/" if it has no key: id 1, on-expiry continue, no limits. */
struct group_rec group_root(void);
/* The record of "cluster" if there is no key: all 0, but the first free id. */
struct cluster_rec cluster_fresh(void);

#endif /* CGSPAN_CODEC_H */
