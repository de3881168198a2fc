// SPDX-License-Identifier: GPL-2.0
#include "commit.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#define TRIES	16

static int send(struct commit *c, struct sync *s, const struct txn *t,
		struct cgspan_err *err)
{
	switch (sync_txn(s, &t->view, &c->rev, err)) {
	case STORE_APPLIED:
		return 0;
	case STORE_UNKNOWN:
		c->unsure = true;
		return -EAGAIN;
	case STORE_CONFLICT:
		return cgspan_err_set(err, -EAGAIN,
				      "other changes came first, %d times in a row: try again",
				      TRIES);
	case STORE_ERROR:
		break;
	}
	return err->no;
}

static int attempt(struct commit *c, struct sync *s, struct keys *keys,
		   struct cgspan_err *err)
{
	struct txn t;
	int ret;

	ret = sync_get_desired(s, keys, err);
	if (ret)
		return ret;
	txn_init(&t);
	ret = c->build(c, &t, keys, err);
	if (!ret)
		ret = send(c, s, &t, err);
	txn_fini(&t);
	return ret;
}

/* Exponential back-off with jitter, so that rival commands take turns. */
static void back_off(unsigned int tries)
{
	unsigned int ms = 5U << (tries < 6 ? tries : 6);
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ms += ts.tv_nsec / 1000 % ms;
	poll(NULL, 0, ms);
}

int commit_run(struct commit *c, struct sync *s, struct cgspan_err *err)
{
	struct keys keys = {};
	unsigned int tries = 0;
	int ret;

	do {
		if (tries)
			back_off(tries);
		ret = attempt(c, s, &keys, err);
	} while (ret == -EAGAIN && ++tries < TRIES);
	kvs_fini(&keys.kvs);
	return ret;
}
