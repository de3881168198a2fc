/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records of a sorted container by what they are about. A value that cannot be
 * read is -EBADMSG, with its key in the text: the store is damaged, not the
 * request wrong.
 */
#ifndef CGSPAN_LOOKUP_H
#define CGSPAN_LOOKUP_H

#include "account.h"
#include "codec.h"
#include "kvs.h"

struct cgspan_err;

/**
 * struct group_at - a group and its revision
 * @rec: the group
 * @rev: mod_rev of its key; 0: it does not exist, as "/" need not
 */
struct group_at {
	struct group_rec rec;
	int64_t rev;
};

/**
 * lookup_broken() - put a key in front of what its parser said
 * @err: the error
 * @ret: the parser's return value, not 0
 * @key: the key
 *
 * Return: -ENOMEM for that; else -EBADMSG.
 */
int lookup_broken(struct cgspan_err *err, int ret, const char *key);

/**
 * lookup_cluster() - the cluster's record
 * @kvs: the store's keys
 * @out: the record; needs cluster_fini() after success
 * @rev: its mod_rev; 0: it does not exist yet
 * @err: why it failed
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int lookup_cluster(const struct kvs *kvs, struct cluster_rec *out, int64_t *rev,
		   struct cgspan_err *err);

/**
 * lookup_group() - a group by its path
 * @kvs: the store's keys
 * @path: a valid one
 * @out: the group
 * @err: why it failed
 *
 * Return: 0; -ENOENT; -EBADMSG; -ENOMEM.
 */
int lookup_group(const struct kvs *kvs, const char *path, struct group_at *out,
		 struct cgspan_err *err);

/**
 * lookup_group_id() - a group by its id
 * @kvs: the store's keys
 * @id: the id
 * @path: its path
 * @out: the group; rev 0: none has this id
 * @err: why it failed
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int lookup_group_id(const struct kvs *kvs, uint64_t id,
		    char path[CGSPAN_PATH_LEN + 1], struct group_at *out,
		    struct cgspan_err *err);

/**
 * lookup_account() - account_load() with the key in the text
 * @kvs: the store's keys
 * @id: of the group
 * @res: enum cgspan_resource
 * @a: needs account_fini() after it, also after an error
 * @err: why it failed
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int lookup_account(const struct kvs *kvs, uint64_t id, uint32_t res,
		   struct account *a, struct cgspan_err *err);

/**
 * lookup_epoch_state() - what a node's leases are worth
 * @kvs: the store's keys
 * @node: its name
 * @state: EPOCH_FENCED also for a node that was never in session
 * @err: why it failed
 *
 * Return: 0; -EBADMSG; -ENOMEM.
 */
int lookup_epoch_state(const struct kvs *kvs, const char *node,
		       enum epoch_state *state, struct cgspan_err *err);

#endif /* CGSPAN_LOOKUP_H */
