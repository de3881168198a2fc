/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A transaction on desired state: read, build, commit. All three are repeated,
 * up to 16 tries in all, if another change came first or the answer was lost.
 */
#ifndef CGSPAN_COMMIT_H
#define CGSPAN_COMMIT_H

#include "model/txn.h"
#include "store_sync.h"

struct commit;

/* Returned by a builder and by commit_run(): there is nothing to change. */
#define COMMIT_NOTHING	1

/**
 * typedef commit_build_t - build the transaction from what was read
 * @c: the commit; @c->unsure: an earlier try may have been applied
 * @t: an initialised, empty transaction
 * @keys: desired state, as sync_get_desired() reads it
 * @err: why it failed
 *
 * Called once for each try.
 *
 * Return: 0: commit @t; COMMIT_NOTHING; or a negative errno, which ends the
 * tries unless it is -EAGAIN.
 */
typedef int commit_build_t(struct commit *c, struct txn *t,
			   const struct keys *keys, struct cgspan_err *err);

/**
 * struct commit - one transaction
 * @build: builds it
 * @arg: for @build
 * @unsure: set if the answer to a try was lost
 * @rev: set to the revision at which it was applied; @build may set it, too
 */
struct commit {
	commit_build_t *build;
	void *arg;
	bool unsure;
	int64_t rev;
};

/**
 * commit_run() - apply the transaction; sleeps
 * @c: the transaction
 * @s: the store
 * @err: why it failed
 *
 * Return: 0: applied; COMMIT_NOTHING; -EAGAIN: all tries failed; or another
 * negative errno. With @c->unsure, unless 0, a try may have been applied.
 */
int commit_run(struct commit *c, struct sync *s, struct cgspan_err *err);

#endif /* CGSPAN_COMMIT_H */
