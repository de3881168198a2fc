/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libcgspan: a client of the cgspan kernel module.
 *
 * Functions for all commands of <linux/cgspan.h>, which says what each command
 * means and when the kernel refuses it; plain structs come out. A handle is
 * used by one thread at a time; there are no globals, so as many handles as
 * wanted may exist.
 *
 * A function waits for each answer, at most the time of cgspan_timeout_set();
 * notifications are read without waiting, from a descriptor that can be polled.
 *
 * Unless said otherwise a function returns 0, or a negative errno with outputs
 * untouched and the reason in @err, which may be NULL: the kernel's text, if it
 * sent one. After success @err may have any text. Errors of any request:
 * -ETIMEDOUT: no answer in time, -ENOBUFS: answers were lost, -EIO: an answer
 * cannot be understood: after these the kernel may have done it; -EPERM: the
 * caller lacks CAP_NET_ADMIN or CAP_SYS_RESOURCE in the initial user namespace,
 * or does not own the session; -ENOMEM; -EINVAL; and more of the kernel's.
 *
 * A group is named by its path; where there is an id too, a path of NULL means
 * that id, and for a list of groups, members or grants NULL means all.
 *
 * A _list() function sets @out to an array of @n items, to be freed by free();
 * NULL if @n is 0. If a group (in a list of members: a member) comes or goes
 * meanwhile, the list is read again; all else may change during the reading.
 * -EAGAIN: this happened in each of several readings; -ENOENT: no such group.
 */
#ifndef CGSPAN_H
#define CGSPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/cgspan.h>

#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- the handle -------------------------------------------------------- */

/* A netlink socket in the network namespace where it was opened. */
struct cgspan;

/**
 * cgspan_open() - connect to the module
 *
 * Close the handle with cgspan_close(). The handle that renews the session owns
 * it: keep that handle open as long as it is to own the session. -ENOENT: the
 * module is not loaded.
 */
int cgspan_open(struct cgspan **out, struct cgspan_err *err);

/**
 * cgspan_close() - disconnect, and free the handle, which may be NULL
 */
void cgspan_close(struct cgspan *c);

/**
 * cgspan_timeout_set() - set an answer's time-out (0: 1 ms); 10 s until set
 */
void cgspan_timeout_set(struct cgspan *c, unsigned int ms);

/**
 * cgspan_brief_set() - read groups without what their tasks and members have used
 *
 * @brief: false until set. If true, cgspan_group_get() and cgspan_group_list()
 * look at no task: @settled to @memory_peak are 0, @live and @exits may lag.
 */
void cgspan_brief_set(struct cgspan *c, bool brief);

/* --- node and session -------------------------------------------------- */

#define CGSPAN_ID_LEN	16	/* bytes in a boot id and in a uuid */

/* This node. */
struct cgspan_node {
	char name[CGSPAN_NAME_LEN + 1];	/* "" until the node has a name */
	char version[32];	/* version of the module */
	bool has_boot_id;
	/* Id of this boot of the kernel, as cgspan_node_set() has set it */
	uint8_t boot_id[CGSPAN_ID_LEN];
	/* Id that the module made for this network namespace */
	uint8_t uuid[CGSPAN_ID_LEN];
	bool hooks;	/* true: the module checks forks of members' tasks */
	/* The kernel's CLOCK_BOOTTIME at the time of the answer, ns */
	uint64_t clock;
	uint32_t groups;	/* number of groups, "/" and orphans included */
	uint32_t members;	/* number of members (bound cgroups) */
	uint64_t tasks;	/* tasks charged now */
	uint64_t forks;	/* forks admitted in groups so far */
	uint64_t refusals;	/* forks refused in groups so far */
	/* Names of CGSPAN_RES_USER0 to CGSPAN_RES_USER4; "": no name */
	char res_names[CGSPAN_RES_USERS][CGSPAN_RES_NAME_LEN + 1];
	uint64_t exits_told;	/* number of EXIT_NTF made, received or not */
	/* Ended tasks without EXIT_NTF: too many, no memory, no listener */
	uint64_t exits_lost;
};

/* The session: this node's right to use its leases. */
struct cgspan_session {
	uint64_t epoch;		/* epoch; 0: there is no session */
	/* ns of CLOCK_BOOTTIME when the renewal that set @deadline was sent */
	uint64_t sent;
	uint32_t ttl;		/* the session lives so long after @sent, ms */
	uint64_t deadline;	/* end of the session, ns of CLOCK_BOOTTIME */
	enum cgspan_session_state state;	/* none, live or expired */
	bool owned;		/* an open socket owns the session */
};

/**
 * cgspan_node_get() - read this node and its session; outputs may be NULL
 */
int cgspan_node_get(struct cgspan *c, struct cgspan_node *node,
		    struct cgspan_session *session, struct cgspan_err *err);

/**
 * cgspan_node_set() - name this node
 * @boot_id: CGSPAN_ID_LEN bytes; NULL leaves it as it is
 */
int cgspan_node_set(struct cgspan *c, const char *name, const uint8_t *boot_id,
		    struct cgspan_err *err);

/**
 * cgspan_node_name_res() - name a resource
 * @res: CGSPAN_RES_USER0 to CGSPAN_RES_USER4
 * @name: up to 31 of [A-Za-z0-9._-], the first a letter, but not "tasks",
 *	"cpu", "memory" or "user..."; "": no name
 */
int cgspan_node_name_res(struct cgspan *c, uint32_t res, const char *name,
			 struct cgspan_err *err);

/**
 * cgspan_session_renew() - start, renew or take over the session
 * @epoch: 1 or more
 * @sent: when the renewal left for the store, ns of CLOCK_BOOTTIME
 * @ttl: ms, 1 to CGSPAN_TTL_MAX_MS
 * @session: set to the session after the renewal; may be NULL
 *
 * -ESTALE: the epoch is lower than the session's; -EBUSY: another socket owns
 * this epoch, or the module is unloaded; -ERANGE: @sent is in the future.
 */
int cgspan_session_renew(struct cgspan *c, uint64_t epoch, uint64_t sent,
			 uint32_t ttl, struct cgspan_session *session,
			 struct cgspan_err *err);

/**
 * cgspan_session_leave() - end the session; -EBUSY: there are tasks or grants;
 * -ESTALE: @epoch is not the session's
 */
int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err);

/* --- groups ------------------------------------------------------------ */

/* One resource of a group on this node. */
struct cgspan_res {
	uint32_t id;		/* enum cgspan_resource */
	uint64_t limit;		/* limit in the cluster; CGSPAN_MAX: no limit */
	uint64_t lease;		/* the most that this node may use */
	/* Use on this node, with subgroups; = @reserved except for tasks */
	uint64_t used;
	/* Amount that grants hold on this node, with subgroups */
	uint64_t reserved;
	uint64_t unspent;	/* unused part of @reserved; all if not tasks */
	uint64_t peak;		/* highest use so far, with unspent reserves */
	uint64_t refusals;	/* number of admissions the lease refused */
	/* Amount in queued requests to this group, without subgroups */
	uint64_t waiting;
	/* Largest amount that this lease has refused since it was set */
	uint64_t asked;
	uint64_t low;		/* headroom below @low sends a "credit" event */
	bool exhausted;		/* true: only overdrafts send "credit" events */
	/* Worst state of headroom in "credit" events since the lease was set */
	enum cgspan_credit credit;
	bool has_peer;		/* the peer_* members are known */
	uint64_t peer_used;	/* sum of the use on other nodes */
	uint32_t peer_nodes;	/* number of nodes in the sum @peer_used */
	/* Time of the oldest figure in @peer_used, ns of CLOCK_BOOTTIME */
	uint64_t peer_time;
	/* The other node with the most headroom; "": none is known */
	char peer_node[CGSPAN_NAME_LEN + 1];
	uint64_t peer_headroom;	/* headroom of @peer_node */
	enum cgspan_cause cause;	/* why the lease is low */
	uint64_t caller_id;	/* group the lease is kept low for; 0: none */
};

/* One group on this node. */
struct cgspan_group {
	uint64_t id;		/* id, never reused by a kernel; "/" has 1 */
	uint64_t parent_id;	/* id of the parent group; 0: "/" has none */
	char path[CGSPAN_PATH_LEN + 1];
	/* What happens to the group at the session's deadline */
	enum cgspan_on_expiry on_expiry;
	uint32_t flags;		/* flags CGSPAN_GROUP_F_* */
	uint32_t members;	/* member cgroups, without the subgroups' */
	/* Tasks that have not exited; @live to @memory_peak count subgroups */
	uint64_t live;
	uint64_t forks;		/* forks admitted */
	uint64_t execs;		/* successful execs */
	uint64_t exits;		/* tasks that exited */
	uint64_t refusals;	/* forks refused to its tasks */
	/* When @cpu to @max_rss were read, ns of CLOCK_BOOTTIME; 0: not read */
	uint64_t settled;
	uint64_t cpu;		/* CPU time of tasks while in the group, ns */
	uint64_t voluntary;	/* how often its tasks went to sleep */
	uint64_t involuntary;	/* how often its tasks were preempted */
	uint64_t major_faults;	/* major page faults of its tasks */
	uint64_t max_rss;	/* bytes, largest RSS of an ended process */
	bool measured;		/* @memory and @memory_peak are known */
	uint64_t memory;	/* bytes charged to its members' cgroups */
	uint64_t memory_peak;	/* bytes, sum of its members' peaks */
	unsigned int n_res;	/* number of elements of @res in use */
	struct cgspan_res res[CGSPAN_RES_MAX + 1];
};

/* A limit in the cluster; or, in struct cgspan_grant_conf, an amount. */
struct cgspan_limit {
	uint32_t res;	/* enum cgspan_resource */
	uint64_t limit;	/* limit or amount; CGSPAN_MAX: no limit */
};

/* Value of on_expiry: keep the group's; a new group gets that of its parent. */
#define CGSPAN_ON_EXPIRY_KEEP	(-1)

/* Settings of a new group, or changes of a group. */
struct cgspan_group_conf {
	const char *path;	/* group path, needed if new; NULL: see @id */
	uint64_t id;
	int on_expiry;	/* enum cgspan_on_expiry, or CGSPAN_ON_EXPIRY_KEEP */
	/* Limits to set; other limits do not change */
	const struct cgspan_limit *limits;
	size_t n_limits;
};

/**
 * cgspan_group_new() - create a group; -EEXIST; -ENOENT: no such parent
 * @id: set to the id of the new group; may be NULL
 */
int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err);

/**
 * cgspan_group_set() - change a group; -ENOENT: no such group
 */
int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err);

/**
 * cgspan_group_del() - remove a group, not "/"; -ENOENT: no such group; -EBUSY:
 * it has subgroups, members, grants, queued requests or tasks
 */
int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err);

/**
 * cgspan_group_get() - read one group; -ENOENT: no such group
 */
int cgspan_group_get(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_group *out, struct cgspan_err *err);

/**
 * cgspan_group_list() - @under with all groups below it, parents first
 */
int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err);

/* --- leases and peers -------------------------------------------------- */

/* Flags in @set: give the lease @low, @exhausted; without: 0 and false. */
#define CGSPAN_LEASE_SET_LOW		(1U << 0)
#define CGSPAN_LEASE_SET_EXHAUSTED	(1U << 1)

/* What this node may use of a group's resource. */
struct cgspan_lease {
	const char *path;	/* path of the group; NULL: see @id */
	uint64_t id;	/* group id; used if @path is NULL; set by the answer */
	uint32_t res;	/* enum cgspan_resource */
	unsigned int set;	/* flags CGSPAN_LEASE_SET_* */
	/*
	 * The lease to set. The answer changes it to the lease in force, which
	 * is larger if the use stopped a shrink; a drain never raises it
	 */
	uint64_t amount;
	uint64_t low;	/* headroom below @low sends a "credit" event */
	bool exhausted;	/* true: only overdrafts send a "credit" event */
	/*
	 * Lower the lease to @amount even if more is in use, and never raise
	 * it: nothing is admitted until less is in use
	 */
	bool drain;
	enum cgspan_cause cause;	/* why the lease is low; only reported */
	const char *caller;	/* group path the lease is low for; or NULL */
	/* Set by the answer: the use, with unspent reserves of grants */
	uint64_t used;
	/*
	 * Set by the answer: the larger one of lease and use. Of the lease in
	 * the store, only the part above @held may be given to other nodes
	 */
	uint64_t held;
};

/**
 * cgspan_lease_set() - set 1 to CGSPAN_LEASES_MAX leases, all or none
 * @epoch: the session's; 0 on a node without a session
 * @leases: changed by the answer; after a failure perhaps only some
 *
 * -ESTALE: not the session's epoch; -ENOENT: no such group. After -EIO,
 * -ENOBUFS or -ETIMEDOUT all or none have been set.
 */
int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err);

/* What the other nodes use of a group's resource. */
struct cgspan_peer {
	const char *path;	/* path of the group; NULL: see @id */
	uint64_t id;
	uint32_t res;		/* enum cgspan_resource */
	uint64_t used;		/* sum of the use on other nodes */
	uint32_t nodes;		/* number of nodes in the sum @used */
	/* Time of the oldest figure in @used, ns of CLOCK_BOOTTIME */
	uint64_t time;
	/* The other node with the most headroom; NULL: none */
	const char *node;
	uint64_t headroom;	/* headroom of @node */
};

/**
 * cgspan_peer_set() - set 1 to CGSPAN_LEASES_MAX figures of other nodes
 */
int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err);

/* --- members ----------------------------------------------------------- */

/* A cgroup to bind or unbind. */
struct cgspan_member_conf {
	const char *group;	/* bind only: group path; NULL: see @group_id */
	uint64_t group_id;	/* bind only: id of the group */
	/* Path in the caller's cgroup namespace ("/app.slice"); NULL: @fd */
	const char *cgroup;
	int fd;	/* if @cgroup is NULL: an open cgroup v2 directory */
	bool has_freeze_fd;	/* @freeze_fd is set (bind only) */
	/*
	 * The cgroup's cgroup.freeze, open for reading and writing; a group
	 * with on_expiry freeze needs it. If the cgroup is a member of the
	 * group already, only this file is replaced: the kernel needs the new
	 * file after the cgroup's directory was made again
	 */
	int freeze_fd;
	/*
	 * Needed to bind without CAP_SYS_ADMIN, open for writing: cgroup.procs
	 * in the directory @fd, or in the parent of @cgroup; for a group whose
	 * on_expiry is kill or reset also cgroup.kill in that directory
	 */
	bool has_procs_fd;
	bool has_kill_fd;
	int procs_fd;
	int kill_fd;
};

/* A member: a cgroup that is bound to a group. */
struct cgspan_member {
	uint64_t group_id;
	char group[CGSPAN_PATH_LEN + 1];
	/* Path in the caller's (in events: initial) cgroup namespace; or "" */
	char cgroup[CGSPAN_CGROUP_LEN + 1];
	/* Inode number of the cgroup's directory; 0: there is none now */
	uint64_t cgroup_id;
	uint32_t flags;				/* flags CGSPAN_MEMBER_F_* */
};

/**
 * cgspan_member_add() - bind 1 to CGSPAN_MEMBERS_MAX cgroups, all or none; all
 * their tasks are counted when it returns 0
 */
int cgspan_member_add(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err);

/**
 * cgspan_member_del() - unbind 1 to CGSPAN_MEMBERS_MAX cgroups, all or none
 */
int cgspan_member_del(struct cgspan *c,
		      const struct cgspan_member_conf *members, size_t n,
		      struct cgspan_err *err);

/**
 * cgspan_member_list() - members of all groups, or of @group alone
 */
int cgspan_member_list(struct cgspan *c, const char *group,
		       struct cgspan_member **out, size_t *n,
		       struct cgspan_err *err);

/* --- tasks ------------------------------------------------------------- */

/* One charged task. */
struct cgspan_task {
	/* Id in the caller's pid namespace; 0: not visible there */
	uint32_t pid;
	uint32_t tgid;		/* the task's process: id in @pid's namespace */
	/* Id of the charged group; cgspan_group_list() has its path */
	uint64_t group_id;
	bool exited;		/* the task has exited, but is not yet reaped */
	char comm[16];
};

/**
 * cgspan_task_list() - the tasks that are charged to a group and its subgroups
 */
int cgspan_task_list(struct cgspan *c, const char *group,
		     struct cgspan_task **out, size_t *n,
		     struct cgspan_err *err);

/* --- grants ------------------------------------------------------------ */

struct cgspan_grant;

/* A request for a grant. */
struct cgspan_grant_conf {
	const char *group;		/* group path; NULL: see @group_id */
	uint64_t group_id;			/* id of the group */
	/* One or more resources with their amounts */
	const struct cgspan_limit *amounts;
	size_t n_amounts;
	/*
	 * Id of the process that holds the grant, in the caller's pid
	 * namespace; 0: the handle holds it, until it is closed
	 */
	uint32_t pid;
	/* Time to wait for headroom, at most CGSPAN_WAIT_MAX_MS; 0: none */
	uint32_t wait_ms;
	bool dry_run;				/* only report, hold nothing */
	/* Called once if queued (not dry run), with what is lacking; or NULL */
	void (*queued)(void *arg, const struct cgspan_grant *grant);
	void *arg;				/* argument for @queued */
};

/* A grant: amounts held in a group, or waited for. */
struct cgspan_grant {
	uint64_t id;	/* grant id, never reused; 0: refused, or a dry run */
	enum cgspan_grant_state state;	/* granted, queued, refused ... */
	/* Its group; from cgspan_grant_admit() the one lacking @res, or 0 */
	uint64_t group_id;
	char group[CGSPAN_PATH_LEN + 1];	/* path of @group_id */
	/* Amounts by enum cgspan_resource; from cgspan_grant_admit(): 0 */
	uint64_t amounts[CGSPAN_RES_MAX + 1];
	/*
	 * Id of the holding process in the caller's pid namespace; 0: hidden
	 * or outside of it, or a socket holds the grant
	 */
	uint32_t pid;
	uint32_t port;	/* port id of the holding socket; 0: hidden or none */
	uint64_t spent;	/* number of charged tasks that may use the grant */
	/* From cgspan_grant_admit(): the resource that @group lacks */
	uint32_t res;
	uint64_t missing;	/* amount of @res that @group lacks */
	/*
	 * Another node with headroom for all that is asked of @res; "": none is
	 * known, or all are known to lack headroom of another resource asked for
	 */
	char node[CGSPAN_NAME_LEN + 1];
	uint64_t headroom;	/* headroom of @res on @node */
	enum cgspan_cause cause;	/* why the lease of @group is low */
	uint64_t caller_id;	/* group the lease is kept low for; 0: none */
};

/**
 * cgspan_grant_admit() - hold amounts in a group
 * @conf: the request
 * @out: the result, 0 without one, unchanged if a resource is unknown; or NULL
 *
 * With @conf->wait_ms it returns when the request is granted or refused, at the
 * latest after that time plus two time-outs. If headroom is lacking, @out and
 * @err tell how much and where, and name another node that has it, if known.
 *
 * -EAGAIN: too little headroom, or earlier requests wait; -ETIME: the same at
 * the end of @conf->wait_ms; -ERANGE: must wait, but is above a limit; -ESTALE:
 * on_expiry refuses more, or the session is ending; -ESRCH: no such process;
 * -EDQUOT: too many; -ECANCELED: released, or the holder has exited.
 */
int cgspan_grant_admit(struct cgspan *c, const struct cgspan_grant_conf *conf,
		       struct cgspan_grant *out, struct cgspan_err *err);

/**
 * cgspan_grant_release() - end a grant or queued request; -ENOENT: it has ended
 */
int cgspan_grant_release(struct cgspan *c, uint64_t id,
			 struct cgspan_err *err);

/**
 * cgspan_grant_get() - read one grant; -ENOENT: it has ended
 */
int cgspan_grant_get(struct cgspan *c, uint64_t id, struct cgspan_grant *out,
		     struct cgspan_err *err);

/**
 * cgspan_grant_list() - all grants, or those of @under and its subgroups
 */
int cgspan_grant_list(struct cgspan *c, const char *under,
		      struct cgspan_grant **out, size_t *n,
		      struct cgspan_err *err);

/* --- notifications ----------------------------------------------------- */

/* Multicast groups; ALL lacks EXIT; CONFIG and EXIT need CAP_NET_ADMIN. */
#define CGSPAN_EVENT_CONFIG	(1U << 0)
#define CGSPAN_EVENT_CREDIT	(1U << 1)
#define CGSPAN_EVENT_SESSION	(1U << 2)
#define CGSPAN_EVENT_EXIT	(1U << 3)
#define CGSPAN_EVENT_ALL	(CGSPAN_EVENT_CONFIG | CGSPAN_EVENT_CREDIT | \
				 CGSPAN_EVENT_SESSION)

/* A listener: a socket for notifications. */
struct cgspan_events;

/* An ended task. */
struct cgspan_exit {
	/* number of this record on this node; a gap: records were lost */
	uint64_t seq;
	uint32_t pid;		/* id in the initial pid namespace */
	uint32_t tgid;		/* the task's process: id in @pid's namespace */
	uint64_t group_id;	/* id of the charged group */
	char group[CGSPAN_PATH_LEN + 1];
	char comm[16];
	uint64_t start;		/* start of the task, ns of CLOCK_BOOTTIME */
	uint64_t end;		/* start of task exit, ns of CLOCK_BOOTTIME */
	uint64_t cpu;		/* CPU time of its whole life, ns */
	/* Largest RSS of the process, bytes; 0 unless the task is its leader */
	uint64_t max_rss;
	uint32_t code;		/* status as from wait() */
};

/* One notification. */
struct cgspan_event {
	enum cgspan_cmd cmd;	/* kind: CGSPAN_CMD_*_NTF */
	union {
		/*
		 * With GROUP_NTF, GROUP_DEL_NTF, CREDIT_NTF, GROUP_EMPTY_NTF;
		 * what the kernel did not send is 0
		 */
		struct cgspan_group group;
		/* With MEMBER_NTF, MEMBER_DEL_NTF */
		struct cgspan_member member;
		struct cgspan_session session;	/* with SESSION_NTF */
		struct cgspan_exit exit;	/* with EXIT_NTF */
	};
};

/**
 * cgspan_event_open() - listen to @which, CGSPAN_EVENT_*
 *
 * Close the listener with cgspan_event_close(). To miss nothing, listen first
 * and read the state afterwards. -ENOENT: the module is not loaded.
 */
int cgspan_event_open(struct cgspan_events **out, unsigned int which,
		      struct cgspan_err *err);

/**
 * cgspan_event_close() - free the listener, which may be NULL
 */
void cgspan_event_close(struct cgspan_events *ev);

/**
 * cgspan_event_fd() - the descriptor to poll for reading, owned by the listener
 */
int cgspan_event_fd(const struct cgspan_events *ev);

/**
 * cgspan_event_recv() - take the next notification, without waiting
 *
 * Call it until it returns -EAGAIN (@err is not set) each time the descriptor
 * is readable. -ENOBUFS: notifications were lost: read the state again. Skips
 * kinds that this library does not know. @out may change also on failure.
 */
int cgspan_event_recv(struct cgspan_events *ev, struct cgspan_event *out,
		      struct cgspan_err *err);

/* --- the scheduler ----------------------------------------------------- */

#define CGSPAN_SCHED_BUCKETS	40

/*
 * A histogram of times. All histograms have the same bounds, so those of
 * several nodes may be added up.
 */
struct cgspan_hist {
	/*
	 * Bucket i counts times from cgspan_hist_bound(i) to below
	 * cgspan_hist_bound(i + 1), but the last one has no end
	 */
	uint64_t counts[CGSPAN_SCHED_BUCKETS];
	uint64_t sum;				/* sum of all counted times, ns */
};

/* How the tasks of a group were scheduled. */
struct cgspan_sched {
	struct cgspan_hist delay;	/* time from runnable to running */
	struct cgspan_hist slice;	/* time from running to not running */
};

/**
 * cgspan_sched_get() - read the histograms of a group and its subtree
 *
 * Reads debugfs of the process's network namespace, which only root may. Counts
 * start at 0 and only grow: subtract an earlier reading. Failure may change @s.
 * -ENOENT: no such group, or no debugfs; -EPROTO: a module of another version.
 */
int cgspan_sched_get(struct cgspan *c, const char *group,
		     struct cgspan_sched *s, struct cgspan_err *err);

/**
 * cgspan_sched_hold() - make this kernel fill the histograms of all groups
 * @c: the handle: the kernel counts until all such handles are closed
 */
int cgspan_sched_hold(struct cgspan *c, struct cgspan_err *err);

/**
 * cgspan_hist_bound() - lower bound of a bucket, ns
 * @bucket: 0 to CGSPAN_SCHED_BUCKETS, which is past the last bucket
 */
uint64_t cgspan_hist_bound(unsigned int bucket);

/**
 * cgspan_hist_count() - sum of the counts of all buckets
 */
uint64_t cgspan_hist_count(const struct cgspan_hist *h);

/**
 * cgspan_hist_add() - add @more, of this node or another one, to @h
 */
void cgspan_hist_add(struct cgspan_hist *h, const struct cgspan_hist *more);

/**
 * cgspan_hist_sub() - subtract @less, an earlier reading, from @h
 */
void cgspan_hist_sub(struct cgspan_hist *h, const struct cgspan_hist *less);

/**
 * cgspan_hist_quantile() - bound after the quantile's bucket, ns; 0: no counts
 * @part: 0 to 1: 0.5 is the median
 */
uint64_t cgspan_hist_quantile(const struct cgspan_hist *h, double part);

/* --- names and amounts ------------------------------------------------- */

/* Names of numbers of <linux/cgspan.h>; NULL: the number is not known. */

/**
 * cgspan_res_name() - name of a resource, as "tasks"; "user0" even if renamed
 */
const char *cgspan_res_name(uint32_t res);

/**
 * cgspan_expiry_name() - name of an enum cgspan_on_expiry, as "hold"
 */
const char *cgspan_expiry_name(int policy);

/**
 * cgspan_grant_state_name() - name of an enum cgspan_grant_state, as "queued"
 */
const char *cgspan_grant_state_name(int state);

/**
 * cgspan_session_name() - name of an enum cgspan_session_state, as "live"
 */
const char *cgspan_session_name(int state);

/**
 * cgspan_credit_name() - name of an enum cgspan_credit, as "refused"
 */
const char *cgspan_credit_name(int credit);

/**
 * cgspan_res_find() - the enum cgspan_resource of a cgspan_res_name(), or -1
 */
int cgspan_res_find(const char *name);

/**
 * cgspan_expiry_find() - the enum cgspan_on_expiry of a name, or -1
 */
int cgspan_expiry_find(const char *name);

/**
 * cgspan_amount_parse() - read an amount
 * @text: decimal digits, or "max" for CGSPAN_MAX
 *
 * -EINVAL: not an amount; -ERANGE: digits for CGSPAN_MAX or more.
 */
int cgspan_amount_parse(const char *text, uint64_t *out,
			struct cgspan_err *err);

/**
 * cgspan_path_check() - check the path of a group; -EINVAL, -ENAMETOOLONG
 */
int cgspan_path_check(const char *path, struct cgspan_err *err);

/**
 * cgspan_name_check() - check the name of a node; -EINVAL
 * @name: 1 to 63 of [A-Za-z0-9._-], not "." and ".."
 */
int cgspan_name_check(const char *name, struct cgspan_err *err);

#ifdef __cplusplus
}
#endif

#endif /* CGSPAN_H */
