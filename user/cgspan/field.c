// SPDX-License-Identifier: GPL-2.0
#include "field.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <libsmartcols.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "word_list.h"

static size_t n_rows(const struct table *t)
{
	return t->rows ? json_object_array_length(t->rows) : 0;
}

static json_object *value_json(const struct field *f)
{
	if (f->unit == UNIT_WORDS)
		return word_list_json(f->text);
	if (f->unit <= UNIT_PATH)
		return json_object_new_string(f->text);
	if (f->unit == UNIT_FLAG)
		return json_object_new_boolean(f->num);
	if (f->unit == UNIT_AMOUNT && f->num == CGSPAN_MAX)
		return json_object_new_string("max");
	return json_object_new_uint64(f->num);
}

/* Append @value, whose reference the array takes over. */
static void add(struct table *t, json_object *array, json_object *value)
{
	if (array && !json_object_array_add(array, value))
		return;
	json_object_put(value);
	t->no_memory = true;
}

static void columns_set(struct table *t, const struct field *fields, size_t n)
{
	t->rows = json_object_new_array();
	t->fields = reallocarray(NULL, n, sizeof(*fields));
	t->n_fields = n;
	if (t->rows && t->fields)
		memcpy(t->fields, fields, n * sizeof(*fields));
	else
		t->no_memory = true;
}

void table_row(struct table *t, const struct field *fields, size_t n)
{
	json_object *row, *value;
	size_t i;
	bool known;

	if (!t->fields && !t->no_memory) {
		columns_set(t, fields, n);
		if (t->shape == SHAPE_ROWS)
			return;
	}
	if (t->no_memory)
		return;
	row = json_object_new_array();
	for (i = 0; i < n; i++) {
		known = fields[i].unit <= UNIT_PATH ? !!fields[i].text :
						      !fields[i].unknown;
		value = known ? value_json(&fields[i]) : NULL;
		t->no_memory |= known && !value;
		add(t, row, value);
	}
	add(t, t->rows, row);
}

void table_clear(struct table *t)
{
	json_object_put(t->rows);
	free(t->fields);
	free(t->cols);
	*t = (struct table){ .shape = t->shape };
}

/* --- selecting fields --------------------------------------------------- */

/* Find a field by its name. Return: its index, or a negative errno. */
static int field_find(const struct table *t, struct cmd *c, const char *name,
		      size_t len, struct cgspan_err *err)
{
	char all[sizeof(err->msg)] = "";
	size_t i, at = 0;

	for (i = 0; i < t->n_fields && at < sizeof(all); i++) {
		if (!strncmp(t->fields[i].name, name, len) &&
		    !t->fields[i].name[len])
			return i;
		at += snprintf(all + at, sizeof(all) - at, " %s",
			       t->fields[i].name);
	}
	return cmd_usage(c, err, "no field \"%.*s\"; there are:%s",
			 len > 40 ? 40 : (int)len, name, all);
}

/* Set @t->cols to the fields of -o, in its order; without -o to the default. */
static int columns(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	bool more = c->format != FORMAT_TEXT || t->shape != SHAPE_ROWS;
	const char *p = c->fields;
	size_t i, len, n;
	int at;

	/* -o may name a field more than once. */
	n = t->n_fields + (p ? strlen(p) : 0);
	t->cols = calloc(n, sizeof(*t->cols));
	if (t->no_memory || !t->cols)
		return cgspan_err_nomem(err);
	for (i = 0; !p && i < t->n_fields; i++)
		if (more || !t->fields[i].more)
			t->cols[t->n_cols++] = i;
	while (p) {
		len = strcspn(p, ",");
		at = field_find(t, c, p, len, err);
		if (at < 0)
			return at;
		t->cols[t->n_cols++] = at;
		p = p[len] ? p + len + 1 : NULL;
	}
	return 0;
}

static const struct field *field_at(const struct table *t, size_t col)
{
	return &t->fields[t->cols[col]];
}

/* The value in a row and column; NULL: it is unknown. */
static json_object *value_at(const struct table *t, size_t row, size_t col)
{
	json_object *values = json_object_array_get_idx(t->rows, row);

	return json_object_array_get_idx(values, t->cols[col]);
}

/* --- as text, and with tabs --------------------------------------------- */

static unsigned int levels(const char *path)
{
	unsigned int n = 0;

	if (!path[1])
		return 0;
	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* Print a path; one deeper than the first row's as its last name, indented. */
static void path_print(FILE *out, const struct table *t, size_t col,
		       const char *path)
{
	json_object *first = value_at(t, 0, col);
	unsigned int top = levels(json_object_get_string(first));
	unsigned int depth = levels(path);

	if (depth <= top)
		fputs(path, out);
	else
		fprintf(out, "%*s%s", 2 * (depth - top), "",
			strrchr(path, '/') + 1);
}

/* A terminal must not get control characters, as a task's name may have. */
static void text_print(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(iscntrl((unsigned char)*text) ? '?' : *text, out);
}

static void bytes_print(FILE *out, uint64_t num)
{
	static const char units[] = "BKMGTPE";
	double val = num;
	size_t i;

	for (i = 0; val >= 1024 && units[i + 1]; i++)
		val /= 1024;
	fprintf(out, i ? "%.1f%c" : "%.0f%c", val, units[i]);
}

static void words_print(FILE *out, json_object *words)
{
	json_object *word;
	size_t i;

	for (i = 0; i < json_object_array_length(words); i++) {
		word = json_object_array_get_idx(words, i);
		fputs(i ? " " : "", out);
		text_print(out, json_object_get_string(word));
	}
}

static void num_print(FILE *out, enum unit unit, uint64_t num)
{
	if (unit == UNIT_MS)
		fprintf(out, "%" PRIu64 ".%" PRIu64 "s", num / 1000,
			num % 1000 / 100);
	else if (unit == UNIT_NS)
		fprintf(out, "%.3fs", num / 1e9);
	else if (unit == UNIT_BYTES)
		bytes_print(out, num);
	else
		fprintf(out, "%" PRIu64, num);
}

/* Print a value; @text: with unit and indentation; false: for a program. */
static void value_print(FILE *out, const struct table *t, size_t row,
			size_t col, bool text)
{
	json_object *v = value_at(t, row, col);
	enum unit unit = field_at(t, col)->unit;

	if (!v && text)
		fputs(unit == UNIT_BYTES ? "unmeasured" : "-", out);
	else if (unit == UNIT_PATH && text && t->shape == SHAPE_ROWS)
		path_print(out, t, col, json_object_get_string(v));
	else if (json_object_is_type(v, json_type_string))
		text_print(out, json_object_get_string(v));
	else if (json_object_is_type(v, json_type_array))
		words_print(out, v);
	else if (json_object_is_type(v, json_type_boolean))
		fputs(json_object_get_boolean(v) ? "yes" : "no", out);
	else if (v)
		num_print(out, text ? unit : UNIT_COUNT,
			  json_object_get_uint64(v));
}

struct name_text { char s[32]; };

/* A column's name: "left_ms" is "left", "cpu_ns" "cpu": values show the unit. */
static struct name_text name_text(const struct field *f, bool capitals)
{
	struct name_text name = {};
	size_t i, len = strlen(f->name);

	if (f->unit == UNIT_MS || f->unit == UNIT_NS)
		len -= strlen("_ms");
	for (i = 0; i < len && i + 1 < sizeof(name.s); i++)
		name.s[i] = f->name[i] == '_' ? '-' :
			    capitals ? toupper((unsigned char)f->name[i]) :
			    f->name[i];
	return name;
}

#define HEADING	SIZE_MAX	/* row number that stands for the heading */

/* Text of a table's cell, allocated; NULL: out of memory. */
static char *cell(const struct table *t, size_t row, size_t col)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (row == HEADING)
		return strdup(name_text(field_at(t, col), true).s);
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	value_print(out, t, row, col, true);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int line_add(struct libscols_table *grid, const struct table *t,
		    size_t row)
{
	struct libscols_line *line = scols_table_new_line(grid, NULL);
	char *text;
	size_t i;

	for (i = 0; line && i < t->n_cols; i++) {
		text = cell(t, row, i);
		if (!text || scols_line_refer_data(line, i, text)) {
			free(text);
			return -ENOMEM;
		}
	}
	return line ? 0 : -ENOMEM;
}

static int rows_print(const struct table *t)
{
	struct libscols_table *grid = scols_new_table();
	size_t i, row;
	int ret = 0;

	if (!grid)
		return -ENOMEM;
	/* Neither cut values to the terminal's width nor colour them. */
	scols_table_set_termforce(grid, SCOLS_TERMFORCE_NEVER);
	scols_table_set_column_separator(grid, "  ");
	/* The heading is a row: of an empty table libsmartcols prints none. */
	scols_table_enable_noheadings(grid, 1);
	for (i = 0; i < t->n_cols && !ret; i++)
		if (!scols_table_new_column(grid, "", 0,
					    field_at(t, i)->unit >= UNIT_COUNT ?
					    SCOLS_FL_RIGHT : 0))
			ret = -ENOMEM;
	for (row = HEADING; row + 1 <= n_rows(t) && !ret; row++)
		ret = line_add(grid, t, row);
	if (!ret)
		ret = scols_print_table(grid);
	scols_unref_table(grid);
	return ret;
}

static void one_print(const struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_cols; i++) {
		printf("%-13s ", name_text(field_at(t, i), false).s);
		value_print(stdout, t, 0, i, true);
		putchar('\n');
	}
}

/* Print "value name=value ..." for each row, without unknown fields. */
static void stream_print(const struct table *t)
{
	const char *gap = "";
	size_t i, row;

	for (row = 0; row < n_rows(t); row++, gap = "") {
		for (i = 0; i < t->n_cols; i++) {
			if (!value_at(t, row, i))
				continue;
			fputs(gap, stdout);
			gap = " ";
			if (t->cols[i])
				printf("%s=",
				       name_text(field_at(t, i), false).s);
			value_print(stdout, t, row, i, true);
		}
		putchar('\n');
	}
}

static void tab_print(const struct table *t)
{
	size_t i, row;

	for (row = 0; row < n_rows(t); row++)
		for (i = 0; i < t->n_cols; i++) {
			value_print(stdout, t, row, i, false);
			putchar(i + 1 < t->n_cols ? '\t' : '\n');
		}
}

/* --- JSON -------------------------------------------------------------- */

static json_object *row_json(const struct table *t, size_t row)
{
	json_object *obj = json_object_new_object();
	size_t i;

	for (i = 0; obj && i < t->n_cols; i++)
		json_object_object_add(obj, field_at(t, i)->name,
				       json_object_get(value_at(t, row, i)));
	return obj;
}

static int json_line(json_object *obj, int flags)
{
	const char *text;

	text = obj ? json_object_to_json_string_ext(obj, flags) : NULL;
	if (text)
		puts(text);
	json_object_put(obj);
	return text ? 0 : -ENOMEM;
}

static int json_print(const struct table *t)
{
	bool array = t->shape == SHAPE_ROWS;
	json_object *rows = array ? json_object_new_array() : NULL;
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE;
	int ret = array && !rows ? -ENOMEM : 0;
	size_t row;

	if (t->shape != SHAPE_STREAM)
		flags |= JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED;
	for (row = 0; row < n_rows(t) && !ret; row++)
		if (array)
			ret = json_object_array_add(rows, row_json(t, row));
		else
			ret = json_line(row_json(t, row), flags);
	return array ? json_line(rows, flags) : ret;
}

/* --- printing ----------------------------------------------------------- */

static int print(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	int ret = columns(t, c, err);

	if (ret)
		return ret;
	if (c->format == FORMAT_JSON)
		ret = json_print(t);
	else if (c->format == FORMAT_TAB)
		tab_print(t);
	else if (t->shape == SHAPE_ONE)
		one_print(t);
	else if (t->shape == SHAPE_STREAM)
		stream_print(t);
	else
		ret = rows_print(t);
	return ret ? cgspan_err_nomem(err) : 0;
}

int table_print(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	int ret = print(t, c, err);

	table_clear(t);
	return ret;
}

int result_print(struct cmd *c, const struct field *fields, size_t n,
		 struct cgspan_err *err, const char *sentence, ...)
{
	struct table t = { .shape = SHAPE_ONE };
	va_list ap;

	if (sentence && c->format == FORMAT_TEXT && !c->fields) {
		va_start(ap, sentence);
		vprintf(sentence, ap);
		va_end(ap);
		putchar('\n');
		return 0;
	}
	table_row(&t, fields, n);
	return table_print(&t, c, err);
}
