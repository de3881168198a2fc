// SPDX-License-Identifier: GPL-2.0
#include "lookup.h"

#include <errno.h>
#include <string.h>

#include "libcgspan/err.h"

int lookup_broken(struct cgspan_err *err, int ret, const char *key)
{
	if (ret == -ENOMEM)
		return ret;
	cgspan_err_wrap(err, "the store's key %s", key);
	if (err)
		err->no = -EBADMSG;
	return -EBADMSG;
}

int lookup_cluster(const struct kvs *kvs, struct cluster_rec *out, int64_t *rev,
		   struct cgspan_err *err)
{
	const struct store_kv *kv = kvs_find(kvs, KEY_CLUSTER_NAME);
	int ret;

	*out = cluster_fresh();
	*rev = 0;
	if (!kv)
		return 0;
	*rev = kv->mod_rev;
	ret = cluster_parse(kv->val, kv->len, out, err);
	return ret ? lookup_broken(err, ret, kv->key) : 0;
}

int lookup_group(const struct kvs *kvs, const char *path, struct group_at *out,
		 struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_group(key, path));
	int ret;

	out->rev = 0;
	out->rec = group_root();
	if (!kv && path[1])
		return cgspan_err_set(err, -ENOENT, "there is no group %s",
				      path);
	if (!kv)
		return 0;
	out->rev = kv->mod_rev;
	ret = group_parse(kv->val, kv->len, &out->rec, err);
	return ret ? lookup_broken(err, ret, kv->key) : 0;
}

int lookup_group_id(const struct kvs *kvs, uint64_t id,
		    char path[CGSPAN_PATH_LEN + 1], struct group_at *out,
		    struct cgspan_err *err)
{
	const struct store_kv *kv;
	struct key key;
	size_t i;
	int ret;

	for (i = kvs_lower(kvs, "group/"); (kv = kvs_under(kvs, "group/", i));
	     i++) {
		if (key_parse(kv->key, &key, NULL))
			continue;
		ret = lookup_group(kvs, key.path, out, err);
		if (ret || out->rec.id == id) {
			strcpy(path, key.path);
			return ret;
		}
	}
	memset(out, 0, sizeof(*out));
	return 0;
}

int lookup_account(const struct kvs *kvs, uint64_t id, uint32_t res,
		   struct account *a, struct cgspan_err *err)
{
	char key[KEY_LEN];
	int ret = account_load(a, id, res, kvs, err);

	return ret ? lookup_broken(err, ret, key_debt(key, id, res)) : 0;
}

int lookup_epoch_state(const struct kvs *kvs, const char *node,
		       enum epoch_state *state, struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_epoch(key, node));
	struct epoch_rec rec;
	int ret;

	*state = EPOCH_FENCED;
	if (!kv)
		return 0;
	ret = epoch_parse(kv->val, kv->len, &rec, err);
	if (ret)
		return lookup_broken(err, ret, key);
	*state = rec.state;
	return 0;
}
