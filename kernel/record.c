// SPDX-License-Identifier: GPL-2.0
/*
 * Records of charged tasks: their memory, and the table. task.c tells what a record
 * means.
 *
 * The size of the table follows the size of memory, so that chains stay short with
 * as many tasks as a machine can hold.
 *
 * The record of a freed task, unless "exit" tells it, becomes a spare if there is
 * room, for the next task_struct in the same bucket, which mostly has the same
 * address. A reader without a lock that stands on a reused record stays in its
 * bucket and misses no other record.
 */
#include "record.h"

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "event.h"

/* The table has a bucket for each BUCKET_PAGES pages of memory, within these bounds. */
#define BUCKET_PAGES	8
#define BUCKETS_MIN	1024
#define BUCKETS_MAX	4194304
/* How many spare records are kept at most. */
#define SPARES		8192
/* How many records are kept ready for tasks that exist already. */
#define STOCK_MAX	1024

struct cgspan_bucket *cgspan_record_table __ro_after_init;
unsigned int cgspan_record_shift __ro_after_init;
unsigned int cgspan_record_buckets __ro_after_init;

static struct kmem_cache *cache;
/* Records that can be used again, or NULL; each is exchanged atomically. */
static struct cgspan_record *spares[SPARES];

/*
 * Records for tasks that exist: those moved into a group, or found by a scan or at
 * exec. Probes may not allocate: they run with preemption off, and under PREEMPT_RT
 * the allocator takes locks that sleep.
 */
static struct {
	raw_spinlock_t lock; /* protects the stock; nests in a bucket's lock */
	struct hlist_head records;
	unsigned int nr;
} stock = { .lock = __RAW_SPIN_LOCK_UNLOCKED(stock.lock) };

static void free_record(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct cgspan_record, rcu));
}

/* Free a record that is in the table no more, after a grace period. */
void cgspan_record_free(struct cgspan_record *record)
{
	call_rcu(&record->rcu, free_record);
}

static struct cgspan_record **spare_of(const struct cgspan_bucket *bucket)
{
	return &spares[(size_t)(bucket - cgspan_record_table) % SPARES];
}

/* Return: a record for a new task, or NULL without memory. */
struct cgspan_record *cgspan_record_get(struct cgspan_bucket *bucket)
{
	struct cgspan_record **spare = spare_of(bucket);
	struct cgspan_record *record = READ_ONCE(*spare);

	if (record)
		record = xchg(spare, NULL);
	if (record && record->bucket != bucket) {
		/* A lock-free reader may be at @record: reuse it in its bucket only. */
		cgspan_record_free(record);
		record = NULL;
	}
	if (!record)
		record = kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN);
	if (record)
		record->bucket = bucket;
	return record;
}

/* Try to make a spare for the bucket; other forks may take it or its place. May sleep. */
void cgspan_record_provide(struct cgspan_bucket *bucket)
{
	struct cgspan_record *record = kmem_cache_alloc(cache, GFP_KERNEL);

	if (!record)
		return;
	record->bucket = bucket;
	if (cmpxchg(spare_of(bucket), NULL, record))
		kmem_cache_free(cache, record);
}

/* Keep a record as a spare, or free it; it is no longer in the table. */
void cgspan_record_put(struct cgspan_record *record)
{
	if (cmpxchg(spare_of(record->bucket), NULL, record))
		cgspan_record_free(record);
}

/* Fill the stock. Context: may sleep, and waits for memory. */
void cgspan_record_refill(void)
{
	struct cgspan_record *record;

	while (READ_ONCE(stock.nr) < STOCK_MAX) {
		record = kmem_cache_alloc(cache, GFP_KERNEL | __GFP_NOFAIL);
		raw_spin_lock_irq(&stock.lock);
		hlist_add_head(&record->node, &stock.records);
		stock.nr++;
		raw_spin_unlock_irq(&stock.lock);
	}
}

static void refill(struct work_struct *unused)
{
	cgspan_record_refill();
}

static DECLARE_WORK(refill_work, refill);

/* Fill the stock soon, if it is less than half full. Context: any but NMI. */
void cgspan_record_refill_later(void)
{
	if (READ_ONCE(stock.nr) < STOCK_MAX / 2)
		queue_work(cgspan_event_wq, &refill_work);
}

/* Return: a record of the stock, or NULL if it is empty. A bucket is locked. */
struct cgspan_record *cgspan_record_take(void)
{
	struct cgspan_record *record = NULL;

	raw_spin_lock(&stock.lock);
	if (stock.nr) {
		record = hlist_entry(stock.records.first, struct cgspan_record,
				     node);
		hlist_del(&record->node);
		stock.nr--;
	}
	raw_spin_unlock(&stock.lock);
	return record;
}

/* Slab constructor: objects are zeroed once; later users set only what they need. */
static void construct(void *object)
{
	memset(object, 0, sizeof(struct cgspan_record));
}

/* With 2 GiB of memory: 65,536 buckets, 1 MiB in all; 64 GiB: 2 million, 32 MiB. */
static int __init make_table(void)
{
	unsigned long n = totalram_pages() / BUCKET_PAGES;
	struct cgspan_bucket *table;
	unsigned int i;

	n = clamp_t(unsigned long, n, BUCKETS_MIN, BUCKETS_MAX);
	cgspan_record_buckets = roundup_pow_of_two(n);
	cgspan_record_shift = 64 - ilog2(cgspan_record_buckets);
	table = kvcalloc(cgspan_record_buckets, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < cgspan_record_buckets; i++)
		raw_spin_lock_init(&table[i].lock);
	cgspan_record_table = table;
	return 0;
}

int __init cgspan_record_init(void)
{
	int ret;

	ret = make_table();
	if (ret)
		return ret;
	cache = kmem_cache_create("cgspan_task", sizeof(struct cgspan_record),
				  0, SLAB_HWCACHE_ALIGN, construct);
	if (cache)
		return 0;
	kvfree(cgspan_record_table);
	return -ENOMEM;
}

/* Wait for the callbacks that free records, then free the rest. */
void cgspan_record_exit(void)
{
	struct cgspan_record *record;
	struct hlist_node *next;
	unsigned int i;

	cancel_work_sync(&refill_work);
	rcu_barrier();
	hlist_for_each_entry_safe(record, next, &stock.records, node)
		kmem_cache_free(cache, record);
	for (i = 0; i < ARRAY_SIZE(spares); i++)
		if (spares[i])
			kmem_cache_free(cache, spares[i]);
	kmem_cache_destroy(cache);
	kvfree(cgspan_record_table);
}
