// SPDX-License-Identifier: GPL-2.0
#include "lookup.h"

#include <errno.h>
#include <string.h>

#include "libcgspan/err.h"

int lookup_cluster(const struct kvs *kvs, struct cluster_rec *out, int64_t *rev,
		   struct cgspan_err *err)
{
	const struct store_kv *kv = kvs_find(kvs, KEY_CLUSTER_NAME);

	*out = cluster_fresh();
	*rev = kv ? kv->mod_rev : 0;
	return kv ? cluster_read(kv, out, err) : 0;
}

int lookup_group(const struct kvs *kvs, const char *path, struct group_at *out,
		 struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_group(key, path));

	out->rev = kv ? kv->mod_rev : 0;
	out->rec = group_root();
	if (!kv && path[1])
		return cgspan_err_set(err, -ENOENT, "there is no group %s",
				      path);
	return kv ? group_read(kv, &out->rec, err) : 0;
}

int lookup_group_id(const struct kvs *kvs, uint64_t id,
		    char path[CGSPAN_PATH_LEN + 1], struct group_at *out,
		    struct cgspan_err *err)
{
	const struct store_kv *kv;
	struct key key;
	int ret;

	*path = '\0';
	kvs_for_each(kvs, "group/", kv) {
		if (key_parse(kv->key, &key, NULL))
			continue;
		ret = lookup_group(kvs, key.path, out, NULL);
		if (ret || out->rec.id == id)
			strcpy(path, key.path);
		if (!ret && out->rec.id == id)
			return 0;
	}
	/* A record that cannot be read may be the one with this id. */
	if (*path)
		return lookup_group(kvs, path, out, err);
	memset(out, 0, sizeof(*out));
	return 0;
}

int lookup_epoch_state(const struct kvs *kvs, const char *node,
		       enum epoch_state *state, struct cgspan_err *err)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(kvs, key_epoch(key, node));
	struct epoch_rec rec = { .state = EPOCH_FENCED };
	int ret = kv ? epoch_read(kv, &rec, err) : 0;

	*state = ret ? EPOCH_FENCED : rec.state;
	return ret;
}
