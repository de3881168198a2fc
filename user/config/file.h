/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files of the configuration: PATH, then PATH.d/?*.conf in the order of
 * their names. A later file overrides or adds values: see config_parse().
 */
#ifndef CGSPAN_CONFIG_FILE_H
#define CGSPAN_CONFIG_FILE_H

#include "config.h"

#define CONFIG_PATH	"/etc/cgspan/cgspan.conf"
/* Environment variable: the configuration file to use without --config. */
#define CONFIG_ENV	"CGSPAN_CONFIG"

/* @path, or if NULL $CGSPAN_CONFIG; if that is NULL or "", CONFIG_PATH. */
const char *config_path(const char *path);

/**
 * config_load() - read the defaults, a file and the files that override it
 * @c: filled; free it with config_free(), also after an error
 * @path: as for config_path()
 * @err: why it failed
 *
 * Does not call config_check(), as the command line may change values.
 *
 * Return: 0, -ENOENT if there is no file at all (@c then has the defaults),
 * -EFBIG for a file above 1 MiB, or another negative errno.
 */
int config_load(struct config *c, const char *path, struct cgspan_err *err);

/**
 * config_password() - read a password
 * @path: the file; the password is all before the first CR or LF
 * @out: the password; wipe and free it
 * @err: why it failed
 *
 * Return: 0, -EINVAL for an empty first line, or another negative errno.
 */
int config_password(const char *path, char **out, struct cgspan_err *err);

/**
 * config_keep() - set a key for later calls of config_load()
 * @path: from config_path(); the text of this file is not changed
 * @key: the key
 * @value: its value, unless a file read later has one; a label is added
 * @err: why it failed; the value is then as before, unless only a sync failed
 *
 * Writes PATH.d/KEY.conf (for a label PATH.d/label-LABEL.conf) with mode 0644.
 * Makes PATH.d and the directory of PATH, if they are missing.
 *
 * Return: 0 or a negative errno.
 */
int config_keep(const char *path, const char *key, const char *value,
		struct cgspan_err *err);

/**
 * config_keep_alone() - let later calls of config_load() find no store
 * @path: from config_path(); the text of this file is not changed
 * @err: why it failed
 *
 * Removes PATH.d/store.conf; if another file has a store, puts "none" there.
 *
 * Return: 0; -EEXIST: a file that is read later has a store; or another
 * negative errno.
 */
int config_keep_alone(const char *path, struct cgspan_err *err);

/**
 * config_keep_member() - bind or unbind a member for later config_load()
 * @path: from config_path(); the text of this file is not changed
 * @cgroup: the member, from config_cgroup()
 * @group: its group; NULL: it is no longer a member
 * @err: why it failed; the member is then as before, unless only a sync failed
 *
 * Writes PATH.d/member-CGROUP.conf. To unbind, removes it, or, if another file
 * has the member, writes the group "none" into it.
 *
 * Return: 0; -ENOENT: no member to unbind; -EEXIST: a file that is read later
 * has the member; or another negative errno.
 */
int config_keep_member(const char *path, const char *cgroup, const char *group,
		       struct cgspan_err *err);

#endif /* CGSPAN_CONFIG_FILE_H */
