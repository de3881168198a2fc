/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of what a group shall be. Where the configuration names a store it
 * is a transaction there, which the daemons carry to the kernels; where it
 * names none, this kernel is all there is: the lease is the limit.
 */
#ifndef CGSPAN_CHANGE_H
#define CGSPAN_CHANGE_H

#include "cmd.h"

enum change_kind {
	CHANGE_CREATE,
	CHANGE_SET,
	CHANGE_DELETE,
};

/**
 * struct change - what is asked for
 * @kind: what to do
 * @path: of the group
 * @limits: those to set
 * @n_limits: how many
 * @on_expiry: enum cgspan_on_expiry, or CGSPAN_ON_EXPIRY_KEEP
 * @wait_ms: until it is in force; 0: do not wait
 */
struct change {
	enum change_kind kind;
	const char *path;
	struct cgspan_limit limits[CGSPAN_RES_MAX + 1];
	size_t n_limits;
	int on_expiry;
	unsigned int wait_ms;
};

/**
 * struct outcome - how far it has come
 * @revision: of the store; 0: there is none
 * @nodes: registered in the store and not fenced, or 1
 * @in_force: on how many of them
 * @missing: the others' names, parted by blanks; to be freed
 */
struct outcome {
	int64_t revision;
	size_t nodes;
	size_t in_force;
	char *missing;
};

/* Reads the call, does it, says what came of it: what the verbs' fn are. */
int change_run(struct cmd *c, enum change_kind kind, struct cgspan_err *err);

/* On this kernel alone. */
int change_alone(const struct change *ch, struct outcome *out,
		 struct cgspan_err *err);

/* After a session has ended: all leases are the limits again. */
int alone_restore(struct cgspan_err *err);

struct config;

/* In the store that @config names; -ETIME: not in force on all in time. */
int change_store(const struct change *ch, const struct config *config,
		 struct outcome *out, struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_H */
