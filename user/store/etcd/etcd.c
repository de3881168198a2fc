// SPDX-License-Identifier: GPL-2.0
/* etcd as an engine of the store: requests by call.c, watches by watch.c. */
#include "etcd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "watch.h"

static int copy_text(const char **to, const char *from, struct cgspan_err *err)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : cgspan_err_nomem(err);
}

static int copy_file(const char **to, const char *path, const char *what,
		     struct cgspan_err *err)
{
	if (path && access(path, R_OK))
		return cgspan_err_set(err, -errno, "%s %s: %s", what, path,
				      strerror(errno));
	return copy_text(to, path, err);
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
	ret = copy_file(&to->cacert, from->cacert, "cacert", err);
	if (!ret)
		ret = copy_file(&to->cert, from->cert, "cert", err);
	if (!ret)
		ret = copy_file(&to->key, from->key, "key", err);
	if (!ret)
		ret = copy_text(&to->user, from->user, err);
	if (!ret)
		ret = copy_text(&to->password, from->password, err);
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
	ret = copy_conf(&e->conf, conf, err);
	if (!ret)
		ret = endpoints_parse(&e->endpoints, conf->url, err);
	if (!ret)
		ret = etcd_calls_open(e, err);
	if (!ret) {
		e->stream = etcd_stream_new(e, err);
		ret = e->stream ? 0 : -ENOMEM;
	}
	if (ret)
		close_engine(s);
	return ret;
}

static int submit(struct store *s, struct store_req *req,
		  struct cgspan_err *err)
{
	return etcd_submit(s->priv, req) ? cgspan_err_nomem(err) : 0;
}

static int watch(struct store *s, struct store_watch *w,
		 struct cgspan_err *err)
{
	const struct etcd *e = s->priv;

	(void)err;
	etcd_stream_watch(e->stream, w);
	return 0;
}

static void unwatch(struct store *s, struct store_watch *w)
{
	const struct etcd *e = s->priv;

	etcd_stream_unwatch(e->stream, w);
}

const struct store_engine store_etcd = {
	.open = open_engine,
	.close = close_engine,
	.submit = submit,
	.watch = watch,
	.unwatch = unwatch,
};
