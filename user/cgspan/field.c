// SPDX-License-Identifier: GPL-2.0
#include "field.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *t, const struct field *fields, size_t n,
		enum shape shape)
{
	*t = (struct table){
		.fields = fields, .n_fields = n, .shape = shape,
	};
}

static void rows_forget(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n_rows * t->n_fields; i++)
		free(t->values[i].text);
	t->n_rows = 0;
}

void table_free(struct table *t)
{
	rows_forget(t);
	free(t->values);
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

void table_text(struct table *t, size_t field, const char *text)
{
	struct value *v;

	if (t->no_memory)
		return;
	v = row_at(t, t->n_rows - 1) + field;
	v->text = strdup(text);
	if (v->text)
		v->known = true;
	else
		t->no_memory = true;
}

void table_num(struct table *t, size_t field, uint64_t num)
{
	struct value *v;

	if (t->no_memory)
		return;
	v = row_at(t, t->n_rows - 1) + field;
	v->known = true;
	v->num = num;
}

/* --- which fields ------------------------------------------------------ */

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

/* Fills @cols, in the order wanted; returns how many or a negative errno. */
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

/* --- for a person, and with tabs --------------------------------------- */

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

/* The last level, indented under the first row's; that one in full. */
static int path_print(FILE *out, const struct table *t, size_t col,
		      const char *path)
{
	const char *first = row_at(t, 0)[col].text;
	unsigned int depth = levels(path), top = levels(first);

	if (depth <= top)
		return fprintf(out, "%s", path);
	return fprintf(out, "%*s%s", 2 * (depth - top), "",
		       strrchr(path, '/') + 1);
}

/* Control characters, as a task's name may have, never reach a terminal. */
static int text_print(FILE *out, const char *text)
{
	int n = 0;

	for (; *text; text++, n++)
		fputc(iscntrl((unsigned char)*text) ? '?' : *text, out);
	return n;
}

static int bytes_print(FILE *out, uint64_t num)
{
	static const char units[] = "BKMGTPE";
	double val = num;
	size_t i;

	for (i = 0; val >= 1024 && units[i + 1]; i++)
		val /= 1024;
	return fprintf(out, i ? "%.1f%c" : "%.0f%c", val, units[i]);
}

/* Returns how many columns it took. */
static int value_print(FILE *out, const struct table *t, size_t row,
		       size_t col, bool person)
{
	const struct value *v = row_at(t, row) + col;

	if (!v->known)
		return fprintf(out, "%s", !person ? "" :
			       t->fields[col].unit == UNIT_BYTES ?
			       "unmeasured" : "-");
	switch (t->fields[col].unit) {
	case UNIT_PATH:
		if (person && t->shape == SHAPE_ROWS)
			return path_print(out, t, col, v->text);
		return text_print(out, v->text);
	case UNIT_TEXT:
	case UNIT_WORDS:
		return text_print(out, v->text);
	case UNIT_AMOUNT:
		if (v->num == CGSPAN_MAX)
			return fprintf(out, "max");
		return fprintf(out, "%" PRIu64, v->num);
	case UNIT_MS:
		if (person)
			return fprintf(out, "%" PRIu64 ".%" PRIu64 "s",
				       v->num / 1000, v->num % 1000 / 100);
		return fprintf(out, "%" PRIu64, v->num);
	case UNIT_NS:
		if (person)
			return fprintf(out, "%.3fs", v->num / 1e9);
		return fprintf(out, "%" PRIu64, v->num);
	case UNIT_BYTES:
		if (person)
			return bytes_print(out, v->num);
		return fprintf(out, "%" PRIu64, v->num);
	case UNIT_FLAG:
		return fprintf(out, "%s", v->num ? "yes" : "no");
	case UNIT_COUNT:
		break;
	}
	return fprintf(out, "%" PRIu64, v->num);
}

/* In capitals, as words; a person's times have their unit beside them. */
static int head_print(FILE *out, const struct field *f, bool capitals)
{
	size_t i, len = strlen(f->name);

	if (f->unit == UNIT_MS)
		len -= strlen("_ms");
	for (i = 0; i < len; i++)
		fputc(f->name[i] == '_' ? '-' :
		      capitals ? toupper((unsigned char)f->name[i]) :
		      f->name[i], out);
	return len;
}

#define HEADING	SIZE_MAX	/* the row above the first */

/* What a person reads in one place; NULL: out of memory. */
static char *cell(const struct table *t, size_t row, size_t col)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (row == HEADING)
		head_print(out, &t->fields[col], true);
	else
		value_print(out, t, row, col, true);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int column_width(const struct table *t, size_t col)
{
	int len, width = 0;
	size_t row;
	char *text;

	for (row = HEADING; row + 1 <= t->n_rows; row++) {
		text = cell(t, row, col);
		if (!text)
			return -ENOMEM;
		len = strlen(text);
		width = len > width ? len : width;
		free(text);
	}
	return width;
}

/* Numbers to the right; nothing after the last column. */
static int cell_print(const struct table *t, size_t row, size_t col, int width,
		      bool last)
{
	char *text = cell(t, row, col);

	if (!text)
		return -ENOMEM;
	if (is_number(t->fields[col].unit))
		printf("%*s", width, text);
	else
		printf("%-*s", last ? 0 : width, text);
	fputs(last ? "\n" : "  ", stdout);
	free(text);
	return 0;
}

static int rows_print(const struct table *t, const size_t *cols, size_t n,
		      int *width)
{
	size_t i, row;
	int ret;

	for (i = 0; i < n; i++) {
		width[i] = column_width(t, cols[i]);
		if (width[i] < 0)
			return width[i];
	}
	for (row = HEADING; row + 1 <= t->n_rows; row++)
		for (i = 0; i < n; i++) {
			ret = cell_print(t, row, cols[i], width[i], i + 1 == n);
			if (ret)
				return ret;
		}
	return 0;
}

static int rows_table(const struct table *t, const size_t *cols, size_t n)
{
	int *width = calloc(n, sizeof(*width));
	int ret;

	if (!width)
		return -ENOMEM;
	ret = rows_print(t, cols, n, width);
	free(width);
	return ret;
}

static void one_print(const struct table *t, const size_t *cols, size_t n)
{
	size_t i;
	int len;

	for (i = 0; i < n; i++) {
		len = head_print(stdout, &t->fields[cols[i]], false);
		printf("%*s", len < 14 ? 14 - len : 1, "");
		value_print(stdout, t, 0, cols[i], true);
		putchar('\n');
	}
}

/* What is not known is left out: a row is about one thing among many. */
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
			if (cols[i]) {
				head_print(stdout, &t->fields[cols[i]], false);
				putchar('=');
			}
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

static json_object *words_json(const char *text)
{
	json_object *word, *words = json_object_new_array();
	size_t len;

	for (; words && *text; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		word = json_object_new_string_len(text, len);
		json_object_array_add(words, word);
	}
	return words;
}

static json_object *value_json(enum unit unit, const struct value *v)
{
	if (!v->known)
		return NULL;
	switch (unit) {
	case UNIT_TEXT:
	case UNIT_PATH:
		return json_object_new_string(v->text);
	case UNIT_WORDS:
		return words_json(v->text);
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

/* --- all --------------------------------------------------------------- */

int table_print(struct table *t, struct cmd *c, struct cgspan_err *err)
{
	size_t *cols = calloc(t->n_fields, sizeof(*cols));
	int n, ret = 0;

	if (!cols || t->no_memory) {
		free(cols);
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	}
	n = columns(t, c, cols, err);
	if (n < 0) {
		free(cols);
		return n;
	}
	if (c->format == FORMAT_JSON)
		ret = json_table(t, cols, n);
	else if (c->format == FORMAT_TAB)
		tab_table(t, cols, n);
	else if (t->shape == SHAPE_ONE)
		one_print(t, cols, n);
	else if (t->shape == SHAPE_STREAM)
		stream_print(t, cols, n);
	else
		ret = rows_table(t, cols, n);
	free(cols);
	rows_forget(t);
	return ret ? cgspan_err_set(err, ret, "out of memory") : 0;
}
