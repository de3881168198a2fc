/* SPDX-License-Identifier: GPL-2.0 */
/* Transport: the only file of the library that sends and receives. */
#ifndef CGSPAN_IPC_H
#define CGSPAN_IPC_H

#include "msg.h"

/* The multicast groups, in the order of CGSPAN_EVENT_*'s bits. */
#define IPC_MCGRPS	4

/* Reads one answer: 0, or a negative errno that the call then returns. */
typedef int ipc_reply_fn(const struct nlmsghdr *nlh, void *arg);

/* Reads one message of a dump into a zeroed item. */
typedef int ipc_item_fn(const struct nlmsghdr *nlh, void *item);

/**
 * ipc_call() - send a request, wait for its answers and its end
 * @c: the handle
 * @m: the request; freed
 * @fn: reads the answers, at least one; NULL: none is expected
 * @arg: for @fn
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int ipc_call(struct cgspan *c, struct msg *m, ipc_reply_fn *fn, void *arg,
	     struct cgspan_err *err);

/**
 * ipc_await() - wait for notifications about the last answered request
 * @c: the handle
 * @ms: time that the kernel may take, added to the handle's time-out
 * @fn: reads each notification
 * @done: asked after each: wait no longer?
 * @arg: for @fn and @done
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int ipc_await(struct cgspan *c, unsigned int ms, ipc_reply_fn *fn,
	      bool (*done)(const void *arg), void *arg, struct cgspan_err *err);

/**
 * ipc_dump() - send a dump request, collect all items of a consistent answer
 * @c: the handle
 * @m: the request; freed
 * @fn: reads each message
 * @size: bytes of an item
 * @out: an array from malloc(); NULL where there are none
 * @n: its length
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int ipc_dump(struct cgspan *c, struct msg *m, ipc_item_fn *fn, size_t size,
	     void **out, size_t *n, struct cgspan_err *err);

int ipc_fd(const struct cgspan *c);

/* Join the multicast groups of a mask of CGSPAN_EVENT_*. */
int ipc_listen(struct cgspan *c, unsigned int which, struct cgspan_err *err);

/**
 * ipc_next() - the next message from the kernel, without waiting
 * @c: the handle
 * @out: valid until the next call
 * @err: why it failed
 *
 * Return: 0; -EAGAIN (@err is not set); -ENOBUFS: some were lost; or another.
 */
int ipc_next(struct cgspan *c, const struct nlmsghdr **out,
	     struct cgspan_err *err);

#endif /* CGSPAN_IPC_H */
