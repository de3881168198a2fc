// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resource_name.h"

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

bool cmd_wants_sentence(const struct cmd *c)
{
	return c->format == FORMAT_TEXT && !c->fields;
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

/* An amount of memory may have the suffixes of cgroup files: 64M. */
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

	ret = resource_name_find(g->word, &res, err);
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
