/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: reading it, and saying how it is to be written. */
#ifndef CGSPAN_ARG_H
#define CGSPAN_ARG_H

#include <stdio.h>

#include "cmd.h"

/**
 * arg_read() - the command line into a call
 * @c: zeroed; free @c->given afterwards, also after an error
 * @words: without the program's name; NULL ends them
 * @err: the bad word and what to do
 *
 * Return: 0 or a negative errno.
 */
int arg_read(struct cmd *c, char **words, struct cgspan_err *err);

/* As arg_read(), of a command line that is not complete yet: any verb or none. */
int arg_words(struct cmd *c, char **words, struct cgspan_err *err);

/* The keyword among these, or NULL. */
const struct arg *arg_key(const struct arg *args, size_t n, const char *word);
/* Where the verb takes amounts of resources, or NULL. */
const struct arg *arg_res(const struct verb *verb);
/* The next argument of the verb that is a word in its place, or NULL. */
const struct arg *arg_place(const struct cmd *c);

/* "cgspan set GROUP [tasks AMOUNT]..." */
void arg_usage(const struct verb *verb, FILE *out);
/* All verbs and global options. */
void arg_help(FILE *out);

/* The options that every verb has. */
extern const struct arg global_args[];
extern const size_t n_global_args;

#endif /* CGSPAN_ARG_H */
