/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory of keys and values. A file of its own, so that the simulator can
 * replace it by one that stores equal texts of many nodes only once.
 */
#ifndef CGSPAN_TEXT_H
#define CGSPAN_TEXT_H

#include <stddef.h>

/* A copy of @len bytes, owned by the caller, and a final 0; NULL: no memory. */
char *text_new(const char *bytes, size_t len);
/* Free a text, which may be NULL. */
void text_free(char *text);

#endif /* CGSPAN_TEXT_H */
