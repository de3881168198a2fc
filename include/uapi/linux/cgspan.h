/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * cgspan: one cgroup tree over a whole cluster.
 *
 * The generic netlink family "cgspan" (version 1) exists per network namespace:
 * a namespace is a node. A request and its reply carry the same command; a
 * notification has a command of its own. Validation is strict: commands but
 * NODE_GET and SCHED_HOLD refuse attributes that they do not know, or that are
 * out of range. Every refusal carries an extended ack that says what is wrong.
 *
 * A group is named by CGSPAN_GROUP_A_PATH ("/", "/web", "/web/front") or by
 * CGSPAN_GROUP_A_ID: 1 is "/"; another id is not used twice before the module
 * is unloaded. An amount is a u64; CGSPAN_MAX means "no limit". A point in time
 * is in ns of the kernel's CLOCK_BOOTTIME, as CGSPAN_NODE_A_CLOCK tells it: a
 * process in a time namespace sees another one.
 *
 * Legend: [priv] needs CAP_NET_ADMIN and CAP_SYS_RESOURCE in the initial user
 * namespace, of the opener of the socket and of the sender. [owner] as [priv], and
 * on a joined node the socket that owns the session. (n) may occur many times.
 * "?" may be left out.
 *
 * CGSPAN_CMD_NODE_GET            this node's identity and totals
 *   reply:  CGSPAN_A_NODE        all CGSPAN_NODE_A_*
 *           CGSPAN_A_SESSION     all CGSPAN_SESSION_A_*
 *
 * CGSPAN_CMD_NODE_SET [owner]    name this node
 *   CGSPAN_A_NODE
 *     CGSPAN_NODE_A_NAME         string, 1 to 63 of [A-Za-z0-9._-]; may be
 *                                left out where only resources are named
 *     CGSPAN_NODE_A_BOOT_ID ?    binary, 16 bytes: the boot id of the kernel
 *     CGSPAN_NODE_A_RESOURCE ? (n)
 *       CGSPAN_RES_A_ID          u32, CGSPAN_RES_USER0 to CGSPAN_RES_USER4
 *       CGSPAN_RES_A_NAME        string, up to 31 of [A-Za-z0-9._-], first a
 *                                letter, or ""; not tasks, cpu, memory, user*
 *
 * CGSPAN_CMD_SESSION_RENEW [priv] start, renew or take over the session
 *   CGSPAN_A_SESSION
 *     CGSPAN_SESSION_A_EPOCH     u64, 1 or more
 *     CGSPAN_SESSION_A_SENT      u64, ns: when the renewal left for the store
 *     CGSPAN_SESSION_A_TTL       u32, ms, 1 to 86,400,000
 *   reply:  CGSPAN_A_SESSION     all CGSPAN_SESSION_A_*
 *   The deadline is SENT + TTL; within an epoch it never moves back. A SENT in the
 *   future is refused (ERANGE). A lower epoch is refused (ESTALE). A higher one
 *   takes the session over at once and zeroes every lease in the same critical
 *   section. The same epoch from another socket is refused (EBUSY) until the
 *   owner's socket has closed. The first renewal joins the node: it holds the
 *   module until LEAVE or the namespace's end, also past the deadline.
 *
 * CGSPAN_CMD_LEAVE [owner]       end the session, let the module go
 *   CGSPAN_A_SESSION
 *     CGSPAN_SESSION_A_EPOCH     u64, the session's
 *   Refused (EBUSY) while tasks are charged, or grants hold anything. All leases
 *   are 0 afterwards. Once the owner's socket is closed, any [priv] socket may do it.
 *
 * CGSPAN_CMD_GROUP_NEW [owner]   create a group; its parent must exist
 *   CGSPAN_A_GROUP
 *     CGSPAN_GROUP_A_PATH
 *     CGSPAN_GROUP_A_ON_EXPIRY ? u8, enum cgspan_on_expiry; default: the
 *                                parent's. Not weaker than the parent's.
 *     CGSPAN_GROUP_A_RESOURCE ? (n)
 *       CGSPAN_RES_A_ID          u32, enum cgspan_resource
 *       CGSPAN_RES_A_LIMIT       u64, cluster-wide: ADMIT queues nothing above it
 *   reply:  CGSPAN_A_GROUP       CGSPAN_GROUP_A_ID, _PATH
 *   Its leases start at 0 on a joined node and at CGSPAN_MAX on any other.
 *
 * CGSPAN_CMD_GROUP_SET [owner]   change a group; what is left out stays
 *   CGSPAN_A_GROUP               _PATH or _ID, _ON_EXPIRY ? (also not stronger
 *                                than a subgroup's), _RESOURCE ? (n)
 *
 * CGSPAN_CMD_GROUP_DEL [owner]   remove a group
 *   CGSPAN_A_GROUP               _PATH or _ID
 *   Refused (EBUSY) with children, members, grants, queued requests or charged
 *   tasks (zombies count).
 *
 * CGSPAN_CMD_GROUP_GET           one group; dump: all, parents first
 *   CGSPAN_A_GROUP ?             _PATH or _ID; in a dump: only that subtree
 *     CGSPAN_GROUP_A_FLAGS ?     u32: CGSPAN_GROUP_F_BRIEF or 0
 *   reply:  CGSPAN_A_GROUP       all CGSPAN_GROUP_A_*
 *             CGSPAN_GROUP_A_RESOURCE (n)  all CGSPAN_RES_A_* but _NAME
 *   Tasks are the first resource; others are left out without a limit, use so far,
 *   request, refusal, cause or peers: their lease is CGSPAN_MAX, or 0 on a joined
 *   node. What tasks have used counts from when they enter the group, and stays
 *   when they leave it, end, or are unbound. It comes from a pass over all tasks,
 *   that readers share: SETTLED tells when that began. A pass follows another
 *   after 10 us for each task (1 s for 100,000), or later. BRIEF asks for no pass:
 *   then CPU to MAX_RSS, SETTLED, MEMORY and MEMORY_PEAK are absent. LIVE and
 *   EXITS may lack exits since the last pass of tasks that are not reaped. MEMORY
 *   is the sum of memory.current over the topmost members of the subtree, and
 *   MEMORY_PEAK of memory.peak; unmeasured if one is the root or has no memory control.
 *
 * CGSPAN_CMD_LEASE_SET [owner]   set what this node may use
 *   CGSPAN_A_SESSION             on a joined node only
 *     CGSPAN_SESSION_A_EPOCH     must be the session's (ESTALE)
 *   CGSPAN_A_LEASE (n, at most CGSPAN_LEASES_MAX)
 *     CGSPAN_LEASE_A_GROUP_PATH or CGSPAN_LEASE_A_GROUP_ID
 *     CGSPAN_LEASE_A_RES         u32, enum cgspan_resource
 *     CGSPAN_LEASE_A_AMOUNT      u64
 *     CGSPAN_LEASE_A_LOW ?       u64: tell "credit" when headroom falls below
 *     CGSPAN_LEASE_A_EXHAUSTED ? u8, 0 or 1: 1 = tell "credit" of overdrafts only
 *     CGSPAN_LEASE_A_DRAIN ?     u8, 0 or 1: 1 = lower the lease, also below
 *                                what is in use; never raise it
 *     CGSPAN_LEASE_A_CAUSE ?     u8, enum cgspan_cause: why it is low; only
 *                                told to readers and with refusals
 *     CGSPAN_LEASE_A_CALLER ?    string, the path of the group for which it is
 *                                low; ignored without a cause or such a group
 *   reply:  CGSPAN_A_LEASE (n)   in the order of the request, with
 *     CGSPAN_LEASE_A_GROUP_ID, _RES, _AMOUNT: the lease now in force,
 *                                _USED: used here, unspent reserves included,
 *                                and _HELD: _AMOUNT, or what is in use if that
 *                                is more, admissions under way included
 *   A shrink stops at what is in use: then _AMOUNT is larger than requested.
 *   With _DRAIN it does not: nothing is admitted until less than _AMOUNT is in
 *   use, and _HELD is what this node may not give away until it is asked again.
 *   Grants stay. A lease that drains is overdrawn only above that _HELD.
 *   All or nothing: an unknown group refuses the message before any is set.
 *
 * CGSPAN_CMD_MEMBER_ADD [priv]   bind cgroups, all in one barrier
 *   CGSPAN_A_MEMBER (n, at most CGSPAN_MEMBERS_MAX)
 *     CGSPAN_MEMBER_A_GROUP_PATH or CGSPAN_MEMBER_A_GROUP_ID
 *     CGSPAN_MEMBER_A_CGROUP     string: path in the caller's cgroup namespace
 *     or CGSPAN_MEMBER_A_FD      s32: an open cgroup v2 directory
 *     CGSPAN_MEMBER_A_FREEZE_FD ? s32: its cgroup.freeze, open for reading and
 *                                writing
 *     CGSPAN_MEMBER_A_PROCS_FD ? s32: a cgroup.procs, open for writing: that of
 *                                the directory; by path (not "/"): its parent's
 *     CGSPAN_MEMBER_A_KILL_FD ?  s32: the cgroup.kill beside that, likewise
 *   All or nothing. A member bound by path outlives its directory, and may be
 *   bound before the directory exists: it is active whenever a directory of
 *   that path exists, from its first task on. A member bound by fd ends with
 *   its directory. The reply comes after all tasks have been counted.
 *   Without CAP_SYS_ADMIN in the initial user namespace it needs the _PROCS_FD,
 *   and for a group whose on_expiry is kill or reset the _KILL_FD (EPERM); the
 *   root of all cgroups has no cgroup.kill, and needs none.
 *   A group whose on_expiry is freeze needs the cgroup.freeze of a directory that
 *   exists (EINVAL); one with kill refuses a threaded directory (EOPNOTSUPP). A
 *   cgroup.freeze belongs to one directory: if the directory is created again, the
 *   member has none (_F_FREEZABLE is not set), and only holds until MEMBER_ADD is
 *   sent again with the new one. For a cgroup that is a member of this group
 *   already, MEMBER_ADD only hands over that _FREEZE_FD; without: EEXIST.
 *
 * CGSPAN_CMD_MEMBER_DEL [priv]   unbind: its tasks go to the enclosing member's
 *                                group, or to none
 *   CGSPAN_A_MEMBER (n)          _CGROUP or _FD or _CGROUP_ID
 *
 * CGSPAN_CMD_MEMBER_GET          dump: all members
 *   CGSPAN_A_GROUP ?             _PATH or _ID: only that group's
 *   reply:  CGSPAN_A_MEMBER      _GROUP_ID, _GROUP_PATH, _CGROUP, _CGROUP_ID
 *                                (0: no directory now), _FLAGS
 *
 * CGSPAN_CMD_PEER_SET [owner]    what the other nodes use, shown to readers
 *   CGSPAN_A_PEER (n, at most CGSPAN_LEASES_MAX)
 *     CGSPAN_PEER_A_GROUP_PATH or CGSPAN_PEER_A_GROUP_ID
 *     CGSPAN_PEER_A_RES          u32, enum cgspan_resource
 *     CGSPAN_PEER_A_USED         u64, the sum over all other nodes
 *     CGSPAN_PEER_A_NODES        u32, how many other nodes are in it
 *     CGSPAN_PEER_A_TIME         u64, ns: of the oldest figure in it
 *     CGSPAN_PEER_A_NODE ?       string, as CGSPAN_NODE_A_NAME: which of them
 *                                has the most headroom
 *     CGSPAN_PEER_A_HEADROOM ?   u64: how much that is; both or none
 *
 * CGSPAN_CMD_TASK_GET [priv]     dump: the tasks charged to a group
 *   CGSPAN_A_GROUP               _PATH or _ID; its subtree
 *   reply:  CGSPAN_A_TASK        all CGSPAN_TASK_A_*
 *
 * CGSPAN_CMD_ADMIT               hold amounts in a group: a grant
 *   CGSPAN_A_GRANT
 *     CGSPAN_GRANT_A_GROUP_PATH or CGSPAN_GRANT_A_GROUP_ID
 *     CGSPAN_GRANT_A_TASKS ?, _CPU ?, _MEMORY ?, _USER0 ? to _USER4 ?
 *                                u64, 1 to CGSPAN_AMOUNT_MAX: how much of
 *                                each; at least one of them
 *     CGSPAN_GRANT_A_PID ?       u32: the holder, in the caller's pid namespace
 *     or CGSPAN_GRANT_A_PIDFD ?  s32: the same; else the socket is the holder
 *     CGSPAN_GRANT_A_WAIT ?      u32, ms, up to 86,400,000: queue for so long
 *     CGSPAN_GRANT_A_FLAGS ?     u32, CGSPAN_GRANT_F_*
 *   reply:  CGSPAN_A_GRANT
 *     CGSPAN_GRANT_A_STATE       GRANTED, QUEUED or REFUSED
 *     CGSPAN_GRANT_A_ID          not if refused, nor in a dry run
 *     If it lacks headroom, or would wait but is above a limit:
 *     CGSPAN_GRANT_A_GROUP_ID, _GROUP_PATH   the group of that lease or limit
 *     CGSPAN_GRANT_A_RES         u32, enum cgspan_resource: of what
 *     CGSPAN_GRANT_A_MISSING     u64: how much
 *     CGSPAN_GRANT_A_CAUSE ?, _CALLER_ID ?   why that lease is low, if the
 *                                LEASE_SET told it
 *     and where a peer has headroom for all that is asked of this resource, and
 *     of no other one asked for every peer is known to have too little
 *     CGSPAN_GRANT_A_NODE        string: which node
 *     CGSPAN_GRANT_A_HEADROOM    u64: how much it has
 *   All or nothing. Without a wait, a request that exceeds the headroom is refused:
 *   an error, EAGAIN, follows the reply (if it is only behind queued requests, there
 *   is no reply). With a wait it is queued, in the order of arrival: no later request
 *   for the same resource, to the group or to one below the group that lacks
 *   headroom, is served before it. But one for more than a lease, of the group or
 *   above, waits for a larger lease, and until then keeps no other from what is there.
 *   A request that would wait is refused if above a limit (ERANGE). The outcome of a
 *   queued one comes as CGSPAN_CMD_GRANT_NTF. Forks do not queue. The node with
 *   headroom is a hint as old as the peers' figures: it may be taken meanwhile.
 *   A grant ends by RELEASE, with its holder's last thread or the namespace, or
 *   when a socket closes: the holder's, or, while queued, the requester's. The
 *   tasks are a reserve: tasks that the holder and its descendants fork or move
 *   into the group or below use it first. When the grant ends, these tasks stay
 *   charged, and the unspent rest returns.
 *   Neither an expired session nor a lease that shrinks or is voided ends a
 *   grant. Where on_expiry holds, no fork passes, not even within a reserve.
 *   [priv], or a task of this very group for its own process or socket (EPERM):
 *   resources that the group's own lease limits; at most 1024 grants or requests
 *   of a holder, 64 queued by a socket, 16384 and 1024 in one group (EDQUOT).
 *
 * CGSPAN_CMD_RELEASE             end a grant, or take a request from the queue
 *   CGSPAN_A_GRANT
 *     CGSPAN_GRANT_A_ID
 *   [priv], or the holder itself (EPERM). ENOENT: it has ended already.
 *
 * CGSPAN_CMD_GRANT_GET           one grant; dump: all
 *   CGSPAN_A_GRANT               _ID; in a dump ?: _GROUP_PATH or _GROUP_ID,
 *                                that subtree's
 *   reply:  CGSPAN_A_GRANT       _ID, _STATE, _GROUP_ID, _GROUP_PATH, the
 *                                amounts, _PID or _PORT for the holder and the
 *                                privileged, and with tasks
 *     CGSPAN_GRANT_A_SPENT       u64, tasks charged that may spend the reserve
 *
 * CGSPAN_CMD_SCHED_HOLD [priv]   count how tasks are scheduled, in histograms of
 *                                all groups, until the socket is closed
 *   No attribute. The histograms are in debugfs, cgspan/NODE/GROUP/sched.
 *
 * Notifications; "config" and "exit" need CAP_NET_ADMIN in the user namespace that
 * owns the network namespace:
 *   CGSPAN_CMD_GROUP_NTF         "config": a group is new or changed
 *   CGSPAN_CMD_GROUP_DEL_NTF     "config": a group is gone
 *     CGSPAN_A_GROUP             _ID, _PATH, _ON_EXPIRY, _RESOURCE (n)
 *   CGSPAN_CMD_MEMBER_NTF        "config": a member is new, or has (again) a
 *                                directory, or has lost it (_CGROUP_ID 0), or
 *                                its _FLAGS have changed
 *   CGSPAN_CMD_MEMBER_DEL_NTF    "config": a member is gone
 *     CGSPAN_A_MEMBER            as in MEMBER_GET; _CGROUP as seen from the
 *                                initial cgroup namespace, and only in network
 *                                namespaces of the initial user namespace
 *   CGSPAN_CMD_CREDIT_NTF        "credit": headroom is low, gone, or overdrawn
 *     CGSPAN_A_GROUP             _ID, _PATH
 *       CGSPAN_GROUP_A_RESOURCE  _ID, _LEASE, _USED, _REFUSALS, _CREDIT,
 *                                _CAUSE ?, _CALLER_ID ?
 *     Told again only when a resource of the group gets worse, or after LEASE_SET.
 *   CGSPAN_CMD_SESSION_NTF       "session": joined, taken over, expired, left,
 *                                or renewed after it had expired
 *     CGSPAN_A_SESSION           all CGSPAN_SESSION_A_*
 *   CGSPAN_CMD_GROUP_EMPTY_NTF   "session": after on_expiry kill a group and its
 *                                subgroups have no task left, no zombie and no
 *                                fork in flight; none is admitted until renewal
 *     CGSPAN_A_GROUP             _ID, _PATH
 *     CGSPAN_A_SESSION           all CGSPAN_SESSION_A_*
 *   CGSPAN_CMD_GRANT_NTF         to the socket that sent the ADMIT, with its
 *                                sequence number: the outcome of a queued one
 *     CGSPAN_A_GRANT             _ID, _STATE: GRANTED, TIMED_OUT, or ENDED: it
 *                                was released, or its holder has exited. With
 *                                TIMED_OUT the shortage and the peer hint of
 *                                that moment, as in the reply. May be lost:
 *                                GRANT_GET tells the state
 *   CGSPAN_CMD_EXIT_NTF          "exit": a task that was charged has ended
 *     CGSPAN_A_EXIT              all CGSPAN_EXIT_A_*
 *     Sent for tasks that exit while "exit" has a listener, after their
 *     task_struct was freed: then their CPU time is final. One datagram carries
 *     many. SEQ counts from 1 on each node, including records that were dropped
 *     before sending (CGSPAN_NODE_A_EXITS_LOST). A slow listener gets ENOBUFS, and
 *     sees by SEQ how many it has missed. Where no listener could take a record for
 *     a second, the next second's are dropped: those of a new listener, too, if
 *     another network namespace has one.
 *   Notifications are sent from a work queue and may overtake a reply.
 */
#ifndef _UAPI_LINUX_CGSPAN_H
#define _UAPI_LINUX_CGSPAN_H

#define CGSPAN_GENL_NAME	"cgspan"
#define CGSPAN_GENL_VERSION	1

#define CGSPAN_MCGRP_CONFIG	"config"
#define CGSPAN_MCGRP_CREDIT	"credit"
#define CGSPAN_MCGRP_SESSION	"session"
#define CGSPAN_MCGRP_EXIT	"exit"

/* An amount: no limit. */
#define CGSPAN_MAX		(~0ULL)
/* The largest amount of an ADMIT. */
#define CGSPAN_AMOUNT_MAX	(1ULL << 53)

/* Longest name of a node, or of a level of a path: bytes without the final 0. */
#define CGSPAN_NAME_LEN		63
/* Longest name of a resource: bytes without the final 0. */
#define CGSPAN_RES_NAME_LEN	31
/* How many resources NODE_SET may name: USER0 to USER4. */
#define CGSPAN_RES_USERS	5
/* Longest path of a group: bytes without the final 0, and levels below "/". */
#define CGSPAN_PATH_LEN		1023
#define CGSPAN_DEPTH_MAX	32
/* Longest path of a cgroup: bytes without the final 0. */
#define CGSPAN_CGROUP_LEN	4095

/* Maximum of items in a LEASE_SET or PEER_SET, in a MEMBER_ADD or MEMBER_DEL. */
#define CGSPAN_LEASES_MAX	512
#define CGSPAN_MEMBERS_MAX	512

#define CGSPAN_TTL_MAX_MS	86400000
#define CGSPAN_WAIT_MAX_MS	86400000

enum cgspan_cmd {
	CGSPAN_CMD_UNSPEC,
	CGSPAN_CMD_NODE_GET,
	CGSPAN_CMD_NODE_SET,
	CGSPAN_CMD_SESSION_RENEW,
	CGSPAN_CMD_LEAVE,
	CGSPAN_CMD_GROUP_NEW,
	CGSPAN_CMD_GROUP_SET,
	CGSPAN_CMD_GROUP_DEL,
	CGSPAN_CMD_GROUP_GET,
	CGSPAN_CMD_LEASE_SET,
	CGSPAN_CMD_MEMBER_ADD,
	CGSPAN_CMD_MEMBER_DEL,
	CGSPAN_CMD_MEMBER_GET,
	CGSPAN_CMD_PEER_SET,
	CGSPAN_CMD_TASK_GET,
	CGSPAN_CMD_GROUP_NTF,
	CGSPAN_CMD_GROUP_DEL_NTF,
	CGSPAN_CMD_MEMBER_NTF,
	CGSPAN_CMD_MEMBER_DEL_NTF,
	CGSPAN_CMD_CREDIT_NTF,
	CGSPAN_CMD_SESSION_NTF,
	CGSPAN_CMD_GROUP_EMPTY_NTF,
	CGSPAN_CMD_ADMIT,
	CGSPAN_CMD_RELEASE,
	CGSPAN_CMD_GRANT_GET,
	CGSPAN_CMD_GRANT_NTF,
	CGSPAN_CMD_EXIT_NTF,
	CGSPAN_CMD_SCHED_HOLD,
	__CGSPAN_CMD_LAST
};

#define CGSPAN_CMD_MAX (__CGSPAN_CMD_LAST - 1)

/* Top level: nests only. */
enum cgspan_attr {
	CGSPAN_A_UNSPEC,
	CGSPAN_A_NODE,			/* nest, enum cgspan_node_attr */
	CGSPAN_A_SESSION,		/* nest, enum cgspan_session_attr */
	CGSPAN_A_GROUP,			/* nest, enum cgspan_group_attr */
	CGSPAN_A_LEASE,			/* nest (n), enum cgspan_lease_attr */
	CGSPAN_A_MEMBER,		/* nest (n), enum cgspan_member_attr */
	CGSPAN_A_PEER,			/* nest (n), enum cgspan_peer_attr */
	CGSPAN_A_TASK,			/* nest, enum cgspan_task_attr */
	CGSPAN_A_GRANT,			/* nest, enum cgspan_grant_attr */
	CGSPAN_A_EXIT,			/* nest, enum cgspan_exit_attr */
	__CGSPAN_A_LAST
};

#define CGSPAN_A_MAX (__CGSPAN_A_LAST - 1)

enum cgspan_node_attr {
	CGSPAN_NODE_A_UNSPEC,
	CGSPAN_NODE_A_NAME,		/* string; absent until NODE_SET */
	CGSPAN_NODE_A_BOOT_ID,		/* binary, 16; absent until set */
	CGSPAN_NODE_A_UUID,		/* binary, 16: made with the namespace */
	CGSPAN_NODE_A_VERSION,		/* string: the module's */
	CGSPAN_NODE_A_CLOCK,		/* u64, ns: CLOCK_BOOTTIME now */
	CGSPAN_NODE_A_HOOKS,		/* u8: 1 = forks pass the module's gate */
	CGSPAN_NODE_A_GROUPS,		/* u32, groups, "/" included */
	CGSPAN_NODE_A_MEMBERS,		/* u32, member cgroups of all groups */
	CGSPAN_NODE_A_TASKS,		/* u64, tasks charged now */
	CGSPAN_NODE_A_FORKS,		/* u64, forks admitted so far */
	CGSPAN_NODE_A_REFUSALS,		/* u64, forks refused so far */
	CGSPAN_NODE_A_PAD,
	CGSPAN_NODE_A_RESOURCE,		/* nest (n), enum cgspan_res_attr */
	CGSPAN_NODE_A_EXITS_TOLD,	/* u64, "exit" records, heard or not */
	CGSPAN_NODE_A_EXITS_LOST,	/* u64, "exit" records that were dropped */
	__CGSPAN_NODE_A_LAST
};

#define CGSPAN_NODE_A_MAX (__CGSPAN_NODE_A_LAST - 1)

/* The state of a session. */
enum cgspan_session_state {
	CGSPAN_SESSION_NONE,		/* not joined: leases have no deadline */
	CGSPAN_SESSION_LIVE,
	CGSPAN_SESSION_EXPIRED,		/* past the deadline: on_expiry decides */
};

enum cgspan_session_attr {
	CGSPAN_SESSION_A_UNSPEC,
	CGSPAN_SESSION_A_EPOCH,		/* u64, 0 = none */
	CGSPAN_SESSION_A_SENT,		/* u64, ns: when the renewal was sent */
	CGSPAN_SESSION_A_TTL,		/* u32, ms from _SENT to the deadline */
	CGSPAN_SESSION_A_DEADLINE,	/* u64, ns: the deadline */
	CGSPAN_SESSION_A_STATE,		/* u8, enum cgspan_session_state */
	CGSPAN_SESSION_A_OWNED,		/* u8: 1 = a socket owns the session */
	CGSPAN_SESSION_A_PAD,
	__CGSPAN_SESSION_A_LAST
};

#define CGSPAN_SESSION_A_MAX (__CGSPAN_SESSION_A_LAST - 1)

/*
 * What happens to a group after the session's deadline. Larger values are
 * stronger; all but CONTINUE admit nothing new.
 *
 * FREEZE writes to the cgroup.freeze of the group's members, and at renewal or
 * LEAVE thaws those that were not frozen before. KILL sends SIGKILL to all
 * processes of the group and its subgroups, as cgroup.kill does, and repeats it
 * until none is left: a task that hangs in a driver may delay this. RESET
 * equals HOLD in the module: a hardware watchdog, which the session's owner
 * stops feeding, resets the machine. On a joined node the machine does not
 * suspend while groups with KILL or RESET have tasks.
 *
 * When a namespace ends, its session expires for good: KILL kills, and FREEZE
 * is HOLD, because no owner could thaw.
 */
enum cgspan_on_expiry {
	CGSPAN_ON_EXPIRY_CONTINUE,	/* admit within the lease */
	CGSPAN_ON_EXPIRY_HOLD,		/* admit nothing new */
	CGSPAN_ON_EXPIRY_FREEZE,	/* as HOLD, and freeze the tasks */
	CGSPAN_ON_EXPIRY_KILL,		/* as HOLD, and kill the tasks */
	CGSPAN_ON_EXPIRY_RESET,		/* as HOLD; a watchdog resets the machine */
	__CGSPAN_ON_EXPIRY_LAST
};

#define CGSPAN_ON_EXPIRY_MAX (__CGSPAN_ON_EXPIRY_LAST - 1)

enum cgspan_group_attr {
	CGSPAN_GROUP_A_UNSPEC,
	CGSPAN_GROUP_A_ID,		/* u64; 1 = "/" */
	CGSPAN_GROUP_A_PATH,		/* string */
	CGSPAN_GROUP_A_PARENT_ID,	/* u64; 0 for "/" */
	CGSPAN_GROUP_A_ON_EXPIRY,	/* u8, enum cgspan_on_expiry */
	CGSPAN_GROUP_A_RESOURCE,	/* nest (n), enum cgspan_res_attr */
	CGSPAN_GROUP_A_MEMBERS,		/* u32, without the subgroups' */
	CGSPAN_GROUP_A_LIVE,		/* u64, tasks not yet exited; subtree */
	CGSPAN_GROUP_A_FORKS,		/* u64, forks; subtree */
	CGSPAN_GROUP_A_EXECS,		/* u64, execs; subtree */
	CGSPAN_GROUP_A_EXITS,		/* u64, exits of tasks; subtree */
	CGSPAN_GROUP_A_REFUSALS,	/* u64, refused forks; subtree */
	CGSPAN_GROUP_A_FLAGS,		/* u32, CGSPAN_GROUP_F_* */
	CGSPAN_GROUP_A_PAD,
	CGSPAN_GROUP_A_CPU,		/* u64, ns its tasks have run; subtree */
	CGSPAN_GROUP_A_VOLUNTARY,	/* u64, times its tasks slept; subtree */
	CGSPAN_GROUP_A_INVOLUNTARY,	/* u64, preemptions; subtree */
	CGSPAN_GROUP_A_MAJOR_FAULTS,	/* u64, major page faults; subtree */
	CGSPAN_GROUP_A_MAX_RSS,		/* u64, bytes: most of an ended process */
	CGSPAN_GROUP_A_MEMORY,		/* u64, bytes; absent if unmeasured */
	CGSPAN_GROUP_A_MEMORY_PEAK,	/* u64, bytes; absent if unmeasured */
	CGSPAN_GROUP_A_SETTLED,		/* u64, ns: when CPU to MAX_RSS were right */
	__CGSPAN_GROUP_A_LAST
};

#define CGSPAN_GROUP_A_MAX (__CGSPAN_GROUP_A_LAST - 1)

/* An orphan: a group whose network namespace has ended. It admits nothing. The
 * initial network namespace lists it, and may remove it by id.
 */
#define CGSPAN_GROUP_F_ORPHAN	(1U << 0)
/* In a GROUP_GET: without what tasks and members have used. */
#define CGSPAN_GROUP_F_BRIEF	(1U << 1)

enum cgspan_resource {
	CGSPAN_RES_TASKS,		/* tasks and threads, until reaped */
	CGSPAN_RES_CPU,			/* millicpu: 1000 = one core */
	CGSPAN_RES_MEMORY,		/* bytes */
	CGSPAN_RES_USER0,		/* USER0 to USER4: named by NODE_SET */
	CGSPAN_RES_USER1,		/* USER0-4: granted, but never measured */
	CGSPAN_RES_USER2,
	CGSPAN_RES_USER3,
	CGSPAN_RES_USER4,
	__CGSPAN_RES_LAST
};

#define CGSPAN_RES_MAX (__CGSPAN_RES_LAST - 1)

/* Lack of headroom in a lease, as a "credit" notification tells it. */
enum cgspan_credit {
	CGSPAN_CREDIT_OK,
	CGSPAN_CREDIT_LOW,		/* headroom fell below the low-water mark */
	CGSPAN_CREDIT_REFUSED,		/* an admission was refused */
	CGSPAN_CREDIT_OVERDRAWN,	/* charges without a check: used is above
					 * the lease, and above _HELD of a drain
					 */
};

/* Why a lease is low. The caller is the group for which it is kept low. */
enum cgspan_cause {
	CGSPAN_CAUSE_NONE,
	CGSPAN_CAUSE_DEBT,		/* more is used than the limit allows */
	CGSPAN_CAUSE_GUARANTEE,		/* group _CALLER reclaims its guarantee */
	CGSPAN_CAUSE_SHARE,		/* group _CALLER has less than its share */
	CGSPAN_CAUSE_NODES,		/* other nodes have less than their part */
	__CGSPAN_CAUSE_LAST
};

#define CGSPAN_CAUSE_MAX (__CGSPAN_CAUSE_LAST - 1)

enum cgspan_res_attr {
	CGSPAN_RES_A_UNSPEC,
	CGSPAN_RES_A_ID,		/* u32, enum cgspan_resource */
	CGSPAN_RES_A_LIMIT,		/* u64, cluster-wide */
	CGSPAN_RES_A_LEASE,		/* u64, this node's */
	CGSPAN_RES_A_USED,		/* u64, on this node; subtree. Of resources
					 * but tasks: what grants hold
					 */
	CGSPAN_RES_A_PEAK,		/* u64, most used, unspent included */
	CGSPAN_RES_A_REFUSALS,		/* u64, admissions that this lease refused */
	CGSPAN_RES_A_LOW,		/* u64, low-water mark of headroom */
	CGSPAN_RES_A_EXHAUSTED,		/* u8, 0 or 1: as in LEASE_SET */
	CGSPAN_RES_A_CREDIT,		/* u8, enum cgspan_credit */
	CGSPAN_RES_A_PEER_USED,		/* u64; absent until PEER_SET */
	CGSPAN_RES_A_PEER_NODES,	/* u32; absent until PEER_SET */
	CGSPAN_RES_A_PEER_TIME,		/* u64, ns; absent until PEER_SET */
	CGSPAN_RES_A_PAD,
	CGSPAN_RES_A_NAME,		/* string; of USER0-4, in a node only */
	CGSPAN_RES_A_RESERVED,		/* u64, what grants hold; subtree */
	CGSPAN_RES_A_UNSPENT,		/* u64, the part of _RESERVED not in use */
	CGSPAN_RES_A_WAITING,		/* u64, queued here, not in subgroups */
	CGSPAN_RES_A_ASKED,		/* u64, the largest amount refused since
					 * the lease was set
					 */
	CGSPAN_RES_A_PEER_NODE,		/* string: the peer with most headroom */
	CGSPAN_RES_A_PEER_HEADROOM,	/* u64; absent if _PEER_NODE is */
	CGSPAN_RES_A_CAUSE,		/* u8, enum cgspan_cause; absent if none */
	CGSPAN_RES_A_CALLER_ID,		/* u64, id of a group; absent if none */
	__CGSPAN_RES_A_LAST
};

#define CGSPAN_RES_A_MAX (__CGSPAN_RES_A_LAST - 1)

enum cgspan_lease_attr {
	CGSPAN_LEASE_A_UNSPEC,
	CGSPAN_LEASE_A_GROUP_ID,	/* u64 */
	CGSPAN_LEASE_A_GROUP_PATH,	/* string */
	CGSPAN_LEASE_A_RES,		/* u32, enum cgspan_resource */
	CGSPAN_LEASE_A_AMOUNT,		/* u64 */
	CGSPAN_LEASE_A_LOW,		/* u64 */
	CGSPAN_LEASE_A_EXHAUSTED,	/* u8, 0 or 1 */
	CGSPAN_LEASE_A_USED,		/* u64, with unspent reserves; in replies */
	CGSPAN_LEASE_A_PAD,
	CGSPAN_LEASE_A_DRAIN,		/* u8, 0 or 1 */
	CGSPAN_LEASE_A_CAUSE,		/* u8, enum cgspan_cause */
	CGSPAN_LEASE_A_CALLER,		/* string, path of a group */
	CGSPAN_LEASE_A_HELD,		/* u64, replies only */
	__CGSPAN_LEASE_A_LAST
};

#define CGSPAN_LEASE_A_MAX (__CGSPAN_LEASE_A_LAST - 1)

enum cgspan_member_attr {
	CGSPAN_MEMBER_A_UNSPEC,
	CGSPAN_MEMBER_A_GROUP_ID,	/* u64 */
	CGSPAN_MEMBER_A_GROUP_PATH,	/* string */
	CGSPAN_MEMBER_A_CGROUP,		/* string */
	CGSPAN_MEMBER_A_CGROUP_ID,	/* u64: the directory's inode number */
	CGSPAN_MEMBER_A_FD,		/* s32, requests only */
	CGSPAN_MEMBER_A_FLAGS,		/* u32, CGSPAN_MEMBER_F_* */
	CGSPAN_MEMBER_A_PAD,
	CGSPAN_MEMBER_A_FREEZE_FD,	/* s32, requests only */
	CGSPAN_MEMBER_A_PROCS_FD,	/* s32, requests only */
	CGSPAN_MEMBER_A_KILL_FD,	/* s32, requests only */
	__CGSPAN_MEMBER_A_LAST
};

#define CGSPAN_MEMBER_A_MAX (__CGSPAN_MEMBER_A_LAST - 1)

#define CGSPAN_MEMBER_F_BY_FD	(1U << 0)
/* The module has the cgroup.freeze of the member's present directory. */
#define CGSPAN_MEMBER_F_FREEZABLE	(1U << 1)
/* The module has frozen the member's present directory after a deadline. */
#define CGSPAN_MEMBER_F_FROZEN	(1U << 2)

enum cgspan_peer_attr {
	CGSPAN_PEER_A_UNSPEC,
	CGSPAN_PEER_A_GROUP_ID,		/* u64 */
	CGSPAN_PEER_A_GROUP_PATH,	/* string */
	CGSPAN_PEER_A_RES,		/* u32, enum cgspan_resource */
	CGSPAN_PEER_A_USED,		/* u64 */
	CGSPAN_PEER_A_NODES,		/* u32 */
	CGSPAN_PEER_A_TIME,		/* u64, ns */
	CGSPAN_PEER_A_PAD,
	CGSPAN_PEER_A_NODE,		/* string: the node with most headroom */
	CGSPAN_PEER_A_HEADROOM,		/* u64 */
	__CGSPAN_PEER_A_LAST
};

#define CGSPAN_PEER_A_MAX (__CGSPAN_PEER_A_LAST - 1)

enum cgspan_task_attr {
	CGSPAN_TASK_A_UNSPEC,
	CGSPAN_TASK_A_PID,		/* u32, in the reader's pid namespace */
	CGSPAN_TASK_A_TGID,		/* u32, in the reader's pid namespace */
	CGSPAN_TASK_A_COMM,		/* string */
	CGSPAN_TASK_A_GROUP_ID,		/* u64, the group charged */
	CGSPAN_TASK_A_GROUP_PATH,	/* string */
	CGSPAN_TASK_A_EXITED,		/* u8: 1 = exited, not yet reaped */
	CGSPAN_TASK_A_PAD,
	__CGSPAN_TASK_A_LAST
};

#define CGSPAN_TASK_A_MAX (__CGSPAN_TASK_A_LAST - 1)

enum cgspan_grant_state {
	CGSPAN_GRANT_QUEUED,		/* waits for headroom, holds nothing yet */
	CGSPAN_GRANT_GRANTED,
	CGSPAN_GRANT_REFUSED,
	CGSPAN_GRANT_TIMED_OUT,
	CGSPAN_GRANT_ENDED,
};

enum cgspan_grant_attr {
	CGSPAN_GRANT_A_UNSPEC,
	CGSPAN_GRANT_A_ID,		/* u64, not used twice before unload */
	CGSPAN_GRANT_A_STATE,		/* u8, enum cgspan_grant_state */
	CGSPAN_GRANT_A_GROUP_ID,	/* u64 */
	CGSPAN_GRANT_A_GROUP_PATH,	/* string */
	CGSPAN_GRANT_A_TASKS,		/* u64, an amount, as _CPU to _USER4 are */
	CGSPAN_GRANT_A_CPU,		/* amounts are ordered as cgspan_resource */
	CGSPAN_GRANT_A_MEMORY,
	CGSPAN_GRANT_A_USER0,
	CGSPAN_GRANT_A_USER1,
	CGSPAN_GRANT_A_USER2,
	CGSPAN_GRANT_A_USER3,
	CGSPAN_GRANT_A_USER4,
	CGSPAN_GRANT_A_PID,		/* u32, pid of the holder; 0: not visible */
	CGSPAN_GRANT_A_PIDFD,		/* s32, requests only */
	CGSPAN_GRANT_A_PORT,		/* u32, port of the holder, a socket */
	CGSPAN_GRANT_A_WAIT,		/* u32, ms, requests only */
	CGSPAN_GRANT_A_FLAGS,		/* u32, CGSPAN_GRANT_F_*, requests only */
	CGSPAN_GRANT_A_RES,		/* u32, the cgspan_resource in shortage */
	CGSPAN_GRANT_A_MISSING,		/* u64, the missing amount */
	CGSPAN_GRANT_A_SPENT,		/* u64, tasks that may spend the reserve */
	CGSPAN_GRANT_A_PAD,
	CGSPAN_GRANT_A_NODE,		/* string: a peer that may have headroom */
	CGSPAN_GRANT_A_HEADROOM,	/* u64, how much headroom _NODE has */
	CGSPAN_GRANT_A_CAUSE,		/* u8, enum cgspan_cause, of the shortage */
	CGSPAN_GRANT_A_CALLER_ID,	/* u64, id of the group that _CAUSE means */
	__CGSPAN_GRANT_A_LAST
};

#define CGSPAN_GRANT_A_MAX (__CGSPAN_GRANT_A_LAST - 1)

/* Report what the outcome of an ADMIT would be, and change nothing. */
#define CGSPAN_GRANT_F_DRY_RUN	(1U << 0)

enum cgspan_exit_attr {
	CGSPAN_EXIT_A_UNSPEC,
	CGSPAN_EXIT_A_SEQ,		/* u64, counts records; a gap: some lost */
	CGSPAN_EXIT_A_PID,		/* u32, in the initial pid namespace */
	CGSPAN_EXIT_A_TGID,		/* u32, in the initial pid namespace */
	CGSPAN_EXIT_A_COMM,		/* string */
	CGSPAN_EXIT_A_GROUP_ID,		/* u64, the group that was charged */
	CGSPAN_EXIT_A_GROUP_PATH,	/* string */
	CGSPAN_EXIT_A_START,		/* u64, ns, when the task started */
	CGSPAN_EXIT_A_END,		/* u64, ns, when the task began to exit */
	CGSPAN_EXIT_A_CPU,		/* u64, CPU time, ns; also after _END */
	CGSPAN_EXIT_A_MAX_RSS,		/* u64, bytes; 0 unless _PID is _TGID;
					 * since 6.2 the counts may lack, on each
					 * of N processors, max(32, 2 * N) pages
					 * of each kind of memory
					 */
	CGSPAN_EXIT_A_CODE,		/* s32, a wait() status */
	CGSPAN_EXIT_A_PAD,
	__CGSPAN_EXIT_A_LAST
};

#define CGSPAN_EXIT_A_MAX (__CGSPAN_EXIT_A_LAST - 1)

#endif /* _UAPI_LINUX_CGSPAN_H */
