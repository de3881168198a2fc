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

static int tests, failed;

static void ok(bool good, const char *what)
{
	tests++;
	failed += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", tests, what);
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

static bool same_group(const struct group_rec *a, const struct group_rec *b)
{
	return a->id == b->id && a->state == b->state &&
	       a->on_expiry == b->on_expiry &&
	       !memcmp(a->limit, b->limit, sizeof(a->limit)) &&
	       !memcmp(a->guarantee, b->guarantee, sizeof(a->guarantee)) &&
	       !memcmp(a->gen, b->gen, sizeof(a->gen));
}

static void test_round_trips(void)
{
	struct group_rec g = { .id = 9, .state = GROUP_DELETING,
			       .on_expiry = CGSPAN_ON_EXPIRY_HOLD,
			       .limit = { CGSPAN_MAX }, .guarantee = { 3 },
			       .gen = { 4 } }, g2;
	struct lease_rec l = { .seq = 8, .res = { { 1, 2, 3, 4 } } }, l2;
	struct pool_rec p = { CGSPAN_MAX - 1, 1, 2 }, p2;
	struct node_rec n = { .state = NODE_LEAVING, .machine = "m",
			      .boot = "b", .uuid = "u", .n_labels = 1,
			      .labels = { "rack=\"r/1\"" } }, n2 = { 0 };
	struct epoch_rec e = { EPOCH_FENCED, "m", "b", "u", "admin", 7 },
			 e2 = { 0 };
	char names[][CGSPAN_NAME_LEN + 1] = { "a", "b" };
	struct cluster_rec c = { "17", 5, 6, true, { 2, names } }, c2;
	char *s;

	s = group_format(&g);
	ok(!group_parse(s, strlen(s), &g2, NULL) && same_group(&g, &g2),
	   "a group with max is parsed as formatted");
	free(s);
	s = lease_format(&l);
	ok(!lease_parse(s, strlen(s), &l2, NULL) && !memcmp(&l, &l2, sizeof(l)),
	   "a lease is parsed as formatted");
	free(s);
	s = pool_format(&p);
	ok(!pool_parse(s, strlen(s), &p2, NULL) && !memcmp(&p, &p2, sizeof(p)),
	   "a pool with the largest amount is parsed as formatted");
	free(s);
	s = node_format(&n);
	ok(!node_parse(s, strlen(s), &n2, NULL) && n2.state == NODE_LEAVING &&
	   !strcmp(n2.labels[0], n.labels[0]), "a node is parsed as formatted");
	free(s);
	s = epoch_format(&e);
	ok(!epoch_parse(s, strlen(s), &e2, NULL) && e2.state == e.state &&
	   e2.base == e.base && !strcmp(e2.machine, e.machine) &&
	   !strcmp(e2.boot, e.boot) && !strcmp(e2.uuid, e.uuid) &&
	   !strcmp(e2.by, e.by), "an epoch is parsed as formatted");
	free(s);
	s = cluster_format(&c);
	ok(!cluster_parse(s, strlen(s), &c2, NULL) && c2.next_id == 6 &&
	   c2.generation == 5 && !strcmp(c2.identity, "17") && c2.lost &&
	   names_have(&c2.await, "b") && c2.await.n == 2,
	   "the cluster is parsed as formatted");
	free(s);
	cluster_fini(&c2);
	s = "{\"v\":1,\"identity\":\"17\",\"generation\":1,\"next_id\":2}";
	ok(!cluster_parse(s, strlen(s), &c2, NULL) && !c2.lost && !c2.await.n,
	   "a cluster without await awaits no node");
	s = "{\"v\":1,\"identity\":\"17\",\"generation\":1,\"next_id\":2,\"await\":[1]}";
	ok(cluster_parse(s, strlen(s), &c2, NULL) == -EINVAL,
	   "a cluster with an element of await that is no name is refused");
}

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

/* Values byte for byte as all versions have written them. */
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

/* Resources without limit, lease or need are not written. */
static void test_sparse(void)
{
	struct lease_rec l = { .seq = 8, .res[CGSPAN_RES_CPU] = { 1, 2, 3, 4 } };
	struct want_rec want = { .seq = 1, .need[CGSPAN_RES_USER4] = 3 };
	struct group_rec g = group_root(), g2;
	struct lease_rec l2;
	char *s;

	g.limit[CGSPAN_RES_MEMORY] = 1ULL << 40;
	g.gen[CGSPAN_RES_MEMORY] = 1;
	s = group_format(&g);
	ok(!group_parse(s, strlen(s), &g2, NULL) && same_group(&g, &g2) &&
	   !strstr(s, "tasks"), "a group's value omits resources without limit");
	free(s);
	s = lease_format(&l);
	ok(!lease_parse(s, strlen(s), &l2, NULL) && !memcmp(&l, &l2, sizeof(l)) &&
	   !strstr(s, "tasks"), "a lease's value omits resources without lease");
	free(s);
	want.have[CGSPAN_RES_USER4] = 1;
	s = want_format(&want);
	memset(&want, 0, sizeof(want));
	ok(!want_parse(s, strlen(s), &want, NULL) && !strstr(s, "user3") &&
	   want.need[CGSPAN_RES_USER4] == 3 && !want.need[0] &&
	   want.have[CGSPAN_RES_USER4] == 1 && want.have[0] == CGSPAN_MAX,
	   "a want's value omits resources without need");
	free(s);
}

static void test_lists(void)
{
	struct usage_item items[] = {
		{ 2, CGSPAN_RES_TASKS, 10, CGSPAN_MAX, 9, 1, 4 },
		{ 3, CGSPAN_RES_CPU, 0, 5, 0, 0, CGSPAN_MAX },
	};
	struct usage_rec u = { 3, 2, items }, u2;
	char names[2][CGSPAN_NAME_LEN + 1] = { "a", "b" };
	struct debt_rec d = { 4, { 2, names } }, d2;
	static const char later[] =
		"{\"v\":1,\"seq\":1,\"use\":[[2,\"beer\",1,1,1,1],[2,\"tasks\",1,1,1,1,1,\"more\"]]}";
	static const char before[] =
		"{\"v\":1,\"seq\":1,\"use\":[[2,\"tasks\",1,1,1,1]]}";
	char *s = usage_format(&u);

	ok(!usage_parse(s, strlen(s), &u2, NULL) && u2.n == 2 &&
	   u2.items[0].lease == CGSPAN_MAX && u2.items[0].used == 10 &&
	   u2.items[0].live == 9 && u2.items[0].refusals == 1 &&
	   u2.items[0].headroom == 4 && u2.items[1].group == 3 &&
	   u2.items[1].res == CGSPAN_RES_CPU && u2.items[1].lease == 5 &&
	   u2.items[1].headroom == CGSPAN_MAX, "usage is parsed as formatted");
	free(s);
	usage_fini(&u2);
	ok(!usage_parse(later, strlen(later), &u2, NULL) && u2.n == 1,
	   "usage of an unknown resource is skipped");
	usage_fini(&u2);
	ok(!usage_parse(before, strlen(before), &u2, NULL) && u2.n == 1 &&
	   !u2.items[0].headroom, "usage without headroom has headroom 0");
	usage_fini(&u2);
	s = debt_format(&d);
	ok(!debt_parse(s, strlen(s), &d2, NULL) && d2.debt == 4 &&
	   names_have(&d2.await, "b") && !names_have(&d2.await, "c"),
	   "a debt is parsed as formatted");
	free(s);
	debt_fini(&d2);
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

/* Parse values that are cut at every byte, or have one flipped bit. */
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

/* A store in memory, to run transactions against. */

struct shelf {
	struct kvs kvs;
	int64_t rev;
};

static void shelf_set(struct shelf *s, const char *key, const char *val)
{
	kvs_set(&s->kvs, key, val, val ? strlen(val) : 0, val ? s->rev : 0);
}

static void shelf_put(struct shelf *s, const char *key, char *val)
{
	s->rev++;
	shelf_set(s, key, val);
	free(val);
}

static const char *shelf_get(const struct shelf *s, const char *key)
{
	const struct store_kv *kv = kvs_find(&s->kvs, key);

	return kv ? kv->val : NULL;
}

static bool shelf_commit(struct shelf *s, const struct txn *t)
{
	for (size_t i = 0; i < t->view.n_cmps; i++) {
		const struct store_kv *kv = kvs_find(&s->kvs, t->cmps[i].key);

		if ((kv ? kv->mod_rev : 0) != t->cmps[i].mod_rev)
			return false;
	}
	s->rev++;
	for (size_t i = 0; i < t->view.n_ops; i++)
		shelf_set(s, t->ops[i].key, t->ops[i].val);
	return true;
}

static void shelf_fini(struct shelf *s)
{
	kvs_fini(&s->kvs);
}

enum verb { CREATE, SET, DELETE };

/* text of the last refusal */
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
	if (!ret && !shelf_commit(s, &t))
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
	shelf_fini(&s);
}

static int fence_as(struct shelf *s, const char *by, int64_t hb_rev)
{
	struct txn t;
	int ret;

	txn_init(&t);
	ret = nodes_fence(&t, &s->kvs, "a", by, hb_rev, &why);
	if (ret > 0 && !shelf_commit(s, &t))
		ret = -EAGAIN;
	txn_fini(&t);
	return ret;
}

static int fence(struct shelf *s, int64_t hb_rev)
{
	return fence_as(s, "admin", hb_rev);
}

static bool recover(struct shelf *s, const struct names *nodes)
{
	struct txn t;
	bool done;

	txn_init(&t);
	done = !nodes_recover(&t, &s->kvs, "18", nodes, &why) &&
	       shelf_commit(s, &t);
	txn_fini(&t);
	return done;
}

static bool waits_for(struct shelf *s, size_t n, const char *node)
{
	const char *val = shelf_get(s, KEY_CLUSTER_NAME);
	struct cluster_rec rec;
	bool good;

	if (cluster_parse(val, strlen(val), &rec, &why))
		return false;
	good = rec.await.n == n && names_have(&rec.await, node) && !rec.lost &&
	       !strcmp(rec.identity, "18");
	cluster_fini(&rec);
	return good;
}

static void test_recover(void)
{
	char ab[][CGSPAN_NAME_LEN + 1] = { "a", "b" };
	char b[][CGSPAN_NAME_LEN + 1] = { "b" };
	struct names nodes = { 2, ab }, one = { 1, b };
	struct cluster_rec lost = cluster_fresh();
	struct epoch_rec e;
	struct shelf s = { 0 };
	const char *val;

	lost.lost = true;
	strcpy(lost.identity, "17");
	shelf_put(&s, KEY_CLUSTER_NAME, cluster_format(&lost));
	ok(recover(&s, &nodes) && waits_for(&s, 2, "a"),
	   "a recovery awaits all listed nodes and takes the store's identity");
	ok(fence(&s, NODES_FINISH) == -ENOENT && waits_for(&s, 2, "a"),
	   "NODES_FINISH does not change the list of awaited nodes");
	ok(fence(&s, 0) == 1 && waits_for(&s, 1, "b"),
	   "an awaited node that is fenced is not awaited any more");
	val = shelf_get(&s, "epoch/a");
	ok(val && !epoch_parse(val, strlen(val), &e, &why) &&
	   e.state == EPOCH_FENCED && e.base >= EPOCH_JUMP,
	   "its epoch is fenced above the epoch of its kernel");
	ok(fence(&s, 0) == 0, "a fenced node without leases needs no further step");
	join(&s, "a");
	ok(recover(&s, &one) && waits_for(&s, 1, "b"),
	   "a repeated recovery takes the new list of nodes");
	ok(fence_as(&s, NODES_RECOVER, 0) == 1,
	   "a node that is not listed is fenced");
	val = shelf_get(&s, "epoch/a");
	ok(!epoch_parse(val, strlen(val), &e, &why) &&
	   e.state == EPOCH_FENCED && e.base >= EPOCH_JUMP,
	   "its epoch is above the one of its kernel");
	shelf_fini(&s);
}

static void test_fence(void)
{
	struct lease_rec lease = { .seq = 1, .res = { { 25, 1, 0, 0 } } };
	struct pool_rec pool = { .free = 5 };
	struct hb_rec hb = { .seq = 1, .ttl_ms = 15000 };
	struct desired_change c = limit(30);
	struct shelf s = { 0 };
	char key[KEY_LEN];

	run(&s, CREATE, "/web", &c);
	ok(fence(&s, 0) == -ENOENT, "an unknown node cannot be fenced");
	join(&s, "a");
	shelf_put(&s, key_hb(key, "a"), hb_format(&hb));
	shelf_put(&s, key_lease(key, "a", 2), lease_format(&lease));
	shelf_put(&s, key_pool(key, 2, 0, 0), pool_format(&pool));
	ok(fence(&s, 1) == -ESTALE, "a node with a newer heartbeat is not fenced");
	ok(fence(&s, 0) == 1 && strstr(shelf_get(&s, "epoch/a"), "fenced") &&
	   pool_has(&s, 2, 5, 0), "the first step fences the epoch");
	ok(fence(&s, 0) == 1 && pool_has(&s, 2, 30, 0) &&
	   !shelf_get(&s, "lease/a/2"), "the next step returns its leases");
	ok(fence(&s, 0) == 0, "a fenced node without leases needs no further step");
	shelf_fini(&s);
}

static bool pool_of(const struct shelf *s, uint32_t res, uint64_t free)
{
	char key[KEY_LEN];
	const char *val = shelf_get(s, key_pool(key, 2, res, 0));
	struct pool_rec p;

	return val && !pool_parse(val, strlen(val), &p, NULL) && p.free == free;
}

/* Create, fence and delete with a limit of each resource. */
static void test_all_resources(void)
{
	struct lease_rec lease = { .seq = 1 };
	struct pool_rec pool = { 0 };
	struct desired_change c = { 0 };
	struct shelf s = { 0 };
	char key[KEY_LEN];
	bool all = true;

	for (uint32_t r = 0; r < RES_N; r++) {
		c.limit_set[r] = true;
		c.limit[r] = 100 + r;
		lease.res[r] = (struct lease_res){ 30, 1, 0, 0 };
	}
	run(&s, CREATE, "/web", &c);
	for (uint32_t r = 0; r < RES_N; r++) {
		all &= pool_of(&s, r, 100 + r);
		pool.free = 70 + r;
		shelf_put(&s, key_pool(key, 2, r, 0), pool_format(&pool));
	}
	ok(all, "a new group has a pool for each limit");
	join(&s, "a");
	shelf_put(&s, key_lease(key, "a", 2), lease_format(&lease));
	all = fence(&s, 0) == 1 && fence(&s, 0) == 1;
	for (uint32_t r = 0; r < RES_N; r++)
		all &= pool_of(&s, r, 100 + r);
	ok(all, "a fenced node's lease of each resource is returned");
	c = (struct desired_change){ .limit_set[CGSPAN_RES_CPU] = true,
				     .limit[CGSPAN_RES_CPU] = CGSPAN_MAX };
	ok(!run(&s, SET, "/web", &c) && !shelf_get(&s, "pool/2/cpu/0") &&
	   pool_of(&s, CGSPAN_RES_MEMORY, 100 + CGSPAN_RES_MEMORY),
	   "removing one limit keeps the others");
	all = !run(&s, DELETE, "/web", NULL);
	for (uint32_t r = 0; r < RES_N; r++)
		all &= !shelf_get(&s, key_pool(key, 2, r, 0));
	ok(all && !shelf_get(&s, "group/web"), "deleting the group removes all pools");
	shelf_fini(&s);
}

static void put_shard(struct shelf *s, uint32_t shard, uint64_t free)
{
	struct pool_rec pool = { .free = free, .mean = -3, .headroom = 4 };
	char key[KEY_LEN];

	shelf_put(s, key_pool(key, 2, 0, shard), pool_format(&pool));
}

static uint64_t shard_free(const struct shelf *s, uint32_t shard)
{
	char key[KEY_LEN];
	const char *val = shelf_get(s, key_pool(key, 2, 0, shard));
	struct pool_rec pool;

	if (!val || pool_parse(val, strlen(val), &pool, NULL))
		return UINT64_MAX;
	return pool.free;
}

/* A changed limit of a pool in several shards. */
static void test_shards(void)
{
	struct desired_change c = limit(60);
	struct shelf s = { 0 };

	run(&s, CREATE, "/web", &c);
	put_shard(&s, 0, 10);
	put_shard(&s, 1, 20);
	put_shard(&s, 2, 30);
	c = limit(70);
	ok(!run(&s, SET, "/web", &c) && shard_free(&s, 0) == 20 &&
	   shard_free(&s, 1) == 20 && shard_free(&s, 2) == 30,
	   "a raised limit adds to one shard");
	c = limit(40);
	ok(!run(&s, SET, "/web", &c) && pool_has(&s, 2, 0, 0) &&
	   shard_free(&s, 1) == 10 && shard_free(&s, 2) == 30,
	   "a lowered limit takes from several shards");
	put_shard(&s, 2, 5);
	c = limit(5);
	ok(!run(&s, SET, "/web", &c) && pool_has(&s, 2, 0, 20) &&
	   !shard_free(&s, 1) && !shard_free(&s, 2),
	   "what no shard has is debt");
	c = limit(CGSPAN_MAX);
	ok(!run(&s, SET, "/web", &c) && shard_free(&s, 0) == UINT64_MAX &&
	   shard_free(&s, 1) == UINT64_MAX && shard_free(&s, 2) == UINT64_MAX,
	   "removing the limit removes all shards");
	shelf_fini(&s);
}

int main(void)
{
	test_keys();
	test_round_trips();
	test_bytes();
	test_sparse();
	test_lists();
	test_strict();
	test_damage();
	test_desired();
	test_fence();
	test_all_resources();
	test_shards();
	test_recover();
	printf("1..%d\n", tests);
	return failed != 0;
}
