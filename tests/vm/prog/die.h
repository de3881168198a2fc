/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_PROG_DIE_H
#define TESTS_PROG_DIE_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exit status of die(); a program may define another one before it includes this. */
#ifndef DIE_STATUS
#define DIE_STATUS 1
#endif

/* Print @what, which failed, and the text of errno, and exit. */
__attribute__((noreturn))
static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(DIE_STATUS);
}

/* Call die(@what) unless @ok. */
static inline void must(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

#endif /* TESTS_PROG_DIE_H */
