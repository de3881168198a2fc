// SPDX-License-Identifier: GPL-2.0
#include "recording.h"

#include <errno.h>
#include <json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/identity.h"
#include "word_list.h"

void recording_free(struct recording *r)
{
	free(r->nodes);
	*r = (struct recording){};
}

/* --- making ------------------------------------------------------------ */

static int node_add(struct recording *r, struct cgspan *k,
		    struct cgspan_err *err)
{
	struct cgspan_node node;
	int ret = cgspan_node_get(k, &node, NULL, err);

	if (!ret && !*node.name)
		ret = identity_name(node.name, NULL, err);
	if (!ret && word_list_add(&r->nodes, node.name))
		ret = cgspan_err_nomem(err);
	return ret;
}

static int record(struct recording *r, struct cgspan *k,
		  struct cgspan_err *err)
{
	struct cgspan_sched before;
	int ret;

	ret = cgspan_sched_hold(k, err);
	if (!ret)
		ret = cgspan_sched_get(k, r->group, &before, err);
	if (ret)
		return ret;
	poll(NULL, 0, r->ms);
	ret = cgspan_sched_get(k, r->group, &r->sched, err);
	if (ret)
		return ret;
	cgspan_hist_sub(&r->sched.delay, &before.delay);
	cgspan_hist_sub(&r->sched.slice, &before.slice);
	return 0;
}

int recording_make(struct recording *r, struct cgspan *k, const char *group,
		   unsigned int ms, struct cgspan_err *err)
{
	int ret;

	snprintf(r->group, sizeof(r->group), "%s", group);
	r->ms = ms;
	ret = record(r, k, err);
	return ret ? ret : node_add(r, k, err);
}

/* --- to JSON ----------------------------------------------------------- */

static json_object *counts_json(const uint64_t *counts)
{
	json_object *array = json_object_new_array();
	unsigned int i;

	for (i = 0; array && i < CGSPAN_SCHED_BUCKETS; i++)
		json_object_array_add(array,
				      json_object_new_uint64(counts[i]));
	return array;
}

static json_object *hist_json(const struct cgspan_hist *h)
{
	json_object *obj = json_object_new_object();

	if (!obj)
		return NULL;
	json_object_object_add(obj, "counts", counts_json(h->counts));
	json_object_object_add(obj, "sum_ns", json_object_new_uint64(h->sum));
	return obj;
}

static json_object *bounds_json(void)
{
	uint64_t bounds[CGSPAN_SCHED_BUCKETS];
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		bounds[i] = cgspan_hist_bound(i);
	return counts_json(bounds);
}

static json_object *recording_json(const struct recording *r)
{
	json_object *obj = json_object_new_object();

	if (!obj)
		return NULL;
	json_object_object_add(obj, "group", json_object_new_string(r->group));
	json_object_object_add(obj, "nodes", word_list_json(r->nodes));
	json_object_object_add(obj, "ms", json_object_new_uint64(r->ms));
	json_object_object_add(obj, "bounds_ns", bounds_json());
	json_object_object_add(obj, "run_delay", hist_json(&r->sched.delay));
	json_object_object_add(obj, "slice", hist_json(&r->sched.slice));
	return obj;
}

int recording_write(const struct recording *r, const char *file,
		    struct cgspan_err *err)
{
	FILE *f = file ? fopen(file, "we") : stdout;
	json_object *obj = recording_json(r);
	const char *text;
	int ret = 0;

	text = obj ? json_object_to_json_string_ext(obj,
			JSON_C_TO_STRING_SPACED |
			JSON_C_TO_STRING_NOSLASHESCAPE) : NULL;
	if (!text)
		ret = cgspan_err_nomem(err);
	else if (!f || fprintf(f, "%s\n", text) < 0 || fflush(f))
		ret = cgspan_err_set(err, -errno, "cannot write %.200s: %s",
				     file ? file : "the recording",
				     strerror(errno));
	json_object_put(obj);
	if (f && file)
		fclose(f);
	return ret;
}

/* --- from JSON --------------------------------------------------------- */

static bool num_parse(json_object *obj, uint64_t *num)
{
	if (!json_object_is_type(obj, json_type_int) ||
	    json_object_get_int64(obj) < 0)
		return false;
	*num = json_object_get_uint64(obj);
	return true;
}

static bool counts_parse(json_object *array, uint64_t *counts)
{
	unsigned int i;

	if (!json_object_is_type(array, json_type_array) ||
	    json_object_array_length(array) != CGSPAN_SCHED_BUCKETS)
		return false;
	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		if (!num_parse(json_object_array_get_idx(array, i), &counts[i]))
			return false;
	return true;
}

static bool bounds_check(json_object *array)
{
	json_object *bounds = bounds_json();
	bool same = array && json_object_equal(array, bounds);

	json_object_put(bounds);
	return same;
}

static bool hist_parse(json_object *obj, struct cgspan_hist *h)
{
	return counts_parse(json_object_object_get(obj, "counts"), h->counts) &&
	       num_parse(json_object_object_get(obj, "sum_ns"), &h->sum);
}

static bool nodes_parse(json_object *array, struct recording *r)
{
	const char *name;
	size_t i;

	if (!json_object_is_type(array, json_type_array) ||
	    !json_object_array_length(array))
		return false;
	for (i = 0; i < json_object_array_length(array); i++) {
		name = json_object_get_string(json_object_array_get_idx(array,
									i));
		if (!name || cgspan_name_check(name, NULL) ||
		    word_list_add(&r->nodes, name))
			return false;
	}
	return true;
}

static bool recording_parse(json_object *obj, struct recording *r)
{
	const char *group;

	group = json_object_get_string(json_object_object_get(obj, "group"));
	if (!group || cgspan_path_check(group, NULL))
		return false;
	snprintf(r->group, sizeof(r->group), "%s", group);
	return num_parse(json_object_object_get(obj, "ms"), &r->ms) &&
	       bounds_check(json_object_object_get(obj, "bounds_ns")) &&
	       hist_parse(json_object_object_get(obj, "run_delay"),
			  &r->sched.delay) &&
	       hist_parse(json_object_object_get(obj, "slice"),
			  &r->sched.slice) &&
	       nodes_parse(json_object_object_get(obj, "nodes"), r);
}

int recording_read(struct recording *r, const char *file,
		   struct cgspan_err *err)
{
	json_object *obj;
	bool ok;

	if (access(file, R_OK))
		return cgspan_err_set(err, -errno, "cannot read %.200s: %s",
				      file, strerror(errno));
	obj = json_object_from_file(file);
	ok = obj && recording_parse(obj, r);
	json_object_put(obj);
	if (ok)
		return 0;
	recording_free(r);
	return cgspan_err_set(err, -EINVAL,
			      "%.200s is no recording: \"cgspan trace -s\" writes one",
			      file);
}

/* --- merging ----------------------------------------------------------- */

int recording_merge(struct recording *r, const struct recording *more,
		    struct cgspan_err *err)
{
	if (r->nodes && strcmp(r->group, more->group))
		return cgspan_err_set(err, -EINVAL,
				      "these recordings are of two groups, %.90s and %.90s",
				      r->group, more->group);
	if (word_list_add(&r->nodes, more->nodes))
		return cgspan_err_nomem(err);
	memcpy(r->group, more->group, sizeof(r->group));
	if (r->ms < more->ms)
		r->ms = more->ms;
	cgspan_hist_add(&r->sched.delay, &more->sched.delay);
	cgspan_hist_add(&r->sched.slice, &more->sched.slice);
	return 0;
}
