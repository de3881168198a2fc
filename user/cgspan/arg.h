/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: parsing, usage and help. */
#ifndef CGSPAN_ARG_H
#define CGSPAN_ARG_H

#include <stdio.h>

#include "cmd.h"

/* The options of every verb. */
extern const struct arg global_args[];

/**
 * arg_parse() - parse the command line
 * @c: all zero but @verbs; free @c->given afterwards, also after an error
 * @words: without the program's name, ended by NULL
 * @err: the bad word and what to do
 *
 * Return: 0 or a negative errno.
 */
int arg_parse(struct cmd *c, char **words, struct cgspan_err *err);

/* As arg_parse(), but the command line may be incomplete. */
int arg_parse_part(struct cmd *c, char **words, struct cgspan_err *err);

/* The verb of that name, or NULL. */
const struct verb *arg_verb(const struct verb *const *verbs, const char *name);
/* The keyword, of every verb or of this one (which may be NULL), or NULL. */
const struct arg *arg_key(const struct verb *verb, const char *word);
/* The verb's argument for amounts of resources, or NULL. */
const struct arg *arg_res(const struct verb *verb);
/* The verb's next positional word that is not given yet, or NULL. */
const struct arg *arg_next_word(const struct cmd *c);

/* "cgspan set GROUP [RESOURCE AMOUNT]..." */
void arg_usage(const struct verb *verb, FILE *out);
/* All verbs and all options of every verb. */
void arg_help(const struct verb *const *verbs, FILE *out);

#endif /* CGSPAN_ARG_H */
