// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <systemd/sd-id128.h>
#include <unistd.h>

#include "cgspand/loop.h"

#define TASKS		CGSPAN_RES_TASKS

/* Bytes of the file: one is locked during a request, one by the owner of the session. */
enum { BYTE_REQUEST, BYTE_OWNER };

static int lock_byte(const struct cgspan *c, int cmd, short type, off_t byte)
{
	struct flock l = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1,
	};
	int ret = fcntl(c->fd, cmd, &l);

	return cmd == F_GETLK ? l.l_type != F_UNLCK : ret;
}

static struct kernel *request_begin(const struct cgspan *c)
{
	lock_byte(c, F_SETLKW, F_WRLCK, BYTE_REQUEST);
	return c->kernel;
}

static void request_end(const struct cgspan **c)
{
	lock_byte(*c, F_SETLK, F_UNLCK, BYTE_REQUEST);
}

/* Declare k, the kernel of the handle @c, and lock it until the block ends. */
#define REQUEST(c)							\
	__attribute__((cleanup(request_end))) const struct cgspan *_held = (c); \
	struct kernel *k = request_begin(_held)

/* Write to the file: this wakes all listeners, each of which has an inotify watch of it. */
static void wake(const struct cgspan *c)
{
	if (pwrite(c->fd, "", 1, sizeof(*c->kernel)) != 1)
		abort();
}

/* Replaces libsystemd's function: a fresh system may have no /etc/machine-id yet. */
int sd_id128_get_machine(sd_id128_t *ret)
{
	memset(ret, 1, sizeof(*ret));
	return 0;
}

static struct cgspan_group *find_group(struct kernel *k, const char *path)
{
	for (size_t i = 0; i < k->n; i++)
		if (!strcmp(k->groups[i].path, path))
			return &k->groups[i];
	return NULL;
}

static struct cgspan_group *add_group(struct kernel *k, const char *path,
				      uint64_t lease)
{
	struct cgspan_group *g = &k->groups[k->n++];

	memset(g, 0, sizeof(*g));
	g->id = ++k->last_id;
	g->parent_id = g->id > 1 ? 1 : 0;
	strcpy(g->path, path);
	g->n_res = 1;
	g->res[0].id = TASKS;
	g->res[0].limit = CGSPAN_MAX;
	g->res[0].lease = lease;
	return g;
}

static void fail(const char *path)
{
	fprintf(stderr, "kernel: %s: %s\n", path, strerror(errno));
	exit(1);
}

struct cgspan *kernel_open(const char *path)
{
	struct cgspan *c = calloc(1, sizeof(*c));
	struct stat st;

	if (!c)
		fail(path);
	c->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (c->fd < 0)
		fail(path);
	lock_byte(c, F_SETLKW, F_WRLCK, BYTE_REQUEST);
	if (fstat(c->fd, &st) ||
	    (!st.st_size && ftruncate(c->fd, sizeof(*c->kernel))))
		fail(path);
	c->kernel = mmap(NULL, sizeof(*c->kernel), PROT_READ | PROT_WRITE,
			 MAP_SHARED, c->fd, 0);
	if (c->kernel == MAP_FAILED)
		fail(path);
	if (!st.st_size) {
		add_group(c->kernel, "/", CGSPAN_MAX);
		getrandom(c->kernel->node.uuid, CGSPAN_ID_LEN, 0);
	}
	lock_byte(c, F_SETLK, F_UNLCK, BYTE_REQUEST);
	return c;
}

/* Send "credit", but not if @credit or worse was told since LEASE_SET, nor if exhausted. */
static void tell(const struct cgspan *c, struct cgspan_group *g,
		 enum cgspan_credit credit)
{
	if (g->res[0].exhausted || g->res[0].credit >= credit)
		return;
	g->res[0].credit = credit;
	c->kernel->news = true;
	wake(c);
}

/* Start wanted tasks that fit into the lease, end unwanted ones, send "credit" if due. */
static void work(const struct cgspan *c)
{
	struct kernel *k = c->kernel;
	struct cgspan_group *g = find_group(k, KERNEL_GROUP);
	uint64_t wanted = k->wanted;
	struct cgspan_res *r;

	if (!g || !g->members)
		return;
	r = &g->res[0];
	if (wanted > r->used && r->lease > r->used) {
		uint64_t most = wanted < r->lease ? wanted : r->lease;

		g->forks += most - r->used;
		r->used = most;
	}
	if (wanted < r->used)
		r->used = wanted;
	k->used = r->used;
	k->node.tasks = r->used;
	k->groups[0].res[0].used = r->used;
	k->groups[0].forks = g->forks;
	if (wanted > r->used) {
		r->refusals++;
		r->asked = 1;
		tell(c, g, CGSPAN_CREDIT_REFUSED);
	} else if (r->lease >= r->used && r->lease - r->used < r->low) {
		tell(c, g, CGSPAN_CREDIT_LOW);
	}
}

void kernel_want(struct cgspan *c, uint64_t tasks)
{
	REQUEST(c);

	k->wanted = tasks;
	work(c);
	wake(c);
}

/* Functions of libcgspan that the daemon and the command use. */

int cgspan_open(struct cgspan **out, struct cgspan_err *err)
{
	static struct cgspan *c;

	if (!c)
		c = kernel_open(getenv("CGSPAN_KERNEL") ?: "");
	*out = c;
	return 0;
}

void cgspan_close(struct cgspan *c)
{
}

void cgspan_timeout_set(struct cgspan *c, unsigned int ms)
{
}

void cgspan_brief_set(struct cgspan *c, bool brief)
{
}

int cgspan_node_get(struct cgspan *c, struct cgspan_node *node,
		    struct cgspan_session *session, struct cgspan_err *err)
{
	REQUEST(c);

	k->node.clock = loop_now();
	k->node.groups = k->n;
	k->node.members = k->n_members;
	if (node)
		*node = k->node;
	if (!session)
		return 0;
	*session = k->session;
	session->owned = c->owner || lock_byte(c, F_GETLK, F_WRLCK, BYTE_OWNER);
	if (session->state == CGSPAN_SESSION_LIVE &&
	    session->deadline < k->node.clock)
		session->state = CGSPAN_SESSION_EXPIRED;
	return 0;
}

int cgspan_node_set(struct cgspan *c, const char *name, const uint8_t *boot_id,
		    struct cgspan_err *err)
{
	REQUEST(c);

	strcpy(k->node.name, name);
	return 0;
}

static void void_leases(struct kernel *k)
{
	for (size_t i = 0; i < k->n; i++)
		k->groups[i].res[0].lease = 0;
	k->lease = 0;
}

int cgspan_session_renew(struct cgspan *c, uint64_t epoch, uint64_t sent,
			 uint32_t ttl, struct cgspan_session *session,
			 struct cgspan_err *err)
{
	REQUEST(c);

	if (epoch < k->session.epoch)
		return cgspan_err_set(err, -ESTALE, "a later epoch is known");
	if (lock_byte(c, F_SETLK, F_WRLCK, BYTE_OWNER))
		return cgspan_err_set(err, -EBUSY, "another process owns it");
	c->owner = true;
	if (epoch > k->session.epoch)
		void_leases(k);
	k->session = (struct cgspan_session){
		.epoch = epoch, .sent = sent, .ttl = ttl,
		.deadline = sent + ttl * NSEC_PER_MSEC,
		.state = CGSPAN_SESSION_LIVE,
	};
	return 0;
}

int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err)
{
	REQUEST(c);

	if (epoch != k->session.epoch)
		return cgspan_err_set(err, -ESTALE, "another epoch");
	if (k->used)
		return cgspan_err_set(err, -EBUSY, "tasks are charged");
	memset(&k->session, 0, sizeof(k->session));
	void_leases(k);
	lock_byte(c, F_SETLK, F_UNLCK, BYTE_OWNER);
	c->owner = false;
	wake(c);
	return 0;
}

static int set_group(struct cgspan_group *g,
		     const struct cgspan_group_conf *conf,
		     struct cgspan_err *err)
{
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	for (size_t i = 0; i < conf->n_limits; i++)
		if (conf->limits[i].res == TASKS)
			g->res[0].limit = conf->limits[i].limit;
	if (conf->on_expiry != CGSPAN_ON_EXPIRY_KEEP)
		g->on_expiry = conf->on_expiry;
	return 0;
}

int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err)
{
	REQUEST(c);

	return set_group(find_group(k, conf->path), conf, err);
}

int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err)
{
	struct cgspan_group *g;

	REQUEST(c);

	if (find_group(k, conf->path))
		return cgspan_err_set(err, -EEXIST, "the group exists");
	if (k->n == KERNEL_SLOTS)
		return cgspan_err_set(err, -ENOSPC, "too many groups");
	g = add_group(k, conf->path, k->session.epoch ? 0 : CGSPAN_MAX);
	if (id)
		*id = g->id;
	return set_group(g, conf, err);
}

int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err)
{
	struct cgspan_group *g;

	REQUEST(c);

	g = find_group(k, path);
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	if (g->members || g->res[0].used)
		return cgspan_err_set(err, -EBUSY, "the group is in use");
	memmove(g, g + 1, (&k->groups[--k->n] - g) * sizeof(*g));
	return 0;
}

int cgspan_group_get(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_group *out, struct cgspan_err *err)
{
	const struct cgspan_group *g;

	REQUEST(c);

	g = find_group(k, path);
	if (!g)
		return cgspan_err_set(err, -ENOENT, "no such group");
	*out = *g;
	return 0;
}

static int copy_list(void *out, const void *list, size_t size,
		     struct cgspan_err *err)
{
	void *copy = malloc(size + 1);

	if (!copy)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	*(void **)out = memcpy(copy, list, size);
	return 0;
}

int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err)
{
	REQUEST(c);

	*n = k->n;
	return copy_list(out, k->groups, *n * sizeof(**out), err);
}

/* Set a lease to @l: not raised if @l->drain, else not lowered below use; answer in @l. */
static void set_lease(const struct cgspan *c, struct cgspan_group *g,
		      struct cgspan_lease *l)
{
	struct cgspan_res *r = &g->res[0];
	uint64_t old = r->lease;

	if (l->drain)
		l->amount = l->amount < old ? l->amount : old;
	else if (l->amount < old && l->amount < r->used)
		l->amount = r->used < old ? r->used : old;
	r->lease = l->amount;
	r->low = l->low;
	r->exhausted = l->exhausted;
	r->credit = CGSPAN_CREDIT_OK;
	r->asked = 0;
	r->cause = l->cause;
	l->used = r->used;
	l->held = r->used > r->lease ? r->used : r->lease;
	if (strcmp(g->path, KERNEL_GROUP))
		return;
	c->kernel->lease = r->lease;
	if (r->lease > old && !c->kernel->since)
		c->kernel->since = loop_now();
	wake(c);	/* the process that receives events tries refused forks again */
}

int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err)
{
	REQUEST(c);

	if (epoch != k->session.epoch)
		return cgspan_err_set(err, -ESTALE, "another epoch");
	for (size_t i = 0; i < n; i++)
		if (!find_group(k, leases[i].path))
			return cgspan_err_set(err, -ENOENT, "no such group");
	for (size_t i = 0; i < n; i++)
		if (leases[i].res == TASKS)
			set_lease(c, find_group(k, leases[i].path), &leases[i]);
	return 0;
}

int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err)
{
	return 0;
}

static struct cgspan_member *find_member(struct kernel *k, const char *cgroup)
{
	for (size_t i = 0; i < k->n_members; i++)
		if (!strcmp(k->members[i].cgroup, cgroup))
			return &k->members[i];
	return NULL;
}

int cgspan_member_add(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	REQUEST(c);

	if (k->n_members + n > KERNEL_SLOTS)
		return cgspan_err_set(err, -ENOSPC, "too many members");
	for (size_t i = 0; i < n; i++)
		if (!find_group(k, members[i].group) ||
		    find_member(k, members[i].cgroup))
			return cgspan_err_set(err, -EINVAL, "it cannot be bound");
	for (size_t i = 0; i < n; i++) {
		struct cgspan_group *g = find_group(k, members[i].group);
		struct cgspan_member *m = &k->members[k->n_members++];

		memset(m, 0, sizeof(*m));
		m->group_id = g->id;
		strcpy(m->group, g->path);
		strcpy(m->cgroup, members[i].cgroup);
		g->members++;
	}
	return 0;
}

int cgspan_member_del(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err)
{
	REQUEST(c);

	for (size_t i = 0; i < n; i++) {
		struct cgspan_member *m = find_member(k, members[i].cgroup);

		if (!m)
			return cgspan_err_set(err, -ENOENT, "no such member");
		find_group(k, m->group)->members--;
		memmove(m, m + 1,
			(&k->members[--k->n_members] - m) * sizeof(*m));
	}
	return 0;
}

int cgspan_member_list(struct cgspan *c, const char *group,
		       struct cgspan_member **out, size_t *n,
		       struct cgspan_err *err)
{
	REQUEST(c);

	*n = k->n_members;
	return copy_list(out, k->members, *n * sizeof(**out), err);
}

/* A listener has an inotify descriptor; there is one listener in a process at a time. */
struct cgspan_events {
	struct cgspan *c;
	int fd;
};

int cgspan_event_open(struct cgspan_events **out, unsigned int which,
		      struct cgspan_err *err)
{
	static struct cgspan_events ev;
	char file[32];

	cgspan_open(&ev.c, err);
	ev.c->which = which;
	ev.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", ev.c->fd);
	if (inotify_add_watch(ev.fd, file, IN_MODIFY) < 0)
		return cgspan_err_set(err, -errno, "no inotify");
	*out = &ev;
	return 0;
}

void cgspan_event_close(struct cgspan_events *ev)
{
	if (ev)
		close(ev->fd);
}

int cgspan_event_fd(const struct cgspan_events *ev)
{
	return ev->fd;
}

int cgspan_event_recv(struct cgspan_events *ev, struct cgspan_event *out,
		      struct cgspan_err *err)
{
	char buf[4096];
	bool woken = false;

	while (read(ev->fd, buf, sizeof(buf)) > 0)
		woken = true;
	if (!(ev->c->which & CGSPAN_EVENT_CREDIT))
		return -EAGAIN;

	REQUEST(ev->c);

	if (woken)
		work(ev->c);
	if (!k->news)
		return -EAGAIN;
	k->news = false;
	if (!find_group(k, KERNEL_GROUP))
		return -EAGAIN;
	out->cmd = CGSPAN_CMD_CREDIT_NTF;
	out->group = *find_group(k, KERNEL_GROUP);
	return 0;
}
