/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libcgspan: a client of the cgspan kernel module.
 *
 * One function for each command of <linux/cgspan.h>, which says what each
 * command means and when the kernel refuses it; plain structs come out. A
 * handle is used by one thread at a time; there are no globals, so as many
 * handles as wanted may exist.
 *
 * A request waits for its answer, at most for the time of cgspan_timeout_set();
 * notifications are read without waiting, from a descriptor that can be polled.
 *
 * Unless said otherwise a function returns 0 or a negative errno, and fills
 * @err, which may be NULL, only when it fails; the kernel's text is in it if it
 * sent one. Outputs are untouched on failure. Errors of every request @c sends:
 * -ETIMEDOUT: no answer in time; the kernel may still have done it.
 * -EPERM: needs CAP_NET_ADMIN in the initial user namespace.
 * -ENOMEM, -EIO (an answer that cannot be understood), and the kernel's; those
 * that a function adds are named with it.
 *
 * A group is named by its path; where there is an id too, a path of NULL means
 * that id, and for a list of groups, members or grants NULL means all.
 *
 * A _list() function sets @out to an array of @n, to be freed with free(); NULL
 * if it is empty. The list is consistent: if the tree changes meanwhile, it is
 * read again. -EAGAIN: the tree changed during each of several reads; -ENOENT:
 * no such group.
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
 * Close the handle with cgspan_close(). Its socket owns the session that it
 * renews: keep it open while the session is to be owned. -ENOENT: the module is
 * not loaded.
 */
int cgspan_open(struct cgspan **out, struct cgspan_err *err);

/**
 * cgspan_close() - disconnect, and free the handle, which may be NULL
 */
void cgspan_close(struct cgspan *c);

/**
 * cgspan_timeout_set() - time for an answer: @ms, 1 or more; 10,000 until set
 */
void cgspan_timeout_set(struct cgspan *c, unsigned int ms);

/* --- node and session -------------------------------------------------- */

#define CGSPAN_ID_LEN	16	/* bytes in a boot id and in a uuid */

/**
 * struct cgspan_node - this node
 * @name: "" until it has one
 * @version: the module's
 * @has_boot_id: @boot_id is set
 * @boot_id: of the kernel, as the daemon has set it
 * @uuid: made by the module with the network namespace
 * @hooks: the kernel's hooks are attached: there are members
 * @clock: the kernel's CLOCK_BOOTTIME at the time of the answer, ns
 * @groups: how many there are, "/" included
 * @members: how many there are
 * @tasks: charged now
 * @forks: admitted since the module was loaded
 * @refusals: since the module was loaded
 * @res_names: of CGSPAN_RES_USER0 and those that follow; "" where it has none
 * @exits_told: EXIT_NTF sent
 * @exits_lost: EXIT_NTF not sent, because more tasks ended than could be sent
 */
struct cgspan_node {
	char name[CGSPAN_NAME_LEN + 1];
	char version[32];
	bool has_boot_id;
	uint8_t boot_id[CGSPAN_ID_LEN];
	uint8_t uuid[CGSPAN_ID_LEN];
	bool hooks;
	uint64_t clock;
	uint32_t groups;
	uint32_t members;
	uint64_t tasks;
	uint64_t forks;
	uint64_t refusals;
	char res_names[CGSPAN_RES_USERS][CGSPAN_RES_NAME_LEN + 1];
	uint64_t exits_told;
	uint64_t exits_lost;
};

/**
 * struct cgspan_session - this node's right to use its leases
 * @epoch: 0 = none
 * @sent: when the last renewal left for the store, ns of the kernel's clock
 * @ttl: ms
 * @deadline: ns of the kernel's clock
 * @state: none, live or expired
 * @owned: an open socket owns it
 */
struct cgspan_session {
	uint64_t epoch;
	uint64_t sent;
	uint32_t ttl;
	uint64_t deadline;
	enum cgspan_session_state state;
	bool owned;
};

/**
 * cgspan_node_get() - this node's identity and its session; either may be NULL
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
 * @name: up to 31 of [A-Za-z0-9._-], the first a letter; "": no name
 */
int cgspan_node_name_res(struct cgspan *c, uint32_t res, const char *name,
			 struct cgspan_err *err);

/**
 * cgspan_session_renew() - start, renew or take over the session
 * @epoch: 1 or more
 * @sent: when the renewal left for the store, ns of the kernel's clock
 * @ttl: ms, 1 to CGSPAN_TTL_MAX_MS
 * @session: as it is now; may be NULL
 *
 * -ESTALE: the epoch is lower than the session's; -EBUSY: another socket owns
 * this epoch; -ERANGE: @sent is in the future.
 */
int cgspan_session_renew(struct cgspan *c, uint64_t epoch, uint64_t sent,
			 uint32_t ttl, struct cgspan_session *session,
			 struct cgspan_err *err);

/**
 * cgspan_session_leave() - end the session; -EBUSY: tasks are charged
 */
int cgspan_session_leave(struct cgspan *c, uint64_t epoch,
			 struct cgspan_err *err);

/* --- groups ------------------------------------------------------------ */

/**
 * struct cgspan_res - one resource of a group on this node
 * @id: enum cgspan_resource
 * @limit: cluster-wide; CGSPAN_MAX = none
 * @lease: what this node may use of it
 * @used: on this node, the subgroups' included; other than tasks: @reserved
 * @reserved: what grants hold on this node, the subgroups' included
 * @unspent: the part of @reserved that is not in use
 * @peak: the highest sum of @used and @unspent
 * @refusals: admissions that this lease refused
 * @waiting: amount that queued requests ask of this group itself
 * @asked: largest amount that this lease has refused since it was set
 * @low: the low-water mark of headroom
 * @exhausted: refusals send no "credit" notification
 * @credit: reason of the last "credit" notification
 * @has_peer: the peer_* members are known
 * @peer_used: sum over the other nodes
 * @peer_nodes: number of nodes in @peer_used
 * @peer_time: time of the oldest figure in @peer_used, ns of the kernel's clock
 * @peer_node: the node with the most headroom; "": none is known to have any
 * @peer_headroom: how much that is
 */
struct cgspan_res {
	uint32_t id;
	uint64_t limit;
	uint64_t lease;
	uint64_t used;
	uint64_t reserved;
	uint64_t unspent;
	uint64_t peak;
	uint64_t refusals;
	uint64_t waiting;
	uint64_t asked;
	uint64_t low;
	bool exhausted;
	enum cgspan_credit credit;
	bool has_peer;
	uint64_t peer_used;
	uint32_t peer_nodes;
	uint64_t peer_time;
	char peer_node[CGSPAN_NAME_LEN + 1];
	uint64_t peer_headroom;
};

/**
 * struct cgspan_group - one group on this node
 * @id: never used twice by one kernel; 1 = "/"
 * @parent_id: 0 for "/"
 * @path: its name
 * @on_expiry: enum cgspan_on_expiry: what happens at the session's deadline
 * @flags: CGSPAN_GROUP_F_*
 * @members: without the subgroups'
 * @live: tasks that have not exited, the subgroups' included, as all below
 * @forks: admitted
 * @execs: done
 * @exits: done
 * @refusals: forks refused to its tasks
 * @cpu: ns its tasks have run
 * @voluntary: times its tasks went to sleep
 * @involuntary: times its tasks were preempted
 * @major_faults: of its tasks
 * @max_rss: bytes, largest of all ended processes
 * @measured: @memory and @memory_peak are known
 * @memory: bytes charged to its members
 * @memory_peak: bytes, sum of its members' peaks
 * @n_res: how many of @res are filled
 * @res: the resources
 */
struct cgspan_group {
	uint64_t id;
	uint64_t parent_id;
	char path[CGSPAN_PATH_LEN + 1];
	enum cgspan_on_expiry on_expiry;
	uint32_t flags;
	uint32_t members;
	uint64_t live;
	uint64_t forks;
	uint64_t execs;
	uint64_t exits;
	uint64_t refusals;
	uint64_t cpu;
	uint64_t voluntary;
	uint64_t involuntary;
	uint64_t major_faults;
	uint64_t max_rss;
	bool measured;
	uint64_t memory;
	uint64_t memory_peak;
	unsigned int n_res;
	struct cgspan_res res[CGSPAN_RES_MAX + 1];
};

/**
 * struct cgspan_limit - a cluster-wide limit
 * @res: enum cgspan_resource
 * @limit: CGSPAN_MAX = none
 */
struct cgspan_limit {
	uint32_t res;
	uint64_t limit;
};

/* struct cgspan_group_conf: leave on_expiry as it is (new: the parent's) */
#define CGSPAN_ON_EXPIRY_KEEP	(-1)

/**
 * struct cgspan_group_conf - what a group shall be
 * @path: of the group, or NULL (not of a new one)
 * @id: of the group
 * @on_expiry: enum cgspan_on_expiry, or CGSPAN_ON_EXPIRY_KEEP
 * @limits: those to set, others stay as they are
 * @n_limits: how many
 */
struct cgspan_group_conf {
	const char *path;
	uint64_t id;
	int on_expiry;
	const struct cgspan_limit *limits;
	size_t n_limits;
};

/**
 * cgspan_group_new() - create a group; -EEXIST; -ENOENT: no such parent
 * @id: the new group's; may be NULL
 */
int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err);

/**
 * cgspan_group_set() - change a group; -ENOENT: no such group
 */
int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err);

/**
 * cgspan_group_del() - remove a group
 *
 * -ENOENT: no such group; -EBUSY: it has children, members, grants or charged
 * tasks.
 */
int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err);

/**
 * cgspan_group_get() - read one group; -ENOENT: no such group
 */
int cgspan_group_get(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_group *out, struct cgspan_err *err);

/**
 * cgspan_group_list() - all groups, parents first, or the subtree of @under
 */
int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err);

/* --- leases and peers -------------------------------------------------- */

/* Which parts of a struct cgspan_lease are to be set besides the amount. */
#define CGSPAN_LEASE_SET_LOW		(1U << 0)
#define CGSPAN_LEASE_SET_EXHAUSTED	(1U << 1)

/**
 * struct cgspan_lease - what this node may use of a group's resource
 * @path: of the group, or NULL
 * @id: of the group; set by the answer
 * @res: enum cgspan_resource
 * @set: CGSPAN_LEASE_SET_*
 * @amount: wanted; the answer sets the lease in force, which is more than
 *	wanted if a shrink stopped at what is in use
 * @low: headroom below it sends a "credit" notification
 * @exhausted: refusals send no "credit" notification
 * @used: set by the answer; unspent reserves of grants are included
 */
struct cgspan_lease {
	const char *path;
	uint64_t id;
	uint32_t res;
	unsigned int set;
	uint64_t amount;
	uint64_t low;
	bool exhausted;
	uint64_t used;
};

/**
 * cgspan_lease_set() - set 1 to CGSPAN_LEASES_MAX leases, all or none
 * @epoch: the session's; 0 on a node without a session
 * @leases: changed by the answer
 *
 * -ESTALE: not the session's epoch; -ENOENT: no such group. After -ETIMEDOUT
 * some may have been set.
 */
int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err);

/**
 * struct cgspan_peer - what the other nodes use of a group's resource
 * @path: of the group, or NULL
 * @id: of the group
 * @res: enum cgspan_resource
 * @used: the sum over all other nodes
 * @nodes: how many other nodes are in it
 * @time: of the oldest figure in it, ns of the kernel's clock
 * @node: which of them has the most headroom; NULL: none
 * @headroom: how much that is
 */
struct cgspan_peer {
	const char *path;
	uint64_t id;
	uint32_t res;
	uint64_t used;
	uint32_t nodes;
	uint64_t time;
	const char *node;
	uint64_t headroom;
};

/**
 * cgspan_peer_set() - set 1 to CGSPAN_LEASES_MAX figures of the other nodes
 */
int cgspan_peer_set(struct cgspan *c, const struct cgspan_peer *peers,
		    size_t n, struct cgspan_err *err);

/* --- members ----------------------------------------------------------- */

/**
 * struct cgspan_member_conf - a cgroup to bind or unbind
 * @group: path of the group, or NULL (bind only)
 * @group_id: of the group (bind only)
 * @cgroup: path in the caller's cgroup namespace ("/app.slice"), or NULL: @fd
 * @fd: used where @cgroup is NULL: an open cgroup v2 directory
 * @has_freeze_fd: @freeze_fd is set (bind only)
 * @freeze_fd: the cgroup's cgroup.freeze, open for reading and writing. A group
 *	that has on_expiry freeze needs it. For a cgroup that is a member of
 *	the group already, only this file is replaced: after its directory was
 *	made again the kernel needs the new file
 */
struct cgspan_member_conf {
	const char *group;
	uint64_t group_id;
	const char *cgroup;
	int fd;
	bool has_freeze_fd;
	int freeze_fd;
};

/**
 * struct cgspan_member - one member
 * @group_id: its group
 * @group: its group's name
 * @cgroup: path in the caller's cgroup namespace
 * @cgroup_id: the directory's inode number; 0: no directory now
 * @flags: CGSPAN_MEMBER_F_*
 */
struct cgspan_member {
	uint64_t group_id;
	char group[CGSPAN_PATH_LEN + 1];
	char cgroup[CGSPAN_CGROUP_LEN + 1];
	uint64_t cgroup_id;
	uint32_t flags;
};

/**
 * cgspan_member_add() - bind 1 to CGSPAN_MEMBERS_MAX cgroups, all or none
 *
 * All tasks of the cgroups are counted when it returns.
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
 * cgspan_member_list() - all members, or those of @group alone
 */
int cgspan_member_list(struct cgspan *c, const char *group,
		       struct cgspan_member **out, size_t *n,
		       struct cgspan_err *err);

/* --- tasks ------------------------------------------------------------- */

/**
 * struct cgspan_task - one charged task
 * @pid: in the caller's pid namespace; 0: not visible there
 * @tgid: likewise
 * @group_id: the group that is charged; cgspan_group_list() knows its name
 * @exited: it has exited and is not yet reaped
 * @comm: its name
 */
struct cgspan_task {
	uint32_t pid;
	uint32_t tgid;
	uint64_t group_id;
	bool exited;
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

/**
 * struct cgspan_grant_conf - what to admit
 * @group: path of the group, or NULL
 * @group_id: of the group
 * @amounts: one or more resources with their amounts
 * @n_amounts: how many
 * @pid: of the process that holds the grant, in the caller's pid namespace; 0:
 *	the handle holds it, until it is closed
 * @wait_ms: how long to wait for headroom, up to CGSPAN_WAIT_MAX_MS; 0: do not
 * @dry_run: only tell the result
 * @queued: called once if the request is queued, with what is missing; may be
 *	NULL
 * @arg: for @queued
 */
struct cgspan_grant_conf {
	const char *group;
	uint64_t group_id;
	const struct cgspan_limit *amounts;
	size_t n_amounts;
	uint32_t pid;
	uint32_t wait_ms;
	bool dry_run;
	void (*queued)(void *arg, const struct cgspan_grant *grant);
	void *arg;
};

/**
 * struct cgspan_grant - amounts held in a group, or waited for
 * @id: never used twice; 0: refused, or a dry run
 * @state: granted, queued, ...
 * @group_id: its group; of a refused admission, the group without headroom
 * @group: that group's name
 * @amounts: by enum cgspan_resource
 * @pid: of the holder, in the caller's pid namespace; 0: not visible there, or
 *	a socket holds it
 * @port: of the socket that holds it; 0: a process holds it
 * @spent: tasks charged that may spend the reserve
 * @res: of a refused admission: the resource without headroom
 * @missing: amount of @res that is missing
 * @node: another node with headroom for the whole amount of @res; "": none is
 *	known, or another resource is missing there
 * @headroom: of @res on @node
 */
struct cgspan_grant {
	uint64_t id;
	enum cgspan_grant_state state;
	uint64_t group_id;
	char group[CGSPAN_PATH_LEN + 1];
	uint64_t amounts[CGSPAN_RES_MAX + 1];
	uint32_t pid;
	uint32_t port;
	uint64_t spent;
	uint32_t res;
	uint64_t missing;
	char node[CGSPAN_NAME_LEN + 1];
	uint64_t headroom;
};

/**
 * cgspan_grant_admit() - hold amounts in a group
 * @conf: the request
 * @out: the result, also after -EAGAIN, -ETIME and -ERANGE; may be NULL
 *
 * With @conf->wait_ms it returns when the request is granted or refused, at the
 * latest after that time. If headroom is missing, @out and @err tell how much
 * and where, and name another node that has it, if one is known.
 *
 * -EAGAIN: too little headroom; -ETIME: still too little after @conf->wait_ms;
 * -ERANGE: above a limit; -ESTALE: the session has expired, and the group's
 * on_expiry refuses more; -ESRCH: no such process; -ECANCELED: it was released
 * meanwhile.
 */
int cgspan_grant_admit(struct cgspan *c, const struct cgspan_grant_conf *conf,
		       struct cgspan_grant *out, struct cgspan_err *err);

/**
 * cgspan_grant_release() - end a grant or a queued request; -ENOENT: has ended
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

/* Multicast groups to listen to; _ALL: those that need no privilege. */
#define CGSPAN_EVENT_CONFIG	(1U << 0)
#define CGSPAN_EVENT_CREDIT	(1U << 1)
#define CGSPAN_EVENT_SESSION	(1U << 2)
#define CGSPAN_EVENT_EXIT	(1U << 3)
#define CGSPAN_EVENT_ALL	(CGSPAN_EVENT_CONFIG | CGSPAN_EVENT_CREDIT | \
				 CGSPAN_EVENT_SESSION)

/* A socket for notifications. */
struct cgspan_events;

/**
 * struct cgspan_exit - an ended task
 * @seq: counts all ended tasks of this node: a gap is the number of lost ones
 * @pid: in the initial pid namespace
 * @tgid: likewise
 * @group_id: the group that was charged
 * @group: its name
 * @comm: the task's name
 * @start: ns of the kernel's CLOCK_BOOTTIME
 * @end: likewise
 * @cpu: ns, of its whole life
 * @max_rss: bytes, of the process; 0 where @pid is not @tgid
 * @code: a status as of wait()
 */
struct cgspan_exit {
	uint64_t seq;
	uint32_t pid;
	uint32_t tgid;
	uint64_t group_id;
	char group[CGSPAN_PATH_LEN + 1];
	char comm[16];
	uint64_t start;
	uint64_t end;
	uint64_t cpu;
	uint64_t max_rss;
	uint32_t code;
};

/**
 * struct cgspan_event - one notification
 * @cmd: its kind: CGSPAN_CMD_*_NTF
 * @group: of GROUP_NTF, GROUP_DEL_NTF, CREDIT_NTF, GROUP_EMPTY_NTF; members
 *	that the kernel did not send are 0
 * @member: of MEMBER_NTF, MEMBER_DEL_NTF
 * @session: of SESSION_NTF
 * @exit: of EXIT_NTF
 */
struct cgspan_event {
	enum cgspan_cmd cmd;
	union {
		struct cgspan_group group;
		struct cgspan_member member;
		struct cgspan_session session;
		struct cgspan_exit exit;
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
 * is readable. -ENOBUFS: some were lost: read the state again. Skips kinds that
 * this library does not know.
 */
int cgspan_event_recv(struct cgspan_events *ev, struct cgspan_event *out,
		      struct cgspan_err *err);

/* --- the scheduler ----------------------------------------------------- */

#define CGSPAN_SCHED_BUCKETS	40

/**
 * struct cgspan_hist - a histogram of times
 * @counts: bucket i counts times from cgspan_hist_bound(i) to below
 *	cgspan_hist_bound(i + 1), but the last one has no end
 * @sum: of all times, ns
 *
 * The bounds are the same everywhere, so histograms of several nodes may be
 * added up.
 */
struct cgspan_hist {
	uint64_t counts[CGSPAN_SCHED_BUCKETS];
	uint64_t sum;
};

/**
 * struct cgspan_sched - how the tasks of a group were scheduled
 * @delay: run-queue delay: from runnable to running
 * @slice: from running to not running
 */
struct cgspan_sched {
	struct cgspan_hist delay;
	struct cgspan_hist slice;
};

/**
 * cgspan_sched_get() - read the histograms of a group and its subtree
 *
 * Reads debugfs, which only root may. Counts only grow, so subtract an earlier
 * reading; all are 0 for a group that did not exist while the kernel counted.
 */
int cgspan_sched_get(struct cgspan *c, const char *group,
		     struct cgspan_sched *s, struct cgspan_err *err);

/**
 * cgspan_sched_hold() - make this kernel count, for all groups
 *
 * Return: a descriptor: the kernel counts until it is closed.
 */
int cgspan_sched_hold(struct cgspan_err *err);

/**
 * cgspan_hist_bound() - lower bound of a bucket, ns
 * @bucket: 0 to CGSPAN_SCHED_BUCKETS - 1
 */
uint64_t cgspan_hist_bound(unsigned int bucket);

/**
 * cgspan_hist_count() - how many times all buckets count
 */
uint64_t cgspan_hist_count(const struct cgspan_hist *h);

/**
 * cgspan_hist_add() - add @more, of this node or another one, to @h
 */
void cgspan_hist_add(struct cgspan_hist *h, const struct cgspan_hist *more);

/**
 * cgspan_hist_sub() - subtract an earlier reading from a later one, @h
 */
void cgspan_hist_sub(struct cgspan_hist *h, const struct cgspan_hist *less);

/**
 * cgspan_hist_quantile() - quantile of the times, ns: the end of a bucket, or 0
 * @part: 0 to 1: 0.5 is the median
 */
uint64_t cgspan_hist_quantile(const struct cgspan_hist *h, double part);

/* --- words ------------------------------------------------------------- */

/* Words for numbers of <linux/cgspan.h>; NULL: the number is not known. */

/**
 * cgspan_res_name() - "tasks"; "user0" also on a node that has named it
 */
const char *cgspan_res_name(uint32_t res);

/**
 * cgspan_expiry_name() - "hold", of enum cgspan_on_expiry
 */
const char *cgspan_expiry_name(int policy);

/**
 * cgspan_grant_state_name() - "queued", of enum cgspan_grant_state
 */
const char *cgspan_grant_state_name(int state);

/**
 * cgspan_session_name() - "live", of enum cgspan_session_state
 */
const char *cgspan_session_name(int state);

/**
 * cgspan_credit_name() - "refused", of enum cgspan_credit
 */
const char *cgspan_credit_name(int credit);

/**
 * cgspan_res_find() - enum cgspan_resource for a word, or -1
 */
int cgspan_res_find(const char *name);

/**
 * cgspan_expiry_find() - enum cgspan_on_expiry for a word, or -1
 */
int cgspan_expiry_find(const char *name);

/**
 * cgspan_amount_parse() - read an amount
 * @text: decimal digits, or "max" for CGSPAN_MAX
 *
 * -EINVAL; -ERANGE: it does not fit below CGSPAN_MAX.
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
