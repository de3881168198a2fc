/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line to standard error; sd-daemon's level prefix lets the journal sort
 * it, and is left out where a person reads along.
 */
#ifndef CGSPAN_LOG_H
#define CGSPAN_LOG_H

#include <syslog.h>

/**
 * log_line() - say something to the admin
 * @level: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO
 * @fmt: printf format, without a newline
 */
void log_line(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* CGSPAN_LOG_H */
