// SPDX-License-Identifier: GPL-2.0
/*
 * Texts of keys and values, for a hundred thousand daemons in one process: equal
 * ones are stored once. The simulator links this in place of model/text.c.
 */
#include "model/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

#define BUCKETS		(1U << 20)

/* A text that @refs keys and values share. */
struct shared {
	struct shared *next;
	size_t refs;
	char text[];
};

static struct shared *all[BUCKETS];

static struct shared **bucket_of(const char *text, size_t len)
{
	uint32_t h = hash(text, len);

	return &all[(h ^ h >> 20) % BUCKETS];
}

char *text_new(const char *bytes, size_t len)
{
	struct shared **bucket = bucket_of(bytes, len), *s;

	for (s = *bucket; s; s = s->next)
		if (!strncmp(s->text, bytes, len) && !s->text[len]) {
			s->refs++;
			return s->text;
		}
	s = malloc(sizeof(*s) + len + 1);
	if (!s)
		return NULL;
	memcpy(s->text, bytes, len);
	s->text[len] = 0;
	s->refs = 1;
	s->next = *bucket;
	*bucket = s;
	return s->text;
}

void text_free(char *text)
{
	struct shared *s;
	struct shared **p;

	if (!text)
		return;
	s = (void *)(text - offsetof(struct shared, text));
	if (--s->refs)
		return;
	for (p = bucket_of(text, strlen(text)); *p != s; p = &(*p)->next)
		;
	*p = s->next;
	free(s);
}
