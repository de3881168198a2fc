// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan recover: the store was lost, or restored from a backup. An admin says
 * which nodes there are; their daemons tell the store what their kernels hold.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "model/codec.h"
#include "model/nodes.h"
#include "fencing.h"
#include "field.h"
#include "store_sync.h"
#include "verbs.h"

#define WAIT_MS		10000
/* Others may be faster, or an answer may be lost, this often in a row. */
#define TRIES		16

enum { F_NODES, F_CLAIMED, F_MISSING, F_LEFT_OUT };

static const struct field fields[] = {
	[F_NODES] = { "nodes", UNIT_COUNT, false },
	[F_CLAIMED] = { "claimed", UNIT_COUNT, false },
	[F_MISSING] = { "missing", UNIT_WORDS, false },
	[F_LEFT_OUT] = { "left_out", UNIT_WORDS, false },
};

/**
 * struct recovery - one call
 * @nodes: all that there are
 * @off: those that the store knows besides: they are not
 * @missing: of @nodes: have not claimed yet
 * @wait_ms: how long to wait for them; 0: not at all
 * @confirmed: that the others are off
 */
struct recovery {
	struct names nodes;
	struct names off;
	struct names missing;
	unsigned int wait_ms;
	bool confirmed;
};

static void recovery_free(struct recovery *r)
{
	names_fini(&r->nodes);
	names_fini(&r->off);
	names_fini(&r->missing);
}

static int out_of_memory(struct cgspan_err *err)
{
	return cgspan_err_set(err, -ENOMEM, "out of memory");
}

/* "a,b,c" */
static int nodes_read(struct cmd *c, struct names *nodes,
		      struct cgspan_err *err)
{
	const char *list = cmd_arg(c, "--nodes");
	char name[CGSPAN_NAME_LEN + 1];
	size_t len;

	if (!list)
		return cmd_usage(c, err,
				 "\"--nodes\" must name all nodes, parted by commas");
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if (len >= sizeof(name))
			return cmd_usage(c, err, "\"%.80s\" is no node's name",
					 list);
		memcpy(name, list, len);
		name[len] = '\0';
		if (cgspan_name_check(name, err))
			return cmd_usage(c, err, "\"%s\" is no node's name",
					 name);
		if (names_add(nodes, name))
			return out_of_memory(err);
		if (!list[len])
			return 0;
	}
}

/* Whom the store takes for being in session, and the admin has not named. */
static int find_off(struct recovery *r, const struct kvs *kvs,
		    struct cgspan_err *err)
{
	struct epoch_rec rec;
	struct key key;
	size_t i;
	int ret;

	names_fini(&r->off);
	for (i = 0; i < kvs->n; i++) {
		const struct store_kv *kv = &kvs->kv[i];

		if (key_parse(kv->key, &key, NULL) || key.kind != KEY_EPOCH ||
		    names_have(&r->nodes, key.node))
			continue;
		ret = epoch_parse(kv->val, kv->len, &rec, err);
		if (ret)
			return cgspan_err_wrap(err, "the store's key %.100s",
					       kv->key);
		if (rec.state != EPOCH_FENCED && names_add(&r->off, key.node))
			return out_of_memory(err);
	}
	if (r->off.n && !r->confirmed)
		return cgspan_err_set(err, -EBUSY,
				      "the store knows the node %s, too: name it with the others, or, if it is off, add --confirm-off",
				      r->off.at[0]);
	return 0;
}

/* 0: begun; -EAGAIN: once more; or why not. */
static int attempt(struct sync *s, struct recovery *r, struct cgspan_err *err)
{
	struct keys keys = {};
	struct txn t;
	int64_t rev;
	int ret;

	txn_init(&t);
	ret = sync_get_desired(s, &keys, err);
	if (!ret)
		ret = find_off(r, &keys.kvs, err);
	if (!ret)
		ret = nodes_recover(&t, &keys.kvs, sync_identity(s),
				    &r->nodes, err);
	if (!ret) {
		switch (sync_txn(s, &t.view, &rev, err)) {
		case STORE_APPLIED:
			break;
		case STORE_ERROR:
			ret = err->no;
			break;
		case STORE_CONFLICT:
			ret = cgspan_err_set(err, -EAGAIN,
					     "others keep changing the set of nodes: try again");
			break;
		case STORE_UNKNOWN:	/* to begin twice does no harm */
			ret = -EAGAIN;
			break;
		}
	}
	txn_fini(&t);
	kvs_fini(&keys.kvs);
	return ret;
}

static int begin(struct sync *s, struct recovery *r, struct cgspan_err *err)
{
	unsigned int tries = 0, steps = 0;
	size_t i;
	int ret;

	do {
		ret = attempt(s, r, err);
	} while (ret == -EAGAIN && ++tries < TRIES);
	for (i = 0; !ret && i < r->off.n; i++)
		ret = fencing_run(s, r->off.at[i], NODES_RECOVER, &steps,
				  err);
	return ret;
}

/* Who has still to claim? */
static int look(struct sync *s, struct recovery *r, int64_t *rev,
		struct cgspan_err *err)
{
	struct cluster_rec rec = cluster_fresh();
	const struct store_kv *kv;
	struct keys keys = {};
	int ret;

	ret = sync_get(s, KEY_CLUSTER_NAME, false, &keys, err);
	kv = kvs_find(&keys.kvs, KEY_CLUSTER_NAME);
	if (!ret && kv)
		ret = cluster_parse(kv->val, kv->len, &rec, err);
	if (!ret && rec.lost)
		ret = cgspan_err_set(err, -ESTALE,
				     "the store has gone back once more: recover it again");
	if (!ret) {
		names_fini(&r->missing);
		r->missing = rec.await;
		rec.await = (struct names){};
	}
	*rev = keys.rev;
	cluster_fini(&rec);
	kvs_fini(&keys.kvs);
	return ret;
}

static char *words_of(const struct names *names)
{
	char *text = calloc(1, names->n * (CGSPAN_NAME_LEN + 1) + 1);
	size_t i;

	for (i = 0; text && i < names->n; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, names->at[i]);
	}
	return text;
}

static int late(const struct recovery *r, struct cgspan_err *err)
{
	char *missing = words_of(&r->missing);

	if (!missing)
		return out_of_memory(err);
	cgspan_err_set(err, -ETIME,
		       "%zu of %zu nodes have claimed what they hold, not yet: %.100s (start their daemons; if one is off for good, recover again without it)",
		       r->nodes.n - r->missing.n, r->nodes.n, missing);
	free(missing);
	return -ETIME;
}

static int wait_for_claims(struct sync *s, struct recovery *r,
			   struct cgspan_err *err)
{
	static const char *const prefixes[] = { KEY_CLUSTER_NAME, NULL };
	uint64_t deadline = sync_now() + r->wait_ms;
	int64_t rev;
	int ret;

	do {
		ret = look(s, r, &rev, err);
		if (ret || !r->missing.n || !r->wait_ms)
			return ret;
		ret = sync_wait(s, prefixes, rev + 1, deadline, err);
	} while (!ret);
	return ret == -ETIME ? late(r, err) : ret;
}

static int say(struct cmd *c, const struct recovery *r, struct cgspan_err *err)
{
	char *missing = words_of(&r->missing), *off = words_of(&r->off);
	size_t claimed = r->nodes.n - r->missing.n;
	struct table t;
	int ret = 0;

	if (!missing || !off) {
		ret = out_of_memory(err);
	} else if (c->format == FORMAT_TEXT && !c->fields) {
		printf("%s: %zu of %zu node%s claimed what %s\n",
		       r->missing.n ? "begun" : "recovered", claimed,
		       r->nodes.n, r->nodes.n == 1 ? " has" : "s have",
		       r->nodes.n == 1 ? "it holds" : "they hold");
	} else {
		table_init(&t, fields, ARRAY_SIZE(fields), SHAPE_ONE);
		table_row(&t);
		table_num(&t, F_NODES, r->nodes.n);
		table_num(&t, F_CLAIMED, claimed);
		table_text(&t, F_MISSING, missing);
		table_text(&t, F_LEFT_OUT, off);
		ret = table_print(&t, c, err);
		table_free(&t);
	}
	free(missing);
	free(off);
	return ret;
}

static int recover(struct cmd *c, struct cgspan_err *err)
{
	struct recovery r = { .wait_ms = WAIT_MS };
	struct config config = {};
	struct sync *s = NULL;
	int ret;

	r.confirmed = cmd_arg(c, "--confirm-off");
	ret = nodes_read(c, &r.nodes, err);
	if (!ret)
		ret = cmd_wait(c, &r.wait_ms, err);
	if (!ret)
		ret = conf_read(c, &config, err);
	if (!ret && !config.store)
		ret = cgspan_err_set(err, -EINVAL,
				     "the configuration names no store: this node is alone");
	if (!ret)
		ret = sync_open(&s, &config, err);
	if (!ret)
		ret = begin(s, &r, err);
	if (!ret)
		ret = wait_for_claims(s, &r, err);
	sync_close(s);
	if (!ret)
		ret = say(c, &r, err);
	config_free(&config);
	recovery_free(&r);
	return ret;
}

static const struct arg args[] = {
	{ "--nodes", "NODE,NODE...", ARG_KEY, false, false },
	{ "--confirm-off", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{ "--no-wait", NULL, ARG_FLAG, true, false },
};

const struct verb verb_recover = {
	.name = "recover",
	.help = "rebuild a lost or restored store from what the kernels hold",
	.args = args,
	.n_args = ARRAY_SIZE(args),
	.fn = recover,
};
