// SPDX-License-Identifier: GPL-2.0
#include "field.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "word_list.h"

void table_clear(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_rows * t->n_fields; i++)
		free(t->values[i].text);
	free(t->values);
	t->values = NULL;
	t->n_rows = 0;
	t->cap = 0;
}

static struct value *row_at(const struct table *t, size_t row)
{
	return t->values + row * t->n_fields;
}

void table_row(struct table *t)
{
	size_t cap = t->cap ? t->cap * 2 : 16;
	struct value *values;

	if (t->no_memory)
		return;
	if (t->n_rows == t->cap) {
		values = reallocarray(t->values, cap,
				      t->n_fields * sizeof(*values));
		if (!values) {
			t->no_memory = true;
			return;
		}
		t->values = values;
		t->cap = cap;
	}
	memset(row_at(t, t->n_rows++), 0, t->n_fields * sizeof(*values));
}

/* A field of the last row, now known; NULL: out of memory. */
static struct value *set(struct table *t, size_t field)
{
	struct value *v;

	if (!t->n_rows)
		table_row(t);
	if (t->no_memory)
		return NULL;
	v = row_at(t, t->n_rows - 1) + field;
	v->known = true;
	return v;
}

void table_text(struct table *t, size_t field, const char *text)
{
	struct value *v = set(t, field);

	if (v) {
		v->text = strdup(text);
		t->no_memory = !v->text;
	}
}

void table_num(struct table *t, size_t field, uint64_t num)
{
	struct value *v = set(t, field);

	if (v)
		v->num = num;
}

void table_word(struct table *t, size_t field, const char *word)
{
	struct value *v = set(t, field);

	if (v)
		t->no_memory = word_list_add(&v->text, word);
}

/* --- selecting fields --------------------------------------------------- */

static int field_find(const struct table *t, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < t->n_fields; i++)
		if (!strncmp(t->fields[i].name, name, len) &&
		    !t->fields[i].name[len])
			return i;
	return -1;
}

static int field_unknown(const struct table *t, struct cmd *c,
			 const char *name, size_t len, struct cgspan_err *err)
{
	char all[sizeof(err->msg)] = "";
	size_t i, at = 0;

	for (i = 0; i < t->n_fields && at < sizeof(all); i++)
		at += snprintf(all + at, sizeof(all) - at, " %s",
			       t->fields[i].name);
	return cmd_usage(c, err, "no field \"%.*s\"; there are:%s",
			 len > 40 ? 40 : (int)len, name, all);
}

/* Fills @cols in the order of -o. Return: their number or an errno. */
static int columns(const struct table *t, struct cmd *c, size_t *cols,
		   struct cgspan_err *err)
{
	bool more = c->format != FORMAT_TEXT || t->shape != SHAPE_ROWS;
	const char *p = c->fields;
	size_t i, len, n = 0;
	int at;

	for (i = 0; !p && i < t->n_fields; i++)
		if (more || !t->fields[i].more)
			cols[n++] = i;
	while (p && n < t->n_fields) {
		len = strcspn(p, ",");
		at = field_find(t, p, len);
		if (at < 0)
			return field_unknown(t, c, p, len, err);
		cols[n++] = at;
		p = p[len] ? p + len + 1 : NULL;
	}
	return n;
}

/* --- as text, and with tabs --------------------------------------------- */

static bool is_number(enum unit unit)
{
	return unit != UNIT_TEXT && unit != UNIT_WORDS && unit != UNIT_PATH &&
	       unit != UNIT_FLAG;
}

static unsigned int levels(const char *path)
{
	unsigned int n = 0;

	if (!path[1])
		return 0;
	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* Prints the last level, indented below the first row's path. */
static void path_print(FILE *out, const struct table *t, size_t col,
		       const char *path)
{
	unsigned int depth = levels(path), top = levels(row_at(t, 0)[col].text);

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

/* @text: with units and indentation; otherwise for a program. */
static void value_print(FILE *out, const struct table *t, size_t row,
			size_t col, bool text)
{
	const struct value *v = row_at(t, row) + col;
	enum unit unit = t->fields[col].unit;

	if (!v->known && text)
		fputs(unit == UNIT_BYTES ? "unmeasured" : "-", out);
	else if (!v->known)
		return;
	else if (unit == UNIT_PATH && text && t->shape == SHAPE_ROWS)
		path_print(out, t, col, v->text);
	else if (unit == UNIT_TEXT || unit == UNIT_WORDS || unit == UNIT_PATH)
		text_print(out, v->text);
	else if (unit == UNIT_AMOUNT && v->num == CGSPAN_MAX)
		fputs("max", out);
	else if (unit == UNIT_MS && text)
		fprintf(out, "%" PRIu64 ".%" PRIu64 "s", v->num / 1000,
			v->num % 1000 / 100);
	else if (unit == UNIT_NS && text)
		fprintf(out, "%.3fs", v->num / 1e9);
	else if (unit == UNIT_BYTES && text)
		bytes_print(out, v->num);
	else if (unit == UNIT_FLAG)
		fputs(v->num ? "yes" : "no", out);
	else
		fprintf(out, "%" PRIu64, v->num);
}

struct name_text { char s[32]; };

/* "left-ms" is "left": as text the value has the unit. */
static struct name_text name_text(const struct field *f, bool capitals)
{
	struct name_text name = {};
	size_t i, len = strlen(f->name);

	if (f->unit == UNIT_MS)
		len -= strlen("_ms");
	for (i = 0; i < len && i + 1 < sizeof(name.s); i++)
		name.s[i] = f->name[i] == '_' ? '-' :
			    capitals ? toupper((unsigned char)f->name[i]) :
			    f->name[i];
	return name;
}

#define HEADING	SIZE_MAX	/* the row before the first */

/* An allocated text; NULL: out of memory. */
static char *cell(const struct table *t, size_t row, size_t col)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (row == HEADING)
		return strdup(name_text(&t->fields[col], true).s);
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
		    size_t row, const size_t *cols, size_t n)
{
	struct libscols_line *line = scols_table_new_line(grid, NULL);
	char *text;
	size_t i;

	for (i = 0; line && i < n; i++) {
		text = cell(t, row, cols[i]);
		if (!text || scols_line_refer_data(line, i, text)) {
			free(text);
			return -ENOMEM;
		}
	}
	return line ? 0 : -ENOMEM;
}

static int rows_print(const struct table *t, const size_t *cols, size_t n)
{
	struct libscols_table *grid = scols_new_table();
	size_t i, row;
	int ret = 0;

	if (!grid)
		return -ENOMEM;
	/* Neither cut values to the terminal's width nor colour them. */
	scols_table_set_termforce(grid, SCOLS_TERMFORCE_NEVER);
	scols_table_set_column_separator(grid, "  ");
	/* The heading is a line: libsmartcols prints none above no lines. */
	scols_table_enable_noheadings(grid, 1);
	for (i = 0; i < n && !ret; i++)
		if (!scols_table_new_column(grid, "", 0,
					    is_number(t->fields[cols[i]].unit) ?
					    SCOLS_FL_RIGHT : 0))
			ret = -ENOMEM;
	for (row = HEADING; row + 1 <= t->n_rows && !ret; row++)
		ret = line_add(grid, t, row, cols, n);
	if (!ret)
		ret = scols_print_table(grid);
	scols_unref_table(grid);
	return ret;
}

static void one_print(const struct table *t, const size_t *cols, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		printf("%-13s ", name_text(&t->fields[cols[i]], false).s);
		value_print(stdout, t, 0, cols[i], true);
		putchar('\n');
	}
}

/* Omits unknown fields: an event has values for few fields. */
static void stream_print(const struct table *t, const size_t *cols, size_t n)
{
	const char *gap = "";
	size_t i, row;

	for (row = 0; row < t->n_rows; row++, gap = "") {
		for (i = 0; i < n; i++) {
			if (!row_at(t, row)[cols[i]].known)
				continue;
			fputs(gap, stdout);
			gap = " ";
			if (cols[i])
				printf("%s=",
				       name_text(&t->fields[cols[i]], false).s);
			value_print(stdout, t, row, cols[i], true);
		}
		putchar('\n');
	}
}

static void tab_table(const struct table *t, const size_t *cols, size_t n)
{
	size_t i, row;

	for (row = 0; row < t->n_rows; row++)
		for (i = 0; i < n; i++) {
			value_print(stdout, t, row, cols[i], false);
			putchar(i + 1 < n ? '\t' : '\n');
		}
}

/* --- JSON -------------------------------------------------------------- */

static json_object *value_json(enum unit unit, const struct value *v)
{
	if (!v->known)
		return NULL;
	switch (unit) {
	case UNIT_TEXT:
	case UNIT_PATH:
		return json_object_new_string(v->text);
	case UNIT_WORDS:
		return word_list_json(v->text);
	case UNIT_FLAG:
		return json_object_new_boolean(v->num);
	case UNIT_AMOUNT:
		if (v->num == CGSPAN_MAX)
			return json_object_new_string("max");
		break;
	case UNIT_COUNT:
	case UNIT_MS:
	case UNIT_NS:
	case UNIT_BYTES:
		break;
	}
	return json_object_new_uint64(v->num);
}

static json_object *row_json(const struct table *t, size_t row,
			     const size_t *cols, size_t n)
{
	json_object *obj = json_object_new_object();
	size_t i;

	for (i = 0; obj && i < n; i++)
		json_object_object_add(obj, t->fields[cols[i]].name,
				       value_json(t->fields[cols[i]].unit,
						  row_at(t, row) + cols[i]));
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

static int json_table(const struct table *t, const size_t *cols, size_t n)
{
	int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE |
		    JSON_C_TO_STRING_SPACED;
	json_object *rows;
	size_t row;
	int ret = 0;

	if (t->shape == SHAPE_STREAM) {
		for (row = 0; row < t->n_rows && !ret; row++)
			ret = json_line(row_json(t, row, cols, n),
					JSON_C_TO_STRING_NOSLASHESCAPE);
		return ret;
	}
	if (t->shape == SHAPE_ONE)
		return json_line(row_json(t, 0, cols, n), flags);
	rows = json_object_new_array();
	for (row = 0; rows && row < t->n_rows; row++)
		json_object_array_add(rows, row_json(t, row, cols, n));
	return json_line(rows, flags);
}

/* --- printing ----------------------------------------------------------- */

static int print(struct table *t, struct cmd *c, size_t *cols,
		 struct cgspan_err *err)
{
	int n, ret = 0;

	if (!cols || t->no_memory)
		return cgspan_err_nomem(err);
	n = columns(t, c, cols, err);
	if (n < 0)
		return n;
	if (c->format == FORMAT_JSON)
		ret = json_table(t, cols, n);
	else if (c->format == FORMAT_TAB)
		tab_table(t, cols, n);
	else if (t->shape == SHAPE_ONE)
		one_print(t, cols, n);
	else if (t->shape == SHAPE_STREAM)
		stream_print(t, cols, n);
	else
		ret = rows_print(t, cols, n);
	return ret ? cgspan_err_nomem(err) : 0;
}

int table_print(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	size_t *cols = calloc(t->n_fields, sizeof(*cols));
	int ret = print(t, c, cols, err);

	free(cols);
	table_clear(t);
	return ret;
}
