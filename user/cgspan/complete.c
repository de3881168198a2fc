// SPDX-License-Identifier: GPL-2.0
#include "complete.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arg.h"
#include "node_list.h"
#include "config/config.h"
#include "resource.h"

static void offer(const char *word, const char *typed)
{
	if (!strncmp(word, typed, strlen(typed)))
		puts(word);
}

static void offer_groups(const char *typed)
{
	struct cgspan_group *groups;
	struct cgspan *k;
	size_t i, n;

	if (cgspan_open(&k, NULL))
		return;
	if (!cgspan_group_list(k, NULL, &groups, &n, NULL)) {
		for (i = 0; i < n; i++)
			offer(groups[i].path, typed);
		free(groups);
	}
	cgspan_close(k);
}

static void offer_members(const char *typed)
{
	struct cgspan_member *members;
	struct cgspan *k;
	size_t i, n;

	if (cgspan_open(&k, NULL))
		return;
	if (!cgspan_member_list(k, NULL, &members, &n, NULL)) {
		for (i = 0; i < n; i++)
			offer(members[i].cgroup, typed);
		free(members);
	}
	cgspan_close(k);
}

static void offer_nodes(struct cmd *c, const char *typed)
{
	struct census census = {};
	struct config config = {};
	struct cgspan_err err;
	struct sync *s;
	size_t i;

	if (!conf_read(c, &config, &err) && config.store &&
	    !sync_open(&s, &config, &err)) {
		if (!census_read(s, &census, false, &err))
			for (i = 0; i < census.n; i++)
				offer(census.nodes[i].name, typed);
		census_free(&census);
		sync_close(s);
	}
	config_free(&config);
}

static void offer_policies(const char *typed)
{
	int i;

	for (i = 0; i <= CGSPAN_ON_EXPIRY_MAX; i++)
		offer(cgspan_expiry_name(i), typed);
}

static bool is_given(const struct cmd *c, const char *word)
{
	size_t i;

	for (i = 0; i < c->n_given; i++)
		if (!strcmp(c->given[i].word, word))
			return true;
	return false;
}

static void offer_resources(const struct cmd *c, const char *typed)
{
	char words[CGSPAN_RES_MAX + 1][CGSPAN_RES_NAME_LEN + 1];
	uint32_t res;

	resource_words(words);
	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		if (!is_given(c, words[res]))
			offer(words[res], typed);
}

/* What a value may be, by what the usage calls it. */
static void offer_value(struct cmd *c, const char *what, const char *typed)
{
	if (!strcmp(what, "GROUP") || !strcmp(what, "GROUP|FILE"))
		offer_groups(typed);
	else if (!strcmp(what, "CGROUP") && !strcmp(c->verb->name, "unbind"))
		offer_members(typed);
	else if (!strcmp(what, "NODE"))
		offer_nodes(c, typed);
	else if (!strcmp(what, "POLICY"))
		offer_policies(typed);
	else if (!strcmp(what, "RESOURCE"))
		offer_resources(c, typed);
	else if (!strcmp(what, "AMOUNT"))
		offer("max", typed);
}

static void offer_keys(const struct cmd *c, const struct arg *args, size_t n,
		       const char *typed)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (args[i].kind == ARG_RES)
			offer_resources(c, typed);
		else if (args[i].kind != ARG_WORD &&
			 args[i].kind != ARG_REST &&
			 (args[i].many || !cmd_arg(c, args[i].name)))
			offer(args[i].name, typed);
}

static const struct arg *wants_value(const struct cmd *c, const char *word)
{
	const struct arg *arg = arg_key(global_args, n_global_args, word);
	char words[CGSPAN_RES_MAX + 1][CGSPAN_RES_NAME_LEN + 1];
	uint32_t res;

	if (!arg && c->verb)
		arg = arg_key(c->verb->args, c->verb->n_args, word);
	if (arg)
		return arg->kind == ARG_KEY ? arg : NULL;
	arg = c->verb ? arg_res(c->verb) : NULL;
	if (!arg)
		return NULL;
	resource_words(words);
	for (res = 0; res <= CGSPAN_RES_MAX; res++)
		if (!strcmp(words[res], word))
			return arg;
	return NULL;
}

static void offer_next(struct cmd *c, const char *typed)
{
	const struct arg *arg;
	size_t i;

	offer_keys(c, global_args, n_global_args, typed);
	for (i = 0; !c->verb && verbs[i]; i++)
		offer(verbs[i]->name, typed);
	if (!c->verb)
		return;
	offer_keys(c, c->verb->args, c->verb->n_args, typed);
	arg = arg_place(c);
	if (arg)
		offer_value(c, arg->name, typed);
}

int complete(char **words)
{
	const struct arg *arg = NULL;
	struct cgspan_err err;
	struct cmd c = {};
	const char *typed;
	size_t n = 0;

	while (words[n])
		n++;
	if (!n)
		return -EINVAL;
	typed = words[n - 1];
	words[n - 1] = NULL;
	/* What is wrong so far is for the call itself to tell. */
	arg_words(&c, words, &err);
	if (n > 1 && words[n - 2])
		arg = wants_value(&c, words[n - 2]);
	if (arg)
		offer_value(&c, arg->value, typed);
	else
		offer_next(&c, typed);
	free(c.given);
	return 0;
}
