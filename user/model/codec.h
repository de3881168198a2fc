/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keys and values of the store. Pure: text in, plain structs out.
 *
 * Keys (the store itself puts its prefix in front):
 *
 *	cluster				what the whole cluster agrees on
 *	group/web/front			desired state of the group /web/front;
 *					"/" is "group/"
 *	node/<node>			who a node is
 *	ack/<node>			up to which revision group/ is in force
 *	epoch/<node>			the session; the key's mod_rev is the epoch,
 *					plus what was added when the store had
 *					gone back
 *	hb/<node>			heartbeat
 *	lease/<node>/<id>		what a node may use of a group
 *	pool/<id>/<resource>/<shard>	what no node holds
 *	debt/<id>/<resource>		what is out above the limit, and which
 *					nodes have still to answer
 *	want/<id>/<node>		a starved node's call for slack
 *	usage/<node>			what a node uses
 *
 * Values are JSON objects with "v", the format version. A reader refuses a
 * newer "v" and what is missing or of a wrong type or range, and skips fields
 * that it does not know: daemons one version apart work together. A resource
 * that is left out of a value has no limit there, or nothing is held of it.
 *
 * For each group and resource with a limit L, at every revision:
 *
 *	sum of lease amounts + sum of pool free = L + debt
 *
 * over the leases whose generation is the group's. The generation grows each
 * time that a resource gets a limit that it did not have before ("max" has no
 * counter), so that leases from before count for nothing. An amount of a limit
 * or guarantee that is "max" is CGSPAN_MAX here.
 */
#ifndef CGSPAN_CODEC_H
#define CGSPAN_CODEC_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "names.h"

struct cgspan_err;

#define CODEC_VERSION	1

/* A whole key, without the store's prefix, with its final 0. */
#define KEY_LEN		(CGSPAN_PATH_LEN + 128)

/* Resources: all of enum cgspan_resource. */
#define RES_N		(CGSPAN_RES_MAX + 1)

/* The id of "/"; the other groups' start behind it and are never reused. */
#define GROUP_ROOT_ID	1

#define LABELS_MAX	16
#define LABEL_LEN	127
/* Machine id, boot id or uuid as text, with its final 0. */
#define ID_LEN		40

enum key_kind {
	KEY_CLUSTER,
	KEY_GROUP,
	KEY_NODE,
	KEY_ACK,
	KEY_EPOCH,
	KEY_HB,
	KEY_LEASE,
	KEY_POOL,
	KEY_DEBT,
	KEY_WANT,
	KEY_USAGE,
};

/**
 * struct key - a key taken apart; what its kind has not is 0
 * @kind: which
 * @group: id, of LEASE, POOL, DEBT, WANT
 * @res: enum cgspan_resource, of POOL, DEBT
 * @shard: of POOL
 * @node: of NODE, ACK, EPOCH, HB, LEASE, WANT, USAGE
 * @path: of GROUP, e.g. "/web/front"
 */
struct key {
	enum key_kind kind;
	uint64_t group;
	uint32_t res;
	uint32_t shard;
	char node[CGSPAN_NAME_LEN + 1];
	char path[CGSPAN_PATH_LEN + 1];
};

/**
 * key_parse() - take a key apart
 * @key: without the store's prefix
 * @out: its parts
 * @err: what is wrong with it
 *
 * Return: 0; -ENOENT for a kind this version does not know (skip it); -EINVAL.
 */
int key_parse(const char *key, struct key *out, struct cgspan_err *err);

/* Build a key into @buf and return it. Names and paths must be valid ones. */
char *key_group(char buf[KEY_LEN], const char *path);
char *key_node(char buf[KEY_LEN], const char *node);
char *key_ack(char buf[KEY_LEN], const char *node);
char *key_epoch(char buf[KEY_LEN], const char *node);
char *key_hb(char buf[KEY_LEN], const char *node);
char *key_usage(char buf[KEY_LEN], const char *node);
char *key_lease(char buf[KEY_LEN], const char *node, uint64_t group);
char *key_pool(char buf[KEY_LEN], uint64_t group, uint32_t res, uint32_t shard);
char *key_debt(char buf[KEY_LEN], uint64_t group, uint32_t res);
char *key_want(char buf[KEY_LEN], uint64_t group, const char *node);

#define KEY_CLUSTER_NAME	"cluster"

/* 1 to CGSPAN_NAME_LEN of [A-Za-z0-9._-], and not "." or "..". */
bool name_valid(const char *name);
/* "/" or "/a/b": levels as names, at most CGSPAN_DEPTH_MAX, CGSPAN_PATH_LEN. */
bool path_valid(const char *path);
/* The parent of a valid path into @buf; "/" for "/web". "/" has none: false. */
bool path_parent(char buf[CGSPAN_PATH_LEN + 1], const char *path);

/* "tasks", "cpu" ... and enum cgspan_resource; NULL or -EINVAL for what is neither. */
const char *res_name(uint32_t res);
int res_parse(const char *name);
/* "continue" to "reset" and enum cgspan_on_expiry; likewise. */
const char *on_expiry_name(uint8_t on_expiry);
int on_expiry_parse(const char *name);

/*
 * Values. x_parse() fills @out from @len bytes: 0 or a negative errno with
 * a text; strings of any length that are no JSON object are -EINVAL, a newer
 * version is -EPROTO. x_format() returns a malloc()ed string, NULL only when
 * there is no memory. Only the _rec types with a _fini() own memory.
 */

/** enum group_state - DELETING: no new binds; gone when all nodes are done */
enum group_state {
	GROUP_ACTIVE,
	GROUP_DELETING,
};

/**
 * struct group_rec - group/<path>: desired state, written by admins only
 * @id: never reused
 * @state: active or deleting
 * @on_expiry: enum cgspan_on_expiry
 * @limit: per resource; CGSPAN_MAX: none, and then there is no counter
 * @guarantee: per resource, 0: none
 * @gen: per resource, generation of the counter; see above
 */
struct group_rec {
	uint64_t id;
	enum group_state state;
	uint8_t on_expiry;
	uint64_t limit[RES_N];
	uint64_t guarantee[RES_N];
	uint64_t gen[RES_N];
};

int group_parse(const char *val, size_t len, struct group_rec *out,
		struct cgspan_err *err);
char *group_format(const struct group_rec *rec);
/* What "/" is as long as nobody has set it: id 1, continue, no limits. */
struct group_rec group_root(void);

/** enum node_state - LEAVING: asked to hand everything back and go */
enum node_state {
	NODE_ACTIVE,
	NODE_LEAVING,
};

/**
 * struct node_rec - node/<node>
 * @state: active or leaving
 * @machine: machine id
 * @boot: boot id
 * @uuid: the module's, of this network namespace
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

int node_parse(const char *val, size_t len, struct node_rec *out,
	       struct cgspan_err *err);
char *node_format(const struct node_rec *rec);

/** struct ack_rec - ack/<node>: @rev: group/ up to here is in force there */
struct ack_rec {
	int64_t rev;
};

int ack_parse(const char *val, size_t len, struct ack_rec *out,
	      struct cgspan_err *err);
char *ack_format(const struct ack_rec *rec);

/**
 * enum epoch_state - what a node's leases are worth
 * @EPOCH_LIVE: it is in session
 * @EPOCH_FENCED: they are void
 * @EPOCH_CLAIMING: the store has gone back: what its kernel holds counts, and
 *	is being claimed
 */
enum epoch_state {
	EPOCH_LIVE,
	EPOCH_FENCED,
	EPOCH_CLAIMING,
};

/* A store has fewer revisions than this between two recoveries. */
#define EPOCH_JUMP	(1ULL << 40)

/**
 * struct epoch_rec - epoch/<node>: see epoch_number()
 * @state: what its leases are worth
 * @machine: machine id of the kernel it belongs to
 * @boot: boot id, likewise
 * @uuid: the module's, likewise
 * @by: fenced: by which node, or "admin"; else empty
 * @base: the key's mod_rev is so much less than the epoch; 0 but after the
 *	store has gone back: a kernel takes none but a higher epoch
 */
struct epoch_rec {
	enum epoch_state state;
	char machine[ID_LEN];
	char boot[ID_LEN];
	char uuid[ID_LEN];
	char by[CGSPAN_NAME_LEN + 1];
	uint64_t base;
};

/* The epoch itself: what the kernel is told. */
static inline uint64_t epoch_number(const struct epoch_rec *rec, int64_t mod_rev)
{
	return rec->base + (uint64_t)mod_rev;
}

int epoch_parse(const char *val, size_t len, struct epoch_rec *out,
		struct cgspan_err *err);
char *epoch_format(const struct epoch_rec *rec);

/**
 * struct hb_rec - hb/<node>
 * @seq: grows
 * @ttl_ms: of the node's session
 * @sent_ms: when it was sent, by the node's own clock; 0: it does not say
 */
struct hb_rec {
	uint64_t seq;
	uint32_t ttl_ms;
	uint64_t sent_ms;
};

int hb_parse(const char *val, size_t len, struct hb_rec *out,
	     struct cgspan_err *err);
char *hb_format(const struct hb_rec *rec);

/**
 * struct lease_res - one resource of a lease
 * @amount: what the node may use
 * @gen: generation of the counter that it was taken from; 0: none held
 * @mean: mean demand, for the pool's sums
 * @headroom: wanted above the mean, likewise
 */
struct lease_res {
	uint64_t amount;
	uint64_t gen;
	uint64_t mean;
	uint64_t headroom;
};

/** struct lease_rec - lease/<node>/<id>: @seq grows with each write */
struct lease_rec {
	uint64_t seq;
	struct lease_res res[RES_N];
};

int lease_parse(const char *val, size_t len, struct lease_rec *out,
		struct cgspan_err *err);
char *lease_format(const struct lease_rec *rec);

/**
 * struct pool_rec - pool/<id>/<resource>/<shard>
 * @free: what no node holds
 * @mean: what the leases' means have changed by with moves of this shard: the
 *	sum over all shards is that of the means
 * @headroom: the same of their headrooms
 */
struct pool_rec {
	uint64_t free;
	int64_t mean;
	int64_t headroom;
};

/* Of one resource of a group. */
#define SHARDS_MAX	32

/* Tasks come one by one, from all nodes at a time. Of what is asked for by the
 * piece, no part is of use, so it stays in one shard.
 */
static inline uint32_t shards_max(uint32_t res)
{
	return res == CGSPAN_RES_TASKS ? SHARDS_MAX : 1;
}

int pool_parse(const char *val, size_t len, struct pool_rec *out,
	       struct cgspan_err *err);
char *pool_format(const struct pool_rec *rec);

/**
 * struct debt_rec - debt/<id>/<resource>; as long as it exists, nothing is
 * granted
 * @debt: what is out above the limit
 * @await: nodes that have still to answer: to claim what they use after "max"
 *	became a number, or to remove a group in state deleting
 */
struct debt_rec {
	uint64_t debt;
	struct names await;
};

int debt_parse(const char *val, size_t len, struct debt_rec *out,
	       struct cgspan_err *err);
char *debt_format(const struct debt_rec *rec);
void debt_fini(struct debt_rec *rec);

/**
 * struct want_rec - want/<id>/<node>
 * @seq: grows
 * @need: per resource
 * @have: what the node holds, where the limit is short on all nodes together:
 *	who holds much more is asked to share; CGSPAN_MAX: it is not short
 */
struct want_rec {
	uint64_t seq;
	uint64_t need[RES_N];
	uint64_t have[RES_N];
};

int want_parse(const char *val, size_t len, struct want_rec *out,
	       struct cgspan_err *err);
char *want_format(const struct want_rec *rec);

/**
 * struct usage_item - one group and resource on one node
 * @group: id
 * @res: enum cgspan_resource
 * @used: charged there, subtree
 * @lease: what that node may use; CGSPAN_MAX: no limit
 * @live: tasks not yet exited, subtree
 * @refusals: so far
 * @headroom: of the group and all above it, for who comes there; 0 without
 *	members, CGSPAN_MAX: no limit
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

/** struct usage_rec - usage/<node>: @seq grows, also when nothing changed */
struct usage_rec {
	uint64_t seq;
	size_t n;
	struct usage_item *items;
};

int usage_parse(const char *val, size_t len, struct usage_rec *out,
		struct cgspan_err *err);
char *usage_format(const struct usage_rec *rec);
void usage_fini(struct usage_rec *rec);

/**
 * struct cluster_rec - cluster: each join, leave, fence and create rewrites it,
 * so that comparing its mod_rev pins the set of nodes
 * @identity: store_identity() when the first node joined; may be empty
 * @generation: grows with each join, leave and fence
 * @next_id: the next group's id
 * @lost: the store is older than a kernel's session, or was replaced: nobody is
 *	in session until an admin has said which nodes there are
 * @await: those of them that have still to claim what their kernels hold;
 *	nothing is granted as long as there are any
 */
struct cluster_rec {
	char identity[64];
	uint64_t generation;
	uint64_t next_id;
	bool lost;
	struct names await;
};

int cluster_parse(const char *val, size_t len, struct cluster_rec *out,
		  struct cgspan_err *err);
char *cluster_format(const struct cluster_rec *rec);
void cluster_fini(struct cluster_rec *rec);
/* What it is as long as the key does not exist. */
struct cluster_rec cluster_fresh(void);

#endif /* CGSPAN_CODEC_H */
