/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration, cgspan.conf(5): "key = value" lines. A "#" that starts
 * a line or a value, or follows a blank, begins a comment. Pure: see file.h.
 */
#ifndef CGSPAN_CONFIG_H
#define CGSPAN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;

/**
 * struct config_member - one "member = CGROUP GROUP" line
 * @cgroup: absolute path inside the cgroup file system; a leading
 *	/sys/fs/cgroup is taken off by the parser
 * @group: path of the group it is bound to
 * @file: name of the line's text in config_parse(); "": set by config_set()
 * @line: number of the line in that text
 * @overrides: the line has replaced one of an earlier text for the same cgroup
 * @told: the daemon has logged that the cgroup cannot be bound
 */
struct config_member {
	char *cgroup;
	char *group;
	char *file;
	unsigned int line;
	bool overrides;
	bool told;
};

/**
 * struct config_agent - one "fence_agent = NODE COMMAND..." line
 * @node: the node it can switch off, or "*" for any
 * @command: program and arguments; "%n" stands for the node, "%%" for "%"
 */
struct config_agent {
	char *node;
	char *command;
};

/**
 * struct config - values of the files and of the command line
 * @node: this node's name; NULL: use the host's name
 * @store: "sqlite:/path" or "https://host:port,..."; NULL: this node is alone
 * @prefix: of all keys in the store; never NULL, starts and ends with "/"
 * @cacert: PEM file of the store's certificate authority, or NULL
 * @cert: PEM file of our certificate, or NULL
 * @key: PEM file of its key, or NULL
 * @user: name for the store's authentication, or NULL
 * @password_file: file whose first line is that user's password, or NULL
 * @ttl_ms: how long a session lives without a renewal, in ms
 * @heartbeat_ms: ms between two renewals; a third of @ttl_ms at most
 * @watchdog: device of the watchdog that resets this machine, or NULL
 * @watchdog_ms: time-out of @watchdog, in ms; whole seconds, 5 at least
 * @labels: "key=value" strings, none of them twice
 * @n_labels: number of @labels
 * @agents: fence agents, in the order of reading
 * @n_agents: number of @agents
 * @members: bindings, each cgroup once, in the order of reading
 * @n_members: number of @members
 * @file: name of the text in config_parse(); for the parser alone
 * @line: number of the current line of that text; for the parser alone
 * @lines: line of each key in that text, 0: none; for the parser alone
 */
struct config {
	char *node;
	char *store;
	char *prefix;
	char *cacert;
	char *cert;
	char *key;
	char *user;
	char *password_file;
	unsigned int ttl_ms;
	unsigned int heartbeat_ms;
	char *watchdog;
	unsigned int watchdog_ms;
	char **labels;
	size_t n_labels;
	struct config_agent *agents;
	size_t n_agents;
	struct config_member *members;
	size_t n_members;
	const char *file;
	unsigned int line;
	unsigned int lines[16];
};

/* Set @c to the defaults; free it with config_free(). 0 or -ENOMEM. */
int config_init(struct config *c, struct cgspan_err *err);

/* Free the values; @c may be all zero before, and is all zero afterwards. */
void config_free(struct config *c);

/**
 * config_parse() - add the values of a text
 * @c: from config_init(); after an error only config_free() may follow
 * @name: name of the text, for errors: "NAME:LINE: ..."
 * @text: any bytes
 * @len: length of @text
 * @err: the line, the bad word and what to do
 *
 * Values, and members with the same cgroup, override those of earlier texts;
 * labels and fence agents are added to them.
 *
 * Return: 0, -ENOMEM, or -EINVAL or -ENAMETOOLONG for a bad text.
 */
int config_parse(struct config *c, const char *name, const char *text,
		 size_t len, struct cgspan_err *err);

/**
 * config_set() - set one key, as an option of the command line does
 * @c: from config_init()
 * @key: as in the file; its value is replaced or added, as by config_parse()
 * @value: as in the file
 * @err: the bad word and what to do
 *
 * Return: 0, -EINVAL, -ENAMETOOLONG or -ENOMEM.
 */
int config_set(struct config *c, const char *key, const char *value,
	       struct cgspan_err *err);

/* Check what config_parse() cannot: 0, or -EINVAL and what to do in @err. */
int config_check(const struct config *c, struct cgspan_err *err);

/*
 * The path inside the cgroup file system: "/web" for "/sys/fs/cgroup/web" and
 * for "/web"; "/" for the root cgroup.
 */
const char *config_cgroup(const char *path);

/* The member with this cgroup, or NULL; valid until @c changes. */
const struct config_member *config_member(const struct config *c,
					  const char *cgroup);

#endif /* CGSPAN_CONFIG_H */
