// SPDX-License-Identifier: GPL-2.0
#include "arg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct arg global_args[] = {
	{ "--config", "FILE", ARG_KEY, true, false },
	{ "-j", NULL, ARG_FLAG, true, false },
	{ "-t", NULL, ARG_FLAG, true, false },
	{ "-o", "FIELD,...", ARG_KEY, true, false },
	{}
};

/* --- parsing ----------------------------------------------------------- */

const struct verb *arg_verb(const struct verb *const *verbs, const char *name)
{
	for (; *verbs; verbs++)
		if (!strcmp((*verbs)->name, name))
			return *verbs;
	return NULL;
}

const struct arg *arg_key(const struct verb *verb, const char *word)
{
	const struct arg *arg;

	for_each_arg(arg, global_args)
		if (!strcmp(arg->name, word))
			return arg;
	for_each_arg(arg, verb ? verb->args : NULL)
		if (arg->kind != ARG_WORD && arg->kind < ARG_RES &&
		    !strcmp(arg->name, word))
			return arg;
	return NULL;
}

static const struct arg *arg_of_kind(const struct verb *verb,
				     enum arg_kind kind)
{
	const struct arg *arg;

	for_each_arg(arg, verb ? verb->args : NULL)
		if (arg->kind == kind)
			return arg;
	return NULL;
}

const struct arg *arg_res(const struct verb *verb)
{
	return arg_of_kind(verb, ARG_RES);
}

const struct arg *arg_next_word(const struct cmd *c)
{
	const struct arg *arg;

	for_each_arg(arg, c->verb->args)
		if (arg->kind == ARG_WORD &&
		    (arg->many || !cmd_arg(c, arg->name)))
			return arg;
	return NULL;
}

static int add(struct cmd *c, const struct arg *arg, const char *word,
	       const char *value, struct cgspan_err *err)
{
	if (!arg->many && cmd_arg(c, arg->name))
		return cmd_usage(c, err, "\"%s\" is given twice", arg->name);
	c->given[c->n_given++] = (struct given){ arg, word, value };
	return 0;
}

/* Parses one argument. Return: the number of its words, or a negative errno. */
static int parse_one(struct cmd *c, char **words, struct cgspan_err *err)
{
	const struct arg *arg = arg_key(c->verb, *words);
	const char *value = "";
	int ret, n = 1;

	if (!arg && **words == '-' && words[0][1])
		return cmd_usage(c, err, "unknown option \"%.60s\"", *words);
	if (!arg && !c->verb) {
		c->verb = arg_verb(c->verbs, *words);
		if (!c->verb)
			return cmd_usage(c, err, "unknown verb \"%.60s\"",
					 *words);
		return 1;
	}
	if (!arg) {
		value = *words;
		arg = arg_next_word(c);
	}
	if (!arg)
		arg = arg_res(c->verb);
	if (!arg)
		return cmd_usage(c, err, "unexpected word \"%.60s\"", *words);
	if (arg->kind == ARG_KEY || arg->kind == ARG_RES) {
		value = words[1];
		n = 2;
		if (!value)
			return cmd_usage(c, err, "\"%.60s\" wants %s after it",
					 *words, arg->value);
	} else if (arg->kind == ARG_KEY_OPT && words[1] &&
		   isdigit((unsigned char)words[1][0])) {
		value = words[1];
		n = 2;
	}
	ret = add(c, arg, *words, value, err);
	return ret ? ret : n;
}

static int globals_apply(struct cmd *c, struct cgspan_err *err)
{
	if (cmd_arg(c, "-j") && cmd_arg(c, "-t"))
		return cmd_usage(c, err, "\"-j\" and \"-t\" exclude each other");
	c->format = cmd_arg(c, "-j") ? FORMAT_JSON :
		    cmd_arg(c, "-t") ? FORMAT_TAB : FORMAT_TEXT;
	c->config = cmd_arg(c, "--config");
	c->fields = cmd_arg(c, "-o");
	return 0;
}

int arg_parse_part(struct cmd *c, char **words, struct cgspan_err *err)
{
	size_t n = 0;
	int ret;

	while (words[n])
		n++;
	c->given = calloc(n + 1, sizeof(*c->given));
	if (!c->given)
		return cgspan_err_nomem(err);
	while (*words) {
		if (!strcmp(*words, "--") && arg_of_kind(c->verb, ARG_REST)) {
			c->rest = words + 1;
			return 0;
		}
		ret = parse_one(c, words, err);
		if (ret < 0)
			return ret;
		words += ret;
	}
	return 0;
}

int arg_parse(struct cmd *c, char **words, struct cgspan_err *err)
{
	const struct arg *arg;
	int ret;

	ret = arg_parse_part(c, words, err);
	if (ret)
		return ret;
	if (!c->verb)
		c->verb = c->verbs[0];
	arg = arg_next_word(c);
	if (arg && !arg->optional && !cmd_arg(c, arg->name))
		return cmd_usage(c, err, "%s is missing", arg->name);
	return globals_apply(c, err);
}

/* --- usage and help ---------------------------------------------------- */

static void usage_arg(const struct arg *arg, FILE *out)
{
	bool optional = arg->optional || arg->kind != ARG_WORD;

	if (arg->kind == ARG_REST) {
		fprintf(out, " [-- %s...]", arg->name);
		return;
	}
	fprintf(out, " %s%s", optional ? "[" : "", arg->name);
	if (arg->kind == ARG_KEY || arg->kind == ARG_RES)
		fprintf(out, " %s", arg->value);
	else if (arg->kind == ARG_KEY_OPT)
		fprintf(out, " [%s]", arg->value);
	fprintf(out, "%s%s", optional ? "]" : "", arg->many ? "..." : "");
}

void arg_usage(const struct verb *verb, FILE *out)
{
	const struct arg *arg;

	fprintf(out, "cgspan %s", verb->name);
	for_each_arg(arg, verb->args)
		usage_arg(arg, out);
	fputc('\n', out);
}

void arg_help(const struct verb *const *verbs, FILE *out)
{
	const struct arg *arg;

	fputs("usage: cgspan", out);
	for_each_arg(arg, global_args)
		usage_arg(arg, out);
	fputs(" [VERB ...]\n\n", out);
	for (; *verbs; verbs++)
		fprintf(out, "  %-8s %s\n", (*verbs)->name, (*verbs)->help);
	fputs("\n  --config FILE  instead of /etc/cgspan/cgspan.conf\n"
	      "  -j             JSON: raw numbers, times in ms or ns\n"
	      "  -t             one line a row, fields separated by tabs\n"
	      "  -o FIELD,...   these fields only\n"
	      "\n\"cgspan VERB --help\" shows the arguments of a verb.\n", out);
}
