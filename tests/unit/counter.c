// SPDX-License-Identifier: GPL-2.0
/* kernel/counter.c, compiled into a program, as it needs little of the kernel. */
#include <linux/types.h>

/* @broken: rule that is taken out (CGSPAN_BUG_*); @delay: called in the middle of a try_charge. */
static int broken;
static void (*delay)(void);
#define CGSPAN_BUG broken
#define cgspan_delay() do { if (delay) delay(); } while (0)

#include "../../kernel/counter.c"

#include <pthread.h>
#include <semaphore.h>
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

/* @root is the parent of @top, which is the parent of @leaf. */
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

/* The root's use and reserves are read one by one: too high a sum must not raise the peak. */
static bool peak_of_root(void)
{
	chain(5, 5, 5);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2));
	raise_peak(&root, 4);
	CHECK(atomic64_read(&root.peak) == 2);
	cgspan_counter_charge(&leaf, NULL, 9);
	CHECK(atomic64_read(&root.peak) == 11);
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

static bool drains(struct cgspan_counter *counter)
{
	chain(200, 200, 200);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 112));
	CHECK(cgspan_counter_drain(counter, 50) == 112);
	CHECK(counter->lease == 50 && used(112, 112, 112) && !tells);
	CHECK(refuses_at(counter));
	CHECK(cgspan_counter_set(counter, 20) == 50);
	cgspan_counter_uncharge(&leaf, NULL, 62);
	CHECK(refuses_at(counter));
	CHECK(cgspan_counter_drain(counter, 60) == 50 && counter->lease == 50);
	cgspan_counter_uncharge(&leaf, NULL, 1);
	CHECK(cgspan_counter_held(counter) == 50);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(refuses_at(counter));
	CHECK(cgspan_counter_set(counter, 51) == 51);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(refuses_at(counter));
	return true;
}

static bool drains_each(void)
{
	return drains(&leaf) && drains(&top) && drains(&root);
}

static bool drains_from_no_limit(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 5));
	CHECK(cgspan_counter_drain(&root, CGSPAN_MAX) == CGSPAN_MAX);
	CHECK(cgspan_counter_drain(&root, 0) == 5);
	CHECK(atomic64_read(&root.room) == -5);
	cgspan_counter_uncharge(&leaf, NULL, 5);
	CHECK(refuses_at(&root));
	CHECK(cgspan_counter_set(&root, CGSPAN_MAX) == CGSPAN_MAX);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 5));
	cgspan_counter_drain(&root, 3);
	cgspan_counter_void(&root);
	CHECK(cgspan_counter_held(&root) == 5);
	return true;
}

/* A drain keeps reserves. A request lacks its units and those taken above the drained lease. */
static bool drains_reserve(struct cgspan_counter *counter)
{
	u64 missing;

	chain(20, 20, 20);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 2) && reserves(6));
	CHECK(cgspan_counter_drain(counter, 3) == 8);
	CHECK(cgspan_counter_lacking(&leaf, 1, &missing) == counter);
	CHECK(missing == 6);
	cgspan_counter_spend(&leaf, NULL, 4);
	CHECK(used(6, 6, 6) && cgspan_counter_held(counter) == 8);
	CHECK(refuses_at(counter));
	cgspan_counter_unspend(&leaf, NULL, 2);
	cgspan_counter_unreserve(&leaf, 6, 4);
	CHECK(used(4, 4, 4) && cgspan_counter_held(counter) == 4);
	CHECK(!reserves(1));
	cgspan_counter_uncharge(&leaf, NULL, 2);
	CHECK(reserves(1) && !reserves(1));
	return true;
}

static bool drains_reserves(void)
{
	return drains_reserve(&leaf) && drains_reserve(&top) &&
	       drains_reserve(&root);
}

static bool moves_while_draining(struct cgspan_counter *counter)
{
	chain(20, 20, 20);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 8));
	counter->exhausted = true;
	CHECK(cgspan_counter_drain(counter, 3) == 8);
	cgspan_counter_uncharge(&leaf, NULL, 1);
	cgspan_counter_charge(&leaf, NULL, 1);
	CHECK(!tells);
	cgspan_counter_charge(&leaf, NULL, 1);
	CHECK(tells == 1 && told == counter);
	CHECK(counter->credit == CGSPAN_CREDIT_OVERDRAWN);
	CHECK(cgspan_counter_drain(counter, 3) == 9);
	CHECK(refuses_at(counter));
	cgspan_counter_uncharge(&leaf, NULL, 7);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(refuses_at(counter));
	return true;
}

static bool moves_while_draining_each(void)
{
	return moves_while_draining(&leaf) && moves_while_draining(&top) &&
	       moves_while_draining(&root);
}

/* Low headroom after a drain is reported by the next admission, not by the drain. */
static bool low_while_draining(void)
{
	chain(CGSPAN_MAX, CGSPAN_MAX, 9);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 5));
	leaf.low = 2;
	CHECK(cgspan_counter_drain(&leaf, 4) == 5);
	cgspan_counter_uncharge(&leaf, NULL, 2);
	CHECK(!tells);
	CHECK(!cgspan_counter_try_charge(&leaf, NULL, 1));
	CHECK(tells == 1 && leaf.credit == CGSPAN_CREDIT_LOW);
	return true;
}

/*
 * Random operations, compared with a plain model: two top-level groups with two
 * leaves each. The model has only sums: no cgspan_counter.room, no order of steps.
 */
struct plain {
	struct cgspan_counter counter;
	struct plain *parent;
	u64 lease, used, spare, reserved;
};

static struct plain plain_root, plain_tops[2], plain_leaves[4];

static u64 draw(u64 n)
{
	static u64 x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

static void plain_init(struct plain *p, struct plain *parent)
{
	*p = (struct plain) {
		.parent = parent,
		.lease = draw(4) ? 10 + draw(40) : CGSPAN_MAX,
	};
	cgspan_counter_init(&p->counter, parent ? &parent->counter : NULL,
			    p->lease, note_nothing);
}

static void plain_add(struct plain *p, const struct plain *until, s64 used,
		      s64 spare, s64 reserved)
{
	for (; p != until; p = p->parent) {
		p->used += used;
		p->spare += spare;
		p->reserved += reserved;
	}
}

static u64 plain_taken(const struct plain *p)
{
	return p->used + p->spare;
}

static bool plain_fits(const struct plain *p, u64 n)
{
	for (; p; p = p->parent)
		if (plain_taken(p) + n > p->lease)
			return false;
	return true;
}

static bool plain_same(const struct plain *p)
{
	const struct cgspan_counter *c = &p->counter;

	CHECK(c->lease == p->lease && cgspan_counter_used(c) == p->used);
	CHECK((u64)atomic64_read(&c->spare) == p->spare);
	CHECK((u64)atomic64_read(&c->reserved) == p->reserved);
	CHECK(cgspan_counter_held(c) == max(p->lease, plain_taken(p)));
	CHECK(p->parent || atomic64_read(&c->room) ==
	      capped(p->lease) - (s64)plain_taken(p));
	return true;
}

static bool plain_all_same(void)
{
	bool same = plain_same(&plain_root);

	for (size_t i = 0; i < ARRAY_SIZE(plain_tops); i++)
		same &= plain_same(&plain_tops[i]);
	for (size_t i = 0; i < ARRAY_SIZE(plain_leaves); i++)
		same &= plain_same(&plain_leaves[i]);
	return same;
}

static struct plain *plain_any(void)
{
	u64 i = draw(7);

	return i == 6 ? &plain_root : i > 3 ? &plain_tops[i - 4] :
	       &plain_leaves[i];
}

static bool random_charge(struct plain *p, u64 n)
{
	struct plain *other = &plain_leaves[draw(ARRAY_SIZE(plain_leaves))];
	struct plain *until = other->parent == p->parent ? p->parent : NULL;
	bool fits = plain_fits(p, n);

	switch (draw(4)) {
	case 0: /* a fork */
		CHECK(!cgspan_counter_try_charge(&p->counter, NULL, n) == fits);
		plain_add(p, NULL, fits ? n : 0, 0, 0);
		break;
	case 1: /* a task moves in */
		n = draw(8) ? 0 : n;
		cgspan_counter_charge(&p->counter, NULL, n);
		plain_add(p, NULL, n, 0, 0);
		break;
	case 2: /* a task moves within the tree */
		n = min(n, p->used);
		cgspan_counter_charge(&other->counter,
				      until ? &until->counter : NULL, n);
		cgspan_counter_uncharge(&p->counter,
					until ? &until->counter : NULL, n);
		plain_add(other, until, n, 0, 0);
		plain_add(p, until, -n, 0, 0);
		break;
	case 3: /* a task ends */
		n = min(n, p->used);
		cgspan_counter_uncharge(&p->counter, NULL, n);
		plain_add(p, NULL, -n, 0, 0);
		break;
	}
	return true;
}

static bool random_reserve(struct plain *p, u64 n)
{
	bool fits = plain_fits(p, n);
	u64 missing;

	switch (draw(4)) {
	case 0:
		CHECK(!cgspan_counter_lacking(&p->counter, n, &missing) == fits);
		if (!fits)
			break;
		CHECK(cgspan_counter_reserve(&p->counter, n));
		plain_add(p, NULL, 0, n, n);
		break;
	case 1:
		n = min(n, p->spare);
		cgspan_counter_unreserve(&p->counter, n, n);
		plain_add(p, NULL, 0, -n, -n);
		break;
	case 2:
		n = min(n, p->spare);
		cgspan_counter_spend(&p->counter, NULL, n);
		plain_add(p, NULL, n, -n, 0);
		break;
	case 3:
		n = min(n, min(p->used, p->reserved - p->spare));
		cgspan_counter_unspend(&p->counter, NULL, n);
		plain_add(p, NULL, -n, n, 0);
		break;
	}
	return true;
}

/* Set or drain @p at random; a wrong result clears *@ok. Return: drained below the units taken? */
static bool random_lease(struct plain *p, bool *ok)
{
	u64 lease = draw(16) ? draw(60) : CGSPAN_MAX;
	bool below = lease < min(p->lease, plain_taken(p));
	u64 got;

	if (draw(2)) {
		p->lease = min(p->lease, lease);
		got = cgspan_counter_drain(&p->counter, lease);
		*ok &= got == max(p->lease, plain_taken(p));
		return below;
	}
	if (lease < p->lease)
		lease = max(lease, min(p->lease, plain_taken(p)));
	p->lease = lease;
	got = cgspan_counter_set(&p->counter, lease);
	*ok &= got == lease;
	return false;
}

static bool random_operations(void)
{
	unsigned int i, below = 0;
	struct plain *leaf;
	bool ok = true;

	for (i = 0; below < 100000; i++) {
		if (i % 4096 == 0) {
			plain_init(&plain_root, NULL);
			for (size_t t = 0; t < ARRAY_SIZE(plain_tops); t++)
				plain_init(&plain_tops[t], &plain_root);
			for (size_t l = 0; l < ARRAY_SIZE(plain_leaves); l++)
				plain_init(&plain_leaves[l], &plain_tops[l / 2]);
		}
		leaf = &plain_leaves[draw(ARRAY_SIZE(plain_leaves))];
		if (draw(4))
			ok = random_charge(leaf, 1 + draw(9));
		else if (draw(2))
			ok = random_reserve(leaf, 1 + draw(9));
		else
			below += random_lease(plain_any(), &ok);
		CHECK(ok && plain_all_same());
	}
	printf("# %u operations\n", i);
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

/* Root of the chains of all threads. A chain's leaf is used by its thread alone: no lock. */
static struct cgspan_counter shared;
static bool stop;

static void *charge_and_uncharge(void *arg)
{
	struct cgspan_counter *mine = arg;
	u64 missing, held = 0;

	while (!READ_ONCE(stop)) {
		if (!cgspan_counter_try_charge(mine, NULL, 1))
			held++;
		if (held > 5 || (held && cgspan_counter_used(&shared) % 3)) {
			cgspan_counter_uncharge(mine, NULL, 1);
			held--;
		}
		if (!cgspan_counter_lacking(mine, 2, &missing) &&
		    cgspan_counter_reserve(mine, 2))
			cgspan_counter_unreserve(mine, 2, 2);
	}
	while (held--)
		cgspan_counter_uncharge(mine, NULL, 1);
	return NULL;
}

static bool threads(void)
{
	struct cgspan_counter own[4];
	pthread_t thread[ARRAY_SIZE(own)];
	unsigned int i;
	bool ok = true;
	u64 held, want;

	cgspan_counter_init(&shared, NULL, 12, note_nothing);
	stop = false;
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		cgspan_counter_init(&own[i], &shared, 8, note_nothing);
		CHECK(!pthread_create(&thread[i], NULL, charge_and_uncharge,
				      &own[i]));
	}
	for (i = 0; i < 200000 && ok; i++) {
		want = i % 13;
		if (i % 2)
			ok = cgspan_counter_set(&shared, want) >= want;
		else
			cgspan_counter_drain(&shared, want);
		held = cgspan_counter_held(&shared);
		ok &= cgspan_counter_used(&shared) <= held;
	}
	WRITE_ONCE(stop, true);
	for (i = 0; i < ARRAY_SIZE(own); i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK(ok);
	CHECK(cgspan_counter_used(&shared) == 0);
	CHECK(atomic64_read(&shared.room) == (s64)shared.lease);
	return true;
}

static sem_t in_charge, drained;

static void wait_for_drain(void)
{
	sem_post(&in_charge);
	sem_wait(&drained);
}

static void *charge_one(void *arg)
{
	cgspan_counter_try_charge(arg, NULL, 1);
	return NULL;
}

/* Drain between the two steps of a charge. *@right: the drain's result includes that charge. */
static bool drain_in_charge(bool *right)
{
	struct cgspan_counter own;
	pthread_t thread;
	u64 held;

	cgspan_counter_init(&shared, NULL, 100, note_nothing);
	cgspan_counter_init(&own, &shared, 100, note_nothing);
	cgspan_counter_charge(&own, NULL, 90);
	sem_init(&in_charge, 0, 0);
	sem_init(&drained, 0, 0);
	delay = wait_for_drain;
	CHECK(!pthread_create(&thread, NULL, charge_one, &own));
	sem_wait(&in_charge);
	held = cgspan_counter_drain(&shared, 50);
	sem_post(&drained);
	CHECK(!pthread_join(thread, NULL));
	delay = NULL;
	CHECK(cgspan_counter_used(&shared) == 91);
	*right = held == 91;
	return true;
}

static bool drain_tells_room(void)
{
	bool right, by_used;

	CHECK(drain_in_charge(&right));
	broken = CGSPAN_BUG_HELD_BY_USED;
	CHECK(drain_in_charge(&by_used));
	broken = CGSPAN_BUG_NONE;
	CHECK(right && !by_used);
	return true;
}

int main(void)
{
	static const struct tap_test tests[] = {
		{ leaf_refuses, "a charge is admitted up to the lease and not beyond" },
		{ ancestor_refuses, "a refusal by an ancestor charges nothing" },
		{ root_refuses, "a refusal by the root charges nothing" },
		{ no_limit, "a lease without limit never refuses" },
		{ peak_of_root, "the peak of the root is what was taken at one moment" },
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
		{ drains_each, "a drained lease admits nothing until less than it is used" },
		{ drains_from_no_limit, "a lease without limit can be drained" },
		{ drains_reserves, "reserves stay while a lease drains" },
		{ moves_while_draining_each, "a move into a drained lease is an overdraft above what was held" },
		{ low_while_draining, "a drained lease reports low headroom after an admission only" },
		{ random_operations, "random operations, 100,000 of them drains below use, agree with a plain model" },
		{ charge_within, "a charge below a reserve asks only the leases below it" },
		{ threads, "chains that share the root never exceed its lease while it changes" },
		{ drain_tells_room, "a drain of the root counts a charge under way; told by the use it would not" },
	};

	return TAP_RUN(tests);
}
