// SPDX-License-Identifier: GPL-2.0
/*
 * The lease protocol, for spin: N nodes (kernel and daemon), one store, and a
 * world that crashes, cuts, delays and doubles. tests/model/run has the
 * configurations, and the broken variants (BUG_*): each one must be caught.
 *
 * Time of revisions. A mod_rev is never used twice, so a compare only asks: has
 * this key been written since? Each request that is still under way therefore
 * has no revisions in it: a write to a key that it compares makes it void. That
 * is exact, and it needs no bound on revisions, transactions, crashes, boots
 * and epochs: all of them may go on for ever. Only a key that does not exist
 * has a revision that comes back (0): where that can matter, absent tells.
 * A request that was built on an old reading is void from the start, so it is
 * not sent at all here. A doubled request is void by what its first copy wrote.
 *
 * What is abstracted:
 * - policy: whatever it may choose is tried, every amount at every moment;
 * - use, where USE is not set: a shrink stops at any amount;
 * - LEASE_SET and SESSION_RENEW are carried out at once, as the driver does;
 * - watches bring news at any later time, and never out of order for a key;
 * - fencing: a fencer's transaction compares all that it rests on, so it is
 *   one step here, at the moment at which the store carries it out.
 *
 * Restoring. A store made anew is one restored from the backup of its first
 * moment. A request that was under way, or is sent by a daemon that has not
 * noticed yet, is void unless all that it compares is in the store as it was:
 * so the model knows what was written since the backup. Not modelled: that by
 * chance a revision of one past is that of another key's write in the next one;
 * a fencer whose word is older than the restore.
 *
 * Dimensions: N nodes, G groups (1 is a child of 0), L the limit, Z requests
 * per node that the daemon has given up and the store may yet carry out.
 * Features: ENV (all other nodes, as one that keeps the rules), REBOOT, USE,
 * MOVEIN, LEAVE, LIMIT, MAX, WRONG (fenced by a wrong word), TIME, RESET,
 * RESTORE (that many restores: the last one of a backup from any moment since
 * the one before, or of none; the others to nothing), SAME (the store says that
 * it is the one that it was).
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
#define NG	(N * G)
#define UNLIMITED 9
#ifndef TTL
#define TTL	2
#endif
#define WATCHDOG 1
/* How far clocks run apart within a session, in ticks; and half a tick each
 * for the reading of two clocks, up.
 */
#ifdef BUG_NO_MARGIN
#define MARGIN	0
#else
#define MARGIN	2
#endif

/* Claims, by the numbers that tests/model/run gives names to. */
#define SUM	1	/* leases + pool = limit + debt */
#define KERNEL	2	/* no kernel's lease is above the store's */
#define COVERED	3	/* what is charged is covered by the store's lease */
#define FENCED	4	/* fenced or without a session: admits nothing */
#define DEADLINE 5	/* no session outlives a sent and stored beat by TTL */
#define DEBT	6	/* debt: the pool is empty, and nothing is granted */
#define VOID	7	/* what a fencer has given back stays given back */
#define ADMIT	8	/* no admission above a lease, at any level */
#define TOTAL	9	/* all kernels together: not above the limit */
byte breach;

/* ---- the store ---- */

/* Of the epoch key; its revision is the rank CUR, older ones are 1 and 2. */
#define NONE	0
#define LIVE	1
#define DEAD	2
#define CUR	3
#ifdef RESTORE
#define TELLING	4	/* what its kernel holds: it is live only then */
/* Ranks of what the store has forgotten; two of one node can differ. */
#define LOST	4
#define LOST_TOO 5
#endif

byte limit[G] = L;
byte pool[G] = L;
byte debt[G];
byte lease[NG];
byte epoch[N];
bit mine[N];		/* it is of this boot */
#if defined(MAX) || defined(RESTORE)
bit await[N];
#endif
#ifdef RESTORE
bit stopped;		/* it is known to have gone back */
bit unnoticed;		/* it has gone back, and this is not reported yet */
#endif
#ifdef ENV
byte env[G];		/* what all other nodes hold */
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
#define OWN	2	/* a live epoch */
#define BEATEN	3	/* and a beat under it */
#define RUN	4	/* and the kernel's session */
#define TELLS	5	/* what its kernel holds; no session of this epoch yet */

byte phase[N];
byte d_epoch[N];
bit sure[NG];
byte view[NG];		/* its lease, as it knows it */
bit fresh[NG];		/* by the present revision of the key */
bit shrink[NG];		/* the kernel has shrunk; the rest is to be returned */
#ifdef LEAVE
bit leaving[N];
#endif
#ifdef MAX
bit v_group[N];		/* knows the group's present revision */
bit v_max[N];		/* which says "max", or an older one does */
bit v_await[N];
bit anew[N];		/* the group was read since the session began */
bit claimable[N];
#endif
#ifdef RESTORE
/* Its store is no more: it has not noticed, and what it knows is of the past.
 * What it sends may be carried out, if its own keys are as it knows them.
 */
#define DEAF	1
#define SPEAKS	2
byte stale[N];
bit claimed[N];
bit none[N];		/* it has read that it has no lease */
#else
#define STALE(n)	0
#endif

/* ---- requests: the daemon's one, and those that it has given up ---- */

#define JOIN	1
#define JOIN_OLD 2	/* of an earlier boot */
#define MARK	3	/* the epoch is fenced */
#define TELL	4	/* an epoch for claiming what the kernel holds */
#define TELL_OLD 5
#define TOLD	6	/* all is claimed */
#define TOLD_OLD 7
#define REMOVE	8
#define BEAT	9
#define MOVE	10
#define BACK	11	/* a dead epoch's lease goes back */
#define IS_MOVE(k)	((k) >= MOVE)

#define BARRIER	1
#define ACQUIRE	2
#define RETURN	3
#define CLAIM	4
#define COVER	5
#define GIVE	6	/* in BACK */
#define ON_POOL(o)	((o) > BARRIER)

#define WAITS	0
#define APPLIED	1	/* the answer is on its way */
#define REFUSED	2	/* it will be, or has been */

byte t_kind[N];
byte t_state[N];
byte t_op[NG];
byte t_to[NG];		/* the lease that it writes */
byte t_by[NG];		/* and the amount that changes hands */
#if Z > 0
byte z_kind[N * Z];
byte z_op[NG * Z];
byte z_to[NG * Z];
byte z_by[NG * Z];
#endif
#ifdef BUG_NO_EPOCH_COMPARE
bit absent[NG] = 1;	/* the lease's key */
bit t_none[NG], t_hit[NG];
#if Z > 0
bit z_none[NG * Z], z_hit[NG * Z];
#endif
#endif
#ifdef BUG_NO_POOL_COMPARE
byte t_pool[NG];
#if Z > 0
byte z_pool[NG * Z];
#endif
#endif

/* ---- the world ---- */

bit word[N];		/* a fencer knows that the machine is off */
bit given[N];		/* it has given back all there was */
#ifdef TIME
byte k_left[N];		/* until the kernel's deadline */
byte t_left[N];		/* TTL since the request was sent */
#if Z > 0
byte z_left[N * Z];
#endif
byte b_left[N];		/* TTL since the beat was sent that a RENEW is for */
byte s_left[N];		/* TTL since the sending of the beat in the store */
#endif
#ifdef RESET
byte w_age[N];		/* since the watchdog was fed last */
bit lag[N];		/* this node's clock has lost a tick */
byte o_age[N];		/* the observer's: since the last beat in the store */
#endif

#ifdef RESTORE
/* ---- the backup, and what was written since ---- */

bit saved;		/* until then it is empty, as the store was at first */
byte b_pool = L;
byte b_debt;
byte b_lease[N];
byte b_epoch[N];
bit b_mine[N];
bit b_learns;
byte restores = RESTORE;
#if Z > 0
bit w_own[N];		/* the node's epoch, heartbeat or lease */
bit w_pool;
bit w_cluster;
byte b_kind[N];		/* a request that was under way then, or a copy of it */
byte b_op[N];
byte b_to[N];
byte b_by[N];
#endif
bit blind[N];		/* what its kernel holds was not claimed since */
#ifdef SAME
bit w_epoch[N];
bit t_past[N];		/* carried out before the backup */
bit newer[N];		/* the kernel's session knows a beat from after it */
bit past[N];		/* and one that the store has not */
#endif
#define STALE(n)	(stale[n])
#endif

/* For loops within one step. */
hidden byte i, j, m, x, y, kept;

#ifdef TIME
#define SENT(n)	(t_left[n])
#else
#define SENT(n)	0
#endif
#define AT(n, g)	((n) * G + (g))
#define ZAT(n, z)	((n) * Z + (z))
/* Around a restore, only what was under way at the backup is ever late. */
#ifdef RESTORE
#define LATE(n)		0
#else
#define LATE(n)		1
#endif

/* ---- requests become void ---- */

inline t_clear(n)
{
	for (j : 0 .. G - 1) {
		t_op[AT(n, j)] = 0;
		t_to[AT(n, j)] = 0;
		t_by[AT(n, j)] = 0;
#ifdef BUG_NO_EPOCH_COMPARE
		t_none[AT(n, j)] = 0;
		t_hit[AT(n, j)] = 0;
#endif
#ifdef BUG_NO_POOL_COMPARE
		t_pool[AT(n, j)] = 0;
#endif
	};
	skip
}

/* The daemon still waits for the answer, and must know which groups it is for;
 * the amounts are of no interest any more.
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

inline z_clear(q)
{
	z_kind[q] = 0;
	for (j : 0 .. G - 1) {
		z_op[(q) * G + j] = 0;
		z_to[(q) * G + j] = 0;
		z_by[(q) * G + j] = 0;
#ifdef BUG_NO_EPOCH_COMPARE
		z_none[(q) * G + j] = 0;
		z_hit[(q) * G + j] = 0;
#endif
#ifdef BUG_NO_POOL_COMPARE
		z_pool[(q) * G + j] = 0;
#endif
	}
#ifdef TIME
	z_left[q] = 0;
#endif
	skip
}

#ifdef BUG_NO_LEASE_COMPARE
#define BY_LEASE(n, g)	0
#define Z_BY_LEASE(q, g) 0
#else
#define BY_LEASE(n, g)	(t_op[AT(n, g)])
#define Z_BY_LEASE(q, g) (z_op[(q) * G + (g)])
#endif

inline wrote_own(n)
{
#if defined(RESTORE) && Z > 0
	w_own[n] = 1;
	if
	:: stale[n] -> stale[n] = DEAF
	:: else
	fi;
#endif
	skip
}

inline wrote_lease(n, g)
{
	wrote_own(n);
	fresh[AT(n, g)] = 0;
	if
	:: !sure[AT(n, g)] -> view[AT(n, g)] = 0
	:: else
	fi;
#ifdef BUG_NO_EPOCH_COMPARE
	/* A compare with no key at all may come true again. */
	absent[AT(n, g)] = 0;
	if
	:: t_kind[n] && t_state[n] == WAITS && BY_LEASE(n, g) &&
	   !t_none[AT(n, g)] -> t_void(n)
	:: else
	fi;
	t_hit[AT(n, g)] = t_none[AT(n, g)];
#if Z > 0
	for (m : n * Z .. n * Z + Z - 1) {
		if
		:: z_kind[m] && Z_BY_LEASE(m, g) && !z_none[m * G + g] ->
			z_clear(m)
		:: else
		fi;
		z_hit[m * G + g] = z_none[m * G + g];
	}
#endif
#else
	if
	:: t_kind[n] && t_state[n] == WAITS && BY_LEASE(n, g) -> t_void(n)
	:: else
	fi;
#if Z > 0
	for (m : n * Z .. n * Z + Z - 1) {
		if
		:: z_kind[m] && Z_BY_LEASE(m, g) -> z_clear(m)
		:: else
		fi
	};
#endif
#endif
	skip
}

inline deleted_lease(n, g)
{
	wrote_lease(n, g);
#ifdef BUG_NO_EPOCH_COMPARE
	absent[AT(n, g)] = 1;
	t_hit[AT(n, g)] = 0;
#if Z > 0
	for (m : n * Z .. n * Z + Z - 1) {
		z_hit[m * G + g] = 0;
	};
#endif
#endif
	skip
}

/* Pool and debt: one of them is in every transaction on the other. */
inline wrote_pool(g)
{
#if defined(RESTORE) && Z > 0
	w_pool = 1;
#endif
#ifndef BUG_NO_POOL_COMPARE
	for (x : 0 .. N - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && ON_POOL(t_op[AT(x, g)]) ->
			t_void(x)
		:: else
		fi
	}
#if Z > 0
	for (m : 0 .. N * Z - 1) {
		if
		:: z_kind[m] && ON_POOL(z_op[m * G + g]) -> z_clear(m)
		:: else
		fi
	};
#endif
#endif
	skip
}

inline wrote_group(g)
{
	for (x : 0 .. N - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && t_op[AT(x, g)] ->
			t_void(x)
		:: else
		fi
	}
#if Z > 0
	for (m : 0 .. N * Z - 1) {
		if
		:: z_kind[m] && z_op[m * G + g] -> z_clear(m)
		:: else
		fi
	};
#endif
	skip
}

#ifdef BUG_NO_EPOCH_COMPARE
#define BY_EPOCH(k)	((k) && !IS_MOVE(k))
#define EPOCH_MAY_HOLD(n) 1
#else
#define BY_EPOCH(k)	(k)
#define EPOCH_MAY_HOLD(n) (d_epoch[n] == CUR)
#endif

/* The epoch's key and the cluster's, which are written together. */
inline wrote_epoch(n)
{
	wrote_own(n);
#ifdef SAME
	w_epoch[n] = 1;
#endif
#if defined(RESTORE) && Z > 0
	w_cluster = 1;
#endif
	for (x : 0 .. N - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS &&
		   (t_kind[x] <= REMOVE || (x == n && BY_EPOCH(t_kind[x]))) ->
			t_void(x)
		:: else
		fi
	}
#if Z > 0
	for (m : 0 .. N * Z - 1) {
		if
		:: z_kind[m] && (z_kind[m] <= REMOVE ||
				 (m / Z == n && BY_EPOCH(z_kind[m]))) ->
			z_clear(m)
		:: else
		fi
	}
#endif
	/* Ranks of the older ones. */
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
	wrote_own(n);
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

/* ---- the store carries out ---- */

#if defined(MAX) || defined(RESTORE)
#define AWAITED	(await[0] || (N > 1 && await[N - 1]) || (N > 2 && await[1]))
#else
#define AWAITED	0
#endif

#ifdef RESTORE
/* What was sent to the store as it was may still come: it has to claim. */
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
	:: kind == TELL || kind == TELL_OLD ->
		epoch[n] = TELLING; mine[n] = (kind == TELL); given[n] = 0
	:: kind == TOLD || kind == TOLD_OLD ->
		epoch[n] = LIVE; mine[n] = (kind == TOLD); await[n] = 0
#endif
	fi;
	wrote_epoch(n);
#ifdef RESTORE
	/* Above all that its kernel has ever seen. */
	if
	:: (kind == TELL || kind == TOLD) && k_epoch[n] -> k_epoch[n] = 1
	:: else
	fi
#endif
}

/* The lease that a group's operation of the daemon's request writes is known to
 * the daemon with the answer; no other process asks for it before that.
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
#ifdef BUG_NO_POOL_COMPARE
			apply_op(n, i, t_op[AT(n, i)], t_to[AT(n, i)],
				 t_by[AT(n, i)], t_pool[AT(n, i)]);
#else
			apply_op(n, i, t_op[AT(n, i)], t_to[AT(n, i)],
				 t_by[AT(n, i)], 0);
#endif
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
	/* No answer of another store than its own is believed. */
	if
	:: stale[n] -> t_void(n)
	:: else
	fi;
#endif
	skip
}

#if Z > 0
/* Void by what it writes itself, if it writes what it compares. */
inline z_apply(n, q)
{
	kept = z_kind[q];
	if
	:: kept <= REMOVE -> apply_epoch(n, kept)
	:: else
	fi;
	if
	:: (kept <= TOLD_OLD && kept != MARK) || kept == BEAT || kept == MOVE ->
#ifdef TIME
		wrote_beat(n, z_left[q])
#else
		wrote_beat(n, 0)
#endif
	:: else
	fi;
	for (i : 0 .. G - 1) {
		if
		:: z_op[(q) * G + i] ->
#ifdef BUG_NO_POOL_COMPARE
			apply_op(n, i, z_op[(q) * G + i], z_to[(q) * G + i],
				 z_by[(q) * G + i], z_pool[(q) * G + i])
#else
			apply_op(n, i, z_op[(q) * G + i], z_to[(q) * G + i],
				 z_by[(q) * G + i], 0)
#endif
		:: else
		fi
	}
	if
	:: z_kind[q] == BEAT -> z_clear(q)
	:: else
	fi;
	skip
}

#ifdef BUG_NO_EPOCH_COMPARE
#define Z_HIT(q)	(z_hit[(q) * G] || (G > 1 && z_hit[(q) * G + G - 1]))
#else
#define Z_HIT(q)	0
#endif
#endif

/* ---- what the daemon hears ---- */

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
	t_kind[n] = 0;
	t_state[n] = WAITS;
	t_clear(n);
#ifdef SAME
	t_past[n] = 0;
#endif
#ifdef TIME
	t_left[n] = 0;
#endif
	skip
}

inline hear_applied(n)
{
	if
	:: t_kind[n] == JOIN ->
		phase[n] = BEATEN;
		/* Not of what it may have heard of an older epoch's lease. */
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

/* Its result is unknown: it may be carried out now, later or never. */
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

/* Given up, or the sender is no more: it may yet arrive. */
#if Z > 0
inline keep(n, q)
{
	z_kind[q] = t_kind[n];
	for (i : 0 .. G - 1) {
		z_op[(q) * G + i] = t_op[AT(n, i)];
		z_to[(q) * G + i] = t_to[AT(n, i)];
		z_by[(q) * G + i] = t_by[AT(n, i)];
#ifdef BUG_NO_EPOCH_COMPARE
		z_none[(q) * G + i] = t_none[AT(n, i)];
		z_hit[(q) * G + i] = t_hit[AT(n, i)];
#endif
#ifdef BUG_NO_POOL_COMPARE
		z_pool[(q) * G + i] = t_pool[AT(n, i)];
#endif
	}
#ifdef TIME
	z_left[q] = t_left[n]
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
	for (m : n * Z .. n * Z + Z - 1) {
		if
		:: z_kind[m] == JOIN || z_kind[m] == TELL || z_kind[m] == TOLD ->
			z_kind[m] = z_kind[m] + 1
		:: else
		fi
	}
#endif
#ifdef RESTORE
#if Z > 0
	if
	:: b_kind[n] == JOIN || b_kind[n] == TELL || b_kind[n] == TOLD ->
		b_kind[n] = b_kind[n] + 1
	:: else
	fi;
#endif
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
/* Of requests that are under way: what compares the cluster's key, too. */
inline wrote_cluster()
{
#if Z > 0
	w_cluster = 1;
#endif
	for (x : 0 .. N - 1) {
		if
		:: t_kind[x] && t_state[x] == WAITS && t_kind[x] <= REMOVE ->
			t_void(x)
		:: else
		fi
	}
#if Z > 0
	for (m : 0 .. N * Z - 1) {
		if
		:: z_kind[m] && z_kind[m] <= REMOVE -> z_clear(m)
		:: else
		fi
	}
#endif
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
/* By what it has heard so far. */
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
#define SENDS(n)	(stale[n] != DEAF)
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
/* Until it was told to tell what it holds, and has. */
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
	/* All is read anew. */
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

/* A shrink of the kernel's lease stops at what is in use. */
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

/* One group's part of a transaction, or nothing. */
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
	/* -- it starts, and finds its way into a session -- */
	:: d_step { on[n] && phase[n] == DOWN && IDLE(n) -> phase[n] = READ }
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] == LIVE && MINE(n) &&
		    GOES_ON(n) && !(LEAVES(n) && !k_epoch[n]) -> resume(n) }
	:: d_step { phase[n] == READ && IDLE(n) && !HALTS(n) &&
		    ((epoch[n] == LIVE && !MINE(n)) || BEGAN_TO_TELL(n)) ->
		    send(n, MARK) }
	:: d_step { phase[n] == READ && IDLE(n) && !HALTS(n) && epoch[n] == DEAD &&
		    lease[AT(n, 0)] -> send(n, BACK); op(n, 0, GIVE, 0, 0) }
#if G > 1
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] == DEAD &&
		    lease[AT(n, 1)] -> send(n, BACK); op(n, 1, GIVE, 0, 0) }
#endif
#ifdef MAX
	:: d_step { phase[n] == READ && IDLE(n) && epoch[n] == DEAD &&
		    !lease[n] && await[n] -> send(n, BACK); op(n, 0, GIVE, 0, 0) }
#endif
	/* That nothing is left to give back it may have read too early. */
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
		    /* The group is read again before "max" is believed. */
		    anew[n] = 0
#endif
		  }
	/* -- it hears -- */
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
	/* No answer, and the request is not or will not be carried out, or has
	 * been.
	 */
	:: d_step { t_kind[n] -> hear_nothing(n) }
#if Z > 0
	:: d_step { t_kind[n] && t_state[n] == WAITS && LATE(n) && !z_kind[ZAT(n, 0)] ->
		    keep(n, ZAT(n, 0)); hear_nothing(n) }
#if Z > 1
	:: d_step { t_kind[n] && t_state[n] == WAITS && z_kind[ZAT(n, 0)] &&
		    !z_kind[ZAT(n, 1)] ->
		    keep(n, ZAT(n, 1)); hear_nothing(n) }
#endif
#ifdef BUG_LATE_REPLY_BELIEVED
	/* The answer to a request given up is taken for the present one's. */
	:: d_step { z_kind[ZAT(n, 0)] == MOVE && t_kind[n] == MOVE &&
		    t_state[n] == WAITS ->
		    hear_applied(n); z_apply(n, ZAT(n, 0)) }
#endif
#endif
	/* -- it moves: shrinking, first the kernel -- */
#ifndef BUG_STORE_FIRST_RETURN
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && !MUST_CLAIM(n) &&
		    !shrink[AT(n, 0)] && k_lease[AT(n, 0)] > AT_LEAST(n, 0) ->
		    k_lease[AT(n, 0)] = k_lease[AT(n, 0)] - 1;
		    shrink[AT(n, 0)] = (k_lease[AT(n, 0)] < view[AT(n, 0)]) }
	/* Nothing of the lease was in force yet, or it is not needed. */
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
	/* -- the kernel gets what the store has for it -- */
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
	/* -- the store has gone back: it says so, and tells what is held -- */
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
	/* -- news of the group and of its debt come apart from each other -- */
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
	/* To what is in use, any amount, and that is then claimed. */
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
	/* Claims not known of yet: it shrinks to what is in use all the same. */
	:: d_step { MOVES(n, 0) && SEEMS_LIMITED(n) && !v_await[n] &&
		    !shrink[n] && k_lease[n] > view[n] + 1 ->
		    k_lease[n] = view[n] + 1 }
#endif
#ifdef LEAVE
	/* -- it leaves: first the kernel, and not while tasks are charged -- */
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
/* Tasks. Group 1 is in group 0: the whole chain is checked, and charged. */
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
	/* From outside, whatever the lease is. */
	:: d_step { on[n] && used[n] <= L && k_epoch[n] ->
		    used[n] = used[n] + 1 }
#endif
	od
}
#endif

/* ---- what happens to a node, its requests and its machine ---- */

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
	/* Carried out, and a copy of it is still on its way. */
	:: d_step { t_kind[n] && t_state[n] == WAITS && LATE(n) && !z_kind[ZAT(n, 0)] ->
		    keep(n, ZAT(n, 0)); t_apply(n) }
	:: d_step { z_kind[ZAT(n, 0)] && !Z_HIT(ZAT(n, 0)) ->
		    z_apply(n, ZAT(n, 0)) }
#if Z > 1
	:: d_step { z_kind[ZAT(n, 1)] && !Z_HIT(ZAT(n, 1)) ->
		    z_apply(n, ZAT(n, 1)) }
	:: d_step { z_kind[ZAT(n, 1)] -> z_clear(ZAT(n, 1)) }
#endif
	:: d_step { z_kind[ZAT(n, 0)] -> z_clear(ZAT(n, 0)) }
	:: d_step { phase[n] != DOWN && t_kind[n] && t_state[n] == WAITS &&
		    LATE(n) && !z_kind[ZAT(n, 0)] -> keep(n, ZAT(n, 0)); daemon_gone(n) }
#endif
	:: d_step { phase[n] != DOWN -> daemon_gone(n) }
#ifdef REBOOT
#if Z > 0
	:: d_step { on[n] && BOOTS(n) && t_kind[n] && t_state[n] == WAITS &&
		    LATE(n) && !z_kind[ZAT(n, 0)] -> keep(n, ZAT(n, 0)); power_off(n) }
#endif
	:: d_step { on[n] && BOOTS(n) -> power_off(n) }
	:: d_step { !on[n] -> on[n] = 1 }
	/* -- fencing: by proof that the machine is off, step by step -- */
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
#if G > 1
	:: d_step { word[n] && epoch[n] == DEAD && lease[AT(n, 1)] ->
		    apply_op(n, 1, GIVE, 0, 0, 0) }
#endif
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
	/* A group with on_expiry=reset: by time, and only by this much of it. */
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
#if Z > 0
		w_own[i] = 0;
		if
		/* One node's do for two that are alike. */
		:: i == 0 && t_kind[i] && t_state[i] == WAITS ->
			b_kind[i] = t_kind[i];
			b_op[i] = t_op[i];
			b_to[i] = t_to[i];
			b_by[i] = t_by[i]
		:: else
		fi
#endif
	}
#if Z > 0
	w_pool = 0;
	w_cluster = 0;
#endif
	saved = 1
}

/* It is of no use any more. */
inline forget_backup()
{
	saved = 0;
	b_pool = L;
	b_debt = 0;
	b_learns = 0;
	for (i : 0 .. N - 1) {
		b_lease[i] = 0;
		b_epoch[i] = NONE;
		b_mine[i] = 0;
#if Z > 0
		b_kind[i] = 0;
		b_op[i] = 0;
		b_to[i] = 0;
		b_by[i] = 0;
		w_own[i] = 1
#endif
	}
#if Z > 0
	w_pool = 1;
	w_cluster = 1
#endif
}

/* Is all that it compares in the backup as it was when it was built? */
#if Z > 0
#define STANDS(n, kind, op) (!w_own[n] && ((kind) > REMOVE || !w_cluster) && \
			     !(ON_POOL(op) && w_pool))
#define CHANGED(n)	(w_own[n])
#else
#define STANDS(n, kind, op) 0
#define CHANGED(n)	1
#endif
#ifdef SAME
#define RANKS_FALL(n)	(w_epoch[n])
#else
#define RANKS_FALL(n)	CHANGED(n)
#endif

/* What the daemon had heard of its epoch, and the kernel, in the new order. */
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
		:: t_kind[i] && t_state[i] == WAITS &&
		   !STANDS(i, t_kind[i], t_op[i]) -> t_void(i)
		:: else
		fi;
#if Z > 0
		for (m : i * Z .. i * Z + Z - 1) {
			if
			:: z_kind[m] && !STANDS(i, z_kind[m], z_op[m]) ->
				z_clear(m)
			:: else
			fi
		}
		/* A copy that came too late may come in time now. */
		if
		:: b_kind[i] && !z_kind[i * Z] ->
			z_kind[i * Z] = b_kind[i];
			z_op[i * Z] = b_op[i];
			z_to[i * Z] = b_to[i];
			z_by[i * Z] = b_by[i]
		:: else
		fi;
#endif
		if
		:: phase[i] == DOWN -> stale[i] = 0
		:: phase[i] != DOWN && (CHANGED(i) || stale[i] == DEAF) ->
			stale[i] = DEAF
		:: else -> stale[i] = SPEAKS
		fi;
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
#if Z > 0
		w_own[i] = 0;
#endif
		skip
	}
	pool[0] = b_pool;
	debt[0] = b_debt;
#if Z > 0
	w_pool = 0;
	w_cluster = 0;
#endif
	stopped = !(same);
	unnoticed = same;
	restores--;
	if
	:: !restores -> forget_backup()
	:: else
	fi
}

#ifdef SAME
#if N > 1
#define ALL_CAN_TELL	(k_epoch[0] && newer[0] && k_epoch[1] && newer[1])
#else
#define ALL_CAN_TELL	(k_epoch[0] && newer[0])
#endif
#endif

/* All nodes but @out, which is off: its lease goes back, as a fencer does it. */
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
#if N > 1
	:: d_step { (stopped || unnoticed || AWAITED) && !on[1] ->
		    recover(1); word[1] = (epoch[1] != NONE) }
#endif
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
			:: t_left[i] -> t_left[i]--
			:: else
			fi;
			if
			:: b_left[i] -> b_left[i]--
			:: else
			fi;
			if
			:: s_left[i] -> s_left[i]--
			:: else
			fi;
#if Z > 0
			for (m : i * Z .. i * Z + Z - 1) {
				if
				:: z_left[m] -> z_left[m]--
				:: else
				fi
			}
#endif
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
		    skip }
#ifdef RESET
	/* The node's own clock is behind by a tick, once in a session's time. */
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
/* A wrong word breaks the promise until the node hears of it; never under
 * the live epoch.
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
#if N > 1
		run tasks(1);
#endif
#endif
#ifdef RESTORE
		run admin();
#endif
		run world();
		run claims()
	}
}
