// SPDX-License-Identifier: GPL-2.0
/*
 * Changes while the store loses requests or answers, conflicts or refuses. The store
 * is in memory: @fates are for its next transactions; others are executed as usual.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgspan/change_store.h"
#include "model/codec.h"
#include "model/desired.h"
#include "cgspan/cmd.h"
#include "cgspan/store_sync.h"
#include "shelf.h"
#include "tap.h"

/* What becomes of a transaction. */
enum fate {
	FATE_APPLY,
	FATE_CONFLICT,
	FATE_LOSE_ANSWER,		/* applied, and the answer is lost */
	FATE_LOSE_REQUEST,		/* not applied, and there is no answer */
	FATE_REFUSE,
};

static struct {
	struct shelf shelf;
	enum fate fates[8];		/* fates of the first @n_fates transactions since fates() */
	size_t n_fates;
	size_t n_txns;
} store;

static void store_reset(void)
{
	kvs_fini(&store.shelf.kvs);
	memset(&store, 0, sizeof(store));
	store.shelf.rev = 1;
}

/* --- functions in place of store_sync.c -------------------------------- */

uint64_t sync_now(void)
{
	return 0;
}

int sync_get(struct sync *s, const char *key, bool prefix, struct keys *keys,
	     struct cgspan_err *err)
{
	size_t i, len = strlen(key);

	for (i = 0; i < store.shelf.kvs.n; i++) {
		const struct store_kv *kv = &store.shelf.kvs.kv[i];

		if (prefix ? !strncmp(kv->key, key, len) :
			     !strcmp(kv->key, key))
			kvs_set(&keys->kvs, kv->key, kv->val, kv->len,
				kv->mod_rev);
	}
	keys->rev = store.shelf.rev;
	return 0;
}

int sync_get_desired(struct sync *s, struct keys *keys, struct cgspan_err *err)
{
	kvs_fini(&keys->kvs);
	return sync_get(s, "", true, keys, err);
}

enum store_result sync_txn(struct sync *s, const struct store_txn *txn,
			   int64_t *rev, struct cgspan_err *err)
{
	enum fate fate = FATE_APPLY;

	if (store.n_txns < store.n_fates)
		fate = store.fates[store.n_txns];
	store.n_txns++;
	if (fate == FATE_CONFLICT)
		return STORE_CONFLICT;
	if (fate == FATE_REFUSE) {
		cgspan_err_set(err, -EACCES, "refused");
		return STORE_ERROR;
	}
	if (fate == FATE_LOSE_ANSWER)
		shelf_commit(&store.shelf, txn);
	if (fate != FATE_APPLY) {
		cgspan_err_set(err, -ETIMEDOUT, "no answer");
		return STORE_UNKNOWN;
	}
	if (!shelf_commit(&store.shelf, txn))
		return STORE_CONFLICT;
	*rev = store.shelf.rev;
	return STORE_APPLIED;
}

int sync_wait(struct sync *s, const char *const *prefixes, int64_t from,
	      uint64_t deadline, struct cgspan_err *err)
{
	return -ETIME;
}

/* --- the tests --------------------------------------------------------- */

static void fates(size_t n, enum fate a, enum fate b)
{
	store.n_txns = 0;
	store.n_fates = n;
	store.fates[0] = a;
	store.fates[1] = b;
}

/* Error and outcome of the last change(). */
static struct cgspan_err err;
static struct outcome out;

static int change(enum change_kind kind, const char *path, uint64_t limit)
{
	struct change ch = {
		.kind = kind,
		.path = path,
		.limits = { { CGSPAN_RES_TASKS, limit } },
		.n_limits = kind != CHANGE_DELETE,
		.on_expiry = CGSPAN_ON_EXPIRY_KEEP,
		.wait_ms = 1,
	};
	int ret;

	out = (struct outcome){};
	err = (struct cgspan_err){};
	ret = change_store(&ch, (struct sync *)&store, &out, &err);
	free(out.missing);
	out.missing = NULL;
	return ret;
}

static bool lost_answer_create(void)
{
	store_reset();
	fates(1, FATE_LOSE_ANSWER, FATE_APPLY);
	CHECK(!change(CHANGE_CREATE, "/web", 60));
	CHECK(store.n_txns == 1 && out.revision == store.shelf.rev);
	/* The group exists: the same command again fails. */
	CHECK(change(CHANGE_CREATE, "/web", 60) == -EEXIST);
	return true;
}

static bool lost_request_create(void)
{
	store_reset();
	fates(1, FATE_LOSE_REQUEST, FATE_APPLY);
	CHECK(!change(CHANGE_CREATE, "/web", 60));
	CHECK(store.n_txns == 2 && shelf_get(&store.shelf, "group/web"));
	return true;
}

/* Another command made the group, with another limit: the create must fail. */
static bool lost_request_and_rival(void)
{
	store_reset();
	CHECK(!change(CHANGE_CREATE, "/web", 5));
	fates(1, FATE_LOSE_REQUEST, FATE_APPLY);
	CHECK(change(CHANGE_CREATE, "/web", 60) == -EEXIST);
	return true;
}

static bool lost_answer_set(void)
{
	store_reset();
	CHECK(!change(CHANGE_CREATE, "/web", 5));
	fates(1, FATE_LOSE_ANSWER, FATE_APPLY);
	CHECK(!change(CHANGE_SET, "/web", 60));
	CHECK(store.n_txns == 1 && out.revision == store.shelf.rev);
	return true;
}

static bool lost_answer_delete(void)
{
	store_reset();
	CHECK(!change(CHANGE_CREATE, "/web", 5));
	fates(1, FATE_LOSE_ANSWER, FATE_APPLY);
	CHECK(!change(CHANGE_DELETE, "/web", 0));
	fates(0, FATE_APPLY, FATE_APPLY);
	CHECK(change(CHANGE_DELETE, "/web", 0) == -ENOENT);
	return true;
}

static bool conflicts_tried_again(void)
{
	store_reset();
	fates(2, FATE_CONFLICT, FATE_CONFLICT);
	CHECK(!change(CHANGE_CREATE, "/web", 60));
	CHECK(store.n_txns == 3);
	return true;
}

static bool refusal_told(void)
{
	store_reset();
	fates(1, FATE_REFUSE, FATE_APPLY);
	CHECK(change(CHANGE_CREATE, "/web", 60) == -EACCES);
	CHECK(!strcmp(err.msg, "refused") && store.n_txns == 1);
	return true;
}

static void node_put(const char *name, int64_t acked, enum epoch_state state)
{
	struct node_rec node = { .state = NODE_ACTIVE };
	struct epoch_rec epoch = { .state = state };
	struct ack_rec ack = { .rev = acked };
	char key[KEY_LEN];

	strcpy(node.machine, "0123456789abcdef0123456789abcdef");
	strcpy(node.boot, node.machine);
	strcpy(node.uuid, node.machine);
	strcpy(epoch.machine, node.machine);
	strcpy(epoch.boot, node.machine);
	strcpy(epoch.uuid, node.machine);
	if (state == EPOCH_FENCED)
		strcpy(epoch.by, "admin");
	shelf_put(&store.shelf, key_node(key, name), node_format(&node));
	shelf_put(&store.shelf, key_epoch(key, name), epoch_format(&epoch));
	shelf_put(&store.shelf, key_ack(key, name), ack_format(&ack));
}

static bool missing_named(void)
{
	store_reset();
	node_put("n1", 100, EPOCH_LIVE);
	node_put("n2", 0, EPOCH_LIVE);
	node_put("n3", 0, EPOCH_FENCED);
	CHECK(change(CHANGE_CREATE, "/web", 60) == -ETIME);
	CHECK(out.nodes == 2 && out.in_force == 1);
	CHECK(!strcmp(err.msg,
		      "/web: in force on 1 of 2 nodes, not yet: n2"));
	return true;
}

static bool fenced_not_waited_for(void)
{
	store_reset();
	node_put("n1", 100, EPOCH_LIVE);
	node_put("n3", 0, EPOCH_FENCED);
	CHECK(!change(CHANGE_CREATE, "/web", 60));
	CHECK(out.nodes == 1 && out.in_force == 1);
	return true;
}

static const struct tap_test tests[] = {
	{ lost_answer_create, "a create whose answer is lost is applied once" },
	{ lost_request_create, "a create whose request is lost is sent again" },
	{ lost_request_and_rival, "a lost create does not adopt the group of another command" },
	{ lost_answer_set, "a set whose answer is lost is applied once" },
	{ lost_answer_delete, "a delete whose answer is lost is applied once" },
	{ conflicts_tried_again, "a conflict is retried" },
	{ refusal_told, "a refusal is returned, and not retried" },
	{ missing_named, "the error lists nodes where the change is not in force" },
	{ fenced_not_waited_for, "a change does not wait for fenced nodes" },
};

int main(void)
{
	int ret = TAP_RUN(tests);

	store_reset();
	return ret;
}
