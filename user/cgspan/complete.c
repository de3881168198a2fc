// SPDX-License-Identifier: GPL-2.0
/* Completion of words in a shell, which calls "cgspan --complete". */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node_list.h"
#include "resource.h"
#include "verbs.h"

/* Print the word if it begins with the typed text. */
static void offer(const char *word, const char *typed)
{
	if (!strncmp(word, typed, strlen(typed)))
		puts(word);
}

/* Offer the groups of this kernel, or the cgroups that are members of them. */
static void offer_from_kernel(struct cmd *c, bool members, const char *typed)
{
	struct cgspan_member *m = NULL;
	struct cgspan_group *g = NULL;
	size_t i, n;
	int ret;

	if (cmd_kernel(c, NULL))
		return;
	ret = members ? cgspan_member_list(c->kernel, NULL, &m, &n, NULL) :
			cgspan_group_list(c->kernel, NULL, &g, &n, NULL);
	for (i = 0; !ret && i < n; i++)
		offer(members ? m[i].cgroup : g[i].path, typed);
	free(m);
	free(g);
}

static void offer_nodes(struct cmd *c, const char *typed)
{
	struct node_list list = {};
	struct cgspan_err err;
	size_t i;

	if (!cmd_need_store(c, &err) &&
	    !node_list_read(c->store, &list, false, &err))
		for (i = 0; i < list.n; i++)
			offer(list.nodes[i].name, typed);
	node_list_free(&list);
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

static void offer_resources(struct cmd *c, const char *typed)
{
	struct cgspan_node node = {};
	const char *name;
	uint32_t res;

	cmd_node(c, &node, NULL, NULL);
	for (res = 0; res <= CGSPAN_RES_MAX; res++) {
		name = resource_name(&node, res);
		if (!is_given(c, name))
			offer(name, typed);
	}
}

/* Offer values for an argument. @what: the value's name in the usage: "NODE" */
static void offer_value(struct cmd *c, const char *what, const char *typed)
{
	if (!strcmp(what, "GROUP") || !strcmp(what, "GROUP|FILE"))
		offer_from_kernel(c, false, typed);
	else if (!strcmp(what, "CGROUP") && !strcmp(c->verb->name, "unbind"))
		offer_from_kernel(c, true, typed);
	else if (!strcmp(what, "NODE"))
		offer_nodes(c, typed);
	else if (!strcmp(what, "POLICY"))
		offer_policies(typed);
	else if (!strcmp(what, "RESOURCE"))
		offer_resources(c, typed);
	else if (!strcmp(what, "AMOUNT"))
		offer("max", typed);
}

static void offer_keys(struct cmd *c, const struct arg *args,
		       const char *typed)
{
	const struct arg *arg;

	for_each_arg(arg, args)
		if (arg->kind == ARG_RES)
			offer_resources(c, typed);
		else if (arg->kind != ARG_WORD && arg->kind != ARG_REST &&
			 (arg->many || !cmd_arg(c, arg->name)))
			offer(arg->name, typed);
}

/* The argument of keyword or resource @word if a value must follow; or NULL. */
static const struct arg *wants_value(struct cmd *c, const char *word)
{
	const struct arg *arg = cmd_keyword(c->verb, word);
	uint32_t res;

	if (arg)
		return arg->kind == ARG_KEY ? arg : NULL;
	arg = cmd_of_kind(c->verb, ARG_RES);
	return arg && !resource_find(c, word, &res, NULL) ? arg : NULL;
}

static void offer_next(struct cmd *c, const char *typed)
{
	const struct arg *arg;
	size_t i;

	offer_keys(c, global_args, typed);
	for (i = 0; !c->verb && c->verbs[i]; i++)
		offer(c->verbs[i]->name, typed);
	if (!c->verb)
		return;
	offer_keys(c, c->verb->args, typed);
	arg = cmd_next_word(c);
	if (arg)
		offer_value(c, arg->name, typed);
}

int complete(const struct verb *const *verbs, char **words)
{
	const struct arg *arg = NULL;
	struct cgspan_err err;
	struct cmd c = { .verbs = verbs };
	const char *typed;
	size_t n = 0;

	while (words[n])
		n++;
	if (!n)
		return -EINVAL;
	typed = words[n - 1];
	words[n - 1] = NULL;
	/* Ignore errors: the user sees them when the full command is run. */
	cmd_parse_part(&c, words, &err);
	if (n > 1 && words[n - 2])
		arg = wants_value(&c, words[n - 2]);
	if (arg)
		offer_value(&c, arg->value, typed);
	else
		offer_next(&c, typed);
	cmd_close(&c);
	return 0;
}
