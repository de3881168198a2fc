// SPDX-License-Identifier: GPL-2.0
#include "node_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void node_list_free(struct node_list *list)
{
	free(list->nodes);
	*list = (struct node_list){};
}

/* The entry of a node; NULL: the node is not registered. */
static struct node_entry *find(struct node_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!strcmp(list->nodes[i].name, name))
			return &list->nodes[i];
	return NULL;
}

static int node_add(struct node_list *list, const char *name,
		    const struct store_kv *kv, struct cgspan_err *err)
{
	struct node_entry *n;

	n = reallocarray(list->nodes, list->n + 1, sizeof(*n));
	if (!n)
		return cgspan_err_nomem(err);
	list->nodes = n;
	n += list->n++;
	memset(n, 0, sizeof(*n));
	strcpy(n->name, name);
	return node_parse(kv->val, kv->len, &n->rec, err);
}

static int epoch_add(struct node_entry *n, const struct store_kv *kv,
		     struct cgspan_err *err)
{
	struct epoch_rec rec;
	int ret = epoch_parse(kv->val, kv->len, &rec, err);

	if (ret)
		return ret;
	n->epoch = epoch_number(&rec, kv->mod_rev);
	n->fenced = rec.state == EPOCH_FENCED;
	n->claiming = rec.state == EPOCH_CLAIMING;
	return 0;
}

static int usage_add(struct node_entry *n, const struct store_kv *kv,
		     struct cgspan_err *err)
{
	struct usage_rec rec = {};
	size_t i;
	int ret = usage_parse(kv->val, kv->len, &rec, err);

	for (i = 0; !ret && i < rec.n; i++)
		if (rec.items[i].group == GROUP_ROOT_ID &&
		    rec.items[i].res == CGSPAN_RES_TASKS) {
			n->used = rec.items[i].used;
			n->lease = rec.items[i].lease;
			n->has_usage = true;
		}
	usage_fini(&rec);
	return ret;
}

static int key_add(struct node_list *list, const struct store_kv *kv,
		   struct cgspan_err *err)
{
	struct node_entry *n;
	struct ack_rec ack;
	struct key key;
	int ret;

	ret = key_parse(kv->key, &key, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	if (key.kind == KEY_NODE)
		return node_add(list, key.node, kv, err);
	n = find(list, key.node);
	if (n && key.kind == KEY_EPOCH)
		return epoch_add(n, kv, err);
	if (n && key.kind == KEY_USAGE)
		return usage_add(n, kv, err);
	if (!n || key.kind != KEY_ACK)
		return 0;
	ret = ack_parse(kv->val, kv->len, &ack, err);
	if (!ret)
		n->acked = ack.rev;
	return ret;
}

/* Read node/ first: it makes the entries, which the other keys only fill. */
int node_list_read(struct sync *s, struct node_list *list, bool usage,
		   struct cgspan_err *err)
{
	static const char *const prefixes[] = {
		"node/", "epoch/", "ack/", "usage/"
	};
	size_t i, k, n = usage ? 4 : 3;
	struct keys keys = {};
	int ret = 0;

	node_list_free(list);
	for (i = 0; i < n && !ret; i++) {
		ret = sync_get(s, prefixes[i], true, &keys, err);
		if (!i)
			list->rev = keys.rev;
		for (k = 0; k < keys.kvs.n && !ret; k++) {
			ret = key_add(list, &keys.kvs.kv[k], err);
			if (ret)
				cgspan_err_wrap(err, "the store's key %.100s",
						keys.kvs.kv[k].key);
		}
		kvs_fini(&keys.kvs);
	}
	return ret;
}
