/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rule for names, for callers that have a part of a longer string; cgspan.h
 * has it for whole strings, with an error text.
 */
#ifndef CGSPAN_WORDS_H
#define CGSPAN_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cgspan.h"

/*
 * May these @len bytes be the name of a node or of one level of a path? True
 * for 1 to CGSPAN_NAME_LEN of [A-Za-z0-9._-], except "." and "..".
 */
bool words_is_name(const char *text, size_t len);

#endif /* CGSPAN_WORDS_H */
