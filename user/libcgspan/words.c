// SPDX-License-Identifier: GPL-2.0
/* Rules for names, paths and amounts; the kernel has rules of its own. */
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define N_OF(a)	(sizeof(a) / sizeof((a)[0]))

static const char *const res_names[] = {
	[CGSPAN_RES_TASKS] = "tasks",
	[CGSPAN_RES_CPU] = "cpu",
	[CGSPAN_RES_MEMORY] = "memory",
	[CGSPAN_RES_USER0] = "user0",
	[CGSPAN_RES_USER1] = "user1",
	[CGSPAN_RES_USER2] = "user2",
	[CGSPAN_RES_USER3] = "user3",
	[CGSPAN_RES_USER4] = "user4",
};

static const char *const expiry_names[] = {
	[CGSPAN_ON_EXPIRY_CONTINUE] = "continue",
	[CGSPAN_ON_EXPIRY_HOLD] = "hold",
	[CGSPAN_ON_EXPIRY_FREEZE] = "freeze",
	[CGSPAN_ON_EXPIRY_KILL] = "kill",
	[CGSPAN_ON_EXPIRY_RESET] = "reset",
};

static const char *const grant_names[] = {
	[CGSPAN_GRANT_QUEUED] = "queued",
	[CGSPAN_GRANT_GRANTED] = "granted",
	[CGSPAN_GRANT_REFUSED] = "refused",
	[CGSPAN_GRANT_TIMED_OUT] = "timed-out",
	[CGSPAN_GRANT_ENDED] = "ended",
};

static const char *const session_names[] = {
	[CGSPAN_SESSION_NONE] = "none",
	[CGSPAN_SESSION_LIVE] = "live",
	[CGSPAN_SESSION_EXPIRED] = "expired",
};

static const char *const credit_names[] = {
	[CGSPAN_CREDIT_OK] = "ok",
	[CGSPAN_CREDIT_LOW] = "low",
	[CGSPAN_CREDIT_REFUSED] = "refused",
	[CGSPAN_CREDIT_OVERDRAWN] = "overdrawn",
};

_Static_assert(N_OF(res_names) == CGSPAN_RES_MAX + 1,
	       "a resource has no word");
_Static_assert(N_OF(expiry_names) == CGSPAN_ON_EXPIRY_MAX + 1,
	       "an expiry policy has no word");

static const char *name(const char *const *names, size_t n, unsigned int i)
{
	return i < n ? names[i] : NULL;
}

static int find(const char *const *names, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(names[i], word))
			return i;
	return -1;
}

const char *cgspan_res_name(uint32_t res)
{
	return name(res_names, N_OF(res_names), res);
}

int cgspan_res_find(const char *word)
{
	return find(res_names, N_OF(res_names), word);
}

const char *cgspan_expiry_name(int policy)
{
	return name(expiry_names, N_OF(expiry_names), policy);
}

int cgspan_expiry_find(const char *word)
{
	return find(expiry_names, N_OF(expiry_names), word);
}

const char *cgspan_grant_state_name(int state)
{
	return name(grant_names, N_OF(grant_names), state);
}

const char *cgspan_session_name(int state)
{
	return name(session_names, N_OF(session_names), state);
}

const char *cgspan_credit_name(int credit)
{
	return name(credit_names, N_OF(credit_names), credit);
}

int cgspan_amount_parse(const char *text, uint64_t *out,
			struct cgspan_err *err)
{
	uint64_t val = 0;
	const char *p;

	if (!strcmp(text, "max")) {
		*out = CGSPAN_MAX;
		return 0;
	}
	for (p = text; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(val, 10, &val) ||
		    __builtin_add_overflow(val, *p - '0', &val) ||
		    val == CGSPAN_MAX)
			return cgspan_err_set(err, -ERANGE,
					      "\"%.40s\" is too large: write max for no limit",
					      text);
	if (p == text || *p)
		return cgspan_err_set(err, -EINVAL,
				      "\"%.40s\" is not an amount: write a whole number, or max",
				      text);
	*out = val;
	return 0;
}

static bool has_name_bytes(const char *text, size_t len)
{
	static const char bytes[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";

	return strspn(text, bytes) >= len;
}

/* "." and ".." have a meaning in paths, of which names are parts. */
static bool is_dots(const char *text, size_t len)
{
	return text[0] == '.' && (len == 1 || (len == 2 && text[1] == '.'));
}

bool words_is_name(const char *text, size_t len)
{
	return len >= 1 && len <= CGSPAN_NAME_LEN &&
	       has_name_bytes(text, len) && !is_dots(text, len);
}

int cgspan_name_check(const char *text, struct cgspan_err *err)
{
	if (words_is_name(text, strlen(text)))
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "\"%.80s\" cannot name a node: 1 to %d of A-Z a-z 0-9 . _ - are allowed, except \".\" and \"..\"",
			      text, CGSPAN_NAME_LEN);
}

static int level_check(const char *path, const char *level, size_t len,
		       struct cgspan_err *err)
{
	const char *why;

	if (words_is_name(level, len))
		return 0;
	if (!len)
		why = "it has an empty level: write single slashes, and none at the end";
	else if (len > CGSPAN_NAME_LEN)
		why = "a level is longer than 63 bytes";
	else if (is_dots(level, len))
		why = "\".\" and \"..\" are no levels";
	else
		why = "only A-Z a-z 0-9 . _ - are allowed between slashes";
	return cgspan_err_set(err, -EINVAL, "\"%.80s\" cannot name a group: %s",
			      path, why);
}

int cgspan_path_check(const char *path, struct cgspan_err *err)
{
	unsigned int depth = 0;
	const char *p = path;
	size_t len;
	int ret;

	if (*p != '/')
		return cgspan_err_set(err, -EINVAL,
				      "\"%.80s\" cannot name a group: write it from the root, as \"/web\"",
				      path);
	if (strlen(path) > CGSPAN_PATH_LEN)
		return cgspan_err_set(err, -ENAMETOOLONG,
				      "the group's path is longer than %d bytes",
				      CGSPAN_PATH_LEN);
	if (!p[1])
		return 0;
	while (*p) {
		len = strcspn(++p, "/");
		ret = level_check(path, p, len, err);
		if (ret)
			return ret;
		if (++depth > CGSPAN_DEPTH_MAX)
			return cgspan_err_set(err, -ENAMETOOLONG,
					      "the group's path has more than %d levels",
					      CGSPAN_DEPTH_MAX);
		p += len;
	}
	return 0;
}
