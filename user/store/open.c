// SPDX-License-Identifier: GPL-2.0
/* Open a store with the engine that its URL names. */
#include "store.h"

#include <errno.h>
#include <string.h>

#include "engine.h"

static const struct store_engine *engine_of(const char *url,
					    struct cgspan_err *err)
{
	if (!strncmp(url, "sqlite:", 7))
		return &store_sqlite;
	if (!strncmp(url, "https://", 8))
		return &store_etcd;
	if (!strncmp(url, "http://", 7))
		cgspan_err_set(err, -EINVAL,
			       "store %s: etcd is reached over https:// only (see cgspan-certs)",
			       url);
	else
		cgspan_err_set(err, -EINVAL,
			       "store %s: must be sqlite:/path or https://host:port[,https://...]",
			       url);
	return NULL;
}

int store_open(struct store **out, struct sd_event *event,
	       const struct store_conf *conf, store_state_fn *on_state,
	       void *arg, struct cgspan_err *err)
{
	const struct store_engine *engine = engine_of(conf->url, err);

	if (!engine)
		return -EINVAL;
	return store_new(out, event, engine, conf, on_state, arg, err);
}
