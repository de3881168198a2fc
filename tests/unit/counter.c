// SPDX-License-Identifier: GPL-2.0
/* kernel/counter.c, compiled as a program: it uses little of the kernel. */
#include <linux/types.h>

#include "../../kernel/counter.c"

#include <pthread.h>
#include <string.h>

#include "tap.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct cgspan_counter *told;
static unsigned int tells;

static void note(struct cgspan_counter *counter)
{
	told = counter;
	tells++;
}

static void note_nothing(struct cgspan_counter *counter)
{
	(void)counter;
}

/* root -> top -> leaf */
static struct cgspan_counter root, top, leaf;

static void chain(u64 of_root, u64 of_top, u64 of_leaf)
{
	cgspan_counter_init(&root, NULL, of_root, note);
	cgspan_counter_init(&top, &root, of_top, note);
	cgspan_counter_init(&leaf, &top, of_leaf, note);
	told = NULL;
	tells = 0;
}

static bool used(u64 of_root, u64 of_top, u64 of_leaf)
{
	return cgspan_counter_used(&root) == of_root &&
	       cgspan_counter_used(&top) == of_top &&
	       cgspan_counter_used(&leaf) == of_leaf;
}

static bool refuses_at(struct cgspan_counter *counter)
{
	s64 before = atomic64_read(&counter->refusals);

	return cgspan_counter_try_charge(&leaf, NULL, 1) == counter &&
	       atomic64_read(&counter->refusals) == before + 1;
}

static bool leaf_refuses(void)
{
	chain(CGSPAN_MAX, 5, 3);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(&leaf));
	CHECK(used(3, 3, 3));
	CHECK(told == &leaf && leaf.credit == CGSPAN_CREDIT_REFUSED);
	cgspan_counter_uncharge(&leaf, NULL, 1);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(atomic64_read(&leaf.peak) == 3);
	return true;
}

static bool ancestor_refuses(void)
{
	chain(CGSPAN_MAX, 2, 3);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(&top));
	CHECK(used(2, 2, 2) && told == &top);
	return true;
}

static bool root_refuses(void)
{
	chain(2, 5, 5);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(&root));
	CHECK(used(2, 2, 2) && told == &root);
	CHECK(atomic64_read(&leaf.peak) == 2);
	return true;
}

static bool no_limit(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, S64_MAX / 2));
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, S64_MAX / 2));
	CHECK(!tells);
	return true;
}

static bool overdraft(void)
{
	chain(CGSPAN_MAX, 10, 2);
	cgspan_counter_charge(&leaf, NULL, 3);
	CHECK(used(3, 3, 3));
	CHECK(tells == 1 && leaf.credit == CGSPAN_CREDIT_OVERDRAWN);
	cgspan_counter_charge(&leaf, NULL, 1);
	CHECK(refuses_at(&leaf));
	CHECK(tells == 1);
	cgspan_counter_uncharge(&leaf, NULL, 3);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	return true;
}

static bool shrinks(struct cgspan_counter *counter)
{
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 4));
	CHECK(cgspan_counter_set(counter, 1) == 4);
	CHECK(refuses_at(counter));
	CHECK(cgspan_counter_set(counter, 6) == 6);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	cgspan_counter_charge(&leaf, NULL, 3);
	CHECK(cgspan_counter_set(counter, 1) == 6);
	cgspan_counter_uncharge(&leaf, NULL, 8);
	CHECK(cgspan_counter_set(counter, 3) == 3);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(counter));
	return true;
}

static bool leaf_shrinks(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, 10);
	return shrinks(&leaf);
}

static bool root_shrinks(void)
{
	chain(10, CGSPAN_MAX, CGSPAN_MAX);
	return shrinks(&root);
}

static bool shrinks_from_no_limit(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 4));
	CHECK(cgspan_counter_set(&root, 5) == 5);
	CHECK(cgspan_counter_set(&leaf, 2) == 4);
	CHECK(refuses_at(&leaf));
	CHECK(cgspan_counter_set(&leaf, CGSPAN_MAX) == CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(refuses_at(&root));
	CHECK(cgspan_counter_set(&root, CGSPAN_MAX) == CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	return true;
}

static bool voids(struct cgspan_counter *counter)
{
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 4));
	cgspan_counter_void(counter);
	CHECK(counter->lease == 0 && used(4, 4, 4));
	CHECK(refuses_at(counter));
	cgspan_counter_uncharge(&leaf, NULL, 4);
	CHECK(refuses_at(counter));
	CHECK(cgspan_counter_set(counter, 1) == 1);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(refuses_at(counter));
	return true;
}

static bool leaf_voids(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, 10);
	return voids(&leaf);
}

static bool root_voids(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, CGSPAN_MAX);
	return voids(&root);
}

static bool low_water(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, 5);
	leaf.low = 3;
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(!tells);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(tells == 1 && leaf.credit == CGSPAN_CREDIT_LOW);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(tells == 1);
	CHECK(cgspan_counter_set(&leaf, 6) == 6);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(tells == 2);
	return true;
}

static bool exhausted(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, 2);
	leaf.low = 2;
	leaf.exhausted = true;
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(&leaf) && refuses_at(&leaf));
	CHECK(!tells);
	cgspan_counter_charge(&leaf, NULL, 1);
	CHECK(tells == 1 && leaf.credit == CGSPAN_CREDIT_OVERDRAWN);
	return true;
}

static bool move_within(void)
{
	struct cgspan_counter other;

	chain(CGSPAN_MAX, 4, 4);
	cgspan_counter_init(&other, &top, 4, note);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 4));
	cgspan_counter_charge(&other, &top, 1);
	CHECK(used(4, 4, 4) && cgspan_counter_used(&other) == 1);
	cgspan_counter_uncharge(&leaf, &top, 1);
	CHECK(used(4, 4, 3));
	CHECK(!tells);
	return true;
}

static bool reserves(u64 n)
{
	u64 missing;

	return !cgspan_counter_lacking(&leaf, n, &missing) &&
	       cgspan_counter_reserve(&leaf, n);
}

static bool reserve_held(void)
{
	u64 missing = 0;

	chain(CGSPAN_MAX, 10, 20);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(reserves(6));
	CHECK(used(2, 2, 2) && cgspan_counter_taken(&top) == 8);
	CHECK(cgspan_counter_lacking(&leaf, 5, &missing) == &top);
	CHECK(missing == 3 && !tells);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	CHECK(refuses_at(&top));
	CHECK(cgspan_counter_set(&top, 3) == 10);
	cgspan_counter_unreserve(&leaf, 6, 6);
	CHECK(cgspan_counter_taken(&root) == 4);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 6));
	return true;
}

static bool reserve_spent(void)
{
	chain(10, CGSPAN_MAX, CGSPAN_MAX);
	CHECK(reserves(6));
	cgspan_counter_set(&root, 0);
	CHECK(root.lease == 6);
	cgspan_counter_spend(&leaf, NULL, 4);
	CHECK(used(4, 4, 4) && cgspan_counter_taken(&leaf) == 6);
	CHECK(refuses_at(&root));
	cgspan_counter_unspend(&leaf, NULL, 1);
	CHECK(used(3, 3, 3) && cgspan_counter_taken(&root) == 6);
	cgspan_counter_spend(&leaf, &top, 1);
	CHECK(used(3, 3, 4));
	cgspan_counter_unspend(&leaf, &top, 1);
	/* The spent part stays charged when the reserve is returned. */
	cgspan_counter_unreserve(&leaf, 6, 3);
	CHECK(used(3, 3, 3) && cgspan_counter_taken(&root) == 3);
	CHECK(atomic64_read(&root.reserved) == 0);
	CHECK(cgspan_counter_set(&root, 0) == 3);
	cgspan_counter_uncharge(&leaf, NULL, 3);
	CHECK(cgspan_counter_set(&root, 0) == 0);
	return true;
}

static bool root_taken_meanwhile(void)
{
	u64 missing;

	chain(4, CGSPAN_MAX, CGSPAN_MAX);
	CHECK(!cgspan_counter_lacking(&leaf, 4, &missing));
	CHECK(!cgspan_counter_try_charge(&top, NULL, 1));
	CHECK(!cgspan_counter_reserve(&leaf, 4));
	CHECK(used(1, 1, 0) && !cgspan_counter_taken(&leaf));
	CHECK(cgspan_counter_lacking(&leaf, 4, &missing) == &root);
	CHECK(missing == 1);
	cgspan_counter_refuse(&root, 4);
	CHECK(told == &root && atomic64_read(&root.refusals) == 1);
	cgspan_counter_refuse(&root, 3);
	CHECK(root.asked == 4 && atomic64_read(&root.refusals) == 2);
	cgspan_counter_set(&root, 5);
	CHECK(!root.asked);
	return true;
}

static bool reserves_without_limit(void)
{
	u64 missing, sum;

	chain(CGSPAN_MAX, CGSPAN_MAX, CGSPAN_MAX);
	for (sum = 0; reserves(CGSPAN_AMOUNT_MAX); sum += CGSPAN_AMOUNT_MAX)
		CHECK(sum < S64_MAX / 2);
	CHECK(cgspan_counter_lacking(&leaf, CGSPAN_AMOUNT_MAX, &missing) == &leaf);
	CHECK(cgspan_counter_lacking(&root, CGSPAN_AMOUNT_MAX, &missing) == &root);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, CGSPAN_AMOUNT_MAX));
	CHECK(cgspan_counter_set(&root, 5) < S64_MAX / 4 * 3);
	return true;
}

static bool charge_within(void)
{
	chain(2, 2, 1);
	CHECK(reserves(1));
	CHECK(cgspan_counter_try_charge(&leaf, &top, 1) == &leaf);
	CHECK(cgspan_counter_set(&leaf, 2) == 2);
	CHECK(!cgspan_counter_try_charge(&leaf, &top, 1));
	CHECK(used(0, 0, 1));
	return true;
}

/* Chains that meet only in the root; each has its own lock: its thread. */
static struct cgspan_counter shared;
static bool stop;

static void *charge_and_uncharge(void *arg)
{
	struct cgspan_counter *mine = arg;
	u64 held = 0;

	while (!READ_ONCE(stop)) {
		if (!cgspan_counter_try_charge(mine, NULL, 1))
			held++;
		if (held > 5 || (held && cgspan_counter_used(&shared) % 3)) {
			cgspan_counter_uncharge(mine, NULL, 1);
			held--;
		}
	}
	while (held--)
		cgspan_counter_uncharge(mine, NULL, 1);
	return NULL;
}

static bool threads(void)
{
	struct cgspan_counter own[4];
	pthread_t thread[ARRAY_SIZE(own)];
	u64 lease, want;
	unsigned int i;
	bool ok = true;

	cgspan_counter_init(&shared, NULL, 12, note_nothing);
	stop = false;
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		cgspan_counter_init(&own[i], &shared, 8, note_nothing);
		CHECK(!pthread_create(&thread[i], NULL, charge_and_uncharge,
				      &own[i]));
	}
	for (i = 0; i < 200000 && ok; i++) {
		want = i % 13;
		lease = cgspan_counter_set(&shared, want);
		ok = lease >= want && cgspan_counter_used(&shared) <= lease;
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < ARRAY_SIZE(own); i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK(ok);
	CHECK(cgspan_counter_used(&shared) == 0);
	CHECK(atomic64_read(&shared.room) == (s64)shared.lease);
	return true;
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ leaf_refuses, "a charge is admitted up to the lease and not beyond" },
		{ ancestor_refuses, "a refusal by an ancestor charges nothing" },
		{ root_refuses, "a refusal by the root charges nothing" },
		{ no_limit, "a lease without limit never refuses" },
		{ overdraft, "a charge that cannot be refused may overdraw, and is reported once" },
		{ leaf_shrinks, "a lease shrinks to its use at most" },
		{ root_shrinks, "the lease of the root shrinks to its use at most" },
		{ shrinks_from_no_limit, "a lease without limit can be limited and unlimited again" },
		{ leaf_voids, "a void lease admits nothing until it is set" },
		{ root_voids, "a void lease of the root admits nothing until it is set" },
		{ low_water, "low headroom is reported once for each setting of the lease" },
		{ exhausted, "an exhausted lease reports only an overdraft" },
		{ move_within, "a move inside a group keeps the group's charge" },
		{ reserve_held, "a reserve takes headroom until it is returned" },
		{ reserve_spent, "spending a reserve needs no headroom, and the spent part stays charged" },
		{ root_taken_meanwhile, "a reserve above the headroom of the root changes nothing" },
		{ reserves_without_limit, "reserves in a tree without limits are bounded, and leave room for forks" },
		{ charge_within, "a charge below a reserve asks only the leases below it" },
		{ threads, "chains that share the root never exceed its lease while it changes" },
	};

	return TAP_RUN(tests);
}
