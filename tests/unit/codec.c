// SPDX-License-Identifier: GPL-2.0
/* Keys and values of the store, and the command's transactions on them. */
#include "model/codec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/desired.h"
#include "model/nodes.h"
#include "libcgspan/cgspan.h"
#include "shelf.h"
#include "tap.h"

static struct tap tap;

static void ok(bool good, const char *what)
{
	tap_result(&tap, good, "", what);
}

/* Keys */

static bool key_is(const char *s, enum key_kind kind, uint64_t group,
		   const char *node, const char *path)
{
	struct key key;

	return !key_parse(s, &key, NULL) && key.kind == kind &&
	       key.group == group && !strcmp(key.node, node) &&
	       !strcmp(key.path, path);
}

static bool key_bad(const char *s, int no)
{
	struct cgspan_err err = { 0 };
	struct key key;

	return key_parse(s, &key, &err) == no && err.msg[0];
}

static void test_keys(void)
{
	char b[KEY_LEN], path[CGSPAN_PATH_LEN + 1], deep[200];
	bool all = true;
	struct key key;

	ok(key_is(key_group(b, "/"), KEY_GROUP, 0, "", "/") &&
	   key_is(key_group(b, "/a/b.c"), KEY_GROUP, 0, "", "/a/b.c"),
	   "a group's key has its path");
	ok(key_is(key_node(b, "n-1"), KEY_NODE, 0, "n-1", "") &&
	   key_is(key_ack(b, "n"), KEY_ACK, 0, "n", "") &&
	   key_is(key_epoch(b, "n"), KEY_EPOCH, 0, "n", "") &&
	   key_is(key_hb(b, "n"), KEY_HB, 0, "n", "") &&
	   key_is(key_usage(b, "n"), KEY_USAGE, 0, "n", "") &&
	   key_is(KEY_CLUSTER_NAME, KEY_CLUSTER, 0, "", ""),
	   "keys of a node are parsed as built");
	ok(key_is(key_lease(b, "n", 7), KEY_LEASE, 7, "n", "") &&
	   key_is(key_want(b, UINT64_MAX - 1, "n"), KEY_WANT,
		  UINT64_MAX - 1, "n", "") &&
	   key_is(key_debt(b, 3, 0), KEY_DEBT, 3, "", ""),
	   "keys of a lease, a want and a debt are parsed as built");
	ok(!key_parse(key_pool(b, 5, CGSPAN_RES_TASKS, 12), &key, NULL) &&
	   key.kind == KEY_POOL && key.group == 5 && key.shard == 12,
	   "a pool's key has a shard");
	for (uint32_t r = 0; r < RES_N; r++)
		all &= !key_parse(key_pool(b, 5, r, 0), &key, NULL) &&
		       key.res == r &&
		       !key_parse(key_debt(b, 5, r), &key, NULL) &&
		       key.res == r;
	ok(all, "every resource has pools and debts of its own");
	ok(key_bad("sum/web", -ENOENT) && key_bad("clusters", -ENOENT),
	   "a key of an unknown kind is ENOENT");
	ok(key_bad("pool/5/tasks", -EINVAL) && key_bad("pool/05/tasks/0",
						       -EINVAL) &&
	   key_bad("pool/5/beer/0", -EINVAL) && key_bad("lease/n/0", -EINVAL) &&
	   key_bad("lease/n/-1", -EINVAL) && key_bad("lease/n/1/", -EINVAL) &&
	   key_bad("lease/n/18446744073709551616", -EINVAL) &&
	   key_bad("node/", -EINVAL) && key_bad("node/a/b", -EINVAL) &&
	   key_bad("group//a", -EINVAL) && key_bad("group/a/", -EINVAL),
	   "malformed keys are EINVAL");
	strcpy(deep, "group");
	for (int i = 0; i < CGSPAN_DEPTH_MAX; i++)
		strcat(deep, "/a");
	ok(!key_parse(deep, &key, NULL) && key_bad(strcat(deep, "/a"), -EINVAL) &&
	   key_bad("group/..", -EINVAL) && key_bad("group/a b", -EINVAL),
	   "a group's key has a valid path");
	ok(key_bad("node/..", -EINVAL) && key_bad("lease/./1", -EINVAL) &&
	   key_bad("want/1/..", -EINVAL), "a node's key has a valid name");
	ok(path_parent(path, "/a/b") && !strcmp(path, "/a") &&
	   path_parent(path, "/a") && !strcmp(path, "/") &&
	   !path_parent(path, "/"), "every path except / has a parent");
}

/* Values */

#define SAME(name, text) do {						\
	struct name##_rec rec;						\
	char *s = NULL;							\
									\
	if (!name##_parse(text, strlen(text), &rec, NULL))		\
		s = name##_format(&rec);				\
	ok(s && !strcmp(s, text), "a value of " #name " stays the same");	\
	free(s);							\
	memset(&own, 0, sizeof(own));					\
	memcpy(&own, &rec, sizeof(rec));				\
} while (0)

/*
 * Values as all versions have written them, byte for byte: each member is parsed and
 * formatted again, and optional members without a value are left out.
 */
static void test_bytes(void)
{
	union {
		struct group_rec group;
		struct node_rec node;
		struct lease_rec lease;
		struct debt_rec debt;
		struct usage_rec usage;
		struct cluster_rec cluster;
	} own;

	SAME(group, "{\"v\":1,\"id\":1,\"state\":\"active\",\"on_expiry\":\"continue\",\"res\":{}}");
	SAME(group, "{\"v\":1,\"id\":7,\"state\":\"deleting\",\"on_expiry\":\"reset\",\"res\":{\"tasks\":{\"limit\":60,\"guarantee\":0,\"gen\":1},\"user4\":{\"limit\":\"max\",\"guarantee\":5,\"gen\":0}}}");
	SAME(node, "{\"v\":1,\"state\":\"leaving\",\"machine\":\"m\",\"boot\":\"b\",\"uuid\":\"\",\"labels\":[]}");
	SAME(node, "{\"v\":1,\"state\":\"active\",\"machine\":\"m\",\"boot\":\"b\",\"uuid\":\"u\",\"labels\":[\"rack=r1\",\"a=\\\"/\\\\\"]}");
	SAME(ack, "{\"v\":1,\"rev\":9223372036854775807}");
	SAME(epoch, "{\"v\":1,\"state\":\"live\",\"machine\":\"m\",\"boot\":\"b\",\"uuid\":\"u\",\"by\":\"\"}");
	SAME(epoch, "{\"v\":1,\"state\":\"fenced\",\"machine\":\"m\",\"boot\":\"b\",\"uuid\":\"u\",\"by\":\"admin\",\"base\":1099511627776}");
	SAME(hb, "{\"v\":1,\"seq\":3,\"ttl_ms\":15000,\"sent_ms\":0}");
	SAME(lease, "{\"v\":1,\"seq\":0,\"res\":{}}");
	SAME(lease, "{\"v\":1,\"seq\":8,\"res\":{\"cpu\":{\"amount\":0,\"gen\":2,\"mean\":3,\"headroom\":4},\"user0\":{\"amount\":18446744073709551614,\"gen\":1,\"mean\":0,\"headroom\":0}}}");
	SAME(pool, "{\"v\":1,\"free\":5,\"mean\":-3,\"headroom\":-9223372036854775808}");
	SAME(debt, "{\"v\":1,\"debt\":0,\"await\":[\"n1\",\"n2\"]}");
	debt_fini(&own.debt);
	SAME(want, "{\"v\":1,\"seq\":1,\"need\":{},\"have\":{}}");
	SAME(want, "{\"v\":1,\"seq\":1,\"need\":{\"tasks\":3,\"memory\":4},\"have\":{\"memory\":0}}");
	SAME(usage, "{\"v\":1,\"seq\":2,\"use\":[]}");
	usage_fini(&own.usage);
	SAME(usage, "{\"v\":1,\"seq\":2,\"use\":[[1,\"tasks\",2,18446744073709551615,3,4,5],[2,\"cpu\",0,0,0,0,0]]}");
	usage_fini(&own.usage);
	SAME(cluster, "{\"v\":1,\"identity\":\"17\",\"generation\":4,\"next_id\":2}");
	SAME(cluster, "{\"v\":1,\"identity\":\"\",\"generation\":4,\"next_id\":9,\"lost\":true,\"await\":[\"n1\"]}");
	cluster_fini(&own.cluster);
}

static void test_lists(void)
{
	static const char later[] =
		"{\"v\":1,\"seq\":1,\"use\":[[2,\"beer\",1,1,1,1],[2,\"tasks\",1,1,1,1,1,\"more\"]]}";
	static const char before[] =
		"{\"v\":1,\"seq\":1,\"use\":[[2,\"tasks\",1,1,1,1]]}";
	static const char alone[] =
		"{\"v\":1,\"identity\":\"17\",\"generation\":1,\"next_id\":2}";
	static const char bad[] =
		"{\"v\":1,\"identity\":\"17\",\"generation\":1,\"next_id\":2,\"await\":[1]}";
	struct cluster_rec c;
	struct usage_rec u;

	ok(!usage_parse(later, strlen(later), &u, NULL) && u.n == 1,
	   "usage of an unknown resource is skipped");
	usage_fini(&u);
	ok(!usage_parse(before, strlen(before), &u, NULL) && u.n == 1 &&
	   !u.items[0].headroom, "usage without headroom has headroom 0");
	usage_fini(&u);
	ok(!cluster_parse(alone, strlen(alone), &c, NULL) && !c.lost &&
	   !c.await.n, "a cluster without await awaits no node");
	ok(cluster_parse(bad, strlen(bad), &c, NULL) == -EINVAL,
	   "a cluster with an element of await that is no name is refused");
}

static bool pool_bad(const char *s, int no)
{
	struct cgspan_err err = { 0 };
	struct pool_rec p;

	return pool_parse(s, strlen(s), &p, &err) == no && err.msg[0];
}

static void test_strict(void)
{
	static const char good[] =
		"{\"v\":1,\"free\":1,\"mean\":0,\"headroom\":0,\"shade\":{}}";
	struct pool_rec p;

	ok(!pool_parse(good, strlen(good), &p, NULL) && p.free == 1,
	   "an unknown member is skipped");
	ok(pool_bad("{\"v\":2,\"free\":1,\"mean\":0,\"headroom\":0}", -EPROTO),
	   "a later format is EPROTO");
	ok(pool_bad("{\"v\":1,\"mean\":0,\"headroom\":0}", -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":-1,\"mean\":0,\"headroom\":0}", -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":\"1\",\"mean\":0,\"headroom\":0}",
		    -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":1.5,\"mean\":0,\"headroom\":0}", -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":18446744073709551615,\"mean\":0,\"headroom\":0}",
		    -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":99999999999999999999,\"mean\":0,\"headroom\":0}",
		    -EINVAL), "a member that is missing, negative, of a wrong type or too large is refused");
	ok(pool_bad("", -EINVAL) && pool_bad("{", -EINVAL) &&
	   pool_bad("[]", -EINVAL) && pool_bad("1", -EINVAL) &&
	   pool_bad("{\"v\":1,\"free\":1,\"mean\":0,\"headroom\":0}x", -EINVAL) &&
	   pool_bad("{\"free\":1}", -EINVAL), "a text that is no JSON object, or has more after it, is refused");
}

/* Parse a value that is cut at any byte, or has any one bit flipped. */
static void test_damage(void)
{
	struct group_rec g = group_root();
	char *s = group_format(&g), *copy = strdup(s);
	size_t len = strlen(s);
	bool cut = true;

	for (size_t i = 0; i < len; i++)
		cut &= group_parse(s, i, &g, NULL) < 0;
	ok(cut, "a value cut at any byte is refused");
	for (size_t i = 0; copy && i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			memcpy(copy, s, len);
			copy[i] ^= 1 << bit;
			group_parse(copy, len, &g, NULL);
		}
	}
	ok(copy, "a value with any bit flipped is read or refused");
	free(copy);
	free(s);
}

enum verb { CREATE, SET, DELETE };

/* error of the latest run() or fence(), if it was refused */
static struct cgspan_err why;

static int run(struct shelf *s, enum verb verb, const char *path,
	       const struct desired_change *c)
{
	struct txn t;
	int ret;

	txn_init(&t);
	why.msg[0] = 0;
	ret = verb == CREATE ? desired_create(&t, &s->kvs, path, c, &why) :
	      verb == SET ? desired_set(&t, &s->kvs, path, c, &why) :
			    desired_delete(&t, &s->kvs, path, &why);
	if (!ret && !shelf_commit(s, &t.view))
		ret = -EAGAIN;
	txn_fini(&t);
	return ret;
}

static struct desired_change limit(uint64_t tasks)
{
	return (struct desired_change){ .limit_set = { true },
					.limit = { tasks } };
}

static bool pool_has(const struct shelf *s, uint64_t id, uint64_t free,
		     uint64_t debt)
{
	char key[KEY_LEN];
	const char *val = shelf_get(s, key_pool(key, id, 0, 0));
	struct debt_rec d = { 0 };
	struct pool_rec p;
	bool same;

	if (!val || pool_parse(val, strlen(val), &p, NULL))
		return false;
	val = shelf_get(s, key_debt(key, id, 0));
	if (val && debt_parse(val, strlen(val), &d, NULL))
		return false;
	same = p.free == free && d.debt == debt;
	debt_fini(&d);
	return same;
}

static void join(struct shelf *s, const char *node)
{
	struct epoch_rec e = { EPOCH_LIVE, "m", "b", "u", "", 0 };
	char key[KEY_LEN];

	shelf_put(s, key_epoch(key, node), epoch_format(&e));
}

static void test_desired(void)
{
	struct desired_change c = limit(60), none = { 0 };
	struct usage_item item = { 2, 0, 3, 5, 3, 0, 2 };
	struct usage_rec use = { 1, 1, &item };
	struct shelf s = { 0 };
	char key[KEY_LEN];

	ok(run(&s, CREATE, "/web/batch", &c) == -ENOENT && why.msg[0],
	   "a parent must exist");
	ok(!run(&s, CREATE, "/web", &c) && pool_has(&s, 2, 60, 0),
	   "a new group's limit is free in its pool");
	ok(run(&s, CREATE, "/web", &c) == -EEXIST, "a second create of a group is EEXIST");
	ok(run(&s, CREATE, "web", &c) == -EINVAL, "an invalid path is refused");
	c.on_expiry_set = true;
	c.on_expiry = CGSPAN_ON_EXPIRY_HOLD;
	ok(!run(&s, CREATE, "/web/batch", &c) && pool_has(&s, 3, 60, 0),
	   "the next group has the next id");
	c = none;
	c.on_expiry_set = true;
	ok(run(&s, CREATE, "/web/batch/x", &c) == -EINVAL,
	   "a policy weaker than the parent's is refused");
	c = none;
	c.guarantee_set[0] = true;
	c.guarantee[0] = 61;
	ok(run(&s, SET, "/web", &c) == -EINVAL,
	   "a guarantee above the limit is refused");

	c = limit(80);
	ok(!run(&s, SET, "/web", &c) && pool_has(&s, 2, 80, 0),
	   "a raised limit grows the pool");
	c = limit(0);
	ok(!run(&s, SET, "/web", &c) && pool_has(&s, 2, 0, 0),
	   "a lowered limit shrinks the pool");
	ok(!run(&s, SET, "/web", &c), "the same limit again succeeds");
	c = limit(CGSPAN_MAX);
	ok(!run(&s, SET, "/web", &c) && !shelf_get(&s, "pool/2/tasks/0"),
	   "max has no pool");
	join(&s, "a");
	c = limit(10);
	ok(!run(&s, SET, "/web", &c) && pool_has(&s, 2, 10, 0) &&
	   strstr(shelf_get(&s, "debt/2/tasks"), "\"a\""),
	   "a number after max awaits every node in session");

	ok(run(&s, DELETE, "/web", NULL) == -EBUSY && strstr(why.msg,
							     "/web/batch"),
	   "delete of a group with children is refused and names one");
	item.group = 3;
	shelf_put(&s, key_usage(key, "a"), strdup("3"));
	ok(run(&s, DELETE, "/web/batch", NULL) == -EBADMSG && strstr(why.msg, key),
	   "delete is refused while a node's usage cannot be read");
	shelf_put(&s, key_usage(key, "a"), usage_format(&use));
	ok(run(&s, DELETE, "/web/batch", NULL) == -EBUSY &&
	   strstr(why.msg, "node a"), "delete of a group in use is refused and names the node");
	item.used = 0;
	shelf_put(&s, key_usage(key, "a"), usage_format(&use));
	ok(!run(&s, DELETE, "/web/batch", NULL) &&
	   strstr(shelf_get(&s, "group/web/batch"), "deleting"),
	   "delete of an unused group sets state deleting");
	ok(run(&s, SET, "/web/batch", &c) == -EBUSY,
	   "set of a group in state deleting is refused");
	ok(run(&s, DELETE, "/", NULL) == -EBUSY, "delete of / is refused");
	shelf_put(&s, "group/bad", strdup("{}"));
	ok(run(&s, SET, "/bad", &c) == -EBADMSG && strstr(why.msg, "group/bad"),
	   "a broken value is EBADMSG and its key is named");
	kvs_fini(&s.kvs);
}

static int fence(struct shelf *s, int64_t hb_rev)
{
	struct txn t;
	int ret;

	txn_init(&t);
	ret = nodes_fence(&t, &s->kvs, "a", "admin", hb_rev, &why);
	if (ret > 0 && !shelf_commit(s, &t.view))
		ret = -EAGAIN;
	txn_fini(&t);
	return ret;
}

static void test_fence(void)
{
	static const char await[] =
		"{\"v\":1,\"identity\":\"18\",\"generation\":1,\"next_id\":2,\"await\":[\"a\"]}";
	struct lease_rec lease = { .seq = 1, .res = { { 25, 1, 0, 0 } } };
	struct pool_rec pool = { .free = 5 };
	struct hb_rec hb = { .seq = 1, .ttl_ms = 15000 };
	struct desired_change c = limit(30);
	struct shelf s = { 0 };
	char key[KEY_LEN];

	shelf_put(&s, KEY_CLUSTER_NAME, strdup(await));
	ok(fence(&s, NODES_FINISH) == -ENOENT &&
	   !strcmp(shelf_get(&s, KEY_CLUSTER_NAME), await),
	   "NODES_FINISH does not change the list of awaited nodes");
	run(&s, CREATE, "/web", &c);
	ok(fence(&s, 0) == 1 && !strstr(shelf_get(&s, KEY_CLUSTER_NAME), "await"),
	   "an awaited node that is fenced is not awaited any more");
	shelf_set(&s, key_epoch(key, "a"), NULL);
	ok(fence(&s, 0) == -ENOENT, "an unknown node cannot be fenced");
	join(&s, "a");
	shelf_put(&s, key_hb(key, "a"), hb_format(&hb));
	shelf_put(&s, key_lease(key, "a", 2), lease_format(&lease));
	shelf_put(&s, key_pool(key, 2, 0, 0), pool_format(&pool));
	ok(fence(&s, 1) == -ESTALE, "a node with a newer heartbeat is not fenced");
	ok(fence(&s, 0) == 1 && strstr(shelf_get(&s, "epoch/a"), "fenced") &&
	   pool_has(&s, 2, 5, 0), "the first step fences the epoch");
	shelf_put(&s, "group/bad", strdup("{}"));
	ok(fence(&s, 0) == 1 && pool_has(&s, 2, 30, 0) &&
	   !shelf_get(&s, "lease/a/2"),
	   "the next step returns its leases, beside a damaged group");
	shelf_put(&s, key_lease(key, "a", 3), lease_format(&lease));
	ok(fence(&s, 0) == -EBADMSG && strstr(why.msg, "group/bad"),
	   "a lease of no known group stays while a group is damaged");
	shelf_set(&s, "group/bad", NULL);
	ok(fence(&s, 0) == 1 && !shelf_get(&s, key),
	   "without the damaged group it is deleted");
	ok(fence(&s, 0) == 0, "a fenced node without leases needs no further step");
	kvs_fini(&s.kvs);
}

int main(void)
{
	test_keys();
	test_bytes();
	test_lists();
	test_strict();
	test_damage();
	test_desired();
	test_fence();
	return tap_end(&tap);
}
