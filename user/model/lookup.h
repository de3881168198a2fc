/* SPDX-License-Identifier: GPL-2.0 */
/* Look up records in a sorted container by group or node. */
#ifndef CGSPAN_LOOKUP_H
#define CGSPAN_LOOKUP_H

#include "codec.h"
#include "kvs.h"

struct cgspan_err;

/* A group, and mod_rev of its key; 0: no key: "/" may lack it. */
struct group_at {
	struct group_rec rec;
	int64_t rev;
};

/* Each function returns 0, -ENOMEM, or -EBADMSG with the key in the text. */

/* The record of the key "cluster", to be freed with cluster_fini(), and the
 * key's mod_rev; 0: no key, and the record is cluster_fresh().
 */
int lookup_cluster(const struct kvs *kvs, struct cluster_rec *out, int64_t *rev,
		   struct cgspan_err *err);
/* The group with this valid path; -ENOENT: there is none. "/" always exists. */
int lookup_group(const struct kvs *kvs, const char *path, struct group_at *out,
		 struct cgspan_err *err);
/* The group with this id, and its path; rev 0: no key of a group has the id. */
int lookup_group_id(const struct kvs *kvs, uint64_t id,
		    char path[CGSPAN_PATH_LEN + 1], struct group_at *out,
		    struct cgspan_err *err);
/* The state of a node's session; EPOCH_FENCED if the node has no epoch/. */
int lookup_epoch_state(const struct kvs *kvs, const char *node,
		       enum epoch_state *state, struct cgspan_err *err);

#endif /* CGSPAN_LOOKUP_H */
