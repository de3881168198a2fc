/* SPDX-License-Identifier: GPL-2.0 */
/* The cache of the store's keys, and the groups that they describe. */
#ifndef CGSPAN_LEDGER_VIEW_H
#define CGSPAN_LEDGER_VIEW_H

#include "model/kvs.h"
#include "group.h"
#include "state.h"

/* Kinds of news that ledger.c has yet to handle. */
enum {
	NEWS_EPOCH	= 1 << 0,	/* this node's epoch key has changed */
	NEWS_CLUSTER	= 1 << 1,	/* the key "cluster" has changed */
	NEWS_NODES	= 1 << 2,	/* the session of a node has changed */
	NEWS_HB		= 1 << 3,	/* a heartbeat has come */
	NEWS_DEMAND	= 1 << 4,	/* wants or debts have changed */
};

struct view {
	struct kvs cache;
	struct kvs deleted;		/* keys deleted while last TXN was pending */
	int64_t rev;			/* highest revision seen */
	int64_t groups_rev;		/* revision up to which group/ is known */
	struct lgroup **groups;		/* groups, sorted by path */
	size_t n_groups;
	uint32_t live;			/* nodes in session, as far as known */
	unsigned int news;		/* bits NEWS_* that are not yet handled */
};

#define for_each_group(l, g)						\
	for (size_t i_ = 0; i_ < (l)->view->n_groups &&			\
	     ((g) = (l)->view->groups[i_]); i_++)

/* Number of nodes in session, at least 1. */
static inline uint64_t view_live(const struct ledger *l)
{
	return l->view->live ? l->view->live : 1;
}

/* The group with this path, or with this id; NULL: none. */
struct lgroup *view_group(const struct ledger *l, const char *path);
struct lgroup *view_group_by_id(const struct ledger *l, uint64_t id);
/* Index of the first group that is not before @path. */
size_t view_lower(const struct ledger *l, const char *path);
/* The key epoch/ or hb/ of a node in the cache; NULL: none. */
const struct store_kv *view_epoch(const struct ledger *l, const char *node);
const struct store_kv *view_hb(const struct ledger *l, const char *node);
/* Is the node in session? */
bool view_is_live(const struct ledger *l, const char *node);

#endif /* CGSPAN_LEDGER_VIEW_H */
