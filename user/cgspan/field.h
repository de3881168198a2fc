/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: rows of named fields. One table of fields drives what a person
 * reads, lines parted by tabs, and JSON.
 */
#ifndef CGSPAN_FIELD_H
#define CGSPAN_FIELD_H

#include "cmd.h"

/**
 * enum unit - what a field is
 * @UNIT_TEXT: a string
 * @UNIT_WORDS: strings parted by blanks; in JSON an array
 * @UNIT_PATH: the path of a group; for a person indented by its level
 * @UNIT_COUNT: a number
 * @UNIT_AMOUNT: a number or "max"
 * @UNIT_MS: milliseconds; for a person seconds. Its name ends in "_ms"
 * @UNIT_NS: nanoseconds, likewise; its name ends in "_ns"
 * @UNIT_BYTES: for a person with a unit; unknown is "unmeasured"
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
 * @name: in JSON, in -o, and in capitals as its heading
 * @unit: what it is
 * @more: a person sees it only when asking for it with -o
 */
struct field {
	const char *name;
	enum unit unit;
	bool more;
};

/**
 * enum shape - how a table is shown
 * @SHAPE_ROWS: a heading and rows; in JSON an array of objects
 * @SHAPE_ONE: a single row, one field a line; in JSON an object
 * @SHAPE_STREAM: each row at once, as "name=value ..."; in JSON one object
 *	a line
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

/* Rows under construction; an allocation that fails is told by the printing. */
struct table {
	const struct field *fields;
	size_t n_fields;
	enum shape shape;
	struct value *values;
	size_t n_rows;
	size_t cap;
	bool no_memory;
};

void table_init(struct table *t, const struct field *fields, size_t n,
		enum shape shape);
void table_free(struct table *t);

/* A new row, of which nothing is known; the two below fill the last row. */
void table_row(struct table *t);
void table_text(struct table *t, size_t field, const char *text);
void table_num(struct table *t, size_t field, uint64_t num);

/**
 * table_print() - to standard output, as the call asks for; then forgets rows
 * @t: the table
 * @c: the call
 * @err: why not
 *
 * Return: 0; cmd_usage() for a field that is none; -ENOMEM.
 */
int table_print(struct table *t, struct cmd *c, struct cgspan_err *err);

#endif /* CGSPAN_FIELD_H */
