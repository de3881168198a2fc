/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: rows of named fields. One table of fields drives the table on a
 * terminal, tab-separated lines, and JSON.
 */
#ifndef CGSPAN_FIELD_H
#define CGSPAN_FIELD_H

#include "cmd.h"

struct json_object;

/**
 * enum unit - type of a field
 * @UNIT_TEXT: a string
 * @UNIT_WORDS: words separated by blanks; in JSON an array
 * @UNIT_PATH: the path of a group; as text indented by its level
 * @UNIT_FLAG: yes or no
 * @UNIT_COUNT: a number
 * @UNIT_AMOUNT: a number or "max"
 * @UNIT_MS: milliseconds; as text seconds. Its name ends in "_ms"
 * @UNIT_NS: nanoseconds; as text seconds. Its name ends in "_ns"
 * @UNIT_BYTES: bytes; as text with a unit, and "unmeasured" if unknown
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

/**
 * struct table - rows in memory
 * @fields: the columns
 * @n_fields: number of them
 * @shape: how to print it
 * @cols: for table_print(): the fields to print, in their order
 * @n_cols: number of them
 * @rows: an array of rows, each an array with the values; null: unknown
 * @no_memory: an allocation failed, which table_print() reports
 */
struct table {
	const struct field *fields;
	size_t n_fields;
	enum shape shape;
	size_t *cols;
	size_t n_cols;
	struct json_object *rows;
	bool no_memory;
};

#define TABLE(_fields, _shape) { \
	.fields = (_fields), .n_fields = ARRAY_SIZE(_fields), .shape = (_shape) \
}

/* Adds a row whose fields are all unknown. */
void table_row(struct table *t);

/* Set a field of the last row, which is added if there is none. */
void table_num(struct table *t, size_t field, uint64_t num);
/* NULL leaves it unknown. */
void table_text(struct table *t, size_t field, const char *text);

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

/**
 * struct result - a field of the only row of a verb's result
 * @name: its name
 * @unit: its type
 * @num: its number, or
 * @text: its text; NULL: unknown
 * @unknown: the number is unknown
 */
struct result {
	const char *name;
	enum unit unit;
	uint64_t num;
	const char *text;
	bool unknown;
};

/**
 * result_print() - print the result of a verb
 * @c: the call
 * @r: the fields, in SHAPE_ONE; 16 at most
 * @n: number of them
 * @err: why it failed
 * @sentence: printed instead if neither another format nor fields are asked
 *	for; NULL: none
 *
 * Return: as table_print().
 */
int result_print(struct cmd *c, const struct result *r, size_t n,
		 struct cgspan_err *err, const char *sentence, ...)
	__attribute__((format(printf, 5, 6)));

#endif /* CGSPAN_FIELD_H */
