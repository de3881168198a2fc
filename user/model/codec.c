// SPDX-License-Identifier: GPL-2.0
/* The store's values: JSON to structs and back. */
#include "codec.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* Revisions are positive int64; amounts stay below CGSPAN_MAX. */
#define REV_MAX		INT64_MAX
#define AMOUNT_MAX	(CGSPAN_MAX - 1)

static const char *const on_expiry_names[] = {
	[CGSPAN_ON_EXPIRY_CONTINUE] = "continue",
	[CGSPAN_ON_EXPIRY_HOLD] = "hold",
	[CGSPAN_ON_EXPIRY_FREEZE] = "freeze",
	[CGSPAN_ON_EXPIRY_KILL] = "kill",
	[CGSPAN_ON_EXPIRY_RESET] = "reset",
};

static const char *const group_states[] = {
	[GROUP_ACTIVE] = "active",
	[GROUP_DELETING] = "deleting",
};

static const char *const node_states[] = {
	[NODE_ACTIVE] = "active",
	[NODE_LEAVING] = "leaving",
};

static const char *const epoch_states[] = {
	[EPOCH_LIVE] = "live",
	[EPOCH_FENCED] = "fenced",
	[EPOCH_CLAIMING] = "claiming",
};

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

const char *on_expiry_name(uint8_t on_expiry)
{
	return on_expiry < N_OF(on_expiry_names) ? on_expiry_names[on_expiry] :
						   NULL;
}

int on_expiry_parse(const char *name)
{
	for (size_t i = 0; i < N_OF(on_expiry_names); i++)
		if (!strcmp(name, on_expiry_names[i]))
			return i;
	return -EINVAL;
}

/* Reading. Each returns 0 or -EINVAL with the field's name in the text. */

static int read_i64(json_object *o, const char *name, int64_t *out,
		    struct cgspan_err *err)
{
	json_object *f;

	if (!json_object_object_get_ex(o, name, &f))
		return cgspan_err_set(err, -EINVAL, "no field \"%s\"", name);
	if (!json_object_is_type(f, json_type_int))
		return cgspan_err_set(err, -EINVAL, "\"%s\" is not a number",
				      name);
	*out = json_object_get_int64(f);
	return 0;
}

static int read_u64(json_object *o, const char *name, uint64_t min,
		    uint64_t max, uint64_t *out, struct cgspan_err *err)
{
	int64_t number;
	int ret = read_i64(o, name, &number, err);

	if (ret)
		return ret;
	*out = json_object_get_uint64(json_object_object_get(o, name));
	if (number < 0 || *out < min || *out > max)
		return cgspan_err_set(err, -EINVAL, "\"%s\" is out of range",
				      name);
	return 0;
}

static int read_limit(json_object *o, const char *name, uint64_t *out,
		      struct cgspan_err *err)
{
	json_object *f;

	if (json_object_object_get_ex(o, name, &f) &&
	    json_object_is_type(f, json_type_string) &&
	    !strcmp(json_object_get_string(f), "max")) {
		*out = CGSPAN_MAX;
		return 0;
	}
	return read_u64(o, name, 0, AMOUNT_MAX, out, err);
}

static int read_string(json_object *o, const char *name, char *out, size_t size,
		       struct cgspan_err *err)
{
	json_object *f;
	size_t len;

	if (!json_object_object_get_ex(o, name, &f))
		return cgspan_err_set(err, -EINVAL, "no field \"%s\"", name);
	if (!json_object_is_type(f, json_type_string))
		return cgspan_err_set(err, -EINVAL, "\"%s\" is not a string",
				      name);
	len = json_object_get_string_len(f);
	if (len >= size || strlen(json_object_get_string(f)) != len)
		return cgspan_err_set(err, -EINVAL, "\"%s\" is too long", name);
	memcpy(out, json_object_get_string(f), len + 1);
	return 0;
}

/* One of @n words; its number into @out. */
static int read_word(json_object *o, const char *name,
		     const char *const *words, size_t n, unsigned int *out,
		     struct cgspan_err *err)
{
	char word[16];
	int ret = read_string(o, name, word, sizeof(word), err);

	if (ret)
		return ret;
	for (*out = 0; *out < n; (*out)++)
		if (!strcmp(word, words[*out]))
			return 0;
	return cgspan_err_set(err, -EINVAL, "\"%s\" cannot be \"%s\"", name,
			      word);
}

/* A nested object or array. */
static int read_nest(json_object *o, const char *name, enum json_type type,
		     json_object **out, struct cgspan_err *err)
{
	if (!json_object_object_get_ex(o, name, out) ||
	    !json_object_is_type(*out, type))
		return cgspan_err_set(err, -EINVAL, "\"%s\" is not %s", name,
				      type == json_type_array ? "a list" :
								"an object");
	return 0;
}

/* The object of a whole value, to be put by the caller. */
static int open_value(const char *val, size_t len, json_object **out,
		      struct cgspan_err *err)
{
	json_tokener *tok = json_tokener_new();
	json_object *o;
	uint64_t v;
	int ret;

	if (!tok)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	o = val && len <= INT32_MAX ? json_tokener_parse_ex(tok, val, len) :
				      NULL;
	/* Complete only with the whole of it; an open number is not. */
	ret = o && json_tokener_get_parse_end(tok) == len &&
	      json_object_is_type(o, json_type_object) ? 0 : -EINVAL;
	json_tokener_free(tok);
	if (ret)
		cgspan_err_set(err, ret, "the value is not a JSON object");
	else
		ret = read_u64(o, "v", 1, UINT32_MAX, &v, err);
	if (!ret && v > CODEC_VERSION)
		ret = cgspan_err_set(err, -EPROTO,
				     "the value has format %" PRIu64 ", this version reads up to %d: upgrade it",
				     v, CODEC_VERSION);
	if (ret)
		json_object_put(o);
	else
		*out = o;
	return ret;
}

/* A list of nodes' names. */
static int read_names(json_object *o, const char *name, struct names *out,
		      struct cgspan_err *err)
{
	json_object *list, *f;
	int ret = read_nest(o, name, json_type_array, &list, err);
	size_t n = ret ? 0 : json_object_array_length(list);

	for (size_t i = 0; !ret && i < n; i++) {
		f = json_object_array_get_idx(list, i);
		if (!json_object_is_type(f, json_type_string) ||
		    !name_valid(json_object_get_string(f)))
			return cgspan_err_set(err, -EINVAL,
					      "\"%s\" names no node", name);
		if (names_add(out, json_object_get_string(f)))
			ret = cgspan_err_set(err, -ENOMEM, "no memory");
	}
	return ret;
}

/* Writing. A failed allocation leaves the value incomplete: @w->bad. */

struct writer {
	json_object *o;
	bool bad;
};

static void add(struct writer *w, json_object *o, const char *name,
		json_object *f)
{
	if (!o || !f || json_object_object_add(o, name, f)) {
		json_object_put(f);
		w->bad = true;
	}
}

static void add_u64(struct writer *w, json_object *o, const char *name,
		    uint64_t val)
{
	add(w, o, name, json_object_new_uint64(val));
}

static void add_string(struct writer *w, json_object *o, const char *name,
		       const char *val)
{
	add(w, o, name, json_object_new_string(val));
}

static void add_limit(struct writer *w, json_object *o, const char *name,
		      uint64_t val)
{
	if (val == CGSPAN_MAX)
		add_string(w, o, name, "max");
	else
		add_u64(w, o, name, val);
}

static json_object *add_nest(struct writer *w, json_object *o, const char *name)
{
	json_object *nest = json_object_new_object();

	add(w, o, name, nest);
	return w->bad ? NULL : nest;
}

static void append(struct writer *w, json_object *list, json_object *f)
{
	if (!list || !f || json_object_array_add(list, f)) {
		json_object_put(f);
		w->bad = true;
	}
}

static void add_names(struct writer *w, json_object *o, const char *name,
		      const struct names *names)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < names->n; i++)
		append(w, list, json_object_new_string(names->at[i]));
	add(w, o, name, list);
}

static void open_writer(struct writer *w)
{
	w->o = json_object_new_object();
	w->bad = !w->o;
	add_u64(w, w->o, "v", CODEC_VERSION);
}

static char *close_writer(struct writer *w)
{
	const char *s = w->bad ? NULL : json_object_to_json_string_ext(w->o,
							JSON_FLAGS);
	char *val = s ? strdup(s) : NULL;

	json_object_put(w->o);
	return val;
}

/* group/ */

struct group_rec group_root(void)
{
	struct group_rec rec = { .id = GROUP_ROOT_ID };

	for (int i = 0; i < RES_N; i++)
		rec.limit[i] = CGSPAN_MAX;
	return rec;
}

static int read_group(json_object *o, struct group_rec *out,
		      struct cgspan_err *err)
{
	json_object *all, *one;
	unsigned int word;
	int ret;

	*out = group_root();
	ret = read_u64(o, "id", 1, AMOUNT_MAX, &out->id, err);
	if (ret)
		return ret;
	ret = read_word(o, "state", group_states, N_OF(group_states), &word,
			err);
	if (ret)
		return ret;
	out->state = word;
	ret = read_word(o, "on_expiry", on_expiry_names, N_OF(on_expiry_names),
			&word, err);
	if (ret)
		return ret;
	out->on_expiry = word;
	ret = read_nest(o, "res", json_type_object, &all, err);

	for (int i = 0; !ret && i < RES_N; i++) {
		if (!json_object_object_get_ex(all, res_name(i), NULL))
			continue;
		ret = read_nest(all, res_name(i), json_type_object, &one, err);
		if (!ret)
			ret = read_limit(one, "limit", &out->limit[i], err);
		if (!ret)
			ret = read_u64(one, "guarantee", 0, AMOUNT_MAX,
				       &out->guarantee[i], err);
		if (!ret)
			ret = read_u64(one, "gen", 0, AMOUNT_MAX, &out->gen[i],
				       err);
	}
	return ret;
}

int group_parse(const char *val, size_t len, struct group_rec *out,
		struct cgspan_err *err)
{
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_group(o, out, err);
	json_object_put(o);
	return ret;
}

char *group_format(const struct group_rec *rec)
{
	json_object *all, *one;
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "id", rec->id);
	add_string(&w, w.o, "state", group_states[rec->state]);
	add_string(&w, w.o, "on_expiry", on_expiry_names[rec->on_expiry]);
	all = add_nest(&w, w.o, "res");
	for (int i = 0; i < RES_N; i++) {
		if (rec->limit[i] == CGSPAN_MAX && !rec->guarantee[i] &&
		    !rec->gen[i])
			continue;
		one = add_nest(&w, all, res_name(i));
		add_limit(&w, one, "limit", rec->limit[i]);
		add_u64(&w, one, "guarantee", rec->guarantee[i]);
		add_u64(&w, one, "gen", rec->gen[i]);
	}
	return close_writer(&w);
}

/* node/ and epoch/ */

static int read_ids(json_object *o, char *machine, char *boot, char *uuid,
		    struct cgspan_err *err)
{
	int ret = read_string(o, "machine", machine, ID_LEN, err);

	if (!ret)
		ret = read_string(o, "boot", boot, ID_LEN, err);
	if (!ret)
		ret = read_string(o, "uuid", uuid, ID_LEN, err);
	return ret;
}

static int read_labels(json_object *o, struct node_rec *out,
		       struct cgspan_err *err)
{
	json_object *list, *f;
	int ret = read_nest(o, "labels", json_type_array, &list, err);

	if (ret)
		return ret;
	out->n_labels = json_object_array_length(list);
	if (out->n_labels > LABELS_MAX)
		return cgspan_err_set(err, -EINVAL, "more than %d labels",
				      LABELS_MAX);
	for (size_t i = 0; i < out->n_labels; i++) {
		f = json_object_array_get_idx(list, i);
		if (!json_object_is_type(f, json_type_string) ||
		    json_object_get_string_len(f) > LABEL_LEN)
			return cgspan_err_set(err, -EINVAL,
					      "a label is not a string of up to %d bytes",
					      LABEL_LEN);
		strcpy(out->labels[i], json_object_get_string(f));
	}
	return 0;
}

int node_parse(const char *val, size_t len, struct node_rec *out,
	       struct cgspan_err *err)
{
	unsigned int word;
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_word(o, "state", node_states, N_OF(node_states), &word, err);
	if (!ret) {
		out->state = word;
		ret = read_ids(o, out->machine, out->boot, out->uuid, err);
	}
	if (!ret)
		ret = read_labels(o, out, err);
	json_object_put(o);
	return ret;
}

static void add_ids(struct writer *w, const char *machine, const char *boot,
		    const char *uuid)
{
	add_string(w, w->o, "machine", machine);
	add_string(w, w->o, "boot", boot);
	add_string(w, w->o, "uuid", uuid);
}

char *node_format(const struct node_rec *rec)
{
	json_object *list = json_object_new_array();
	struct writer w;

	open_writer(&w);
	add_string(&w, w.o, "state", node_states[rec->state]);
	add_ids(&w, rec->machine, rec->boot, rec->uuid);
	for (size_t i = 0; i < rec->n_labels; i++)
		append(&w, list, json_object_new_string(rec->labels[i]));
	add(&w, w.o, "labels", list);
	return close_writer(&w);
}

int epoch_parse(const char *val, size_t len, struct epoch_rec *out,
		struct cgspan_err *err)
{
	unsigned int word;
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_word(o, "state", epoch_states, N_OF(epoch_states), &word,
			err);
	if (!ret) {
		out->state = word;
		ret = read_ids(o, out->machine, out->boot, out->uuid, err);
	}
	if (!ret)
		ret = read_string(o, "by", out->by, sizeof(out->by), err);
	out->base = 0;
	if (!ret && json_object_object_get_ex(o, "base", NULL))
		ret = read_u64(o, "base", 0, REV_MAX, &out->base, err);
	json_object_put(o);
	return ret;
}

char *epoch_format(const struct epoch_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_string(&w, w.o, "state", epoch_states[rec->state]);
	add_ids(&w, rec->machine, rec->boot, rec->uuid);
	add_string(&w, w.o, "by", rec->by);
	if (rec->base)
		add_u64(&w, w.o, "base", rec->base);
	return close_writer(&w);
}

/* ack/ and hb/ */

int ack_parse(const char *val, size_t len, struct ack_rec *out,
	      struct cgspan_err *err)
{
	uint64_t rev;
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_u64(o, "rev", 0, REV_MAX, &rev, err);
	if (!ret)
		out->rev = rev;
	json_object_put(o);
	return ret;
}

char *ack_format(const struct ack_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "rev", rec->rev);
	return close_writer(&w);
}

int hb_parse(const char *val, size_t len, struct hb_rec *out,
	     struct cgspan_err *err)
{
	uint64_t ttl;
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_u64(o, "seq", 0, AMOUNT_MAX, &out->seq, err);
	if (!ret)
		ret = read_u64(o, "ttl_ms", 1, CGSPAN_TTL_MAX_MS, &ttl, err);
	if (!ret)
		out->ttl_ms = ttl;
	out->sent_ms = 0;
	if (!ret && json_object_object_get_ex(o, "sent_ms", NULL))
		ret = read_u64(o, "sent_ms", 0, AMOUNT_MAX, &out->sent_ms, err);
	json_object_put(o);
	return ret;
}

char *hb_format(const struct hb_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "seq", rec->seq);
	add_u64(&w, w.o, "ttl_ms", rec->ttl_ms);
	add_u64(&w, w.o, "sent_ms", rec->sent_ms);
	return close_writer(&w);
}

/* lease/ */

static int read_lease_res(json_object *o, struct lease_res *out,
			  struct cgspan_err *err)
{
	int ret = read_u64(o, "amount", 0, AMOUNT_MAX, &out->amount, err);

	if (!ret)
		ret = read_u64(o, "gen", 0, AMOUNT_MAX, &out->gen, err);
	if (!ret)
		ret = read_u64(o, "mean", 0, AMOUNT_MAX, &out->mean, err);
	if (!ret)
		ret = read_u64(o, "headroom", 0, AMOUNT_MAX, &out->headroom,
			       err);
	return ret;
}

int lease_parse(const char *val, size_t len, struct lease_rec *out,
		struct cgspan_err *err)
{
	json_object *o, *all, *one;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	memset(out, 0, sizeof(*out));
	ret = read_u64(o, "seq", 0, AMOUNT_MAX, &out->seq, err);
	if (!ret)
		ret = read_nest(o, "res", json_type_object, &all, err);
	for (int i = 0; !ret && i < RES_N; i++) {
		if (!json_object_object_get_ex(all, res_name(i), NULL))
			continue;
		ret = read_nest(all, res_name(i), json_type_object, &one, err);
		if (!ret)
			ret = read_lease_res(one, &out->res[i], err);
	}
	json_object_put(o);
	return ret;
}

char *lease_format(const struct lease_rec *rec)
{
	json_object *all, *one;
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "seq", rec->seq);
	all = add_nest(&w, w.o, "res");
	for (int i = 0; i < RES_N; i++) {
		if (!rec->res[i].gen)
			continue;
		one = add_nest(&w, all, res_name(i));
		add_u64(&w, one, "amount", rec->res[i].amount);
		add_u64(&w, one, "gen", rec->res[i].gen);
		add_u64(&w, one, "mean", rec->res[i].mean);
		add_u64(&w, one, "headroom", rec->res[i].headroom);
	}
	return close_writer(&w);
}

/* pool/ */

int pool_parse(const char *val, size_t len, struct pool_rec *out,
	       struct cgspan_err *err)
{
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	ret = read_u64(o, "free", 0, AMOUNT_MAX, &out->free, err);
	if (!ret)
		ret = read_i64(o, "mean", &out->mean, err);
	if (!ret)
		ret = read_i64(o, "headroom", &out->headroom, err);
	json_object_put(o);
	return ret;
}

char *pool_format(const struct pool_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "free", rec->free);
	add(&w, w.o, "mean", json_object_new_int64(rec->mean));
	add(&w, w.o, "headroom", json_object_new_int64(rec->headroom));
	return close_writer(&w);
}

/* debt/ */

void debt_fini(struct debt_rec *rec)
{
	names_fini(&rec->await);
	rec->debt = 0;
}

int debt_parse(const char *val, size_t len, struct debt_rec *out,
	       struct cgspan_err *err)
{
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	memset(out, 0, sizeof(*out));
	ret = read_u64(o, "debt", 0, AMOUNT_MAX, &out->debt, err);
	if (!ret)
		ret = read_names(o, "await", &out->await, err);
	if (ret)
		debt_fini(out);
	json_object_put(o);
	return ret;
}

char *debt_format(const struct debt_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "debt", rec->debt);
	add_names(&w, w.o, "await", &rec->await);
	return close_writer(&w);
}

/* want/ */

int want_parse(const char *val, size_t len, struct want_rec *out,
	       struct cgspan_err *err)
{
	json_object *o, *all, *have = NULL;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	memset(out, 0, sizeof(*out));
	ret = read_u64(o, "seq", 0, AMOUNT_MAX, &out->seq, err);
	if (!ret)
		ret = read_nest(o, "need", json_type_object, &all, err);
	if (!ret && json_object_object_get_ex(o, "have", NULL))
		ret = read_nest(o, "have", json_type_object, &have, err);
	for (int i = 0; !ret && i < RES_N; i++) {
		out->have[i] = CGSPAN_MAX;
		if (json_object_object_get_ex(all, res_name(i), NULL))
			ret = read_u64(all, res_name(i), 0, AMOUNT_MAX,
				       &out->need[i], err);
		if (!ret && json_object_object_get_ex(have, res_name(i), NULL))
			ret = read_u64(have, res_name(i), 0, AMOUNT_MAX,
				       &out->have[i], err);
	}
	json_object_put(o);
	return ret;
}

char *want_format(const struct want_rec *rec)
{
	json_object *all;
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "seq", rec->seq);
	all = add_nest(&w, w.o, "need");
	for (int i = 0; i < RES_N; i++)
		if (rec->need[i])
			add_u64(&w, all, res_name(i), rec->need[i]);
	all = add_nest(&w, w.o, "have");
	for (int i = 0; i < RES_N; i++)
		if (rec->need[i] && rec->have[i] != CGSPAN_MAX)
			add_u64(&w, all, res_name(i), rec->have[i]);
	return close_writer(&w);
}

/* usage/: each item a list, [id, "resource", used, lease, live, refusals,
 * headroom]; a daemon from before says nothing of headroom
 */

#define USAGE_FIELDS	6

void usage_fini(struct usage_rec *rec)
{
	free(rec->items);
	memset(rec, 0, sizeof(*rec));
}

/* Number @i of @list; CGSPAN_MAX stands for itself here. */
static bool list_u64(json_object *list, size_t i, uint64_t *out)
{
	json_object *f = json_object_array_get_idx(list, i);

	if (!json_object_is_type(f, json_type_int) ||
	    json_object_get_int64(f) < 0)
		return false;
	*out = json_object_get_uint64(f);
	return true;
}

/* 0, 1 for a resource that this version does not know, or -EINVAL. */
static int read_usage_item(json_object *list, struct usage_item *out)
{
	json_object *name;
	int res;

	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) < USAGE_FIELDS)
		return -EINVAL;
	name = json_object_array_get_idx(list, 1);
	if (!json_object_is_type(name, json_type_string) ||
	    !list_u64(list, 0, &out->group) || !list_u64(list, 2, &out->used) ||
	    !list_u64(list, 3, &out->lease) || !list_u64(list, 4, &out->live) ||
	    !list_u64(list, 5, &out->refusals))
		return -EINVAL;
	out->headroom = 0;
	if (json_object_array_length(list) > USAGE_FIELDS &&
	    !list_u64(list, 6, &out->headroom))
		return -EINVAL;
	res = res_parse(json_object_get_string(name));
	out->res = res;
	return res < 0;
}

static int read_usage(json_object *o, struct usage_rec *out,
		      struct cgspan_err *err)
{
	json_object *list;
	int ret = read_u64(o, "seq", 0, AMOUNT_MAX, &out->seq, err);
	size_t n;

	if (!ret)
		ret = read_nest(o, "use", json_type_array, &list, err);
	if (ret)
		return ret;
	n = json_object_array_length(list);
	out->items = calloc(n + 1, sizeof(*out->items));
	if (!out->items)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	for (size_t i = 0; i < n; i++) {
		ret = read_usage_item(json_object_array_get_idx(list, i),
				      &out->items[out->n]);
		if (ret < 0)
			return cgspan_err_set(err, ret,
					      "item %zu of \"use\" is broken",
					      i);
		out->n += !ret;
	}
	return 0;
}

int usage_parse(const char *val, size_t len, struct usage_rec *out,
		struct cgspan_err *err)
{
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	memset(out, 0, sizeof(*out));
	ret = read_usage(o, out, err);
	if (ret)
		usage_fini(out);
	json_object_put(o);
	return ret;
}

char *usage_format(const struct usage_rec *rec)
{
	json_object *list = json_object_new_array(), *one;
	const struct usage_item *it;
	struct writer w;

	open_writer(&w);
	add_u64(&w, w.o, "seq", rec->seq);
	for (size_t i = 0; i < rec->n; i++) {
		it = &rec->items[i];
		one = json_object_new_array();
		append(&w, one, json_object_new_uint64(it->group));
		append(&w, one, json_object_new_string(res_name(it->res)));
		append(&w, one, json_object_new_uint64(it->used));
		append(&w, one, json_object_new_uint64(it->lease));
		append(&w, one, json_object_new_uint64(it->live));
		append(&w, one, json_object_new_uint64(it->refusals));
		append(&w, one, json_object_new_uint64(it->headroom));
		append(&w, list, one);
	}
	add(&w, w.o, "use", list);
	return close_writer(&w);
}

/* cluster */

struct cluster_rec cluster_fresh(void)
{
	return (struct cluster_rec){ .next_id = GROUP_ROOT_ID + 1 };
}

void cluster_fini(struct cluster_rec *rec)
{
	names_fini(&rec->await);
}

static int read_cluster(json_object *o, struct cluster_rec *out,
			struct cgspan_err *err)
{
	int ret;

	ret = read_string(o, "identity", out->identity, sizeof(out->identity),
			  err);
	if (!ret)
		ret = read_u64(o, "generation", 0, AMOUNT_MAX,
			       &out->generation, err);
	if (!ret)
		ret = read_u64(o, "next_id", GROUP_ROOT_ID + 1, AMOUNT_MAX,
			       &out->next_id, err);
	out->lost = json_object_object_get_ex(o, "lost", NULL);
	if (!ret && json_object_object_get_ex(o, "await", NULL))
		ret = read_names(o, "await", &out->await, err);
	return ret;
}

int cluster_parse(const char *val, size_t len, struct cluster_rec *out,
		  struct cgspan_err *err)
{
	json_object *o;
	int ret = open_value(val, len, &o, err);

	if (ret)
		return ret;
	memset(out, 0, sizeof(*out));
	ret = read_cluster(o, out, err);
	if (ret)
		cluster_fini(out);
	json_object_put(o);
	return ret;
}

char *cluster_format(const struct cluster_rec *rec)
{
	struct writer w;

	open_writer(&w);
	add_string(&w, w.o, "identity", rec->identity);
	add_u64(&w, w.o, "generation", rec->generation);
	add_u64(&w, w.o, "next_id", rec->next_id);
	if (rec->lost)
		add(&w, w.o, "lost", json_object_new_boolean(true));
	if (rec->await.n)
		add_names(&w, w.o, "await", &rec->await);
	return close_writer(&w);
}
