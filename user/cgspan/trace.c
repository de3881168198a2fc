// SPDX-License-Identifier: GPL-2.0
/* cgspan trace: record how a group's tasks are scheduled; merge; draw. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "field.h"
#include "recording.h"
#include "verbs.h"

#define BAR 40

struct time_text { char s[16]; };

/* A time as text: "512ns", "1.02us", "33.6ms"; three digits are enough. */
static struct time_text time_text(double ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	struct time_text t;
	size_t unit = 0;

	while (ns >= 999.5 && unit < 3) {
		ns /= 1000;
		unit++;
	}
	snprintf(t.s, sizeof(t.s), "%.3g%s", ns, units[unit]);
	return t;
}

/* Find the first bucket in use, and the one after the last; false: none is. */
static bool range(const struct cgspan_hist *h, unsigned int *first,
		  unsigned int *end)
{
	for (*end = CGSPAN_SCHED_BUCKETS; *end && !h->counts[*end - 1];)
		--*end;
	for (*first = 0; *first < *end && !h->counts[*first];)
		++*first;
	return *end;
}

/* --- drawings, as text ------------------------------------------------- */

static void hist_summary(const char *title, const struct cgspan_hist *h)
{
	uint64_t n = cgspan_hist_count(h);

	printf("\n%s: %" PRIu64 " times", title, n);
	if (n)
		printf(", mean %s, half below %s, 99 %% below %s",
		       time_text((double)h->sum / n).s,
		       time_text(cgspan_hist_quantile(h, 0.5)).s,
		       time_text(cgspan_hist_quantile(h, 0.99)).s);
	putchar('\n');
}

static void hist_text(const char *title, const struct cgspan_hist *h)
{
	unsigned int i, first, end, bar;
	uint64_t most = 0;

	hist_summary(title, h);
	if (!range(h, &first, &end))
		return;
	for (i = first; i < end; i++)
		if (h->counts[i] > most)
			most = h->counts[i];
	for (i = first; i < end; i++) {
		bar = (double)h->counts[i] / most * BAR + 0.5;
		printf("%8s |%-*.*s %" PRIu64 "\n",
		       time_text(cgspan_hist_bound(i)).s, BAR, bar,
		       "########################################",
		       h->counts[i]);
	}
}

static void draw_text(const struct recording *r)
{
	printf("%s on %s, %.1f s\n", r->group, r->nodes, r->ms / 1000.0);
	hist_text("run-queue delay", &r->sched.delay);
	hist_text("slice", &r->sched.slice);
}

/* --- drawings, by gnuplot ---------------------------------------------- */

static void hist_plot(FILE *f, const char *title, const struct cgspan_hist *h)
{
	unsigned int i, first, end;

	if (!range(h, &first, &end))
		end = first + 1;
	fputs("$data << END\n", f);
	for (i = first; i < end; i++)
		fprintf(f, "%s %" PRIu64 "\n",
			time_text(cgspan_hist_bound(i)).s, h->counts[i]);
	fprintf(f, "END\nset title '%s'\nplot [-0.5:%u.5] $data using 2:xticlabels(1)\n",
		title, end - first - 1);
}

static void script_write(FILE *f, const struct recording *r,
			 const char *terminal)
{
	fprintf(f, "set terminal %s size 900,700\n", terminal);
	fputs("set style data boxes\nset style fill solid 0.5\n"
	      "set boxwidth 0.9\nset yrange [0:*]\nset ylabel 'times'\n"
	      "set xlabel 'from'\n"
	      "set xtics rotate by -45\nunset key\n", f);
	fprintf(f, "set multiplot layout 2,1 title '%s on %.200s, %.1f s' noenhanced\n",
		r->group, r->nodes, r->ms / 1000.0);
	hist_plot(f, "run-queue delay", &r->sched.delay);
	hist_plot(f, "slice", &r->sched.slice);
	rewind(f);
}

static int gnuplot_run(FILE *script, FILE *picture, struct cgspan_err *err)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		dup2(fileno(script), STDIN_FILENO);
		dup2(fileno(picture), STDOUT_FILENO);
		execlp("gnuplot", "gnuplot", NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return cgspan_err_set(err, -errno, "cannot run gnuplot: %s",
				      strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return cgspan_err_set(err, -ENOENT,
				      "a picture needs gnuplot, which is not installed (in Debian: gnuplot-nox)");
	if (status)
		return cgspan_err_set(err, -EIO,
				      "gnuplot failed, with the message above");
	return 0;
}

static const char *terminal_of(const char *file)
{
	const char *dot = strrchr(file, '.');

	if (dot && !strcmp(dot, ".png"))
		return "pngcairo";
	return dot && !strcmp(dot, ".svg") ? "svg" : NULL;
}

static int draw_picture(const struct recording *r, const char *file,
			struct cgspan_err *err)
{
	const char *terminal = terminal_of(file);
	FILE *script, *picture;
	int ret;

	if (!terminal)
		return cgspan_err_set(err, -EINVAL,
				      "%.200s: the name of a picture must end in .png or .svg",
				      file);
	picture = fopen(file, "we");
	if (!picture)
		return cgspan_err_set(err, -errno, "cannot write %.200s: %s",
				      file, strerror(errno));
	script = tmpfile();
	if (script) {
		script_write(script, r, terminal);
		ret = gnuplot_run(script, picture, err);
		fclose(script);
	} else {
		ret = cgspan_err_set(err, -errno,
				     "cannot write for gnuplot: %s",
				     strerror(errno));
	}
	fclose(picture);
	if (ret)
		unlink(file);
	return ret;
}

/* --- the verb ---------------------------------------------------------- */

#define WORD "GROUP|FILE"

static int merge(struct cmd *c, struct recording *r, struct cgspan_err *err)
{
	struct recording one = {};
	const char *file;
	int ret = 0;
	size_t i;

	for (i = 0; !ret && (file = cmd_arg_nth(c, WORD, i)); i++) {
		ret = recording_read(&one, file, err);
		if (!ret)
			ret = recording_merge(r, &one, err);
		recording_free(&one);
	}
	if (!i)
		return cmd_usage(c, err, "FILE is missing after \"--merge\"");
	return ret;
}

static int record(struct cmd *c, struct recording *r, struct cgspan_err *err)
{
	const char *group = cmd_arg(c, WORD);
	unsigned int ms = 5000;
	int ret;

	if (cmd_arg_nth(c, WORD, 1))
		return cmd_usage(c, err, "unexpected word \"%.60s\"",
				 cmd_arg_nth(c, WORD, 1));
	ret = cmd_seconds(c, "--seconds", &ms, err);
	if (!ret)
		ret = cmd_group(c, WORD, &group, err);
	if (!ret)
		ret = cmd_kernel(c, err);
	return ret ? ret : recording_make(r, c->kernel, group ? group : "/", ms,
					  err);
}

static void bucket_row(struct table *t, const struct recording *r,
		       unsigned int i)
{
	const struct field row[] = {
		{ "ns", UNIT_COUNT, .num = cgspan_hist_bound(i) },
		{ "delays", UNIT_COUNT, .num = r->sched.delay.counts[i] },
		{ "slices", UNIT_COUNT, .num = r->sched.slice.counts[i] },
	};

	table_row(t, row, ARRAY_SIZE(row));
}

static int rows(struct cmd *c, const struct recording *r,
		struct cgspan_err *err)
{
	struct table t = { .shape = SHAPE_ROWS };
	unsigned int i;

	bucket_row(&t, r, 0);
	for (i = 0; i < CGSPAN_SCHED_BUCKETS; i++)
		bucket_row(&t, r, i);
	return table_print(&t, c, err);
}

/* Write the files that the call names. Print, unless it wants only files. */
static int show(struct cmd *c, const struct recording *r,
		struct cgspan_err *err)
{
	const char *file = cmd_arg(c, "-s"), *picture = cmd_arg(c, "--plot");
	int ret = 0;

	if (file)
		ret = recording_write(r, file, err);
	if (!ret && picture)
		ret = draw_picture(r, picture, err);
	if (ret)
		return ret;
	if (c->fields || c->format == FORMAT_TAB)
		return rows(c, r, err);
	if (c->format == FORMAT_JSON)
		return recording_write(r, NULL, err);
	if (!file && !picture)
		draw_text(r);
	return 0;
}

static int trace(struct cmd *c, struct cgspan_err *err)
{
	struct recording r = {};
	int ret;

	ret = cmd_arg(c, "--merge") ? merge(c, &r, err) : record(c, &r, err);
	if (!ret)
		ret = show(c, &r, err);
	recording_free(&r);
	return ret;
}

const struct verb verb_trace = {
	.name = "trace",
	.help = "record how the tasks of a group are scheduled; merge and draw recordings",
	.fn = trace,
	.args = {
		{ WORD, NULL, ARG_WORD, true, true },
		{ "--seconds", "SECONDS", ARG_KEY, true, false },
		{ "-s", "FILE", ARG_KEY, true, false },
		{ "--plot", "FILE", ARG_KEY, true, false },
		{ "--merge", NULL, ARG_FLAG, true, false },
	},
};
