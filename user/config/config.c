// SPDX-License-Identifier: GPL-2.0
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcgspan/words.h"
#include "model/record.h"

/**
 * struct key - one key of the file
 * @name: the key
 * @offset: offset of its value in struct config: a char *, or ms if a time
 * @check: refuses a bad string; NULL: any string is good
 * @add: adds a value of a repeatable key
 * @seconds: the value is a time
 */
struct key {
	const char *name;
	size_t offset;
	int (*check)(const char *value, struct cgspan_err *err);
	int (*add)(struct config *c, const char *value,
		   struct cgspan_err *err);
	bool seconds;
};

static int check_store(const char *value, struct cgspan_err *err)
{
	if (!strncmp(value, "sqlite:/", 8) && value[8])
		return 0;
	if (!strncmp(value, "https://", 8) && value[8])
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "'%.64s' is not a store: write sqlite:/PATH, https://HOST:2379,https://HOST:2379 or none",
			      value);
}

static int check_prefix(const char *value, struct cgspan_err *err)
{
	size_t len = strlen(value);

	if (len >= 1 && value[0] == '/' && value[len - 1] == '/')
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "prefix '%.64s' must start and end with '/', as in /cgspan/",
			      value);
}

static int check_file(const char *value, struct cgspan_err *err)
{
	if (value[0] == '/')
		return 0;
	return cgspan_err_set(err, -EINVAL,
			      "'%.64s' is not an absolute path: start it with '/'",
			      value);
}

/* Grow an array of @n elements by one, which is set to zero; NULL: failed. */
static void *grow(void *array, size_t n, size_t size)
{
	char *bigger = reallocarray(array, n + 1, size);

	if (bigger)
		memset(bigger + n * size, 0, size);
	return bigger;
}

static int add_label(struct config *c, const char *value,
		     struct cgspan_err *err)
{
	const char *eq = strchr(value, '=');
	char **labels;
	size_t i;

	if (!eq || !words_is_name(value, eq - value) ||
	    !words_is_name(eq + 1, strlen(eq + 1)))
		return cgspan_err_set(err, -EINVAL,
				      "'%.64s' is not a label: write NAME=VALUE, as in rack=r1",
				      value);
	for (i = 0; i < c->n_labels; i++)
		if (!strcmp(c->labels[i], value))
			return 0;
	labels = grow(c->labels, c->n_labels, sizeof(*labels));
	if (!labels)
		return cgspan_err_nomem(err);
	c->labels = labels;
	labels += c->n_labels++;
	*labels = strdup(value);
	return *labels ? 0 : cgspan_err_nomem(err);
}

static int add_agent(struct config *c, const char *value,
		     struct cgspan_err *err)
{
	size_t len = strcspn(value, " \t");
	const char *command = value + len + strspn(value + len, " \t");
	struct config_agent *agents, *a;

	if (!words_is_name(value, len) && !(len == 1 && *value == '*'))
		return cgspan_err_set(err, -EINVAL,
				      "'%.*s' is neither a node nor '*': write NODE COMMAND...",
				      (int)(len < 64 ? len : 64), value);
	if (!*command)
		return cgspan_err_set(err, -EINVAL,
				      "no command after '%.64s': write NODE COMMAND..., as in: * /usr/sbin/fence_ipmilan -a ipmi-%%n -o off",
				      value);
	agents = grow(c->agents, c->n_agents, sizeof(*agents));
	if (!agents)
		return cgspan_err_nomem(err);
	c->agents = agents;
	a = &agents[c->n_agents++];
	a->node = strndup(value, len);
	a->command = strdup(command);
	return a->node && a->command ? 0 : cgspan_err_nomem(err);
}

const struct config_member *config_member(const struct config *c,
					  const char *cgroup)
{
	size_t i;

	for (i = 0; i < c->n_members; i++)
		if (!strcmp(c->members[i].cgroup, cgroup))
			return &c->members[i];
	return NULL;
}

static void free_member(struct config_member *m)
{
	free(m->cgroup);
	free(m->group);
	free(m->file);
}

/*
 * Copy a path in the form that the kernel compares by bytes: "/web/a" for
 * "/sys/fs/cgroup//web///a/".
 */
static char *cgroup_dup(const char *path, size_t len)
{
	char *copy = strndup(path, len), *to = copy;
	const char *from;

	if (!copy)
		return NULL;
	for (from = copy; *from; from++)
		if (*from != '/' || (from[1] && from[1] != '/'))
			*to++ = *from;
	if (to == copy)
		*to++ = '/';
	*to = '\0';
	from = config_cgroup(copy);
	memmove(copy, from, strlen(from) + 1);
	return copy;
}

static void remove_member(struct config *c, size_t i)
{
	free_member(&c->members[i]);
	c->n_members--;
	memmove(&c->members[i], &c->members[i + 1],
		(c->n_members - i) * sizeof(*c->members));
}

/* Bind a cgroup, in place of a binding in an earlier text; "none": unbind. */
static int put_member(struct config *c, const char *cgroup, size_t len,
		      const char *group, struct cgspan_err *err)
{
	const struct config_member *old;
	struct config_member *m;

	m = grow(c->members, c->n_members, sizeof(*m));
	if (!m)
		return cgspan_err_nomem(err);
	c->members = m;
	m += c->n_members++;
	m->line = c->line;
	m->file = strdup(c->file ? c->file : "");
	m->group = strdup(group);
	m->cgroup = cgroup_dup(cgroup, len);
	if (!m->file || !m->group || !m->cgroup)
		return cgspan_err_nomem(err);
	old = config_member(c, m->cgroup);
	m->overrides = old != m;
	if (m->overrides && !strcmp(old->file, m->file))
		return cgspan_err_set(err, -EINVAL,
				      "member '%.64s' is on line %u already: keep one of the two",
				      m->cgroup, old->line);
	if (!strcmp(group, "none"))
		remove_member(c, m - c->members);
	if (m != old)
		remove_member(c, old - c->members);
	return 0;
}

/* Parse "CGROUP GROUP": a cgroup's name may have blanks, a group's has none. */
static int add_member(struct config *c, const char *value,
		      struct cgspan_err *err)
{
	const char *group = value + strlen(value);
	size_t len;
	int ret;

	while (group > value && !isblank((unsigned char)group[-1]))
		group--;
	len = group - value;
	while (len && isblank((unsigned char)value[len - 1]))
		len--;
	if (!len || value[0] != '/' || len > CGSPAN_CGROUP_LEN)
		return cgspan_err_set(err, -EINVAL,
				      "'%.64s' is not a member: write CGROUP GROUP, as in: /system.slice/web.service /web",
				      value);
	ret = strcmp(group, "none") ? cgspan_path_check(group, err) : 0;
	return ret ? ret : put_member(c, value, len, group, err);
}

#define STRING(NAME, FIELD, CHECK) \
	{ .name = NAME, .offset = offsetof(struct config, FIELD), \
	  .check = CHECK }
#define SECONDS(NAME, FIELD) \
	{ .name = NAME, .offset = offsetof(struct config, FIELD), \
	  .seconds = true }
#define REPEATABLE(NAME, ADD) { .name = NAME, .add = ADD }

static const struct key keys[] = {
	STRING("node", node, cgspan_name_check),
	STRING("store", store, check_store),
	STRING("prefix", prefix, check_prefix),
	STRING("cacert", cacert, check_file),
	STRING("cert", cert, check_file),
	STRING("key", key, check_file),
	STRING("user", user, NULL),
	STRING("password-file", password_file, check_file),
	SECONDS("ttl", ttl_ms),
	SECONDS("heartbeat", heartbeat_ms),
	STRING("watchdog", watchdog, check_file),
	SECONDS("watchdog-timeout", watchdog_ms),
	REPEATABLE("label", add_label),
	REPEATABLE("fence_agent", add_agent),
	REPEATABLE("member", add_member),
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

_Static_assert(N_KEYS <= sizeof(((struct config *)0)->lines) /
	       sizeof(unsigned int), "config.lines is too short");

static const struct key *find_key(const char *name, struct cgspan_err *err)
{
	char list[200] = "";
	size_t i, used = 0;

	for (i = 0; i < N_KEYS; i++) {
		if (!strcmp(keys[i].name, name))
			return &keys[i];
		used += snprintf(list + used, sizeof(list) - used, "%s%s",
				 i ? ", " : "", keys[i].name);
	}
	cgspan_err_set(err, -EINVAL, "unknown key '%.32s': use one of %s", name,
		       list);
	return NULL;
}

/* Parse a time in seconds, 0.1 to 86400: "15", "1.5", "0.25". */
static int parse_seconds(const char *value, unsigned int *ms,
			 struct cgspan_err *err)
{
	char *end = (char *)value;
	double s = 0;

	if (isdigit((unsigned char)*value))
		s = strtod(value, &end);
	if (value[strspn(value, "0123456789.")] || *end ||
	    s < 0.1 || s * 1000 > CGSPAN_TTL_MAX_MS)
		return cgspan_err_set(err, -EINVAL,
				      "'%.64s' is not a time: write seconds from 0.1 to 86400",
				      value);
	*ms = s * 1000 + 0.5;
	return 0;
}

static int set_value(struct config *c, const struct key *k, const char *value,
		     struct cgspan_err *err)
{
	void *field = (char *)c + k->offset;
	char *copy = NULL;
	int ret;

	if (!*value)
		return cgspan_err_set(err, -EINVAL,
				      "'%s' has no value: write %s = VALUE, or take the line out",
				      k->name, k->name);
	if (k->add)
		return k->add(c, value, err);
	if (k->seconds)
		return parse_seconds(value, field, err);
	if (k->check != check_store || strcmp(value, "none")) {
		ret = k->check ? k->check(value, err) : 0;
		if (ret)
			return ret;
		copy = strdup(value);
		if (!copy)
			return cgspan_err_nomem(err);
	}
	free(*(char **)field);
	*(char **)field = copy;
	return 0;
}

int config_set(struct config *c, const char *key, const char *value,
	       struct cgspan_err *err)
{
	const struct key *k = find_key(key, err);

	return k ? set_value(c, k, value, err) : -EINVAL;
}

/* Cut blanks and a comment off a line, key or value. Return: its new start. */
static char *strip(char *line)
{
	char *p, *end;

	for (p = line; *p; p++)
		if (*p == '#' && (p == line || isblank((unsigned char)p[-1])))
			break;
	*p = '\0';
	while (isspace((unsigned char)*line))
		line++;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return line;
}

static int parse_line(struct config *c, char *line, struct cgspan_err *err)
{
	char *p = strip(line), *value = p;
	const struct key *k;

	if (!*p)
		return 0;
	strsep(&value, "=");
	if (!value)
		return cgspan_err_set(err, -EINVAL,
				      "no '=' in '%.64s': write KEY = VALUE, or start a comment with '#'",
				      p);
	k = find_key(strip(p), err);
	if (!k)
		return -EINVAL;
	if (!k->add && c->lines[k - keys])
		return cgspan_err_set(err, -EINVAL,
				      "'%s' is on line %u already: keep one of the two",
				      k->name, c->lines[k - keys]);
	c->lines[k - keys] = c->line;
	return set_value(c, k, strip(value), err);
}

int config_parse(struct config *c, const char *name, const char *text,
		 size_t len, struct cgspan_err *err)
{
	const char *nul = memchr(text, '\0', len);
	char *copy, *line, *next;
	int ret = 0;

	if (nul)
		return cgspan_err_set(err, -EINVAL,
				      "%s: byte %zu is 0: this is not a text file",
				      name, (size_t)(nul - text) + 1);
	copy = strndup(text, len);
	if (!copy)
		return cgspan_err_nomem(err);
	c->file = name;
	memset(c->lines, 0, sizeof(c->lines));
	next = copy;
	while (!ret && (line = strsep(&next, "\n"))) {
		c->line++;
		ret = parse_line(c, line, err);
		if (ret)
			cgspan_err_wrap(err, "%s:%u", name, c->line);
	}
	c->file = NULL;
	c->line = 0;
	free(copy);
	return ret;
}

int config_check(const struct config *c, struct cgspan_err *err)
{
	bool etcd = c->store && !strncmp(c->store, "https://", 8);

	/* A session must last longer than two lost renewals. */
	if (c->heartbeat_ms > c->ttl_ms / 3)
		return cgspan_err_set(err, -EINVAL,
				      "heartbeat (%g s) is more than a third of ttl (%g s): lower the first or raise the second",
				      c->heartbeat_ms / 1000.0,
				      c->ttl_ms / 1000.0);
	if (c->watchdog_ms % 1000 || c->watchdog_ms < 5000)
		return cgspan_err_set(err, -EINVAL,
				      "watchdog-timeout is %g s: write whole seconds, 5 at least",
				      c->watchdog_ms / 1000.0);
	if (!c->cert != !c->key)
		return cgspan_err_set(err, -EINVAL,
				      "cert and key go together: set '%s' too",
				      c->cert ? "key" : "cert");
	if (!c->user != !c->password_file)
		return cgspan_err_set(err, -EINVAL,
				      "user and password-file go together: set '%s' too",
				      c->user ? "password-file" : "user");
	if (c->n_labels > LABELS_MAX)
		return cgspan_err_set(err, -EINVAL,
				      "there are %zu labels: a node can have %d at most",
				      c->n_labels, LABELS_MAX);
	if (!etcd && (c->cacert || c->cert || c->user))
		return cgspan_err_set(err, -EINVAL,
				      "'%s' is for a store at https:// only: take it out, or set 'store'",
				      c->cacert ? "cacert" :
				      c->cert ? "cert" : "user");
	return 0;
}

int config_init(struct config *c, struct cgspan_err *err)
{
	memset(c, 0, sizeof(*c));
	c->ttl_ms = 15000;
	c->heartbeat_ms = 5000;
	c->watchdog_ms = 60000;
	c->prefix = strdup("/cgspan/");
	return c->prefix ? 0 : cgspan_err_nomem(err);
}

void config_free(struct config *c)
{
	size_t i;

	for (i = 0; i < N_KEYS; i++)
		if (!keys[i].add && !keys[i].seconds)
			free(*(char **)((char *)c + keys[i].offset));
	for (i = 0; i < c->n_labels; i++)
		free(c->labels[i]);
	for (i = 0; i < c->n_agents; i++) {
		free(c->agents[i].node);
		free(c->agents[i].command);
	}
	for (i = 0; i < c->n_members; i++)
		free_member(&c->members[i]);
	free(c->labels);
	free(c->agents);
	free(c->members);
	memset(c, 0, sizeof(*c));
}

const char *config_cgroup(const char *path)
{
	static const char mount[] = "/sys/fs/cgroup";
	size_t len = sizeof(mount) - 1;

	if (strncmp(path, mount, len))
		return path;
	if (!path[len])
		return "/";
	return path[len] == '/' ? path + len : path;
}
