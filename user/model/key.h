/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keys of the store (which puts its own prefix in front):
 *
 *	cluster				what the whole cluster agrees on
 *	group/web/front			desired state of the group /web/front;
 *					the key of "/" is "group/"
 *	node/<node>			a node's identity
 *	ack/<node>			revision of group/ in force on the node
 *	epoch/<node>			a node's session; its epoch: the key's
 *					mod_rev plus the record's base
 *	hb/<node>			a node's heartbeat
 *	lease/<node>/<id>		amounts that a node may use of a group
 *	pool/<id>/<resource>/<shard>	amount that no node holds
 *	debt/<id>/<resource>		amount of leases above the limit, and
 *					the nodes that have not answered yet
 *	want/<id>/<node>		amounts that other nodes should return
 *	usage/<node>			what a node uses
 */
#ifndef CGSPAN_KEY_H
#define CGSPAN_KEY_H

#include <linux/cgspan.h>
#include <stdbool.h>
#include <stdint.h>

struct cgspan_err;

/* Room for any key, without the store's prefix, with its final 0. */
#define KEY_LEN		(CGSPAN_PATH_LEN + 128)

#define KEY_CLUSTER_NAME	"cluster"

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

/* The parts of a key; parts that a key of its kind does not have are 0. */
struct key {
	enum key_kind kind;
	uint64_t group;			/* group id in LEASE, POOL, DEBT, WANT */
	uint32_t res;			/* enum cgspan_resource in POOL, DEBT */
	uint32_t shard;			/* shard in POOL */
	char node[CGSPAN_NAME_LEN + 1];	/* node's name: NODE to LEASE, WANT, USAGE */
	char path[CGSPAN_PATH_LEN + 1];	/* path of a GROUP, as "/web/front" */
};

/* Take apart a key without the store's prefix. 0; -ENOENT: a kind of key that
 * this version does not know, to be skipped; -EINVAL: no valid key.
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

/* Set @buf to the parent of a valid path: "/" for "/web"; false for "/". */
bool path_parent(char buf[CGSPAN_PATH_LEN + 1], const char *path);

#endif /* CGSPAN_KEY_H */
