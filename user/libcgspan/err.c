// SPDX-License-Identifier: GPL-2.0
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cgspan_err_set(struct cgspan_err *err, int no, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return no;
	err->no = no;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return no;
}

int cgspan_err_nomem(struct cgspan_err *err)
{
	return cgspan_err_set(err, -ENOMEM, "out of memory");
}

int cgspan_err_wrap(struct cgspan_err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	size_t len;

	if (!err)
		return -EINVAL;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	len = strlen(err->msg);
	snprintf(err->msg + len, sizeof(err->msg) - len, ": %.*s",
		 (int)(sizeof(old) - len), old);
	return err->no;
}
