// SPDX-License-Identifier: GPL-2.0
/* Histograms of the scheduler, which are in debugfs files of the module. */
#include "ipc.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR "/sys/kernel/debug/cgspan"

static int fail(const char *file, struct cgspan_err *err)
{
	int no = -errno;

	if (no == -ENOENT && access(DIR, F_OK))
		return cgspan_err_set(err, no,
				      "there is no " DIR ": is the module loaded, and debugfs mounted (mount -t debugfs none /sys/kernel/debug)?");
	return cgspan_err_set(err, no, "cannot open %s: %s", file,
			      strerror(-no));
}

/* Is @name that of a debugfs file? A group named so has the folder "#ID". */
static bool is_file(const char *name, size_t len)
{
	static const char *const files[] = {
		"stat", "tasks", "sched", "refusals",
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strlen(files[i]) == len && !memcmp(files[i], name, len))
			return true;
	return false;
}

static int level_name(struct cgspan *c, const char *group, const char *name,
		      size_t len, char *out, size_t size,
		      struct cgspan_err *err)
{
	struct cgspan_group g;
	char path[CGSPAN_PATH_LEN + 1];
	int ret;

	if (!is_file(name, len)) {
		snprintf(out, size, "/%.*s", (int)len, name);
		return 0;
	}
	snprintf(path, sizeof(path), "%.*s", (int)(name + len - group), group);
	ret = cgspan_group_get(c, path, 0, &g, err);
	if (!ret)
		snprintf(out, size, "/#%" PRIu64, g.id);
	return ret;
}

/* Path of the group's debugfs file for the process's network namespace. */
static int file_name(struct cgspan *c, const char *group, char *out,
		     size_t size, struct cgspan_err *err)
{
	const char *name = group;
	struct stat st;
	size_t at, len;
	int ret = cgspan_path_check(group, err);

	if (ret)
		return ret;
	if (stat("/proc/self/ns/net", &st))
		return fail("/proc/self/ns/net", err);
	at = snprintf(out, size, DIR "/%ju", (uintmax_t)st.st_ino);
	while (*name && name[1]) {
		len = strcspn(++name, "/");
		ret = level_name(c, group, name, len, out + at, size - at, err);
		if (ret)
			return ret;
		at += strlen(out + at);
		name += len;
	}
	snprintf(out + at, size - at, "/sched");
	return 0;
}

/* Parse a heading, "NS DELAYS SLICES" for each bucket, "sum DELAYS SLICES". */
static int parse(FILE *f, struct cgspan_sched *s)
{
	uint64_t bound;
	unsigned int i;

	if (fscanf(f, "ns delays slices") || ferror(f))
		return -EPROTO;
	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		if (fscanf(f, "%" SCNu64 "%" SCNu64 "%" SCNu64, &bound,
			   &s->delay.counts[i], &s->slice.counts[i]) != 3 ||
		    bound != cgspan_hist_bound(i))
			return -EPROTO;
	if (fscanf(f, " sum%" SCNu64 "%" SCNu64, &s->delay.sum,
		   &s->slice.sum) != 2)
		return -EPROTO;
	return 0;
}

int cgspan_sched_get(struct cgspan *c, const char *group,
		     struct cgspan_sched *s, struct cgspan_err *err)
{
	char name[PATH_MAX];
	FILE *f;
	int ret;

	ret = file_name(c, group, name, sizeof(name), err);
	if (ret)
		return ret;
	f = fopen(name, "re");
	if (!f && errno == ENOENT && !access(DIR, F_OK))
		return cgspan_err_set(err, -ENOENT,
				      "there is no group %.200s on this node",
				      group);
	if (!f)
		return fail(name, err);
	ret = parse(f, s);
	if (ret)
		cgspan_err_set(err, ret,
			       "cannot read %.200s: the module is of another version",
			       name);
	fclose(f);
	return ret;
}

int cgspan_sched_hold(struct cgspan *c, struct cgspan_err *err)
{
	struct msg m;

	msg_init(&m, CGSPAN_CMD_SCHED_HOLD);
	return ipc_call(c, &m, NULL, NULL, err);
}

uint64_t cgspan_hist_bound(unsigned int bucket)
{
	return bucket ? UINT64_C(1) << bucket : 0;
}

uint64_t cgspan_hist_count(const struct cgspan_hist *h)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		n += h->counts[i];
	return n;
}

void cgspan_hist_add(struct cgspan_hist *h, const struct cgspan_hist *more)
{
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		h->counts[i] += more->counts[i];
	h->sum += more->sum;
}

void cgspan_hist_sub(struct cgspan_hist *h, const struct cgspan_hist *less)
{
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		h->counts[i] -= less->counts[i];
	h->sum -= less->sum;
}

uint64_t cgspan_hist_quantile(const struct cgspan_hist *h, double part)
{
	uint64_t all = cgspan_hist_count(h), n = 0;
	unsigned int i;

	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++) {
		n += h->counts[i];
		if (n && n >= part * all)
			return cgspan_hist_bound(i + 1);
	}
	return 0;
}
