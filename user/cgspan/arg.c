// SPDX-License-Identifier: GPL-2.0
#include "arg.h"
#include "resource.h"

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
		if (args[i].kind != ARG_WORD && args[i].kind < ARG_RES &&
		    !strcmp(args[i].name, word))
			return &args[i];
	return NULL;
}

static const struct arg *arg_of_kind(const struct verb *verb,
				     enum arg_kind kind)
{
	size_t i;

	for (i = 0; verb && i < verb->n_args; i++)
		if (verb->args[i].kind == kind)
			return &verb->args[i];
	return NULL;
}

const struct arg *arg_res(const struct verb *verb)
{
	return arg_of_kind(verb, ARG_RES);
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

static int give(struct cmd *c, const struct arg *arg, const char *word,
		const char *value, struct cgspan_err *err)
{
	if (!arg->many && cmd_arg(c, arg->name))
		return cmd_usage(c, err, "\"%s\" is given twice", arg->name);
	c->given[c->n_given++] = (struct given){ arg, word, value };
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
		value = *words;
		arg = arg_place(c);
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
	ret = give(c, arg, *words, value, err);
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
		if (!strcmp(*words, "--") && arg_of_kind(c->verb, ARG_REST)) {
			c->rest = words + 1;
			return 0;
		}
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

int cmd_wait(struct cmd *c, unsigned int *ms, struct cgspan_err *err)
{
	if (!cmd_arg(c, "--no-wait"))
		return cmd_seconds(c, "--wait", ms, err);
	if (cmd_arg(c, "--wait"))
		return cmd_usage(c, err,
				 "\"--wait\" and \"--no-wait\" exclude each other");
	*ms = 0;
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

/* Bytes may be written as cgroups write them: 64M. */
static int amount_read(const char *text, uint32_t res, uint64_t *out,
		       struct cgspan_err *err)
{
	static const char suffixes[] = "KMGTP";
	size_t len = strlen(text);
	const char *suffix = NULL;
	char digits[32];
	int ret, shift;

	if (res == CGSPAN_RES_MEMORY && len > 1 && len < sizeof(digits))
		suffix = strchr(suffixes, toupper((unsigned char)text[len - 1]));
	if (!suffix)
		return cgspan_amount_parse(text, out, err);
	snprintf(digits, sizeof(digits), "%.*s", (int)len - 1, text);
	ret = cgspan_amount_parse(digits, out, err);
	if (ret)
		return ret;
	shift = 10 * (suffix - suffixes + 1);
	if (*out >= CGSPAN_MAX >> shift)
		return cgspan_err_set(err, -ERANGE,
				      "\"%s\" is too large: write max for no limit",
				      text);
	*out <<= shift;
	return 0;
}

static int limit_add(struct cmd *c, const struct given *g,
		     struct cgspan_limit *limits, size_t *n,
		     struct cgspan_err *err)
{
	uint32_t res;
	size_t i;
	int ret;

	ret = resource_find(g->word, &res, err);
	if (ret == -EINVAL)
		c->usage = true;
	if (ret)
		return ret;
	for (i = 0; i < *n; i++)
		if (limits[i].res == res)
			return cmd_usage(c, err, "\"%.60s\" is given twice",
					 g->word);
	limits[*n].res = res;
	ret = amount_read(g->value, res, &limits[*n].limit, err);
	if (ret) {
		c->usage = true;
		return cgspan_err_wrap(err, "%s", g->word);
	}
	++*n;
	return 0;
}

int cmd_limits(struct cmd *c, struct cgspan_limit *limits, size_t *n,
	       struct cgspan_err *err)
{
	size_t i;
	int ret = 0;

	*n = 0;
	for (i = 0; i < c->n_given && !ret; i++)
		if (c->given[i].arg->kind == ARG_RES)
			ret = limit_add(c, &c->given[i], limits, n, err);
	return ret;
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
	      "  -j             JSON: raw numbers, times in ms or ns\n"
	      "  -t             one line a row, fields parted by tabs\n"
	      "  -o FIELD,...   these fields only\n"
	      "\n\"cgspan VERB --help\" says how a verb is written.\n", out);
}
