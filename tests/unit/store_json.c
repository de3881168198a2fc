// SPDX-License-Identifier: GPL-2.0
/*
 * Messages to etcd, compared byte by byte with right ones: etcd ignores fields that
 * it does not know, so a condition with a misspelt name would be lost. And the parsing
 * of etcd's answers, valid and invalid.
 */
#include "store/etcd/json.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "store/engine.h"
#include "tap.h"

static bool same(char *text, const char *golden)
{
	bool ok = text && !strcmp(text, golden);

	if (!ok)
		printf("# got    %s\n# wanted %s\n", text ? text : "(null)",
		       golden);
	free(text);
	return ok;
}

/* Building messages. In base64 "/c/" is L2Mv, "a" YQ==, "/c/a" L2MvYQ==, "/c0" L2Mw. */

static bool build_range(void)
{
	CHECK(same(etcd_json_range("/c/a", false), "{\"key\":\"L2MvYQ==\"}"));
	CHECK(same(etcd_json_range("/c/", true),
		   "{\"key\":\"L2Mv\",\"range_end\":\"L2Mw\"}"));
	return true;
}

static bool build_range_ends(void)
{
	/* The prefix "a\xff" ends at "b"; one of 0xff alone, or an empty one, has no end. */
	CHECK(same(etcd_json_range("a\377", true),
		   "{\"key\":\"Yf8=\",\"range_end\":\"Yg==\"}"));
	CHECK(same(etcd_json_range("\377\377", true),
		   "{\"key\":\"//8=\",\"range_end\":\"AA==\"}"));
	CHECK(same(etcd_json_range("", true),
		   "{\"key\":\"AA==\",\"range_end\":\"AA==\"}"));
	return true;
}

static bool build_txn(void)
{
	struct store_kv two[] = {
		{ "/c/a", NULL, 0, 0 }, { "/c/", NULL, 0, INT64_MAX },
	};
	struct store_kv three[] = {
		{ "/c/a", "v\0w", 3, 0 }, { "/c/", NULL, 0, 0 },
		{ "a", "", 0, 0 },
	};
	const struct kvs cmps = { two, 2, 2 }, ops = { three, 3, 3 };

	CHECK(same(etcd_json_txn(&cmps, &ops),
		   "{\"compare\":["
		   "{\"key\":\"L2MvYQ==\",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"0\"},"
		   "{\"key\":\"L2Mv\",\"target\":\"MOD\",\"result\":\"EQUAL\",\"mod_revision\":\"9223372036854775807\"}"
		   "],\"success\":["
		   "{\"request_put\":{\"key\":\"L2MvYQ==\",\"value\":\"dgB3\"}},"
		   "{\"request_delete_range\":{\"key\":\"L2Mv\"}},"
		   "{\"request_put\":{\"key\":\"YQ==\",\"value\":\"\"}}"
		   "],\"failure\":["
		   "{\"request_range\":{\"key\":\"L2MvYQ==\"}},"
		   "{\"request_range\":{\"key\":\"L2Mv\"}}"
		   "]}"));
	return true;
}

static bool build_empty_txn(void)
{
	const struct kvs none = { 0 };

	CHECK(same(etcd_json_txn(&none, &none),
		   "{\"compare\":[],\"success\":[],\"failure\":[]}"));
	return true;
}

static bool build_probe(void)
{
	CHECK(same(etcd_json_probe("a"),
		   "{\"compare\":[{\"key\":\"YQ==\",\"target\":\"MOD\",\"result\":\"GREATER\",\"mod_revision\":\"9223372036854775807\"}]"
		   ",\"success\":[{\"request_put\":{\"key\":\"YQ==\"}}]}"));
	return true;
}

static bool build_auth(void)
{
	CHECK(same(etcd_json_auth("web", "a\"b\\c\n"),
		   "{\"name\":\"web\",\"password\":\"a\\\"b\\\\c\\n\"}"));
	return true;
}

static bool build_watch(void)
{
	CHECK(same(etcd_json_watch_create(7, "/c/", 42),
		   "{\"create_request\":{\"key\":\"L2Mv\",\"range_end\":\"L2Mw\",\"start_revision\":\"42\",\"watch_id\":\"7\"}}\n"));
	CHECK(same(etcd_json_watch_cancel(7),
		   "{\"cancel_request\":{\"watch_id\":\"7\"}}\n"));
	CHECK(same(etcd_json_watch_progress(), "{\"progress_request\":{}}\n"));
	return true;
}

/* Parsing */

#define HEADER	"\"header\":{\"cluster_id\":\"18356651462332683079\"," \
	"\"member_id\":\"15605283837629904139\",\"revision\":\"9\"," \
	"\"raft_term\":\"2\"}"
#define KV_A	"{\"key\":\"L2MvYQ==\",\"create_revision\":\"2\"," \
	"\"mod_revision\":\"5\",\"version\":\"1\",\"value\":\"dgB3\"}"

static int parse_get(const char *text, struct etcd_header *h, struct kvs *l,
		     struct cgspan_err *err)
{
	struct store_req req = { .key = "/c/" };
	int ret = etcd_parse_answer(text, 3, &req, h, err);

	*l = req.kvs;
	return ret;
}

static bool parse_range(void)
{
	static const char text[] = "{" HEADER ",\"kvs\":[" KV_A
		",{\"key\":\"L2MvYg==\",\"mod_revision\":\"9\"}],\"count\":\"2\"}";
	struct kvs l = { 0 };
	struct etcd_header h;
	struct cgspan_err err;

	CHECK(!parse_get(text, &h, &l, &err));
	CHECK(!strcmp(h.cluster, "18356651462332683079") && h.rev == 9);
	CHECK(l.n == 2);
	CHECK(!strcmp(l.kv[0].key, "a") && l.kv[0].mod_rev == 5);
	CHECK(l.kv[0].len == 3 && !memcmp(l.kv[0].val, "v\0w", 3));
	CHECK(!strcmp(l.kv[1].key, "b") && l.kv[1].val && !l.kv[1].len);
	kvs_fini(&l);

	CHECK(!parse_get("{" HEADER "}", &h, &l, &err));
	CHECK(!l.n);
	return true;
}

static int parse_value(const char *base64, struct kvs *l)
{
	struct etcd_header h;
	char text[1024];

	snprintf(text, sizeof(text), "{" HEADER ",\"kvs\":[{\"key\":\"L2Mv\",\"mod_revision\":\"5\",\"value\":\"%s\"}]}",
		 base64);
	return parse_get(text, &h, l, NULL);
}

/* A value of each length from 0 to 256 is built, and parsed again. */
static bool base64_both_ways(void)
{
	const struct kvs none = { 0 };
	char bytes[256];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(255 - i);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct store_kv kv = { "a", bytes, n, 0 };
		const struct kvs ops = { &kv, 1, 1 };
		char *text = etcd_json_txn(&none, &ops), *value;
		struct kvs l;

		CHECK(text);
		value = strstr(text, "\"value\":\"") + strlen("\"value\":\"");
		value[strcspn(value, "\"")] = '\0';
		CHECK(strlen(value) == (n + 2) / 3 * 4);
		CHECK(!parse_value(value, &l) && l.n == 1);
		CHECK(l.kv[0].len == n && !memcmp(l.kv[0].val, bytes, n));
		kvs_fini(&l);
		free(text);
	}
	return true;
}

static bool base64_refuses(void)
{
	static const char *const bad[] = {
		"A", "AA", "AAA", "AA=A", "=AAA", "A===", "====", "AA A",
		"AA\\n=", "AA==AA==", "AAA-", "\303\251AA",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kvs l;
		int ret = parse_value(bad[i], &l);

		if (ret != -EPROTO)
			printf("# %d for %s\n", ret, bad[i]);
		kvs_fini(&l);
		CHECK(ret == -EPROTO);
	}
	return true;
}

static bool range_refuses(void)
{
	static const char *const bad[] = {
		"", "{", "[]", "null", "7", "{}", "Not Found",
		"{\"header\":{}}",
		"{\"header\":{\"cluster_id\":\"x\",\"revision\":\"1\"}}",
		"{\"header\":{\"cluster_id\":\"123456789012345678901234\"}}",
		"{\"header\":{\"cluster_id\":\"1\",\"revision\":\"1x\"}}",
		"{\"header\":{\"cluster_id\":\"1\",\"revision\":\"9223372036854775808\"}}",
		"{\"header\":{\"cluster_id\":\"1\",\"revision\":[]}}",
		"{" HEADER ",\"kvs\":{}}",
		"{" HEADER ",\"kvs\":[null]}",
		"{" HEADER ",\"kvs\":[7]}",
		"{" HEADER ",\"kvs\":[{}]}",
		/* bad: key outside of prefix; key not base64; no revision; key with NUL; key 7 */
		"{" HEADER ",\"kvs\":[{\"key\":\"YQ==\",\"mod_revision\":\"5\"}]}",
		"{" HEADER ",\"kvs\":[{\"key\":\"L2M\",\"mod_revision\":\"5\"}]}",
		"{" HEADER ",\"kvs\":[{\"key\":\"L2MvYQ==\"}]}",
		"{" HEADER ",\"kvs\":[{\"key\":\"L2MvAGE=\",\"mod_revision\":\"5\"}]}",
		"{" HEADER ",\"kvs\":[{\"key\":7,\"mod_revision\":\"5\"}]}",
	};
	struct etcd_header h;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cgspan_err err = { 0 };
		struct kvs l = { 0 };
		int ret = parse_get(bad[i], &h, &l, &err);

		if (ret != -EPROTO)
			printf("# %d for %s\n", ret, bad[i]);
		kvs_fini(&l);
		CHECK(ret == -EPROTO && err.no == -EPROTO && err.msg[0]);
	}
	return true;
}

static int parse_two(const char *text, bool *succeeded, struct kvs *l)
{
	struct store_kv two[] = {
		{ "/c/a", NULL, 0, 1 }, { "/c/b", NULL, 0, 0 },
	};
	struct store_req req = { .cmps = { two, 2, 2 } };
	struct etcd_header h;
	int ret = etcd_parse_answer(text, 3, &req, &h, NULL);

	*succeeded = req.res == STORE_APPLIED;
	*l = req.kvs;
	return ret;
}

static bool parse_txn(void)
{
	struct kvs l = { 0 };
	bool done;

	CHECK(!parse_two("{" HEADER ",\"succeeded\":true,\"responses\":[{\"response_put\":{\"header\":{\"revision\":\"9\"}}}]}",
			 &done, &l));
	CHECK(done && !l.n);

	/* "succeeded" is left out if it is false. */
	CHECK(!parse_two("{" HEADER ",\"responses\":[{\"response_range\":{\"kvs\":["
			 KV_A "]}},{\"response_range\":{\"header\":{\"revision\":\"9\"}}}]}",
			 &done, &l));
	CHECK(!done && l.n == 2);
	CHECK(!strcmp(l.kv[0].key, "a") && l.kv[0].mod_rev == 5);
	CHECK(!strcmp(l.kv[1].key, "b") && !l.kv[1].val && !l.kv[1].mod_rev);
	kvs_fini(&l);
	return true;
}

static bool txn_refuses(void)
{
	static const char *const bad[] = {
		"{" HEADER "}",
		"{" HEADER ",\"succeeded\":\"true\"}",
		"{" HEADER ",\"responses\":[{\"response_range\":{}}]}",
		"{" HEADER ",\"responses\":[{},{}]}",
		"{" HEADER ",\"responses\":[{\"response_put\":{}},{\"response_range\":{}}]}",
		/* bad: an answer with another key than was compared; an answer with two keys */
		"{" HEADER ",\"responses\":[{\"response_range\":{}},{\"response_range\":{\"kvs\":[" KV_A "]}}]}",
		"{" HEADER ",\"responses\":[{\"response_range\":{\"kvs\":[" KV_A "," KV_A "]}},{\"response_range\":{}}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kvs l = { 0 };
		bool done;
		int ret = parse_two(bad[i], &done, &l);

		if (ret != -EPROTO)
			printf("# %d for %s\n", ret, bad[i]);
		kvs_fini(&l);
		CHECK(ret == -EPROTO);
	}
	return true;
}

static bool parse_token(void)
{
	static const char good[] = "{" HEADER ",\"token\":\"abc.7\"}";
	static const char bad[] = "{" HEADER ",\"token\":\"a\\r\\nX: y\"}";
	char *token;

	CHECK(!etcd_parse_token(good, &token, NULL));
	CHECK(same(token, "abc.7"));
	CHECK(etcd_parse_token(bad, &token, NULL) == -EPROTO);
	CHECK(etcd_parse_token("{}", &token, NULL) == -EPROTO);
	return true;
}

static bool parse_failure(void)
{
	static const struct {
		const char *text;
		const char *msg;
	} all[] = {
		{ "{\"error\":\"x\",\"message\":\"etcdserver: permission denied\",\"code\":7}",
		  "etcdserver: permission denied" },
		{ "Not Found\n", "Not Found" },
		{ "", "" },
		{ "{\"message\":7}", "{\"message\":7}" },
		{ "two\nlines", "two lines" },
	};
	char msg[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		etcd_parse_failure(all[i].text, msg, sizeof(msg));
		CHECK(!strcmp(msg, all[i].msg));
	}
	etcd_parse_failure("0123456789", msg, 5);
	CHECK(!strcmp(msg, "0123"));
	return true;
}

static int parse_watch(const char *text, struct etcd_watch_msg *msg)
{
	struct json_object *obj = json_tokener_parse(text);
	int ret = etcd_parse_watch(obj, 3, msg, NULL);

	json_object_put(obj);
	return ret;
}

static bool parse_events(void)
{
	struct etcd_watch_msg msg;

	CHECK(!parse_watch("{\"result\":{" HEADER ",\"watch_id\":\"7\",\"created\":true}}",
			   &msg));
	CHECK(msg.id == 7 && msg.created && !msg.canceled && !msg.changes.n);
	CHECK(msg.header.rev == 9 && !msg.code);

	/* etcd leaves the type PUT out; a deletion has no value. */
	CHECK(!parse_watch("{\"result\":{" HEADER ",\"watch_id\":\"7\",\"events\":[{\"kv\":"
			   KV_A "},{\"type\":\"DELETE\",\"kv\":{\"key\":\"L2MvYg==\",\"mod_revision\":\"6\"}}]}}",
			   &msg));
	CHECK(msg.changes.n == 2 && msg.changes.kv[0].val);
	CHECK(!msg.changes.kv[1].val && msg.changes.kv[1].mod_rev == 6);
	CHECK(!strcmp(msg.changes.kv[1].key, "b"));
	kvs_fini(&msg.changes);

	CHECK(!parse_watch("{\"result\":{" HEADER ",\"watch_id\":\"-1\"}}",
			   &msg));
	CHECK(msg.id == -1 && !msg.created);
	return true;
}

static bool parse_ends(void)
{
	struct etcd_watch_msg msg;

	CHECK(!parse_watch("{\"result\":{" HEADER ",\"watch_id\":\"7\",\"canceled\":true,\"compact_revision\":\"8\"}}",
			   &msg));
	CHECK(msg.canceled && msg.compact_rev == 8);
	CHECK(!parse_watch("{\"result\":{" HEADER ",\"created\":true,\"canceled\":true,\"cancel_reason\":\"permission denied\"}}",
			   &msg));
	CHECK(msg.canceled && !msg.compact_rev);
	CHECK(!strcmp(msg.reason, "permission denied"));
	CHECK(!parse_watch("{\"error\":{\"grpc_code\":14,\"http_code\":503,\"message\":\"etcdserver: no leader\"}}",
			   &msg));
	CHECK(msg.code == 503 && !strcmp(msg.reason, "etcdserver: no leader"));
	return true;
}

static bool watch_refuses(void)
{
	static const char *const bad[] = {
		"7", "{}", "{\"result\":{}}", "{\"result\":7}",
		"{\"error\":\"x\"}",
		"{\"result\":{" HEADER ",\"events\":[{}]}}",
		"{\"result\":{" HEADER ",\"events\":[{\"type\":\"MOVE\",\"kv\":" KV_A "}]}}",
		"{\"result\":{" HEADER ",\"watch_id\":\"x\"}}",
		"{\"result\":{" HEADER ",\"created\":1}}",
		/* bad: events whose revisions are not in order */
		"{\"result\":{" HEADER ",\"events\":[{\"kv\":" KV_A "},{\"kv\":{\"key\":\"L2MvYg==\",\"mod_revision\":\"4\"}}]}}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct etcd_watch_msg msg;
		int ret = parse_watch(bad[i], &msg);

		if (ret != -EPROTO)
			printf("# %d for %s\n", ret, bad[i]);
		kvs_fini(&msg.changes);
		CHECK(ret == -EPROTO);
	}
	return true;
}

static const struct tap_test tests[] = {
	{ build_range, "a read equals its golden text" },
	{ build_range_ends, "a prefix read has the right end" },
	{ build_txn, "a transaction equals its golden text" },
	{ build_empty_txn, "a transaction may be empty" },
	{ build_probe, "a probe equals its golden text" },
	{ build_auth, "a login equals its golden text, with special characters" },
	{ build_watch, "watch requests equal their golden texts" },
	{ base64_both_ways, "base64 is built and parsed at every length" },
	{ base64_refuses, "a value that is not base64 is refused" },
	{ parse_range, "a read's answer is parsed" },
	{ range_refuses, "a bad answer to a read is refused" },
	{ parse_txn, "a transaction's answer is parsed" },
	{ txn_refuses, "a bad answer to a transaction is refused" },
	{ parse_token, "a token is parsed; one that would forge a header is refused" },
	{ parse_failure, "a refusal's text is parsed, JSON or not" },
	{ parse_events, "watch events are parsed" },
	{ parse_ends, "the end of a watch is parsed" },
	{ watch_refuses, "a bad watch message is refused" },
};

int main(void)
{
	return TAP_RUN(tests);
}
