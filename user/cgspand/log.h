/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line to standard error. Unless that is a terminal, the line begins with
 * its level as "<N>", from which the journal takes the priority.
 */
#ifndef CGSPAN_LOG_H
#define CGSPAN_LOG_H

#include <syslog.h>

/**
 * log_line() - log a line
 * @level: LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO
 * @fmt: printf format, without a newline; cut after 511 bytes
 */
void log_line(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* CGSPAN_LOG_H */
