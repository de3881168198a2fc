/* SPDX-License-Identifier: GPL-2.0 */
/* The registered nodes, read from the store. */
#ifndef CGSPAN_NODE_LIST_H
#define CGSPAN_NODE_LIST_H

#include "model/codec.h"
#include "store_sync.h"

/**
 * struct node_entry - one registered node
 * @name: its name
 * @rec: its identity and state
 * @epoch: epoch of its last session; 0: it has not joined yet
 * @fenced: its leases are void
 * @claiming: a recovery waits for its claims
 * @acked: revision up to which its kernel has all groups
 * @used: tasks charged on it
 * @lease: tasks leased to it in "/"; CGSPAN_MAX: no limit
 * @has_usage: @used and @lease are known
 */
struct node_entry {
	char name[CGSPAN_NAME_LEN + 1];
	struct node_rec rec;
	int64_t epoch;
	bool fenced;
	bool claiming;
	int64_t acked;
	uint64_t used;
	uint64_t lease;
	bool has_usage;
};

/**
 * struct node_list - all registered nodes
 * @nodes: sorted by name
 * @n: number of nodes
 * @rev: revision of the first read: later changes may be missing
 */
struct node_list {
	struct node_entry *nodes;
	size_t n;
	int64_t rev;
};

void node_list_free(struct node_list *list);

/**
 * node_list_read() - read all registered nodes
 * @s: the store
 * @list: filled; free it with node_list_free(), also after an error
 * @usage: also read the members used and lease of each node
 * @err: why it failed
 *
 * Return: 0; -EBADMSG: a value in the store is malformed; or another negative
 * errno.
 */
int node_list_read(struct sync *s, struct node_list *list, bool usage,
		   struct cgspan_err *err);

#endif /* CGSPAN_NODE_LIST_H */
