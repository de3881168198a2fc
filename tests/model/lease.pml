// SPDX-License-Identifier: GPL-2.0
/*
 * The lease protocol, for spin: N nodes (kernel and daemon), one store, and
 * crashes, partitions, late and doubled requests. tests/model/run has the
 * configurations and the broken variants (BUG_*), which must all be caught.
 *
 * Revisions are not counted. A mod_rev is never used twice, so a compare only
 * asks whether the key was written since the request was built. A write to a
 * key therefore makes all pending requests void that compare it. This is exact,
 * and needs no bound on revisions, transactions, crashes, boots and epochs.
 * Only a missing key has a revision that returns (0): where that matters there
 * is the variable "absent". A request from an outdated reading would be void at
 * once, so it is not sent. A doubled request is void by the writes of its first
 * copy.
 *
 * Abstractions:
 * - policy: each amount is tried at each moment;
 * - use, without USE: a shrink may stop at any amount;
 * - LEASE_SET and SESSION_RENEW are carried out at once, as by the driver;
 * - watches may be late, but keep the order of a key's changes;
 * - a fencer's transaction compares all keys that it depends on, so it is one
 *   step here.
 *
 * Restores: an empty store is one restored from the backup of its first moment.
 * A request that was sent before the restore, or by a daemon that has not
 * noticed it, is void. Not modelled: such a request whose compared keys are
 * unchanged since the backup; equal revisions of different writes before and
 * after the restore; a fencer whose proof is older than the restore.
 *
 * Dimensions: N nodes, G groups (1 is a child of 0), L the limit, Z requests of
 * each node that the daemon has given up and the store may still carry out.
 * Features: ENV (all other nodes, as one that keeps the rules), REBOOT, USE,
 * MOVEIN, LEAVE, LIMIT, MAX, WRONG (fenced by a wrong proof), TIME, RESET,
 * RESTORE (number of restores: the last one to a backup of any moment since the
 * previous one, or to an empty store; the others to an empty store), SAME (the
 * restored store keeps its identity).
 */
#ifndef N
#define N 2
#endif
#ifndef G
#define G 1
#endif
#ifndef L
#define L 1
#endif
#ifndef Z
#define Z 1
#endif
#ifdef RESET
#define TIME
#endif
#if defined(RESTORE) && (N != 2 || Z > 0)
#error "RESTORE is for two nodes and no late requests"
#endif
#define NG	(N * G)
#define UNLIMITED 9
#ifndef TTL
#define TTL	2
#endif
#define WATCHDOG 1
/* How far clocks drift apart within a session, in ticks, plus half a tick for
 * reading each of two clocks, rounded up.
 */
#ifdef BUG_NO_MARGIN
#define MARGIN	0
#else
#define MARGIN	2
#endif

/* Claims, by the numbers that tests/model/run names. */
#define SUM	1	/* leases + pool = limit + debt */
#define KERNEL	2	/* no kernel's lease is above the store's */
#define COVERED	3	/* what is charged is at most the store's lease */
#define FENCED	4	/* fenced, or no session: admits nothing */
#define DEADLINE 5	/* no session outlives its stored heartbeat by TTL */
#define DEBT	6	/* in debt: the pool is empty, no grants */
#define VOID	7	/* what a fencer has returned stays returned */
#define ADMIT	8	/* no admission above a lease, at any level */
#define TOTAL	9	/* all kernels together do not exceed the limit */
byte breach;

/* ---- the store ---- */

/* State of the epoch key. Its revision has rank CUR, older ones 1 and 2. */
#define NONE	0
#define LIVE	1
#define DEAD	2
#define CUR	3
#ifdef RESTORE
#define TELLING	4	/* claims the kernel's lease */
/* Ranks of revisions before the restore; a node may know two. */
#define LOST	4
#define LOST_TOO 5
#endif

byte limit[G] = L;
byte pool[G] = L;
byte debt[G];
byte lease[NG];
byte epoch[N];
bit mine[N];		/* the epoch is of the node's present boot */
#if defined(MAX) || defined(RESTORE)
bit await[N];
#endif
#ifdef RESTORE
bit stopped;		/* the daemons know that it was restored */
bit unnoticed;		/* it was restored, and no daemon has reported it */
#endif
#ifdef ENV
byte env[G];		/* leases of all other nodes */
#endif

/* ---- kernels ---- */

bit on[N] = 1;
byte k_epoch[N];
byte k_lease[NG];
#ifdef USE
byte used[NG];
#endif

/* ---- daemons ---- */

#define DOWN	0
#define READ	1
#define OWN	2	/* has a live epoch */
#define BEATEN	3	/* and a heartbeat under it */
#define RUN	4	/* and the kernel's session */
#define TELLS	5	/* claims the kernel's lease; no session yet */

byte phase[N];
byte d_epoch[N];
bit sure[NG];
byte view[NG];		/* the lease that the daemon knows */
bit fresh[NG];		/* @view is of the present revision of the key */
bit shrink[NG];		/* the kernel has shrunk; return the rest */
#ifdef LEAVE
bit leaving[N];
#endif
#ifdef MAX
bit v_group[N];		/* the daemon knows the group's present revision */
bit v_max[N];		/* the known revision says "max" */
bit v_await[N];
bit anew[N];		/* the group was read since the session began */
bit claimable[N];
#endif
#ifdef RESTORE
bit stale[N];		/* the store was restored, and it has not noticed */
bit claimed[N];
bit none[N];		/* it has read that it has no lease */
#else
#define STALE(n)	0
#endif

/* ---- requests ---- */

/* Node n's present request has the index n, those given up have ZAT(n, z). */
#define NQ	(N * (1 + Z))
#if Z > 0
#define OWNER(q) ((q) < N -> (q) : ((q) - N) / Z)
#else
#define OWNER(q) (q)
#endif

#define JOIN	1
#define JOIN_OLD 2	/* JOIN of an earlier boot */
#define MARK	3	/* mark the epoch dead */
#define TELL	4	/* a new epoch, to claim the kernel's lease in */
#define TOLD	5	/* all is claimed */
#define REMOVE	6
#define BEAT	7
#define MOVE	8
#define BACK	9	/* return the lease of a dead epoch */
#define IS_MOVE(k)	((k) >= MOVE)

#define BARRIER	1
#define ACQUIRE	2
#define RETURN	3
#define CLAIM	4
#define COVER	5
#define GIVE	6	/* in BACK */
#define ON_POOL(o)	((o) > BARRIER)

#define WAITS	0
#define APPLIED	1	/* carried out; the answer is pending */
#define REFUSED	2	/* void, now or later */

byte t_kind[NQ];
byte t_state[NQ];
byte t_op[NQ * G];
byte t_to[NQ * G];	/* new amount of the lease */
byte t_by[NQ * G];	/* change of the amount */
#ifdef BUG_NO_EPOCH_COMPARE
bit absent[NG] = 1;	/* the lease's key does not exist */
bit t_none[NQ * G], t_hit[NQ * G];
#endif
#ifdef BUG_NO_POOL_COMPARE
byte t_pool[NQ * G];
#endif

/* ---- the world ---- */

bit word[N];		/* a fencer has proof that the machine is off */
bit given[N];		/* a fencer has returned all leases */
#ifdef TIME
byte k_left[N];		/* ticks until the kernel's deadline */
byte t_left[NQ];	/* TTL counted from the sending of the request */
byte b_left[N];		/* TTL since the RENEW's beat was sent */
byte s_left[N];		/* TTL since the stored beat was sent */
#endif
#ifdef RESET
byte w_age[N];		/* ticks since the watchdog was fed */
bit lag[N];		/* the node's clock has lost a tick */
byte o_age[N];		/* an observer's, since the last beat */
#endif

#ifdef RESTORE
/* ---- the backup ---- */

bit saved;		/* a backup replaces the first state */
byte b_pool = L;
byte b_debt;
byte b_lease[N];
byte b_epoch[N];
bit b_mine[N];
bit b_learns;
byte restores = RESTORE;
bit blind[N];		/* kernel's lease not claimed since */
#ifdef SAME
bit w_epoch[N];
bit t_past[N];		/* carried out before the backup */
bit newer[N];		/* the kernel's session knows a beat from after it */
bit past[N];		/* and one that the store has lost */
#endif
#define STALE(n)	(stale[n])
#endif

/* Variables of loops within one step. */
hidden byte i, j, m, x, y, kept;

#ifdef TIME
#define SENT(n)	(t_left[n])
#else
#define SENT(n)	0
#endif
#define AT(n, g)	((n) * G + (g))
#ifdef BUG_NO_POOL_COMPARE
#define POOL_OF(q, g)	(t_pool[AT(q, g)])
#else
#define POOL_OF(q, g)	0
#endif
#define ZAT(n, z)	(N + (n) * Z + (z))

/* ---- requests become void ---- */

inline t_clear(q)
{
	t_kind[q] = 0;
	t_state[q] = WAITS;
	for (j : 0 .. G - 1) {
		t_op[AT(q, j)] = 0;
		t_to[AT(q, j)] = 0;
		t_by[AT(q, j)] = 0;
#ifdef BUG_NO_EPOCH_COMPARE
		t_none[AT(q, j)] = 0;
		t_hit[AT(q, j)] = 0;
#endif
#ifdef BUG_NO_POOL_COMPARE
		t_pool[AT(q, j)] = 0;
#endif
	};
#ifdef TIME
	t_left[q] = 0;
#endif
	skip
}

/* The daemon still waits for the answer and must know its groups; the amounts
 * do not matter any more.
 */
inline t_void(n)
{
	t_state[n] = REFUSED;
	for (j : 0 .. G - 1) {
		t_to[AT(n, j)] = 0;
		t_by[AT(n, j)] = 0;
	};
	skip
}

inline void_request(q)
{
	if
	:: q < N -> t_void(q)
	:: else -> t_clear(q)
	fi
}

#ifdef BUG_NO_LEASE_COMPARE
#define BY_LEASE(q, g)	0
#else
#define BY_LEASE(q, g)	(t_op[AT(q, g)])
#endif
/* A compare with a missing key may hold again later. */
#ifdef BUG_NO_EPOCH_COMPARE
#define BY_ABSENCE(q, g) (t_none[AT(q, g)])
#else
#define BY_ABSENCE(q, g) 0
#endif

inline wrote_lease(n, g)
{
	fresh[AT(n, g)] = 0;
	if
	:: !sure[AT(n, g)] -> view[AT(n, g)] = 0
	:: else
	fi;
	for (m : 0 .. NQ - 1) {
		if
		:: OWNER(m) == n && t_kind[m] && t_state[m] == WAITS &&
		   BY_LEASE(m, g) && !BY_ABSENCE(m, g) -> void_request(m)
		:: else
		fi;
#ifdef BUG_NO_EPOCH_COMPARE
		if
		:: OWNER(m) == n -> t_hit[AT(m, g)] = t_none[AT(m, g)]
		:: else
		fi
#endif
	}
#ifdef BUG_NO_EPOCH_COMPARE
	absent[AT(n, g)] = 0;
#endif
	skip
}

inline deleted_lease(n, g)
{
	wrote_lease(n, g);
#ifdef BUG_NO_EPOCH_COMPARE
	absent[AT(n, g)] = 1;
	for (m : 0 .. NQ - 1) {
		if
		:: OWNER(m) == n -> t_hit[AT(m, g)] = 0
		:: else
		fi
	}
#endif
	skip
}

/* Pool and debt: each transaction on one of them compares both. */
inline wrote_pool(g)
{
#ifndef BUG_NO_POOL_COMPARE
	for (x : 0 .. NQ - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && ON_POOL(t_op[AT(x, g)]) ->
			void_request(x)
		:: else
		fi
	}
#endif
	skip
}

inline wrote_group(g)
{
	for (x : 0 .. NQ - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && t_op[AT(x, g)] ->
			void_request(x)
		:: else
		fi
	}
	skip
}

#ifdef BUG_NO_EPOCH_COMPARE
#define BY_EPOCH(k)	((k) && !IS_MOVE(k))
#define EPOCH_MAY_HOLD(n) 1
#else
#define BY_EPOCH(k)	(k)
#define EPOCH_MAY_HOLD(n) (d_epoch[n] == CUR)
#endif

/* The epoch's key and the cluster's key, which are written together. */
inline wrote_epoch(n)
{
#ifdef SAME
	w_epoch[n] = 1;
#endif
	for (x : 0 .. NQ - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS &&
		   (t_kind[x] <= REMOVE ||
		    (OWNER(x) == n && BY_EPOCH(t_kind[x]))) ->
			void_request(x)
		:: else
		fi
	}
	/* Lower the ranks of older revisions. */
	if
	:: k_epoch[n] == CUR && d_epoch[n] == CUR ->
		k_epoch[n] = 1; d_epoch[n] = 1
	:: k_epoch[n] == CUR && d_epoch[n] != CUR ->
		if
		:: d_epoch[n] -> k_epoch[n] = 2; d_epoch[n] = 1
		:: else -> k_epoch[n] = 1
		fi
	:: k_epoch[n] != CUR && d_epoch[n] == CUR ->
		if
		:: k_epoch[n] -> d_epoch[n] = 2; k_epoch[n] = 1
		:: else -> d_epoch[n] = 1
		fi
	:: else
	fi;
	skip
}

inline rank(n)
{
	if
	:: !d_epoch[n] && k_epoch[n] == 2 -> k_epoch[n] = 1
	:: !k_epoch[n] && d_epoch[n] == 2 -> d_epoch[n] = 1
	:: else
	fi;
	skip
}

inline wrote_beat(n, left)
{
#ifndef BUG_NO_HB_COMPARE
	word[n] = 0;
#endif
#ifdef TIME
	if
	:: left > s_left[n] -> s_left[n] = left
	:: else
	fi;
#endif
#ifdef RESET
	o_age[n] = 0;
	lag[n] = 0;
#endif
	skip
}

/* ---- accounts ---- */

inline give(g, n)
{
	y = n;
#ifndef BUG_RETURN_SKIPS_DEBT
	if
	:: y > debt[g] -> y = y - debt[g]; debt[g] = 0
	:: else -> debt[g] = debt[g] - y; y = 0
	fi;
#endif
	pool[g] = pool[g] + y
}

inline take(g, n)
{
	y = n;
	if
	:: y > pool[g] -> y = y - pool[g]; pool[g] = 0
	:: else -> pool[g] = pool[g] - y; y = 0
	fi;
	debt[g] = debt[g] + y
}

/* ---- the store carries requests out ---- */

#if defined(MAX) || defined(RESTORE)
#define AWAITED	(await[0] || (N > 1 && await[N - 1]) || (N > 2 && await[1]))
#else
#define AWAITED	0
#endif

#ifdef RESTORE
/* The node must still claim, since a request of an unaware daemon may arrive.
 */
#define BLIND(n)	(blind[n])
#else
#define BLIND(n)	0
#endif

inline apply_op(n, g, op, to, by, abs)
{
	if
	:: op == BARRIER ->
#ifndef BUG_BARRIER_WRITES_NOTHING
		lease[AT(n, g)] = to;
		wrote_lease(n, g)
#endif
	:: op == ACQUIRE ->
		if
		:: debt[g] || (AWAITED && !BLIND(n)) -> breach = DEBT
		:: else
		fi;
		lease[AT(n, g)] = to;
#ifdef BUG_NO_POOL_COMPARE
		pool[g] = abs - by;
#else
		pool[g] = pool[g] - by;
#endif
		wrote_lease(n, g);
		wrote_pool(g)
	:: op == RETURN ->
		lease[AT(n, g)] = to;
#ifdef BUG_NO_POOL_COMPARE
		pool[g] = abs + by;
#else
		give(g, by);
#endif
		wrote_lease(n, g);
		wrote_pool(g)
	:: op == COVER ->
		lease[AT(n, g)] = to;
		take(g, by);
		wrote_lease(n, g);
		wrote_pool(g)
#ifdef MAX
	:: op == CLAIM ->
		lease[AT(n, g)] = to;
		take(g, by);
		await[n] = 0;
		wrote_lease(n, g);
		wrote_pool(g)
#endif
#ifdef RESTORE
	:: op == CLAIM ->
		give(g, lease[AT(n, g)]);
		lease[AT(n, g)] = to;
		take(g, to);
		wrote_lease(n, g);
		wrote_pool(g)
#endif
	:: op == GIVE ->
		give(g, lease[AT(n, g)]);
		lease[AT(n, g)] = 0;
#ifdef MAX
		await[n] = 0;
#endif
		deleted_lease(n, g);
		wrote_pool(g)
	:: else
	fi;
	skip
}

inline apply_epoch(n, kind)
{
	if
	:: kind == JOIN -> epoch[n] = LIVE; mine[n] = 1; given[n] = 0
	:: kind == JOIN_OLD -> epoch[n] = LIVE; mine[n] = 0; given[n] = 0
	:: kind == MARK -> epoch[n] = DEAD; mine[n] = 0
	:: kind == REMOVE -> epoch[n] = NONE; mine[n] = 0; given[n] = 0
#ifdef RESTORE
	:: kind == TELL -> epoch[n] = TELLING; mine[n] = 1; given[n] = 0
	:: kind == TOLD -> epoch[n] = LIVE; mine[n] = 1; await[n] = 0
#endif
	fi;
	wrote_epoch(n);
#ifdef RESTORE
	/* Above all epochs that its kernel knows. */
	if
	:: (kind == TELL || kind == TOLD) && k_epoch[n] -> k_epoch[n] = 1
	:: else
	fi
#endif
}

/* The daemon learns the lease that its request writes from the answer; no watch
 * reports it before.
 */
inline t_apply(n)
{
	t_state[n] = APPLIED;
	if
	:: t_kind[n] <= REMOVE ->
		apply_epoch(n, t_kind[n]);
		if
		:: t_kind[n] == JOIN || t_kind[n] == TELL || t_kind[n] == TOLD ->
			d_epoch[n] = CUR
		:: else
		fi
	:: else
	fi;
	if
	:: t_kind[n] == JOIN || t_kind[n] == TELL || t_kind[n] == TOLD ||
	   t_kind[n] == BEAT || t_kind[n] == MOVE ->
		wrote_beat(n, SENT(n))
	:: else
	fi;
	for (i : 0 .. G - 1) {
		if
		:: t_op[AT(n, i)] ->
			apply_op(n, i, t_op[AT(n, i)], t_to[AT(n, i)],
				 t_by[AT(n, i)], POOL_OF(n, i));
			if
			:: t_op[AT(n, i)] != GIVE && !STALE(n) ->
				fresh[AT(n, i)] = 1
			:: else
			fi
#ifdef RESTORE
			if
			:: t_op[n] == CLAIM && !stale[n] -> blind[n] = 0
			:: else
			fi
#endif
		:: else
		fi
	};
#ifdef RESTORE
	/* A daemon believes answers of its own store only. */
	if
	:: stale[n] -> t_void(n)
	:: else
	fi;
#endif
	skip
}

#if Z > 0
/* A request becomes void by its own writes, if it compares what it writes. */
inline z_apply(n, q)
{
	kept = t_kind[q];
	if
	:: kept <= REMOVE -> apply_epoch(n, kept)
	:: else
	fi;
	if
	:: kept <= JOIN_OLD || kept == BEAT || kept == MOVE ->
		wrote_beat(n, SENT(q))
	:: else
	fi;
	for (i : 0 .. G - 1) {
		if
		:: t_op[AT(q, i)] ->
			apply_op(n, i, t_op[AT(q, i)], t_to[AT(q, i)],
				 t_by[AT(q, i)], POOL_OF(q, i))
		:: else
		fi
	}
	if
	:: t_kind[q] == BEAT -> t_clear(q)
	:: else
	fi;
	skip
}

#ifdef BUG_NO_EPOCH_COMPARE
#define Z_HIT(q)	(t_hit[AT(q, 0)] || (G > 1 && t_hit[AT(q, G - 1)]))
#else
#define Z_HIT(q)	0
#endif
#endif

/* ---- answers reach the daemon ---- */

inline renew(n, left)
{
#ifndef TIME
	skip
#else
	if
#ifdef BUG_DEADLINE_FROM_REPLY
	:: true -> k_left[n] = TTL
#else
	:: left > k_left[n] -> k_left[n] = left
#endif
	:: else
	fi;
#endif
#ifdef RESET
	if
	:: k_left[n] -> w_age[n] = 0
	:: else
	fi;
#endif
	skip
}

inline t_done(n)
{
	t_clear(n);
#ifdef SAME
	t_past[n] = 0;
#endif
	skip
}

inline hear_applied(n)
{
	if
	:: t_kind[n] == JOIN ->
		phase[n] = BEATEN;
		/* Do not be sure of a lease that was read in an older epoch. */
		for (i : 0 .. G - 1) {
#ifdef BUG_JOIN_BELIEVES_OLD_LEASE
			sure[AT(n, i)] = 1
#else
			sure[AT(n, i)] = (view[AT(n, i)] == 0)
#endif
		}
#ifdef TIME
		b_left[n] = t_left[n]
#endif
	:: t_kind[n] == REMOVE ->
		phase[n] = DOWN;
		for (i : 0 .. G - 1) {
			sure[AT(n, i)] = 0;
			view[AT(n, i)] = 0;
			fresh[AT(n, i)] = 0;
			shrink[AT(n, i)] = 0
		}
#ifdef LEAVE
		leaving[n] = 0
#endif
#ifdef RESTORE
	:: t_kind[n] == TELL ->
		phase[n] = TELLS;
		claimed[n] = 0;
		sure[n] = 0
	:: t_kind[n] == TOLD ->
		phase[n] = BEATEN
#endif
	:: t_kind[n] == BEAT && phase[n] == OWN ->
		phase[n] = BEATEN;
#ifdef TIME
		b_left[n] = t_left[n]
#endif
	:: t_kind[n] == BEAT && phase[n] == RUN ->
		renew(n, SENT(n))
	:: t_kind[n] == MOVE ->
		for (i : 0 .. G - 1) {
			if
			:: t_op[AT(n, i)] ->
				view[AT(n, i)] = t_to[AT(n, i)];
				sure[AT(n, i)] = 1;
#ifdef RESTORE
				claimed[n] = (phase[n] == TELLS);
#endif
#ifdef MAX
				claimable[n] = 0;
				v_await[n] = await[n];
#endif
				if
				:: view[AT(n, i)] <= k_lease[AT(n, i)] ->
					shrink[AT(n, i)] = 0
				:: else
				fi
			:: else
			fi
		}
		if
		:: phase[n] == RUN ->
			renew(n, SENT(n));
#ifdef SAME
			newer[n] = (newer[n] || !t_past[n])
#endif
		:: else
		fi
	:: else
	fi;
	t_done(n)
}

/* The result is unknown: the request may be carried out now, later or never. */
inline hear_nothing(n)
{
	if
	:: t_kind[n] == JOIN || t_kind[n] == TELL -> d_epoch[n] = 0; rank(n)
#ifdef RESTORE
	:: t_kind[n] == TOLD && t_state[n] == APPLIED ->
		phase[n] = READ; claimed[n] = 0; d_epoch[n] = 0; rank(n)
#endif
	:: t_kind[n] == MOVE && d_epoch[n] ->
		for (i : 0 .. G - 1) {
			if
			:: t_op[AT(n, i)] ->
#ifdef BUG_BLIND_RETRY
				fresh[AT(n, i)] = 1
#else
				sure[AT(n, i)] = 0;
				if
				:: t_state[n] == APPLIED ->
					fresh[AT(n, i)] = 0;
					view[AT(n, i)] = 0
				:: else
				fi
#endif
			:: else
			fi
		}
	:: t_kind[n] == MOVE && !d_epoch[n] && t_state[n] == APPLIED ->
		for (i : 0 .. G - 1) {
			if
			:: t_op[AT(n, i)] -> fresh[AT(n, i)] = 0
			:: else
			fi
		}
	:: else
	fi;
	t_done(n)
}

/* The daemon has given the request up or died; the request may still arrive. */
#if Z > 0
inline keep(n, q)
{
	t_kind[q] = t_kind[n];
	for (i : 0 .. G - 1) {
		t_op[AT(q, i)] = t_op[AT(n, i)];
		t_to[AT(q, i)] = t_to[AT(n, i)];
		t_by[AT(q, i)] = t_by[AT(n, i)];
#ifdef BUG_NO_EPOCH_COMPARE
		t_none[AT(q, i)] = t_none[AT(n, i)];
		t_hit[AT(q, i)] = t_hit[AT(n, i)];
#endif
#ifdef BUG_NO_POOL_COMPARE
		t_pool[AT(q, i)] = t_pool[AT(n, i)];
#endif
	}
#ifdef TIME
	t_left[q] = t_left[n]
#endif
	skip
}
#endif

/* ---- crashes ---- */

inline daemon_gone(n)
{
	t_done(n);
	phase[n] = DOWN;
	d_epoch[n] = 0;
	rank(n);
#ifdef RESTORE
	stale[n] = 0;
	claimed[n] = 0;
	none[n] = 0;
#endif
	for (i : 0 .. G - 1) {
		sure[AT(n, i)] = 0;
		view[AT(n, i)] = 0;
		fresh[AT(n, i)] = 0;
		shrink[AT(n, i)] = 0
	}
#ifdef MAX
	v_group[n] = 0;
	v_max[n] = 0;
	v_await[n] = 0;
	anew[n] = 0;
	claimable[n] = 0;
#endif
#ifdef TIME
	b_left[n] = 0;
#endif
	skip
}

inline power_off(n)
{
	daemon_gone(n);
	on[n] = 0;
	k_epoch[n] = 0;
	mine[n] = 0;
	for (i : 0 .. G - 1) {
		k_lease[AT(n, i)] = 0;
#ifdef USE
		used[AT(n, i)] = 0;
#endif
	}
#if Z > 0
	for (m : ZAT(n, 0) .. ZAT(n, Z - 1)) {
		if
		:: t_kind[m] == JOIN -> t_kind[m] = JOIN_OLD
		:: else
		fi
	}
#endif
#ifdef RESTORE
	b_mine[n] = 0;
	blind[n] = 0;
#ifdef SAME
	newer[n] = 0;
	past[n] = 0;
#endif
#endif
#ifdef TIME
	k_left[n] = 0;
#endif
#ifdef RESET
	w_age[n] = 0;
	lag[n] = 0;
#endif
	skip
}

#ifdef RESTORE
/* Requests that compare the cluster's key become void. */
inline wrote_cluster()
{
	for (x : 0 .. N - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && t_kind[x] <= REMOVE ->
			t_void(x)
		:: else
		fi
	}
	skip
}
#endif

/* ---- a daemon's requests ---- */

#define IDLE(n)		(t_kind[n] == 0)
#define RUNS(n)		(phase[n] == RUN)
#define MOVES(n, g)	(RUNS(n) && sure[AT(n, g)] && !t_op[AT(n, g)])
#ifdef LEAVE
#define LEAVES(n)	(leaving[n])
#else
#define LEAVES(n)	0
#endif
#ifdef MAX
#define LIMITED(n)	(v_group[n] && !v_max[n])
/* According to what the daemon knows. */
#define SEEMS_LIMITED(n) (!v_max[n])
#define SURE_OF_DEBT(n)	(v_await[n] == await[n])
#define MUST_CLAIM(n)	(v_await[n])
#else
#define LIMITED(n)	1
#define SEEMS_LIMITED(n) 1
#define SURE_OF_DEBT(n)	1
#define MUST_CLAIM(n)	0
#endif
#ifdef RESTORE
#define SENDS(n)	(!stale[n])
#ifdef BUG_TRUST_THE_STORE
#define OLD(n)		0
#elif defined(SAME)
#define OLD(n)		(k_epoch[n] && (k_epoch[n] > CUR || epoch[n] == NONE || \
			 epoch[n] == TELLING || (epoch[n] == LIVE && mine[n] && \
			 k_epoch[n] == CUR && past[n])))
#else
#define OLD(n)		(k_epoch[n] && (k_epoch[n] > CUR || epoch[n] == NONE || \
			 epoch[n] == TELLING))
#endif
#define BEGAN_TO_TELL(n) (epoch[n] == TELLING)
#define NO_LEASE(n)	(none[n])
/* Until the node was asked to claim, and has claimed. */
#define HALTS(n)	(stale[n] || stopped || await[n] || OLD(n))
#ifdef BUG_OLD_GENERATION_BELIEVED
#define GOES_ON(n)	(!stale[n])
#define RETELLS(n)	(phase[n] == TELLS && (stopped || !await[n]))
#else
#define GOES_ON(n)	(!HALTS(n))
#define RETELLS(n)	(stopped || await[n] == (phase[n] != TELLS))
#endif
#else
#define SENDS(n)	1
#define BEGAN_TO_TELL(n) 0
#define NO_LEASE(n)	1
#define HALTS(n)	0
#define GOES_ON(n)	1
#endif
#ifdef BUG_GRANT_BEFORE_CLAIMS
#define BLOCKED(n, g)	(debt[g])
#elif defined(BUG_ACQUIRE_IN_DEBT)
#define BLOCKED(n, g)	0
#else
#define BLOCKED(n, g)	(debt[g] || (AWAITED && !STALE(n)))
#endif
#ifdef BUG_RAISE_ON_READ
#define KNOWN(n, g)	(fresh[AT(n, g)])
#else
#define KNOWN(n, g)	(sure[AT(n, g)])
#endif

inline send(n, kind)
{
	t_kind[n] = kind;
#ifdef TIME
	t_left[n] = TTL;
#endif
	skip
}

inline op(n, g, o, to, by)
{
	t_op[AT(n, g)] = o;
	t_to[AT(n, g)] = to;
	t_by[AT(n, g)] = by;
#ifdef BUG_NO_EPOCH_COMPARE
	t_none[AT(n, g)] = absent[AT(n, g)];
#endif
#ifdef BUG_NO_POOL_COMPARE
	t_pool[AT(n, g)] = pool[g];
#endif
	skip
}

inline send_join(n, kind)
{
	for (i : 0 .. G - 1) {
		view[AT(n, i)] = 0;
		fresh[AT(n, i)] = (lease[AT(n, i)] == 0)
	}
	send(n, kind)
}

inline start_over(n)
{
	phase[n] = READ;
	d_epoch[n] = 0;
	rank(n);
#ifdef RESTORE
	/* Read everything again. */
	claimed[n] = 0;
	fresh[n] = 0;
	view[n] = 0;
	sure[n] = 0;
#endif
	skip
}

inline resume(n)
{
	d_epoch[n] = CUR;
	phase[n] = OWN;
	for (i : 0 .. G - 1) {
		sure[AT(n, i)] = 0;
		if
		:: !fresh[AT(n, i)] -> view[AT(n, i)] = 0
		:: else
		fi
	};
	skip
}

#ifdef BUG_NO_BOOT_ID
#define MINE(n)	0
#else
#define MINE(n)	(mine[n])
#endif

#ifdef USE
#define AT_LEAST(n, g)	(used[AT(n, g)])
#else
#define AT_LEAST(n, g)	0
#endif

/* A shrink of the kernel's lease stops at the use. */
inline set_kernel(n, g, to)
{
#ifdef USE
	if
	:: to >= k_lease[AT(n, g)] -> k_lease[AT(n, g)] = to
	:: to < k_lease[AT(n, g)] && used[AT(n, g)] <= to ->
		k_lease[AT(n, g)] = to
	:: else ->
		if
		:: used[AT(n, g)] < k_lease[AT(n, g)] ->
			k_lease[AT(n, g)] = used[AT(n, g)]
		:: else
		fi
	fi
#else
	k_lease[AT(n, g)] = to
#endif
	skip
}

#ifdef BUG_STORE_FIRST_RETURN
#define RETURNS(n, g)	(MOVES(n, g) && LIMITED(n) && !MUST_CLAIM(n) && \
			 view[AT(n, g)] > AT_LEAST(n, g))
#else
#define RETURNS(n, g)	(MOVES(n, g) && LIMITED(n) && !MUST_CLAIM(n) && \
			 shrink[AT(n, g)])
#endif

/* The part of one group in a transaction, possibly empty. */
inline plan(n, g)
{
	if
	:: true
	:: !sure[AT(n, g)] && fresh[AT(n, g)] && LIMITED(n) ->
		op(n, g, BARRIER, view[AT(n, g)], 0)
#ifdef BUG_STORE_FIRST_RETURN
	:: RETURNS(n, g) && fresh[AT(n, g)] ->
		op(n, g, RETURN, view[AT(n, g)] - 1, 1)
#else
	:: RETURNS(n, g) && fresh[AT(n, g)] && SURE_OF_DEBT(n) ->
		op(n, g, RETURN, k_lease[AT(n, g)],
		   view[AT(n, g)] - k_lease[AT(n, g)])
#endif
	:: MOVES(n, g) && !shrink[AT(n, g)] && fresh[AT(n, g)] &&
	   LIMITED(n) && SURE_OF_DEBT(n) && !MUST_CLAIM(n) && !BLOCKED(n, g) &&
	   !LEAVES(n) && pool[g] >= 1 ->
		op(n, g, ACQUIRE, view[AT(n, g)] + 1, 1)
#if L > 1
	:: MOVES(n, g) && !shrink[AT(n, g)] && fresh[AT(n, g)] &&
	   LIMITED(n) && SURE_OF_DEBT(n) && !MUST_CLAIM(n) && !BLOCKED(n, g) &&
	   !LEAVES(n) && pool[g] >= 2 ->
		op(n, g, ACQUIRE, view[AT(n, g)] + 2, 2)
#endif
#ifdef MOVEIN
	:: MOVES(n, g) && !shrink[AT(n, g)] && fresh[AT(n, g)] && LIMITED(n) &&
	   SURE_OF_DEBT(n) && !MUST_CLAIM(n) && used[AT(n, g)] > view[AT(n, g)] ->
		op(n, g, COVER, used[AT(n, g)],
		   used[AT(n, g)] - view[AT(n, g)])
#endif
#ifdef MAX
	:: MOVES(n, g) && fresh[AT(n, g)] && LIMITED(n) && SURE_OF_DEBT(n) &&
	   MUST_CLAIM(n) && claimable[n] ->
		if
		:: k_lease[AT(n, g)] > view[AT(n, g)] ->
			op(n, g, CLAIM, k_lease[AT(n, g)],
			   k_lease[AT(n, g)] - view[AT(n, g)])
		:: else ->
			op(n, g, CLAIM, view[AT(n, g)], 0)
		fi
#endif
	fi;
	skip
}

#if G > 1
#define ANY_OP(n)	(t_op[AT(n, 0)] || t_op[AT(n, 1)])
#else
#define ANY_OP(n)	(t_op[AT(n, 0)])
#endif

proctype node(byte n)
{
end:	do
	/* -- starting a session -- */
	:: d_step { on[n] && phase[n] == DOWN && IDLE(n) -> phase[n] = READ }
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] == LIVE && MINE(n) &&
		    GOES_ON(n) && !(LEAVES(n) && !k_epoch[n]) -> resume(n) }
	:: d_step { phase[n] == READ && IDLE(n) && !HALTS(n) &&
		    ((epoch[n] == LIVE && !MINE(n)) || BEGAN_TO_TELL(n)) ->
		    send(n, MARK) }
	:: d_step { phase[n] == READ && IDLE(n) && !HALTS(n) && epoch[n] == DEAD &&
		    lease[AT(n, 0)] -> send(n, BACK); op(n, 0, GIVE, 0, 0) }
#ifdef MAX
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] == DEAD &&
		    !lease[n] && await[n] -> send(n, BACK); op(n, 0, GIVE, 0, 0) }
#endif
	/* NO_LEASE: that nothing is left to return may have been read too early
	 */
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] != LIVE && NO_LEASE(n) &&
		    !BEGAN_TO_TELL(n) && !HALTS(n) && !LEAVES(n) -> send_join(n, JOIN) }
	:: d_step { phase[n] == OWN && IDLE(n) && d_epoch[n] == CUR &&
		    SENDS(n) -> send(n, BEAT) }
	:: d_step { phase[n] == BEATEN && IDLE(n) && k_epoch[n] <= d_epoch[n] ->
		    if
		    :: k_epoch[n] < d_epoch[n] ->
			for (i : 0 .. G - 1) {
#ifndef BUG_EPOCH_KEEPS_LEASES
				k_lease[AT(n, i)] = 0
#else
				skip
#endif
			}
#ifdef TIME
			k_left[n] = 0
#endif
		    :: else
		    fi;
#ifdef SAME
		    if
		    :: k_epoch[n] < d_epoch[n] -> newer[n] = 0; past[n] = 0
		    :: else
		    fi;
#endif
		    k_epoch[n] = d_epoch[n];
		    phase[n] = RUN;
		    rank(n);
#ifdef TIME
		    renew(n, b_left[n]);
		    b_left[n] = 0;
#endif
#ifdef MAX
		    /* read the group again before "max" is believed */
		    anew[n] = 0
#endif
		  }
	/* -- news -- */
	:: d_step { phase[n] >= OWN && d_epoch[n] != CUR && !STALE(n) ->
		    start_over(n) }
	:: d_step { phase[n] != DOWN && !STALE(n) && !fresh[AT(n, 0)] &&
		    !t_op[AT(n, 0)] ->
		    fresh[AT(n, 0)] = 1; view[AT(n, 0)] = lease[AT(n, 0)];
#ifdef RESTORE
		    none[n] = (phase[n] == READ && (none[n] || !lease[n]));
#endif
		    sure[AT(n, 0)] = 0 }
#if G > 1
	:: d_step { phase[n] != DOWN && !fresh[AT(n, 1)] && !t_op[AT(n, 1)] ->
		    fresh[AT(n, 1)] = 1; view[AT(n, 1)] = lease[AT(n, 1)];
		    sure[AT(n, 1)] = 0 }
#endif
	:: d_step { t_kind[n] && t_state[n] == APPLIED -> hear_applied(n) }
	:: d_step { t_kind[n] && t_state[n] == REFUSED && !STALE(n) ->
		    t_done(n) }
	/* No answer: the request is, will or will not be carried out. */
	:: d_step { t_kind[n] -> hear_nothing(n) }
#if Z > 0
	:: d_step { t_kind[n] && t_state[n] == WAITS && !t_kind[ZAT(n, 0)] ->
		    keep(n, ZAT(n, 0)); hear_nothing(n) }
#if Z > 1
	:: d_step { t_kind[n] && t_state[n] == WAITS && t_kind[ZAT(n, 0)] &&
		    !t_kind[ZAT(n, 1)] ->
		    keep(n, ZAT(n, 1)); hear_nothing(n) }
#endif
#ifdef BUG_LATE_REPLY_BELIEVED
	/* The answer to a request that was given up is taken for the present
	 * one's.
	 */
	:: d_step { t_kind[ZAT(n, 0)] == MOVE && t_kind[n] == MOVE &&
		    t_state[n] == WAITS ->
		    hear_applied(n); z_apply(n, ZAT(n, 0)) }
#endif
#endif
	/* -- shrinking: first the kernel -- */
#ifndef BUG_STORE_FIRST_RETURN
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && !MUST_CLAIM(n) &&
		    !shrink[AT(n, 0)] && k_lease[AT(n, 0)] > AT_LEAST(n, 0) ->
		    k_lease[AT(n, 0)] = k_lease[AT(n, 0)] - 1;
		    shrink[AT(n, 0)] = (k_lease[AT(n, 0)] < view[AT(n, 0)]) }
	/* Return what the kernel never got, or does not need. */
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && !MUST_CLAIM(n) &&
		    !shrink[AT(n, 0)] && k_lease[AT(n, 0)] < view[AT(n, 0)] ->
		    shrink[AT(n, 0)] = 1 }
#if G > 1
	:: d_step { MOVES(n, 1) && !shrink[AT(n, 1)] &&
		    k_lease[AT(n, 1)] > AT_LEAST(n, 1) ->
		    k_lease[AT(n, 1)] = k_lease[AT(n, 1)] - 1;
		    shrink[AT(n, 1)] = (k_lease[AT(n, 1)] < view[AT(n, 1)]) }
	:: d_step { MOVES(n, 1) && !shrink[AT(n, 1)] &&
		    k_lease[AT(n, 1)] < view[AT(n, 1)] -> shrink[AT(n, 1)] = 1 }
#endif
#endif
	/* -- set the kernel's lease to the store's -- */
	:: d_step { RUNS(n) && KNOWN(n, 0) && !t_op[AT(n, 0)] && SEEMS_LIMITED(n) &&
		    !MUST_CLAIM(n) && !shrink[AT(n, 0)] &&
		    k_lease[AT(n, 0)] != view[AT(n, 0)] ->
		    set_kernel(n, 0, view[AT(n, 0)]) }
#ifdef BUG_KERNEL_FIRST_GROWTH
	:: d_step { RUNS(n) && t_op[AT(n, 0)] == ACQUIRE ->
		    k_lease[AT(n, 0)] = t_to[AT(n, 0)] }
#endif
#if G > 1
	:: d_step { RUNS(n) && KNOWN(n, 1) && !t_op[AT(n, 1)] &&
		    !shrink[AT(n, 1)] && k_lease[AT(n, 1)] != view[AT(n, 1)] ->
		    set_kernel(n, 1, view[AT(n, 1)]) }
#endif
	:: atomic { RUNS(n) && IDLE(n) && EPOCH_MAY_HOLD(n) && SENDS(n) ->
		    plan(n, 0);
#if G > 1
		    plan(n, 1);
#endif
		    d_step {
			if
			:: ANY_OP(n) -> send(n, MOVE)
#ifdef TIME
			:: else -> send(n, BEAT)
#else
			:: else
#endif
			fi;
		    skip } }
#ifdef RESTORE
	/* -- a restored store: report it, and claim the kernel's lease -- */
	:: d_step { phase[n] == READ && !stale[n] && !stopped && OLD(n) &&
		    !await[n] && epoch[n] == LIVE && mine[n] ->
		    stopped = 1; unnoticed = 0; wrote_cluster() }
	:: d_step { phase[n] >= OWN && !stale[n] && RETELLS(n) -> start_over(n) }
	:: d_step { phase[n] == READ && IDLE(n) && !stale[n] && !stopped &&
		    await[n] -> send_join(n, TELL) }
	:: d_step { phase[n] == TELLS && IDLE(n) && !stale[n] && !claimed[n] &&
		    fresh[n] && d_epoch[n] == CUR ->
		    send(n, MOVE);
#ifdef BUG_CLAIM_WHAT_STORE_SAYS
		    op(n, 0, CLAIM, lease[n], 0)
#else
		    op(n, 0, CLAIM, k_lease[n], 0)
#endif
		  }
	:: d_step { phase[n] == TELLS && IDLE(n) && !stale[n] && claimed[n] &&
		    d_epoch[n] == CUR -> send(n, TOLD) }
#endif
#ifdef MAX
	/* -- news of the group and of its debt arrive separately -- */
	:: d_step { phase[n] != DOWN && (!v_group[n] || (RUNS(n) && !anew[n])) ->
		    if
		    :: !v_group[n] ->
			claimable[n] = 0; shrink[n] = 0;
			view[n] = (fresh[n] -> lease[n] : 0)
		    :: else
		    fi;
		    v_group[n] = 1;
		    v_max[n] = (limit[0] == UNLIMITED);
		    anew[n] = RUNS(n) }
	:: d_step { phase[n] != DOWN && v_await[n] != await[n] ->
		    v_await[n] = await[n]; claimable[n] = 0 }
	/* Even an old "max" is set, if it was read within the session. */
#ifdef BUG_MAX_READ_BEFORE_JOIN
	:: d_step { RUNS(n) && v_max[n] && k_lease[n] != UNLIMITED ->
#else
	:: d_step { RUNS(n) && v_max[n] && anew[n] && k_lease[n] != UNLIMITED ->
#endif
		    k_lease[n] = UNLIMITED }
	/* Shrink to any use, then claim that. */
#ifdef BUG_CLAIM_BEFORE_SHRINK
	:: d_step { MOVES(n, 0) && IDLE(n) && SEEMS_LIMITED(n) && v_await[n] &&
		    !claimable[n] && k_lease[n] == UNLIMITED ->
		    t_kind[n] = MOVE; t_op[n] = CLAIM; t_to[n] = 0 }
#endif
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && v_await[n] &&
		    !claimable[n] ->
		    claimable[n] = 1;
		    if
		    :: k_lease[n] > view[n] -> k_lease[n] = view[n]
		    :: else
		    fi }
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && v_await[n] &&
		    !claimable[n] && k_lease[n] > view[n] + 1 ->
		    claimable[n] = 1; k_lease[n] = view[n] + 1 }
	/* Without knowing of claims it shrinks to the use, too. */
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && !v_await[n] &&
		    !shrink[n] && k_lease[n] > view[n] + 1 ->
		    k_lease[n] = view[n] + 1 }
#endif
#ifdef LEAVE
	/* -- leaving: first the kernel, and only without charged tasks -- */
#ifdef BUG_LEAVE_STORE_FIRST
	:: d_step { RUNS(n) && IDLE(n) && leaving[n] ->
		    phase[n] = READ; d_epoch[n] = 0; rank(n); send(n, MARK) }
#endif
	:: d_step { (RUNS(n) || (phase[n] == READ && epoch[n] != LIVE &&
				 k_epoch[n])) && IDLE(n) && leaving[n] &&
#ifndef BUG_LEAVE_WITH_TASKS
		    used[AT(n, 0)] == 0 ->
#else
		    true ->
#endif
		    for (i : 0 .. G - 1) {
			k_lease[AT(n, i)] = 0
		    }
		    k_epoch[n] = 0; d_epoch[n] = 0; phase[n] = READ }
	:: d_step { phase[n] == READ && IDLE(n) && leaving[n] && !k_epoch[n] &&
		    epoch[n] == LIVE && mine[n] -> send(n, MARK) }
	:: d_step { phase[n] == READ && IDLE(n) && leaving[n] && !k_epoch[n] &&
		    epoch[n] != LIVE && lease[AT(n, 0)] == 0 -> send(n, REMOVE) }
#endif
	od }

#ifdef BUG_LEAF_ONLY
#define ABOVE(n)	1
#else
#define ABOVE(n)	(used[AT(n, 0)] < k_lease[AT(n, 0)])
#endif

#ifdef USE
/* Tasks. Group 1 is in group 0: the whole chain is checked and charged. */
proctype tasks(byte n)
{
end:	do
	:: d_step { on[n] && used[AT(n, 0)] < k_lease[AT(n, 0)] ->
		    used[AT(n, 0)] = used[AT(n, 0)] + 1;
		    if
		    :: epoch[n] != LIVE || k_epoch[n] != CUR -> breach = FENCED
		    :: used[AT(n, 0)] > lease[AT(n, 0)] -> breach = ADMIT
		    :: else
		    fi;
		    skip }
#if G > 1
	:: d_step { on[n] && used[AT(n, 1)] < k_lease[AT(n, 1)] && ABOVE(n) ->
		    used[AT(n, 1)] = used[AT(n, 1)] + 1;
		    used[AT(n, 0)] = used[AT(n, 0)] + 1;
		    if
		    :: epoch[n] != LIVE || k_epoch[n] != CUR -> breach = FENCED
		    :: used[AT(n, 0)] > lease[AT(n, 0)] ||
		       used[AT(n, 1)] > lease[AT(n, 1)] -> breach = ADMIT
		    :: else
		    fi;
		    skip }
	:: d_step { used[AT(n, 1)] ->
		    used[AT(n, 1)] = used[AT(n, 1)] - 1;
		    used[AT(n, 0)] = used[AT(n, 0)] - 1 }
	:: d_step { used[AT(n, 0)] > used[AT(n, 1)] ->
		    used[AT(n, 0)] = used[AT(n, 0)] - 1 }
#else
	:: d_step { used[AT(n, 0)] -> used[AT(n, 0)] = used[AT(n, 0)] - 1 }
#endif
#ifdef MOVEIN
	/* moved in from outside, whatever the lease is */
	:: d_step { on[n] && used[n] <= L && k_epoch[n] ->
		    used[n] = used[n] + 1 }
#endif
	od
}
#endif

/* ---- events of a node, its requests and its machine ---- */

#ifdef RESTORE
/* Boots of one node suffice, as two are alike. A node that starts on a restored
 * store of the same identity, before this is reported, cannot detect it.
 */
#define BOOTS(n)	((n) == N - 1 && !unnoticed)
#define WAITED_FOR(n)	(await[n])
#else
#define BOOTS(n)	1
#define WAITED_FOR(n)	0
#endif

proctype fate(byte n)
{
end:	do
	:: d_step { t_kind[n] && t_state[n] == WAITS -> t_apply(n) }
#if Z > 0
	/* Carry it out, with a copy still pending. */
	:: d_step { t_kind[n] && t_state[n] == WAITS && !t_kind[ZAT(n, 0)] ->
		    keep(n, ZAT(n, 0)); t_apply(n) }
	:: d_step { t_kind[ZAT(n, 0)] && !Z_HIT(ZAT(n, 0)) ->
		    z_apply(n, ZAT(n, 0)) }
#if Z > 1
	:: d_step { t_kind[ZAT(n, 1)] && !Z_HIT(ZAT(n, 1)) ->
		    z_apply(n, ZAT(n, 1)) }
	:: d_step { t_kind[ZAT(n, 1)] -> t_clear(ZAT(n, 1)) }
#endif
	:: d_step { t_kind[ZAT(n, 0)] -> t_clear(ZAT(n, 0)) }
	:: d_step { phase[n] != DOWN && t_kind[n] && t_state[n] == WAITS &&
		    !t_kind[ZAT(n, 0)] -> keep(n, ZAT(n, 0)); daemon_gone(n) }
#endif
	:: d_step { phase[n] != DOWN -> daemon_gone(n) }
#ifdef REBOOT
#if Z > 0
	:: d_step { on[n] && BOOTS(n) && t_kind[n] && t_state[n] == WAITS &&
		    !t_kind[ZAT(n, 0)] -> keep(n, ZAT(n, 0)); power_off(n) }
#endif
	:: d_step { on[n] && BOOTS(n) -> power_off(n) }
	:: d_step { !on[n] -> on[n] = 1 }
	/* -- fencing, step by step, after proof that the machine is off -- */
#ifdef WRONG
	:: d_step { !word[n] && epoch[n] != NONE -> word[n] = 1 }
#elif defined(BUG_FENCE_BY_TIME)
	:: d_step { !word[n] && epoch[n] != NONE && phase[n] == DOWN ->
		    word[n] = 1 }
#else
	:: d_step { !on[n] && !word[n] && !given[n] &&
		    (epoch[n] != NONE || WAITED_FOR(n)) -> word[n] = 1 }
#endif
	:: d_step { word[n] && (epoch[n] == LIVE || BEGAN_TO_TELL(n) ||
				WAITED_FOR(n)) ->
#ifdef RESTORE
		    await[n] = 0;
#endif
		    apply_epoch(n, MARK) }
	:: d_step { word[n] && epoch[n] == DEAD && lease[AT(n, 0)] ->
		    apply_op(n, 0, GIVE, 0, 0, 0) }
#ifdef MAX
	:: d_step { word[n] && epoch[n] == DEAD && !lease[n] && await[n] ->
		    apply_op(n, 0, GIVE, 0, 0, 0) }
#endif
	:: d_step { word[n] && epoch[n] == DEAD && !lease[AT(n, 0)] &&
		    !lease[AT(n, G - 1)] -> word[n] = 0; given[n] = 1 }
	:: d_step { word[n] && epoch[n] != DEAD && !WAITED_FOR(n) ->
		    word[n] = 0 }
#endif
#ifdef RESET
	/* on_expiry=reset: proof by time */
	:: d_step { !word[n] && epoch[n] == LIVE &&
		    o_age[n] >= TTL + WATCHDOG + MARGIN -> word[n] = 1 }
	:: d_step { on[n] && k_epoch[n] && w_age[n] >= WATCHDOG && !k_left[n] ->
		    power_off(n) }
#endif
#ifdef LEAVE
	:: d_step { !leaving[n] && epoch[n] == LIVE -> leaving[n] = 1 }
#endif
	od
}

#ifdef RESTORE
/* ---- backups, restores, and the list of nodes ---- */

inline backup()
{
	b_pool = pool[0];
	b_debt = debt[0];
	b_learns = (stopped || AWAITED);
	for (i : 0 .. N - 1) {
		b_lease[i] = lease[i];
		b_epoch[i] = epoch[i];
		b_mine[i] = mine[i];
#ifdef SAME
		w_epoch[i] = 0;
		newer[i] = 0;
		t_past[i] = (t_kind[i] && t_state[i] == APPLIED);
#endif
		skip
	}
	saved = 1
}

/* The backup is not used any more. */
inline forget_backup()
{
	saved = 0;
	b_pool = L;
	b_debt = 0;
	b_learns = 0;
	for (i : 0 .. N - 1) {
		b_lease[i] = 0;
		b_epoch[i] = NONE;
		b_mine[i] = 0
	}
	skip
}

#ifdef SAME
#define RANKS_FALL(n)	(w_epoch[n])
#else
#define RANKS_FALL(n)	1
#endif

/* Ranks of the revisions that daemon and kernel know, after the restore. */
inline rank_anew(n)
{
	if
	:: k_epoch[n] && d_epoch[n] > k_epoch[n] ->
		k_epoch[n] = LOST; d_epoch[n] = LOST_TOO
	:: d_epoch[n] && k_epoch[n] > d_epoch[n] ->
		d_epoch[n] = LOST; k_epoch[n] = LOST_TOO
	:: else ->
		k_epoch[n] = (k_epoch[n] -> LOST : 0);
		d_epoch[n] = (d_epoch[n] -> LOST : 0)
	fi
}

inline restore(same)
{
	for (i : 0 .. N - 1) {
		if
		:: t_kind[i] && t_state[i] == WAITS -> t_void(i)
		:: else
		fi;
		stale[i] = (phase[i] != DOWN);
		if
		:: RANKS_FALL(i) -> rank_anew(i)
		:: else
		fi;
		lease[i] = b_lease[i];
		epoch[i] = b_epoch[i];
		mine[i] = b_mine[i];
		await[i] = 0;
		given[i] = 0;
		word[i] = 0;
		blind[i] = on[i];
#ifdef SAME
		past[i] = (past[i] || newer[i]);
		newer[i] = 0;
		t_past[i] = 0;
		w_epoch[i] = 0;
#endif
		skip
	}
	pool[0] = b_pool;
	debt[0] = b_debt;
	stopped = !(same);
	unnoticed = same;
	restores--;
	if
	:: !restores -> forget_backup()
	:: else
	fi
}

#define ALL_CAN_TELL	(k_epoch[0] && newer[0] && k_epoch[1] && newer[1])

/* All nodes claim, but @out, which is off: a fencer returns its lease. */
inline recover(out)
{
	for (i : 0 .. N - 1) {
		await[i] = (i != out)
	}
	stopped = 0;
	unnoticed = 0;
	wrote_cluster()
}

proctype admin()
{
end:	do
	:: d_step { restores == 1 && !saved -> backup() }
#ifdef SAME
	:: d_step { restores && !b_learns && ALL_CAN_TELL -> restore(1) }
#else
	:: d_step { restores -> restore(0) }
#endif
	:: d_step { stopped || unnoticed || AWAITED -> recover(N) }
#ifdef REBOOT
	:: d_step { (stopped || unnoticed || AWAITED) && !on[0] ->
		    recover(0); word[0] = (epoch[0] != NONE) }
	:: d_step { (stopped || unnoticed || AWAITED) && !on[1] ->
		    recover(1); word[1] = (epoch[1] != NONE) }
#endif
	od
}
#endif

/* ---- admins, other nodes, time ---- */

proctype world()
{
end:	do
#ifdef ENV
	:: d_step { pool[0] && !debt[0] ->
		    pool[0]--; env[0]++; wrote_pool(0) }
	:: d_step { env[0] -> env[0]--; give(0, 1); wrote_pool(0) }
#if G > 1
	:: d_step { pool[1] && !debt[1] ->
		    pool[1]--; env[1]++; wrote_pool(1) }
	:: d_step { env[1] -> env[1]--; give(1, 1); wrote_pool(1) }
#endif
#endif
#ifdef LIMIT
	:: d_step { limit[0] > 0 && limit[0] <= L ->
		    limit[0]--;
#ifdef BUG_LOWERED_WITHOUT_DEBT
		    if
		    :: pool[0] -> pool[0]--
		    :: else
		    fi;
#else
		    take(0, 1);
#endif
		    wrote_group(0); wrote_pool(0) }
	:: d_step { limit[0] < L ->
		    limit[0]++; give(0, 1); wrote_group(0); wrote_pool(0) }
#endif
#ifdef MAX
	:: d_step { limit[0] != UNLIMITED ->
		    limit[0] = UNLIMITED; pool[0] = 0; debt[0] = 0;
		    for (i : 0 .. N - 1) {
			lease[i] = 0;
			await[i] = 0;
			v_group[i] = 0;
			t_to[i] = 0
		    }
		    wrote_group(0); wrote_pool(0) }
	:: d_step { limit[0] == UNLIMITED ->
		    limit[0] = L; pool[0] = L;
		    for (i : 0 .. N - 1) {
			await[i] = (epoch[i] == LIVE);
			v_group[i] = 0;
			t_to[i] = 0
		    }
		    wrote_group(0); wrote_pool(0) }
#endif
#ifdef TIME
	:: d_step {
#ifdef RESET
		    !(on[0] && k_epoch[0] && !k_left[0] && w_age[0] >= WATCHDOG) ->
#else
		    true ->
#endif
		    for (i : 0 .. N - 1) {
			if
			:: b_left[i] -> b_left[i]--
			:: else
			fi;
			if
			:: s_left[i] -> s_left[i]--
			:: else
			fi;
#ifdef RESET
			if
			:: on[i] && k_epoch[i] && !k_left[i] -> w_age[i]++
			:: else
			fi;
			if
			:: o_age[i] < TTL + WATCHDOG + MARGIN -> o_age[i]++
			:: else
			fi;
#endif
			if
			:: k_left[i] -> k_left[i]--
			:: else
			fi
		    };
		    for (m : 0 .. NQ - 1) {
			if
			:: t_left[m] -> t_left[m]--
			:: else
			fi
		    };
		    skip }
#ifdef RESET
	/* The node's own clock loses a tick, once in a session. */
	:: d_step { on[0] && k_epoch[0] && !lag[0] &&
		    (k_left[0] || w_age[0] < WATCHDOG) ->
		    lag[0] = 1;
		    if
		    :: o_age[0] < TTL + WATCHDOG + MARGIN -> o_age[0]++
		    :: else
		    fi;
		    skip }
#endif
#endif
	:: false
	od
}

/* ---- the claims ---- */

#if N == 1
#define ALL(a, g)	(a[AT(0, g)])
#elif N == 2
#define ALL(a, g)	(a[AT(0, g)] + a[AT(1, g)])
#else
#define ALL(a, g)	(a[AT(0, g)] + a[AT(1, g)] + a[AT(2, g)])
#endif
#ifdef ENV
#define REST(g)		(env[g])
#else
#define REST(g)		0
#endif
#define SUM_HOLDS(g)	(limit[g] == UNLIMITED || \
	ALL(lease, g) + REST(g) + pool[g] == limit[g] + debt[g])

#ifdef WRONG
/* A wrong proof breaks the promise until the node learns of it; never under the
 * live epoch.
 */
#define COUNTS(n)	(on[n] && epoch[n] == LIVE && k_epoch[n] == CUR)
#else
#define COUNTS(n)	(on[n])
#endif
#ifdef MAX
#define EXEMPT(n)	(limit[0] == UNLIMITED || await[n])
#elif defined(RESTORE)
#define EXEMPT(n)	(blind[n])
#else
#define EXEMPT(n)	0
#endif
#define BELOW(n, g)	(!COUNTS(n) || EXEMPT(n) || \
			 k_lease[AT(n, g)] <= lease[AT(n, g)])

#if N == 1
#define KERNELS(g)	(BELOW(0, g))
#elif N == 2
#define KERNELS(g)	(BELOW(0, g) && BELOW(1, g))
#else
#define KERNELS(g)	(BELOW(0, g) && BELOW(1, g) && BELOW(2, g))
#endif

proctype claims()
{
end:	do
	:: d_step { !SUM_HOLDS(0) || !SUM_HOLDS(G - 1) -> breach = SUM;
		    assert(breach != SUM) }
	:: d_step { !KERNELS(0) || !KERNELS(G - 1) -> breach = KERNEL;
		    assert(breach != KERNEL) }
	:: d_step { (debt[0] && pool[0]) || (debt[G - 1] && pool[G - 1]) ->
		    breach = DEBT; assert(breach != DEBT) }
	:: d_step { breach == DEBT -> assert(breach != DEBT) }
#ifdef RESTORE
	:: d_step { ALL(k_lease, 0) > limit[0] -> breach = TOTAL;
		    assert(breach != TOTAL) }
#endif
	:: d_step { breach == FENCED -> assert(breach != FENCED) }
	:: d_step { breach == ADMIT -> assert(breach != ADMIT) }
#ifndef WRONG
	:: d_step { (given[0] && epoch[0] == DEAD && lease[AT(0, 0)]) ||
		    (given[N - 1] && epoch[N - 1] == DEAD &&
		     lease[AT(N - 1, 0)]) ->
		    breach = VOID; assert(breach != VOID) }
#endif
#if defined(USE) && !defined(MOVEIN)
	:: d_step { (on[0] && used[AT(0, 0)] > lease[AT(0, 0)]) ||
		    (on[N - 1] && used[AT(N - 1, 0)] > lease[AT(N - 1, 0)]) ->
		    breach = COVERED; assert(breach != COVERED) }
#endif
#ifdef TIME
#ifndef RESET
	:: d_step { on[0] && k_left[0] > s_left[0] ->
		    breach = DEADLINE; assert(breach != DEADLINE) }
#endif
#endif
	od
}

init
{
	atomic {
#ifdef MAX
		limit[0] = UNLIMITED;
		pool[0] = 0;
#endif
		run node(0);
		run fate(0);
#if N > 1
		run node(1);
		run fate(1);
#endif
#if N > 2
		run node(2);
		run fate(2);
#endif
#ifdef USE
		run tasks(0);
#endif
#ifdef RESTORE
		run admin();
#endif
		run world();
		run claims()
	}
}
