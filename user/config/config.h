/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration, cgspan.conf(5): "key = value" lines. A "#" at the start of
 * a line or after a blank begins a comment. The parser is pure; only
 * config_load() and the config_file_*() calls touch files.
 */
#ifndef CGSPAN_CONFIG_H
#define CGSPAN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct cgspan_err;

#define CONFIG_PATH	"/etc/cgspan/cgspan.conf"
/* Environment: the file to use where --config is not given. */
#define CONFIG_ENV	"CGSPAN_CONFIG"

/**
 * struct config_member - one "member = CGROUP GROUP" line
 * @cgroup: absolute path inside the cgroup file system; a leading
 *	/sys/fs/cgroup is taken off by the parser
 * @group: path of the group it is bound to
 * @line: where it stands; 0 if it is in no file
 * @told: the daemon has said already that it cannot be bound
 */
struct config_member {
	char *cgroup;
	char *group;
	unsigned int line;
	bool told;
};

/**
 * struct config_agent - one "fence_agent = NODE COMMAND..." line
 * @node: the node it can switch off, or "*" for any
 * @command: words for execvp(), parted by blanks; "%n" stands for the node
 */
struct config_agent {
	char *node;
	char *command;
};

/**
 * struct config - what cgspan.conf and the command line say
 * @node: this node's name; NULL: the host's name is to be used
 * @store: "sqlite:/path" or "https://host:port,..."; NULL: this node is alone
 * @prefix: of all keys in the store; never NULL, starts and ends with "/"
 * @cacert: PEM file of the store's certificate authority, or NULL
 * @cert: PEM file of our certificate, or NULL
 * @key: PEM file of its key, or NULL
 * @user: name for the store's authentication, or NULL
 * @password_file: file whose first line is that user's password, or NULL
 * @ttl_ms: how long a session lives without a renewal
 * @heartbeat_ms: how often it is renewed; at most a third of @ttl_ms
 * @watchdog: device of the watchdog that resets this machine, or NULL
 * @watchdog_ms: how long it waits; whole seconds
 * @labels: "key=value" strings
 * @n_labels: their number
 * @agents: fence agents, in the order of the file
 * @n_agents: their number
 * @members: bindings, in the order of the file
 * @n_members: their number
 * @lines: where each single-valued key stands; the parser's own
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
	unsigned int lines[16];
};

/**
 * config_init() - the defaults
 * @c: filled; release it with config_free()
 * @err: why it failed
 *
 * Return: 0 or -ENOMEM.
 */
int config_init(struct config *c, struct cgspan_err *err);

/**
 * config_free() - release what is in it
 * @c: may be all zero; is all zero afterwards
 */
void config_free(struct config *c);

/**
 * config_parse() - add what a text says
 * @c: from config_init(); on an error it holds what came before the bad line
 * @name: of the text, for errors: "NAME:LINE: ..."
 * @text: any bytes
 * @len: of @text
 * @err: the line, the bad word and what to do
 *
 * Return: 0, -EINVAL for a bad text, -ENOMEM.
 */
int config_parse(struct config *c, const char *name, const char *text,
		 size_t len, struct cgspan_err *err);

/**
 * config_set() - set one key, over what a file says
 * @c: from config_init()
 * @key: as in the file; a repeatable key gains a value
 * @value: as in the file
 * @err: the bad word and what to do
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int config_set(struct config *c, const char *key, const char *value,
	       struct cgspan_err *err);

/**
 * config_check() - what no single line can be blamed for
 * @c: complete
 * @err: which keys do not go together and what to do
 *
 * Return: 0 or -EINVAL.
 */
int config_check(const struct config *c, struct cgspan_err *err);

/**
 * config_load() - the defaults and then a file
 * @c: filled; release it with config_free(), also after an error
 * @path: the file; NULL: $CGSPAN_CONFIG, else CONFIG_PATH
 * @err: why it failed
 *
 * Does not call config_check(), as the command line may still add to it.
 *
 * Return: 0, -ENOENT if there is no file (@c then holds the defaults),
 * -EINVAL, -ENOMEM or another negative errno.
 */
int config_load(struct config *c, const char *path, struct cgspan_err *err);

/**
 * config_path() - which file config_load() uses
 * @path: from the command line, or NULL
 *
 * Return: the path; not to be freed.
 */
const char *config_path(const char *path);

/**
 * config_cgroup() - a cgroup's path as the kernel knows it
 * @path: "/sys/fs/cgroup/web" or "/web"
 *
 * Return: the part of @path inside the cgroup file system ("/web"); "/" for
 * its root.
 */
const char *config_cgroup(const char *path);

/**
 * config_text_set() - a text with one single-valued key changed
 * @out: the new text, to be freed; all other lines are as they were
 * @text: the old text
 * @key: the key
 * @value: its value; NULL: the line is taken out
 * @err: why it failed
 *
 * Return: 0, -EINVAL, -ENOMEM.
 */
int config_text_set(char **out, const char *text, const char *key,
		    const char *value, struct cgspan_err *err);

/**
 * config_text_member() - a text with one member line changed
 * @out: the new text, to be freed; all other lines are as they were
 * @text: the old text
 * @cgroup: its line is replaced, or one is added at the end
 * @group: the group; NULL: the line is taken out
 * @err: why it failed
 *
 * Return: 0, -EINVAL, -ENOENT if there is no line to take out, -ENOMEM.
 */
int config_text_member(char **out, const char *text, const char *cgroup,
		       const char *group, struct cgspan_err *err);

/**
 * config_file_read() - a whole file
 * @path: the file
 * @text: its bytes and a final 0, to be freed
 * @len: bytes in @text
 * @err: why it failed
 *
 * Return: 0, -ENOENT, -EFBIG above 1 MiB, or another negative errno.
 */
int config_file_read(const char *path, char **text, size_t *len,
		     struct cgspan_err *err);

/**
 * config_file_set() - config_text_set() on a file
 * @path: the file; made (mode 0644) where there is none
 * @key: the key
 * @value: its value, or NULL
 * @err: why it failed; the file is then as it was
 *
 * The file is replaced as a whole: written beside, synced, renamed.
 *
 * Return: 0 or a negative errno.
 */
int config_file_set(const char *path, const char *key, const char *value,
		    struct cgspan_err *err);

/**
 * config_file_member() - config_text_member() on a file
 * @path: the file; made (mode 0644) where there is none
 * @cgroup: the member
 * @group: its group, or NULL
 * @err: why it failed; the file is then as it was
 *
 * The file is replaced as a whole: written beside, synced, renamed.
 *
 * Return: 0 or a negative errno.
 */
int config_file_member(const char *path, const char *cgroup,
		       const char *group, struct cgspan_err *err);

/**
 * config_file_label() - add a label, unless it is there
 * @path: the file; made (mode 0644) where there is none
 * @label: "key=value"
 * @err: why it failed; the file is then as it was
 *
 * The file is replaced as a whole: written beside, synced, renamed.
 *
 * Return: 0 or a negative errno.
 */
int config_file_label(const char *path, const char *label,
		      struct cgspan_err *err);

#endif /* CGSPAN_CONFIG_H */
