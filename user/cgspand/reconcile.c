// SPDX-License-Identifier: GPL-2.0
#include "reconcile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/file.h"
#include "config/crash.h"
#include "config/member_file.h"
#include "config/guard.h"
#include "ledger/ledger.h"
#include "log.h"
#include "enforce_module.h"

#define CGROUP_MOUNT	"/sys/fs/cgroup"

/* Set all leases of a group to @amount, on a node that is not joined. */
static int set_leases(struct enforce *e, const char *path, uint64_t amount,
		      struct cgspan_err *err)
{
	struct ledger_item items[RES_N];
	struct ledger_held held[RES_N];
	uint32_t r;

	for (r = 0; r < RES_N; r++)
		items[r] = (struct ledger_item) {
			.path = path, .res = r, .amount = amount,
		};
	return enforce_lease_set(e, 0, items, RES_N, held, err);
}

/* Making directories, and binding members */

/* Make the directory of a member, and its missing parents. */
static int make_cgroup(const char *cgroup, struct cgspan_err *err)
{
	char path[sizeof(CGROUP_MOUNT) + CGSPAN_CGROUP_LEN];
	char *p = path + sizeof(CGROUP_MOUNT) - 1;
	char c;

	snprintf(path, sizeof(path), CGROUP_MOUNT "%s", cgroup);
	do {
		p = strchrnul(p + 1, '/');
		c = *p;
		*p = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return cgspan_err_set(err, -errno,
					      "cannot make cgroup %.120s: %s",
					      path, strerror(errno));
		*p = c;
	} while (c);
	return 0;
}

/* Bind cgroups in a single request. */
static int bind_all(struct enforce *e, struct cgspan_member_conf *conf,
		    size_t count, struct cgspan_err *err)
{
	size_t i;
	int ret;

	for (i = 0; i < count; i++)
		member_file_open(&conf[i]);
	ret = cgspan_member_add(enforce_kernel(e), conf, count, err);
	for (i = 0; i < count; i++)
		member_file_close(&conf[i]);
	return ret;
}

static int add_member(struct enforce *e, const struct config_member *m,
		      struct cgspan_err *err)
{
	struct cgspan_member_conf conf = {
		.group = m->group,
		.cgroup = m->cgroup,
	};
	int ret;

	ret = bind_all(e, &conf, 1, err);
	if (ret != -ENOENT)
		return ret;
	ret = make_cgroup(m->cgroup, err);
	return ret ? ret : bind_all(e, &conf, 1, err);
}

void reconcile_freezer(struct enforce *e, const struct cgspan_member *m)
{
	struct cgspan_member_conf conf = {
		.group = m->group,
		.cgroup = m->cgroup,
	};
	struct cgspan_err err = { 0 };

	if (!m->cgroup_id || m->flags & CGSPAN_MEMBER_F_FREEZABLE)
		return;
	member_file_open(&conf);
	/* If the cgroup was just removed, an event will tell it. */
	if (conf.has_freeze_fd &&
	    cgspan_member_add(enforce_kernel(e), &conf, 1, &err))
		log_line(LOG_INFO, "cgroup %s cannot be frozen: %s", m->cgroup,
			 err.msg);
	member_file_close(&conf);
}

int reconcile_freezers(struct enforce *e, struct cgspan_err *err)
{
	struct cgspan_member *list = NULL;
	size_t i, count = 0;
	int ret;

	ret = cgspan_member_list(enforce_kernel(e), NULL, &list, &count, err);
	for (i = 0; !ret && i < count; i++)
		reconcile_freezer(e, &list[i]);
	free(list);
	return ret;
}

static const struct cgspan_member *find_member(const struct cgspan_member *list,
					       size_t n, const char *cgroup)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(list[i].cgroup, cgroup))
			return &list[i];
	return NULL;
}

static void say_unbound(struct config_member *m, const char *why)
{
	if (!m->told)
		log_line(LOG_WARNING, "%s:%u: cgroup %s is not bound to %s: %s",
			 m->file, m->line, m->cgroup, m->group, why);
	m->told = true;
}

static int del_member(struct enforce *e, const char *cgroup,
		      struct cgspan_err *err)
{
	struct cgspan_member_conf conf = { .cgroup = cgroup };
	int ret;

	ret = cgspan_member_del(enforce_kernel(e), &conf, 1, err);
	return ret == -ENOENT ? 0 : ret;
}

/* Bind all in one request; if the kernel refuses it, one request each. */
static void add_members(struct enforce *e, struct config_member **missing,
			size_t count)
{
	struct cgspan_member_conf conf[CGSPAN_MEMBERS_MAX];
	struct cgspan_err err;
	size_t i;

	crash_point("member-add", "before");
	if (!count)
		return;
	for (i = 0; i < count; i++)
		conf[i] = (struct cgspan_member_conf) {
			.group = missing[i]->group,
			.cgroup = missing[i]->cgroup,
		};
	if (bind_all(e, conf, count, NULL))
		for (i = 0; i < count; i++)
			if (add_member(e, missing[i], &err))
				say_unbound(missing[i], err.msg);
	crash_point("member-add", "after");
}

/*
 * Must @m be bound now? If so, unbind it from another group first. @on_expiry:
 * of @m's group; -1: no group. @k: the kernel's member of @m's cgroup, or NULL.
 */
static bool wants_bind(struct enforce *e, struct config_member *m, bool guarded,
		       int on_expiry, const struct cgspan_member *k)
{
	struct cgspan_err err;

	if (on_expiry < 0) {
		say_unbound(m, "the group does not exist: make it with \"cgspan create\"");
		return false;
	}
	if (on_expiry == CGSPAN_ON_EXPIRY_RESET && !guarded) {
		say_unbound(m, "the group resets the machine at expiry: set 'watchdog' in the configuration");
		return false;
	}
	if (k && !strcmp(k->group, m->group)) {
		m->told = false;
		return false;
	}
	if (guard_member(m->cgroup, DAEMON_NAME, &err) ||
	    (k && del_member(e, m->cgroup, &err))) {
		say_unbound(m, err.msg);
		return false;
	}
	return true;
}

/* Bind the configured members; @policy returns a group's on_expiry, or -1. */
static int bind_members(struct enforce *e, struct config *config,
			int (*policy)(const void *arg, const char *group),
			const void *arg, struct cgspan_err *err)
{
	struct config_member *missing[CGSPAN_MEMBERS_MAX];
	struct cgspan_member *list = NULL;
	size_t i, count = 0, n_missing = 0;
	int ret;

	ret = cgspan_member_list(enforce_kernel(e), NULL, &list, &count, err);
	if (ret)
		return ret;
	for (i = 0; i < config->n_members; i++) {
		struct config_member *m = &config->members[i];

		if (wants_bind(e, m, config->watchdog, policy(arg, m->group),
			       find_member(list, count, m->cgroup)))
			missing[n_missing++] = m;
		if (n_missing == CGSPAN_MEMBERS_MAX) {
			add_members(e, missing, n_missing);
			n_missing = 0;
		}
	}
	add_members(e, missing, n_missing);
	free(list);
	return 0;
}

/* Keep the flag of each member that was logged as unbound: log it once only. */
static void keep_told(struct config *to, const struct config *from)
{
	size_t i, k;

	for (i = 0; i < to->n_members; i++)
		for (k = 0; k < from->n_members; k++)
			if (!strcmp(to->members[i].cgroup,
				    from->members[k].cgroup))
				to->members[i].told = from->members[k].told;
}

/*
 * Read the configured members again, as "cgspan bind" and "cgspan unbind"
 * change the files. If these cannot be read, keep the present members.
 */
static void reload_members(struct config *c, const char *path)
{
	struct cgspan_err err;
	struct config fresh;

	if (config_load(&fresh, path, &err)) {
		log_line(LOG_WARNING, "members stay bound as before: %s",
			 err.msg);
	} else {
		struct config old = *c;

		keep_told(&fresh, &old);
		c->members = fresh.members;
		c->n_members = fresh.n_members;
		fresh.members = old.members;
		fresh.n_members = old.n_members;
	}
	config_free(&fresh);
}

/* Steps before the store has answered */

static int kernel_policy(const void *arg, const char *group)
{
	const struct cgspan_group *k = enforce_view_find(arg, group);

	return k ? (int)k->on_expiry : -1;
}

/* Create a group that admits nothing until the ledger sets its leases. */
static int make_closed(struct enforce *e, const char *path,
		       struct cgspan_err *err)
{
	const struct cgspan_group_conf conf = {
		.path = path,
		.on_expiry = CGSPAN_ON_EXPIRY_KEEP,
	};
	int ret;

	ret = cgspan_group_new(enforce_kernel(e), &conf, NULL, err);
	return ret ? ret : set_leases(e, path, 0, err);
}

static int make_groups(struct enforce *e, const struct enforce_view *v,
		       const char *path, struct cgspan_err *err)
{
	char part[CGSPAN_PATH_LEN + 1];
	const char *end = path;
	int ret = 0;

	while (!ret && end[1]) {
		end = strchrnul(end + 1, '/');
		memcpy(part, path, end - path);
		part[end - path] = '\0';
		if (!enforce_view_find(v, part))
			ret = make_closed(e, part, err);
		if (ret == -EEXIST)	/* made for another configured member */
			ret = 0;
		if (!*end)
			break;
	}
	return ret;
}

int reconcile_bind(struct enforce *e, struct config *config, bool joined,
		   struct cgspan_err *err)
{
	struct enforce_view v;
	size_t i;
	int ret;

	ret = enforce_read(e, &v, err);
	for (i = 0; !ret && !joined && i < config->n_members; i++)
		ret = make_groups(e, &v, config->members[i].group, err);
	if (!ret && !joined) {
		enforce_view_free(&v);
		ret = enforce_read(e, &v, err);
	}
	if (!ret)
		ret = bind_members(e, config, kernel_policy, &v, err);
	enforce_view_free(&v);
	return ret;
}

/* Steps that need the store's groups, which the ledger has read */

/* One run of reconcile_groups(). */
struct agree {
	struct enforce *e;	/* this node's kernel */
	bool guarded;		/* a watchdog is configured */
	struct enforce_view v;	/* the kernel's groups at the start */
	/* Per group of @v: its record in the store; NULL: it has none. */
	const struct group_rec **recs;
	struct ledger_group *groups;	/* the store's groups, parents first */
	size_t count;
};

static int read_groups(struct agree *a, const struct ledger *l,
		       struct cgspan_err *err)
{
	const struct cgspan_group *k;
	struct ledger_group g;
	size_t i, n = 0;

	while (ledger_groups(l, n, &g))
		n++;
	a->groups = calloc(n + 1, sizeof(*a->groups));
	a->recs = calloc(a->v.n + 1, sizeof(*a->recs));
	if (!a->groups || !a->recs)
		return cgspan_err_nomem(err);
	for (i = 0; i < n; i++) {
		ledger_groups(l, i, &a->groups[i]);
		k = enforce_view_find(&a->v, a->groups[i].path);
		if (k)
			a->recs[k - a->v.groups] = a->groups[i].rec;
	}
	a->count = n;
	return 0;
}

static const struct cgspan_group *kernel_group(const struct agree *a,
					       const struct ledger_group *g)
{
	return enforce_view_find(&a->v, g->path);
}

static bool active(const struct group_rec *rec)
{
	return rec && rec->state == GROUP_ACTIVE;
}

static int store_policy(const void *arg, const char *group)
{
	const struct agree *a = arg;
	size_t i;

	for (i = 0; i < a->count; i++)
		if (!strcmp(a->groups[i].path, group))
			return active(a->groups[i].rec) ?
			       a->groups[i].rec->on_expiry : -1;
	return strcmp(group, "/") ? -1 : CGSPAN_ON_EXPIRY_CONTINUE;
}

/* A resource that the kernel does not report has no limit there. */
static bool differs(const struct cgspan_group *k, const struct group_rec *rec)
{
	uint64_t limit[RES_N];
	unsigned int r;

	for (r = 0; r < RES_N; r++)
		limit[r] = CGSPAN_MAX;
	for (r = 0; r < k->n_res; r++)
		limit[k->res[r].id] = k->res[r].limit;
	return k->on_expiry != rec->on_expiry ||
	       memcmp(limit, rec->limit, sizeof(limit));
}

/* Refuse on-expiry reset for a group with members here, without a watchdog. */
static int check_reset(const struct agree *a, const struct ledger_group *g,
		       struct cgspan_err *err)
{
	const struct cgspan_group *k = kernel_group(a, g);

	if (a->guarded || g->rec->on_expiry != CGSPAN_ON_EXPIRY_RESET || !k ||
	    !a->v.members[k - a->v.groups])
		return 0;
	return cgspan_err_set(err, -ENODEV,
			      "group %.200s shall reset this machine at expiry and has members here: set 'watchdog' in the configuration and restart the daemon, or unbind them",
			      g->path);
}

static int set_group(struct agree *a, const struct ledger_group *g, bool new,
		     struct cgspan_err *err)
{
	const char *what = new ? "group-new" : "group-set";
	struct cgspan_limit limits[RES_N];
	const struct cgspan_group_conf conf = {
		.path = g->path,
		.on_expiry = g->rec->on_expiry,
		.limits = limits,
		.n_limits = RES_N,
	};
	unsigned int r;
	int ret;

	ret = check_reset(a, g, err);
	if (ret)
		return ret;
	for (r = 0; r < RES_N; r++)
		limits[r] = (struct cgspan_limit) { r, g->rec->limit[r] };
	crash_point(what, "before");
	ret = new ? cgspan_group_new(enforce_kernel(a->e), &conf, NULL, err)
		  : cgspan_group_set(enforce_kernel(a->e), &conf, err);
	if (!ret)
		crash_point(what, "after");
	return ret;
}

/*
 * The kernel refuses a policy that is weaker than the parent's. So set stronger
 * policies from the leaves up; make_and_set() sets all else from the root down.
 */
static int strengthen(struct agree *a, struct cgspan_err *err)
{
	size_t i = a->count;
	int ret = 0;

	while (!ret && i--) {
		const struct ledger_group *g = &a->groups[i];
		const struct cgspan_group *k = kernel_group(a, g);

		if (k && active(g->rec) && g->rec->on_expiry > k->on_expiry)
			ret = set_group(a, g, false, err);
	}
	return ret;
}

static int make_and_set(struct agree *a, struct cgspan_err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < a->count; i++) {
		const struct ledger_group *g = &a->groups[i];
		const struct cgspan_group *k = kernel_group(a, g);

		if (active(g->rec) && (!k || differs(k, g->rec)))
			ret = set_group(a, g, !k, err);
	}
	return ret;
}

static int unbind_group(struct agree *a, const char *path,
			struct cgspan_err *err)
{
	struct cgspan_member *list = NULL;
	size_t i, n = 0;
	int ret;

	ret = cgspan_member_list(enforce_kernel(a->e), path, &list, &n, err);
	for (i = 0; !ret && i < n; i++) {
		if (strcmp(list[i].group, path))
			continue;
		log_line(LOG_NOTICE,
			 "cgroup %s is unbound: the store has no group %s",
			 list[i].cgroup, path);
		ret = del_member(a->e, list[i].cgroup, err);
	}
	free(list);
	return ret;
}

static bool in_use(const struct cgspan_group *k)
{
	unsigned int r;

	for (r = 0; r < k->n_res; r++)
		if (k->res[r].used || k->res[r].reserved || k->res[r].waiting)
			return true;
	return false;
}

/*
 * Remove a group in state deleting once it has no tasks, grants or requests,
 * and one that is not in the store even with tasks. Unbind its members first.
 */
static int remove_groups(struct agree *a, size_t *pending,
			 struct cgspan_err *err)
{
	size_t i = a->v.n;
	int ret = 0;

	while (!ret && i--) {
		const struct cgspan_group *k = &a->v.groups[i];

		if (active(a->recs[i]) || !k->parent_id)
			continue;
		if (a->recs[i] && in_use(k)) {
			++*pending;
			continue;
		}
		ret = unbind_group(a, k->path, err);
		if (ret)
			break;
		crash_point("group-del", "before");
		ret = cgspan_group_del(enforce_kernel(a->e), k->path, 0, err);
		if (ret == -EBUSY) {
			++*pending;
			ret = 0;
		} else if (!ret) {
			crash_point("group-del", "after");
		}
	}
	return ret;
}

int reconcile_groups(struct enforce *e, const struct ledger *l,
		     struct config *config, const char *config_path,
		     size_t *pending, struct cgspan_err *err)
{
	struct agree a = { .e = e, .guarded = config->watchdog };
	int ret;

	*pending = 0;
	reload_members(config, config_path);
	ret = reconcile_freezers(e, err);
	if (!ret)
		ret = enforce_read(e, &a.v, err);
	if (!ret)
		ret = read_groups(&a, l, err);
	if (!ret)
		ret = strengthen(&a, err);
	if (!ret)
		ret = make_and_set(&a, err);
	if (!ret)
		ret = bind_members(e, config, store_policy, &a, err);
	if (!ret)
		ret = remove_groups(&a, pending, err);
	enforce_view_free(&a.v);
	free(a.recs);
	free(a.groups);
	return ret;
}

int reconcile_clear(struct enforce *e, struct cgspan_err *err)
{
	struct cgspan_member *list = NULL;
	size_t i, count = 0;
	struct enforce_view v;
	int ret;

	ret = cgspan_member_list(enforce_kernel(e), NULL, &list, &count, err);
	for (i = 0; !ret && i < count; i++)
		ret = del_member(e, list[i].cgroup, err);
	free(list);
	if (ret)
		return ret;
	ret = enforce_read(e, &v, err);
	for (i = v.n; !ret && i--; )
		if (v.groups[i].parent_id)
			ret = cgspan_group_del(enforce_kernel(e),
					       v.groups[i].path, 0, err);
	enforce_view_free(&v);
	/* LEAVE has set all leases to 0; without a cluster "/" has no limit. */
	return ret ? ret : set_leases(e, "/", CGSPAN_MAX, err);
}
