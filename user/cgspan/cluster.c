// SPDX-License-Identifier: GPL-2.0
#include "cluster.h"

#include <errno.h>
#include <stdlib.h>

#include "config/file.h"

int cluster_config(struct config *config, struct cmd *c,
		   struct cgspan_err *err)
{
	bool named = c->config || getenv(CONFIG_ENV);
	int ret;

	ret = config_load(config, c->config, err);
	if (ret == -ENOENT && !named)
		ret = 0;
	return ret ? ret : config_check(config, err);
}

int cluster_open(struct cluster *cl, struct cmd *c, struct cgspan_err *err)
{
	int ret = cluster_config(&cl->config, c, err);

	if (ret || !cl->config.store)
		return ret;
	return sync_open(&cl->store, &cl->config, err);
}

int cluster_open_store(struct cluster *cl, struct cmd *c,
		       struct cgspan_err *err)
{
	int ret = cluster_open(cl, c, err);

	if (ret || cl->store)
		return ret;
	return cgspan_err_set(err, -EINVAL,
			      "the configuration names no store: this node is alone");
}

void cluster_close(struct cluster *cl)
{
	sync_close(cl->store);
	config_free(&cl->config);
}
