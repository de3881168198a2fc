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
 * time that a number replaces the limit "max" (which has no pool), so that
 * leases from before count for nothing. A limit of "max" is CGSPAN_MAX here.
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

/* The format version that this code writes, and the highest that it reads. */
#define CODEC_VERSION	1

/* Number of resources: all of enum cgspan_resource. */
#define RES_N		(CGSPAN_RES_MAX + 1)

/* The id of "/"; later groups have higher ids, which are never reused. */
#define GROUP_ROOT_ID	1

#define LABELS_MAX	16
#define LABEL_LEN	127
/* Room for a machine id, boot id or uuid as text, with its final 0. */
#define ID_LEN		40

enum group_state {
	GROUP_ACTIVE,
	/* No new member cgroups; removed from kernels, then from the store. */
	GROUP_DELETING,
};

/* group/<path>: desired state, written by commands. */
struct group_rec {
	uint64_t id;			/* id of the group, never reused */
	enum group_state state;
	uint8_t on_expiry;		/* enum cgspan_on_expiry */
	uint64_t limit[RES_N];		/* CGSPAN_MAX: no limit, and no pool */
	uint64_t guarantee[RES_N];	/* guaranteed amount; 0: none */
	uint64_t gen[RES_N];		/* generation of leases that count */
};

enum node_state {
	NODE_ACTIVE,
	NODE_LEAVING,	/* the daemon returns all leases, then removes its keys */
};

/* node/<node>: a node's identity. */
struct node_rec {
	enum node_state state;
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];	/* id that the module gave its network namespace */
	size_t n_labels;
	char labels[LABELS_MAX][LABEL_LEN + 1];	/* each as "rack=r1" */
};

/* ack/<node>: the node has in force what group/ says up to revision @rev. */
struct ack_rec {
	int64_t rev;
};

/* The state of a node's session, which decides what its leases are worth. */
enum epoch_state {
	EPOCH_LIVE,		/* the node is in session */
	EPOCH_FENCED,		/* the node's leases are void */
	/* The store was restored from a backup: the leases in the node's kernel
	 * count, and the node is about to write them to the store.
	 */
	EPOCH_CLAIMING,
};

/* Fencing in a recovery adds this to @base: no store has so many revisions. */
#define EPOCH_JUMP	(1ULL << 40)

/* epoch/<node>: a node's session. */
struct epoch_rec {
	enum epoch_state state;
	char machine[ID_LEN];		/* machine id of the kernel */
	char boot[ID_LEN];
	char uuid[ID_LEN];		/* id of the network namespace */
	/* Fenced: by which node, or "admin" or NODES_RECOVER; else empty. */
	char by[CGSPAN_NAME_LEN + 1];
	/* The epoch is @base plus the key's mod_rev. @base is above 0 only if
	 * the store has gone back: a kernel takes no epoch below its own.
	 */
	uint64_t base;
};

/* The epoch as the kernel has it, from the record and its key's mod_rev. */
static inline uint64_t epoch_number(const struct epoch_rec *rec, int64_t mod_rev)
{
	return rec->base + (uint64_t)mod_rev;
}

/* hb/<node>: the heartbeat of a node. */
struct hb_rec {
	uint64_t seq;			/* counts heartbeats of a daemon run */
	uint32_t ttl_ms;		/* ttl of the session, ms */
	uint64_t sent_ms;		/* sent at, by the node's clock; 0: unknown */
};

/* One resource of a lease. Pools hold the sums of @mean and @headroom. */
struct lease_res {
	uint64_t amount;		/* amount that the node may use */
	uint64_t gen;			/* generation of the lease; 0: none */
	uint64_t mean;			/* mean demand of the node */
	uint64_t headroom;		/* headroom wanted above @mean */
};

/* lease/<node>/<id>: what a node may use of a group */
struct lease_rec {
	uint64_t seq;			/* grows per write; anew with the key */
	struct lease_res res[RES_N];
};

/* pool/<id>/<resource>/<shard>: a part of the pool of a group's resource */
struct pool_rec {
	uint64_t free;			/* amount that no node holds */
	/* What transactions on this shard have added to sums over the leases,
	 * which may be negative: added up over all shards they are the sums of
	 * the leases' @mean and @headroom.
	 */
	int64_t mean;
	int64_t headroom;
};

/* Largest number of shards of the pool of a resource. */
#define SHARDS_MAX	32

/* How many shards the pool of a resource may have. Many nodes take tasks at
 * the same time, in small amounts. Other resources are asked for in pieces: a
 * piece that is free only in two shards together could not be granted.
 */
static inline uint32_t shards_max(uint32_t res)
{
	return res == CGSPAN_RES_TASKS ? SHARDS_MAX : 1;
}

/* debt/<id>/<resource>: while the key exists, the resource is not granted. */
struct debt_rec {
	uint64_t debt;			/* amount of the leases above the limit */
	/* Nodes that have yet to answer: to claim what they use, after a limit
	 * has replaced "max", or to remove a group in state deleting.
	 */
	struct names await;
};

/* want/<id>/<node>: asks other nodes to return amounts of a group. */
struct want_rec {
	uint64_t seq;			/* when put, ns of the node's clock */
	uint64_t need[RES_N];
	/* The node's lease, if all nodes together need more than the limit: a
	 * node with a much larger lease returns some. CGSPAN_MAX: the limit
	 * suffices.
	 */
	uint64_t have[RES_N];
};

/* Usage of one resource of a group on one node. */
struct usage_item {
	uint64_t group;			/* id of the group */
	uint32_t res;			/* enum cgspan_resource */
	uint64_t used;			/* use on the node, with subgroups */
	uint64_t lease;			/* the node's lease; CGSPAN_MAX: no limit */
	uint64_t live;			/* the group's tasks, with subgroups */
	uint64_t refusals;		/* admissions refused by the lease */
	/* What the node can still admit: the least of the group and its
	 * ancestors. 0 also without member cgroups; CGSPAN_MAX: no limit.
	 */
	uint64_t headroom;
};

/* usage/<node>: what a node uses */
struct usage_rec {
	uint64_t seq;			/* sequence number, grows per write */
	size_t n;
	struct usage_item *items;	/* items, owned */
};

/* cluster: each join, leave and fence (and others) rewrites the key: a compare
 * of its mod_rev proves that the set of nodes is the same.
 */
struct cluster_rec {
	char identity[64];		/* store_identity(), or "" if unknown */
	uint64_t generation;		/* grows by join, leave, fence, claim */
	uint64_t next_id;		/* id of the next new group */
	/* The store is older than a kernel's session, or was replaced: no node is in
	 * session until an administrator has listed the nodes.
	 */
	bool lost;
	/* Nodes that have yet to claim what their kernels hold; while there is
	 * one, nothing is granted.
	 */
	struct names await;
};

#endif /* CGSPAN_RECORD_H */
