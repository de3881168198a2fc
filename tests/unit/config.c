// SPDX-License-Identifier: GPL-2.0
/* The configuration: what is taken, what is refused and how, what edits keep. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
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

static void bad_text(const char *what, const char *text, const char *start,
		     const char *part)
{
	struct cgspan_err err = { 0 };
	struct config c;
	int ret = config_init(&c, &err);

	if (!ret)
		ret = config_parse(&c, "f.conf", text, strlen(text), &err);
	ok((ret == -EINVAL || ret == -ENAMETOOLONG) &&
	   !strncmp(err.msg, start, strlen(start)) &&
	   strstr(err.msg, part), "%s is refused: %s", what, err.msg);
	config_free(&c);
}

static void bad_pair(const char *what, const char *text, const char *part)
{
	struct cgspan_err err = { 0 };
	struct config c;
	int ret = config_init(&c, &err);

	if (!ret)
		ret = config_parse(&c, "f", text, strlen(text), &err);
	ok(!ret && config_check(&c, &err) == -EINVAL && strstr(err.msg, part),
	   "%s is refused: %s", what, err.msg);
	config_free(&c);
}

static void bad_texts(void)
{
	static const char zero[] = "node = a\0b\n";
	struct cgspan_err err = { 0 };
	struct config c;
	char deep[200] = "member = /c ";
	int i;

	bad_text("an unknown key", "\nnoed = n1\n", "f.conf:2: ", "'noed'");
	bad_text("a line without '='", "node n1", "f.conf:1: ", "'node n1'");
	bad_text("a key twice", "node = a\n\nnode = b\n", "f.conf:3: ",
		 "line 1");
	bad_text("a key without value", "node =  # n1\n", "f.conf:1: ",
		 "no value");
	bad_text("a bad name", "node = n/1\n", "f.conf:1: ", "\"n/1\"");
	bad_text("a name that is a dot", "node = .\n", "f.conf:1: ", "\".\"");
	bad_text("a name that is two dots", "node = ..\n", "f.conf:1: ",
		 "\"..\"");
	bad_text("an agent for a node of two dots", "fence_agent = .. /bin/off\n",
		 "f.conf:1: ", "'..'");
	bad_text("a group with a bad byte", "member = /c /a:b\n", "f.conf:1: ",
		 "\"/a:b\"");
	bad_text("a group named by dots", "member = /c /a/..\n", "f.conf:1: ",
		 "\"/a/..\"");
	bad_text("a store of another kind", "store = redis://x\n", "f.conf:1: ",
		 "'redis://x'");
	bad_text("a store in the clear", "store = http://x:2379\n",
		 "f.conf:1: ", "https://");
	bad_text("a prefix without '/'", "prefix = /x\n", "f.conf:1: ", "'/x'");
	bad_text("a relative path", "cert = c.pem\n", "f.conf:1: ", "'c.pem'");
	bad_text("a time with a unit", "ttl = 15s\n", "f.conf:1: ", "'15s'");
	bad_text("no time at all", "ttl = .5\n", "f.conf:1: ", "'.5'");
	bad_text("a time of 0", "heartbeat = 0\n", "f.conf:1: ", "'0'");
	bad_text("a time past a day", "ttl = 99999999999999999999\n",
		 "f.conf:1: ", "86400");
	bad_text("a label without value", "label = rack\n", "f.conf:1: ",
		 "'rack'");
	bad_text("a fence agent without command", "fence_agent = n1\n",
		 "f.conf:1: ", "no command");
	bad_text("a member without group", "member = /web\n", "f.conf:1: ",
		 "'/web'");
	bad_text("a relative cgroup", "member = web /web\n", "f.conf:1: ",
		 "'web /web'");
	bad_text("a relative group", "member = /web web\n", "f.conf:1: ",
		 "\"web\"");
	bad_text("an empty level", "member = /web /a//b\n", "f.conf:1: ",
		 "\"/a//b\"");
	bad_text("a cgroup twice",
		 "member = /web /a\nmember = /sys/fs/cgroup/web /b\n",
		 "f.conf:2: ", "line 1");
	for (i = 0; i < 33; i++)
		strcat(deep, "/x");
	bad_text("a group too deep", deep, "f.conf:1: ", "group");

	i = config_init(&c, &err) ? :
	    config_parse(&c, "f", zero, sizeof(zero) - 1, &err);
	ok(i == -EINVAL && strstr(err.msg, "byte 9"),
	   "a zero byte is refused: %s", err.msg);
	config_free(&c);

	bad_pair("a slow heartbeat", "heartbeat = 6\n", "heartbeat");
	bad_pair("a watchdog's time-out with a fraction",
		 "watchdog-timeout = 2.5\n", "watchdog-timeout");
	bad_pair("a certificate without key",
		 "store = https://a\ncert = /c\n", "'key'");
	bad_pair("a user without password", "store = https://a\nuser = u\n",
		 "'password-file'");
	bad_pair("TLS for SQLite", "store = sqlite:/x\ncacert = /c\n",
		 "'cacert'");
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
	config_free(&c);
	ok(same(config_cgroup("/sys/fs/cgroup"), "/") &&
	   same(config_cgroup("/sys/fs/cgroupx/a"), "/sys/fs/cgroupx/a") &&
	   same(config_cgroup("/sys/fs/cgroup/a"), "/a"),
	   "the mount point is taken off a cgroup's path, and only that");
}

static void member_edit(const char *what, const char *text, const char *cgroup,
			const char *group, const char *wanted)
{
	struct cgspan_err err = { 0 };
	char *out = NULL;
	int ret = config_text_member(&out, text, cgroup, group, &err);

	ok(!ret && same(out, wanted), "%s", what);
	free(out);
}

static void edits(void)
{
	struct cgspan_err err = { 0 };
	char *out = NULL;

	member_edit("a member is added at the end, after a missing newline too",
		    "# mine\nnode = a", "/sys/fs/cgroup/web", "/web",
		    "# mine\nnode = a\nmember = /web /web\n");
	member_edit("a member's line is replaced in its place",
		    "member = /web /a\n#x\n\n bad line\n", "/web", "/b",
		    "member = /web /b\n#x\n\n bad line\n");
	member_edit("a member is taken out and the rest kept",
		    "#1\nmember = /sys/fs/cgroup/web /a # c\nmember = /x /a\n",
		    "/web", NULL, "#1\nmember = /x /a\n");
	ok(config_text_member(&out, "member = /x /a\n", "/web", NULL,
			      &err) == -ENOENT && !out && strstr(err.msg, "/web"),
	   "a member that is not there cannot be taken out: %s", err.msg);
	ok(config_text_member(&out, "", "/a\nnode = x", "/g", &err) ==
	   -EINVAL && !out, "a line break cannot be smuggled in");
	ok(config_text_member(&out, "", "/a #b", "/g", &err) == -EINVAL &&
	   !out, "nor a comment");
	ok(!config_text_set(&out, "cert = /c\nnode = a\n", "node", "b", &err) &&
	   same(out, "cert = /c\nnode = b\n"), "a key's value is replaced");
	free(out);
	ok(!config_text_set(&out, "#\nkeys\nkey = /k\n", "key", NULL, &err) &&
	   same(out, "#\nkeys\n"), "a key is taken out");
	free(out);
}

static void files(void)
{
	char dir[] = "/tmp/cgspan-config.XXXXXX", path[64], link[64];
	struct cgspan_err err = { 0 };
	struct config c;
	struct stat st;

	if (!mkdtemp(dir))
		exit(1);
	snprintf(path, sizeof(path), "%s/cgspan.conf", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	ok(config_load(&c, path, &err) == -ENOENT && c.ttl_ms == 15000,
	   "without a file there are the defaults, and it says so: %s",
	   err.msg);
	config_free(&c);
	ok(!config_file_member(path, "/web", "/web", &err),
	   "a file is made with the first member");
	ok(!chmod(path, 0640) && !symlink("cgspan.conf", link) &&
	   !config_file_set(link, "node", "n1", &err) &&
	   !config_load(&c, path, &err) && same(c.node, "n1") &&
	   c.n_members == 1, "a key is set through a link");
	config_free(&c);
	ok(!lstat(link, &st) && S_ISLNK(st.st_mode) && !stat(path, &st) &&
	   (st.st_mode & 0777) == 0640, "link and mode stay");
	ok(config_file_member(path, "/x", NULL, &err) == -ENOENT &&
	   strstr(err.msg, path), "an error names the file: %s", err.msg);
	unlink(link);
	unlink(path);
	ok(!rmdir(dir), "nothing is left beside the file");
}

int main(void)
{
	good_text();
	bad_texts();
	overrides();
	edits();
	files();
	printf("1..%d\n", tests);
	return failures != 0;
}
