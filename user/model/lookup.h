/* SPDX-License-Identifier: GPL-2.0 */
/* Look up records in a sorted container by group or node. */
#ifndef CGSPAN_LOOKUP_H
#define CGSPAN_LOOKUP_H

#include "codec.h"
#include "kvs.h"

struct cgspan_err;

/* A group and its key's mod_rev; 0: it does not exist, as "/" need not. */
struct group_at {
	struct group_rec rec;
	int64_t rev;
};

/* Each returns 0, -ENOMEM, or -EBADMSG with the key in the text; see codec.h. */

/* The cluster's record, which needs cluster_fini() after success, and its mod_rev;
 * 0: it does not exist yet.
 */
int lookup_cluster(const struct kvs *kvs, struct cluster_rec *out, int64_t *rev,
		   struct cgspan_err *err);
/* A group by its path, a valid one; -ENOENT: there is none. */
int lookup_group(const struct kvs *kvs, const char *path, struct group_at *out,
		 struct cgspan_err *err);
/* A group and its path by its id; rev 0: none has this id. */
int lookup_group_id(const struct kvs *kvs, uint64_t id,
		    char path[CGSPAN_PATH_LEN + 1], struct group_at *out,
		    struct cgspan_err *err);
/* What a node's leases are worth: EPOCH_FENCED also if it was never in session. */
int lookup_epoch_state(const struct kvs *kvs, const char *node,
		       enum epoch_state *state, struct cgspan_err *err);

#endif /* CGSPAN_LOOKUP_H */
