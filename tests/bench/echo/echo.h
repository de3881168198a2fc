/* SPDX-License-Identifier: GPL-2.0 */
/* The protocol of echo.c: the reply has the same ECHO_A_VALUE as the request. */
#ifndef ECHO_H
#define ECHO_H

#define ECHO_NAME "cgspan_echo"

enum { ECHO_CMD_UNSPEC, ECHO_CMD_ECHO };
enum { ECHO_A_UNSPEC, ECHO_A_VALUE, __ECHO_A_LAST };

#endif /* ECHO_H */
