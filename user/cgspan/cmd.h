/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call of the command: its verb, its arguments, and what it has opened. The
 * table of a verb's arguments drives parser, usage and completion in a shell.
 */
#ifndef CGSPAN_CMD_H
#define CGSPAN_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/config.h"
#include "libcgspan/cgspan.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

struct cmd;
struct sync;

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
 * @name: the keyword; of ARG_WORD, ARG_RES and ARG_REST the name in the usage;
 *	NULL ends a table of arguments
 * @value: name in the usage of the value after the keyword or resource, if any
 * @kind: how it is written
 * @optional: a positional word that may be left out; not read for other kinds
 * @many: may be given more than once
 */
struct arg {
	const char *name;
	const char *value;
	enum arg_kind kind;
	bool optional;
	bool many;
};

#define ARG_LIMITS	{ "RESOURCE", "AMOUNT", ARG_RES, true, true }

#define for_each_arg(arg, args) \
	for (arg = (args); arg && arg->name; arg++)

/**
 * struct verb - one action of the command
 * @name: as typed
 * @help: one line
 * @fn: runs the verb: 0 or a negative errno; cmd_usage() for a bad command line
 * @args: its arguments; the last element is empty
 */
struct verb {
	const char *name;
	const char *help;
	int (*fn)(struct cmd *c, struct cgspan_err *err);
	struct arg args[12];
};

/**
 * struct given - an argument as given
 * @arg: its description
 * @word: as typed
 * @value: the word after it, or the positional word; "" if it has none
 */
struct given {
	const struct arg *arg;
	const char *word;
	const char *value;
};

enum format {
	FORMAT_TEXT,
	FORMAT_TAB,
	FORMAT_JSON,
};

/**
 * struct cmd - one call of the command
 * @verbs: all verbs, ended by NULL; the first is the default
 * @verb: the one to run
 * @given: the arguments, in their order
 * @n_given: number of @given
 * @rest: the words after "--", ended by NULL; or NULL
 * @file: from --config, or NULL
 * @format: format of the output
 * @fields: from -o, or NULL
 * @usage: the command line is wrong: print the usage
 * @kernel: set by cmd_kernel()
 * @config: set by cmd_config(); "cgspan join" sets it itself
 * @store: set by cmd_store() and "cgspan join"; NULL: none is configured
 */
struct cmd {
	const struct verb *const *verbs;
	const struct verb *verb;
	struct given *given;
	size_t n_given;
	char **rest;
	const char *file;
	enum format format;
	const char *fields;
	bool usage;
	struct cgspan *kernel;
	struct config config;
	struct sync *store;
};

/* Options that every verb accepts. */
extern const struct arg global_args[];

/**
 * cmd_parse() - parse the command line
 * @c: all zero but @verbs; cmd_close() it, also after an error
 * @words: without the program's name, ended by NULL; @c refers to them
 * @err: why it failed, as the bad word
 *
 * Return: 0 or a negative errno.
 */
int cmd_parse(struct cmd *c, char **words, struct cgspan_err *err);

/* As cmd_parse() of an incomplete line: sets only c->verb, given and rest. */
int cmd_parse_part(struct cmd *c, char **words, struct cgspan_err *err);

/* Free the arguments, and close all that the call of the command has opened. */
void cmd_close(struct cmd *c);

/* The verb of this name, or NULL. */
const struct verb *cmd_verb(const struct verb *const *verbs, const char *name);
/* The argument of keyword @word, global or of @verb (may be NULL); or NULL. */
const struct arg *cmd_keyword(const struct verb *verb, const char *word);
/* The first argument of @verb (may be NULL) that has this kind, or NULL. */
const struct arg *cmd_of_kind(const struct verb *verb, enum arg_kind kind);
/* The verb's first positional argument not given yet or repeatable; or NULL. */
const struct arg *cmd_next_word(const struct cmd *c);

/* Print the usage of a verb, as "usage: cgspan tasks GROUP". */
void verb_usage(const struct verb *verb, FILE *out);
/* Print all verbs, and the options that every verb accepts. */
void verbs_help(const struct verb *const *verbs, FILE *out);

/* First value of argument @name: "" if it has none; NULL: it was not given. */
const char *cmd_arg(const struct cmd *c, const char *name);
/* Value number @i, from 0, of an argument that may be repeated; or NULL. */
const char *cmd_arg_nth(const struct cmd *c, const char *name, size_t i);

/* Set @err, return -EINVAL: main() prints it and the usage, exits with 2. */
int cmd_usage(struct cmd *c, struct cgspan_err *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cmd_seconds() - convert an argument's value from seconds to milliseconds
 * @c: the call
 * @name: the argument
 * @ms: set to 1 to 86400000; unchanged on error, or if no value was given
 * @err: the bad value
 *
 * Return: 0 or cmd_usage().
 */
int cmd_seconds(struct cmd *c, const char *name, unsigned int *ms,
		struct cgspan_err *err);

/* The time of "--wait", as by cmd_seconds(); "--no-wait" sets it to 0. */
int cmd_wait(struct cmd *c, unsigned int *ms, struct cgspan_err *err);

/* Set @path to the checked path in the argument @name; to NULL if not given. */
int cmd_group(struct cmd *c, const char *name, const char **path,
	      struct cgspan_err *err);

/*
 * Open what the call needs; each returns 0 or a negative errno. Call the first
 * two as often as needed; of the other three call only one, and only once.
 * cmd_kernel(): -ENOENT: the module is not loaded.
 * cmd_node(): the kernel, and read this node; outputs may be NULL.
 * cmd_config(): read and check the configuration, whose file may be missing
 * unless --config or $CGSPAN_CONFIG names it.
 * cmd_store(): the configuration and its store, if it names one. A store that
 * does not answer fails at the first request.
 * cmd_need_store(): as cmd_store(), but -EINVAL if no store is configured.
 */
int cmd_kernel(struct cmd *c, struct cgspan_err *err);
int cmd_node(struct cmd *c, struct cgspan_node *node,
	     struct cgspan_session *session, struct cgspan_err *err);
int cmd_config(struct cmd *c, struct cgspan_err *err);
int cmd_store(struct cmd *c, struct cgspan_err *err);
int cmd_need_store(struct cmd *c, struct cgspan_err *err);

#endif /* CGSPAN_CMD_H */
