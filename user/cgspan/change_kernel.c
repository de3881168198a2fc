// SPDX-License-Identifier: GPL-2.0
#include "change_kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#define STEP_MS		100

/*
 * Set leases of @ch's group to @ch->limits. Return: index of the first lease
 * that stays above its limit; @ch->n_limits if none does; or a negative errno.
 */
static int leases_set(struct cgspan *k, const struct change *ch,
		      struct cgspan_lease *leases, struct cgspan_err *err)
{
	size_t i;
	int ret;

	for (i = 0; i < ch->n_limits; i++)
		leases[i] = (struct cgspan_lease){
			.path = ch->path,
			.res = ch->limits[i].res,
			.amount = ch->limits[i].limit,
		};
	ret = i ? cgspan_lease_set(k, 0, leases, i, err) : 0;
	if (ret)
		return ret;
	for (i = 0; i < ch->n_limits; i++)
		if (leases[i].amount > ch->limits[i].limit)
			break;
	return i;
}

/*
 * The kernel does not lower a lease below the use, and sends no event when the
 * use falls: set the leases again until all are accepted or time is up.
 */
static int leases_lower(struct cgspan *k, const struct change *ch,
			struct cgspan_err *err)
{
	struct cgspan_lease leases[CGSPAN_RES_MAX + 1], *l;
	unsigned int waited = 0;
	int i;

	while ((i = leases_set(k, ch, leases, err)) >= 0 &&
	       i < (int)ch->n_limits && waited < ch->wait_ms) {
		poll(NULL, 0, STEP_MS);
		waited += STEP_MS;
	}
	if (i < 0 || i == (int)ch->n_limits)
		return i < 0 ? i : 0;
	l = &leases[i];
	return cgspan_err_set(err, -ETIME,
			      "%s of %s: %" PRIu64 " are in use, so the lease is still %" PRIu64 ": run the command again when tasks or grants have ended",
			      cgspan_res_name(l->res), ch->path, l->used,
			      l->amount);
}

int change_kernel(struct cgspan *k, const struct change *ch,
		  struct cgspan_err *err)
{
	struct cgspan_group_conf conf = {
		.path = ch->path,
		.on_expiry = ch->on_expiry,
		.limits = ch->limits,
		.n_limits = ch->n_limits,
	};
	int ret;

	if (ch->kind == CHANGE_DELETE)
		return cgspan_group_del(k, ch->path, 0, err);
	ret = ch->kind == CHANGE_SET ? cgspan_group_set(k, &conf, err) :
				       cgspan_group_new(k, &conf, NULL, err);
	if (ret)
		return ret;
	ret = leases_lower(k, ch, err);
	if (ret && ch->kind == CHANGE_CREATE)
		cgspan_group_del(k, ch->path, 0, NULL);
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

/* After -ENOENT read the groups again: a leaving daemon has removed some. */
int change_kernel_restore(struct cgspan *k, struct cgspan_err *err)
{
	struct cgspan_group *groups;
	size_t n;
	int ret;

	do {
		ret = cgspan_group_list(k, NULL, &groups, &n, err);
		if (ret)
			break;
		ret = restore(k, groups, n, err);
		free(groups);
	} while (ret == -ENOENT);
	return ret;
}
