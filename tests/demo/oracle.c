// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle: sums of all nodes by pids.current of their kernels. It uses one
 * oracle-agent for each node, and not cgspan.
 *
 * oracle [-s SEED] [-g LOW-HIGH] -o LOG NAME=COMMAND...
 *
 * COMMAND, run by sh, connects to an oracle-agent. A cut freezes all nodes, reads
 * all, and thaws all: only cuts are exact. The pause between two cuts is random,
 * LOW to HIGH ms plus twice the duration of the last cut, so that programs run
 * most of the time. In a pause the nodes are read every SEE_MS without freezing,
 * one after the other: a hint only.
 *
 * Commands on stdin, one a line:
 *   phase NAME   the phase of the following samples
 *   hold, go     stop and resume sampling; each hold needs its own go
 *   off NAME     while held: the node is powered off and counts as 0
 *   on NAME      while held: the node is back; run its COMMAND again
 * LOG has a line "did TIME COMMAND" after each. The oracle exits at the end of
 * stdin.
 *
 * LOG has a line for each sample. TIME is CLOCK_BOOTTIME in ms, MS how many ms the
 * nodes were frozen:
 *   cut TIME PHASE MS sum=WEB/SUB n1=WEB/SUB ...
 *   see TIME PHASE MS sum=WEB/SUB n1=WEB/SUB ...
 * If an agent exits or does not answer, the oracle thaws the others and exits
 * with 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../vm/prog/clock.h"

#define NODES_MAX	16
#define DIRS_MAX	8
#define LINE_LEN	256
#define ANSWER_MS	30000
#define SEE_MS		100

struct node {
	const char *name;
	const char *command;
	pid_t pid;
	int in;			/* the agent's stdin */
	int out;		/* the agent's stdout */
	bool off;
	char buf[LINE_LEN];
	size_t len;
	long n[DIRS_MAX];	/* values of the last read */
};

struct oracle {
	struct node nodes[NODES_MAX];
	int n_nodes;
	int n_dirs;
	FILE *log;
	char phase[64];
	unsigned int held;
	bool ended;
	unsigned int seed;
	int low;
	int high;
	char cmd[LINE_LEN];
	size_t cmd_len;
};

/* Start the agent as a child with two pipes, in its own process group. */
static int node_start(struct node *n)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		perror("oracle: pipe");
		return -1;
	}
	n->pid = fork();
	if (n->pid < 0) {
		perror("oracle: fork");
		return -1;
	}
	if (!n->pid) {
		setpgid(0, 0);
		if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0)
			_exit(127);
		execl("/bin/sh", "sh", "-c", n->command, NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	n->in = in[1];
	n->out = out[0];
	n->len = 0;
	n->off = false;
	return 0;
}

static void node_stop(struct node *n)
{
	n->off = true;
	memset(n->n, 0, sizeof(n->n));
	close(n->in);
	close(n->out);
	kill(-n->pid, SIGTERM);
	waitpid(n->pid, NULL, 0);
}

static int node_say(struct node *n, const char *line)
{
	size_t len = strlen(line);

	if (write(n->in, line, len) == (ssize_t)len)
		return 0;
	fprintf(stderr, "oracle: %s: cannot send: %m\n", n->name);
	return -1;
}

/* Read one line of the agent's answer into @line, without the newline. */
static int node_hear(struct node *n, char *line)
{
	long long end = now_ms() + ANSWER_MS;
	char *nl;

	while (!(nl = memchr(n->buf, '\n', n->len))) {
		struct pollfd p = { .fd = n->out, .events = POLLIN };
		long long left = end - now_ms();
		ssize_t got;

		if (left <= 0 || n->len == sizeof(n->buf)) {
			fprintf(stderr, "oracle: %s: no answer in %d ms\n",
				n->name, ANSWER_MS);
			return -1;
		}
		if (poll(&p, 1, left) <= 0)
			continue;
		got = read(n->out, n->buf + n->len, sizeof(n->buf) - n->len);
		if (got <= 0) {
			fprintf(stderr, "oracle: %s: has exited\n", n->name);
			return -1;
		}
		n->len += got;
	}
	*nl = '\0';
	strcpy(line, n->buf);
	line[strcspn(line, "\r")] = '\0';
	n->len -= nl + 1 - n->buf;
	memmove(n->buf, nl + 1, n->len);
	return 0;
}

static int node_expect(struct node *n, const char *want)
{
	char line[LINE_LEN];

	if (node_hear(n, line))
		return -1;
	if (!strcmp(line, want))
		return 0;
	fprintf(stderr, "oracle: %s: \"%s\" instead of \"%s\"\n", n->name, line,
		want);
	return -1;
}

static int node_numbers(struct node *n, int *count)
{
	char line[LINE_LEN], *at = line, *end;
	int i;

	if (node_hear(n, line))
		return -1;
	for (i = 0; i < DIRS_MAX && *at; i++) {
		n->n[i] = strtol(at, &end, 10);
		if (end == at || (*end && *end != ' ')) {
			fprintf(stderr, "oracle: %s: \"%s\" instead of numbers\n",
				n->name, line);
			return -1;
		}
		at = *end ? end + 1 : end;
	}
	*count = i;
	return 0;
}

/* Send to all agents before reading any answer: they work in parallel. */
static int ask_all(struct oracle *o, const char *line)
{
	int i, ret = 0;

	for (i = 0; i < o->n_nodes; i++)
		if (!o->nodes[i].off && node_say(&o->nodes[i], line))
			ret = -1;
	return ret;
}

static int expect_all(struct oracle *o, const char *want)
{
	int i, ret = 0;

	for (i = 0; i < o->n_nodes; i++)
		if (!o->nodes[i].off && node_expect(&o->nodes[i], want))
			ret = -1;
	return ret;
}

static int read_all(struct oracle *o)
{
	int i;

	if (ask_all(o, "read\n"))
		return -1;
	for (i = 0; i < o->n_nodes; i++)
		if (!o->nodes[i].off &&
		    node_numbers(&o->nodes[i], &o->n_dirs))
			return -1;
	return 0;
}

static void log_numbers(struct oracle *o, const char *name, const long *n)
{
	int d;

	fprintf(o->log, " %s=", name);
	for (d = 0; d < o->n_dirs; d++)
		fprintf(o->log, "%s%ld", d ? "/" : "", n[d]);
}

static void log_sample(struct oracle *o, const char *kind, long long time,
		       long long stood)
{
	long sum[DIRS_MAX] = { 0 };
	int i, d;

	for (i = 0; i < o->n_nodes; i++)
		for (d = 0; d < o->n_dirs; d++)
			sum[d] += o->nodes[i].n[d];
	fprintf(o->log, "%s %lld %s %lld", kind, time, o->phase, stood);
	log_numbers(o, "sum", sum);
	for (i = 0; i < o->n_nodes; i++)
		log_numbers(o, o->nodes[i].name, o->nodes[i].n);
	fputc('\n', o->log);
}

static int see(struct oracle *o)
{
	if (read_all(o))
		return -1;
	log_sample(o, "see", now_ms(), 0);
	return 0;
}

/* Take a cut. Agents thaw also after an error. Return: ms frozen, or -1. */
static int cut(struct oracle *o)
{
	long long from = now_ms(), at, stood;
	int ret;

	ret = ask_all(o, "freeze\n") | expect_all(o, "frozen");
	at = now_ms();
	if (!ret)
		ret = read_all(o);
	ret |= ask_all(o, "thaw\n");
	if (ret || expect_all(o, "thawed"))
		return -1;
	stood = now_ms() - from;
	log_sample(o, "cut", at, stood);
	return stood;
}

static int switch_node(struct oracle *o, const char *name, bool off)
{
	int i;

	for (i = 0; i < o->n_nodes; i++) {
		struct node *n = &o->nodes[i];

		if (strcmp(n->name, name) || n->off == off)
			continue;
		if (!off)
			return node_start(n) ? -1 : node_expect(n, "ready");
		node_stop(n);
		return 0;
	}
	fprintf(stderr, "oracle: no node \"%s\" to switch %s\n", name,
		off ? "off" : "on");
	return -1;
}

static int obey(struct oracle *o, const char *line)
{
	if (!strncmp(line, "phase ", 6)) {
		snprintf(o->phase, sizeof(o->phase), "%.63s", line + 6);
	} else if (!strcmp(line, "hold")) {
		o->held++;
	} else if (!strcmp(line, "go") && o->held) {
		o->held--;
	} else if (!strncmp(line, "off ", 4) && o->held) {
		if (switch_node(o, line + 4, true))
			return -1;
	} else if (!strncmp(line, "on ", 3) && o->held) {
		if (switch_node(o, line + 3, false))
			return -1;
	} else {
		fprintf(stderr, "oracle: invalid command \"%s\"\n", line);
		return -1;
	}
	fprintf(o->log, "did %lld %s\n", now_ms(), line);
	return 0;
}

static int read_commands(struct oracle *o)
{
	ssize_t got = read(0, o->cmd + o->cmd_len,
			   sizeof(o->cmd) - 1 - o->cmd_len);
	char *nl;

	if (got <= 0) {
		o->ended = true;
		return 0;
	}
	o->cmd_len += got;
	while ((nl = memchr(o->cmd, '\n', o->cmd_len))) {
		*nl = '\0';
		if (obey(o, o->cmd))
			return -1;
		o->cmd_len -= nl + 1 - o->cmd;
		memmove(o->cmd, nl + 1, o->cmd_len);
	}
	return 0;
}

/* Until @end, or while held, take commands; read the nodes between them. */
static int pause_until(struct oracle *o, long long end)
{
	while (!o->ended) {
		struct pollfd p = { .events = POLLIN };
		long long left = end - now_ms();
		int ret;

		if (left <= 0 && !o->held)
			return 0;
		ret = poll(&p, 1, o->held ? -1 : left < SEE_MS ? left : SEE_MS);
		if (ret > 0)
			ret = read_commands(o);
		else if (!o->held)
			ret = see(o);
		if (ret)
			return -1;
	}
	return 0;
}

static int watch_over(struct oracle *o)
{
	int stood = 0;

	while (!o->ended) {
		int gap = o->low + rand_r(&o->seed) % (o->high - o->low + 1);

		if (pause_until(o, now_ms() + gap + 2 * stood))
			return -1;
		stood = o->ended ? 0 : cut(o);
		if (stood < 0)
			return -1;
	}
	return 0;
}

static int add_node(struct oracle *o, char *arg)
{
	struct node *n = &o->nodes[o->n_nodes];
	char *eq = strchr(arg, '=');

	if (!eq || o->n_nodes == NODES_MAX) {
		fprintf(stderr, "oracle: not NAME=COMMAND, or too many: %s\n",
			arg);
		return -1;
	}
	*eq = '\0';
	n->name = arg;
	n->command = eq + 1;
	if (node_start(n))
		return -1;
	o->n_nodes++;
	return node_expect(n, "ready");
}

static void stop_all(struct oracle *o)
{
	int i;

	for (i = 0; i < o->n_nodes; i++)
		if (!o->nodes[i].off)
			node_stop(&o->nodes[i]);
}

static int usage(void)
{
	fprintf(stderr, "usage: oracle [-s SEED] [-g LOW-HIGH] -o LOG NAME=COMMAND...\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct oracle o = { .phase = "start", .seed = 1, .low = 100,
			    .high = 500 };
	int opt, ret = 0;

	while ((opt = getopt(argc, argv, "s:g:o:")) != -1) {
		switch (opt) {
		case 's':
			o.seed = strtoul(optarg, NULL, 10);
			break;
		case 'g':
			if (sscanf(optarg, "%d-%d", &o.low, &o.high) != 2 ||
			    o.low < 0 || o.high < o.low)
				return usage();
			break;
		case 'o':
			o.log = fopen(optarg, "we");
			if (!o.log) {
				perror(optarg);
				return 1;
			}
			break;
		default:
			return usage();
		}
	}
	if (!o.log || optind == argc)
		return usage();
	setvbuf(o.log, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	for (; optind < argc && !ret; optind++)
		ret = add_node(&o, argv[optind]);
	if (!ret)
		ret = watch_over(&o);
	fprintf(o.log, "end %lld %s\n", now_ms(), ret ? "failed" : "ok");
	stop_all(&o);
	return ret ? 1 : 0;
}
