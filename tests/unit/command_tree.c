// SPDX-License-Identifier: GPL-2.0
/*
 * Output of cgspan tree. The functions of libcgspan that it calls are replaced by
 * functions here, which the linker prefers to those of the archive.
 */
#include <stdlib.h>
#include <string.h>

#include "cgspan/cmd.h"
#include "tap.h"
#include "cgspan/verbs.h"

#define SEC	1000000000ULL

static const struct verb *const verbs[] = { &verb_tree, NULL };

struct cgspan {
	struct cgspan_group groups[8];
	size_t n;
	struct cgspan_node node;
	struct cgspan_session session;
};

static struct cgspan kernel;

int cgspan_open(struct cgspan **out, struct cgspan_err *err)
{
	*out = &kernel;
	return 0;
}

void cgspan_close(struct cgspan *c)
{
}

int cgspan_node_get(struct cgspan *c, struct cgspan_node *node,
		    struct cgspan_session *session, struct cgspan_err *err)
{
	*node = c->node;
	*session = c->session;
	return 0;
}

int cgspan_node_name_res(struct cgspan *c, uint32_t res, const char *name,
			 struct cgspan_err *err)
{
	return 0;
}

int cgspan_group_list(struct cgspan *c, const char *under,
		      struct cgspan_group **out, size_t *n,
		      struct cgspan_err *err)
{
	size_t i, len = under ? strlen(under) : 0;

	*out = calloc(c->n, sizeof(**out));
	*n = 0;
	for (i = 0; *out && i < c->n; i++)
		if (!under || (!strncmp(c->groups[i].path, under, len) &&
			       strchr("/", c->groups[i].path[len])))
			(*out)[(*n)++] = c->groups[i];
	return 0;
}

static struct cgspan_res *group_add(const char *path, uint64_t limit,
				    uint64_t lease, uint64_t used)
{
	struct cgspan_group *g = &kernel.groups[kernel.n++];

	memset(g, 0, sizeof(*g));
	strcpy(g->path, path);
	g->id = kernel.n;
	g->live = used;
	g->n_res = 1;
	g->res[0] = (struct cgspan_res){
		.limit = limit, .lease = lease, .used = used, .peak = used + 1,
	};
	return &g->res[0];
}

static void use(struct cgspan_group *g)
{
	g->cpu = 12 * SEC + 345678901;
	g->voluntary = 1000;
	g->involuntary = 20;
	g->major_faults = 3;
	g->max_rss = 1500;
	g->measured = true;
	g->memory = 3 << 20;
	g->memory_peak = 5ULL << 30;
}

static void peers(struct cgspan_res *r, uint64_t used, uint32_t nodes,
		  uint64_t time)
{
	r->has_peer = true;
	r->peer_used = used;
	r->peer_nodes = nodes;
	r->peer_time = time;
}

/* Fill @kernel, with groups in order of creation, not of names. @known: with peers' use. */
static void cluster(enum cgspan_session_state state, bool known)
{
	struct cgspan_res *r[5];
	size_t i;

	memset(&kernel, 0, sizeof(kernel));
	kernel.node.clock = 100 * SEC;
	kernel.session = (struct cgspan_session){
		.state = state, .deadline = 96 * SEC + SEC / 2,
	};
	r[0] = group_add("/", CGSPAN_MAX, CGSPAN_MAX, 17);
	r[1] = group_add("/web", 60, 25, 14);
	r[2] = group_add("/web-old", 5, 0, 0);
	r[3] = group_add("/web/batch", 20, 8, 7);
	r[4] = group_add("/db", CGSPAN_MAX, CGSPAN_MAX, 3);
	use(&kernel.groups[3]);
	for (i = 0; known && i < ARRAY_SIZE(r); i++)
		peers(r[i], 10 * (4 - i), 2, 99 * SEC + 600000000);
}

/* Run the command @words. Return: its output, which the caller frees. */
static char *run(char **words)
{
	struct cgspan_err err = {};
	FILE *saved = stdout;
	struct cmd c = { .verbs = verbs };
	char *text = NULL;
	size_t size;
	int ret;

	stdout = open_memstream(&text, &size);
	ret = cmd_parse(&c, words, &err);
	if (!ret)
		ret = c.verb->fn(&c, &err);
	if (ret)
		printf("error: %s\n", err.msg);
	fclose(stdout);
	stdout = saved;
	free(c.given);
	return text;
}

/* Is the output of the command @words equal to the file @name in golden/? */
static bool same_as(const char *name, char **words)
{
	char path[4096], want[8192] = "";
	char *got = run(words), *dir = strdup(__FILE__);
	bool same = false;
	FILE *f;

	CHECK(got && dir);
	*strrchr(dir, '/') = '\0';
	snprintf(path, sizeof(path), "%s/golden/%s", dir, name);
	f = fopen(path, "re");
	if (f) {
		want[fread(want, 1, sizeof(want) - 1, f)] = '\0';
		fclose(f);
		same = !strcmp(want, got);
	}
	if (!same)
		printf("# %s should be:\n%s", path, got);
	free(got);
	free(dir);
	return same;
}

#define IDS	"id,id,id,id,id,id,id,id,id,id"

static const struct {
	enum cgspan_session_state state;
	bool known;
	const char *golden;
	char *words[4];
	const char *name;
} tests[] = {
	{ CGSPAN_SESSION_LIVE, true, "tree-joined.txt", { "tree" },
	  "a joined node shows the sum over all nodes, as a tree" },
	{ CGSPAN_SESSION_LIVE, true, "tree-joined.tab", { "tree", "-t" },
	  "with -t each row is one line with tabs" },
	{ CGSPAN_SESSION_LIVE, true, "tree-joined.json",
	  { "tree", "/web/batch", "-j" }, "with -j the numbers are raw" },
	{ CGSPAN_SESSION_LIVE, false, "tree-unknown.txt", { "tree", "/db" },
	  "a sum that is unknown is shown as '-'" },
	{ CGSPAN_SESSION_LIVE, false, "tree-unknown.json",
	  { "-j", "-o", "used,age_ms" },
	  "a sum that is unknown is null in JSON" },
	{ CGSPAN_SESSION_EXPIRED, true, "tree-expired.txt", { "tree", "/db" },
	  "a note reports an expired session" },
	{ CGSPAN_SESSION_NONE, false, "tree-alone.txt", { "tree", "/db" },
	  "a note reports a node that is in no cluster" },
	{ CGSPAN_SESSION_LIVE, true, "tree-subtree.txt", { "tree", "/web" },
	  "a subtree begins with its own full path" },
	{ CGSPAN_SESSION_LIVE, true, "tree-fields.txt",
	  { "-o", "lease,group,peak" }, "-o chooses and orders the fields" },
	{ CGSPAN_SESSION_LIVE, true, "tree-usage.txt",
	  { "-o", "group,cpu_ns,memory,memory_peak,max_rss" },
	  "as text, times are in seconds and memory has a unit" },
	{ CGSPAN_SESSION_LIVE, true, "tree-bad-field.txt",
	  { "-o", "group,frob" },
	  "the error for an unknown field lists all fields" },
	{ CGSPAN_SESSION_LIVE, true, "tree-bad-field.txt",
	  { "-o", IDS "," IDS "," IDS ",frob" },
	  "an unknown field after more names than fields is an error, too" },
};

static bool test(size_t i)
{
	char *words[4];

	memcpy(words, tests[i].words, sizeof(words));
	cluster(tests[i].state, tests[i].known);
	return same_as(tests[i].golden, words);
}

int main(void)
{
	struct tap tap = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tap_result(&tap, test(i), "", tests[i].name);
	return tap_end(&tap);
}
