// SPDX-License-Identifier: GPL-2.0
#include "store_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/store.h"
#include "libcgspan/err.h"
#include "log.h"
#include "loop.h"
#include "model/key.h"

#define RETRY_NS	(500 * NSEC_PER_MSEC)

/**
 * struct store_link - a store and its identity
 * @conf: from store_link_open()
 * @store: the store
 * @retry: asks for the identity, until it is known
 * @identity: as of the first answer
 * @setbacks: store_setbacks() at the last check
 */
struct store_link {
	struct store_link_conf conf;
	struct store *store;
	sd_event_source *retry;
	char *identity;
	unsigned int setbacks;
};

static void on_first(void *arg, const struct store_kv *kvs, size_t n,
		     int64_t rev, const struct cgspan_err *why)
{
	struct store_link *l = arg;
	const char *identity;

	(void)kvs;
	(void)n;
	(void)rev;
	identity = store_identity(l->store);
	if (why || !identity) {
		/* Jitter keeps nodes apart that have lost the store together. */
		loop_arm(l->retry, loop_now() + RETRY_NS / 2 +
			 (uint64_t)random() % RETRY_NS);
		return;
	}
	l->identity = strdup(identity);
	l->setbacks = store_setbacks(l->store);
	l->conf.known(l->conf.arg, l->identity ? 0 : -ENOMEM);
}

static int on_retry(sd_event_source *src, uint64_t usec, void *arg)
{
	struct store_link *l = arg;

	(void)src;
	(void)usec;
	if (store_get(l->store, KEY_CLUSTER_NAME, false, on_first, l, NULL))
		loop_arm(l->retry, loop_now() + RETRY_NS);
	return 0;
}

int store_link_open(struct store_link **out, const struct store_link_conf *conf,
		    struct cgspan_err *err)
{
	struct store_link *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return cgspan_err_nomem(err);
	l->conf = *conf;
	ret = config_store_open(&l->store, conf->event, conf->config,
				conf->on_state, conf->arg, err);
	if (!ret)
		ret = loop_timer(conf->event, on_retry, l, &l->retry, err);
	if (ret) {
		store_link_close(l);
		return ret;
	}
	loop_arm(l->retry, 0);
	*out = l;
	return 0;
}

void store_link_close(struct store_link *l)
{
	if (!l)
		return;
	store_close(l->store);
	sd_event_source_disable_unref(l->retry);
	free(l->identity);
	free(l);
}

struct store *store_link_store(struct store_link *l)
{
	return l->store;
}

const char *store_link_identity(const struct store_link *l)
{
	return l->identity;
}

enum store_link_change store_link_check(struct store_link *l)
{
	const char *identity = store_identity(l->store);

	if (store_setbacks(l->store) == l->setbacks)
		return STORE_LINK_SAME;
	l->setbacks = store_setbacks(l->store);
	if (identity && strcmp(identity, l->identity)) {
		log_line(LOG_ERR,
			 "another store answers than before (%s, was %s): starting anew",
			 identity, l->identity);
		return STORE_LINK_OTHER;
	}
	log_line(LOG_ERR, "the store has gone back to an earlier revision");
	return STORE_LINK_BACK;
}
