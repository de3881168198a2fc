// SPDX-License-Identifier: GPL-2.0
/*
 * Without a store: leases are restored while another program removes groups. Instead
 * of a kernel there are functions of this test: cgspan_group_list() may remove one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgspan/change_kernel.h"
#include "tap.h"

#define GROUPS	4

static struct {
	struct cgspan_group groups[GROUPS];
	size_t n;
	size_t to_go;		/* groups still to be removed, one by each cgspan_group_list() */
	uint64_t leases[GROUPS];
	int error;		/* if not 0, the error of each cgspan_lease_set() */
} kernel;

static void kernel_reset(size_t n, size_t to_go)
{
	size_t i;

	memset(&kernel, 0, sizeof(kernel));
	kernel.n = n;
	kernel.to_go = to_go;
	for (i = 0; i < n; i++) {
		kernel.groups[i].id = i + 1;
		kernel.groups[i].n_res = 1;
		kernel.groups[i].res[0].id = CGSPAN_RES_TASKS;
		kernel.groups[i].res[0].limit = 10 * (i + 1);
	}
}

int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err)
{
	*n = kernel.n;
	*out = calloc(GROUPS, sizeof(**out));
	if (!*out)
		return cgspan_err_set(err, -ENOMEM, "no memory");
	memcpy(*out, kernel.groups, sizeof(kernel.groups));
	if (kernel.to_go) {
		kernel.to_go--;
		kernel.n--;
	}
	return 0;
}

int cgspan_lease_set(struct cgspan *c, uint64_t epoch,
		     struct cgspan_lease *leases, size_t n,
		     struct cgspan_err *err)
{
	size_t i;

	if (kernel.error)
		return cgspan_err_set(err, kernel.error, "refused");
	for (i = 0; i < n; i++)
		if (leases[i].id > kernel.n)
			return cgspan_err_set(err, -ENOENT,
					      "there is no such group");
	for (i = 0; i < n; i++)
		kernel.leases[leases[i].id - 1] = leases[i].amount;
	return 0;
}

int cgspan_group_new(struct cgspan *c, const struct cgspan_group_conf *conf,
		     uint64_t *id, struct cgspan_err *err)
{
	return cgspan_err_set(err, -EINVAL, "nothing here makes a group");
}

int cgspan_group_set(struct cgspan *c, const struct cgspan_group_conf *conf,
		     struct cgspan_err *err)
{
	return cgspan_err_set(err, -EINVAL, "nothing here sets a group");
}

int cgspan_group_del(struct cgspan *c, const char *path, uint64_t id,
		     struct cgspan_err *err)
{
	return cgspan_err_set(err, -EINVAL, "nothing here deletes a group");
}

static bool leases_are_limits(void)
{
	struct cgspan_err err;

	kernel_reset(3, 0);
	CHECK(!change_kernel_restore(NULL, &err));
	CHECK(kernel.leases[0] == 10 && kernel.leases[2] == 30);
	return true;
}

static bool groups_that_go(void)
{
	struct cgspan_err err;

	kernel_reset(4, 3);
	CHECK(!change_kernel_restore(NULL, &err));
	CHECK(kernel.leases[0] == 10 && !kernel.leases[1]);
	kernel_reset(2, 2);
	CHECK(!change_kernel_restore(NULL, &err));
	return true;
}

static bool refusal_told(void)
{
	struct cgspan_err err;

	kernel_reset(2, 0);
	kernel.error = -EPERM;
	CHECK(change_kernel_restore(NULL, &err) == -EPERM);
	return true;
}

static const struct tap_test tests[] = {
	{ leases_are_limits, "after a session each lease is its limit" },
	{ groups_that_go, "groups removed by the daemon at the same time are no error" },
	{ refusal_told, "a refusal of the kernel is returned" },
};

int main(void)
{
	return TAP_RUN(tests);
}
