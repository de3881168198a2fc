// SPDX-License-Identifier: GPL-2.0
/* Out of the ledger: the queue of intentions, watches, transactions. */
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"

/* The queue */

void queued_fini(struct queued *q)
{
	free(q->text);
	free(q->peer);
	memset(q, 0, sizeof(*q));
}

void ledger_queue(struct ledger *l, struct queued q)
{
	size_t room = l->q_room ? 2 * l->q_room : 16;
	void *p;

	if (l->q_first + l->q_n == l->q_room) {
		if (l->q_first) {
			memmove(l->queue, l->queue + l->q_first,
				l->q_n * sizeof(*l->queue));
			l->q_first = 0;
		} else {
			p = realloc(l->queue, room * sizeof(*l->queue));
			if (!p) {
				queued_fini(&q);
				ledger_no_memory(l);
				return;
			}
			l->queue = p;
			l->q_room = room;
		}
	}
	l->queue[l->q_first + l->q_n++] = q;
}

const struct ledger_intent *ledger_next(struct ledger *l)
{
	queued_fini(&l->taken);
	if (!l->q_n)
		return NULL;
	l->taken = l->queue[l->q_first++];
	if (!--l->q_n)
		l->q_first = 0;
	return &l->taken.in;
}

void ledger_say(struct ledger *l, enum ledger_status code, const char *fmt, ...)
{
	struct queued q = { .in.kind = LEDGER_STATUS };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&q.text, fmt, ap) < 0)
		q.text = NULL;
	va_end(ap);
	if (!q.text) {
		ledger_no_memory(l);
		return;
	}
	q.in.status.code = code;
	q.in.status.text = q.text;
	ledger_queue(l, q);
}

/* Say it unless it was the last one said. */
__attribute__((format(printf, 3, 4)))
void ledger_say_once(struct ledger *l, enum ledger_status code,
		     const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (l->has_told && l->told == code)
		return;
	l->has_told = true;
	l->told = code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ledger_say(l, code, "%s", text);
}

/* Watches */

struct watch *ledger_find_watch(const struct ledger *l, const char *prefix)
{
	for (size_t i = 0; i < l->n_watches; i++)
		if (!strcmp(l->watches[i].prefix, prefix))
			return &l->watches[i];
	return NULL;
}

static void queue_prefix(struct ledger *l, enum ledger_kind kind,
			 const char *prefix)
{
	struct queued q = { .in.kind = kind, .text = strdup(prefix) };

	if (!q.text) {
		ledger_no_memory(l);
		return;
	}
	q.in.prefix = q.text;
	ledger_queue(l, q);
}

void ledger_watch(struct ledger *l, const char *prefix)
{
	char *copy;
	void *p;

	if (ledger_find_watch(l, prefix))
		return;
	p = realloc(l->watches, (l->n_watches + 1) * sizeof(*l->watches));
	copy = strdup(prefix);
	if (p)
		l->watches = p;
	if (!p || !copy) {
		free(copy);
		ledger_no_memory(l);
		return;
	}
	l->watches[l->n_watches++] = (struct watch){ .prefix = copy };
	queue_prefix(l, LEDGER_WATCH, prefix);
}

void ledger_unwatch(struct ledger *l, const char *prefix)
{
	struct watch *w = ledger_find_watch(l, prefix);
	char *gone;

	if (!w)
		return;
	gone = w->prefix;
	queue_prefix(l, LEDGER_UNWATCH, gone);
	*w = l->watches[--l->n_watches];
	free(gone);
}

bool ledger_watched(const struct ledger *l, const char *prefix)
{
	const struct watch *w = ledger_find_watch(l, prefix);

	return w && w->seen;
}

/* Prefixes that must be known before anything is decided. */
void ledger_watch_all(struct ledger *l)
{
	static const char *const prefixes[] = {
		KEY_CLUSTER_NAME, "epoch/", "group/", "debt/", "want/", "pool/",
	};
	char key[KEY_LEN];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		ledger_watch(l, prefixes[i]);
	ledger_watch(l, key_node(key, l->name));
	ledger_watch(l, key_hb(key, l->name));
	snprintf(key, sizeof(key), "lease/%s/", l->name);
	ledger_watch(l, key);
}

/* Read everything again: what is known may be too old. */
void ledger_watch_anew(struct ledger *l)
{
	for (size_t i = 0; i < l->n_groups; i++)
		l->groups[i]->watch_pool = false;
	memset(l->peers, 0, sizeof(l->peers));
	while (l->n_watches)
		ledger_unwatch(l, l->watches[0].prefix);
	ledger_watch_all(l);
}

bool ledger_watches_seen(const struct ledger *l)
{
	for (size_t i = 0; i < l->n_watches; i++)
		if (!l->watches[i].seen)
			return false;
	return l->n_watches;
}

/* Transactions */

void ledger_send(struct ledger *l, enum txn_kind kind)
{
	struct queued q = { .in.kind = LEDGER_TXN };

	if (l->txn.error) {
		/* Too large is a bug: the room is checked before. */
		ledger_no_memory(l);
		return;
	}
	l->txn_id = ++l->last_id;
	l->txn_kind = kind;
	l->txn_sent = l->now;
	kvs_fini(&l->deleted);
	q.in.id = l->txn_id;
	q.in.txn = &l->txn.view;
	ledger_queue(l, q);
}

char *ledger_beat(struct ledger *l)
{
	struct hb_rec rec = { ++l->hb_seq, l->ttl_ms, l->now / MSEC };

	return hb_format(&rec);
}

void ledger_compare(struct ledger *l, const char *key)
{
	const struct store_kv *kv = kvs_find(&l->cache, key);

	txn_compare(&l->txn, key, kv ? kv->mod_rev : 0);
}

void ledger_bad_value(struct ledger *l, const struct store_kv *kv,
		      const struct cgspan_err *err)
{
	if (err->no == -ENOMEM)
		ledger_no_memory(l);
	else
		ledger_say(l, LEDGER_ST_BAD_VALUE,
			   "the store's key %s is left alone: %s", kv->key,
			   err->msg);
}
