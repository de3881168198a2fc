// SPDX-License-Identifier: GPL-2.0
/*
 * Charges of tasks: fork, exec, exit, reaping, migration, and what tasks have
 * used. A charge goes up the chain of a group's ancestors.
 */
#include "charge.h"

#include "trace.h"

static struct cgspan_counter *tasks_of(struct cgspan_group *group)
{
	return &group->shares[CGSPAN_RES_TASKS].counter;
}

/* Return: the counter of @until, before which charging stops; NULL: no @until. */
static struct cgspan_counter *end_of(struct cgspan_group *until)
{
	return until ? tasks_of(until) : NULL;
}

/* Add @n to a stat of a group below "/"; its top-level group's lock is held. */
static void add(struct cgspan_group *group, enum cgspan_group_stat stat, s64 n)
{
	atomic64_t *v = &group->stats[stat];

	atomic64_set(v, atomic64_read(v) + n);
}

/* Add @n to a stat of @group and its ancestors below @until; NULL: of all. */
static void count(struct cgspan_group *group, const struct cgspan_group *until,
		  enum cgspan_group_stat stat, s64 n)
{
	struct cgspan_group *parent;

	for (; group != until && (parent = group->parent); group = parent)
		add(group, stat, n);
	if (group != until)
		atomic64_add(n, &group->stats[stat]);
}

/* An ancestor's maximum RSS is never lower: stop at a group with @rss or more. */
static void raise_rss(struct cgspan_group *group, s64 rss)
{
	atomic64_t *v;
	s64 now;

	for (; group; group = group->parent) {
		v = &group->stats[CGSPAN_STAT_MAX_RSS];
		now = atomic64_read(v);
		do {
			if (now >= rss)
				return;
		} while (!atomic64_try_cmpxchg(v, &now, rss));
	}
}

/*
 * Return: the group of @reserve, if that is @group or an ancestor below @until:
 * the reserve is charged from there up. Else @until, also if @reserve is NULL.
 */
static struct cgspan_group *payer(struct cgspan_group *group,
				  struct cgspan_group *until,
				  const struct cgspan_reserve *reserve)
{
	if (!reserve || !cgspan_group_contains(reserve->group, group) ||
	    (until && cgspan_group_contains(reserve->group, until)))
		return until;
	return reserve->group;
}

static void tell_debt(struct cgspan_group *group)
{
	struct cgspan_counter *counter = tasks_of(group);

	trace_cgspan_debt(READ_ONCE(group->tree)->inum, cgspan_group_id(group),
			  group->path, CGSPAN_RES_TASKS, 1,
			  cgspan_counter_used(counter),
			  READ_ONCE(counter->lease));
}

/* Charge a task to @group and ancestors below @until; do not check leases. */
static void charge(struct cgspan_group *group, struct cgspan_group *until,
		   struct cgspan_reserve *reserve)
{
	struct cgspan_group *from = payer(group, until, reserve);

	if (from != until && !cgspan_reserve_add_task(reserve))
		from = until;
	cgspan_counter_charge(tasks_of(group), end_of(from), 1);
	if (from != until)
		cgspan_counter_spend(tasks_of(from), end_of(until), 1);
	if (!trace_cgspan_debt_enabled())
		return;
	for (; group != until; group = group->parent)
		if (cgspan_group_tasks(group) > READ_ONCE(tasks_of(group)->held))
			tell_debt(group);
}

static void uncharge(struct cgspan_group *group, struct cgspan_group *until,
		     struct cgspan_reserve *reserve)
{
	struct cgspan_group *from;

	if (likely(!reserve)) {
		cgspan_counter_uncharge(tasks_of(group), end_of(until), 1);
		return;
	}
	from = payer(group, until, reserve);
	if (from != until && !cgspan_reserve_del_task(reserve))
		from = until;
	cgspan_counter_uncharge(tasks_of(group), end_of(from), 1);
	if (from != until)
		cgspan_counter_unspend(tasks_of(from), end_of(until), 1);
}

static void refuse(struct cgspan_group *group, struct cgspan_group *by,
		   enum cgspan_reason reason)
{
	count(group, NULL, CGSPAN_STAT_REFUSALS, 1);
	cgspan_share_note(group, by, CGSPAN_RES_TASKS, 1, reason);
	if (!READ_ONCE(by->refused)) {
		WRITE_ONCE(by->refused, true);
		cgspan_event_raise(&by->event, CGSPAN_EVENT_REFUSED);
	}
}

/* Charge a task if leases allow it; if @reserve covers the task, leases from the
 * group of @reserve up are not checked. Return: the counter that refused, or NULL.
 */
static struct cgspan_counter *try_spend(struct cgspan_group *group,
					struct cgspan_reserve *reserve)
{
	struct cgspan_group *from;
	struct cgspan_counter *by;
	bool pays;

	if (likely(!reserve))
		return cgspan_counter_try_charge(tasks_of(group), NULL, 1);

	from = payer(group, NULL, reserve);
	pays = from && cgspan_reserve_add_task(reserve);
	by = cgspan_counter_try_charge(tasks_of(group),
				       end_of(pays ? from : NULL), 1);
	if (by && from)
		cgspan_reserve_del_task(reserve);
	else if (pays)
		cgspan_counter_spend(tasks_of(from), NULL, 1);
	return by;
}

/* Check the group's own on_expiry only: an ancestor's is never stronger. */
static int try_charge(struct cgspan_group *group, struct cgspan_reserve *reserve)
{
	struct cgspan_counter *by;

	if (cgspan_group_held(group)) {
		refuse(group, group, CGSPAN_REASON_EXPIRED);
		return -EAGAIN;
	}
	by = try_spend(group, reserve);
	if (by) {
		refuse(group, container_of(by, struct cgspan_share, counter)->group,
		       READ_ONCE(group->orphan) ? CGSPAN_REASON_ORPHAN :
						  CGSPAN_REASON_LEASE);
		return -EAGAIN;
	}
	if (trace_cgspan_admit_enabled())
		cgspan_share_tell(group, CGSPAN_RES_TASKS, 1);
	return 0;
}

/**
 * cgspan_charge_fork() - charge a task that is about to be forked
 * @group: the group
 * @force: charge it without a check of leases or policy
 * @reserve: a reserve that the task may use; NULL: none
 *
 * Context: the bucket of the task's record is locked, interrupts are off.
 *
 * Return: 0, or -EAGAIN if a lease or the policy refuses.
 */
int cgspan_charge_fork(struct cgspan_group *group, bool force,
		       struct cgspan_reserve *reserve)
{
	struct cgspan_group *top = group->top;
	int ret = 0;

	raw_spin_lock(&top->lock);
	if (force)
		charge(group, NULL, reserve);
	else
		ret = try_charge(group, reserve);
	if (!ret)
		count(group, NULL, CGSPAN_STAT_FORKS, 1);
	raw_spin_unlock(&top->lock);
	return ret;
}

/* A fork failed after cgspan_charge_fork(): undo that. Interrupts are off. */
void cgspan_charge_unfork(struct cgspan_group *group,
			  struct cgspan_reserve *reserve)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	uncharge(group, NULL, reserve);
	count(group, NULL, CGSPAN_STAT_FORKS, -1);
	raw_spin_unlock(&top->lock);
	cgspan_share_kick(group);
}

void cgspan_charge_exec(struct cgspan_group *group)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	count(group, NULL, CGSPAN_STAT_EXECS, 1);
	raw_spin_unlock(&top->lock);
}

static struct cgspan_group *common(struct cgspan_group *a,
				   struct cgspan_group *b)
{
	while (a && b && a != b) {
		if (a->depth >= b->depth)
			a = a->parent;
		else
			b = b->parent;
	}
	return a && b ? a : NULL;
}

static void leave(struct cgspan_group *group, struct cgspan_group *until,
		  bool live, struct cgspan_reserve *reserve)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	uncharge(group, until, reserve);
	if (live)
		count(group, until, CGSPAN_STAT_JOINED, -1);
	raw_spin_unlock(&top->lock);
	cgspan_share_kick(group);
}

/**
 * cgspan_charge_move() - move the charge of a task to another group
 * @from: the group where the task is charged; NULL: nowhere
 * @to: the group where the task belongs now; NULL: nowhere
 * @live: the task has not exited
 * @reserve: a reserve that the task may use or has used; NULL: none
 *
 * Never refused. Ancestors that @from and @to share stay charged, so that no
 * other task can be admitted in between. Interrupts are off.
 *
 * Return: whether it is charged now: not if @to is NULL or has been removed.
 */
bool cgspan_charge_move(struct cgspan_group *from, struct cgspan_group *to,
			bool live, struct cgspan_reserve *reserve)
{
	struct cgspan_group *until = common(from, to);
	bool charged = false;

	if (to) {
		raw_spin_lock(&to->top->lock);
		charged = !to->dead;
		if (charged)
			charge(to, until, reserve);
		if (charged && live)
			count(to, until, CGSPAN_STAT_JOINED, 1);
		raw_spin_unlock(&to->top->lock);
	}
	if (from)
		leave(from, charged ? until : NULL, live, reserve);
	return charged;
}

/*
 * Count the use of a task, up the chain; @exits: 1 to count its exit, else 0.
 * Context: the top-level group's lock is held.
 */
static void use(struct cgspan_group *group, const struct cgspan_usage *usage,
		s64 exits, u64 max_rss)
{
	const s64 cpu = usage->cpu, voluntary = usage->voluntary;
	struct cgspan_group *g, *parent;

	for (g = group; (parent = g->parent); g = parent) {
		add(g, CGSPAN_STAT_EXITS, exits);
		add(g, CGSPAN_STAT_CPU, cpu);
		add(g, CGSPAN_STAT_VOLUNTARY, voluntary);
	}
	atomic64_add(exits, &g->stats[CGSPAN_STAT_EXITS]);
	atomic64_add(cpu, &g->stats[CGSPAN_STAT_CPU]);
	atomic64_add(voluntary, &g->stats[CGSPAN_STAT_VOLUNTARY]);
	/* Preemptions and major faults are mostly 0: skip the walk up the chain. */
	if (usage->involuntary)
		count(group, NULL, CGSPAN_STAT_INVOLUNTARY, usage->involuntary);
	if (usage->major_faults)
		count(group, NULL, CGSPAN_STAT_MAJOR_FAULTS,
		      usage->major_faults);
	raise_rss(group, max_rss);
}

/**
 * cgspan_charge_reap() - uncharge a task that has been reaped
 * @group: the group where the task is charged
 * @ended: whether to count its exit: that has not been counted yet
 * @reserve: the reserve that the task has used; NULL: none
 * @usage: as for cgspan_charge_use()
 * @max_rss: bytes; for a first thread the maximum of its process, else 0
 */
void cgspan_charge_reap(struct cgspan_group *group, bool ended,
			struct cgspan_reserve *reserve,
			const struct cgspan_usage *usage, u64 max_rss)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	uncharge(group, NULL, reserve);
	use(group, usage, ended, max_rss);
	raw_spin_unlock(&top->lock);
	cgspan_share_kick(group);
}

/**
 * cgspan_charge_use() - count the use of a task
 * @group: the group; the caller keeps it alive
 * @ended: whether to count its exit: that has not been counted yet
 * @usage: the increase since the last call for this task
 */
void cgspan_charge_use(struct cgspan_group *group, bool ended,
		       const struct cgspan_usage *usage)
{
	struct cgspan_group *top = group->top;

	raw_spin_lock(&top->lock);
	use(group, usage, ended, 0);
	raw_spin_unlock(&top->lock);
}

/* Add @n to a stat of @group and its ancestors. Context: any but NMI. */
void cgspan_charge_count(struct cgspan_group *group, enum cgspan_group_stat stat,
			 s64 n)
{
	struct cgspan_group *top = group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	count(group, NULL, stat, n);
	raw_spin_unlock_irqrestore(&top->lock, flags);
}
