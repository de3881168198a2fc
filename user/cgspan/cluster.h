/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration and its store, which most verbs open together. */
#ifndef CGSPAN_CLUSTER_H
#define CGSPAN_CLUSTER_H

#include "cmd.h"
#include "config/config.h"
#include "store_sync.h"

/**
 * struct cluster - what the configuration names
 * @config: the configuration
 * @store: its store; NULL: it names none, the node is alone
 */
struct cluster {
	struct config config;
	struct sync *store;
};

/**
 * cluster_config() - read the configuration and check it
 * @config: filled; release it with config_free(), also after an error
 * @c: the call
 * @err: why it failed
 *
 * The default file need not exist; one that the call or the environment names
 * must.
 *
 * Return: 0 or a negative errno.
 */
int cluster_config(struct config *config, struct cmd *c,
		   struct cgspan_err *err);

/**
 * cluster_open() - read the configuration and open its store
 * @cl: all zero; close it with cluster_close(), also after an error
 * @c: the call
 * @err: why it failed
 *
 * Return: 0 or a negative errno. A store that does not answer fails at the
 * first read.
 */
int cluster_open(struct cluster *cl, struct cmd *c, struct cgspan_err *err);

/* As cluster_open(), but -EINVAL if the configuration names no store. */
int cluster_open_store(struct cluster *cl, struct cmd *c,
		       struct cgspan_err *err);

void cluster_close(struct cluster *cl);

#endif /* CGSPAN_CLUSTER_H */
