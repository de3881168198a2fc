// SPDX-License-Identifier: GPL-2.0
/* etcd as an engine of the store: requests by call.c, watches by watch.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "watch.h"

/* Copy @from. @file: the option's name if @from is a file, to check; or NULL */
static int copy(const char **to, const char *from, const char *file,
		struct cgspan_err *err)
{
	if (!from)
		return 0;
	if (file && access(from, R_OK))
		return cgspan_err_set(err, -errno, "%s %s: %s", file, from,
				      strerror(errno));
	*to = strdup(from);
	return *to ? 0 : cgspan_err_nomem(err);
}

static int copy_conf(struct store_conf *to, const struct store_conf *from,
		     struct cgspan_err *err)
{
	int ret;

	if (!from->user != !from->password)
		return cgspan_err_set(err, -EINVAL,
				      "a store's user and password go together");
	if (!from->cert != !from->key)
		return cgspan_err_set(err, -EINVAL,
				      "a store's cert and key go together");
	to->timeout_ms = from->timeout_ms;
	ret = copy(&to->cacert, from->cacert, "cacert", err);
	if (!ret)
		ret = copy(&to->cert, from->cert, "cert", err);
	if (!ret)
		ret = copy(&to->key, from->key, "key", err);
	if (!ret)
		ret = copy(&to->user, from->user, NULL, err);
	if (!ret)
		ret = copy(&to->password, from->password, NULL, err);
	return ret;
}

static void close_engine(struct store *s)
{
	struct etcd *e = s->priv;

	etcd_stream_free(e->stream);
	etcd_calls_close(e);
	endpoints_fini(&e->endpoints);
	free((char *)e->conf.cacert);
	free((char *)e->conf.cert);
	free((char *)e->conf.key);
	free((char *)e->conf.user);
	free((char *)e->conf.password);
	free(e);
}

static int open_engine(struct store *s, const struct store_conf *conf,
		       struct cgspan_err *err)
{
	struct etcd *e = calloc(1, sizeof(*e));
	int ret;

	if (!e)
		return cgspan_err_nomem(err);
	s->priv = e;
	e->store = s;
	LIST_INIT(&e->calls);
	ret = copy_conf(&e->conf, conf, err);
	if (!ret)
		ret = endpoints_parse(&e->endpoints, conf->url, err);
	if (!ret)
		ret = etcd_calls_open(e, err);
	if (!ret)
		ret = etcd_stream_open(e, err);
	if (ret)
		close_engine(s);
	return ret;
}

const struct store_engine store_etcd = {
	.open = open_engine,
	.close = close_engine,
	.submit = etcd_submit,
	.watch = etcd_stream_watch,
	.unwatch = etcd_stream_unwatch,
};
