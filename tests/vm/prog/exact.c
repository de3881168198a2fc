// SPDX-License-Identifier: GPL-2.0
/*
 * Compare the module's counts with the kernel's.
 *
 *   exact GROUP=CGROUP[,CGROUP]...
 *
 * CGROUPs are the topmost members of the group's subtree. "used" must equal the
 * sum of their pids.current, and "live" the number of threads in their subtrees
 * that have not exited. Prints one line of JSON for each group. Exit status: 0:
 * all are equal; 1: not; 2: error. Valid only while no task is created, ends or
 * moves.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cgspan.h>

#define DIE_STATUS 2
#include "genl.h"

struct figures {
	uint64_t used;
	uint64_t live;
};

/* ---- the kernel's counts ---- */

static FILE *open_in(const char *dir, const char *file)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "re");
	if (!f)
		die(path);
	return f;
}

static uint64_t read_current(const char *dir)
{
	FILE *f = open_in(dir, "pids.current");
	uint64_t n;

	if (fscanf(f, "%" SCNu64, &n) != 1)
		die("pids.current");
	fclose(f);
	return n;
}

static uint64_t count_threads(const char *dir)
{
	FILE *f = open_in(dir, "cgroup.threads");
	DIR *d = opendir(dir);
	char path[PATH_MAX];
	struct dirent *e;
	uint64_t n = 0;
	int c;

	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	if (!d)
		die(dir);
	while ((e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >=
		    (int)sizeof(path))
			die(dir);
		n += count_threads(path);
	}
	closedir(d);
	return n;
}

/* ---- the module's counts ---- */

static int on_res(const struct nlattr *attr, void *data)
{
	struct figures *f = data;

	if (mnl_attr_get_type(attr) == CGSPAN_RES_A_USED)
		f->used = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

static int on_group(const struct nlattr *attr, void *data)
{
	struct figures *f = data;

	if (mnl_attr_get_type(attr) == CGSPAN_GROUP_A_LIVE)
		f->live = mnl_attr_get_u64(attr);
	if (mnl_attr_get_type(attr) == CGSPAN_GROUP_A_RESOURCE)
		return mnl_attr_parse_nested(attr, on_res, f);
	return MNL_CB_OK;
}

static int on_top(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == CGSPAN_A_GROUP)
		return mnl_attr_parse_nested(attr, on_group, data);
	return MNL_CB_OK;
}

static struct figures ask(struct mnl_socket *nl, uint16_t family,
			  const char *path)
{
	struct figures f = { UINT64_MAX, UINT64_MAX };
	char buf[4096];
	struct nlmsghdr *nlh = genl_begin(buf, family, CGSPAN_CMD_GROUP_GET,
					 NLM_F_ACK);
	struct nlattr *nest = mnl_attr_nest_start(nlh, CGSPAN_A_GROUP);

	mnl_attr_put_strz(nlh, CGSPAN_GROUP_A_PATH, path);
	mnl_attr_nest_end(nlh, nest);
	if (genl_talk(nl, nlh, on_top, &f))
		die("request");
	return f;
}

static bool compare(struct mnl_socket *nl, uint16_t family, char *pair)
{
	char *dirs = strchr(pair, '=');
	struct figures want = { 0, 0 }, have;
	bool equal;

	if (!dirs) {
		errno = EINVAL;
		die(pair);
	}
	*dirs++ = 0;
	have = ask(nl, family, pair);
	for (char *d = strtok(dirs, ","); d; d = strtok(NULL, ",")) {
		want.used += read_current(d);
		want.live += count_threads(d);
	}
	equal = have.used == want.used && have.live == want.live;
	printf("{\"group\":\"%s\",\"used\":%" PRIu64 ",\"pids\":%" PRIu64
	       ",\"live\":%" PRIu64 ",\"threads\":%" PRIu64 ",\"equal\":%s}\n",
	       pair, have.used, want.used, have.live, want.live,
	       equal ? "true" : "false");
	return equal;
}

int main(int argc, char **argv)
{
	struct mnl_socket *nl;
	uint16_t family;
	bool equal = true;

	if (argc < 2) {
		fprintf(stderr, "exact: give GROUP=CGROUP\n");
		return 2;
	}
	nl = genl_open();
	family = genl_family(nl, CGSPAN_GENL_NAME);
	for (int i = 1; i < argc; i++)
		equal &= compare(nl, family, argv[i]);
	mnl_socket_close(nl);
	return equal ? 0 : 1;
}
