// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the configuration. The administrator's file is only read. Settings
 * of the command are files of their own in a directory beside it, so that one
 * rename or unlink is a whole change.
 */
#include "file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcgspan/cgspan.h"

#define FILE_MAX_BYTES	(1 << 20)
/* A longer name of a setting's file is cut, and gets a hash of its whole id. */
#define NAME_BYTES	200

static int failed(struct cgspan_err *err, const char *what, const char *path)
{
	int no = errno;

	return cgspan_err_set(err, -no, "cannot %s %.120s: %s", what, path,
			      strerror(no));
}

/* --- reading ----------------------------------------------------------- */

static int read_text(const char *path, char **text, size_t *len,
		     struct cgspan_err *err)
{
	FILE *f = fopen(path, "re");
	char *buf = NULL;
	int ret = 0;

	if (!f)
		return failed(err, "open", path);
	buf = malloc(FILE_MAX_BYTES + 1);
	if (!buf) {
		fclose(f);
		return cgspan_err_nomem(err);
	}
	*len = fread(buf, 1, FILE_MAX_BYTES, f);
	buf[*len] = '\0';
	if (ferror(f))
		ret = failed(err, "read", path);
	else if (!feof(f) && fgetc(f) != EOF)
		ret = cgspan_err_set(err, -EFBIG,
				     "%.120s is larger than %d bytes: this is no configuration",
				     path, FILE_MAX_BYTES);
	fclose(f);
	if (ret)
		free(buf);
	else
		*text = buf;
	return ret;
}

static int load_file(struct config *c, const char *path, struct cgspan_err *err)
{
	char *text;
	size_t len;
	int ret = read_text(path, &text, &len, err);

	if (ret)
		return ret;
	ret = config_parse(c, path, text, len, err);
	free(text);
	return ret;
}

static int is_dropin(const struct dirent *d)
{
	const char *end = strrchr(d->d_name, '.');

	return d->d_name[0] != '.' && end && !strcmp(end, ".conf");
}

/* Load the files of PATH.d. Return: number of names, or a negative errno. */
static int load_dropins(struct config *c, const char *path,
			struct cgspan_err *err)
{
	char dir[PATH_MAX], file[PATH_MAX + NAME_MAX + 1];
	struct dirent **names;
	int i, n, ret = 0;

	snprintf(dir, sizeof(dir), "%s.d", path);
	n = scandir(dir, &names, is_dropin, alphasort);
	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		       failed(err, "read", dir);
	for (i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", dir, names[i]->d_name);
		free(names[i]);
		if (!ret)
			ret = load_file(c, file, err);
		if (ret == -ENOENT)	/* file removed, or a dangling link */
			ret = 0;
	}
	free(names);
	return ret ? ret : n;
}

const char *config_path(const char *path)
{
	if (!path)
		path = getenv(CONFIG_ENV);
	return path && *path ? path : CONFIG_PATH;
}

int config_load(struct config *c, const char *path, struct cgspan_err *err)
{
	int ret, n;

	path = config_path(path);
	ret = config_init(c, err);
	if (!ret)
		ret = load_file(c, path, err);
	if (ret && ret != -ENOENT)
		return ret;
	n = load_dropins(c, path, err);
	if (n < 0)
		return n;
	return n ? 0 : ret;
}

int config_password(const char *path, char **out, struct cgspan_err *err)
{
	size_t len, line;
	char *text;
	int ret = read_text(path, &text, &len, err);

	if (ret)
		return ret;
	line = strcspn(text, "\r\n");
	if (!line) {
		ret = cgspan_err_set(err, -EINVAL,
				     "%.150s: its first line must be the password",
				     path);
	} else {
		*out = strndup(text, line);
		ret = *out ? 0 : cgspan_err_nomem(err);
	}
	explicit_bzero(text, len);
	free(text);
	return ret;
}

/* --- writing ----------------------------------------------------------- */

/*
 * The path of a setting's file: KEY.conf, or KEY-ID.conf if @id is not NULL. In
 * @id "/" becomes "-", others than [A-Za-z0-9._=] become %XX.
 */
static int dropin_path(char out[PATH_MAX], const char *path, const char *key,
		       const char *id, struct cgspan_err *err)
{
	uint64_t hash = 0xcbf29ce484222325;	/* start value of an FNV-1a hash */
	size_t at, start;

	if (strlen(path) + 2 * NAME_MAX > PATH_MAX)
		return cgspan_err_set(err, -ENAMETOOLONG,
				      "the path of the configuration is too long");
	start = snprintf(out, PATH_MAX, "%s.d/", path);
	at = start + sprintf(out + start, "%s%s", key, id ? "-" : "");
	for (; id && *id; id++) {
		unsigned char c = *id == '/' ? '-' : *id;
		bool plain = isalnum(c) || strchr("._=", c) || *id == '/';

		hash = (hash ^ (unsigned char)*id) * 0x100000001b3;
		if (at - start < NAME_BYTES)
			at += sprintf(out + at, plain ? "%c" : "%%%02X", c);
	}
	if (at - start >= NAME_BYTES)
		at += sprintf(out + at, "-%016llx", (unsigned long long)hash);
	strcpy(out + at, ".conf");
	return 0;
}

static int sync_parent(const char *path, struct cgspan_err *err)
{
	char copy[PATH_MAX];
	int fd, ret = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		ret = failed(err, "sync the directory of", path);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Create the directory of @path, if it does not exist, but no other above. */
static int make_parent(const char *path, struct cgspan_err *err)
{
	char copy[PATH_MAX];
	const char *dir;

	snprintf(copy, sizeof(copy), "%s", path);
	dir = dirname(copy);
	if (!mkdir(dir, 0755))
		return sync_parent(dir, err);
	return errno == EEXIST ? 0 : failed(err, "make", dir);
}

/* Write a temporary file, fsync, rename: a crash leaves the old or new file. */
static int write_file(const char *path, const char *text,
		      struct cgspan_err *err)
{
	ssize_t len = strlen(text);
	char temp[PATH_MAX + 8];
	int fd, ret;

	ret = make_parent(path, err);
	if (ret)
		return ret;
	snprintf(temp, sizeof(temp), "%s.XXXXXX", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return failed(err, "make", temp);
	if (write(fd, text, len) != len || fchmod(fd, 0644) || fsync(fd) ||
	    rename(temp, path)) {
		ret = failed(err, "write", path);
		unlink(temp);
	}
	close(fd);
	return ret ? ret : sync_parent(path, err);
}

static int remove_file(const char *path, struct cgspan_err *err)
{
	return unlink(path) ? failed(err, "remove", path) :
			      sync_parent(path, err);
}

static bool ends_blank(const char *s)
{
	return *s && isspace((unsigned char)s[strlen(s) - 1]);
}

/* Refuse a bad value, and one that the parser would not read as it is. */
static int check_value(const char *key, const char *value,
		       struct cgspan_err *err)
{
	struct config c;
	int ret;

	if (strpbrk(value, "\n\r") || strstr(value, " #") ||
	    strstr(value, "\t#") || *value == '#' ||
	    isspace((unsigned char)*value) || ends_blank(value))
		return cgspan_err_set(err, -EINVAL,
				      "'%.120s' has a line break, a blank at an end, or a '#' after a blank: it cannot be kept in the configuration",
				      value);
	ret = config_init(&c, err);
	if (!ret)
		ret = config_set(&c, key, value, err);
	config_free(&c);
	return ret;
}

static int keep(const char *path, const char *dropin, const char *key,
		const char *value, struct cgspan_err *err)
{
	char *text;
	int ret = check_value(key, value, err);

	if (ret)
		return ret;
	if (asprintf(&text, "%s = %s\n", key, value) < 0)
		return cgspan_err_nomem(err);
	ret = make_parent(path, err);
	if (!ret)
		ret = write_file(dropin, text, err);
	free(text);
	return ret;
}

int config_keep(const char *path, const char *key, const char *value,
		struct cgspan_err *err)
{
	const char *id = strcmp(key, "label") ? NULL : value;
	char dropin[PATH_MAX];
	int ret = dropin_path(dropin, path, key, id, err);

	return ret ? ret : keep(path, dropin, key, value, err);
}

/* Do the files name a store? 1; 0; or a negative errno. */
static int has_store(const char *path, struct cgspan_err *err)
{
	struct config c;
	int ret = config_load(&c, path, err);

	if (!ret)
		ret = !!c.store;
	config_free(&c);
	return ret == -ENOENT ? 0 : ret;
}

int config_keep_alone(const char *path, struct cgspan_err *err)
{
	char dropin[PATH_MAX];
	int ret = dropin_path(dropin, path, "store", NULL, err);

	if (ret)
		return ret;
	ret = remove_file(dropin, err);
	if (ret && ret != -ENOENT)
		return ret;
	ret = has_store(path, err);
	if (ret <= 0)
		return ret;
	ret = config_keep(path, "store", "none", err);
	if (!ret)
		ret = has_store(path, err);
	if (ret <= 0)
		return ret;
	return cgspan_err_set(err, -EEXIST,
			      "a file that is read after %.120s sets 'store': take that line out",
			      dropin);
}

/* --- members ----------------------------------------------------------- */

/* @m: the member as all files together define it; NULL: it is not bound */
static int change_member(const char *path, const char *cgroup,
			 const char *group, const struct config_member *m,
			 struct cgspan_err *err)
{
	char value[CGSPAN_CGROUP_LEN + CGSPAN_PATH_LEN + 2], dropin[PATH_MAX];
	int ret = dropin_path(dropin, path, "member", cgroup + 1, err);

	if (ret)
		return ret;
	if (ends_blank(cgroup))
		return cgspan_err_set(err, -EINVAL,
				      "'%.120s' has a blank at its end: it cannot be kept in the configuration",
				      cgroup);
	if (m && strcmp(m->file, dropin) > 0)
		return cgspan_err_set(err, -EEXIST,
				      "%.120s:%u binds %.80s and is read after files of this command: change that line",
				      m->file, m->line, cgroup);
	if (group && m && !strcmp(m->group, group))
		return 0;
	if (!group && !m)
		return cgspan_err_set(err, -ENOENT,
				      "'%.120s' is not a member in the configuration",
				      cgroup);
	if (!group && !m->overrides && !strcmp(m->file, dropin))
		return remove_file(dropin, err);
	snprintf(value, sizeof(value), "%s %s", cgroup, group ? group : "none");
	return keep(path, dropin, "member", value, err);
}

int config_keep_member(const char *path, const char *cgroup, const char *group,
		       struct cgspan_err *err)
{
	struct config c;
	int ret = config_load(&c, path, err);

	if (!ret || ret == -ENOENT)
		ret = change_member(path, cgroup, group,
				    config_member(&c, cgroup), err);
	config_free(&c);
	return ret;
}
