// SPDX-License-Identifier: GPL-2.0
/* A peer's clock compared with the own clock: which differences raise an alarm. */
#include <stdlib.h>

#include "ledger/pace.h"
#include "tap.h"

#define MS	1000000ULL
#define SEC	(1000 * MS)
#define TTL	(15 * SEC)
#define BEAT	(5 * SEC)

/* A peer that sends heartbeats; @ours: own clock, ns; @its: clock of the peer, ns. */
struct peer {
	struct pace pace;
	uint64_t ours;
	uint64_t its;
	int64_t lost;	/* what the last alarm told: ns by which @its fell behind @ours */
	unsigned int alarms;
};

static struct peer start(void)
{
	return (struct peer){ .ours = 1000 * SEC, .its = 50 * SEC };
}

static void hear(struct peer *p, uint64_t late)
{
	int64_t lost = pace_heard(&p->pace, 7, p->its, p->ours + late, TTL);

	if (!lost)
		return;
	p->lost = lost;
	p->alarms++;
}

/* Receive @n heartbeats: the peer's clock is faster than the own one by @per_mille, and
 * each heartbeat arrives late, by a random time below @late, ns.
 */
static void beat(struct peer *p, unsigned int n, int per_mille, uint64_t late)
{
	while (n--) {
		p->ours += BEAT;
		p->its += BEAT + (int64_t)BEAT / 1000 * per_mille;
		hear(p, late ? (uint64_t)random() % late : 0);
	}
}

static bool about(int64_t lost, int64_t want)
{
	return llabs(lost - want) < (int64_t)SEC;
}

static bool sound(void)
{
	struct peer p = start();

	beat(&p, 20000, 0, 0);
	CHECK(!p.alarms);
	beat(&p, 20000, 0, 6 * SEC);
	CHECK(!p.alarms);
	beat(&p, 20000, 1, 0);
	beat(&p, 20000, -1, 0);
	CHECK(!p.alarms);
	return true;
}

static bool paused(void)
{
	struct peer p = start();

	beat(&p, 10, 0, SEC);
	p.ours += 20 * SEC;
	beat(&p, 10, 0, SEC);
	CHECK(p.alarms == 1 && about(p.lost, 20 * SEC));
	p.its += 20 * SEC;
	beat(&p, 10, 0, SEC);
	CHECK(p.alarms == 2 && about(p.lost, -20 * (int64_t)SEC));
	beat(&p, 20000, 0, SEC);
	p.ours += 9 * SEC;
	beat(&p, 10, 0, 0);
	CHECK(p.alarms == 3);
	return true;
}

static bool skewed(void)
{
	struct peer slow = start(), fast = start();

	beat(&slow, 60, -100, SEC);
	CHECK(slow.alarms && slow.lost > 0);
	beat(&fast, 60, 100, SEC);
	CHECK(fast.alarms && fast.lost < 0);
	return true;
}

static bool anew(void)
{
	struct peer p = start();

	beat(&p, 10, 0, 0);
	p.its = SEC;
	CHECK(!pace_heard(&p.pace, 8, p.its, p.ours, TTL) && !p.pace.based);
	return true;
}

static bool held_up(void)
{
	struct peer p = start();

	beat(&p, 10, 0, 0);
	p.ours += 60 * SEC;
	for (unsigned int i = 0; i < 12; i++) {
		p.its += BEAT;
		hear(&p, 0);
	}
	beat(&p, 10, 0, 0);
	CHECK(!p.alarms);
	return true;
}

static const struct tap_test tests[] = {
	{ sound, "clocks that are 1000 ppm apart, and late heartbeats, raise no alarm" },
	{ paused, "a paused clock raises one alarm, the own clock too, also after a day" },
	{ skewed, "a clock that is 10 % slow or fast raises an alarm" },
	{ anew, "a new session may have a new clock" },
	{ held_up, "delayed heartbeats that arrive together raise no alarm" },
};

int main(void)
{
	return TAP_RUN(tests);
}
