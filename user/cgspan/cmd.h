/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A verb and its call. Each verb has a file and a table of its arguments; that
 * table reads the command line, prints the usage and completes words in a
 * shell.
 */
#ifndef CGSPAN_CMD_H
#define CGSPAN_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcgspan/cgspan.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * enum arg_kind - how an argument is written
 * @ARG_WORD: a positional word: "/web"
 * @ARG_KEY: a keyword and a value: "--wait 5"
 * @ARG_FLAG: a keyword: "--no-wait"
 * @ARG_KEY_OPT: a keyword and an optional number: "-w 2"
 * @ARG_RES: the name of a resource and an amount: "memory 2G"
 * @ARG_REST: all words after "--"
 */
enum arg_kind {
	ARG_WORD,
	ARG_KEY,
	ARG_FLAG,
	ARG_KEY_OPT,
	ARG_RES,
	ARG_REST,
};

/**
 * struct arg - an argument of a verb
 * @name: the keyword, or the name of a positional word in the usage; NULL ends
 *	a table of arguments
 * @value: name of the keyword's value in the usage
 * @kind: how it is written
 * @optional: need not be given (for positional words: keywords never need)
 * @many: may be given more than once
 */
struct arg {
	const char *name;
	const char *value;
	enum arg_kind kind;
	bool optional;
	bool many;
};

#define for_each_arg(arg, args) \
	for (arg = (args); arg && arg->name; arg++)

enum format {
	FORMAT_TEXT,
	FORMAT_TAB,
	FORMAT_JSON,
};

struct cmd;

/**
 * struct verb - one action of the command
 * @name: as typed
 * @help: one line
 * @args: its arguments; NULL: none
 * @fn: runs it: 0 or a negative errno; cmd_usage() for a bad command line
 */
struct verb {
	const char *name;
	const char *help;
	const struct arg *args;
	int (*fn)(struct cmd *c, struct cgspan_err *err);
};

/**
 * struct given - an argument as given
 * @arg: its description
 * @word: as typed
 * @value: the word after it, or the positional word; "" for a flag
 */
struct given {
	const struct arg *arg;
	const char *word;
	const char *value;
};

/**
 * struct cmd - one call of the command
 * @verbs: all verbs, ended by NULL; a command line without a verb means the first
 * @verb: the one to run
 * @given: the arguments, in their order
 * @n_given: number of them
 * @rest: the words after "--", ended by NULL; or NULL
 * @config: from --config, or NULL
 * @format: of the output
 * @fields: from -o, or NULL
 * @usage: the error is in the command line
 */
struct cmd {
	const struct verb *const *verbs;
	const struct verb *verb;
	struct given *given;
	size_t n_given;
	char **rest;
	const char *config;
	enum format format;
	const char *fields;
	bool usage;
};

/**
 * cmd_arg() - the value given for an argument
 * @c: the call
 * @name: the argument
 *
 * Return: the value, "" for a flag, or NULL: not given.
 */
const char *cmd_arg(const struct cmd *c, const char *name);

/* As cmd_arg(), for the argument's value number @i, from 0. */
const char *cmd_arg_nth(const struct cmd *c, const char *name, size_t i);

/* A verb's result is a sentence: no other format and no field was asked for. */
bool cmd_wants_sentence(const struct cmd *c);

/* An error in the command line: main() prints the usage and exits with 2. */
int cmd_usage(struct cmd *c, struct cgspan_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cmd_seconds() - the value of an argument that is a time
 * @c: the call
 * @name: the argument, whose value is in seconds
 * @ms: milliseconds, 1 to 86400000; unchanged if it was not given
 * @err: the bad value
 *
 * Return: 0 or cmd_usage().
 */
int cmd_seconds(struct cmd *c, const char *name, unsigned int *ms,
		struct cgspan_err *err);

/* As cmd_seconds() for "--wait"; "--no-wait" makes it 0. */
int cmd_wait(struct cmd *c, unsigned int *ms, struct cgspan_err *err);

/* The checked path of a group in that argument; NULL if it was not given. */
int cmd_group(struct cmd *c, const char *name, const char **path,
	      struct cgspan_err *err);

/* The argument of verbs that take amounts of resources. */
#define ARG_LIMITS	{ "RESOURCE", "AMOUNT", ARG_RES, true, true }

/**
 * cmd_limits() - the amounts of resources among the arguments
 * @c: the call
 * @limits: room for CGSPAN_RES_MAX + 1, one for each resource
 * @n: number of amounts given
 * @err: the bad word
 *
 * Looks up a name that is not one of the protocol's in the kernel.
 *
 * Return: 0, cmd_usage(), or another negative errno.
 */
int cmd_limits(struct cmd *c, struct cgspan_limit *limits, size_t *n,
	       struct cgspan_err *err);

/* The value of "on-expiry"; CGSPAN_ON_EXPIRY_KEEP if it was not given. */
int cmd_on_expiry(struct cmd *c, int *policy, struct cgspan_err *err);

#endif /* CGSPAN_CMD_H */
