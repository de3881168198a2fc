// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libcgspan/cgspan.h"
#include "cgspand/loop.h"

#define GROUPS_MAX	4
#define TASKS		CGSPAN_RES_TASKS

/* One process, one kernel. */
struct cgspan {
	struct kernel *shared;
	struct cgspan_node node;
	struct cgspan_session session;
	struct cgspan_group groups[GROUPS_MAX];	/* parents first */
	size_t n;
	uint64_t last_id;
	struct cgspan_group *told;		/* of this one there is news */
};

static struct cgspan kernel;

static void wake(void)
{
	eventfd_write(kernel.shared->wake, 1);
}

static struct cgspan_group *add_group(const char *path, uint64_t lease)
{
	struct cgspan_group *g = &kernel.groups[kernel.n++];

	memset(g, 0, sizeof(*g));
	g->id = ++kernel.last_id;
	g->parent_id = g->id > 1 ? 1 : 0;
	g->members = g->id > 1;
	strcpy(g->path, path);
	g->n_res = 1;
	g->res[0].id = TASKS;
	g->res[0].limit = CGSPAN_MAX;
	g->res[0].lease = lease;
	return g;
}

void kernel_use(struct kernel *k)
{
	pid_t pid = getpid();

	kernel.shared = k;
	memcpy(kernel.node.uuid, &pid, sizeof(pid));
	add_group("/", CGSPAN_MAX);
}

static struct cgspan_group *find_group(const char *path)
{
	for (size_t i = 0; i < kernel.n; i++)
		if (!strcmp(kernel.groups[i].path, path))
			return &kernel.groups[i];
	return NULL;
}

/* Once for each lease that is set, and once more if it comes to be worse. */
static void tell(struct cgspan_group *g, enum cgspan_credit credit)
{
	if (g->res[0].exhausted || g->res[0].credit >= credit)
		return;
	g->res[0].credit = credit;
	kernel.told = g;
	wake();
}

/* As many tasks as are wanted and fit. */
static void work(void)
{
	struct cgspan_group *g = find_group(KERNEL_GROUP);
	uint64_t wanted = kernel.shared->wanted;
	struct cgspan_res *r;

	if (!g)
		return;
	r = &g->res[0];
	if (wanted > r->used && r->lease > r->used) {
		uint64_t most = wanted < r->lease ? wanted : r->lease;

		g->forks += most - r->used;
		r->used = most;
	}
	if (wanted < r->used)
		r->used = wanted;
	kernel.groups[0].res[0].used = r->used;
	kernel.groups[0].forks = g->forks;
	if (wanted > r->used) {
		r->refusals++;
		r->asked = 1;
		tell(g, CGSPAN_CREDIT_REFUSED);
	} else if (r->lease - r->used < r->low) {
		tell(g, CGSPAN_CREDIT_LOW);
	}
}

/* What libcgspan has, as the daemon needs it. */

int cgspan_open(struct cgspan **out, struct cgspan_err *err)
{
	(void)err;
	*out = &kernel;
	return 0;
}

void cgspan_close(struct cgspan *c)
{
	(void)c;
}

void cgspan_timeout_set(struct cgspan *c, unsigned int ms)
{
	(void)c;
	(void)ms;
}

int cgspan_node_get(struct cgspan *c, struct cgspan_node *node,
		    struct cgspan_session *session, struct cgspan_err *err)
{
	(void)err;
	c->node.clock = loop_now();
	c->node.groups = c->n;
	*node = c->node;
	if (session)
		*session = c->session;
	return 0;
}

int cgspan_node_set(struct cgspan *c, const char *name, const uint8_t *boot_id,
		    struct cgspan_err *err)
{
	(void)boot_id;
	(void)err;
	strcpy(c->node.name, name);
	return 0;
}

int cgspan_session_renew(struct cgspan *c, uint64_t epoch, uint64_t sent,
			 uint32_t ttl, struct cgspan_session *session,
			 struct cgspan_err *err)
{
	(void)session;
	if (epoch < c->session.epoch)
		return cgspan_err_set(err, -ESTALE, "a later epoch is known");
	for (size_t i = 0; epoch > c->session.epoch && i < c->n; i++)
		c->groups[i].res[0].lease = 0;
	c->session = (struct cgspan_session){
		.epoch = epoch, .sent = sent, .ttl = ttl, .owned = true,
		.deadline = sent + ttl * NSEC_PER_MSEC,
		.state = CGSPAN_SESSION_LIVE,
	};
	return 0;
}

int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err)
{
	(void)epoch;
	(void)err;
	c->session.state = CGSPAN_SESSION_NONE;
	return 0;
}

int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err)
{
	struct cgspan_group *g = find_group(conf->path);

	(void)c;
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	for (size_t i = 0; i < conf->n_limits; i++)
		if (conf->limits[i].res == TASKS)
			g->res[0].limit = conf->limits[i].limit;
	if (conf->on_expiry != CGSPAN_ON_EXPIRY_KEEP)
		g->on_expiry = conf->on_expiry;
	return 0;
}

int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err)
{
	struct cgspan_group *g;

	if (c->n == GROUPS_MAX)
		return cgspan_err_set(err, -ENOSPC, "too many groups");
	g = add_group(conf->path, c->session.epoch ? 0 : CGSPAN_MAX);
	if (id)
		*id = g->id;
	return cgspan_group_set(c, conf, err);
}

int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err)
{
	struct cgspan_group *g = find_group(path);

	(void)id;
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	memmove(g, g + 1, (&c->groups[--c->n] - g) * sizeof(*g));
	return 0;
}

int cgspan_group_get(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_group *out, struct cgspan_err *err)
{
	const struct cgspan_group *g = find_group(path);

	(void)c;
	(void)id;
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	*out = *g;
	return 0;
}

int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err)
{
	(void)under;
	*out = malloc(sizeof(c->groups));
	if (!*out)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	memcpy(*out, c->groups, sizeof(c->groups));
	*n = c->n;
	return 0;
}

/* Smaller, but not than what is in use; larger at once. */
static void set_lease(struct cgspan_group *g, struct cgspan_lease *l)
{
	struct cgspan_res *r = &g->res[0];
	uint64_t old = r->lease;

	if (l->amount < old && l->amount < r->used)
		l->amount = r->used < old ? r->used : old;
	r->lease = l->amount;
	r->low = l->low;
	r->exhausted = l->exhausted;
	r->credit = CGSPAN_CREDIT_OK;
	r->asked = 0;
	l->used = r->used;
	if (strcmp(g->path, KERNEL_GROUP))
		return;
	kernel.shared->lease = r->lease;
	if (r->lease > old && !kernel.shared->since)
		kernel.shared->since = loop_now();
	wake();		/* a refused fork is tried again */
}

int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err)
{
	if (epoch != c->session.epoch)
		return cgspan_err_set(err, -ESTALE, "another epoch");
	for (size_t i = 0; i < n; i++)
		if (!find_group(leases[i].path))
			return cgspan_err_set(err, -ENOENT, "no such group");
	for (size_t i = 0; i < n; i++)
		if (leases[i].res == TASKS)
			set_lease(find_group(leases[i].path), &leases[i]);
	return 0;
}

int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err)
{
	(void)c;
	(void)peers;
	(void)n;
	(void)err;
	return 0;
}

int cgspan_member_add(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	(void)c;
	(void)members;
	(void)n;
	return cgspan_err_set(err, -EOPNOTSUPP, "no members");
}

int cgspan_member_del(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	return cgspan_member_add(c, members, n, err);
}

int cgspan_member_list(struct cgspan *c, const char *group,
		       struct cgspan_member **out, size_t *n,
		       struct cgspan_err *err)
{
	(void)c;
	(void)group;
	(void)err;
	*out = NULL;
	*n = 0;
	return 0;
}

int cgspan_event_open(struct cgspan_events **out, unsigned int which,
		      struct cgspan_err *err)
{
	(void)out;
	(void)which;
	(void)err;
	return 0;
}

void cgspan_event_close(struct cgspan_events *ev)
{
	(void)ev;
}

int cgspan_event_fd(const struct cgspan_events *ev)
{
	(void)ev;
	return kernel.shared->wake;
}

int cgspan_event_recv(struct cgspan_events *ev, struct cgspan_event *out,
		      struct cgspan_err *err)
{
	eventfd_t n;

	(void)ev;
	(void)err;
	if (!eventfd_read(kernel.shared->wake, &n))
		work();
	if (!kernel.told)
		return -EAGAIN;
	out->cmd = CGSPAN_CMD_CREDIT_NTF;
	out->group = *kernel.told;
	kernel.told = NULL;
	return 0;
}
