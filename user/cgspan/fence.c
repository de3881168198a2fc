// SPDX-License-Identifier: GPL-2.0
/*
 * cgspan fence: return to the pools what a switched-off node held.
 *
 * cgspan recover: rebuild a store that was lost or restored from a backup. The
 * admin names all nodes; their daemons claim in the store what their kernels
 * hold.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"
#include "config/crash.h"
#include "field.h"
#include "model/key.h"
#include "model/lookup.h"
#include "model/nodes.h"
#include "store_sync.h"
#include "verbs.h"
#include "word_list.h"

#define WAIT_MS		10000

/* --- fence ------------------------------------------------------------- */

/**
 * struct fencing - a node that is being fenced
 * @node: its name
 * @by: the reason: "admin", or NODES_RECOVER
 * @hb_rev: revision of its heartbeat in the first try that saw one; 0: none yet
 */
struct fencing {
	const char *node;
	const char *by;
	int64_t hb_rev;
};

static int fence_build(struct commit *c, struct txn *t, const struct keys *keys,
		       struct cgspan_err *err)
{
	struct fencing *f = c->arg;
	const struct store_kv *kv;
	char hb[KEY_LEN];
	int ret;

	/* Before the first step nodes_fence() fails if the heartbeat moved. */
	kv = kvs_find(&keys->kvs, key_hb(hb, f->node));
	if (!f->hb_rev && kv)
		f->hb_rev = kv->mod_rev;
	ret = nodes_fence(t, &keys->kvs, f->node, f->by, f->hb_rev, err);
	if (ret == -ESTALE)
		cgspan_err_wrap(err, "%s is not off", f->node);
	if (ret <= 0)
		return ret ? ret : COMMIT_NOTHING;
	crash_point("fence", "sent");
	return 0;
}

/* Fence a node; *@steps grows by the number of transactions. */
static int fence_node(struct sync *s, const char *node, const char *by,
		      unsigned int *steps, struct cgspan_err *err)
{
	struct fencing f = { .node = node, .by = by };
	struct commit c = { .build = fence_build, .arg = &f };
	int ret;

	while (!(ret = commit_run(&c, s, err))) {
		crash_point("fence", "committed");
		++*steps;
	}
	if (ret == -EAGAIN)
		cgspan_err_wrap(err,
				"fencing %s is incomplete, run the command again",
				node);
	return ret < 0 ? ret : 0;
}

static int fence_print(struct cmd *c, const char *node, unsigned int steps,
		       struct cgspan_err *err)
{
	const struct field r[] = {
		{ "node", UNIT_TEXT, .text = node },
		{ "state", UNIT_TEXT, .text = "fenced" },
		{ "steps", UNIT_COUNT, .num = steps },
	};

	return result_print(c, r, ARRAY_SIZE(r), err,
			    "%s: fenced, what it held is in the pools", node);
}

static int fence(struct cmd *c, struct cgspan_err *err)
{
	const char *name = cmd_arg(c, "NODE");
	struct cgspan_node node = {};
	unsigned int steps = 0;
	int ret;

	if (cgspan_name_check(name, err))
		return cmd_usage(c, err, "\"%.80s\" is no node's name", name);
	if (!cmd_arg(c, "--confirm-off"))
		return cmd_usage(c, err,
				 "fencing gives away all that %s holds: switch it off first, then add --confirm-off",
				 name);
	/* A node that runs this command is not switched off. */
	if (!cmd_node(c, &node, NULL, NULL) && !strcmp(node.name, name))
		return cgspan_err_set(err, -EINVAL,
				      "%s is this node, which is not off: \"cgspan leave\" takes it out of the cluster",
				      name);
	ret = cmd_need_store(c, err);
	if (!ret)
		ret = fence_node(c->store, name, "admin", &steps, err);
	return ret ? ret : fence_print(c, name, steps, err);
}

const struct verb verb_fence = {
	.name = "fence",
	.help = "return to the pools what a switched-off node held",
	.fn = fence,
	.args = {
		{ "NODE", NULL, ARG_WORD, false, false },
		{ "--confirm-off", NULL, ARG_FLAG, true, false },
	},
};

/* --- recover ----------------------------------------------------------- */

/**
 * struct recovery - one call of cgspan recover
 * @store: the store
 * @nodes: all nodes, as the admin names them
 * @off: nodes with an epoch, not fenced, that are not in @nodes
 * @missing: those of @nodes that have not claimed yet
 * @wait_ms: how long to wait for them, in ms; 0: do not wait
 * @confirmed: the admin confirms that @off are switched off
 */
struct recovery {
	struct sync *store;
	struct names nodes;
	struct names off;
	struct names missing;
	unsigned int wait_ms;
	bool confirmed;
};

/* Parse the value of --nodes: "n1,n2". */
static int nodes_read(struct cmd *c, struct names *nodes,
		      struct cgspan_err *err)
{
	const char *list = cmd_arg(c, "--nodes");
	char name[CGSPAN_NAME_LEN + 2];
	size_t len;

	if (!list)
		return cmd_usage(c, err,
				 "\"--nodes\" must name all nodes, separated by commas");
	for (;; list += len + 1) {
		len = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		if (cgspan_name_check(name, err))
			return cmd_usage(c, err, "\"%s\" is no node's name",
					 name);
		if (names_add(nodes, name))
			return cgspan_err_nomem(err);
		if (!list[len])
			return 0;
	}
}

/* Set @r->off; -EBUSY if there are such nodes and the admin did not confirm. */
static int find_off(struct recovery *r, const struct kvs *kvs,
		    struct cgspan_err *err)
{
	enum epoch_state state;
	struct key key;
	size_t i;
	int ret;

	names_fini(&r->off);
	for (i = 0; i < kvs->n; i++) {
		if (key_parse(kvs->kv[i].key, &key, NULL) ||
		    key.kind != KEY_EPOCH || names_have(&r->nodes, key.node))
			continue;
		ret = lookup_epoch_state(kvs, key.node, &state, err);
		if (ret)
			return ret;
		if (state != EPOCH_FENCED && names_add(&r->off, key.node))
			return cgspan_err_nomem(err);
	}
	if (r->off.n && !r->confirmed)
		return cgspan_err_set(err, -EBUSY,
				      "the store knows the node %s, too: name it with the others, or, if it is off, add --confirm-off",
				      r->off.at[0]);
	return 0;
}

/* Build the transaction that starts a recovery; harmless if applied twice. */
static int recover_build(struct commit *c, struct txn *t,
			 const struct keys *keys, struct cgspan_err *err)
{
	struct recovery *r = c->arg;
	int ret = find_off(r, &keys->kvs, err);

	return ret ? ret : nodes_recover(t, &keys->kvs, sync_identity(r->store),
					 &r->nodes, err);
}

static int begin(struct recovery *r, struct cgspan_err *err)
{
	struct commit c = { .build = recover_build, .arg = r };
	int ret = commit_run(&c, r->store, err);
	unsigned int steps = 0;
	size_t i;

	for (i = 0; !ret && i < r->off.n; i++)
		ret = fence_node(r->store, r->off.at[i], NODES_RECOVER, &steps,
				 err);
	return ret;
}

/* Set @r->missing; *@rev is the revision of the read. */
static int find_missing(struct recovery *r, int64_t *rev,
			struct cgspan_err *err)
{
	struct cluster_rec rec = {};
	struct keys keys = {};
	int64_t mod_rev;
	int ret;

	ret = sync_get(r->store, KEY_CLUSTER_NAME, false, &keys, err);
	if (!ret)
		ret = lookup_cluster(&keys.kvs, &rec, &mod_rev, err);
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

/* The names as one text, separated by blanks; NULL: out of memory. */
static char *names_text(const struct names *names)
{
	char *text = strdup("");
	size_t i;

	for (i = 0; text && i < names->n; i++)
		if (word_list_add(&text, names->at[i])) {
			free(text);
			return NULL;
		}
	return text;
}

static int claims_missing(const struct recovery *r, struct cgspan_err *err)
{
	char *missing = names_text(&r->missing);

	if (!missing)
		return cgspan_err_nomem(err);
	cgspan_err_set(err, -ETIME,
		       "%zu of %zu nodes have claimed what they hold, not yet: %.100s (start their daemons; if one is off for good, recover again without it)",
		       r->nodes.n - r->missing.n, r->nodes.n, missing);
	free(missing);
	return -ETIME;
}

static int wait_for_claims(struct recovery *r, struct cgspan_err *err)
{
	static const char *const prefixes[] = { KEY_CLUSTER_NAME, NULL };
	uint64_t deadline = sync_now() + r->wait_ms;
	int64_t rev;
	int ret;

	do {
		ret = find_missing(r, &rev, err);
		if (ret || !r->missing.n || !r->wait_ms)
			return ret;
		ret = sync_wait(r->store, prefixes, rev + 1, deadline, err);
	} while (!ret);
	return ret == -ETIME ? claims_missing(r, err) : ret;
}

static int recover_print(struct cmd *c, const struct recovery *r,
			 struct cgspan_err *err)
{
	size_t claimed = r->nodes.n - r->missing.n;
	char *missing = names_text(&r->missing), *off = names_text(&r->off);
	const struct field result[] = {
		{ "nodes", UNIT_COUNT, .num = r->nodes.n },
		{ "claimed", UNIT_COUNT, .num = claimed },
		{ "missing", UNIT_WORDS, .text = missing },
		{ "left_out", UNIT_WORDS, .text = off },
	};
	bool one = r->nodes.n == 1;
	int ret;

	ret = !missing || !off ? cgspan_err_nomem(err) :
	      result_print(c, result, ARRAY_SIZE(result), err,
			   "%s: %zu of %zu node%s claimed what %s",
			   r->missing.n ? "begun" : "recovered", claimed,
			   r->nodes.n, one ? " has" : "s have",
			   one ? "it holds" : "they hold");
	free(missing);
	free(off);
	return ret;
}

static int recover(struct cmd *c, struct cgspan_err *err)
{
	struct recovery r = { .wait_ms = WAIT_MS };
	int ret;

	r.confirmed = cmd_arg(c, "--confirm-off");
	ret = nodes_read(c, &r.nodes, err);
	if (!ret)
		ret = cmd_wait(c, &r.wait_ms, err);
	if (!ret)
		ret = cmd_need_store(c, err);
	r.store = c->store;
	if (!ret)
		ret = begin(&r, err);
	if (!ret)
		ret = wait_for_claims(&r, err);
	if (!ret)
		ret = recover_print(c, &r, err);
	names_fini(&r.nodes);
	names_fini(&r.off);
	names_fini(&r.missing);
	return ret;
}

const struct verb verb_recover = {
	.name = "recover",
	.help = "rebuild a lost or restored store from what the kernels hold",
	.fn = recover,
	.args = {
		{ "--nodes", "NODE,NODE...", ARG_KEY, false, false },
		{ "--confirm-off", NULL, ARG_FLAG, true, false },
		{ "--wait", "SECONDS", ARG_KEY, true, false },
		{ "--no-wait", NULL, ARG_FLAG, true, false },
	},
};
