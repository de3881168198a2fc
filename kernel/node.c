// SPDX-License-Identifier: GPL-2.0
/*
 * A node: the part of the cluster-wide tree that one network namespace has. It
 * puts together the layers below, and takes them down in order.
 *
 * If tasks are charged when a namespace ends, its groups stay as orphans of the
 * initial namespace, with void leases: they refuse until they are empty.
 */
#include "node.h"

#include <linux/module.h>
#include <linux/netlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "bind.h"
#include "exit.h"
#include "grant.h"

static unsigned int net_id __read_mostly;

struct cgspan_node *cgspan_node_of(const struct net *net)
{
	return net_generic(net, net_id);
}

static int __net_init node_setup(struct net *net)
{
	struct cgspan_node *node = cgspan_node_of(net);

	node->net = net;
	cgspan_tree_setup(&node->tree, net->ns.inum);
	guid_gen(&node->uuid);
	cgspan_session_setup(&node->session, &node->tree);
	cgspan_expiry_setup(&node->expiry, &node->session);
	return cgspan_group_create_root(&node->tree);
}

/*
 * Was nothing ever done in this network namespace? Then no work refers to the
 * node, and there is nothing to wait for. Most namespaces end so.
 */
static bool is_untouched(const struct cgspan_node *node)
{
	const struct cgspan_tree *tree = &node->tree;
	const struct cgspan_group *root = tree->root;

	return tree->nr_groups == 1 && !tree->epoch && !tree->used &&
	       !root->grants && !root->on_expiry && !READ_ONCE(root->event.bits);
}

static void __net_exit node_teardown(struct net *net)
{
	struct cgspan_node *node = cgspan_node_of(net);
	struct cgspan_group *root = node->tree.root;

	if (is_untouched(node)) {
		cgspan_group_remove_tree(root);
		return;
	}

	cgspan_session_end(&node->session);
	cgspan_expiry_end(&node->expiry);
	cgspan_grant_end_all(&node->tree);
	kref_get(&root->ref);
	if (!cgspan_bind_retire(root)) {
		cgspan_group_orphan_tree(root, &cgspan_node_of(&init_net)->tree);
		/* The last task may have ended after retiring failed: check again. */
		cgspan_bind_idle(root);
	}
	cgspan_group_put(root);
	/* Work that is queued may still use this node: wait for it. */
	cgspan_expiry_kick();
	cgspan_expiry_flush();
	cgspan_event_flush();
	cgspan_exit_flush();
}

static struct pernet_operations net_ops = {
	.init = node_setup,
	.exit = node_teardown,
	.id = &net_id,
	.size = sizeof(struct cgspan_node),
};

/* A generic netlink socket was closed: its requests, grants and ownership end. */
static int closed(struct notifier_block *nb, unsigned long action, void *data)
{
	struct netlink_notify *notify = data;
	struct cgspan_node *node;

	if (action != NETLINK_URELEASE || notify->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;

	node = cgspan_node_of(notify->net);
	cgspan_grant_closed(notify->net, notify->portid);
	cgspan_session_closed(&node->session, notify->portid);
	return NOTIFY_OK;
}

static struct notifier_block closed_nb = { .notifier_call = closed };

int cgspan_node_init(void)
{
	int ret;

	ret = register_pernet_subsys(&net_ops);
	if (ret)
		return ret;
	ret = netlink_register_notifier(&closed_nb);
	if (ret)
		unregister_pernet_subsys(&net_ops);
	return ret;
}

/* At unload no session is joined, no member is bound, and no request can arrive. */
void cgspan_node_exit(void)
{
	netlink_unregister_notifier(&closed_nb);
	cgspan_grant_end_all(NULL);
	unregister_pernet_subsys(&net_ops);
}
