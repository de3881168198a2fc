// SPDX-License-Identifier: GPL-2.0
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/err.h"
#include "model/key.h"
#include "view.h"

/* The queue of intentions */

static void queued_free(struct queued *q)
{
	if (!q)
		return;
	free(q->text);
	free(q->peer);
	free(q);
}

void out_fini(struct out *out)
{
	struct queued *q;

	while ((q = out->first)) {
		out->first = q->next;
		queued_free(q);
	}
	queued_free(out->taken);
	while (out->n_watches)
		free(out->watches[--out->n_watches].prefix);
	free(out->watches);
}

void out_queue(struct ledger *l, const struct ledger_intent *in, char *text,
	       char *peer)
{
	struct queued *q = malloc(sizeof(*q));
	struct out *out = l->out;

	if (!q) {
		free(text);
		free(peer);
		ledger_no_memory(l);
		return;
	}
	*q = (struct queued){ .in = *in, .text = text, .peer = peer };
	if (out->first)
		out->last->next = q;
	else
		out->first = q;
	out->last = q;
}

const struct ledger_intent *out_next(struct out *out)
{
	queued_free(out->taken);
	out->taken = out->first;
	if (!out->taken)
		return NULL;
	out->first = out->taken->next;
	return &out->taken->in;
}

void out_say_of(struct ledger *l, const char *peer, int64_t hb_rev,
		enum ledger_status code, const char *fmt, ...)
{
	struct ledger_intent in = { .kind = LEDGER_STATUS };
	char *name = peer ? strdup(peer) : NULL, *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text || (peer && !name)) {
		free(text);
		free(name);
		ledger_no_memory(l);
		return;
	}
	in.status.code = code;
	in.status.text = text;
	in.status.peer = name;
	in.status.hb_rev = hb_rev;
	out_queue(l, &in, text, name);
}

bool out_is_new(struct out *out, enum ledger_status code)
{
	bool new = !out->has_told || out->told != code;

	out->has_told = true;
	out->told = code;
	return new;
}

void out_say_unread(struct ledger *l, const struct cgspan_err *err)
{
	if (err->no == -ENOMEM)
		ledger_no_memory(l);
	else
		out_say(l, LEDGER_ST_BAD_VALUE, "left alone: %s", err->msg);
}

/* The watched prefixes */

struct watch *out_find_watch(const struct ledger *l, const char *prefix)
{
	for (size_t i = 0; i < l->out->n_watches; i++)
		if (!strcmp(l->out->watches[i].prefix, prefix))
			return &l->out->watches[i];
	return NULL;
}

/* Queue a WATCH or UNWATCH. @prefix: owned; NULL: out of memory */
static void queue_prefix(struct ledger *l, enum ledger_kind kind, char *prefix)
{
	struct ledger_intent in = { .kind = kind, .prefix = prefix };

	if (prefix)
		out_queue(l, &in, prefix, NULL);
	else
		ledger_no_memory(l);
}

void out_watch(struct ledger *l, const char *prefix)
{
	struct out *out = l->out;
	void *p;

	if (out_find_watch(l, prefix))
		return;
	p = ledger_grow(l, out->watches, out->n_watches, sizeof(*out->watches));
	if (!p)
		return;
	out->watches = p;
	out->watches[out->n_watches] = (struct watch){ .prefix = strdup(prefix) };
	if (!out->watches[out->n_watches].prefix) {
		ledger_no_memory(l);
		return;
	}
	out->n_watches++;
	queue_prefix(l, LEDGER_WATCH, strdup(prefix));
}

void out_unwatch(struct ledger *l, const char *prefix)
{
	struct watch *w = out_find_watch(l, prefix);

	if (!w)
		return;
	queue_prefix(l, LEDGER_UNWATCH, w->prefix);
	*w = l->out->watches[--l->out->n_watches];
}

bool out_watched(const struct ledger *l, const char *prefix)
{
	const struct watch *w = out_find_watch(l, prefix);

	return w && w->seen;
}

void out_watch_all(struct ledger *l)
{
	static const char *const prefixes[] = {
		KEY_CLUSTER_NAME, "epoch/", "group/", "debt/", "want/", "pool/",
	};
	char key[KEY_LEN];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		out_watch(l, prefixes[i]);
	out_watch(l, key_node(key, l->name));
	out_watch(l, key_hb(key, l->name));
	snprintf(key, sizeof(key), "lease/%s/", l->name);
	out_watch(l, key);
}

void out_watch_anew(struct ledger *l)
{
	struct lgroup *g;

	for_each_group(l, g)
		g->watch_pool = false;
	while (l->out->n_watches)
		out_unwatch(l, l->out->watches[0].prefix);
	out_watch_all(l);
}

bool out_watches_seen(const struct ledger *l)
{
	for (size_t i = 0; i < l->out->n_watches; i++)
		if (!l->out->watches[i].seen)
			return false;
	return l->out->n_watches;
}
