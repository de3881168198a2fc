/* SPDX-License-Identifier: GPL-2.0 */
/* All verbs, and the completion of their words in a shell. */
#ifndef CGSPAN_VERBS_H
#define CGSPAN_VERBS_H

struct verb;

extern const struct verb verb_admit;
extern const struct verb verb_bind;
extern const struct verb verb_create;
extern const struct verb verb_delete;
extern const struct verb verb_fence;
extern const struct verb verb_grants;
extern const struct verb verb_join;
extern const struct verb verb_leave;
extern const struct verb verb_load;
extern const struct verb verb_nodes;
extern const struct verb verb_recover;
extern const struct verb verb_release;
extern const struct verb verb_resource;
extern const struct verb verb_set;
extern const struct verb verb_status;
extern const struct verb verb_tasks;
extern const struct verb verb_trace;
extern const struct verb verb_tree;
extern const struct verb verb_unbind;
extern const struct verb verb_unload;
extern const struct verb verb_watch;

/**
 * complete() - print the possible completions of the last word, one a line
 * @verbs: all verbs, ended by NULL
 * @words: the incomplete command line without the program's name, ended by
 *	NULL; its last word is to be completed and may be ""
 *
 * Prints nothing for names of files: the shell completes them.
 *
 * Return: 0 or a negative errno.
 */
int complete(const struct verb *const *verbs, char **words);

#endif /* CGSPAN_VERBS_H */
