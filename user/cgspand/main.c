// SPDX-License-Identifier: GPL-2.0
/*
 * cgspand: keeps the leases of this node in line with the cluster. Reads the
 * configuration, makes the event loop, then the driver, which connects kernel,
 * store and ledger.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "config/file.h"
#include "config/crash.h"
#include "driver.h"
#include "libcgspan/err.h"
#include "config/guard.h"
#include "log.h"
#include "reconcile.h"

#define EXIT_CONFIG	2	/* exit status: a restart would fail, too */

const char *argp_program_version = "cgspand " CGSPAN_VERSION;

/* Options override the file, so keep them until the file has been read. */
struct options {
	const char *config;
	const char *node;
	const char *store;
	bool check;
};

enum { OPT_CHECK = 256, OPT_CRASH_POINTS };

static const struct argp_option options[] = {
	{ "config", 'c', "FILE", 0, "Read FILE instead of " CONFIG_PATH
	  " (or $" CONFIG_ENV ")", 0 },
	{ "node", 'n', "NAME", 0, "This node's name, over the file's", 0 },
	{ "store", 's', "URL", 0, "The store, over the file's", 0 },
	{ "check", OPT_CHECK, NULL, 0,
	  "Check the configuration, name the first bad line, and exit", 0 },
	{ "foreground", 'f', NULL, 0,
	  "Stay in the foreground (always so; for other init systems)", 0 },
#ifdef CGSPAN_TEST
	{ "list-crash-points", OPT_CRASH_POINTS, NULL, 0,
	  "List what CGSPAN_CRASH and CGSPAN_DELAY can name, and exit", 0 },
#endif
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'c':
		o->config = arg;
		return 0;
	case 'n':
		o->node = arg;
		return 0;
	case 's':
		o->store = arg;
		return 0;
	case OPT_CHECK:
		o->check = true;
		return 0;
	case 'f':
		return 0;
#ifdef CGSPAN_TEST
	case OPT_CRASH_POINTS:
		crash_list();
		exit(0);
#endif
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "Keep this node's leases in line with the cluster's.\v"
	       "Exit status: 0 after SIGTERM or \"cgspan leave\", 1 after "
	       "a failure, 2 for wrong options or a wrong configuration. "
	       "SIGTERM keeps all leases; \"cgspan leave\" gives them back.",
};

static int read_config(struct config *c, const struct options *o,
		       struct cgspan_err *err)
{
	int ret;

	ret = config_load(c, o->config, err);
	if (ret == -ENOENT && !o->config && o->store)
		ret = 0;	/* no file is needed: an option names the store */
	if (!ret && o->node)
		ret = config_set(c, "node", o->node, err);
	if (!ret && o->store)
		ret = config_set(c, "store", o->store, err);
	if (!ret)
		ret = config_check(c, err);
	return ret;
}

static int check_members(const struct config *c, struct cgspan_err *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < c->n_members; i++) {
		ret = guard_member(c->members[i].cgroup, DAEMON_NAME, err);
		if (ret)
			cgspan_err_wrap(err, "%s:%u", c->members[i].file,
					c->members[i].line);
	}
	return ret;
}

static void on_ready(void)
{
	sd_notify(0, "READY=1");
	log_line(LOG_NOTICE, "ready: members are bound, leases are in force");
}

static int on_term(sd_event_source *src, const struct signalfd_siginfo *si,
		   void *arg)
{
	(void)si;
	(void)arg;
	log_line(LOG_NOTICE, "stopping: the kernel keeps all leases");
	sd_notify(0, "STOPPING=1");
	return sd_event_exit(sd_event_source_get_event(src), 0);
}

/* Make the event loop; SIGTERM and SIGINT end it. */
static int make_loop(sd_event **out, struct cgspan_err *err)
{
	sigset_t set;
	int ret;

	/* Block SIGCHLD: sd-event learns by it that a fence agent has ended. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Writing to a broken connection must fail, not end the daemon. */
	signal(SIGPIPE, SIG_IGN);

	ret = sd_event_new(out);
	if (ret >= 0)
		ret = sd_event_add_signal(*out, NULL, SIGTERM, on_term, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(*out, NULL, SIGINT, on_term, NULL);
	if (ret >= 0)
		return 0;
	return cgspan_err_set(err, ret, "cannot make an event loop: %s",
			      strerror(-ret));
}

static int run(struct config *c, const char *path)
{
	struct cgspan_err err = { 0 };
	struct driver_conf conf = {
		.config = c,
		.config_path = path,
		.ready = on_ready,
	};
	struct driver *d = NULL;
	int ret;

	ret = make_loop(&conf.event, &err);
	if (!ret)
		ret = driver_new(&d, &conf, &err);
	if (ret) {
		log_line(LOG_ERR, "%s", err.msg);
		ret = 1;
	} else {
		sd_event_set_watchdog(conf.event, true);
		ret = sd_event_loop(conf.event) ? 1 : 0;
	}
	driver_free(d);
	sd_event_unref(conf.event);
	return ret;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct cgspan_err err;
	struct config c;
	int ret;

	argp_err_exit_status = EXIT_CONFIG;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	ret = read_config(&c, &o, &err);
	if (!ret && o.check)
		ret = check_members(&c, &err);
	if (ret) {
		log_line(LOG_ERR, "%s", err.msg);
		ret = EXIT_CONFIG;
	} else if (o.check) {
		printf("%s: ok\n", config_path(o.config));
	} else if (!c.store) {
		log_line(LOG_ERR,
			 "no store in %s or %s.d: a node on its own needs no daemon; \"cgspan join\" sets 'store'",
			 config_path(o.config), config_path(o.config));
		ret = EXIT_CONFIG;
	} else {
		ret = run(&c, config_path(o.config));
	}
	config_free(&c);
	return ret;
}
