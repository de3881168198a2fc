// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "libcgspan/err.h"
#include "store/engine.h"

/* Building */

struct text {
	FILE *f;
	char *buf;
	size_t len;
	bool bad;
};

static bool text_begin(struct text *t)
{
	t->bad = false;
	t->f = open_memstream(&t->buf, &t->len);
	return t->f;
}

static char *text_end(struct text *t)
{
	bool bad = t->bad || ferror(t->f);

	if (fclose(t->f) || bad) {
		free(t->buf);
		return NULL;
	}
	return t->buf;
}

static void print_bytes(FILE *f, const char *name, const void *buf, size_t len)
{
	fprintf(f, "\"%s\":\"", name);
	base64_print(f, buf, len);
	putc('"', f);
}

static void print_key(FILE *f, const char *key)
{
	print_bytes(f, "key", key, strlen(key));
}

/* In place of an empty text: etcd takes a NUL for the first key or "no end". */
static void print_limit(FILE *f, const char *name, const char *key)
{
	print_bytes(f, name, key, *key ? strlen(key) : 1);
}

static void print_key_range(struct text *t, const char *prefix)
{
	char *end = store_prefix_end(prefix);

	if (!end) {
		t->bad = true;
		return;
	}
	print_limit(t->f, "key", prefix);
	putc(',', t->f);
	print_limit(t->f, "range_end", end);
	free(end);
}

char *etcd_json_range(const char *key, bool prefix)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	putc('{', t.f);
	if (prefix)
		print_key_range(&t, key);
	else
		print_key(t.f, key);
	putc('}', t.f);
	return text_end(&t);
}

static void print_compare(FILE *f, const struct store_cmp *cmp)
{
	putc('{', f);
	print_key(f, cmp->key);
	fprintf(f, ",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"%" PRId64 "\"}",
		cmp->mod_rev);
}

static void print_op(FILE *f, const struct store_op *op)
{
	fprintf(f, "{\"%s\":{", op->val ? "request_put" :
					  "request_delete_range");
	print_key(f, op->key);
	if (op->val) {
		putc(',', f);
		print_bytes(f, "value", op->val, op->len);
	}
	fputs("}}", f);
}

static void print_read(FILE *f, const struct store_cmp *cmp)
{
	fputs("{\"request_range\":{", f);
	print_key(f, cmp->key);
	fputs("}}", f);
}

char *etcd_json_txn(const struct store_txn *txn)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	fputs("{\"compare\":[", t.f);
	for (size_t i = 0; i < txn->n_cmps; i++) {
		fputs(i ? "," : "", t.f);
		print_compare(t.f, &txn->cmps[i]);
	}
	fputs("],\"success\":[", t.f);
	for (size_t i = 0; i < txn->n_ops; i++) {
		fputs(i ? "," : "", t.f);
		print_op(t.f, &txn->ops[i]);
	}
	fputs("],\"failure\":[", t.f);
	for (size_t i = 0; i < txn->n_cmps; i++) {
		fputs(i ? "," : "", t.f);
		print_read(t.f, &txn->cmps[i]);
	}
	fputs("]}", t.f);
	return text_end(&t);
}

/* No key has the largest revision, so the put is never executed. */
char *etcd_json_probe(const char *key)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	fputs("{\"compare\":[{", t.f);
	print_key(t.f, key);
	fprintf(t.f, ",\"target\":\"MOD\",\"result\":\"GREATER\",\"mod_revision\":\"%" PRId64 "\"}]",
		INT64_MAX);
	fputs(",\"success\":[{\"request_put\":{", t.f);
	print_key(t.f, key);
	fputs("}}]}", t.f);
	return text_end(&t);
}

char *etcd_json_auth(const char *user, const char *password)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *name = json_object_new_string(user);
	struct json_object *pass = json_object_new_string(password);
	char *out = NULL;

	if (obj && name && pass &&
	    !json_object_object_add(obj, "name", json_object_get(name)) &&
	    !json_object_object_add(obj, "password", json_object_get(pass)))
		out = strdup(json_object_to_json_string_ext(obj,
							    JSON_C_TO_STRING_PLAIN));
	json_object_put(name);
	json_object_put(pass);
	json_object_put(obj);
	return out;
}

char *etcd_json_watch_create(int64_t id, const char *prefix, int64_t from)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	fputs("{\"create_request\":{", t.f);
	print_key_range(&t, prefix);
	fprintf(t.f, ",\"start_revision\":\"%" PRId64 "\",\"watch_id\":\"%" PRId64 "\"}}\n",
		from, id);
	return text_end(&t);
}

char *etcd_json_watch_cancel(int64_t id)
{
	char *out;

	if (asprintf(&out, "{\"cancel_request\":{\"watch_id\":\"%" PRId64 "\"}}\n",
		     id) < 0)
		return NULL;
	return out;
}

char *etcd_json_watch_progress(void)
{
	return strdup("{\"progress_request\":{}}\n");
}

/* Parsing */

static int wrong(struct cgspan_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(struct cgspan_err *err, const char *fmt, ...)
{
	char what[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return cgspan_err_set(err, -EPROTO, "etcd's answer is not understood: %s",
			      what);
}

static int parse(const char *text, size_t len, struct json_object **obj,
		 struct cgspan_err *err)
{
	struct json_tokener *tok = json_tokener_new();
	int ret = 0;

	if (!tok)
		return cgspan_err_nomem(err);
	*obj = len < INT32_MAX ? json_tokener_parse_ex(tok, text, (int)len) :
				 NULL;
	if (!json_object_is_type(*obj, json_type_object)) {
		json_object_put(*obj);
		*obj = NULL;
		ret = wrong(err, "no JSON object");
	}
	json_tokener_free(tok);
	return ret;
}

static struct json_object *field(struct json_object *obj, const char *name)
{
	struct json_object *val = NULL;

	json_object_object_get_ex(obj, name, &val);
	return val;
}

/* A missing field is 0. */
static int get_int(struct json_object *obj, const char *name, int64_t *val,
		   struct cgspan_err *err)
{
	struct json_object *f = field(obj, name);
	const char *text;
	char *end;

	*val = 0;
	if (!f)
		return 0;
	if (json_object_is_type(f, json_type_int)) {
		*val = json_object_get_int64(f);
		return 0;
	}
	text = json_object_is_type(f, json_type_string) ?
		json_object_get_string(f) : "";
	errno = 0;
	*val = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		return wrong(err, "%s is not a number", name);
	return 0;
}

/* A missing field is false. */
static int get_bool(struct json_object *obj, const char *name, bool *val,
		    struct cgspan_err *err)
{
	struct json_object *f = field(obj, name);

	*val = false;
	if (!f)
		return 0;
	if (!json_object_is_type(f, json_type_boolean))
		return wrong(err, "%s is neither true nor false", name);
	*val = json_object_get_boolean(f);
	return 0;
}

/* A missing field is empty; the bytes are to be freed. */
static int get_bytes(struct json_object *obj, const char *name, char **buf,
		     size_t *len, struct cgspan_err *err)
{
	struct json_object *f = field(obj, name);

	if (f && !json_object_is_type(f, json_type_string))
		return wrong(err, "%s is not text", name);
	*buf = base64_decode(f ? json_object_get_string(f) : "",
			     f ? (size_t)json_object_get_string_len(f) : 0,
			     len);
	if (*buf)
		return 0;
	if (errno == ENOMEM)
		return cgspan_err_nomem(err);
	return wrong(err, "%s is not base64", name);
}

/* A missing field is an empty array. */
static int get_array(struct json_object *obj, const char *name,
		     struct json_object **array, size_t *n,
		     struct cgspan_err *err)
{
	*array = field(obj, name);
	*n = 0;
	if (!*array)
		return 0;
	if (!json_object_is_type(*array, json_type_array))
		return wrong(err, "%s is not an array", name);
	*n = json_object_array_length(*array);
	return 0;
}

static int get_header(struct json_object *obj, struct etcd_header *header,
		      struct cgspan_err *err)
{
	struct json_object *h = field(obj, "header");
	struct json_object *id;
	const char *text;

	if (!json_object_is_type(h, json_type_object))
		return wrong(err, "no header");
	/* Unsigned 64 bits do not fit into int64_t: keep the text. */
	id = field(h, "cluster_id");
	text = json_object_is_type(id, json_type_string) ?
		json_object_get_string(id) : "";
	if (!*text || strlen(text) >= sizeof(header->cluster) ||
	    strspn(text, "0123456789") != strlen(text))
		return wrong(err, "no cluster_id");
	strcpy(header->cluster, text);
	return get_int(h, "revision", &header->rev, err);
}

/* One key; @deleted: from an event of deletion, which has no value. */
static int get_kv(struct json_object *obj, bool deleted, size_t skip,
		  struct kvs *kvs, struct cgspan_err *err)
{
	char *key = NULL, *val = NULL;
	size_t key_len, len;
	int64_t rev;
	int ret;

	if (!json_object_is_type(obj, json_type_object))
		return wrong(err, "a key is not an object");
	ret = get_bytes(obj, "key", &key, &key_len, err);
	if (!ret)
		ret = get_bytes(obj, "value", &val, &len, err);
	if (!ret)
		ret = get_int(obj, "mod_revision", &rev, err);
	if (!ret && (key_len < skip || strlen(key) != key_len))
		ret = wrong(err, "a key is outside of the prefix, or not text");
	if (!ret && rev < 1)
		ret = wrong(err, "a key has no revision");
	if (!ret && kvs_append(kvs, key + skip, key_len - skip,
			       deleted ? NULL : val, len, rev))
		ret = cgspan_err_nomem(err);
	free(key);
	free(val);
	return ret;
}

static int get_kvs(struct json_object *obj, size_t skip, struct kvs *kvs,
		   struct cgspan_err *err)
{
	struct json_object *array;
	size_t n;
	int ret;

	ret = get_array(obj, "kvs", &array, &n, err);
	for (size_t i = 0; !ret && i < n; i++)
		ret = get_kv(json_object_array_get_idx(array, i), false, skip,
			     kvs, err);
	return ret;
}

int etcd_parse_range(const char *text, size_t len, size_t skip,
		     struct etcd_header *header, struct kvs *kvs,
		     struct cgspan_err *err)
{
	struct json_object *obj;
	int ret;

	ret = parse(text, len, &obj, err);
	if (ret)
		return ret;
	ret = get_header(obj, header, err);
	if (!ret)
		ret = get_kvs(obj, skip, kvs, err);
	json_object_put(obj);
	return ret;
}

/* One compared key, as a transaction that failed has read it. */
static int get_compared(struct json_object *response, size_t skip,
			const struct store_cmp *cmp, struct kvs *kvs,
			struct cgspan_err *err)
{
	struct json_object *range = field(response, "response_range");
	size_t before = kvs->n;
	int ret;

	if (!json_object_is_type(range, json_type_object))
		return wrong(err, "a compared key was not read");
	ret = get_kvs(range, skip, kvs, err);
	if (ret)
		return ret;
	if (kvs->n == before &&
	    kvs_append(kvs, cmp->key + skip, strlen(cmp->key + skip), NULL,
		       0, 0))
		return cgspan_err_nomem(err);
	if (kvs->n != before + 1 ||
	    strcmp(kvs->kv[before].key, cmp->key + skip))
		return wrong(err, "another key than compared was read");
	return 0;
}

static int get_conflict(struct json_object *obj, size_t skip,
			const struct store_txn *txn, struct kvs *kvs,
			struct cgspan_err *err)
{
	struct json_object *array;
	size_t n;
	int ret;

	ret = get_array(obj, "responses", &array, &n, err);
	if (ret)
		return ret;
	if (n != txn->n_cmps)
		return wrong(err, "%zu keys compared, %zu read", txn->n_cmps, n);
	for (size_t i = 0; !ret && i < n; i++)
		ret = get_compared(json_object_array_get_idx(array, i), skip,
				   &txn->cmps[i], kvs, err);
	return ret;
}

int etcd_parse_txn(const char *text, size_t len, size_t skip,
		   const struct store_txn *txn, struct etcd_header *header,
		   bool *succeeded, struct kvs *kvs,
		   struct cgspan_err *err)
{
	struct json_object *obj;
	int ret;

	ret = parse(text, len, &obj, err);
	if (ret)
		return ret;
	ret = get_header(obj, header, err);
	if (!ret)
		ret = get_bool(obj, "succeeded", succeeded, err);
	if (!ret && !*succeeded)
		ret = get_conflict(obj, skip, txn, kvs, err);
	json_object_put(obj);
	return ret;
}

int etcd_parse_token(const char *text, size_t len, char **token,
		     struct cgspan_err *err)
{
	struct json_object *obj, *f;
	const char *val;
	int ret;

	ret = parse(text, len, &obj, err);
	if (ret)
		return ret;
	f = field(obj, "token");
	val = json_object_is_type(f, json_type_string) ?
		json_object_get_string(f) : "";
	/* It becomes an HTTP header, which a line break would end. */
	if (!*val || strpbrk(val, "\r\n")) {
		ret = wrong(err, "no token");
	} else {
		*token = strdup(val);
		if (!*token)
			ret = cgspan_err_nomem(err);
	}
	json_object_put(obj);
	return ret;
}

static void copy_line(char *to, size_t size, const char *from, size_t len)
{
	size_t n = 0;

	for (; n < len && n + 1 < size && from[n]; n++)
		to[n] = (unsigned char)from[n] < 0x20 ? ' ' : from[n];
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

static void copy_message(char *to, size_t size, struct json_object *obj,
			 const char *name)
{
	struct json_object *f = field(obj, name);

	if (json_object_is_type(f, json_type_string))
		copy_line(to, size, json_object_get_string(f),
			  (size_t)json_object_get_string_len(f));
}

void etcd_parse_failure(const char *text, size_t len, char *msg, size_t size)
{
	struct json_object *obj;

	copy_line(msg, size, text, len);
	if (parse(text, len, &obj, NULL))
		return;
	copy_message(msg, size, obj, "message");
	json_object_put(obj);
}

static int get_event(struct json_object *obj, size_t skip,
		     struct kvs *kvs, struct cgspan_err *err)
{
	struct json_object *type = field(obj, "type");
	const char *text = type ? json_object_get_string(type) : "PUT";

	if (strcmp(text, "PUT") && strcmp(text, "DELETE"))
		return wrong(err, "an event is neither PUT nor DELETE");
	return get_kv(field(obj, "kv"), *text == 'D', skip, kvs, err);
}

static int get_events(struct json_object *obj, size_t skip,
		      struct kvs *kvs, struct cgspan_err *err)
{
	struct json_object *array;
	int64_t last = 0;
	size_t n;
	int ret;

	ret = get_array(obj, "events", &array, &n, err);
	for (size_t i = 0; !ret && i < n; i++) {
		ret = get_event(json_object_array_get_idx(array, i), skip, kvs,
				err);
		if (ret)
			break;
		if (kvs->kv[i].mod_rev < last)
			return wrong(err, "events are out of order");
		last = kvs->kv[i].mod_rev;
	}
	return ret;
}

static int get_stream_failure(struct json_object *obj,
			      struct etcd_watch_msg *msg,
			      struct cgspan_err *err)
{
	int64_t code;
	int ret;

	if (!json_object_is_type(obj, json_type_object))
		return wrong(err, "neither result nor error");
	ret = get_int(obj, "http_code", &code, err);
	if (ret)
		return ret;
	msg->code = code > 0 && code < 1000 ? (int)code : 500;
	copy_message(msg->reason, sizeof(msg->reason), obj, "message");
	return 0;
}

int etcd_parse_watch(struct json_object *obj, size_t skip,
		     struct etcd_watch_msg *msg, struct cgspan_err *err)
{
	struct json_object *result = field(obj, "result");
	int ret;

	memset(msg, 0, sizeof(*msg));
	if (!json_object_is_type(result, json_type_object))
		return get_stream_failure(field(obj, "error"), msg, err);

	ret = get_header(result, &msg->header, err);
	if (!ret)
		ret = get_int(result, "watch_id", &msg->id, err);
	if (!ret)
		ret = get_bool(result, "created", &msg->created, err);
	if (!ret)
		ret = get_bool(result, "canceled", &msg->canceled, err);
	if (!ret)
		ret = get_int(result, "compact_revision", &msg->compact_rev,
			      err);
	if (!ret)
		ret = get_events(result, skip, &msg->changes, err);
	copy_message(msg->reason, sizeof(msg->reason), result, "cancel_reason");
	return ret;
}
