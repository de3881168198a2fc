/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_NODE_H
#define CGSPAN_NODE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/uuid.h>

#include "../include/uapi/linux/cgspan.h"
#include "session.h"

struct cgspan_group;
struct net;

/**
 * struct cgspan_node - a node: one network namespace
 * @net: the namespace
 * @lock: protects the tree of groups, the leases' epoch, the session, the name
 * @root: the group "/"
 * @groups: all groups, parents first; orphans of dead namespaces at the end
 * @nr_groups: how many
 * @nr_members: how many members its groups have
 * @gen: changes whenever a group or a member comes or goes; never 0
 * @session: the session
 * @uuid: made with the namespace
 * @boot_id: as told by NODE_SET
 * @name: as told by NODE_SET; empty until then
 * @res_names: of CGSPAN_RES_USER0 and those that follow; likewise
 */
struct cgspan_node {
	struct net *net;
	struct mutex lock; /* see above; its place among others: group.c */
	struct cgspan_group *root;
	struct list_head groups;
	unsigned int nr_groups;
	atomic_t nr_members;
	atomic_t gen;
	struct cgspan_session session;
	guid_t uuid;
	u8 boot_id[16];
	char name[CGSPAN_NAME_LEN + 1];
	char res_names[CGSPAN_RES_USERS][CGSPAN_RES_NAME_LEN + 1];
};

int cgspan_node_init(void);
void cgspan_node_exit(void);
struct cgspan_node *cgspan_node_of(const struct net *net);
void cgspan_node_changed(struct cgspan_node *node);

#endif /* CGSPAN_NODE_H */
