// SPDX-License-Identifier: GPL-2.0
/*
 * A node: what one network namespace has of the cluster-wide tree.
 *
 * When the namespace goes while tasks are charged to its groups, these stay
 * as orphans of the initial namespace, with void leases: they refuse until
 * they are empty.
 */
#include "node.h"

#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "event.h"
#include "expiry.h"
#include "grant.h"
#include "group.h"
#include "member.h"

static unsigned int net_id __read_mostly;

struct cgspan_node *cgspan_node_of(const struct net *net)
{
	return net_generic(net, net_id);
}

/* A group or a member has come or gone: a dump is not consistent any more. */
void cgspan_node_changed(struct cgspan_node *node)
{
	/* 0 would tell a dump that it has just begun. */
	if (!atomic_inc_return(&node->gen))
		atomic_inc(&node->gen);
}

static int __net_init node_setup(struct net *net)
{
	struct cgspan_node *node = cgspan_node_of(net);

	node->net = net;
	mutex_init(&node->lock);
	INIT_LIST_HEAD(&node->groups);
	atomic_set(&node->gen, 1);
	guid_gen(&node->uuid);
	cgspan_session_setup(&node->session);
	return cgspan_group_create_root(node);
}

static void __net_exit node_teardown(struct net *net)
{
	struct cgspan_node *node = cgspan_node_of(net);
	struct cgspan_group *root = node->root;

	cgspan_session_end(node);
	cgspan_grant_end_all(node);
	kref_get(&root->ref);
	if (!cgspan_member_retire(root)) {
		cgspan_group_orphan_tree(root, cgspan_node_of(&init_net));
		/* The last task may have gone between the two. */
		cgspan_member_idle(root);
	}
	cgspan_group_put(root);
	/* What is at work or still queued may speak of this namespace. */
	cgspan_expiry_kick();
	cgspan_expiry_flush();
	cgspan_event_flush();
}

static struct pernet_operations net_ops = {
	.init = node_setup,
	.exit = node_teardown,
	.id = &net_id,
	.size = sizeof(struct cgspan_node),
};

int cgspan_node_init(void)
{
	return register_pernet_subsys(&net_ops);
}

void cgspan_node_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
