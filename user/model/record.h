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

/**
 * enum group_state - whether a group is to exist
 * @GROUP_ACTIVE: it is
 * @GROUP_DELETING: no new members; removed when all nodes have removed it
 */
enum group_state {
	GROUP_ACTIVE,
	GROUP_DELETING,
};

/**
 * struct group_rec - group/<path>: desired state, written by commands
 * @id: never reused
 * @state: active or deleting
 * @on_expiry: enum cgspan_on_expiry
 * @limit: per resource; CGSPAN_MAX: none, and no counter
 * @guarantee: per resource; 0: none
 * @gen: per resource, generation of the counter
 */
struct group_rec {
	uint64_t id;
	enum group_state state;
	uint8_t on_expiry;
	uint64_t limit[RES_N];
	uint64_t guarantee[RES_N];
	uint64_t gen[RES_N];
};

/**
 * enum node_state - whether a node is to stay
 * @NODE_ACTIVE: it is
 * @NODE_LEAVING: its daemon returns all leases, then removes its keys
 */
enum node_state {
	NODE_ACTIVE,
	NODE_LEAVING,
};

/**
 * struct node_rec - node/<node>: a node's identity
 * @state: active or leaving
 * @machine: machine id
 * @boot: boot id
 * @uuid: made by the module for the network namespace
 * @n_labels: how many
 * @labels: "rack=r1"
 */
struct node_rec {
	enum node_state state;
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	size_t n_labels;
	char labels[LABELS_MAX][LABEL_LEN + 1];
};

/**
 * struct ack_rec - ack/<node>
 * @rev: changes of group/ up to this revision are in force on the node
 */
struct ack_rec {
	int64_t rev;
};

/**
 * enum epoch_state - what a node's leases are worth
 * @EPOCH_LIVE: the node is in session
 * @EPOCH_FENCED: its leases are void
 * @EPOCH_CLAIMING: the store was restored from a backup: what the node's kernel
 *	holds counts, and is about to be written to the store
 */
enum epoch_state {
	EPOCH_LIVE,
	EPOCH_FENCED,
	EPOCH_CLAIMING,
};

/* A store has fewer revisions than this between two recoveries. */
#define EPOCH_JUMP	(1ULL << 40)

/**
 * struct epoch_rec - epoch/<node>: a node's session; see epoch_number()
 * @state: what its leases are worth
 * @machine: machine id of the kernel that has the session
 * @boot: its boot id
 * @uuid: its module's uuid of the network namespace
 * @by: of a fenced one: the node that fenced it, or "admin"; else empty
 * @base: what is added to the key's mod_rev; 0 unless the store was restored:
 *	a kernel accepts higher epochs only
 */
struct epoch_rec {
	enum epoch_state state;
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	char by[CGSPAN_NAME_LEN + 1];
	uint64_t base;
};

/**
 * epoch_number() - the epoch that the kernel is told
 * @rec: the record
 * @mod_rev: of its key
 *
 * Return: the epoch.
 */
static inline uint64_t epoch_number(const struct epoch_rec *rec, int64_t mod_rev)
{
	return rec->base + (uint64_t)mod_rev;
}

/**
 * struct hb_rec - hb/<node>: heartbeat
 * @seq: grows
 * @ttl_ms: of the node's session
 * @sent_ms: when it was sent, by the node's own clock; 0: not told
 */
struct hb_rec {
	uint64_t seq;
	uint32_t ttl_ms;
	uint64_t sent_ms;
};

/**
 * struct lease_res - one resource of a lease
 * @amount: what the node may use
 * @gen: generation of the counter that it was taken from; 0: no lease
 * @mean: mean demand; pools hold the sum over all nodes
 * @headroom: wanted above the mean; pools hold the sum over all nodes
 */
struct lease_res {
	uint64_t amount;
	uint64_t gen;
	uint64_t mean;
	uint64_t headroom;
};

/**
 * struct lease_rec - lease/<node>/<id>
 * @seq: grows with each write
 * @res: per resource
 */
struct lease_rec {
	uint64_t seq;
	struct lease_res res[RES_N];
};

/**
 * struct pool_rec - pool/<id>/<resource>/<shard>
 * @free: what no node holds
 * @mean: how transactions on this shard have changed the leases' means: the sum
 *	over all shards is the sum of the means
 * @headroom: likewise of the leases' headrooms
 */
struct pool_rec {
	uint64_t free;
	int64_t mean;
	int64_t headroom;
};

/* Shards of one resource of a group. */
#define SHARDS_MAX	32

/**
 * shards_max() - in how many shards a pool may be
 * @res: enum cgspan_resource
 *
 * All nodes take tasks at a time, in small amounts. Other resources are asked
 * for by the piece: one piece in two shards could not be granted.
 *
 * Return: the number.
 */
static inline uint32_t shards_max(uint32_t res)
{
	return res == CGSPAN_RES_TASKS ? SHARDS_MAX : 1;
}

/**
 * struct debt_rec - debt/<id>/<resource>: while the key exists nothing is
 * granted
 * @debt: what leases hold above the limit
 * @await: nodes that have not answered yet: to claim what they use after a
 *	limit took the place of "max", or to remove a group in state deleting
 */
struct debt_rec {
	uint64_t debt;
	struct names await;
};

/**
 * struct want_rec - want/<id>/<node>: a node's call for returns of others
 * @seq: grows
 * @need: per resource
 * @have: per resource, what the node holds where all nodes together need more
 *	than the limit: a node that holds much more returns some; CGSPAN_MAX:
 *	the limit suffices
 */
struct want_rec {
	uint64_t seq;
	uint64_t need[RES_N];
	uint64_t have[RES_N];
};

/**
 * struct usage_item - one group and resource on one node
 * @group: id
 * @res: enum cgspan_resource
 * @used: charged there, subgroups included
 * @lease: what that node may use; CGSPAN_MAX: no limit
 * @live: tasks not yet exited, subgroups included
 * @refusals: so far
 * @headroom: for a new task there, the least of the group and its ancestors;
 *	0: the group has no members there; CGSPAN_MAX: no limit
 */
struct usage_item {
	uint64_t group;
	uint32_t res;
	uint64_t used;
	uint64_t lease;
	uint64_t live;
	uint64_t refusals;
	uint64_t headroom;
};

/**
 * struct usage_rec - usage/<node>
 * @seq: grows, also if nothing else has changed
 * @n: how many items
 * @items: owned
 */
struct usage_rec {
	uint64_t seq;
	size_t n;
	struct usage_item *items;
};

/**
 * struct cluster_rec - cluster: each join, leave, fence and create rewrites it,
 * so that a compare of its mod_rev pins the set of nodes
 * @identity: store_identity() when the first node joined; may be empty
 * @generation: grows with each join, leave and fence
 * @next_id: the next group's id
 * @lost: the store is older than a kernel's session, or was replaced: no node
 *	is in session until an administrator has listed the nodes
 * @await: listed nodes that have not yet claimed what their kernels hold;
 *	nothing is granted while there are any
 */
struct cluster_rec {
	char identity[64];
	uint64_t generation;
	uint64_t next_id;
	bool lost;
	struct names await;
};

#endif /* CGSPAN_RECORD_H */
