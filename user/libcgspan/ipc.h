/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Transport: ipc.c alone sends and receives messages. A function that takes
 * a request frees it and waits for the answer. Functions that can fail return 0
 * or a negative errno; @out and @n are set on success only.
 */
#ifndef CGSPAN_IPC_H
#define CGSPAN_IPC_H

#include "msg.h"

/* Reads one message. Return: 0; -EIO: it is not understood; or -ENOMEM. */
typedef int ipc_reply_fn(const struct nlmsghdr *nlh, void *arg);

/* Send a request. @fn: reads each answer; -EIO if none came; NULL: skip. */
int ipc_call(struct cgspan *c, struct msg *m, ipc_reply_fn *fn, void *arg,
	     struct cgspan_err *err);

/* Send a request; read its answer, of layout @l, into @out (may be NULL). */
int ipc_get(struct cgspan *c, struct msg *m, const struct layout *l, void *out,
	    struct cgspan_err *err);

/**
 * ipc_dump() - read a dump into an array, again if the kernel reports a change
 * @c: the handle
 * @m: the request
 * @l: layout of an item
 * @out: address of a pointer, set to the array, to be freed; NULL: no items
 * @n: set to the number of items
 * @err: why it failed
 */
int ipc_dump(struct cgspan *c, struct msg *m, const struct layout *l,
	     void *out, size_t *n, struct cgspan_err *err);

/**
 * ipc_await() - wait for notifications that the last request caused
 * @c: the handle
 * @ms: time that the kernel may take, added to the handle's time-out
 * @fn: reads each notification; if it fails, the wait ends with -EIO
 * @arg: for @fn
 * @done: the wait ends when @fn has set it
 * @err: why it failed
 */
int ipc_await(struct cgspan *c, unsigned int ms, ipc_reply_fn *fn, void *arg,
	      const bool *done, struct cgspan_err *err);

/* Set and return -EIO: module and library do not match, as text @what shows. */
int ipc_mismatch(struct cgspan_err *err, const char *what);

/* Set and return -EINVAL unless @n, the number of @what, is 1 to @max. */
int ipc_check_count(size_t n, size_t max, const char *what,
		    struct cgspan_err *err);

int ipc_fd(const struct cgspan *c);
bool ipc_brief(const struct cgspan *c);

/* Join the multicast groups of a mask of CGSPAN_EVENT_*. */
int ipc_listen(struct cgspan *c, unsigned int which, struct cgspan_err *err);

/*
 * The next message, without waiting; valid until @c is used to receive again.
 * -EAGAIN: no message (@err is not set); -ENOBUFS: messages were lost.
 */
int ipc_next(struct cgspan *c, const struct nlmsghdr **out,
	     struct cgspan_err *err);

#endif /* CGSPAN_IPC_H */
