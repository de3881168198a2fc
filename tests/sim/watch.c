// SPDX-License-Identifier: GPL-2.0
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "state.h"

static struct watch **bucket_of(struct world *w, const char *prefix, size_t len)
{
	return &w->by_prefix[hash(prefix, len) % WATCH_BUCKETS];
}

struct watch *watch_find(struct wnode *n, const char *prefix)
{
	for (int i = 0; i < WATCHES; i++)
		if (n->watches[i].serial &&
		    !strcmp(n->watches[i].prefix, prefix))
			return &n->watches[i];
	return NULL;
}

struct watch *watch_by_serial(struct wnode *n, uint64_t serial)
{
	for (int i = 0; i < WATCHES; i++)
		if (n->watches[i].serial == serial)
			return &n->watches[i];
	return NULL;
}

void watch_begin(struct world *w, struct wnode *n, const char *prefix)
{
	struct watch *v = watch_by_serial(n, 0), **bucket;

	if (!v) {
		state_breach(w, "%s watches too much", n->name);
		return;
	}
	bucket = bucket_of(w, prefix, strlen(prefix));
	*v = (struct watch){ .serial = ++w->serial,
			     .prefix = need(strdup(prefix)),
			     .node = n - w->nodes, .next = *bucket };
	*bucket = v;
	event_push(w, (struct event){ .kind = EV_GET, .node = v->node,
				      .run = n->run, .id = v->serial }, hop(w));
}

void watch_end(struct world *w, struct watch *v)
{
	struct watch **p;

	if (!v || !v->serial)
		return;
	p = bucket_of(w, v->prefix, strlen(v->prefix));
	while (*p != v)
		p = &(*p)->next;
	*p = v->next;
	free(v->prefix);
	memset(v, 0, sizeof(*v));
}

/* Send news, after earlier news, to each ready watch of the first @len bytes of @key. */
static void wake_prefix(struct world *w, const char *key, size_t len,
			struct news *news)
{
	struct watch *v = *bucket_of(w, key, len);
	uint64_t at;

	for (; v; v = v->next) {
		if (!v->ready || strncmp(v->prefix, key, len) ||
		    v->prefix[len])
			continue;
		at = w->now + hop(w);
		if (at < w->nodes[v->node].deaf_until)
			at = w->nodes[v->node].deaf_until;
		v->last = v->last > at ? v->last : at;
		news->refs++;
		event_push(w, (struct event){ .kind = EV_WATCH, .node = v->node,
					      .run = w->nodes[v->node].run,
					      .id = v->serial, .news = news },
			   v->last - w->now);
	}
}

void watch_wake(struct world *w, struct news *news)
{
	for (size_t i = 0; i < news->n; i++) {
		const char *key = news->kvs[i].key, *p = key;
		size_t len = strlen(key), k;

		while ((p = strchr(p, '/')) && p++) {
			for (k = 0; k < i; k++)
				if (!strncmp(news->kvs[k].key, key, p - key))
					break;
			if (k == i && p[0])
				wake_prefix(w, key, p - key, news);
		}
		wake_prefix(w, key, len, news);
	}
}
