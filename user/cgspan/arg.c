// SPDX-License-Identifier: GPL-2.0
#include "arg.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct arg global_args[] = {
	{ "--config", "FILE", ARG_KEY, true, false },
	{ "-j", NULL, ARG_FLAG, true, false },
	{ "-t", NULL, ARG_FLAG, true, false },
	{ "-o", "FIELD,...", ARG_KEY, true, false },
};

const size_t n_global_args = ARRAY_SIZE(global_args);

int cmd_usage(struct cmd *c, struct cgspan_err *err, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	c->usage = true;
	return cgspan_err_set(err, -EINVAL, "%s", msg);
}

const struct verb *verb_find(const char *name)
{
	size_t i;

	for (i = 0; verbs[i]; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

const char *cmd_arg_nth(const struct cmd *c, const char *name, size_t i)
{
	size_t g;

	for (g = 0; g < c->n_given; g++)
		if (!strcmp(c->given[g].arg->name, name) && !i--)
			return c->given[g].value;
	return NULL;
}

const char *cmd_arg(const struct cmd *c, const char *name)
{
	return cmd_arg_nth(c, name, 0);
}

/* --- reading ----------------------------------------------------------- */

const struct arg *arg_key(const struct arg *args, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (args[i].kind != ARG_WORD && !strcmp(args[i].name, word))
			return &args[i];
	return NULL;
}

const struct arg *arg_place(const struct cmd *c)
{
	size_t i;

	for (i = 0; i < c->verb->n_args; i++)
		if (c->verb->args[i].kind == ARG_WORD &&
		    (c->verb->args[i].many ||
		     !cmd_arg(c, c->verb->args[i].name)))
			return &c->verb->args[i];
	return NULL;
}

static int give(struct cmd *c, const struct arg *arg, const char *value,
		struct cgspan_err *err)
{
	if (!arg->many && cmd_arg(c, arg->name))
		return cmd_usage(c, err, "\"%s\" is given twice", arg->name);
	c->given[c->n_given++] = (struct given){ arg, value };
	return 0;
}

/* Takes one argument; returns how many words it was, or a negative errno. */
static int take(struct cmd *c, char **words, struct cgspan_err *err)
{
	const char *value = "";
	const struct arg *arg;
	int ret, n = 1;

	arg = arg_key(global_args, n_global_args, *words);
	if (!arg && c->verb)
		arg = arg_key(c->verb->args, c->verb->n_args, *words);
	if (!arg && **words == '-' && words[0][1])
		return cmd_usage(c, err, "unknown option \"%.60s\"", *words);
	if (!arg && !c->verb) {
		c->verb = verb_find(*words);
		if (!c->verb)
			return cmd_usage(c, err, "unknown verb \"%.60s\"",
					 *words);
		return 1;
	}
	if (!arg) {
		arg = arg_place(c);
		if (!arg)
			return cmd_usage(c, err, "unexpected word \"%.60s\"",
					 *words);
		value = *words;
	} else if (arg->kind == ARG_KEY) {
		value = words[1];
		n = 2;
		if (!value)
			return cmd_usage(c, err, "\"%s\" wants %s after it",
					 arg->name, arg->value);
	} else if (arg->kind == ARG_KEY_OPT && words[1] &&
		   isdigit((unsigned char)words[1][0])) {
		value = words[1];
		n = 2;
	}
	ret = give(c, arg, value, err);
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

int arg_words(struct cmd *c, char **words, struct cgspan_err *err)
{
	size_t n = 0;
	int ret;

	while (words[n])
		n++;
	c->given = calloc(n + 1, sizeof(*c->given));
	if (!c->given)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	while (*words) {
		ret = take(c, words, err);
		if (ret < 0)
			return ret;
		words += ret;
	}
	return 0;
}

int arg_read(struct cmd *c, char **words, struct cgspan_err *err)
{
	const struct arg *arg;
	int ret;

	ret = arg_words(c, words, err);
	if (ret)
		return ret;
	if (!c->verb)
		c->verb = verbs[0];
	arg = arg_place(c);
	if (arg && !arg->optional && !cmd_arg(c, arg->name))
		return cmd_usage(c, err, "%s is missing", arg->name);
	return globals_apply(c, err);
}

/* --- values ------------------------------------------------------------ */

int cmd_seconds(struct cmd *c, const char *name, unsigned int *ms,
		struct cgspan_err *err)
{
	const char *text = cmd_arg(c, name);
	double val;
	char *end;

	if (!text || !*text)
		return 0;
	val = strtod(text, &end);
	if (end == text || *end || !(val >= 0.001 && val <= 86400))
		return cmd_usage(c, err,
				 "\"%.40s\" after \"%s\" is not a time: write seconds, 0.001 to 86400",
				 text, name);
	*ms = val * 1000;
	return 0;
}

int cmd_group(struct cmd *c, const char *name, const char **path,
	      struct cgspan_err *err)
{
	*path = cmd_arg(c, name);
	if (!*path || !cgspan_path_check(*path, err))
		return 0;
	c->usage = true;
	return -EINVAL;
}

int cmd_limits(struct cmd *c, struct cgspan_limit *limits, size_t *n,
	       struct cgspan_err *err)
{
	const char *text;
	uint32_t res;

	*n = 0;
	for (res = 0; res <= CGSPAN_RES_MAX; res++) {
		text = cmd_arg(c, cgspan_res_name(res));
		if (!text)
			continue;
		limits[*n].res = res;
		if (cgspan_amount_parse(text, &limits[*n].limit, err)) {
			c->usage = true;
			return cgspan_err_wrap(err, "%s", cgspan_res_name(res));
		}
		++*n;
	}
	return 0;
}

int cmd_on_expiry(struct cmd *c, int *policy, struct cgspan_err *err)
{
	const char *text = cmd_arg(c, "on-expiry");

	*policy = CGSPAN_ON_EXPIRY_KEEP;
	if (!text)
		return 0;
	*policy = cgspan_expiry_find(text);
	if (*policy >= 0)
		return 0;
	return cmd_usage(c, err,
			 "\"%.40s\" is no policy: write continue, hold, freeze, kill or reset",
			 text);
}

/* --- saying how -------------------------------------------------------- */

static void usage_arg(const struct arg *arg, FILE *out)
{
	bool optional = arg->optional || arg->kind != ARG_WORD;

	fprintf(out, " %s%s", optional ? "[" : "", arg->name);
	if (arg->kind == ARG_KEY)
		fprintf(out, " %s", arg->value);
	else if (arg->kind == ARG_KEY_OPT)
		fprintf(out, " [%s]", arg->value);
	fprintf(out, "%s%s", optional ? "]" : "", arg->many ? "..." : "");
}

void arg_usage(const struct verb *verb, FILE *out)
{
	size_t i;

	fprintf(out, "cgspan %s", verb->name);
	for (i = 0; i < verb->n_args; i++)
		usage_arg(&verb->args[i], out);
	fputc('\n', out);
}

void arg_help(FILE *out)
{
	size_t i;

	fputs("usage: cgspan", out);
	for (i = 0; i < n_global_args; i++)
		usage_arg(&global_args[i], out);
	fputs(" [VERB ...]\n\n", out);
	for (i = 0; verbs[i]; i++)
		fprintf(out, "  %-8s %s\n", verbs[i]->name, verbs[i]->help);
	fputs("\n  --config FILE  instead of /etc/cgspan/cgspan.conf\n"
	      "  -j             JSON: raw numbers, times in ms\n"
	      "  -t             one line a row, fields parted by tabs\n"
	      "  -o FIELD,...   these fields only\n"
	      "\n\"cgspan VERB --help\" says how a verb is written.\n", out);
}
