// SPDX-License-Identifier: GPL-2.0
/*
 * A client that the kernel's own generator (ynl-gen-c) has made of the Netlink
 * spec: cgspan-user.[ch]. It makes the groups /spec and /spec/in, sets a limit and
 * leases, reads the groups, sends requests that are refused, removes the groups, and
 * prints the answers.
 */
#include <poll.h>
#include <string.h>

#include <linux/cgspan.h>
#include <ynl.h>

#include "cgspan-user.h"
#include "die.h"

static void refused(struct ynl_sock *ys, const char *what)
{
	printf("%s: %s: %s\n", what, strerrorname_np(ys->err.code), ys->err.msg);
}

/* Returns the id of the new group, or 0 if it was refused. */
static __u64 group_new(struct ynl_sock *ys, const char *path, int on_expiry)
{
	struct cgspan_group_new_req *req = cgspan_group_new_req_alloc();
	struct cgspan_group_new_rsp *rsp;
	__u64 id;

	must(req, "group-new");
	cgspan_group_new_req_set_group_path(req, path);
	cgspan_group_new_req_set_group_on_expiry(req, on_expiry);
	rsp = cgspan_group_new(ys, req);
	cgspan_group_new_req_free(req);
	if (!rsp) {
		refused(ys, path);
		return 0;
	}
	printf("new %s\n", rsp->group.path);
	id = rsp->group.id;
	cgspan_group_new_rsp_free(rsp);
	return id;
}

static void group_set(struct ynl_sock *ys, __u64 id, __u64 limit)
{
	struct cgspan_group_set_req *req = cgspan_group_set_req_alloc();
	struct cgspan_res_limit *res = calloc(1, sizeof(*res));

	must(req && res, "group-set");
	cgspan_group_set_req_set_group_id(req, id);
	res->_present.id = 1;
	res->id = CGSPAN_RES_TASKS;
	res->_present.limit = 1;
	res->limit = limit;
	__cgspan_group_set_req_set_group_resource(req, res, 1);
	if (cgspan_group_set(ys, req))
		refused(ys, "group-set");
	cgspan_group_set_req_free(req);
}

/* Set the lease of tasks of the group with the id @ids[i] to i + 7, for all @n. */
static void lease_set(struct ynl_sock *ys, const __u64 *ids, unsigned int n)
{
	struct cgspan_lease_set_req *req = cgspan_lease_set_req_alloc();
	struct cgspan_lease *leases = calloc(n, sizeof(*leases));
	struct cgspan_lease_set_rsp *rsp;
	unsigned int i;

	must(req && leases, "lease-set");
	for (i = 0; i < n; i++) {
		leases[i]._present.group_id = 1;
		leases[i].group_id = ids[i];
		leases[i]._present.res = 1;
		leases[i].res = CGSPAN_RES_TASKS;
		leases[i]._present.amount = 1;
		leases[i].amount = i + 7;
	}
	__cgspan_lease_set_req_set_lease(req, leases, n);
	rsp = cgspan_lease_set(ys, req);
	cgspan_lease_set_req_free(req);
	if (!rsp) {
		refused(ys, "lease-set");
		return;
	}
	for (i = 0; i < rsp->n_lease; i++)
		printf("lease of %s: %llu, used %llu\n",
		       cgspan_resource_str(rsp->lease[i].res),
		       rsp->lease[i].amount, rsp->lease[i].used);
	cgspan_lease_set_rsp_free(rsp);
}

static void print_group(const struct cgspan_group *group)
{
	printf("%s: %s", group->path, cgspan_on_expiry_str(group->on_expiry));
	for (unsigned int i = 0; i < group->n_resource; i++) {
		const struct cgspan_res *res = &group->resource[i];

		printf(", %s lease %llu", cgspan_resource_str(res->id), res->lease);
		if (res->limit != CGSPAN_MAX)
			printf(" limit %llu", res->limit);
	}
	putchar('\n');
}

static void group_get(struct ynl_sock *ys, const char *path)
{
	struct cgspan_group_get_req *req = cgspan_group_get_req_alloc();
	struct cgspan_group_get_rsp *rsp;

	must(req, "group-get");
	cgspan_group_get_req_set_group_path(req, path);
	rsp = cgspan_group_get(ys, req);
	cgspan_group_get_req_free(req);
	if (!rsp) {
		refused(ys, path);
		return;
	}
	print_group(&rsp->group);
	cgspan_group_get_rsp_free(rsp);
}

/* Print the group @path and all groups below it. */
static void group_dump(struct ynl_sock *ys, const char *path)
{
	struct cgspan_group_get_req_dump *req = cgspan_group_get_req_dump_alloc();
	struct cgspan_group_get_list *list;

	must(req, "group-get");
	cgspan_group_get_req_dump_set_group_path(req, path);
	list = cgspan_group_get_dump(ys, req);
	cgspan_group_get_req_dump_free(req);
	if (!list) {
		refused(ys, "group-get");
		return;
	}
	ynl_dump_foreach(list, item)
		print_group(&item->group);
	cgspan_group_get_list_free(list);
}

static void group_del(struct ynl_sock *ys, __u64 id, const char *path)
{
	struct cgspan_group_del_req *req = cgspan_group_del_req_alloc();

	must(req, "group-del");
	cgspan_group_del_req_set_group_id(req, id);
	if (cgspan_group_del(ys, req))
		refused(ys, path);
	cgspan_group_del_req_free(req);
}

/* Wait for a notification that group @id is gone; fail after 10 s without any. */
static void wait_gone(struct ynl_sock *ys, __u64 id)
{
	struct pollfd pfd = { .fd = ynl_socket_get_fd(ys), .events = POLLIN };
	struct cgspan_group_del_ntf *gone;
	struct ynl_ntf_base_type *ntf;
	bool found = false;

	while (!found) {
		while (!found && (ntf = ynl_ntf_dequeue(ys))) {
			gone = (void *)ntf;
			found = ntf->cmd == CGSPAN_CMD_GROUP_DEL_NTF &&
				gone->obj.group.id == id;
			if (found)
				printf("%s %s\n", cgspan_op_str(ntf->cmd),
				       gone->obj.group.path);
			ynl_ntf_free(ntf);
		}
		if (!found && (poll(&pfd, 1, 10000) != 1 || ynl_ntf_check(ys)))
			die("no notification");
	}
}

int main(void)
{
	struct ynl_error err = {};
	struct ynl_sock *ys = ynl_sock_create(&ynl_cgspan_family, &err);
	__u64 ids[2];

	if (!ys || ynl_subscribe(ys, CGSPAN_MCGRP_CONFIG))
		die(ys ? ys->err.msg : err.msg);
	ids[0] = group_new(ys, "/spec", CGSPAN_ON_EXPIRY_HOLD);
	ids[1] = group_new(ys, "/spec/in", CGSPAN_ON_EXPIRY_KILL);
	group_set(ys, ids[0], 9);
	lease_set(ys, ids, 2);
	group_get(ys, "/spec/in");
	group_dump(ys, "/spec");

	group_new(ys, "/none/in", CGSPAN_ON_EXPIRY_HOLD);
	group_new(ys, "/spec/out", 99);

	group_del(ys, ids[0], "/spec");
	group_del(ys, ids[1], "/spec/in");
	group_del(ys, ids[0], "/spec");
	group_get(ys, "/spec");
	wait_gone(ys, ids[0]);
	ynl_sock_destroy(ys);
	return 0;
}
