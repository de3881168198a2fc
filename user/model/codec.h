/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of the store: JSON objects with "v", the format version. A parser
 * refuses a higher "v", and a member that is missing or of a wrong type or
 * range; it skips members that it does not know: daemons one version apart work
 * together. A resource that a value does not mention has no limit, or no lease.
 */
#ifndef CGSPAN_CODEC_H
#define CGSPAN_CODEC_H

#include "key.h"
#include "record.h"

/*
 * x_parse() fills @out, which owns nothing before, from @len bytes: 0, or a
 * negative errno with a text, and @out owns nothing: -EINVAL; -EPROTO: a higher
 * version; -ENOMEM. x_format() returns a malloc()ed string, NULL without memory.
 */
int group_parse(const char *val, size_t len, struct group_rec *out,
		struct cgspan_err *err);
char *group_format(const struct group_rec *rec);
int node_parse(const char *val, size_t len, struct node_rec *out,
	       struct cgspan_err *err);
char *node_format(const struct node_rec *rec);
int ack_parse(const char *val, size_t len, struct ack_rec *out,
	      struct cgspan_err *err);
char *ack_format(const struct ack_rec *rec);
int epoch_parse(const char *val, size_t len, struct epoch_rec *out,
		struct cgspan_err *err);
char *epoch_format(const struct epoch_rec *rec);
int hb_parse(const char *val, size_t len, struct hb_rec *out,
	     struct cgspan_err *err);
char *hb_format(const struct hb_rec *rec);
int lease_parse(const char *val, size_t len, struct lease_rec *out,
		struct cgspan_err *err);
char *lease_format(const struct lease_rec *rec);
int pool_parse(const char *val, size_t len, struct pool_rec *out,
	       struct cgspan_err *err);
char *pool_format(const struct pool_rec *rec);
int debt_parse(const char *val, size_t len, struct debt_rec *out,
	       struct cgspan_err *err);
char *debt_format(const struct debt_rec *rec);
int want_parse(const char *val, size_t len, struct want_rec *out,
	       struct cgspan_err *err);
char *want_format(const struct want_rec *rec);
int usage_parse(const char *val, size_t len, struct usage_rec *out,
		struct cgspan_err *err);
char *usage_format(const struct usage_rec *rec);
int cluster_parse(const char *val, size_t len, struct cluster_rec *out,
		  struct cgspan_err *err);
char *cluster_format(const struct cluster_rec *rec);

/* Free what a record owns. */
void debt_fini(struct debt_rec *rec);
void usage_fini(struct usage_rec *rec);
void cluster_fini(struct cluster_rec *rec);

/**
 * group_root() - "/" while its key does not exist
 *
 * Return: id 1, continue, no limits.
 */
struct group_rec group_root(void);

/**
 * cluster_fresh() - the cluster while its key does not exist
 *
 * Return: no nodes, no groups but "/".
 */
struct cluster_rec cluster_fresh(void);

#endif /* CGSPAN_CODEC_H */
