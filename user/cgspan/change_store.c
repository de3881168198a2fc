// SPDX-License-Identifier: GPL-2.0
/* A change of desired state: one transaction, then the nodes' word for it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "node_list.h"
#include "change.h"
#include "config/config.h"
#include "model/desired.h"

/* Others may be faster, or an answer may be lost, this often in a row. */
#define TRIES	16

static void wanted(const struct change *ch, struct desired_change *out)
{
	size_t i;

	*out = (struct desired_change){};
	for (i = 0; i < ch->n_limits; i++) {
		out->limit_set[ch->limits[i].res] = true;
		out->limit[ch->limits[i].res] = ch->limits[i].limit;
	}
	if (ch->on_expiry != CGSPAN_ON_EXPIRY_KEEP) {
		out->on_expiry_set = true;
		out->on_expiry = ch->on_expiry;
	}
}

static int build(struct txn *t, const struct change *ch,
		 const struct kvs *d, struct cgspan_err *err)
{
	struct desired_change want;

	wanted(ch, &want);
	switch (ch->kind) {
	case CHANGE_CREATE:
		return desired_create(t, d, ch->path, &want, err);
	case CHANGE_SET:
		return desired_set(t, d, ch->path, &want, err);
	case CHANGE_DELETE:
		return desired_delete(t, d, ch->path, err);
	}
	return -EINVAL;
}

/*
 * An earlier try of this very call had no answer: is the refusal of this one
 * only the sign that it was applied?
 */
static bool done_before(const struct change *ch, const struct kvs *d,
			int refusal)
{
	struct desired_change want;
	struct txn t;
	bool same;

	if (ch->kind == CHANGE_DELETE)
		return refusal == -ENOENT;
	if (ch->kind != CHANGE_CREATE || refusal != -EEXIST)
		return false;
	wanted(ch, &want);
	txn_init(&t);
	same = !desired_set(&t, d, ch->path, &want, NULL) && !t.view.n_ops;
	txn_fini(&t);
	return same;
}

static int64_t group_rev(const struct keys *keys, const char *path)
{
	char key[KEY_LEN];
	const struct store_kv *kv = kvs_find(&keys->kvs, key_group(key, path));

	return kv ? kv->mod_rev : keys->rev;
}

/* 0: applied; -EAGAIN: once more; or why not. */
static int send(struct sync *s, const struct txn *t, bool *unsure, int64_t *rev,
		struct cgspan_err *err)
{
	switch (sync_txn(s, &t->view, rev, err)) {
	case STORE_APPLIED:
		return 0;
	case STORE_UNKNOWN:
		*unsure = true;
		return -EAGAIN;
	case STORE_CONFLICT:
		return cgspan_err_set(err, -EAGAIN,
				      "others keep changing the same groups: try again");
	case STORE_ERROR:
		break;
	}
	return err->no;
}

/* One try: 0: done, @rev is set; -EAGAIN: once more; or why not. */
static int attempt(struct sync *s, const struct change *ch, struct keys *keys,
		   bool *unsure, int64_t *rev, struct cgspan_err *err)
{
	struct txn t;
	bool done;
	int ret;

	ret = sync_get_desired(s, keys, err);
	if (ret)
		return ret;
	txn_init(&t);
	ret = build(&t, ch, &keys->kvs, err);
	done = ret ? *unsure && done_before(ch, &keys->kvs, ret) : !t.view.n_ops;
	if (done) {
		*rev = group_rev(keys, ch->path);
		ret = 0;
	} else if (!ret) {
		ret = send(s, &t, unsure, rev, err);
	}
	txn_fini(&t);
	return ret;
}

/* Longer and longer, so that somebody gets through. */
static void back_off(unsigned int tries)
{
	unsigned int ms = 5U << (tries < 6 ? tries : 6);
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ms += ts.tv_nsec / 1000 % ms;
	ts = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	nanosleep(&ts, NULL);
}

static int commit(struct sync *s, const struct change *ch, int64_t *rev,
		  struct cgspan_err *err)
{
	struct keys keys = {};
	bool unsure = false;
	unsigned int tries = 0;
	int ret;

	do {
		if (tries)
			back_off(tries);
		ret = attempt(s, ch, &keys, &unsure, rev, err);
	} while (ret == -EAGAIN && ++tries < TRIES);
	if (ret && unsure)
		cgspan_err_wrap(err,
				"%.60s: it is not known whether this was done, look with \"cgspan tree\"",
				ch->path);
	kvs_fini(&keys.kvs);
	return ret;
}

/* --- in force ---------------------------------------------------------- */

/* Fenced nodes hold nothing, so that nothing needs to be in force there. */
static int count(const struct census *census, int64_t rev, struct outcome *out)
{
	size_t i, len = 1;

	out->nodes = 0;
	out->in_force = 0;
	free(out->missing);
	for (i = 0; i < census->n; i++)
		len += strlen(census->nodes[i].name) + 1;
	out->missing = calloc(1, len);
	if (!out->missing)
		return -ENOMEM;
	for (i = 0; i < census->n; i++) {
		if (census->nodes[i].fenced)
			continue;
		out->nodes++;
		if (census->nodes[i].acked >= rev) {
			out->in_force++;
			continue;
		}
		if (*out->missing)
			strcat(out->missing, " ");
		strcat(out->missing, census->nodes[i].name);
	}
	return 0;
}

/* A deleted group's key is the last thing to go. */
static int is_gone(struct sync *s, const struct change *ch, bool *gone,
		   struct cgspan_err *err)
{
	struct keys keys = {};
	char key[KEY_LEN];
	int ret;

	*gone = true;
	if (ch->kind != CHANGE_DELETE)
		return 0;
	ret = sync_get(s, key_group(key, ch->path), false, &keys, err);
	*gone = !keys.kvs.n;
	kvs_fini(&keys.kvs);
	return ret;
}

/* With the group itself gone, no node has anything to acknowledge. */
static void all_done(struct outcome *out)
{
	out->in_force = out->nodes;
	*out->missing = '\0';
}

static int late(const struct change *ch, const struct outcome *out,
		struct cgspan_err *err)
{
	const char *what = ch->kind == CHANGE_DELETE ? "gone from" :
						       "in force on";

	if (!*out->missing)
		return cgspan_err_set(err, -ETIME,
				      "%.80s is being deleted: not all that nodes held in it has come back (\"cgspan nodes\" shows them; a lost one must be fenced)",
				      ch->path);
	return cgspan_err_set(err, -ETIME,
			      "%.80s: %s %zu of %zu nodes, not yet: %.100s",
			      ch->path, what, out->in_force, out->nodes,
			      out->missing);
}

static int in_force(struct sync *s, const struct change *ch,
		    struct outcome *out, struct cgspan_err *err)
{
	static const char *const prefixes[] = {
		"ack/", "node/", "epoch/", "group/", NULL
	};
	uint64_t deadline = sync_now() + ch->wait_ms;
	struct census census = {};
	bool gone;
	int ret;

	for (;;) {
		ret = census_read(s, &census, false, err);
		if (!ret)
			ret = is_gone(s, ch, &gone, err);
		if (!ret && count(&census, out->revision, out))
			ret = cgspan_err_set(err, -ENOMEM, "out of memory");
		if (!ret && gone && ch->kind == CHANGE_DELETE)
			all_done(out);
		if (ret || (gone && out->in_force == out->nodes))
			break;
		ret = ch->wait_ms ? sync_wait(s, prefixes, census.rev + 1,
					      deadline, err) : -ETIME;
		if (ret)
			break;
	}
	if (ret == -ETIME && ch->wait_ms)
		late(ch, out, err);
	else if (ret == -ETIME)
		ret = 0;
	census_free(&census);
	return ret;
}

int change_store(const struct change *ch, const struct config *config,
		 struct outcome *out, struct cgspan_err *err)
{
	struct sync *s;
	int ret;

	ret = sync_open(&s, config, err);
	if (ret)
		return ret;
	ret = commit(s, ch, &out->revision, err);
	if (!ret)
		ret = in_force(s, ch, out, err);
	sync_close(s);
	return ret;
}
