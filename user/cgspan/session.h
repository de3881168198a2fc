/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for this node's session to begin or to end. */
#ifndef CGSPAN_SESSION_H
#define CGSPAN_SESSION_H

#include "cmd.h"

/**
 * session_wait() - wait for the state of the session; sleeps
 * @k: the kernel
 * @live: wait until it is live; otherwise until there is none
 * @deadline: ms of sync_now()
 * @err: why it failed; not set with -ETIME
 *
 * Return: 0; -ETIME: the deadline has passed; or another negative errno.
 */
int session_wait(struct cgspan *k, bool live, uint64_t deadline,
		 struct cgspan_err *err);

#endif /* CGSPAN_SESSION_H */
