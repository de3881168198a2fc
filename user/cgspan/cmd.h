/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a verb is, and what it is given. Each verb has a file and a table of
 * its arguments: the same table reads the command line, prints the usage and
 * completes words in a shell.
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
 * @ARG_WORD: a word in its place: "/web"
 * @ARG_KEY: a keyword and a value: "tasks 60", "--wait 5"
 * @ARG_FLAG: a keyword: "--no-wait"
 * @ARG_KEY_OPT: a keyword, and a number that may be left out: "-w 2"
 * @ARG_REST: all words after "--"
 * @ARG_RES: the word for a resource, and an amount: "memory 2G"
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
 * @name: the keyword, or how the usage calls a word in its place
 * @value: how the usage calls the keyword's value
 * @kind: how it is written
 * @optional: may be left out (words only: keywords always may)
 * @many: may be given many times
 */
struct arg {
	const char *name;
	const char *value;
	enum arg_kind kind;
	bool optional;
	bool many;
};

enum format {
	FORMAT_TEXT,
	FORMAT_TAB,
	FORMAT_JSON,
};

struct cmd;

/**
 * struct verb - one thing that the command does
 * @name: as typed
 * @help: one line
 * @args: its arguments
 * @n_args: how many
 * @fn: does it: 0 or a negative errno; cmd_usage() for a bad command line
 */
struct verb {
	const char *name;
	const char *help;
	const struct arg *args;
	size_t n_args;
	int (*fn)(struct cmd *c, struct cgspan_err *err);
};

/**
 * struct given - an argument as given
 * @arg: which
 * @word: as typed
 * @value: what follows it, or the word in its place; "" for a flag
 */
struct given {
	const struct arg *arg;
	const char *word;
	const char *value;
};

/**
 * struct cmd - one call of the command
 * @verb: what to do
 * @given: the arguments, in their order
 * @n_given: how many
 * @rest: the words after "--", ended by NULL; or NULL
 * @config: from --config, or NULL
 * @format: of the output
 * @fields: from -o, or NULL
 * @usage: the error is one of the command line
 */
struct cmd {
	const struct verb *verb;
	struct given *given;
	size_t n_given;
	char **rest;
	const char *config;
	enum format format;
	const char *fields;
	bool usage;
};

/* All verbs; NULL ends them. The first is what a bare "cgspan" does. */
extern const struct verb *const verbs[];

const struct verb *verb_find(const char *name);

/* The value given for an argument, "" for a flag, or NULL. */
const char *cmd_arg(const struct cmd *c, const char *name);
/* As cmd_arg(), for the i-th time that it was given. */
const char *cmd_arg_nth(const struct cmd *c, const char *name, size_t i);

/* An error of the command line: shows the usage, exit status 2. */
int cmd_usage(struct cmd *c, struct cgspan_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cmd_seconds() - the value of an argument that is a time
 * @c: the call
 * @name: the argument
 * @ms: milliseconds; unchanged if it was not given
 * @err: what is wrong with it
 *
 * Return: 0 or cmd_usage().
 */
int cmd_seconds(struct cmd *c, const char *name, unsigned int *ms,
		struct cgspan_err *err);

/* As cmd_seconds() for "--wait"; "--no-wait" makes it 0. */
int cmd_wait(struct cmd *c, unsigned int *ms, struct cgspan_err *err);

/* The group named by that argument, checked; NULL if it was not given. */
int cmd_group(struct cmd *c, const char *name, const char **path,
	      struct cgspan_err *err);

/* How verbs are told amounts of resources. */
#define ARG_LIMITS	{ "RESOURCE", "AMOUNT", ARG_RES, true, true }

/**
 * cmd_limits() - the amounts of resources among the arguments
 * @c: the call
 * @limits: room for one of each resource
 * @n: how many were given
 * @err: what is wrong with them
 *
 * Return: 0, cmd_usage(), or another error: a name that is no resource's of
 * the protocol is looked up in the kernel.
 */
int cmd_limits(struct cmd *c, struct cgspan_limit *limits, size_t *n,
	       struct cgspan_err *err);

/* The policy among the arguments; CGSPAN_ON_EXPIRY_KEEP if none was given. */
int cmd_on_expiry(struct cmd *c, int *policy, struct cgspan_err *err);

struct config;

/**
 * conf_read() - the configuration, checked
 * @c: the call
 * @config: filled; release it with config_free(), also after an error
 * @err: why it failed
 *
 * A file that is not there is an empty one, unless it was named.
 *
 * Return: 0 or a negative errno.
 */
int conf_read(struct cmd *c, struct config *config, struct cgspan_err *err);

/* Makes the configuration's directory where there is none. */
int conf_dir(struct cmd *c, struct cgspan_err *err);

#endif /* CGSPAN_CMD_H */
