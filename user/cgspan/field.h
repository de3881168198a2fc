/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: rows of named fields. One list of fields drives text, tab-separated
 * lines, and JSON.
 */
#ifndef CGSPAN_FIELD_H
#define CGSPAN_FIELD_H

#include "cmd.h"

struct json_object;

/**
 * enum unit - type of a field
 * @UNIT_TEXT: a string
 * @UNIT_WORDS: words separated by blanks; in JSON an array
 * @UNIT_PATH: a path; in text tables its last name, indented, if below row 0's
 * @UNIT_FLAG: yes or no
 * @UNIT_COUNT: a number
 * @UNIT_AMOUNT: a number or "max"
 * @UNIT_MS: milliseconds; as text seconds. Its name ends in "_ms"
 * @UNIT_NS: nanoseconds; as text seconds. Its name ends in "_ns"
 * @UNIT_BYTES: bytes; as text with a unit; unknown: "unmeasured", in no stream
 */
enum unit {
	UNIT_TEXT,
	UNIT_WORDS,
	UNIT_PATH,
	UNIT_FLAG,
	UNIT_COUNT,
	UNIT_AMOUNT,
	UNIT_MS,
	UNIT_NS,
	UNIT_BYTES,
};

/**
 * struct field - a column, and its value in one row
 * @name: in JSON and in -o; the heading in text is made from it
 * @unit: its type
 * @num: the number or flag
 * @text: the string, path or words; NULL: unknown
 * @unknown: @num is unknown
 * @more: as text, a table of SHAPE_ROWS shows it only if -o names it
 */
struct field {
	const char *name;
	enum unit unit;
	uint64_t num;
	const char *text;
	bool unknown;
	bool more;
};

/**
 * enum shape - how a table is printed
 * @SHAPE_ROWS: a heading and rows; in JSON an array of objects
 * @SHAPE_ONE: a single row, one field a line; in JSON an object
 * @SHAPE_STREAM: a line "value name=value ..." a row; in JSON one object a
 *	line
 */
enum shape {
	SHAPE_ROWS,
	SHAPE_ONE,
	SHAPE_STREAM,
};

/**
 * struct table - rows in memory
 * @shape: how to print it; set by the caller, the rest is zero
 * @fields: the columns
 * @n_fields: number of @fields
 * @cols: for table_print(): the fields to print, in their order
 * @n_cols: number of @cols
 * @rows: an array of rows, each an array with the values; null: unknown
 * @no_memory: an allocation failed, which table_print() reports
 */
struct table {
	enum shape shape;
	struct field *fields;
	size_t n_fields;
	size_t *cols;
	size_t n_cols;
	struct json_object *rows;
	bool no_memory;
};

/**
 * table_row() - add a row
 * @t: the table
 * @fields: the same columns in each row of a table; their names are not copied
 * @n: number of @fields
 *
 * The first row of SHAPE_ROWS is the heading: its values are ignored.
 */
void table_row(struct table *t, const struct field *fields, size_t n);

/* Free all rows; @t may then be used again. */
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

/**
 * result_print() - print the result of a verb
 * @c: the call
 * @fields: the only row, in SHAPE_ONE
 * @n: number of @fields
 * @err: why it failed
 * @sentence: printf format of a text to print instead, if the call names
 *	neither a format nor fields; or NULL
 *
 * Return: as table_print().
 */
int result_print(struct cmd *c, const struct field *fields, size_t n,
		 struct cgspan_err *err, const char *sentence, ...)
	__attribute__((format(printf, 5, 6)));

#endif /* CGSPAN_FIELD_H */
