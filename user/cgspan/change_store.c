// SPDX-License-Identifier: GPL-2.0
/* A change of desired state: a transaction; if asked, a wait for all nodes. */
#include "change_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commit.h"
#include "model/desired.h"
#include "node_list.h"
#include "word_list.h"

static struct desired_change desired(const struct change *ch)
{
	struct desired_change want = {
		.on_expiry_set = ch->on_expiry != CGSPAN_ON_EXPIRY_KEEP,
		.on_expiry = ch->on_expiry,
	};
	size_t i;

	for (i = 0; i < ch->n_limits; i++) {
		want.limit_set[ch->limits[i].res] = true;
		want.limit[ch->limits[i].res] = ch->limits[i].limit;
	}
	return want;
}

static int change_build(struct txn *t, const struct change *ch,
			const struct kvs *d, struct cgspan_err *err)
{
	struct desired_change want = desired(ch);

	if (ch->kind == CHANGE_DELETE)
		return desired_delete(t, d, ch->path, err);
	if (ch->kind == CHANGE_SET)
		return desired_set(t, d, ch->path, &want, err);
	return desired_create(t, d, ch->path, &want, err);
}

/* Is @refusal as if an earlier try, which got no answer, had been applied? */
static bool done_before(const struct change *ch, const struct kvs *d,
			int refusal)
{
	struct desired_change want = desired(ch);
	struct txn t;
	bool same;

	if (ch->kind == CHANGE_DELETE)
		return refusal == -ENOENT;
	if (ch->kind != CHANGE_CREATE || refusal != -EEXIST)
		return false;
	txn_init(&t);
	same = !desired_set(&t, d, ch->path, &want, NULL) && !t.view.n_ops;
	txn_fini(&t);
	return same;
}

static int build(struct commit *c, struct txn *t, const struct keys *keys,
		 struct cgspan_err *err)
{
	const struct change *ch = c->arg;
	const struct store_kv *kv;
	char key[KEY_LEN];
	int ret = change_build(t, ch, &keys->kvs, err);

	if (ret ? !c->unsure || !done_before(ch, &keys->kvs, ret) :
		  t->view.n_ops)
		return ret;
	kv = kvs_find(&keys->kvs, key_group(key, ch->path));
	c->rev = kv ? kv->mod_rev : keys->rev;
	return COMMIT_NOTHING;
}

static int commit(struct sync *s, const struct change *ch, int64_t *rev,
		  struct cgspan_err *err)
{
	struct commit c = { .build = build, .arg = (void *)ch };
	int ret = commit_run(&c, s, err);

	*rev = c.rev;
	if (ret < 0 && c.unsure)
		cgspan_err_wrap(err,
				"%.60s: the store may have applied this or not, look with \"cgspan tree\"",
				ch->path);
	return ret < 0 ? ret : 0;
}

/* --- waiting until it is in force --------------------------------------- */

/* Count the nodes that are not fenced, and those of them with the change. */
static int count(const struct node_list *list, struct outcome *out)
{
	size_t i;

	out->nodes = 0;
	out->in_force = 0;
	free(out->missing);
	out->missing = strdup("");
	for (i = 0; out->missing && i < list->n; i++) {
		if (list->nodes[i].fenced)
			continue;
		out->nodes++;
		if (list->nodes[i].acked >= out->revision)
			out->in_force++;
		else if (word_list_add(&out->missing, list->nodes[i].name))
			return -ENOMEM;
	}
	return out->missing ? 0 : -ENOMEM;
}

/* Has the deletion ended? The group's key is the last one to be removed. */
static int is_gone(struct sync *s, const struct change *ch, bool *gone,
		   struct cgspan_err *err)
{
	struct keys keys = {};
	char key[KEY_LEN];
	int ret;

	ret = sync_get(s, key_group(key, ch->path), false, &keys, err);
	*gone = !keys.kvs.n;
	kvs_fini(&keys.kvs);
	return ret;
}

/* Return: 0: the change is in force; 1: not yet at *@rev; negative errno. */
static int check(struct sync *s, const struct change *ch, struct outcome *out,
		 int64_t *rev, struct cgspan_err *err)
{
	struct node_list list = {};
	bool gone = false;
	int ret;

	ret = node_list_read(s, &list, false, err);
	if (!ret && ch->kind == CHANGE_DELETE)
		ret = is_gone(s, ch, &gone, err);
	if (!ret && count(&list, out))
		ret = cgspan_err_nomem(err);
	*rev = list.rev;
	node_list_free(&list);
	if (ret)
		return ret;
	if (ch->kind != CHANGE_DELETE)
		return out->in_force < out->nodes;
	if (gone) {
		/* No node needs to acknowledge a group that is gone. */
		out->in_force = out->nodes;
		*out->missing = '\0';
	}
	return !gone;
}

static int not_in_force(const struct change *ch, const struct outcome *out,
			struct cgspan_err *err)
{
	const char *what = ch->kind == CHANGE_DELETE ? "gone from" :
						       "in force on";

	if (!*out->missing)
		return cgspan_err_set(err, -ETIME,
				      "%.80s is being deleted: some nodes have not returned their leases yet (\"cgspan nodes\" lists them; fence a node that is lost)",
				      ch->path);
	return cgspan_err_set(err, -ETIME,
			      "%.80s: %s %zu of %zu nodes, not yet: %.100s",
			      ch->path, what, out->in_force, out->nodes,
			      out->missing);
}

int change_store(const struct change *ch, struct sync *s, struct outcome *out,
		 struct cgspan_err *err)
{
	static const char *const prefixes[] = {
		"ack/", "node/", "epoch/", "group/", NULL
	};
	uint64_t deadline = sync_now() + ch->wait_ms;
	int ret = commit(s, ch, &out->revision, err);
	int64_t rev;

	while (!ret) {
		ret = check(s, ch, out, &rev, err);
		if (ret != 1 || !ch->wait_ms)
			return ret < 0 ? ret : 0;
		ret = sync_wait(s, prefixes, rev + 1, deadline, err);
	}
	return ret == -ETIME && out->missing ? not_in_force(ch, out, err) : ret;
}
