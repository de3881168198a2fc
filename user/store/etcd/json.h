/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages to etcd's v3 JSON gateway, and its answers. Pure: no I/O.
 *
 * The gateway ignores fields that it does not know and answers 200: a misspelt
 * "compare" would write unconditionally. So every message is built here, field
 * by field, and tests/unit/store_json.c compares each with its golden text.
 *
 * In the gateway's JSON, keys and values are base64 and 64-bit numbers are
 * strings; answers leave out zero, false, an empty value and event type PUT.
 */
#ifndef CGSPAN_STORE_ETCD_JSON_H
#define CGSPAN_STORE_ETCD_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kvs.h"

struct cgspan_err;
struct json_object;
struct store_req;

/* Builders. They return a text, to be freed, or NULL if there is no memory. */

/* POST /v3/kv/range, linearizable; @prefix: all keys that begin with @key */
char *etcd_json_range(const char *key, bool prefix);

/* POST /v3/kv/txn; after a conflict it reads all compared keys */
char *etcd_json_txn(const struct kvs *cmps, const struct kvs *ops);

/* POST /v3/kv/txn that needs all that a write needs, but never writes */
char *etcd_json_probe(const char *key);

/* POST /v3/auth/authenticate */
char *etcd_json_auth(const char *user, const char *password);

/* POST /v3/watch; each message is a line */
char *etcd_json_watch_create(int64_t id, const char *prefix, int64_t from);
char *etcd_json_watch_cancel(int64_t id);
char *etcd_json_watch_progress(void);

/**
 * struct etcd_header - header of an answer that is not a refusal
 * @cluster: id of the cluster, decimal
 * @rev: revision of the store
 */
struct etcd_header {
	char cluster[24];
	int64_t rev;
};

/**
 * struct etcd_watch_msg - one message of a watch stream
 * @header: its header
 * @id: which watch; -1: none
 * @created: the watch begins
 * @canceled: the watch ended
 * @compact_rev: with @canceled: changes before it are gone; 0: another reason
 * @changes: the changed keys, by revision
 * @code: HTTP status of a failure of the whole stream, else 0
 * @reason: text of etcd, with @canceled or @code
 */
struct etcd_watch_msg {
	struct etcd_header header;
	int64_t id;
	bool created;
	bool canceled;
	int64_t compact_rev;
	struct kvs changes;
	int code;
	char reason[160];
};

/*
 * Parsers. @skip: number of bytes of the store's prefix, which is cut off keys.
 * They return 0, or with @err set -EPROTO for what etcd never sends or -ENOMEM.
 * The caller frees lists, which may be filled in part after a failure.
 */

/* Parse the header of an answer that is not a refusal. */
int etcd_parse_header(const char *text, struct etcd_header *header,
		      struct cgspan_err *err);

/* Set @req's rev; of a read its kvs; of a transaction its res and, on conflict,
 * its kvs: all compared keys, in the order of the compares.
 */
int etcd_parse_answer(const char *text, size_t skip, struct store_req *req,
		      struct etcd_header *header, struct cgspan_err *err);

/* Parse an answer with a token. @token: set on success, to be freed */
int etcd_parse_token(const char *text, char **token, struct cgspan_err *err);

/* Set @msg to the message in a refusal, or else to @text; cut, on one line. */
void etcd_parse_failure(const char *text, char *msg, size_t size);

/* Parse a message of a watch. @msg->changes: to be freed, also on failure */
int etcd_parse_watch(struct json_object *obj, size_t skip,
		     struct etcd_watch_msg *msg, struct cgspan_err *err);

#endif /* CGSPAN_STORE_ETCD_JSON_H */
