/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for what the daemon does with this node's session. */
#ifndef CGSPAN_SESSION_H
#define CGSPAN_SESSION_H

#include "cmd.h"

/**
 * session_wait() - wait until there is a live session, or none
 * @k: the kernel
 * @live: which of the two
 * @deadline: ms, as sync_now() tells it
 * @err: why it failed; not set with -ETIME
 *
 * Return: 0; -ETIME: the deadline has passed; or another negative errno.
 */
int session_wait(struct cgspan *k, bool live, uint64_t deadline,
		 struct cgspan_err *err);

#endif /* CGSPAN_SESSION_H */
