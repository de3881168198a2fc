// SPDX-License-Identifier: GPL-2.0
#include "member.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "record.h"

/* Members of a record in C */

static void *place(const struct member *m, const void *base)
{
	return (char *)base + m->offset;
}

static void put(const struct member *m, void *base, uint64_t val)
{
	void *to = place(m, base);

	switch (m->size) {
	case sizeof(uint64_t):
		*(uint64_t *)to = val;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)to = val;
		break;
	default:
		*(uint8_t *)to = val;
		break;
	}
}

static uint64_t get(const struct member *m, const void *base)
{
	const void *from = place(m, base);

	switch (m->size) {
	case sizeof(uint64_t):
		return *(const uint64_t *)from;
	case sizeof(uint32_t):
		return *(const uint32_t *)from;
	default:
		return *(const uint8_t *)from;
	}
}

/* Shift @base so that the offsets of @m, or of its nest, lead to resource @i.
 */
static void *of_res(const struct member *m, const void *base, int i)
{
	if (m->type == MEMBER_PER_RES)
		return (char *)base + i * m->size;
	return (char *)base + m->offset + i * m->stride;
}

void member_set_missing(const struct member *m, void *base)
{
	for (; m->name; m++)
		for (int i = 0; i < RES_N; i++) {
			if (m->type == MEMBER_NEST_RES)
				member_set_missing(m->nest, of_res(m, base, i));
			else if (m->type == MEMBER_PER_RES)
				put(m, of_res(m, base, i), m->missing);
			else if (m->missing && !i)
				put(m, base, m->missing);
		}
}

static bool is_missing(const struct member *m, const void *base)
{
	if (m->type == MEMBER_NAMES)
		return !((struct names *)place(m, base))->n;
	return get(m, base) == m->missing;
}

void member_fini(const struct member *m, void *base)
{
	for (; m->name; m++) {
		if (m->type == MEMBER_NAMES)
			names_fini(place(m, base));
		else if (m->type == MEMBER_ROWS)
			free(((struct usage_rec *)base)->items);
	}
}

static const char *word_at(const struct member *m, unsigned int i)
{
	if (m->type == MEMBER_RESOURCE)
		return cgspan_res_name(i);
	return m->words ? m->words[i] : cgspan_expiry_name(i);
}

/* Reading. Each function returns 0 or a negative errno with a text; @name, of
 * the member or of the resource, is for the text.
 */

static int check(json_object *f, const char *name, enum json_type type,
		 struct cgspan_err *err)
{
	static const char *const kinds[] = {
		[json_type_int] = "a number",
		[json_type_string] = "a string",
		[json_type_array] = "a list",
		[json_type_object] = "an object",
	};

	if (json_object_is_type(f, type))
		return 0;
	return cgspan_err_set(err, -EINVAL, "\"%s\" is not %s", name,
			      kinds[type]);
}

static int read_number(json_object *f, const struct member *m,
		       const char *name, void *base, struct cgspan_err *err)
{
	int64_t val = json_object_get_int64(f);
	uint64_t number = json_object_get_uint64(f);
	int ret;

	if (m->type == MEMBER_LIMIT && json_object_is_type(f, json_type_string) &&
	    !strcmp(json_object_get_string(f), "max")) {
		put(m, base, CGSPAN_MAX);
		return 0;
	}
	ret = check(f, name, json_type_int, err);
	if (ret)
		return ret;
	if (m->type == MEMBER_DIFFERENCE)
		number = val;
	else if (val < 0 || number < m->min || number > m->max)
		return cgspan_err_set(err, -EINVAL, "\"%s\" is out of range",
				      name);
	put(m, base, number);
	return 0;
}

static int read_text(json_object *f, const char *name, char *out, size_t size,
		     struct cgspan_err *err)
{
	int ret = check(f, name, json_type_string, err);
	size_t len;

	if (ret)
		return ret;
	len = json_object_get_string_len(f);
	if (len >= size || strlen(json_object_get_string(f)) != len)
		return cgspan_err_set(err, -EINVAL, "\"%s\" is too long",
				      name);
	memcpy(out, json_object_get_string(f), len + 1);
	return 0;
}

/* Read a word. Return: 0; 1: the name of an unknown resource; -EINVAL. */
static int read_word(json_object *f, const struct member *m, void *base,
		     struct cgspan_err *err)
{
	int ret = check(f, m->name, json_type_string, err);
	const char *word = json_object_get_string(f);

	if (ret)
		return ret;
	for (unsigned int i = 0; word_at(m, i); i++)
		if (!strcmp(word, word_at(m, i))) {
			put(m, base, i);
			return 0;
		}
	if (m->type == MEMBER_RESOURCE)
		return 1;
	return cgspan_err_set(err, -EINVAL, "\"%s\" cannot be \"%.40s\"",
			      m->name, word);
}

static int read_names(json_object *list, const struct member *m,
		      struct names *out, struct cgspan_err *err)
{
	char name[CGSPAN_NAME_LEN + 1];
	int ret;

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		ret = read_text(json_object_array_get_idx(list, i), m->name,
				name, sizeof(name), err);
		if (!ret)
			ret = cgspan_name_check(name, err);
		if (ret)
			return cgspan_err_wrap(err, "in \"%s\"", m->name);
		if (names_add(out, name))
			return cgspan_err_nomem(err);
	}
	return 0;
}

static int read_labels(json_object *list, const struct member *m,
		       struct node_rec *out, struct cgspan_err *err)
{
	int ret = 0;

	out->n_labels = json_object_array_length(list);
	if (out->n_labels > LABELS_MAX)
		return cgspan_err_set(err, -EINVAL, "more than %d labels",
				      LABELS_MAX);
	for (size_t i = 0; !ret && i < out->n_labels; i++)
		ret = read_text(json_object_array_get_idx(list, i), m->name,
				out->labels[i], sizeof(out->labels[i]), err);
	return ret;
}

static int read_member(json_object *f, const struct member *m, void *base,
		       struct cgspan_err *err);

/* Skip elements of a row beyond the table: a later version has added them. */
static int read_row(json_object *row, const struct member *m, void *base,
		    struct cgspan_err *err)
{
	int ret = 0;

	if (!json_object_is_type(row, json_type_array))
		return cgspan_err_set(err, -EINVAL, "it is not a list");
	for (size_t i = 0; !ret && m[i].name; i++) {
		if (i < json_object_array_length(row))
			ret = read_member(json_object_array_get_idx(row, i),
					  &m[i], base, err);
		else if (!(m[i].flags & MEMBER_OPTIONAL))
			ret = cgspan_err_set(err, -EINVAL, "no \"%s\"",
					     m[i].name);
	}
	return ret;
}

static int read_rows(json_object *list, const struct member *m,
		     struct usage_rec *out, struct cgspan_err *err)
{
	size_t n = json_object_array_length(list);
	int ret;

	out->items = calloc(n + 1, sizeof(*out->items));
	if (!out->items)
		return cgspan_err_nomem(err);
	for (size_t i = 0; i < n; i++) {
		ret = read_row(json_object_array_get_idx(list, i), m->nest,
			       &out->items[out->n], err);
		if (ret < 0)
			return cgspan_err_wrap(err, "item %zu of \"%s\"", i,
					       m->name);
		out->n += !ret;
	}
	return 0;
}

static int read_members(json_object *o, const struct member *m, void *base,
			struct cgspan_err *err)
{
	json_object *f;
	int ret = 0;

	for (; !ret && m->name; m++) {
		if (json_object_object_get_ex(o, m->name, &f))
			ret = read_member(f, m, base, err);
		else if (!(m->flags & MEMBER_OPTIONAL))
			ret = cgspan_err_set(err, -EINVAL, "no field \"%s\"",
					     m->name);
	}
	return ret;
}

/* Skip resources that this version does not know. */
static int read_res(json_object *all, const struct member *m, void *base,
		    struct cgspan_err *err)
{
	json_object *f;
	int ret = 0;

	for (int i = 0; !ret && i < RES_N; i++) {
		const char *name = cgspan_res_name(i);
		void *one = of_res(m, base, i);

		if (!json_object_object_get_ex(all, name, &f))
			continue;
		if (m->type == MEMBER_PER_RES) {
			ret = read_number(f, m, name, one, err);
			continue;
		}
		ret = check(f, name, json_type_object, err);
		if (!ret)
			ret = read_members(f, m->nest, one, err);
	}
	return ret;
}

static int read_member(json_object *f, const struct member *m, void *base,
		       struct cgspan_err *err)
{
	int ret;

	switch (m->type) {
	case MEMBER_NUMBER:
	case MEMBER_DIFFERENCE:
	case MEMBER_LIMIT:
		return read_number(f, m, m->name, base, err);
	case MEMBER_TEXT:
		return read_text(f, m->name, place(m, base), m->size, err);
	case MEMBER_WORD:
	case MEMBER_RESOURCE:
		return read_word(f, m, base, err);
	case MEMBER_FLAG:
		put(m, base, true);
		return 0;
	case MEMBER_NAMES:
		ret = check(f, m->name, json_type_array, err);
		return ret ? ret : read_names(f, m, place(m, base), err);
	case MEMBER_LABELS:
		ret = check(f, m->name, json_type_array, err);
		return ret ? ret : read_labels(f, m, base, err);
	case MEMBER_ROWS:
		ret = check(f, m->name, json_type_array, err);
		return ret ? ret : read_rows(f, m, base, err);
	case MEMBER_PER_RES:
	case MEMBER_NEST_RES:
		ret = check(f, m->name, json_type_object, err);
		return ret ? ret : read_res(f, m, base, err);
	}
	return -EINVAL;
}

static int check_version(json_object *o, struct cgspan_err *err)
{
	static const struct member version[] = {
		{ .name = "v", .size = sizeof(uint64_t), .min = 1,
		  .max = UINT32_MAX },
		{ NULL }
	};
	uint64_t v;
	int ret = read_members(o, version, &v, err);

	if (ret || v <= CODEC_VERSION)
		return ret;
	return cgspan_err_set(err, -EPROTO,
			      "the value has format %" PRIu64 ", this version reads up to %d: upgrade it",
			      v, CODEC_VERSION);
}

/* Parse one JSON object, to be freed; NULL: @val is not one, or no memory. */
static json_object *open_value(json_tokener *tok, const char *val, size_t len)
{
	json_object *o = NULL;

	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	if (val && len <= INT32_MAX)
		o = json_tokener_parse_ex(tok, val, len);
	if (o && json_tokener_get_parse_end(tok) == len &&
	    json_object_is_type(o, json_type_object))
		return o;
	json_object_put(o);
	return NULL;
}

int member_parse(const struct member *m, const char *val, size_t len, void *out,
		 size_t size, struct cgspan_err *err)
{
	json_tokener *tok = json_tokener_new();
	json_object *o;
	int ret;

	memset(out, 0, size);
	if (!tok)
		return cgspan_err_nomem(err);
	o = open_value(tok, val, len);
	json_tokener_free(tok);
	if (!o)
		return cgspan_err_set(err, -EINVAL,
				      "the value is not a JSON object");
	member_set_missing(m, out);
	ret = check_version(o, err);
	if (!ret)
		ret = read_members(o, m, out, err);
	if (ret) {
		member_fini(m, out);
		memset(out, 0, size);
	}
	json_object_put(o);
	return ret;
}

/* Writing. Errors stay in the stream until it is closed. */

static void write_text(FILE *f, const char *s)
{
	static const char special[] = "\"\\\b\n\r\t\f";
	static const char letters[] = "\"\\bnrtf";
	const char *short_form;

	putc('"', f);
	for (; *s; s++) {
		short_form = strchr(special, *s);
		if (short_form)
			fprintf(f, "\\%c", letters[short_form - special]);
		else if ((unsigned char)*s < ' ')
			fprintf(f, "\\u%04x", *s);
		else
			putc(*s, f);
	}
	putc('"', f);
}

/* Write a list of @n texts, each in an array of @size bytes. */
static void write_texts(FILE *f, const char *texts, size_t size, size_t n)
{
	putc('[', f);
	for (size_t i = 0; i < n; i++) {
		if (i)
			putc(',', f);
		write_text(f, texts + i * size);
	}
	putc(']', f);
}

static void write_member(FILE *f, const struct member *m, const void *base);

static void write_rows(FILE *f, const struct member *columns,
		       const struct usage_rec *rec)
{
	putc('[', f);
	for (size_t i = 0; i < rec->n; i++) {
		fputs(i ? ",[" : "[", f);
		for (const struct member *m = columns; m->name; m++) {
			if (m != columns)
				putc(',', f);
			write_member(f, m, &rec->items[i]);
		}
		putc(']', f);
	}
	putc(']', f);
}

/* Write the name of a member, after a comma unless it is the @first one. */
static void write_name(FILE *f, const char *name, bool first)
{
	fprintf(f, "%s\"%s\":", first ? "" : ",", name);
}

static void write_members(FILE *f, const struct member *m, const void *base,
			  bool first)
{
	for (; m->name; m++) {
		if (m->flags & MEMBER_OMIT && is_missing(m, base))
			continue;
		write_name(f, m->name, first);
		write_member(f, m, base);
		first = false;
	}
}

static bool has_res(const struct member *m, const void *base, int i)
{
	const void *one = of_res(m, base, i);
	const uint64_t *with = (const void *)((const char *)base + m->with);

	if (m->type == MEMBER_PER_RES)
		return !is_missing(m, one) && (!m->with || with[i]);
	for (m = m->nest; m->name; m++)
		if (m->flags & MEMBER_COUNTS && !is_missing(m, one))
			return true;
	return false;
}

static void write_res(FILE *f, const struct member *m, const void *base)
{
	bool first = true;

	putc('{', f);
	for (int i = 0; i < RES_N; i++) {
		const void *one = of_res(m, base, i);

		if (!has_res(m, base, i))
			continue;
		write_name(f, cgspan_res_name(i), first);
		first = false;
		if (m->type == MEMBER_PER_RES) {
			fprintf(f, "%" PRIu64, get(m, one));
			continue;
		}
		putc('{', f);
		write_members(f, m->nest, one, true);
		putc('}', f);
	}
	putc('}', f);
}

static void write_member(FILE *f, const struct member *m, const void *base)
{
	const struct node_rec *node = base;
	const struct names *names = place(m, base);

	switch (m->type) {
	case MEMBER_NUMBER:
	case MEMBER_LIMIT:
		if (m->type == MEMBER_LIMIT && get(m, base) == CGSPAN_MAX)
			write_text(f, "max");
		else
			fprintf(f, "%" PRIu64, get(m, base));
		break;
	case MEMBER_DIFFERENCE:
		fprintf(f, "%" PRId64, (int64_t)get(m, base));
		break;
	case MEMBER_TEXT:
		write_text(f, place(m, base));
		break;
	case MEMBER_WORD:
	case MEMBER_RESOURCE:
		write_text(f, word_at(m, get(m, base)));
		break;
	case MEMBER_FLAG:
		fputs("true", f);
		break;
	case MEMBER_NAMES:
		write_texts(f, names->at[0], sizeof(names->at[0]), names->n);
		break;
	case MEMBER_LABELS:
		write_texts(f, node->labels[0], sizeof(node->labels[0]),
			    node->n_labels);
		break;
	case MEMBER_ROWS:
		write_rows(f, m->nest, base);
		break;
	case MEMBER_PER_RES:
	case MEMBER_NEST_RES:
		write_res(f, m, base);
		break;
	}
}

char *member_format(const struct member *m, const void *rec)
{
	char *val = NULL;
	size_t len;
	FILE *f = open_memstream(&val, &len);
	bool bad;

	if (!f)
		return NULL;
	fprintf(f, "{\"v\":%d", CODEC_VERSION);
	write_members(f, m, rec, false);
	putc('}', f);
	bad = ferror(f);
	if (!fclose(f) && !bad)
		return val;
	free(val);
	return NULL;
}
