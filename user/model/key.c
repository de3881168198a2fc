// SPDX-License-Identifier: GPL-2.0
/* The store's keys: built and taken apart. */
#include "key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/cgspan.h"
#include "libcgspan/words.h"

bool path_parent(char buf[CGSPAN_PATH_LEN + 1], const char *path)
{
	const char *last = strrchr(path, '/');
	size_t len = last - path;

	if (!path[1])
		return false;
	if (!len)
		len = 1;
	memcpy(buf, path, len);
	buf[len] = 0;
	return true;
}

char *key_group(char buf[KEY_LEN], const char *path)
{
	snprintf(buf, KEY_LEN, "group%s", path);
	return buf;
}

static char *key_of(char buf[KEY_LEN], const char *kind, const char *node)
{
	snprintf(buf, KEY_LEN, "%s/%s", kind, node);
	return buf;
}

char *key_node(char buf[KEY_LEN], const char *node)
{
	return key_of(buf, "node", node);
}

char *key_ack(char buf[KEY_LEN], const char *node)
{
	return key_of(buf, "ack", node);
}

char *key_epoch(char buf[KEY_LEN], const char *node)
{
	return key_of(buf, "epoch", node);
}

char *key_hb(char buf[KEY_LEN], const char *node)
{
	return key_of(buf, "hb", node);
}

char *key_usage(char buf[KEY_LEN], const char *node)
{
	return key_of(buf, "usage", node);
}

char *key_lease(char buf[KEY_LEN], const char *node, uint64_t group)
{
	snprintf(buf, KEY_LEN, "lease/%s/%" PRIu64, node, group);
	return buf;
}

char *key_pool(char buf[KEY_LEN], uint64_t group, uint32_t res, uint32_t shard)
{
	snprintf(buf, KEY_LEN, "pool/%" PRIu64 "/%s/%" PRIu32, group,
		 cgspan_res_name(res), shard);
	return buf;
}

char *key_debt(char buf[KEY_LEN], uint64_t group, uint32_t res)
{
	snprintf(buf, KEY_LEN, "debt/%" PRIu64 "/%s", group, cgspan_res_name(res));
	return buf;
}

char *key_want(char buf[KEY_LEN], uint64_t group, const char *node)
{
	snprintf(buf, KEY_LEN, "want/%" PRIu64 "/%s", group, node);
	return buf;
}

/* Parts of a key after its kind: each parses one and moves *@s behind it. */

static bool take_name(const char **s, char *out)
{
	size_t len = strcspn(*s, "/");

	if (!words_is_name(*s, len))
		return false;
	memcpy(out, *s, len);
	out[len] = 0;
	*s += len;
	return true;
}

/* Decimal without sign or leading zeros, so that each key has one spelling. */
static bool take_number(const char **s, uint64_t max, uint64_t *out)
{
	char *end;

	if (**s < '0' || **s > '9' || (**s == '0' && (*s)[1] >= '0' &&
				       (*s)[1] <= '9'))
		return false;
	errno = 0;
	*out = strtoull(*s, &end, 10);
	if (errno || *out > max)
		return false;
	*s = end;
	return true;
}

static bool take_group(const char **s, uint64_t *out)
{
	return take_number(s, CGSPAN_MAX - 1, out) && *out;
}

static bool take_res(const char **s, uint32_t *out)
{
	char name[CGSPAN_NAME_LEN + 1];
	int res;

	if (!take_name(s, name))
		return false;
	res = cgspan_res_find(name);
	*out = res;
	return res >= 0;
}

static bool take_slash(const char **s)
{
	return *(*s)++ == '/';
}

static bool parse_rest(const char *s, struct key *out)
{
	uint64_t shard;

	switch (out->kind) {
	case KEY_CLUSTER:
		break;
	case KEY_GROUP:
		/* The slash in front is the path's own. */
		if (cgspan_path_check(--s, NULL))
			return false;
		strcpy(out->path, s);
		return true;
	case KEY_LEASE:
		if (!take_name(&s, out->node) || !take_slash(&s) ||
		    !take_group(&s, &out->group))
			return false;
		break;
	case KEY_WANT:
		if (!take_group(&s, &out->group) || !take_slash(&s) ||
		    !take_name(&s, out->node))
			return false;
		break;
	case KEY_DEBT:
		if (!take_group(&s, &out->group) || !take_slash(&s) ||
		    !take_res(&s, &out->res))
			return false;
		break;
	case KEY_POOL:
		if (!take_group(&s, &out->group) || !take_slash(&s) ||
		    !take_res(&s, &out->res) || !take_slash(&s) ||
		    !take_number(&s, UINT32_MAX, &shard))
			return false;
		out->shard = shard;
		break;
	default:
		if (!take_name(&s, out->node))
			return false;
		break;
	}
	return !*s;
}

int key_parse(const char *key, struct key *out, struct cgspan_err *err)
{
	static const char *const kinds[] = {
		[KEY_CLUSTER] = KEY_CLUSTER_NAME,
		[KEY_GROUP] = "group/",
		[KEY_NODE] = "node/",
		[KEY_ACK] = "ack/",
		[KEY_EPOCH] = "epoch/",
		[KEY_HB] = "hb/",
		[KEY_LEASE] = "lease/",
		[KEY_POOL] = "pool/",
		[KEY_DEBT] = "debt/",
		[KEY_WANT] = "want/",
		[KEY_USAGE] = "usage/",
	};
	size_t len;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		len = strlen(kinds[i]);
		if (strncmp(key, kinds[i], len) ||
		    (i == KEY_CLUSTER && key[len]))
			continue;
		out->kind = i;
		if (!parse_rest(key + len, out))
			return cgspan_err_set(err, -EINVAL,
					      "not a key of cgspan's: \"%.120s\"",
					      key);
		return 0;
	}
	return cgspan_err_set(err, -ENOENT,
			      "a key of a kind that this version does not know: \"%.100s\"",
			      key);
}
