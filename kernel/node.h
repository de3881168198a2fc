/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NODE_H
#define CGSPAN_NODE_H

#include <linux/uuid.h>

#include "expiry.h"
#include "session.h"
#include "tree.h"

struct net;

/**
 * struct cgspan_node - a node: one network namespace
 * @net: the namespace
 * @tree: its groups; its lock protects @session, @boot_id and @res_names
 * @session: its session
 * @expiry: the timer for the deadline of the session
 * @heard: jiffies, when a listener last got records of ended tasks; for notify.c
 * @uuid: random, made with the namespace
 * @boot_id: as set by NODE_SET
 * @res_names: names of CGSPAN_RES_USER0 and the following, as set by NODE_SET
 */
struct cgspan_node {
	struct net *net;
	struct cgspan_tree tree;
	struct cgspan_session session;
	struct cgspan_expiry expiry;
	unsigned long heard;
	guid_t uuid;
	u8 boot_id[16];
	char res_names[CGSPAN_RES_USERS][CGSPAN_RES_NAME_LEN + 1];
};

static inline struct cgspan_node *cgspan_node_of_tree(struct cgspan_tree *tree)
{
	return container_of(tree, struct cgspan_node, tree);
}

int cgspan_node_init(void);
void cgspan_node_exit(void);
struct cgspan_node *cgspan_node_of(const struct net *net);

#endif /* CGSPAN_NODE_H */
