/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_BIND_H
#define CGSPAN_BIND_H

#include <linux/types.h>

struct cgspan_group;
struct cgspan_member;
struct cgspan_tree;
struct netlink_ext_ack;
struct nlattr;

/**
 * struct cgspan_bind - a cgroup to bind or to unbind
 * @group: the group to bind to; the caller keeps its reference (bind only)
 * @path: in the caller's cgroup namespace; NULL: see @fd
 * @fd: of the open cgroup directory; negative: see @id
 * @freezer: fd of its cgroup.freeze; negative: none (bind only)
 * @procs: fd of the cgroup.procs that proves authority; negative: none (bind only)
 * @kill: fd of the cgroup.kill beside that; negative: none (bind only)
 * @trusted: the caller has CAP_SYS_ADMIN (bind only)
 * @id: the id of the directory (unbind only)
 * @any: the member may be one of any network namespace (unbind only)
 * @attr: the attribute that an error points at
 */
struct cgspan_bind {
	struct cgspan_group *group;
	const char *path;
	int fd;
	int freezer;
	int procs;
	int kill;
	bool trusted;
	u64 id;
	bool any;
	const struct nlattr *attr;
};

int cgspan_bind_init(void);
void cgspan_bind_exit(void);
int cgspan_bind_add(const struct cgspan_bind *binds, unsigned int n,
		    struct netlink_ext_ack *extack);
int cgspan_bind_del(struct cgspan_tree *tree, const struct cgspan_bind *binds,
		    unsigned int n, struct netlink_ext_ack *extack);
int cgspan_bind_check_expiry(struct cgspan_group *group, u8 on_expiry,
			     struct netlink_ext_ack *extack);
void cgspan_bind_freeze(struct cgspan_member *member, bool frozen);
bool cgspan_bind_retire(struct cgspan_group *root);
int cgspan_bind_settle(void);
void cgspan_bind_idle(struct cgspan_group *group);

#endif /* CGSPAN_BIND_H */
