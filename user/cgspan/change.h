/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of groups. If the configuration names a store, a change is a
 * transaction there, which the daemons bring to their kernels; if it names
 * none, it changes this kernel alone.
 */
#ifndef CGSPAN_CHANGE_H
#define CGSPAN_CHANGE_H

#include "cmd.h"
#include "group_change.h"

/**
 * change_run() - the verbs create, set and delete
 * @c: the call
 * @kind: which of them
 * @err: why it failed
 *
 * Sleeps until the change is in force; prints the outcome.
 *
 * Return: 0 or a negative errno; -ETIME: not in force on all nodes in time.
 */
int change_run(struct cmd *c, enum change_kind kind, struct cgspan_err *err);

#endif /* CGSPAN_CHANGE_H */
