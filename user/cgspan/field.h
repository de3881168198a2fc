/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: rows of named fields. One table of fields drives the table on a
 * terminal, tab-separated lines, and JSON.
 */
#ifndef CGSPAN_FIELD_H
#define CGSPAN_FIELD_H

#include "cmd.h"

/**
 * enum unit - type of a field
 * @UNIT_TEXT: a string
 * @UNIT_WORDS: words separated by blanks; in JSON an array
 * @UNIT_PATH: the path of a group; as text indented by its level
 * @UNIT_COUNT: a number
 * @UNIT_AMOUNT: a number or "max"
 * @UNIT_MS: milliseconds; as text seconds. Its name ends in "_ms"
 * @UNIT_NS: nanoseconds; as text seconds. Its name ends in "_ns"
 * @UNIT_BYTES: bytes; as text with a unit, and "unmeasured" if unknown
 * @UNIT_FLAG: yes or no
 */
enum unit {
	UNIT_TEXT,
	UNIT_WORDS,
	UNIT_PATH,
	UNIT_COUNT,
	UNIT_AMOUNT,
	UNIT_MS,
	UNIT_NS,
	UNIT_BYTES,
	UNIT_FLAG,
};

/**
 * struct field - one column
 * @name: in JSON and in -o; in capitals it is the heading
 * @unit: its type
 * @more: as text it is shown only if -o names it
 */
struct field {
	const char *name;
	enum unit unit;
	bool more;
};

/**
 * enum shape - how a table is printed
 * @SHAPE_ROWS: a heading and rows; in JSON an array of objects
 * @SHAPE_ONE: a single row, one field a line; in JSON an object
 * @SHAPE_STREAM: a line "name=value ..." for each row; in JSON one object a
 *	line
 */
enum shape {
	SHAPE_ROWS,
	SHAPE_ONE,
	SHAPE_STREAM,
};

struct value {
	bool known;
	char *text;
	uint64_t num;
};

/* Rows in memory; table_print() reports an allocation that failed. */
struct table {
	const struct field *fields;
	size_t n_fields;
	enum shape shape;
	struct value *values;
	size_t n_rows;
	size_t cap;
	bool no_memory;
};

#define TABLE(_fields, _shape) { \
	.fields = (_fields), .n_fields = ARRAY_SIZE(_fields), .shape = (_shape) \
}

/* Adds a row whose fields are all unknown. */
void table_row(struct table *t);

/* Set a field of the last row, which is added if there is none. */
void table_text(struct table *t, size_t field, const char *text);
void table_num(struct table *t, size_t field, uint64_t num);
/* Appends a word to a field of UNIT_WORDS; none: set it to "". */
void table_word(struct table *t, size_t field, const char *word);

/* Frees all rows. */
void table_clear(struct table *t);

/**
 * table_print() - print to standard output, then free all rows
 * @t: the table
 * @c: the call, for its format and its fields
 * @err: why it failed
 *
 * Return: 0; cmd_usage() for a field that does not exist; -ENOMEM.
 */
int table_print(struct table *t, struct cmd *c, struct cgspan_err *err);

#endif /* CGSPAN_FIELD_H */
