// SPDX-License-Identifier: GPL-2.0
/* The configuration: what the parser accepts and refuses, and its files. */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file.h"
#include "libcgspan/err.h"

static int tests, failures;

static void ok(bool good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	failures += !good;
}

static bool same(const char *a, const char *b)
{
	bool is = a && b ? !strcmp(a, b) : a == b;

	if (!is)
		printf("# got '%s', wanted '%s'\n", a ? a : "(null)",
		       b ? b : "(null)");
	return is;
}

static void good_text(void)
{
	static const char text[] =
		"# a comment\n"
		"\n"
		"node = n1   # after a blank\n"
		"store=https://a:2379,https://b:2379\n"
		"  prefix\t=\t/test/\r\n"
		"cacert = /etc/a#b.pem\n"
		"cert = /c.pem\nkey = /k.pem\n"
		"user = u\npassword-file = /p\n"
		"ttl = 1.5\nheartbeat = 0.25\n"
		"watchdog = /dev/watchdog\nwatchdog-timeout = 30\n"
		"label = rack=r1\nlabel = gpu=0\n"
		"fence_agent = n2 fence_virsh -n vm2\n"
		"fence_agent = *\t/bin/off %n\n"
		"member = //sys/fs/cgroup///web/ /web\n"
		"member = /a b/c   /web/front";
	struct cgspan_err err = { 0 };
	struct config c;
	int ret = config_init(&c, &err);

	if (!ret)
		ret = config_parse(&c, "t", text, sizeof(text) - 1, &err);
	if (ret)
		printf("# %s\n", err.msg);
	ok(!ret, "a text with every key is taken");
	ok(same(c.node, "n1") && same(c.prefix, "/test/") &&
	   same(c.store, "https://a:2379,https://b:2379"),
	   "blanks, carriage returns and comments are cut off");
	ok(same(c.cacert, "/etc/a#b.pem"), "a '#' inside a word stays");
	ok(c.ttl_ms == 1500 && c.heartbeat_ms == 250,
	   "times are seconds, also with a fraction");
	ok(same(c.watchdog, "/dev/watchdog") && c.watchdog_ms == 30000,
	   "a watchdog has a device and a time-out");
	ok(c.n_labels == 2 && same(c.labels[1], "gpu=0"), "labels repeat");
	ok(c.n_agents == 2 && same(c.agents[0].node, "n2") &&
	   same(c.agents[1].node, "*") &&
	   same(c.agents[1].command, "/bin/off %n"), "fence agents repeat");
	ok(c.n_members == 2 && same(c.members[0].cgroup, "/web") &&
	   same(c.members[0].group, "/web") && c.members[0].line == 19,
	   "a member's cgroup is kept as the kernel knows it, with its line");
	ok(c.n_members == 2 && same(c.members[1].cgroup, "/a b/c") &&
	   same(c.members[1].group, "/web/front"),
	   "a member's cgroup may hold blanks");
	ok(!config_check(&c, &err), "and it goes together");
	config_free(&c);
}

/* A configuration that is refused, with an error text that contains @part. */
struct bad {
	const char *what;
	const char *text;
	unsigned int line;	/* line that the error names; 0: refused by config_check() alone */
	const char *part;
};

static void bad_text(const struct bad *bad)
{
	struct cgspan_err err = { 0 };
	char start[32] = "";
	struct config c;
	int ret = config_init(&c, &err);

	if (!ret)
		ret = config_parse(&c, "f.conf", bad->text, strlen(bad->text), &err);
	if (bad->line)
		snprintf(start, sizeof(start), "f.conf:%u: ", bad->line);
	else if (!ret)
		ret = config_check(&c, &err);
	ok((ret == -EINVAL || ret == -ENAMETOOLONG) &&
	   !strncmp(err.msg, start, strlen(start)) &&
	   (bad->line || !strstr(err.msg, "f.conf")) &&
	   strstr(err.msg, bad->part), "%s is refused: %s", bad->what, err.msg);
	config_free(&c);
}

static void bad_texts(void)
{
	static const char zero[] = "node = a\0b\n";
	char deep[200] = "member = /c ", labels[300] = "";
	const struct bad all[] = {
		{ "an unknown key", "\nnoed = n1\n", 2, "'noed'" },
		{ "a line without '='", "node n1", 1, "'node n1'" },
		{ "a key twice", "node = a\n\nnode = b\n", 3, "line 1" },
		{ "a key without value", "node =  # n1\n", 1, "no value" },
		{ "a bad name", "node = n/1\n", 1, "\"n/1\"" },
		{ "a name that is a dot", "node = .\n", 1, "\".\"" },
		{ "a name that is two dots", "node = ..\n", 1, "\"..\"" },
		{ "an agent for a node of two dots",
		  "fence_agent = .. /bin/off\n", 1, "'..'" },
		{ "a group with a bad byte", "member = /c /a:b\n", 1, "\"/a:b\"" },
		{ "a group named by dots", "member = /c /a/..\n", 1, "\"/a/..\"" },
		{ "a store of another kind", "store = redis://x\n", 1, "'redis://x'" },
		{ "a store in the clear", "store = http://x:2379\n", 1, "https://" },
		{ "a prefix without '/'", "prefix = /x\n", 1, "'/x'" },
		{ "a relative path", "cert = c.pem\n", 1, "'c.pem'" },
		{ "a time with a unit", "ttl = 15s\n", 1, "'15s'" },
		{ "no time at all", "ttl = .5\n", 1, "'.5'" },
		{ "a time of 0", "heartbeat = 0\n", 1, "'0'" },
		{ "a time past a day", "ttl = 99999999999999999999\n", 1, "86400" },
		{ "a label without value", "label = rack\n", 1, "'rack'" },
		{ "a fence agent without command", "fence_agent = n1\n", 1,
		  "no command" },
		{ "a member without group", "member = /web\n", 1, "'/web'" },
		{ "a relative cgroup", "member = web /web\n", 1, "'web /web'" },
		{ "a relative group", "member = /web web\n", 1, "\"web\"" },
		{ "an empty level", "member = /web /a//b\n", 1, "\"/a//b\"" },
		{ "a cgroup twice",
		  "member = /web /a\nmember = /sys/fs/cgroup/web /b\n", 2, "line 1" },
		{ "a group too deep", deep, 1, "group" },
		{ "a slow heartbeat", "heartbeat = 6\n", 0, "heartbeat" },
		{ "a watchdog's time-out with a fraction",
		  "watchdog-timeout = 2.5\n", 0, "watchdog-timeout" },
		{ "a certificate without key", "store = https://a\ncert = /c\n", 0,
		  "'key'" },
		{ "a user without password", "store = https://a\nuser = u\n", 0,
		  "'password-file'" },
		{ "a label too many", labels, 0, "there are 17 labels" },
		{ "TLS for SQLite", "store = sqlite:/x\ncacert = /c\n", 0,
		  "'cacert'" },
	};
	struct cgspan_err err = { 0 };
	struct config c;
	int ret;

	for (int i = 0; i < 33; i++)
		strcat(deep, "/x");
	for (int i = 0; i <= 16; i++)
		sprintf(labels + strlen(labels), "label = a=%d\n", i);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		bad_text(&all[i]);
	ret = config_init(&c, &err) ? :
	      config_parse(&c, "f", zero, sizeof(zero) - 1, &err);
	ok(ret == -EINVAL && strstr(err.msg, "byte 9"),
	   "a zero byte is refused: %s", err.msg);
	config_free(&c);
}

static void overrides(void)
{
	struct cgspan_err err = { 0 };
	struct config c;

	ok(!config_init(&c, &err) &&
	   !config_parse(&c, "f", "node = a\nlabel = x=1\n", 21, &err) &&
	   !config_set(&c, "node", "b", &err) &&
	   !config_set(&c, "label", "y=2", &err) &&
	   same(c.node, "b") && c.n_labels == 2,
	   "the command line is put over the file");
	ok(config_set(&c, "node", "a b", &err) == -EINVAL && same(c.node, "b"),
	   "a bad override is refused and changes nothing");
	ok(!config_set(&c, "label", "y=2", &err) && c.n_labels == 2,
	   "a label that is there is not added again");
	config_free(&c);
	ok(!config_init(&c, &err) &&
	   !config_parse(&c, "f", "node = a\nmember = /x /a\n", 24, &err) &&
	   !config_parse(&c, "g", "node = b\nmember = /x /b\n", 24, &err) &&
	   same(c.node, "b") && c.n_members == 1 &&
	   same(c.members[0].group, "/b") && same(c.members[0].file, "g") &&
	   c.members[0].line == 2 && c.members[0].overrides,
	   "values of a later text replace those of an earlier one");
	ok(!config_parse(&c, "h", "member = /x none\n", 17, &err) &&
	   !c.n_members, "the group \"none\" removes a member");
	config_free(&c);
	ok(same(config_cgroup("/sys/fs/cgroup"), "/") &&
	   same(config_cgroup("/sys/fs/cgroupx/a"), "/sys/fs/cgroupx/a") &&
	   same(config_cgroup("/sys/fs/cgroup/a"), "/a"),
	   "the mount point is taken off a cgroup's path, and only that");
}

/* --- files ------------------------------------------------------------- */

static char dir[32];
static char path[64];		/* path of cgspan.conf in @dir */

/* Return: the path of @name in @dir, for example of "cgspan.conf.d/store.conf". */
static const char *in_dir(const char *name)
{
	static char full[512];

	snprintf(full, sizeof(full), "%s/%s", dir, name);
	return full;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in_dir(name), "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

static bool has(const char *name, const char *text)
{
	char buf[256] = "";
	FILE *f = fopen(in_dir(name), "r");

	if (f) {
		buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
		fclose(f);
	}
	return same(f ? buf : NULL, text);
}

/* Do all files together bind @cgroup to @group (NULL: do not bind it)? No if they are bad. */
static bool bound(const char *cgroup, const char *group)
{
	struct cgspan_err err = { 0 };
	const struct config_member *m;
	struct config c;
	bool is;

	if (config_load(&c, path, &err)) {
		printf("# %s\n", err.msg);
		is = false;
	} else {
		m = config_member(&c, cgroup);
		is = same(m ? m->group : NULL, group);
	}
	config_free(&c);
	return is;
}

static int member(const char *cgroup, const char *group,
		  struct cgspan_err *err)
{
	return config_keep_member(path, cgroup, group, err);
}

static size_t count_files(void)
{
	DIR *d = opendir(in_dir("cgspan.conf.d"));
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n ? n - 2 : 0;
}

#define MAIN_TEXT	"# mine\nmember = /web /a\nnode = n1\nstore = sqlite:/s"

static void keep_members(void)
{
	struct cgspan_err err = { 0 };
	char a[300] = "/", b[300];
	struct stat st;

	ok(!member("/new", "/g", &err) && bound("/new", "/g") &&
	   has("cgspan.conf.d/member-new.conf", "member = /new /g\n"),
	   "a member is kept in a file of its own");
	ok(!stat(in_dir("cgspan.conf.d/member-new.conf"), &st) &&
	   (st.st_mode & 0777) == 0644, "which all may read");
	ok(!member("/new", "/h", &err) && bound("/new", "/h"),
	   "the group of a kept member is replaced");
	ok(!member("/new", NULL, &err) && bound("/new", NULL) && !count_files(),
	   "unbind removes the file");
	ok(member("/new", NULL, &err) == -ENOENT && strstr(err.msg, "/new"),
	   "unbind without a member fails: %s", err.msg);

	ok(!member("/web", "/a", &err) && !count_files(),
	   "a member of the main file is not kept twice");
	ok(!member("/web", "/b", &err) && bound("/web", "/b"),
	   "bind overrides a member of the main file");
	ok(!member("/web", NULL, &err) && bound("/web", NULL) &&
	   has("cgspan.conf.d/member-web.conf", "member = /web none\n"),
	   "unbind overrides a member of the main file");
	ok(member("/web", NULL, &err) == -ENOENT, "and does so once");
	ok(!member("/web", "/a", &err) && bound("/web", "/a"),
	   "a member that was unbound so can be bound again");
	ok(has("cgspan.conf", MAIN_TEXT), "the main file is never changed");

	put("cgspan.conf.d/web.conf", "\nmember = /web /c\n");
	ok(member("/web", NULL, &err) == -EEXIST &&
	   strstr(err.msg, "web.conf:2 binds /web") && bound("/web", "/c"),
	   "unbind cannot override a file that is read later: %s", err.msg);
	ok(member("/web", "/d", &err) == -EEXIST, "nor can bind");
	unlink(in_dir("cgspan.conf.d/web.conf"));
	unlink(in_dir("cgspan.conf.d/member-web.conf"));

	ok(member("/a\nnode = x", "/g", &err) == -EINVAL && !count_files(),
	   "a member with a line break is refused");
	ok(member("/a #b", "/g", &err) == -EINVAL && !count_files(),
	   "and one with a comment");
	ok(member("/a ", "/g", &err) == -EINVAL && !count_files(),
	   "and one that ends with a blank: %s", err.msg);
	ok(!member("/a b/c-d", "/g", &err) && bound("/a b/c-d", "/g") &&
	   has("cgspan.conf.d/member-a%20b-c%2Dd.conf",
	       "member = /a b/c-d /g\n"),
	   "unusual characters are written in hexadecimal in the file's name");
	ok(!member("/a b/c-d", NULL, &err) && !count_files(),
	   "and it is found again");
	memset(a + 1, 'x', sizeof(a) - 2);
	a[sizeof(a) - 1] = '\0';
	strcpy(b, a);
	b[sizeof(b) - 2] = 'y';
	ok(!member(a, "/a", &err) && !member(b, "/b", &err) &&
	   bound(a, "/a") && bound(b, "/b") && count_files() == 2,
	   "long names that differ at the end have two files");
	ok(!member(a, NULL, &err) && bound(b, "/b") && !member(b, NULL, &err) &&
	   !count_files(), "each of them is removed alone");
}

static void keep_keys(void)
{
	struct cgspan_err err = { 0 };
	struct config c;

	ok(!config_keep(path, "node", "n2", &err) &&
	   !config_keep(path, "label", "rack=r1", &err) &&
	   !config_keep(path, "label", "rack=r1", &err) &&
	   !config_keep(path, "label", "row=2", &err) &&
	   !config_load(&c, path, &err) && same(c.node, "n2") &&
	   same(c.store, "sqlite:/s") && c.n_labels == 2 &&
	   has("cgspan.conf.d/label-rack=r1.conf", "label = rack=r1\n"),
	   "a key that is kept overrides the main file; labels are added");
	config_free(&c);
	ok(!config_keep(path, "store", "sqlite:/x", &err) &&
	   !config_load(&c, path, &err) && same(c.store, "sqlite:/x"),
	   "a store that is kept overrides that of the main file");
	config_free(&c);
	ok(!config_keep_alone(path, &err) && !config_load(&c, path, &err) &&
	   !c.store && has("cgspan.conf.d/store.conf", "store = none\n"),
	   "a node that leaves overrides the store of the main file");
	config_free(&c);
	put("cgspan.conf.d/z.conf", "store = sqlite:/z\n");
	ok(config_keep_alone(path, &err) == -EEXIST &&
	   strstr(err.msg, "cgspan.conf.d/store.conf sets"),
	   "leave cannot override a file that is read later: %s", err.msg);
	unlink(in_dir("cgspan.conf.d/z.conf"));
	ok(config_keep(path, "node", "n 3", &err) == -EINVAL &&
	   has("cgspan.conf.d/node.conf", "node = n2\n"),
	   "a wrong value is refused, and the old one stays: %s", err.msg);
	ok(config_keep(path, "user", "u ", &err) == -EINVAL &&
	   config_keep(path, "user", "\tu", &err) == -EINVAL &&
	   !config_keep(path, "user", "a u", &err),
	   "a blank at an end of a value, which would be lost, is refused");
	unlink(in_dir("cgspan.conf.d/user.conf"));
	unlink(path);
	ok(!config_load(&c, path, &err) && same(c.node, "n2"),
	   "the main file may be missing");
	config_free(&c);
	ok(!config_keep_alone(path, &err) && !config_load(&c, path, &err) &&
	   !c.store && access(in_dir("cgspan.conf.d/store.conf"), F_OK),
	   "without a store in another file it only removes its own");
	config_free(&c);
	put("cgspan.conf.d/a.conf.XXXXXX", "node = bad\n");
	put("cgspan.conf.d/z.txt", "node = bad\n");
	put("cgspan.conf.d/.z.conf", "node = bad\n");
	ok(!config_load(&c, path, &err) && same(c.node, "n2"),
	   "only visible files that end with .conf are read");
	config_free(&c);
	put("cgspan.conf.d/z.conf", "label = x=1\nnoed = a\n");
	ok(config_load(&c, path, &err) == -EINVAL &&
	   strstr(err.msg, "cgspan.conf.d/z.conf:2: "),
	   "an error names file and line: %s", err.msg);
	config_free(&c);
}

static void password(const char *text, const char *wanted, const char *what)
{
	struct cgspan_err err = { 0 };
	char *got = NULL;

	put("password", text);
	ok(config_password(in_dir("password"), &got, &err) ==
	   (wanted ? 0 : -EINVAL) && same(got, wanted), "%s%s%s", what,
	   err.no ? ": " : "", err.msg);
	free(got);
}

static void files(void)
{
	struct cgspan_err err = { 0 };
	char *got = NULL, clean[64];
	struct config c;

	strcpy(dir, "/tmp/cgspan-config.XXXXXX");
	if (!mkdtemp(dir))
		exit(1);
	snprintf(path, sizeof(path), "%s/cgspan.conf", dir);
	ok(config_load(&c, path, &err) == -ENOENT && c.ttl_ms == 15000,
	   "without any file there are the defaults, and -ENOENT: %s",
	   err.msg);
	config_free(&c);
	put("cgspan.conf", MAIN_TEXT);
	keep_members();
	keep_keys();

	password("secret\nmore\n", "secret", "a password is the first line");
	password("secret\r\n", "secret", "without CR LF at its end");
	password("secret", "secret", "and without any end of line");
	password("\nsecret\n", NULL, "an empty first line is refused");
	ok(config_password(in_dir("no"), &got, &err) == -ENOENT && !got,
	   "a missing file is refused: %s", err.msg);
	snprintf(clean, sizeof(clean), "rm -r %s", dir);
	ok(!system(clean), "all can be removed");
}

int main(void)
{
	good_text();
	bad_texts();
	overrides();
	files();
	printf("1..%d\n", tests);
	return failures != 0;
}
