/* SPDX-License-Identifier: GPL-2.0 */
/* The registered nodes, as the store has them. */
#ifndef CGSPAN_CENSUS_H
#define CGSPAN_CENSUS_H

#include "model/codec.h"
#include "store_sync.h"

/**
 * struct citizen - one registered node
 * @name: its name
 * @rec: its identity and state
 * @epoch: of its session; 0: none yet
 * @fenced: its leases are void
 * @claiming: the store is being recovered, and it has not claimed all yet
 * @acked: up to this revision group/ is in force there
 * @used: tasks charged there
 * @lease: of "/", CGSPAN_MAX: no limit
 * @has_usage: the two before are known
 */
struct citizen {
	char name[CGSPAN_NAME_LEN + 1];
	struct node_rec rec;
	int64_t epoch;
	bool fenced;
	bool claiming;
	int64_t acked;
	uint64_t used;
	uint64_t lease;
	bool has_usage;
};

struct census {
	struct citizen *nodes;
	size_t n;
	int64_t rev;
};

void census_free(struct census *census);

/**
 * census_read() - read them
 * @s: the store
 * @census: filled, in the order of their names; free it, also after an error
 * @usage: read what they use, too
 * @err: why it failed
 *
 * Return: 0; -EBADMSG for a value that cannot be understood; or another
 * negative errno.
 */
int census_read(struct sync *s, struct census *census, bool usage,
		struct cgspan_err *err);

#endif /* CGSPAN_CENSUS_H */
