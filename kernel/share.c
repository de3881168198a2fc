// SPDX-License-Identifier: GPL-2.0
/*
 * Shares: the lease of one resource of one group, what peers use of it, and
 * readings, which are consistent, except those of "/": see struct cgspan_counter.
 */
#include "share.h"

#include <linux/netlink.h>

#include "compat.h"
#include "trace.h"

/* The text of each enum cgspan_cause begins with this. */
#define LACK	"too little headroom, "

/* By enum cgspan_cause. Kernels before 6.2 get such a text as the whole extack. */
static const char *const causes[] = {
	[CGSPAN_CAUSE_DEBT] = LACK "kept for the debt",
	[CGSPAN_CAUSE_GUARANTEE] = LACK "kept for the guarantee",
	[CGSPAN_CAUSE_SHARE] = LACK "kept for the share",
	[CGSPAN_CAUSE_NODES] = LACK "kept for the other nodes",
};

static_assert(ARRAY_SIZE(causes) == __CGSPAN_CAUSE_LAST);

atomic_t cgspan_share_waiting = ATOMIC_INIT(0);

/* Written once, when the module is loaded: before the first request. */
static void (*on_room)(struct cgspan_group *group);

/* @fn is called when headroom grew while requests wait. Context: any but NMI. */
void cgspan_share_on_room(void (*fn)(struct cgspan_group *group))
{
	on_room = fn;
}

void cgspan_share_room_grew(struct cgspan_group *group)
{
	on_room(group);
}

/* Wake all queues of a tree, which is locked: any request may be admissible now. */
void cgspan_share_kick_all(struct cgspan_tree *tree)
{
	struct cgspan_group *group;

	lockdep_assert_held(&tree->lock);

	/* Pairs with the barriers of queue.c, as in cgspan_share_kick(). */
	smp_mb();
	if (!atomic_read(&cgspan_share_waiting))
		return;
	list_for_each_entry(group, &tree->groups, all)
		if (group->top == group)
			on_room(group);
}

static void tell_lease(struct cgspan_group *group, u32 res, u64 asked)
{
	struct cgspan_share *share = &group->shares[res];
	struct cgspan_counter *counter = &share->counter;

	if (trace_cgspan_lease_set_enabled())
		trace_cgspan_lease_set(READ_ONCE(group->tree)->inum,
				       cgspan_group_id(group), group->path, res,
				       asked, counter->lease,
				       cgspan_counter_used(counter),
				       counter->low, counter->exhausted,
				       share->cause, share->caller);
}

static void set_cause(struct cgspan_share *share, u8 cause, u64 caller)
{
	WRITE_ONCE(share->cause, cause);
	WRITE_ONCE(share->caller, caller);
}

/**
 * cgspan_share_set_lease() - set a lease
 * @share: of which resource of which group; its tree is locked
 * @lease: the request; @amount, @used and @held are set to the result
 */
void cgspan_share_set_lease(struct cgspan_share *share,
			    struct cgspan_lease *lease)
{
	struct cgspan_group *top = share->group->top;
	struct cgspan_counter *counter = &share->counter;
	u64 asked = lease->amount, old;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	old = counter->lease;
	WRITE_ONCE(counter->low, min_t(u64, lease->low, S64_MAX));
	WRITE_ONCE(counter->exhausted, lease->exhausted);
	set_cause(share, lease->cause, lease->caller);
	if (lease->drain) {
		lease->held = cgspan_counter_drain(counter, asked);
	} else {
		cgspan_counter_set(counter, asked);
		lease->held = cgspan_counter_held(counter);
	}
	lease->amount = counter->lease;
	lease->used = cgspan_counter_taken(counter);
	if (lease->amount != old && counter == &share->group->shares->counter)
		WRITE_ONCE(share->group->refused, false);
	tell_lease(share->group, share - share->group->shares, asked);
	raw_spin_unlock_irqrestore(&top->lock, flags);
	if (share->group->parent)
		cgspan_share_kick(share->group);
	else
		cgspan_share_kick_all(share->group->tree);
}

/**
 * cgspan_share_void_leases() - make all leases of a tree 0, but those of orphans
 * @tree: the tree, locked
 *
 * When this returns, no admission under an old lease is still on its way.
 */
void cgspan_share_void_leases(struct cgspan_tree *tree)
{
	struct cgspan_group *group;
	unsigned long flags;
	int i;

	lockdep_assert_held(&tree->lock);

	list_for_each_entry(group, &tree->groups, all) {
		if (group->orphan)
			continue;
		raw_spin_lock_irqsave(&group->top->lock, flags);
		for (i = 0; i < __CGSPAN_RES_LAST; i++) {
			cgspan_counter_void(&group->shares[i].counter);
			set_cause(&group->shares[i], CGSPAN_CAUSE_NONE, 0);
			tell_lease(group, i, 0);
		}
		WRITE_ONCE(group->refused, false);
		raw_spin_unlock_irqrestore(&group->top->lock, flags);
	}
}

void cgspan_share_set_peers(struct cgspan_share *share,
			    const struct cgspan_peers *peers)
{
	struct cgspan_group *top = share->group->top;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	share->peers = *peers;
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

/*
 * Set @peers to the hint of the first group from @group up to below @until that
 * has one: its headroom already accounts for ancestors. Return: whether one has.
 */
static bool find_peer(struct cgspan_group *group,
		      const struct cgspan_group *until, u32 res,
		      struct cgspan_peers *peers)
{
	unsigned long flags;

	for (; group != until; group = group->parent) {
		raw_spin_lock_irqsave(&group->top->lock, flags);
		*peers = group->shares[res].peers;
		raw_spin_unlock_irqrestore(&group->top->lock, flags);
		if (peers->node[0])
			return true;
	}
	return false;
}

/**
 * cgspan_share_hint() - a peer that may have headroom for a request
 * @group: the group of the request
 * @amounts: what it asks for
 * @lack: the shortage on this node
 * @hint: set to the peer and its headroom of the short resource
 *
 * For each resource only the node with the most headroom is known. The peer has
 * enough of the short resource, and of no other requested resource each node is
 * known to have too little.
 *
 * Return: whether such a peer is known.
 */
bool cgspan_share_hint(struct cgspan_group *group,
		       const struct cgspan_amounts *amounts,
		       const struct cgspan_lack *lack,
		       struct cgspan_peers *hint)
{
	u32 res;

	cgspan_for_each_amount(res, amounts)
		if (find_peer(group, NULL, res, hint) &&
		    hint->headroom < amounts->of[res])
			return false;
	return find_peer(group, lack->group->parent, lack->res, hint);
}

void cgspan_share_read_refusals(struct cgspan_group *group,
				struct cgspan_refusals *refusals)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&group->top->lock, flags);
	*refusals = group->refusals;
	raw_spin_unlock_irqrestore(&group->top->lock, flags);
}

/* The use of tasks is what is charged; that of other resources is what grants hold. */
static u64 used(const struct cgspan_share *share)
{
	if (share == &share->group->shares[CGSPAN_RES_TASKS])
		return cgspan_counter_used(&share->counter);
	return atomic64_read(&share->counter.reserved);
}

void cgspan_share_read(struct cgspan_share *share,
		       struct cgspan_reading *reading)
{
	struct cgspan_group *top = share->group->top;
	struct cgspan_counter *counter = &share->counter;
	unsigned long flags;

	raw_spin_lock_irqsave(&top->lock, flags);
	reading->lease = counter->lease;
	reading->used = used(share);
	reading->reserved = atomic64_read(&counter->reserved);
	reading->unspent = atomic64_read(&counter->spare);
	reading->waiting = share->waiting;
	reading->peak = atomic64_read(&counter->peak);
	reading->refusals = atomic64_read(&counter->refusals);
	reading->asked = counter->asked;
	reading->low = counter->low;
	reading->limit = share->limit;
	reading->caller = share->caller;
	reading->cause = share->cause;
	reading->exhausted = counter->exhausted;
	reading->credit = counter->credit;
	reading->peers.known = share->peers.known;
	if (share->peers.known)
		reading->peers = share->peers;
	raw_spin_unlock_irqrestore(&top->lock, flags);
}

/**
 * cgspan_share_explain() - tell in words why a lease is low
 * @share: the share that has the lease
 * @text: set to "kept for the guarantee of /a", without "of /a" if no group is
 *	  known, or to "" for an orphan or no cause; "#7", its id, replaces a long path
 * @size: of @text, at least 40
 *
 * Context: holds no lock of a top-level group.
 *
 * Return: @text.
 */
char *cgspan_share_explain(const struct cgspan_share *share, char *text,
			   size_t size)
{
	struct cgspan_tree *tree = READ_ONCE(share->group->tree);
	u64 id = READ_ONCE(share->caller);
	u8 cause = READ_ONCE(share->cause);
	struct cgspan_group *caller;
	int len;

	text[0] = '\0';
	if (!cause || READ_ONCE(share->group->orphan))
		return text;
	len = scnprintf(text, size, "%s", causes[cause] + strlen(LACK));
	caller = cgspan_group_get_by_id(tree, id);
	if (!caller)
		return text;
	if (snprintf(text + len, size - len, " of %s", caller->path) >= size - len)
		scnprintf(text + len, size - len, " of #%llu", id);
	cgspan_group_put(caller);
	return text;
}

#define TEXT(name)	name ": too little headroom in the group or above it"

/* Set the text of a refusal for @lack. Context: as cgspan_share_explain(). */
void cgspan_share_explain_lack(const struct cgspan_lack *lack,
			       struct netlink_ext_ack *extack)
{
	static const char *const texts[] = {
		[CGSPAN_RES_TASKS] = TEXT("tasks"),
		[CGSPAN_RES_CPU] = TEXT("cpu"),
		[CGSPAN_RES_MEMORY] = TEXT("memory"),
	};
	const struct cgspan_share *share = &lack->group->shares[lack->res];
	u8 cause = READ_ONCE(share->cause);
	char why[CGSPAN_EXTACK_LEN];
	const char *text;
	int len;

	text = lack->res < ARRAY_SIZE(texts) ? texts[lack->res] :
					       TEXT("a named resource");
	extack->_msg = text;
	len = scnprintf(why, sizeof(why), "%.*s: " LACK,
			(int)strcspn(text, ":"), text);
	if (*cgspan_share_explain(share, why + len, sizeof(why) - len) && cause)
		cgspan_extack_set(extack, why, causes[cause]);
}

/* Trace an admission of @n to @group. Context: the top-level group's lock is held. */
void cgspan_share_tell(struct cgspan_group *group, u32 res, u64 n)
{
	struct cgspan_counter *counter = &group->shares[res].counter;

	trace_cgspan_admit(READ_ONCE(group->tree)->inum, cgspan_group_id(group),
			   group->path, res, n, cgspan_counter_used(counter),
			   READ_ONCE(counter->lease));
}

/* Record and trace that @by refused @n to @group. The top-level group is locked. */
void cgspan_share_note(struct cgspan_group *group, struct cgspan_group *by,
		       u32 res, u64 n, enum cgspan_reason reason)
{
	struct cgspan_share *share = &by->shares[res];
	struct cgspan_counter *counter = &share->counter;

	cgspan_refusal_note(&group->refusals, &(struct cgspan_refusal) {
		.depth = by->depth,
		.res = res,
		.reason = reason,
		.cause = READ_ONCE(share->cause),
		.caller = READ_ONCE(share->caller),
	});
	if (trace_cgspan_refuse_enabled())
		trace_cgspan_refuse(READ_ONCE(group->tree)->inum,
				    cgspan_group_id(group), group->path, res, n,
				    cgspan_group_id(by), by->path, reason,
				    cgspan_counter_used(counter),
				    READ_ONCE(counter->lease),
				    READ_ONCE(share->cause),
				    READ_ONCE(share->caller));
}
