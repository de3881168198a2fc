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
	MEMBER_NUMBER,		/* unsigned, in 4 or 8 bytes */
	MEMBER_DIFFERENCE,	/* signed, in 8 bytes */
	MEMBER_LIMIT,		/* as MEMBER_NUMBER, or "max" for CGSPAN_MAX */
	MEMBER_TEXT,		/* a char array */
	MEMBER_WORD,		/* one of some words, in 1 or 4 bytes */
	/* A name of a resource, for a member of 4 bytes; an unknown one skips the row. */
	MEMBER_RESOURCE,
	MEMBER_FLAG,		/* a bool, true if the member exists */
	MEMBER_NAMES,		/* a list of nodes: a struct names */
	MEMBER_LABELS,		/* a list of texts, of a struct node_rec */
	/* A list of lists, each with the values of @nest in their order: the items
	 * of a struct usage_rec.
	 */
	MEMBER_ROWS,
	/* An object with a number for each resource: an array of uint64_t. */
	MEMBER_PER_RES,
	/* An object with the members of @nest for each resource. */
	MEMBER_NEST_RES,
};

/* The member may be missing in a value. */
#define MEMBER_OPTIONAL	1
/* The member is not written if it has the value that stands for a missing one. */
#define MEMBER_OMIT		2
/* In MEMBER_NEST_RES: a resource is written if one of these differs from "missing". */
#define MEMBER_COUNTS		4

/* One member of a record. */
struct member {
	const char *name;	/* name in JSON; NULL ends a table */
	enum member_type type;
	unsigned int flags;	/* MEMBER_OPTIONAL, MEMBER_OMIT, MEMBER_COUNTS */
	size_t offset;		/* offset in the record (in resource 0's part) */
	size_t size;		/* bytes of a number or a char array */
	uint64_t min;
	uint64_t max;
	uint64_t missing;	/* the number that a missing member stands for */
	/* Words of a MEMBER_WORD, ended by NULL; NULL: those of enum
	 * cgspan_on_expiry.
	 */
	const char *const *words;
	const struct member *nest;	/* members of each resource or row */
	size_t stride;		/* bytes from one resource's members to the next */
	/* MEMBER_PER_RES: offset of another array; resources that are 0 there
	 * are not written.
	 */
	size_t with;
};

/* Parse @len bytes into a record of @size bytes, all 0 on failure: -EINVAL; -EPROTO:
 * of a version after CODEC_VERSION; -ENOMEM.
 */
int member_parse(const struct member *m, const char *val, size_t len, void *out,
		 size_t size, struct cgspan_err *err);
/* A record's value, from malloc(); NULL without memory. */
char *member_format(const struct member *m, const void *rec);
/* Free what a record owns. */
void member_fini(const struct member *m, void *rec);
/* Set the defaults of missing members in a record that is all 0. */
void member_set_missing(const struct member *m, void *rec);

#endif /* CGSPAN_MEMBER_H */
