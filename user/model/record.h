/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of the store as plain structs; codec.h reads and writes them,
 * key.h has their keys.
 *
 * For each group and resource with a limit L, at every revision:
 *
 *	sum of lease amounts + sum of pool free = L + debt
 *
 * over the leases whose generation is the group's. The generation grows each
 * time that a resource gets a limit that it did not have before ("max" has no
 * counter), so that leases from before count for nothing. A limit of "max" is
 * CGSPAN_MAX here.
 *
 * Records own memory only if codec.h has a _fini() function for them.
 */
#ifndef CGSPAN_RECORD_H
#define CGSPAN_RECORD_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

/* The format of values that this version writes, the highest that it reads. */
#define CODEC_VERSION	1

/* Resources: all of enum cgspan_resource. */
#define RES_N		(CGSPAN_RES_MAX + 1)

/* The id of "/"; later groups have higher ids, which are never reused. */
#define GROUP_ROOT_ID	1

#define LABELS_MAX	16
#define LABEL_LEN	127
/* Machine id, boot id or uuid as text, with its final 0. */
#define ID_LEN		40

enum group_state {
	GROUP_ACTIVE,
	GROUP_DELETING,	/* no new members; removed when all nodes have removed it */
};

/* group/<path>: desired state, written by commands. */
struct group_rec {
	uint64_t id;			/* never reused */
	enum group_state state;
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	uint64_t limit[RES_N];		/* CGSPAN_MAX: none, and no counter */
	uint64_t guarantee[RES_N];	/* 0: none */
	uint64_t gen[RES_N];		/* generation of the counter */
};

enum node_state {
	NODE_ACTIVE,
	NODE_LEAVING,	/* its daemon returns all leases, then removes its keys */
};

/* node/<node>: a node's identity. */
struct node_rec {
	enum node_state state;
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];	/* made by the module for its namespace */
	size_t n_labels;
	char labels[LABELS_MAX][LABEL_LEN + 1];	/* "rack=r1" */
};

/* ack/<node>: changes of group/ up to @rev are in force on the node. */
struct ack_rec {
	int64_t rev;
};

/* What a node's leases are worth. */
enum epoch_state {
	EPOCH_LIVE,		/* the node is in session */
	EPOCH_FENCED,		/* they are void */
	/* The store was restored from a backup: what the node's kernel holds counts,
	 * and is about to be written to the store.
	 */
	EPOCH_CLAIMING,
};

/* A store has fewer revisions than this between two recoveries. */
#define EPOCH_JUMP	(1ULL << 40)

/* epoch/<node>: a node's session. */
struct epoch_rec {
	enum epoch_state state;
	char machine[ID_LEN];		/* machine of the kernel with the session */
	char boot[ID_LEN];
	char uuid[ID_LEN];		/* the module's for the network namespace */
	/* If fenced: the node that fenced it, or "admin"; else empty. */
	char by[CGSPAN_NAME_LEN + 1];
	/* Added to the key's mod_rev; 0 unless the store was restored: a kernel
	 * accepts higher epochs only.
	 */
	uint64_t base;
};

/* The epoch that the kernel is told, from the record and its key's mod_rev. */
static inline uint64_t epoch_number(const struct epoch_rec *rec, int64_t mod_rev)
{
	return rec->base + (uint64_t)mod_rev;
}

/* hb/<node>: heartbeat. */
struct hb_rec {
	uint64_t seq;			/* grows with each heartbeat */
	uint32_t ttl_ms;		/* ttl of the node's session, ms */
	uint64_t sent_ms;		/* sending time by its clock; 0: unknown */
};

/* One resource of a lease. Pools hold the sums of @mean and @headroom. */
struct lease_res {
	uint64_t amount;		/* amount that the node may use */
	uint64_t gen;			/* generation of the counter; 0: no lease */
	uint64_t mean;			/* mean demand */
	uint64_t headroom;		/* amount wanted above the mean */
};

/* lease/<node>/<id> */
struct lease_rec {
	uint64_t seq;			/* grows with each write */
	struct lease_res res[RES_N];
};

/* pool/<id>/<resource>/<shard> */
struct pool_rec {
	uint64_t free;			/* what no node holds */
	/* How transactions on this shard have changed the leases' sums: the sum over
	 * all shards is the sum of the means, and of the headrooms.
	 */
	int64_t mean;
	int64_t headroom;
};

/* Shards of one resource of a group. */
#define SHARDS_MAX	32

/* In how many shards the pool of a resource may be. All nodes take tasks at a time,
 * in small amounts. Other resources are asked for by the piece: one piece in two
 * shards could not be granted.
 */
static inline uint32_t shards_max(uint32_t res)
{
	return res == CGSPAN_RES_TASKS ? SHARDS_MAX : 1;
}

/* debt/<id>/<resource>: while the key exists nothing is granted. */
struct debt_rec {
	uint64_t debt;			/* what leases hold above the limit */
	/* Nodes that have not answered yet: to claim what they use after a limit took
	 * the place of "max", or to remove a group in state deleting.
	 */
	struct names await;
};

/* want/<id>/<node>: a node's call for returns of others. */
struct want_rec {
	uint64_t seq;			/* grows */
	uint64_t need[RES_N];
	/* What the node holds where all nodes together need more than the limit: a
	 * node that holds much more returns some; CGSPAN_MAX: the limit suffices.
	 */
	uint64_t have[RES_N];
};

/* One group and resource on one node. */
struct usage_item {
	uint64_t group;			/* id */
	uint32_t res;			/* enum cgspan_resource */
	uint64_t used;			/* charged on the node, with subgroups */
	uint64_t lease;			/* CGSPAN_MAX: no limit */
	uint64_t live;			/* tasks not yet exited, likewise */
	uint64_t refusals;		/* number of refusals so far */
	/* For a new task there, the least of the group and its ancestors; 0: the
	 * group has no members there; CGSPAN_MAX: no limit.
	 */
	uint64_t headroom;
};

/* usage/<node> */
struct usage_rec {
	uint64_t seq;			/* grows, also if nothing has changed */
	size_t n;
	struct usage_item *items;	/* owned */
};

/* cluster: each join, leave, fence and create rewrites it, so that a compare of its
 * mod_rev pins the set of nodes.
 */
struct cluster_rec {
	char identity[64];		/* of the store at first; may be empty */
	uint64_t generation;		/* grows with each join, leave and fence */
	uint64_t next_id;		/* the next group's */
	/* The store is older than a kernel's session, or was replaced: no node is in
	 * session until an administrator has listed the nodes.
	 */
	bool lost;
	/* Listed nodes that have not yet claimed what their kernels hold; nothing is
	 * granted while there are any.
	 */
	struct names await;
};

#endif /* CGSPAN_RECORD_H */
