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

/**
 * enum member_type - how a member is stored
 * @MEMBER_NUMBER: unsigned, in 4 or 8 bytes
 * @MEMBER_DIFFERENCE: signed, in 8 bytes
 * @MEMBER_LIMIT: as MEMBER_NUMBER, or "max" for CGSPAN_MAX
 * @MEMBER_TEXT: a char array
 * @MEMBER_WORD: one of some words, in 1 or 4 bytes
 * @MEMBER_RESOURCE: a resource's word, in 4 bytes; a row with an unknown one is skipped
 * @MEMBER_FLAG: a bool, true if the member exists
 * @MEMBER_NAMES: a list of nodes: a struct names
 * @MEMBER_LABELS: a list of texts, of a struct node_rec
 * @MEMBER_ROWS: a list of lists, each with the values of @nest in their order: the
 *	items of a struct usage_rec
 * @MEMBER_PER_RES: an object with a number for each resource: an array of uint64_t
 * @MEMBER_NEST_RES: an object with the members of @nest for each resource
 */
enum member_type {
	MEMBER_NUMBER,
	MEMBER_DIFFERENCE,
	MEMBER_LIMIT,
	MEMBER_TEXT,
	MEMBER_WORD,
	MEMBER_RESOURCE,
	MEMBER_FLAG,
	MEMBER_NAMES,
	MEMBER_LABELS,
	MEMBER_ROWS,
	MEMBER_PER_RES,
	MEMBER_NEST_RES,
};

/* May be missing in a value. */
#define MEMBER_OPTIONAL	1
/* Is not written while it is as if it were missing. */
#define MEMBER_OMIT		2
/* In MEMBER_NEST_RES: a resource is written if one of these is not as if missing. */
#define MEMBER_COUNTS		4

/**
 * struct member - one member of a record
 * @name: in JSON; NULL ends a table
 * @type: how it is stored
 * @flags: MEMBER_OPTIONAL, MEMBER_OMIT, MEMBER_COUNTS
 * @offset: of its place in the record; of resource 0's in MEMBER_NEST_RES
 * @size: bytes of a number or a char array there
 * @min: smallest number
 * @max: largest number
 * @missing: the number that a missing member stands for
 * @words: of a MEMBER_WORD, ended by NULL; NULL: those of enum cgspan_on_expiry
 * @nest: members of each resource or row
 * @stride: bytes from one resource's members to the next one's
 * @with: of MEMBER_PER_RES: offset of another one; what is 0 there is not written
 */
struct member {
	const char *name;
	enum member_type type;
	unsigned int flags;
	size_t offset;
	size_t size;
	uint64_t min;
	uint64_t max;
	uint64_t missing;
	const char *const *words;
	const struct member *nest;
	size_t stride;
	size_t with;
};

/**
 * member_parse() - parse a value
 * @m: the record's table
 * @val: the value
 * @len: bytes in it
 * @out: the record
 * @size: bytes in it
 * @err: what is wrong with the value
 *
 * Return: 0; -EINVAL; -EPROTO: of a version after CODEC_VERSION; -ENOMEM. On failure
 * @out is all 0.
 */
int member_parse(const struct member *m, const char *val, size_t len, void *out,
		 size_t size, struct cgspan_err *err);

/**
 * member_format() - format a record
 * @m: the record's table
 * @rec: the record
 *
 * Return: the value, from malloc(); NULL without memory.
 */
char *member_format(const struct member *m, const void *rec);

/**
 * member_fini() - free what a record owns
 * @m: the record's table
 * @rec: the record
 */
void member_fini(const struct member *m, void *rec);

/**
 * member_set_missing() - fill in what missing members stand for
 * @m: the record's table
 * @rec: the record, all 0
 */
void member_set_missing(const struct member *m, void *rec);

#endif /* CGSPAN_MEMBER_H */
