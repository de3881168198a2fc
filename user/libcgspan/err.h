/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One error, owned by the caller. A function that can fail returns 0 or
 * a negative errno, and then fills the error, whose content means nothing after
 * success. Each caller may put context in front of the text, which is one line
 * without a newline. It says what to do if that is known.
 */
#ifndef CGSPAN_ERR_H
#define CGSPAN_ERR_H

/* Why a call failed. */
struct cgspan_err {
	int no;		/* negative errno, as returned or told in a callback */
	char msg[512];	/* one line, to be read by a person */
};

/**
 * cgspan_err_set() - fill an error; @err may be NULL
 * @no: a negative errno
 *
 * Return: @no, so that "return cgspan_err_set(...)" is the whole exit path.
 */
int cgspan_err_set(struct cgspan_err *err, int no, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cgspan_err_nomem() - fill an error after a failed allocation; returns -ENOMEM
 */
int cgspan_err_nomem(struct cgspan_err *err);

/**
 * cgspan_err_wrap() - put context and ": " in front of an error that is set
 *
 * Return: the error's number; -EINVAL if @err is NULL.
 */
int cgspan_err_wrap(struct cgspan_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* CGSPAN_ERR_H */
