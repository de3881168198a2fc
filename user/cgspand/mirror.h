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

/* All keys under the prefix as of @rev; a key that is missing was deleted. */
typedef void mirror_snapshot_fn(void *arg, const char *prefix,
				const struct store_kv *kvs, size_t n,
				int64_t rev);
/* One revision's changes; deleted keys have val NULL. */
typedef void mirror_change_fn(void *arg, const struct store_kv *kvs, size_t n,
			      int64_t rev);

/**
 * mirrors_new() - a set of mirrors, empty
 * @out: the set
 * @event: the event loop
 * @s: the store
 * @snapshot: called first for each prefix, and again after revisions were missed
 * @change: called for each later revision, in order
 * @arg: for both
 * @err: set on error
 *
 * Return: 0 or -ENOMEM.
 */
int mirrors_new(struct mirrors **out, struct sd_event *event, struct store *s,
		mirror_snapshot_fn *snapshot, mirror_change_fn *change,
		void *arg, struct cgspan_err *err);

/**
 * mirrors_free() - free them all; to be called after store_close()
 * @ms: may be NULL
 */
void mirrors_free(struct mirrors *ms);

/**
 * mirror_add() - begin to mirror a prefix; a store that is down is no error
 * @ms: the set
 * @prefix: copied
 * @err: set on error
 *
 * Return: 0 or a negative errno.
 */
int mirror_add(struct mirrors *ms, const char *prefix, struct cgspan_err *err);

/**
 * mirror_del() - end a mirror: no callback comes for it any more
 * @ms: the set
 * @prefix: of the mirror; ignored if there is none
 */
void mirror_del(struct mirrors *ms, const char *prefix);

#endif /* CGSPAN_MIRROR_H */
