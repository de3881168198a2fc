// SPDX-License-Identifier: GPL-2.0
#include "admin.h"

#include <stdlib.h>

#include "libcgspan/err.h"
#include "model/desired.h"
#include "model/nodes.h"
#include "event.h"
#include "state.h"
#include "store.h"

static void await_leader(struct world *w)
{
	if (!store_has_leader(w))
		world_run(w, w->leader_at - w->now);
}

enum verb { CREATE, SET, POLICY, DELETE, FENCE, LEAVE, CAST_OFF };

static int admin(struct world *w, enum verb verb, const char *what,
		 uint64_t limit)
{
	struct desired_change c = { 0 };
	struct cgspan_err err;
	struct txn t;
	int ret = 0;

	await_leader(w);
	c.limit_set[w->res] = true;
	c.limit[w->res] = limit;
	txn_init(&t);
	switch (verb) {
	case POLICY:
		c = (struct desired_change){ .on_expiry_set = true,
					     .on_expiry = limit };
		ret = desired_set(&t, &w->store, what, &c, &err);
		break;
	case CAST_OFF:
		ret = nodes_fence(&t, &w->store, what, NODES_RECOVER, 0, &err);
		break;
	case CREATE:
		ret = desired_create(&t, &w->store, what, &c, &err);
		break;
	case SET:
		ret = desired_set(&t, &w->store, what, &c, &err);
		break;
	case DELETE:
		ret = desired_delete(&t, &w->store, what, &err);
		break;
	case FENCE:
		ret = nodes_fence(&t, &w->store, what, "admin", 0, &err);
		break;
	case LEAVE:
		ret = nodes_leave(&t, &w->store, what, &err);
		break;
	}
	if (ret >= 0 && store_commit(w, &t.view) != STORE_APPLIED)
		state_breach(w, "an admin's transaction on what was just read conflicts");
	txn_fini(&t);
	return ret;
}

int world_create(struct world *w, const char *path, uint64_t limit)
{
	return admin(w, CREATE, path, limit);
}

int world_set(struct world *w, const char *path, uint64_t limit)
{
	int ret = admin(w, SET, path, limit);

	w->stats.sets += !ret;
	return ret;
}

int world_delete(struct world *w, const char *path)
{
	return admin(w, DELETE, path, 0);
}

int world_fence(struct world *w, unsigned int node)
{
	int ret;

	w->nodes[node].disowned = true;
	while ((ret = admin(w, FENCE, w->nodes[node].name, 0)) > 0)
		;
	return ret;
}

int world_policy(struct world *w, const char *path, uint8_t on_expiry)
{
	return admin(w, POLICY, path, on_expiry);
}

int world_leave(struct world *w, unsigned int node)
{
	return admin(w, LEAVE, w->nodes[node].name, 0);
}

void world_recover(struct world *w, unsigned int but)
{
	struct names names = { 0 };
	struct txn t;

	for (unsigned int i = 0; i < w->conf.nodes; i++)
		if (i != but && !w->nodes[i].left &&
		    names_add(&names, w->nodes[i].name))
			need(NULL);
	await_leader(w);
	txn_init(&t);
	if (nodes_recover(&t, &w->store, w->identity, &names, NULL) ||
	    store_commit(w, &t.view) != STORE_APPLIED)
		state_breach(w, "a recovery could not begin");
	w->told = true;
	txn_fini(&t);
	names_fini(&names);
	if (but >= w->conf.nodes)
		return;
	w->nodes[but].disowned = true;
	while (admin(w, CAST_OFF, w->nodes[but].name, 0) > 0)
		;
}
