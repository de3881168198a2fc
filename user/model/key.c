// SPDX-License-Identifier: GPL-2.0
/* Build the store's keys, and take them apart. */
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

#define KEY_OF_NODE(kind)						\
char *key_##kind(char buf[KEY_LEN], const char *node)			\
{									\
	snprintf(buf, KEY_LEN, #kind "/%s", node);			\
	return buf;							\
}

KEY_OF_NODE(node)
KEY_OF_NODE(ack)
KEY_OF_NODE(epoch)
KEY_OF_NODE(hb)
KEY_OF_NODE(usage)

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

/* Parse a part of a key that follows its kind, and move *@s behind the part. */

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

/* Accept no sign and no leading zeros, so that each key has one spelling. */
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

/* Parse one part and the slash before it; a path includes that slash. */
static bool take_part(const char **s, char part, struct key *out)
{
	uint64_t shard;
	bool good;

	if (part != 'p' && *(*s)++ != '/')
		return false;
	switch (part) {
	case 'p':
		good = !cgspan_path_check(*s, NULL);
		strcpy(out->path, good ? *s : "");
		*s += strlen(*s);
		return good;
	case 'n':
		return take_name(s, out->node);
	case 'g':
		return take_number(s, CGSPAN_MAX - 1, &out->group) && out->group;
	case 'r':
		return take_res(s, &out->res);
	default:
		good = take_number(s, UINT32_MAX, &shard);
		out->shard = good ? shard : 0;
		return good;
	}
}

int key_parse(const char *key, struct key *out, struct cgspan_err *err)
{
	/* Letters of parts: path, name of a node, group id, resource, shard. */
	static const struct {
		const char *name;
		const char *parts;
	} kinds[] = {
		[KEY_CLUSTER] = { KEY_CLUSTER_NAME, "" },
		[KEY_GROUP] = { "group", "p" },
		[KEY_NODE] = { "node", "n" },
		[KEY_ACK] = { "ack", "n" },
		[KEY_EPOCH] = { "epoch", "n" },
		[KEY_HB] = { "hb", "n" },
		[KEY_LEASE] = { "lease", "ng" },
		[KEY_POOL] = { "pool", "grs" },
		[KEY_DEBT] = { "debt", "gr" },
		[KEY_WANT] = { "want", "gn" },
		[KEY_USAGE] = { "usage", "n" },
	};
	const char *part, *s;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		part = kinds[i].parts;
		s = key + strlen(kinds[i].name);
		if (strncmp(key, kinds[i].name, s - key) ||
		    *s != (*part ? '/' : '\0'))
			continue;
		out->kind = i;
		while (*part && take_part(&s, *part, out))
			part++;
		if (*part || *s)
			return cgspan_err_set(err, -EINVAL,
					      "not a key of cgspan's: \"%.120s\"",
					      key);
		return 0;
	}
	return cgspan_err_set(err, -ENOENT,
			      "a key of a kind that this version does not know: \"%.100s\"",
			      key);
}
