/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of members describes how a record is stored as a JSON object: where
 * each member is in the C struct, its type and its bounds. One parser and one
 * formatter walk the tables.
 *
 * The parser skips members that no table has. To keep them in a record that is
 * amended, the formatter can be given the parsed object as well, and write, at
 * each level, what the table of that level does not have.
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
	MEMBER_WORD,		/* a word in JSON, its index in C: 1 or 4 bytes */
	/* The name of a resource in JSON; its number, 4 bytes, in C. A row with
	 * an unknown name is skipped.
	 */
	MEMBER_RESOURCE,
	MEMBER_FLAG,		/* a bool in C, true if the member exists */
	MEMBER_NAMES,		/* a list of names of nodes: struct names in C */
	MEMBER_LABELS,		/* a list of texts: the labels of struct node_rec */
	/* A list of rows, each a list of the values of @nest in their order:
	 * the items of a struct usage_rec.
	 */
	MEMBER_ROWS,
	/* An object with a number for each resource: an array of uint64_t. */
	MEMBER_PER_RES,
	/* An object with the members of @nest for each resource: an array. */
	MEMBER_NEST_RES,
};

/* A value without this member is valid. */
#define MEMBER_OPTIONAL	1
/* A member that equals @missing is not written. */
#define MEMBER_OMIT		2
/* In MEMBER_NEST_RES: write a resource if one of these is not @missing. */
#define MEMBER_COUNTS		4

/* One member of a record. */
struct member {
	const char *name;	/* name in JSON; NULL ends a table */
	enum member_type type;
	unsigned int flags;	/* MEMBER_OPTIONAL, MEMBER_OMIT, MEMBER_COUNTS */
	size_t offset;		/* offset in the record (in resource 0's part) */
	size_t size;		/* bytes of the number or char array in C */
	uint64_t min;
	uint64_t max;
	uint64_t missing;	/* value in C if the member is missing in JSON */
	/* Words of a MEMBER_WORD, ended by NULL; if @words is NULL, those of
	 * enum cgspan_on_expiry.
	 */
	const char *const *words;
	const struct member *nest;	/* members of each resource or row */
	size_t stride;		/* bytes between the parts of two resources */
	/* MEMBER_PER_RES: offset of another array; a resource is not written if
	 * it is 0 there.
	 */
	size_t with;
};

/* Parse @len bytes into a record of @size bytes, which is all 0 on failure. 0;
 * -EINVAL; -EPROTO: a version after CODEC_VERSION; -ENOMEM.
 */
int member_parse(const struct member *m, const char *val, size_t len, void *out,
		 size_t size, struct cgspan_err *err);
/* The JSON text of a record, from malloc(); NULL: no memory. */
char *member_format(const struct member *m, const void *rec);
/* Free the memory that a record owns. */
void member_fini(const struct member *m, void *rec);
/* Set the defaults of missing members in a record that is all 0. */
void member_set_missing(const struct member *m, void *rec);

#endif /* CGSPAN_MEMBER_H */
