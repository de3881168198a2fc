// SPDX-License-Identifier: GPL-2.0
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "store/engine.h"

/* Building messages */

struct text {
	FILE *f;
	char *buf;
	size_t len;
};

static bool text_begin(struct text *t)
{
	t->f = open_memstream(&t->buf, &t->len);
	return t->f;
}

static char *text_end(struct text *t)
{
	bool bad = ferror(t->f);

	if (!fclose(t->f) && !bad)
		return t->buf;
	free(t->buf);
	return NULL;
}

static void print_bytes(FILE *f, const char *name, const char *bytes,
			size_t len)
{
	char quad[5];

	fprintf(f, "\"%s\":\"", name);
	for (size_t i = 0; i < len; i += 3) {
		b64_ntop((const unsigned char *)bytes + i,
			 len - i < 3 ? len - i : 3, quad, sizeof(quad));
		fputs(quad, f);
	}
	putc('"', f);
}

static void print_key(FILE *f, const char *key)
{
	print_bytes(f, "key", key, strlen(key));
}

/*
 * Print the range of keys from @prefix to before @prefix with its last byte
 * increased by one, after bytes 0xff at its end are cut off. In the place of an
 * empty text etcd takes a NUL for the first key or for "no end".
 */
static void print_key_range(FILE *f, const char *prefix)
{
	size_t len = strlen(prefix), end_len = len;
	char *end = strdupa(prefix);

	while (end_len && (unsigned char)end[end_len - 1] == 0xff)
		end[--end_len] = '\0';
	if (end_len)
		end[end_len - 1]++;
	print_bytes(f, "key", prefix, len ? len : 1);
	putc(',', f);
	print_bytes(f, "range_end", end, end_len ? end_len : 1);
}

char *etcd_json_range(const char *key, bool prefix)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	putc('{', t.f);
	if (prefix)
		print_key_range(t.f, key);
	else
		print_key(t.f, key);
	putc('}', t.f);
	return text_end(&t);
}

static void print_compare(FILE *f, const char *key, const char *result,
			  int64_t mod_rev)
{
	putc('{', f);
	print_key(f, key);
	fprintf(f, ",\"target\":\"MOD\",\"result\":\"%s\",\"mod_revision\":\"%" PRId64 "\"}",
		result, mod_rev);
}

static void print_equal(FILE *f, const struct store_kv *cmp)
{
	print_compare(f, cmp->key, "EQUAL", cmp->mod_rev);
}

static void print_op(FILE *f, const struct store_kv *op)
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

static void print_read(FILE *f, const struct store_kv *cmp)
{
	fputs("{\"request_range\":{", f);
	print_key(f, cmp->key);
	fputs("}}", f);
}

static void print_list(FILE *f, const char *name, const struct kvs *l,
		       void (*print)(FILE *f, const struct store_kv *kv))
{
	fprintf(f, "\"%s\":[", name);
	for (size_t i = 0; i < l->n; i++) {
		fputs(i ? "," : "", f);
		print(f, &l->kv[i]);
	}
	putc(']', f);
}

char *etcd_json_txn(const struct kvs *cmps, const struct kvs *ops)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	putc('{', t.f);
	print_list(t.f, "compare", cmps, print_equal);
	putc(',', t.f);
	print_list(t.f, "success", ops, print_op);
	putc(',', t.f);
	print_list(t.f, "failure", cmps, print_read);
	putc('}', t.f);
	return text_end(&t);
}

/* A put that is never executed: it compares a revision that no key has. */
char *etcd_json_probe(const char *key)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	fputs("{\"compare\":[", t.f);
	print_compare(t.f, key, "GREATER", INT64_MAX);
	fputs("],\"success\":[{\"request_put\":{", t.f);
	print_key(t.f, key);
	fputs("}}]}", t.f);
	return text_end(&t);
}

char *etcd_json_auth(const char *user, const char *password)
{
	struct json_object *name = json_object_new_string(user);
	struct json_object *pass = json_object_new_string(password);
	char *out = NULL;

	if (!name || !pass ||
	    asprintf(&out, "{\"name\":%s,\"password\":%s}",
		     json_object_to_json_string(name),
		     json_object_to_json_string(pass)) < 0)
		out = NULL;
	json_object_put(name);
	json_object_put(pass);
	return out;
}

char *etcd_json_watch_create(int64_t id, const char *prefix, int64_t from)
{
	struct text t;

	if (!text_begin(&t))
		return NULL;
	fputs("{\"create_request\":{", t.f);
	print_key_range(t.f, prefix);
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

/*
 * Parsing. The first failure is kept in the parser, and checked at the end; a
 * field that is missing or wrong is read as 0, false or empty.
 */

struct parser {
	size_t skip;
	int ret;
	struct cgspan_err *err;
};

static void wrong(struct parser *p, const char *name, const char *what)
{
	if (!p->ret)
		p->ret = cgspan_err_set(p->err, -EPROTO,
					"invalid answer from etcd: %s %s",
					name, what);
}

static void no_memory(struct parser *p)
{
	if (!p->ret)
		p->ret = cgspan_err_nomem(p->err);
}

static struct json_object *parse(struct parser *p, const char *text)
{
	struct json_object *obj = json_tokener_parse(text);

	if (!json_object_is_type(obj, json_type_object))
		wrong(p, "it", "is not a JSON object");
	return obj;
}

/* A field of @obj, or NULL; @obj need not be an object. */
static struct json_object *get(struct parser *p, struct json_object *obj,
			       const char *name, enum json_type type)
{
	struct json_object *val = json_object_object_get(obj, name);

	if (!val || json_object_is_type(val, type))
		return val;
	wrong(p, name, "has the wrong type");
	return NULL;
}

static struct json_object *must_get(struct parser *p, struct json_object *obj,
				    const char *name, enum json_type type)
{
	struct json_object *val = get(p, obj, name, type);

	if (!val)
		wrong(p, name, "is missing");
	return val;
}

static const char *get_text(struct parser *p, struct json_object *obj,
			    const char *name)
{
	struct json_object *val = get(p, obj, name, json_type_string);

	return val ? json_object_get_string(val) : "";
}

static bool get_bool(struct parser *p, struct json_object *obj,
		     const char *name)
{
	return json_object_get_boolean(get(p, obj, name, json_type_boolean));
}

static int64_t get_int(struct parser *p, struct json_object *obj,
		       const char *name)
{
	struct json_object *val = json_object_object_get(obj, name);
	const char *text;
	char *end;
	int64_t n;

	if (!val)
		return 0;
	/* The digits of a number, or of a string that has digits. */
	text = json_object_get_string(val);
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno || end == text || *end)
		wrong(p, name, "is not a number");
	return n;
}

/* Decoded bytes, to be freed, with a NUL behind them; NULL after a failure. */
static char *get_bytes(struct parser *p, struct json_object *obj,
		       const char *name, size_t *len)
{
	const char *text = get_text(p, obj, name);
	size_t size = strlen(text) + 1;
	char *buf = malloc(size);
	int n;

	if (!buf) {
		no_memory(p);
		return NULL;
	}
	n = b64_pton(text, (unsigned char *)buf, size);
	if (n < 0) {
		wrong(p, name, "is not base64");
		free(buf);
		return NULL;
	}
	buf[n] = '\0';
	*len = (size_t)n;
	return buf;
}

static void get_header(struct parser *p, struct json_object *obj,
		       struct etcd_header *header)
{
	struct json_object *h = must_get(p, obj, "header", json_type_object);
	/* An unsigned 64-bit number may not fit into int64_t: keep the text. */
	const char *id = get_text(p, h, "cluster_id");

	if (!*id || strlen(id) >= sizeof(header->cluster) ||
	    strspn(id, "0123456789") != strlen(id))
		wrong(p, "cluster_id", "is missing or wrong");
	snprintf(header->cluster, sizeof(header->cluster), "%s", id);
	header->rev = get_int(p, h, "revision");
}

/* Parse a key; @deleted: it is from an event of deletion and has no value. */
static void get_kv(struct parser *p, struct json_object *obj, bool deleted,
		   struct kvs *kvs)
{
	size_t key_len = 0, len = 0;
	char *key = get_bytes(p, obj, "key", &key_len);
	char *val = get_bytes(p, obj, "value", &len);
	int64_t rev = get_int(p, obj, "mod_revision");

	if (rev < 1)
		wrong(p, "mod_revision", "is missing or wrong");
	if (key_len < p->skip || (key && strlen(key) != key_len))
		wrong(p, "key", "is outside of the prefix, or not text");
	if (!p->ret && kvs_append(kvs, key + p->skip, key_len - p->skip,
				  deleted ? NULL : val, len, rev))
		no_memory(p);
	free(key);
	free(val);
}

static void get_kvs(struct parser *p, struct json_object *obj, struct kvs *kvs)
{
	struct json_object *array = get(p, obj, "kvs", json_type_array);
	size_t n = array ? json_object_array_length(array) : 0;

	for (size_t i = 0; !p->ret && i < n; i++)
		get_kv(p, json_object_array_get_idx(array, i), false, kvs);
}

/* Parse a key that a failed transaction has compared and then read. */
static void get_compared(struct parser *p, struct json_object *response,
			 const char *key, struct kvs *kvs)
{
	size_t before = kvs->n;

	get_kvs(p, must_get(p, response, "response_range", json_type_object),
		kvs);
	if (p->ret)
		return;
	if (kvs->n == before &&
	    kvs_append(kvs, key, strlen(key), NULL, 0, 0))
		no_memory(p);
	else if (kvs->n != before + 1 || strcmp(kvs->kv[before].key, key))
		wrong(p, "response_range", "is of another key than compared");
}

static void get_conflict(struct parser *p, struct json_object *obj,
			 const struct kvs *cmps, struct kvs *kvs)
{
	struct json_object *array = get(p, obj, "responses", json_type_array);
	size_t n = array ? json_object_array_length(array) : 0;

	if (n != cmps->n)
		wrong(p, "responses", "are not as many as compared keys");
	for (size_t i = 0; !p->ret && i < n; i++)
		get_compared(p, json_object_array_get_idx(array, i),
			     cmps->kv[i].key + p->skip, kvs);
}

int etcd_parse_header(const char *text, struct etcd_header *header,
		      struct cgspan_err *err)
{
	struct parser p = { .err = err };
	struct json_object *obj = parse(&p, text);

	get_header(&p, obj, header);
	json_object_put(obj);
	return p.ret;
}

int etcd_parse_answer(const char *text, size_t skip, struct store_req *req,
		      struct etcd_header *header, struct cgspan_err *err)
{
	struct parser p = { .skip = skip, .err = err };
	struct json_object *obj = parse(&p, text);

	get_header(&p, obj, header);
	req->rev = header->rev;
	if (req->key) {
		get_kvs(&p, obj, &req->kvs);
	} else if (get_bool(&p, obj, "succeeded")) {
		req->res = STORE_APPLIED;
	} else {
		req->res = STORE_CONFLICT;
		get_conflict(&p, obj, &req->cmps, &req->kvs);
	}
	json_object_put(obj);
	return p.ret;
}

int etcd_parse_token(const char *text, char **token, struct cgspan_err *err)
{
	struct parser p = { .err = err };
	struct json_object *obj = parse(&p, text);
	const char *val = get_text(&p, obj, "token");

	/* The token becomes an HTTP header, which a line break would end. */
	if (!*val || strpbrk(val, "\r\n"))
		wrong(&p, "token", "is missing or wrong");
	if (!p.ret) {
		*token = strdup(val);
		if (!*token)
			no_memory(&p);
	}
	json_object_put(obj);
	return p.ret;
}

static void copy_line(char *to, size_t size, const char *from)
{
	size_t n = 0;

	for (; n + 1 < size && from[n]; n++)
		to[n] = (unsigned char)from[n] < 0x20 ? ' ' : from[n];
	while (n && to[n - 1] == ' ')
		n--;
	to[n] = '\0';
}

void etcd_parse_failure(const char *text, char *msg, size_t size)
{
	struct parser p = { 0 };
	struct json_object *obj = parse(&p, text);
	const char *message = get_text(&p, obj, "message");

	copy_line(msg, size, *message ? message : text);
	json_object_put(obj);
}

static void get_event(struct parser *p, struct json_object *obj,
		      struct kvs *kvs)
{
	const char *type = get_text(p, obj, "type");

	if (*type && strcmp(type, "PUT") && strcmp(type, "DELETE"))
		wrong(p, "type", "is neither PUT nor DELETE");
	get_kv(p, must_get(p, obj, "kv", json_type_object), *type == 'D', kvs);
}

static void get_events(struct parser *p, struct json_object *obj,
		       struct kvs *kvs)
{
	struct json_object *array = get(p, obj, "events", json_type_array);
	size_t n = array ? json_object_array_length(array) : 0;

	for (size_t i = 0; !p->ret && i < n; i++) {
		get_event(p, json_object_array_get_idx(array, i), kvs);
		if (!p->ret && i &&
		    kvs->kv[i].mod_rev < kvs->kv[i - 1].mod_rev)
			wrong(p, "events", "are out of order");
	}
}

static void get_stream_failure(struct parser *p, struct json_object *obj,
			       struct etcd_watch_msg *msg)
{
	struct json_object *error = must_get(p, obj, "error", json_type_object);
	int64_t code = get_int(p, error, "http_code");

	msg->code = code > 0 && code < 1000 ? (int)code : 500;
	copy_line(msg->reason, sizeof(msg->reason),
		  get_text(p, error, "message"));
}

int etcd_parse_watch(struct json_object *obj, size_t skip,
		     struct etcd_watch_msg *msg, struct cgspan_err *err)
{
	struct parser p = { .skip = skip, .err = err };
	struct json_object *result = get(&p, obj, "result", json_type_object);

	memset(msg, 0, sizeof(*msg));
	if (!result) {
		get_stream_failure(&p, obj, msg);
		return p.ret;
	}
	get_header(&p, result, &msg->header);
	msg->id = get_int(&p, result, "watch_id");
	msg->created = get_bool(&p, result, "created");
	msg->canceled = get_bool(&p, result, "canceled");
	msg->compact_rev = get_int(&p, result, "compact_revision");
	get_events(&p, result, &msg->changes);
	copy_line(msg->reason, sizeof(msg->reason),
		  get_text(&p, result, "cancel_reason"));
	return p.ret;
}
