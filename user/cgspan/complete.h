/* SPDX-License-Identifier: GPL-2.0 */
/* Completion of words in a shell, which calls "cgspan --complete". */
#ifndef CGSPAN_COMPLETE_H
#define CGSPAN_COMPLETE_H

#include "cmd.h"

/**
 * complete() - print the possible completions of the last word, one a line
 * @verbs: all verbs, ended by NULL
 * @words: the incomplete command line without the program's name, ended by
 *	NULL; its last word is to be completed and may be ""
 *
 * Prints nothing for names of files: the shell completes them.
 *
 * Return: 0 or a negative errno.
 */
int complete(const struct verb *const *verbs, char **words);

#endif /* CGSPAN_COMPLETE_H */
