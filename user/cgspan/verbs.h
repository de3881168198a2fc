/* SPDX-License-Identifier: GPL-2.0 */
/* All verbs. */
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

#endif /* CGSPAN_VERBS_H */
