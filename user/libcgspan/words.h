/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules for words and names, which cgspan.h offers with an error text, for
 * callers that have a part of a longer string.
 */
#ifndef CGSPAN_WORDS_H
#define CGSPAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cgspan.h"

/*
 * Can these @len bytes name a node or one level of a path? True for 1 to
 * CGSPAN_NAME_LEN of [A-Za-z0-9._-], but not for "." and "..".
 */
bool words_is_name(const char *text, size_t len);

#endif /* CGSPAN_WORDS_H */
