// SPDX-License-Identifier: GPL-2.0
/*
 * Changes one line of the configuration and keeps all others byte for byte.
 * The text of the line is checked by the parser itself, so what is written
 * here is what the daemon will accept.
 */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcgspan/err.h"

#define FILE_MAX_BYTES	(1 << 20)

struct edit {
	const char *key;
	const char *value;	/* NULL: take the line out */
	const char *cgroup;	/* only this member's line; NULL: any line */
	const char *label;	/* only this label's line; likewise */
};

static int failed(struct cgspan_err *err, const char *what, const char *path)
{
	int no = errno;

	return cgspan_err_set(err, -no, "cannot %s %.120s: %s", what, path,
			      strerror(no));
}

int config_file_read(const char *path, char **text, size_t *len,
		     struct cgspan_err *err)
{
	FILE *f = fopen(path, "re");
	char *buf = NULL;
	int ret = 0;

	if (!f)
		return failed(err, "open", path);
	buf = malloc(FILE_MAX_BYTES + 1);
	if (!buf) {
		ret = cgspan_err_set(err, -ENOMEM, "out of memory");
		goto out;
	}
	*len = fread(buf, 1, FILE_MAX_BYTES, f);
	buf[*len] = '\0';
	if (ferror(f))
		ret = failed(err, "read", path);
	else if (!feof(f) && fgetc(f) != EOF)
		ret = cgspan_err_set(err, -EFBIG,
				     "%.120s is larger than %d bytes: this is no configuration",
				     path, FILE_MAX_BYTES);
out:
	fclose(f);
	if (ret)
		free(buf);
	else
		*text = buf;
	return ret;
}

/* Is this the line to change? A line that does not parse never is. */
static bool is_line(const struct edit *e, const char *line, size_t len)
{
	size_t klen = strlen(e->key);
	struct config c;
	bool is = false;

	while (len && isblank((unsigned char)*line)) {
		line++;
		len--;
	}
	if (len < klen || memcmp(line, e->key, klen) ||
	    !strchr("= \t", line[klen]))
		return false;
	if (!e->cgroup && !e->label)
		return true;
	if (!config_init(&c, NULL) && !config_parse(&c, "", line, len, NULL))
		is = e->label ?
		     c.n_labels == 1 && !strcmp(c.labels[0], e->label) :
		     c.n_members == 1 &&
		     !strcmp(c.members[0].cgroup, config_cgroup(e->cgroup));
	config_free(&c);
	return is;
}

static int edit_text(char **out, const char *text, const struct edit *e,
		     struct cgspan_err *err)
{
	const char *line, *next;
	bool done = !e->value;
	size_t size, hits = 0;
	FILE *f;

	f = open_memstream(out, &size);
	if (!f)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	for (line = text; *line; line = next) {
		next = strchrnul(line, '\n');
		if (!is_line(e, line, next - line)) {
			next += *next == '\n';
			fwrite(line, 1, next - line, f);
			if (next[-1] != '\n')
				fputc('\n', f);
			continue;
		}
		hits++;
		next += *next == '\n';
		if (!done)
			fprintf(f, "%s = %s\n", e->key, e->value);
		done = true;
	}
	if (!done)
		fprintf(f, "%s = %s\n", e->key, e->value);
	if (fclose(f)) {
		free(*out);
		*out = NULL;
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	}
	if (!e->value && e->cgroup && !hits) {
		free(*out);
		*out = NULL;
		return cgspan_err_set(err, -ENOENT,
				      "'%.120s' is no member in the configuration",
				      e->cgroup);
	}
	return 0;
}

/* The parser must read back from the new line what was asked for. */
static int check_edit(const struct edit *e, struct cgspan_err *err)
{
	struct config c;
	int ret;

	if (!e->value)
		return 0;
	if (strpbrk(e->value, "\n\r") || strstr(e->value, " #") ||
	    strstr(e->value, "\t#") || *e->value == '#')
		return cgspan_err_set(err, -EINVAL,
				      "'%.120s' holds a line break or a '#' after a blank: it cannot be kept in the configuration",
				      e->value);
	ret = config_init(&c, err);
	if (!ret)
		ret = config_set(&c, e->key, e->value, err);
	config_free(&c);
	return ret;
}

int config_text_set(char **out, const char *text, const char *key,
		    const char *value, struct cgspan_err *err)
{
	struct edit e = { .key = key, .value = value };
	int ret = check_edit(&e, err);

	return ret ? ret : edit_text(out, text, &e, err);
}

int config_text_member(char **out, const char *text, const char *cgroup,
		       const char *group, struct cgspan_err *err)
{
	struct edit e = { .key = "member", .cgroup = cgroup };
	char *value = NULL;
	int ret;

	if (group && asprintf(&value, "%s %s", config_cgroup(cgroup),
			      group) < 0)
		return cgspan_err_set(err, -ENOMEM, "out of memory");
	e.value = value;
	ret = check_edit(&e, err);
	if (!ret)
		ret = edit_text(out, text, &e, err);
	free(value);
	return ret;
}

static int config_text_label(char **out, const char *text, const char *label,
			     struct cgspan_err *err)
{
	struct edit e = { .key = "label", .value = label, .label = label };
	int ret = check_edit(&e, err);

	return ret ? ret : edit_text(out, text, &e, err);
}

static int write_all(int fd, const char *text, const struct stat *st)
{
	size_t len = strlen(text), done = 0;

	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += n;
	}
	/* Only root can give the file away; anybody else owns it already. */
	if (fchmod(fd, st->st_mode & 07777) ||
	    (!geteuid() && fchown(fd, st->st_uid, st->st_gid)))
		return -1;
	return fsync(fd);
}

/* The new file beside the old one, then in its place: never half a file. */
static int replace(int dir, const char *path, const char *text,
		   struct cgspan_err *err)
{
	struct stat st = { .st_mode = 0644, .st_uid = geteuid(),
			   .st_gid = getegid() };
	char temp[PATH_MAX];
	int fd, ret = 0;

	if (stat(path, &st) && errno != ENOENT)
		return failed(err, "look at", path);
	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp))
		return cgspan_err_set(err, -ENAMETOOLONG,
				      "the path of the configuration is too long");
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return failed(err, "make a file beside", path);
	if (write_all(fd, text, &st))
		ret = failed(err, "write", temp);
	close(fd);
	if (!ret && rename(temp, path))
		ret = failed(err, "replace", path);
	if (ret)
		unlink(temp);
	else if (fsync(dir))
		ret = failed(err, "sync the directory of", path);
	return ret;
}

/* Two programs may edit at once: the directory's lock keeps both changes. */
static int lock_dir(const char *path, struct cgspan_err *err)
{
	char copy[PATH_MAX];
	int fd;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return cgspan_err_set(err, -ENAMETOOLONG,
				      "the path of the configuration is too long");
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(err, "open the directory of", path);
	if (flock(fd, LOCK_EX)) {
		failed(err, "lock the directory of", path);
		close(fd);
		return -EIO;
	}
	return fd;
}

static int edit_file(const char *path, const struct edit *e,
		     struct cgspan_err *err)
{
	char real[PATH_MAX];
	char *text = NULL, *out = NULL;
	size_t len;
	int dir, ret;

	if (realpath(path, real))	/* a link stays a link */
		path = real;
	dir = lock_dir(path, err);
	if (dir < 0)
		return dir;
	ret = config_file_read(path, &text, &len, err);
	if (ret == -ENOENT && e->value) {
		text = strdup("");
		ret = text ? 0 : cgspan_err_set(err, -ENOMEM, "out of memory");
	}
	if (!ret && e->label)
		ret = config_text_label(&out, text, e->label, err);
	else if (!ret)
		ret = e->cgroup ? config_text_member(&out, text, e->cgroup,
						     e->value, err)
				: config_text_set(&out, text, e->key, e->value,
						  err);
	if (ret)
		cgspan_err_wrap(err, "%.80s", path);
	else
		ret = replace(dir, path, out, err);
	free(text);
	free(out);
	close(dir);
	return ret;
}

int config_file_set(const char *path, const char *key, const char *value,
		    struct cgspan_err *err)
{
	struct edit e = { .key = key, .value = value };

	return edit_file(path, &e, err);
}

int config_file_member(const char *path, const char *cgroup,
		       const char *group, struct cgspan_err *err)
{
	struct edit e = { .key = "member", .value = group, .cgroup = cgroup };

	return edit_file(path, &e, err);
}

int config_file_label(const char *path, const char *label,
		      struct cgspan_err *err)
{
	struct edit e = { .key = "label", .value = label, .label = label };

	return edit_file(path, &e, err);
}
