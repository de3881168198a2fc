// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan recover: rebuild a store that was lost or restored from a backup. The
 * admin names all nodes; their daemons claim in the store what their kernels
 * hold.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "commit.h"
#include "fence.h"
#include "field.h"
#include "model/codec.h"
#include "model/nodes.h"
#include "verbs.h"
#include "word_list.h"

#define WAIT_MS		10000

enum { F_NODES, F_CLAIMED, F_MISSING, F_LEFT_OUT };

static const struct field fields[] = {
	[F_NODES] = { "nodes", UNIT_COUNT, false },
	[F_CLAIMED] = { "claimed", UNIT_COUNT, false },
	[F_MISSING] = { "missing", UNIT_WORDS, false },
	[F_LEFT_OUT] = { "left_out", UNIT_WORDS, false },
};

/**
 * struct recovery - one call
 * @nodes: all nodes, as the admin names them
 * @off: nodes that the store has in session besides
 * @missing: those of @nodes that have not claimed yet
 * @wait_ms: how long to wait for them, in ms; 0: do not wait
 * @confirmed: the admin confirms that @off are switched off
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

/* "a,b,c" */
static int nodes_read(struct cmd *c, struct names *nodes,
		      struct cgspan_err *err)
{
	const char *list = cmd_arg(c, "--nodes");
	char name[CGSPAN_NAME_LEN + 1];
	size_t len;

	if (!list)
		return cmd_usage(c, err,
				 "\"--nodes\" must name all nodes, separated by commas");
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
			return cgspan_err_nomem(err);
		if (!list[len])
			return 0;
	}
}

/* Fills @r->off. */
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
			return cgspan_err_nomem(err);
	}
	if (r->off.n && !r->confirmed)
		return cgspan_err_set(err, -EBUSY,
				      "the store knows the node %s, too: name it with the others, or, if it is off, add --confirm-off",
				      r->off.at[0]);
	return 0;
}

/**
 * struct start - the transaction that begins a recovery
 * @r: the recovery
 * @s: the store
 */
struct start {
	struct recovery *r;
	struct sync *s;
};

/* Harmless if it is applied twice. */
static int build(struct commit *c, struct txn *t, const struct keys *keys,
		 struct cgspan_err *err)
{
	const struct start *start = c->arg;
	int ret;

	ret = find_off(start->r, &keys->kvs, err);
	return ret ? ret : nodes_recover(t, &keys->kvs,
					 sync_identity(start->s),
					 &start->r->nodes, err);
}

static int begin(struct sync *s, struct recovery *r, struct cgspan_err *err)
{
	struct start start = { r, s };
	struct commit c = { .build = build, .arg = &start };
	unsigned int steps = 0;
	size_t i;
	int ret = commit_run(&c, s, err);

	for (i = 0; !ret && i < r->off.n; i++)
		ret = fence_node(s, r->off.at[i], NODES_RECOVER, &steps,
				 err);
	return ret;
}

/* Fills @r->missing. */
static int find_missing(struct sync *s, struct recovery *r, int64_t *rev,
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
				     "the store was restored once more: recover it again");
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

static int claims_missing(const struct recovery *r, struct cgspan_err *err)
{
	char *missing = NULL;
	size_t i;

	for (i = 0; i < r->missing.n; i++)
		if (word_list_add(&missing, r->missing.at[i])) {
			free(missing);
			return cgspan_err_nomem(err);
		}
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
		ret = find_missing(s, r, &rev, err);
		if (ret || !r->missing.n || !r->wait_ms)
			return ret;
		ret = sync_wait(s, prefixes, rev + 1, deadline, err);
	} while (!ret);
	return ret == -ETIME ? claims_missing(r, err) : ret;
}

static void names_fill(struct table *t, size_t field,
		       const struct names *names)
{
	size_t i;

	if (!names->n)
		table_text(t, field, "");
	for (i = 0; i < names->n; i++)
		table_word(t, field, names->at[i]);
}

static int result_print(struct cmd *c, const struct recovery *r,
			struct cgspan_err *err)
{
	struct table t = TABLE(fields, SHAPE_ONE);
	size_t claimed = r->nodes.n - r->missing.n;

	if (cmd_wants_sentence(c)) {
		printf("%s: %zu of %zu node%s claimed what %s\n",
		       r->missing.n ? "begun" : "recovered", claimed,
		       r->nodes.n, r->nodes.n == 1 ? " has" : "s have",
		       r->nodes.n == 1 ? "it holds" : "they hold");
		return 0;
	}
	table_num(&t, F_NODES, r->nodes.n);
	table_num(&t, F_CLAIMED, claimed);
	names_fill(&t, F_MISSING, &r->missing);
	names_fill(&t, F_LEFT_OUT, &r->off);
	return table_print(&t, c, err);
}

static int recover(struct cmd *c, struct cgspan_err *err)
{
	struct recovery r = { .wait_ms = WAIT_MS };
	struct cluster cl = {};
	int ret;

	r.confirmed = cmd_arg(c, "--confirm-off");
	ret = nodes_read(c, &r.nodes, err);
	if (!ret)
		ret = cmd_wait(c, &r.wait_ms, err);
	if (!ret)
		ret = cluster_open_store(&cl, c, err);
	if (!ret)
		ret = begin(cl.store, &r, err);
	if (!ret)
		ret = wait_for_claims(cl.store, &r, err);
	if (!ret)
		ret = result_print(c, &r, err);
	cluster_close(&cl);
	recovery_free(&r);
	return ret;
}

static const struct arg args[] = {
	{ "--nodes", "NODE,NODE...", ARG_KEY, false, false },
	{ "--confirm-off", NULL, ARG_FLAG, true, false },
	{ "--wait", "SECONDS", ARG_KEY, true, false },
	{ "--no-wait", NULL, ARG_FLAG, true, false },
	{}
};

const struct verb verb_recover = {
	.name = "recover",
	.help = "rebuild a lost or restored store from what the kernels hold",
	.args = args,
	.fn = recover,
};
