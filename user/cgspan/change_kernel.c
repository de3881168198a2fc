// SPDX-License-Identifier: GPL-2.0
#include "change_kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#define STEP_MS		100

/*
 * The kernel lowers a lease no further than the amount in use, and sends no
 * event when use falls: set the lease again until it is accepted or time is up.
 */
static int lease_lower(struct cgspan *k, const struct change *ch,
		       struct cgspan_err *err)
{
	const struct timespec step = { 0, STEP_MS * 1000000L };
	struct cgspan_lease leases[CGSPAN_RES_MAX + 1];
	unsigned int waited = 0;
	size_t i;
	int ret;

	for (;;) {
		for (i = 0; i < ch->n_limits; i++)
			leases[i] = (struct cgspan_lease){
				.path = ch->path,
				.res = ch->limits[i].res,
				.amount = ch->limits[i].limit,
			};
		ret = cgspan_lease_set(k, 0, leases, ch->n_limits, err);
		if (ret)
			return ret;
		for (i = 0; i < ch->n_limits; i++)
			if (leases[i].amount > ch->limits[i].limit)
				break;
		if (i == ch->n_limits)
			return 0;
		if (waited >= ch->wait_ms)
			break;
		nanosleep(&step, NULL);
		waited += STEP_MS;
	}
	return cgspan_err_set(err, -ETIME,
			      "%s of %s: %" PRIu64 " are in use, so the lease is still %" PRIu64 ": run the command again when tasks or grants have ended",
			      cgspan_res_name(leases[i].res), ch->path,
			      leases[i].used, leases[i].amount);
}

static int create(struct cgspan *k, const struct change *ch,
		  const struct cgspan_group_conf *conf, struct cgspan_err *err)
{
	int ret;

	ret = cgspan_group_new(k, conf, NULL, err);
	if (ret || !ch->n_limits)
		return ret;
	ret = lease_lower(k, ch, err);
	if (ret)
		cgspan_group_del(k, ch->path, 0, NULL);
	return ret;
}

static int set(struct cgspan *k, const struct change *ch,
	       const struct cgspan_group_conf *conf, struct cgspan_err *err)
{
	int ret;

	ret = cgspan_group_set(k, conf, err);
	if (ret || !ch->n_limits)
		return ret;
	return lease_lower(k, ch, err);
}

int change_kernel(const struct change *ch, struct outcome *out,
		  struct cgspan_err *err)
{
	struct cgspan_group_conf conf = {
		.path = ch->path,
		.on_expiry = ch->on_expiry,
		.limits = ch->limits,
		.n_limits = ch->n_limits,
	};
	struct cgspan *k;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	if (ch->kind == CHANGE_CREATE)
		ret = create(k, ch, &conf, err);
	else if (ch->kind == CHANGE_SET)
		ret = set(k, ch, &conf, err);
	else
		ret = cgspan_group_del(k, ch->path, 0, err);
	cgspan_close(k);
	out->nodes = 1;
	out->in_force = !ret;
	return ret;
}

static int restore(struct cgspan *k, const struct cgspan_group *groups,
		   size_t n, struct cgspan_err *err)
{
	struct cgspan_lease leases[CGSPAN_LEASES_MAX];
	size_t i, filled = 0;
	unsigned int r;
	int ret = 0;

	for (i = 0; i < n && !ret; i++) {
		for (r = 0; r < groups[i].n_res; r++)
			leases[filled++] = (struct cgspan_lease){
				.id = groups[i].id,
				.res = groups[i].res[r].id,
				.amount = groups[i].res[r].limit,
			};
		if (i + 1 < n && filled <= CGSPAN_LEASES_MAX - CGSPAN_RES_MAX - 1)
			continue;
		ret = filled ? cgspan_lease_set(k, 0, leases, filled, err) : 0;
		filled = 0;
	}
	return ret;
}

/* -ENOENT: a daemon that leaves has removed a group since the list was read. */
int change_kernel_restore(struct cgspan_err *err)
{
	struct cgspan_group *groups;
	struct cgspan *k;
	size_t n;
	int ret;

	ret = cgspan_open(&k, err);
	if (ret)
		return ret;
	do {
		ret = cgspan_group_list(k, NULL, &groups, &n, err);
		if (ret)
			break;
		ret = restore(k, groups, n, err);
		free(groups);
	} while (ret == -ENOENT);
	cgspan_close(k);
	return ret;
}
