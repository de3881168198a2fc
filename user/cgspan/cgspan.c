// SPDX-License-Identifier: GPL-2.0
/* The command: its verbs, its errors and its exit status. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "verbs.h"

enum exit {
	EXIT_OK,
	EXIT_REFUSED,
	EXIT_USAGE,
};

/* The first verb runs if the command line names none. */
static const struct verb *const verbs[] = {
	&verb_tree,
	&verb_create,
	&verb_set,
	&verb_delete,
	&verb_bind,
	&verb_unbind,
	&verb_tasks,
	&verb_admit,
	&verb_release,
	&verb_grants,
	&verb_resource,
	&verb_join,
	&verb_leave,
	&verb_fence,
	&verb_recover,
	&verb_nodes,
	&verb_status,
	&verb_watch,
	&verb_trace,
	&verb_load,
	&verb_unload,
	NULL
};

/* Print what -h, --help or --version asks for; false: none of them is given. */
static bool help_print(char **words)
{
	const struct verb *verb = NULL;

	for (; *words && strcmp(*words, "--"); words++) {
		if (!verb)
			verb = cmd_verb(verbs, *words);
		if (!strcmp(*words, "--version")) {
			puts("cgspan " CGSPAN_VERSION);
			return true;
		}
		if (strcmp(*words, "--help") && strcmp(*words, "-h"))
			continue;
		if (verb) {
			verb_usage(verb, stdout);
			puts(verb->help);
		} else {
			verbs_help(verbs, stdout);
		}
		return true;
	}
	return false;
}

static enum exit err_print(const struct cmd *c, const struct cgspan_err *err)
{
	fflush(stdout);
	fprintf(stderr, "cgspan: %s\n", err->msg);
	if (!c->usage)
		return EXIT_REFUSED;
	if (c->verb)
		verb_usage(c->verb, stderr);
	else
		fputs("\"cgspan --help\" lists the verbs\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct cgspan_err err = {};
	struct cmd c = { .verbs = verbs };
	enum exit status = EXIT_OK;
	int ret = 0;

	/* libsmartcols needs the locale for the width of UTF-8. */
	setlocale(LC_CTYPE, "");
	if (argc > 1 && !strcmp(argv[1], "--complete"))
		return complete(verbs, argv + 2) ? EXIT_REFUSED : EXIT_OK;
	if (!argc || !help_print(argv + 1))
		ret = cmd_parse(&c, argv + !!argc, &err);
	if (!ret && c.verb)
		ret = c.verb->fn(&c, &err);
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = cgspan_err_set(&err, -EIO, "cannot write the output");
	if (ret)
		status = err_print(&c, &err);
	cmd_close(&c);
	return status;
}
