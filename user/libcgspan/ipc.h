/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transport: the only file of the library that sends and receives. A function
 * with a request frees it, waits for the answer, and returns 0 or a negative
 * errno; in that case outputs are not changed.
 */
#ifndef CGSPAN_IPC_H
#define CGSPAN_IPC_H

#include "msg.h"

/* Reads one answer: 0, or a negative errno that the call then returns. */
typedef int ipc_reply_fn(const struct nlmsghdr *nlh, void *arg);

/* @fn: reads the answers, at least one; NULL: none is expected. */
int ipc_call(struct cgspan *c, struct msg *m, ipc_reply_fn *fn, void *arg,
	     struct cgspan_err *err);

/* Read the answer into a struct with that layout; @out may be NULL. */
int ipc_get(struct cgspan *c, struct msg *m, const struct layout *l, void *out,
	    struct cgspan_err *err);

/**
 * ipc_dump() - send a dump request, read a consistent answer into an array
 * @c: the handle
 * @m: the request
 * @l: layout of an item
 * @out: address of the pointer to the array, from malloc(); NULL if it is empty
 * @n: its length
 * @err: why it failed
 */
int ipc_dump(struct cgspan *c, struct msg *m, const struct layout *l,
	     void *out, size_t *n, struct cgspan_err *err);

/**
 * ipc_await() - wait for notifications about the last answered request
 * @c: the handle
 * @ms: time that the kernel may take, added to the handle's time-out
 * @fn: reads each notification
 * @arg: for @fn
 * @done: @fn sets it to end the wait
 * @err: why it failed
 */
int ipc_await(struct cgspan *c, unsigned int ms, ipc_reply_fn *fn, void *arg,
	      const bool *done, struct cgspan_err *err);

/* Set -EIO: what the kernel sent is not what this library expects. */
int ipc_mismatch(struct cgspan_err *err, const char *what);

/* Set -EINVAL unless a request has 1 to @max of @what. */
int ipc_check_count(size_t n, size_t max, const char *what,
		    struct cgspan_err *err);

int ipc_fd(const struct cgspan *c);
bool ipc_brief(const struct cgspan *c);

/* Join the multicast groups of a mask of CGSPAN_EVENT_*. */
int ipc_listen(struct cgspan *c, unsigned int which, struct cgspan_err *err);

/*
 * The next message from the kernel, without waiting; valid until the next call.
 * -EAGAIN: none (@err is not set); -ENOBUFS: some were lost.
 */
int ipc_next(struct cgspan *c, const struct nlmsghdr **out,
	     struct cgspan_err *err);

#endif /* CGSPAN_IPC_H */
