/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transport: the only file of the library that sends and receives. A function
 * with a request frees it, waits for the answer, and returns 0 or a negative
 * errno; in that case outputs are not changed.
 */
#ifndef CGSPAN_IPC_H
#define CGSPAN_IPC_H

#include "msg.h"

/* Reads one answer: 0, or a negative errno, which the call then returns. */
typedef int ipc_reply_fn(const struct nlmsghdr *nlh, void *arg);

/* Send a request. @fn: reads its answers, one at least; NULL: there is none. */
int ipc_call(struct cgspan *c, struct msg *m, ipc_reply_fn *fn, void *arg,
	     struct cgspan_err *err);

/* Send a request; read its answer into @out, which has layout @l; or NULL. */
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

/* Set -EIO: the kernel has sent what this library does not expect. */
int ipc_mismatch(struct cgspan_err *err, const char *what);

/* Set -EINVAL if the number of @what in a request is not 1 to @max. */
int ipc_check_count(size_t n, size_t max, const char *what,
		    struct cgspan_err *err);

int ipc_fd(const struct cgspan *c);
bool ipc_brief(const struct cgspan *c);

/* Join the multicast groups of a mask of CGSPAN_EVENT_*. */
int ipc_listen(struct cgspan *c, unsigned int which, struct cgspan_err *err);

/*
 * The next message from the kernel, without waiting; valid until the next call.
 * -EAGAIN: no message (@err is not set); -ENOBUFS: messages were lost.
 */
int ipc_next(struct cgspan *c, const struct nlmsghdr **out,
	     struct cgspan_err *err);

#endif /* CGSPAN_IPC_H */
