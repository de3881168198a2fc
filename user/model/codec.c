// SPDX-License-Identifier: GPL-2.0
/* One table of members for each record of the store. */
#include "codec.h"

#include <errno.h>
#include <string.h>

#include "libcgspan/err.h"
#include "member.h"

/* Revisions fit into int64_t; amounts are less than CGSPAN_MAX. */
#define REV_MAX		INT64_MAX
#define AMOUNT_MAX	(CGSPAN_MAX - 1)

/* Where a member is in a record, and its name in JSON. */
#define PLACE(rec, field, json) \
	.name = (json), .offset = offsetof(struct rec, field), \
	.size = sizeof(((struct rec *)0)->field)
#define AT(rec, field)	PLACE(rec, field, #field)
#define AMOUNT(rec, field) { AT(rec, field), .max = AMOUNT_MAX }

/* Names of the values of an enum, in the order of the enum. */
#define WORDS(...)	((const char *const []){ __VA_ARGS__, NULL })

static const struct member group_res[] = {
	{ PLACE(group_rec, limit[0], "limit"), .type = MEMBER_LIMIT, .flags = MEMBER_COUNTS,
	  .max = AMOUNT_MAX, .missing = CGSPAN_MAX },
	{ PLACE(group_rec, guarantee[0], "guarantee"), .flags = MEMBER_COUNTS,
	  .max = AMOUNT_MAX },
	{ PLACE(group_rec, gen[0], "gen"), .flags = MEMBER_COUNTS, .max = AMOUNT_MAX },
	{ NULL }
};

static const struct member group_members[] = {
	{ AT(group_rec, id), .min = 1, .max = AMOUNT_MAX },
	{ AT(group_rec, state), .type = MEMBER_WORD,
	  .words = WORDS("active", "deleting") },
	{ AT(group_rec, on_expiry), .type = MEMBER_WORD },
	{ .name = "res", .type = MEMBER_NEST_RES, .nest = group_res,
	  .stride = sizeof(uint64_t) },
	{ NULL }
};

static const struct member node_members[] = {
	{ AT(node_rec, state), .type = MEMBER_WORD,
	  .words = WORDS("active", "leaving") },
	{ AT(node_rec, machine), .type = MEMBER_TEXT },
	{ AT(node_rec, boot), .type = MEMBER_TEXT },
	{ AT(node_rec, uuid), .type = MEMBER_TEXT },
	{ AT(node_rec, labels), .type = MEMBER_LABELS },
	{ NULL }
};

static const struct member epoch_members[] = {
	{ AT(epoch_rec, state), .type = MEMBER_WORD,
	  .words = WORDS("live", "fenced", "claiming") },
	{ AT(epoch_rec, machine), .type = MEMBER_TEXT },
	{ AT(epoch_rec, boot), .type = MEMBER_TEXT },
	{ AT(epoch_rec, uuid), .type = MEMBER_TEXT },
	{ AT(epoch_rec, by), .type = MEMBER_TEXT },
	{ AT(epoch_rec, base), .flags = MEMBER_OPTIONAL | MEMBER_OMIT, .max = REV_MAX },
	{ NULL }
};

static const struct member ack_members[] = {
	{ AT(ack_rec, rev), .max = REV_MAX },
	{ NULL }
};

static const struct member hb_members[] = {
	AMOUNT(hb_rec, seq),
	{ AT(hb_rec, ttl_ms), .min = 1, .max = CGSPAN_TTL_MAX_MS },
	{ AT(hb_rec, sent_ms), .flags = MEMBER_OPTIONAL, .max = AMOUNT_MAX },
	{ NULL }
};

static const struct member lease_res[] = {
	AMOUNT(lease_res, amount),
	{ AT(lease_res, gen), .flags = MEMBER_COUNTS, .max = AMOUNT_MAX },
	AMOUNT(lease_res, mean),
	AMOUNT(lease_res, headroom),
	{ NULL }
};

static const struct member lease_members[] = {
	AMOUNT(lease_rec, seq),
	{ AT(lease_rec, res), .type = MEMBER_NEST_RES, .nest = lease_res,
	  .stride = sizeof(struct lease_res) },
	{ NULL }
};

static const struct member pool_members[] = {
	AMOUNT(pool_rec, free),
	{ AT(pool_rec, mean), .type = MEMBER_DIFFERENCE },
	{ AT(pool_rec, headroom), .type = MEMBER_DIFFERENCE },
	{ NULL }
};

static const struct member debt_members[] = {
	AMOUNT(debt_rec, debt),
	{ AT(debt_rec, await), .type = MEMBER_NAMES },
	{ NULL }
};

static const struct member want_members[] = {
	AMOUNT(want_rec, seq),
	{ PLACE(want_rec, need[0], "need"), .type = MEMBER_PER_RES,
	  .max = AMOUNT_MAX },
	{ PLACE(want_rec, have[0], "have"), .type = MEMBER_PER_RES, .flags = MEMBER_OPTIONAL,
	  .max = AMOUNT_MAX, .missing = CGSPAN_MAX,
	  .with = offsetof(struct want_rec, need) },
	{ NULL }
};

#define COLUMN(field) { AT(usage_item, field), .max = CGSPAN_MAX }

/* Members of a usage item; old daemons do not write the headroom. */
static const struct member usage_columns[] = {
	COLUMN(group),
	{ AT(usage_item, res), .type = MEMBER_RESOURCE },
	COLUMN(used),
	COLUMN(lease),
	COLUMN(live),
	COLUMN(refusals),
	{ AT(usage_item, headroom), .flags = MEMBER_OPTIONAL, .max = CGSPAN_MAX },
	{ NULL }
};

static const struct member usage_members[] = {
	AMOUNT(usage_rec, seq),
	{ .name = "use", .type = MEMBER_ROWS, .nest = usage_columns },
	{ NULL }
};

static const struct member cluster_members[] = {
	{ AT(cluster_rec, identity), .type = MEMBER_TEXT },
	AMOUNT(cluster_rec, generation),
	{ AT(cluster_rec, next_id), .min = GROUP_ROOT_ID + 1,
	  .max = AMOUNT_MAX },
	{ AT(cluster_rec, lost), .type = MEMBER_FLAG, .flags = MEMBER_OPTIONAL | MEMBER_OMIT },
	{ AT(cluster_rec, await), .type = MEMBER_NAMES, .flags = MEMBER_OPTIONAL | MEMBER_OMIT },
	{ NULL }
};

/* The functions that codec.h declares for each record */

/* Turn an error other than -ENOMEM into -EBADMSG, with @key in the text. */
static int broken(struct cgspan_err *err, int ret, const char *key)
{
	if (!ret || ret == -ENOMEM)
		return ret;
	cgspan_err_wrap(err, "the store's key %s", key);
	if (err)
		err->no = -EBADMSG;
	return -EBADMSG;
}

#define CODEC(name)							\
int name##_parse(const char *val, size_t len, struct name##_rec *out,	\
		 struct cgspan_err *err)				\
{									\
	return member_parse(name##_members, val, len, out,		\
			    sizeof(*out), err);				\
}									\
									\
int name##_read(const struct store_kv *kv, struct name##_rec *out,	\
		struct cgspan_err *err)					\
{									\
	return broken(err, name##_parse(kv->val, kv->len, out, err),	\
		      kv->key);						\
}									\
									\
char *name##_format(const struct name##_rec *rec)			\
{									\
	return member_format(name##_members, rec);			\
}

CODEC(group)
CODEC(node)
CODEC(ack)
CODEC(epoch)
CODEC(hb)
CODEC(lease)
CODEC(pool)
CODEC(debt)
CODEC(want)
CODEC(usage)
CODEC(cluster)

void debt_fini(struct debt_rec *rec)
{
	member_fini(debt_members, rec);
	rec->debt = 0;
}

void usage_fini(struct usage_rec *rec)
{
	member_fini(usage_members, rec);
	memset(rec, 0, sizeof(*rec));
}

void cluster_fini(struct cluster_rec *rec)
{
	member_fini(cluster_members, rec);
}

struct group_rec group_root(void)
{
	struct group_rec rec = { .id = GROUP_ROOT_ID };

	member_set_missing(group_members, &rec);
	return rec;
}

struct cluster_rec cluster_fresh(void)
{
	return (struct cluster_rec){ .next_id = GROUP_ROOT_ID + 1 };
}
