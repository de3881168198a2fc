/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of members describes how a record is stored as a JSON object: where
 * each member is in the C struct, its type and its bounds. One parser and one
 * formatter walk the tables.
 *
 * The parser skips members that no table has: they are lost when the record is
 * written again.
 */
#ifndef CGSPAN_MEMBER_H
#define CGSPAN_MEMBER_H

#include <stddef.h>
#include <stdint.h>

struct cgspan_err;

enum member_type {
	MEMBER_NUMBER,		/* unsigned integer of 4 or 8 bytes in C */
	MEMBER_DIFFERENCE,	/* signed integer of 8 bytes in C */
	MEMBER_LIMIT,		/* as MEMBER_NUMBER, or "max" for CGSPAN_MAX */
	MEMBER_TEXT,		/* a string in JSON, a char array in C */
	MEMBER_WORD,		/* one of @words; in C its index, 1 or 4 bytes */
	/* In JSON the name of a resource; in C its number, 4 bytes. A row with
	 * an unknown name is skipped.
	 */
	MEMBER_RESOURCE,
	MEMBER_FLAG,		/* a bool in C: true if JSON has the member */
	MEMBER_NAMES,		/* a list of names of nodes; struct names in C */
	MEMBER_LABELS,		/* a list of texts: the labels of struct node_rec */
	/* The items of a struct usage_rec: in JSON a list of rows, each a list
	 * of the values of @nest in their order.
	 */
	MEMBER_ROWS,
	/* An object with numbers of some resources; in C uint64_t[RES_N]. */
	MEMBER_PER_RES,
	/* An object with objects of @nest's members for some resources. */
	MEMBER_NEST_RES,
};

/* A value without this member is valid. */
#define MEMBER_OPTIONAL	1
/* A member that equals @missing is not written. */
#define MEMBER_OMIT		2
/* In a @nest: write a resource only if any member with this is not @missing. */
#define MEMBER_COUNTS		4

/* One member of a record. */
struct member {
	const char *name;	/* name in JSON; NULL ends a table */
	enum member_type type;
	unsigned int flags;	/* MEMBER_OPTIONAL, MEMBER_OMIT, MEMBER_COUNTS */
	size_t offset;		/* in record; in @nest: in resource 0 or row */
	size_t size;		/* bytes of the number or char array in C */
	uint64_t min;
	uint64_t max;
	uint64_t missing;	/* value in C if the member is missing in JSON */
	/* Words of a MEMBER_WORD, ended by NULL; if @words is NULL, those of
	 * enum cgspan_on_expiry.
	 */
	const char *const *words;
	const struct member *nest;	/* members of each resource or row */
	size_t stride;		/* bytes from one resource's part to the next */
	/* MEMBER_PER_RES: offset of another array, 0: none; a resource that has
	 * 0 there is not written.
	 */
	size_t with;
};

/* Parse @len bytes into @out, a record of @size bytes, which must own nothing,
 * and is all 0 after an error. 0; -EINVAL; -EPROTO: a version after
 * CODEC_VERSION; -ENOMEM.
 */
int member_parse(const struct member *m, const char *val, size_t len, void *out,
		 size_t size, struct cgspan_err *err);
/* The JSON text of a record, from malloc(); NULL: no memory. */
char *member_format(const struct member *m, const void *rec);
/* Free the memory that a record owns. */
void member_fini(const struct member *m, void *rec);
/* In a record that is all 0, set each member to its @missing. */
void member_set_missing(const struct member *m, void *rec);

#endif /* CGSPAN_MEMBER_H */
