/* SPDX-License-Identifier: GPL-2.0 */
/* Completion: the shell asks the command itself. */
#ifndef CGSPAN_COMPLETE_H
#define CGSPAN_COMPLETE_H

/**
 * complete() - print what the last word may become, one a line
 * @words: the command line without the program's name, as far as it is typed;
 *	the last word is the one to complete, maybe ""; NULL ends them
 *
 * What a file may complete prints nothing: the shell knows files itself.
 *
 * Return: 0 or a negative errno.
 */
int complete(char **words);

#endif /* CGSPAN_COMPLETE_H */
