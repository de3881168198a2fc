// SPDX-License-Identifier: GPL-2.0
#include "draw.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BAR 40

struct time_text { char s[16]; };

/* "512ns", "1.02us", "33.6ms": three digits are enough for a bound. */
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

/* The first bucket that is not empty, and the end; false: all are empty. */
static bool range(const struct cgspan_hist *h, unsigned int *first,
		  unsigned int *end)
{
	for (*end = CGSPAN_SCHED_BUCKETS; *end && !h->counts[*end - 1];)
		--*end;
	for (*first = 0; *first < *end && !h->counts[*first];)
		++*first;
	return *end;
}

/* --- as text ----------------------------------------------------------- */

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

void draw_text(const struct recording *r)
{
	printf("%s on %s, %.1f s\n", r->group, r->nodes, r->ms / 1000.0);
	hist_text("run-queue delay", &r->sched.delay);
	hist_text("slice", &r->sched.slice);
}

/* --- by gnuplot -------------------------------------------------------- */

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
}

/* An open file with the script, at offset 0; or a negative errno. */
static int script_make(const struct recording *r, const char *terminal,
		       struct cgspan_err *err)
{
	int fd = memfd_create("gnuplot", MFD_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");
	int ret = 0;

	if (f)
		script_write(f, r, terminal);
	if (!f || fclose(f) || lseek(fd, 0, SEEK_SET))
		ret = cgspan_err_set(err, -errno,
				     "cannot write for gnuplot: %s",
				     strerror(errno));
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

static int gnuplot_run(int script, int picture, struct cgspan_err *err)
{
	static char *const argv[] = { "gnuplot", NULL };
	posix_spawn_file_actions_t actions;
	int ret, status;
	pid_t pid;

	ret = posix_spawn_file_actions_init(&actions);
	if (ret)
		return cgspan_err_nomem(err);
	posix_spawn_file_actions_adddup2(&actions, script, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, picture, STDOUT_FILENO);
	ret = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret == ENOENT)
		return cgspan_err_set(err, -ret,
				      "a picture needs gnuplot, which is not installed (in Debian: gnuplot-nox)");
	if (ret)
		return cgspan_err_set(err, -ret, "cannot run gnuplot: %s",
				      strerror(ret));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return cgspan_err_set(err, -errno,
					      "cannot wait for gnuplot: %s",
					      strerror(errno));
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

int draw_picture(const struct recording *r, const char *file,
		 struct cgspan_err *err)
{
	const char *terminal = terminal_of(file);
	int ret, script, picture;

	if (!terminal)
		return cgspan_err_set(err, -EINVAL,
				      "%.200s: the name of a picture must end in .png or .svg",
				      file);
	script = script_make(r, terminal, err);
	if (script < 0)
		return script;
	picture = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (picture < 0) {
		ret = cgspan_err_set(err, -errno, "cannot write %.200s: %s",
				     file, strerror(errno));
	} else {
		ret = gnuplot_run(script, picture, err);
		close(picture);
		if (ret)
			unlink(file);
	}
	close(script);
	return ret;
}
