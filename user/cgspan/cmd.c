// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "store_sync.h"

const struct arg global_args[] = {
	{ "--config", "FILE", ARG_KEY, true, false },
	{ "-j", NULL, ARG_FLAG, true, false },
	{ "-t", NULL, ARG_FLAG, true, false },
	{ "-o", "FIELD,...", ARG_KEY, true, false },
	{}
};

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

/* --- parsing ----------------------------------------------------------- */

const struct verb *cmd_verb(const struct verb *const *verbs, const char *name)
{
	for (; *verbs; verbs++)
		if (!strcmp((*verbs)->name, name))
			return *verbs;
	return NULL;
}

const struct arg *cmd_keyword(const struct verb *verb, const char *word)
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

const struct arg *cmd_of_kind(const struct verb *verb, enum arg_kind kind)
{
	const struct arg *arg;

	for_each_arg(arg, verb ? verb->args : NULL)
		if (arg->kind == kind)
			return arg;
	return NULL;
}

const struct arg *cmd_next_word(const struct cmd *c)
{
	const struct arg *arg;

	for_each_arg(arg, c->verb->args)
		if (arg->kind == ARG_WORD &&
		    (arg->many || !cmd_arg(c, arg->name)))
			return arg;
	return NULL;
}

/* Parse an argument or the verb. Return: number of words, or negative errno. */
static int parse_one(struct cmd *c, char **words, struct cgspan_err *err)
{
	const struct arg *arg = cmd_keyword(c->verb, *words);
	const char *value = "";
	int n = 1;

	if (!arg && **words == '-' && words[0][1])
		return cmd_usage(c, err, "unknown option \"%.60s\"", *words);
	if (!arg && !c->verb) {
		c->verb = cmd_verb(c->verbs, *words);
		return c->verb ? 1 : cmd_usage(c, err, "unknown verb \"%.60s\"",
					       *words);
	}
	if (!arg) {
		value = *words;
		arg = cmd_next_word(c);
	}
	if (!arg)
		arg = cmd_of_kind(c->verb, ARG_RES);
	if (!arg)
		return cmd_usage(c, err, "unexpected word \"%.60s\"", *words);
	if (arg->kind == ARG_KEY || arg->kind == ARG_RES ||
	    (arg->kind == ARG_KEY_OPT && words[1] &&
	     isdigit((unsigned char)words[1][0])))
		value = words[n++];
	if (!value)
		return cmd_usage(c, err, "\"%.60s\" wants %s after it", *words,
				 arg->value);
	if (!arg->many && cmd_arg(c, arg->name))
		return cmd_usage(c, err, "\"%s\" is given twice", arg->name);
	c->given[c->n_given++] = (struct given){ arg, *words, value };
	return n;
}

int cmd_parse_part(struct cmd *c, char **words, struct cgspan_err *err)
{
	size_t n = 0;
	int ret;

	while (words[n])
		n++;
	c->given = calloc(n + 1, sizeof(*c->given));
	if (!c->given)
		return cgspan_err_nomem(err);
	for (; *words; words += ret) {
		if (!strcmp(*words, "--") && cmd_of_kind(c->verb, ARG_REST)) {
			c->rest = words + 1;
			return 0;
		}
		ret = parse_one(c, words, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int cmd_parse(struct cmd *c, char **words, struct cgspan_err *err)
{
	const struct arg *arg;
	int ret;

	ret = cmd_parse_part(c, words, err);
	if (ret)
		return ret;
	if (!c->verb)
		c->verb = c->verbs[0];
	arg = cmd_next_word(c);
	if (arg && !arg->optional && !cmd_arg(c, arg->name))
		return cmd_usage(c, err, "%s is missing", arg->name);
	if (cmd_arg(c, "-j") && cmd_arg(c, "-t"))
		return cmd_usage(c, err, "\"-j\" and \"-t\" exclude each other");
	c->format = cmd_arg(c, "-j") ? FORMAT_JSON :
		    cmd_arg(c, "-t") ? FORMAT_TAB : FORMAT_TEXT;
	c->file = cmd_arg(c, "--config");
	c->fields = cmd_arg(c, "-o");
	return 0;
}

/* --- usage and help ---------------------------------------------------- */

static void arg_usage(const struct arg *arg, FILE *out)
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

void verb_usage(const struct verb *verb, FILE *out)
{
	const struct arg *arg;

	fprintf(out, "usage: cgspan %s", verb->name);
	for_each_arg(arg, verb->args)
		arg_usage(arg, out);
	fputc('\n', out);
}

void verbs_help(const struct verb *const *verbs, FILE *out)
{
	const struct arg *arg;

	fputs("usage: cgspan", out);
	for_each_arg(arg, global_args)
		arg_usage(arg, out);
	fputs(" [VERB ...]\n\n", out);
	for (; *verbs; verbs++)
		fprintf(out, "  %-8s %s\n", (*verbs)->name, (*verbs)->help);
	fputs("\n  --config FILE  instead of /etc/cgspan/cgspan.conf\n"
	      "  -j             JSON: raw numbers, times in ms or ns\n"
	      "  -t             one line a row, fields separated by tabs\n"
	      "  -o FIELD,...   these fields only\n"
	      "\n\"cgspan VERB --help\" shows the arguments of a verb.\n", out);
}

/* --- values of arguments ----------------------------------------------- */

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

/* --- what a call of the command opens ---------------------------------- */

int cmd_kernel(struct cmd *c, struct cgspan_err *err)
{
	return c->kernel ? 0 : cgspan_open(&c->kernel, err);
}

int cmd_node(struct cmd *c, struct cgspan_node *node,
	     struct cgspan_session *session, struct cgspan_err *err)
{
	int ret = cmd_kernel(c, err);

	return ret ? ret : cgspan_node_get(c->kernel, node, session, err);
}

int cmd_config(struct cmd *c, struct cgspan_err *err)
{
	bool named = c->file || getenv(CONFIG_ENV);
	int ret;

	ret = config_load(&c->config, c->file, err);
	if (ret == -ENOENT && !named)
		ret = 0;
	return ret ? ret : config_check(&c->config, err);
}

int cmd_store(struct cmd *c, struct cgspan_err *err)
{
	int ret = cmd_config(c, err);

	if (ret || !c->config.store)
		return ret;
	return sync_open(&c->store, &c->config, err);
}

int cmd_need_store(struct cmd *c, struct cgspan_err *err)
{
	int ret = cmd_store(c, err);

	if (ret || c->store)
		return ret;
	return cgspan_err_set(err, -EINVAL,
			      "the configuration names no store: this node is alone");
}

void cmd_close(struct cmd *c)
{
	cgspan_close(c->kernel);
	sync_close(c->store);
	config_free(&c->config);
	free(c->given);
}
