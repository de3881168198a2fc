/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mirrors of prefixes of the store: read a prefix, then watch it from the next
 * revision. If either fails, do both again after a pause with jitter.
 */
#ifndef CGSPAN_MIRROR_H
#define CGSPAN_MIRROR_H

#include <stddef.h>
#include <stdint.h>

struct cgspan_err;
struct mirrors;
struct sd_event;
struct store;
struct store_kv;

/* All keys under @prefix as of @rev; a key that is not in @kvs is deleted. */
typedef void mirror_snapshot_fn(void *arg, const char *prefix,
				const struct store_kv *kvs, size_t n,
				int64_t rev);
/* All changes of @rev to keys of one mirror; val of a deleted key is NULL. */
typedef void mirror_change_fn(void *arg, const struct store_kv *kvs, size_t n,
			      int64_t rev);

/**
 * mirrors_new() - an empty set of mirrors; free it with mirrors_free()
 * @snapshot: called with @arg for each prefix first, and again after revisions
 *	were missed
 * @change: then called with @arg for each revision that changes a mirror's keys
 *
 * Return: 0 or -ENOMEM.
 */
int mirrors_new(struct mirrors **out, struct sd_event *event, struct store *s,
		mirror_snapshot_fn *snapshot, mirror_change_fn *change,
		void *arg, struct cgspan_err *err);

/**
 * mirrors_free() - free a set and its mirrors, after store_close()
 */
void mirrors_free(struct mirrors *ms);

/**
 * mirror_add() - begin to mirror a prefix, which is copied
 *
 * Return: 0 or a negative errno; a store that is down is no error.
 */
int mirror_add(struct mirrors *ms, const char *prefix, struct cgspan_err *err);

/**
 * mirror_del() - end a mirror, if there is one of this prefix
 *
 * No callback comes for it any more; may be called from its callback.
 */
void mirror_del(struct mirrors *ms, const char *prefix);

#endif /* CGSPAN_MIRROR_H */
