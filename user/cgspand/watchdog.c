// SPDX-License-Identifier: GPL-2.0
#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/watchdog.h>

#include "log.h"
#include "loop.h"
#include "enforce_module.h"

struct watchdog {
	const char *path;	/* path of the device, or NULL */
	int timeout;	/* time-out of the device, s */
	int fd;		/* the open device, which is then armed; or -1 */
	uint64_t fed;	/* time of the last feeding, ns of loop_now() */
	bool starving;	/* the end of feeding has been logged */
};

static int arm(struct watchdog *w, const char *group, struct cgspan_err *err)
{
	int timeout = w->timeout;

	if (w->fd >= 0)
		return 0;
	if (!w->path)
		return cgspan_err_set(err, -ENODEV,
				      "group %.200s resets this machine at expiry, but there is no watchdog: set 'watchdog' in the configuration",
				      group);
	w->fd = open(w->path, O_WRONLY | O_CLOEXEC);
	if (w->fd < 0)
		return cgspan_err_set(err, -errno,
				      "group %.200s resets this machine at expiry, but watchdog %.200s cannot be opened: %s%s",
				      group, w->path, strerror(errno),
				      errno == EBUSY ?
				      " (is systemd's RuntimeWatchdogSec= set?)" : "");
	if (ioctl(w->fd, WDIOC_SETTIMEOUT, &timeout) || timeout != w->timeout) {
		watchdog_disarm(w);
		return cgspan_err_set(err, -EINVAL,
				      "watchdog %.200s refuses a time-out of %d s: set another 'watchdog-timeout'",
				      w->path, w->timeout);
	}
	w->fed = loop_now();	/* WDIOC_SETTIMEOUT feeds the device */
	log_line(LOG_NOTICE,
		 "watchdog %s is armed, %d s: group %s resets this machine at expiry",
		 w->path, w->timeout, group);
	return 0;
}

/* Without the "V" a closed device stays armed and resets the machine. */
void watchdog_disarm(struct watchdog *w)
{
	if (w->fd < 0)
		return;
	if (write(w->fd, "V", 1) != 1)
		log_line(LOG_ERR, "watchdog %s cannot be disarmed: %s", w->path,
			 strerror(errno));
	else
		log_line(LOG_NOTICE, "watchdog %s is disarmed: no group needs it",
			 w->path);
	close(w->fd);
	w->fd = -1;
	w->starving = false;
}

static void feed(struct watchdog *w)
{
	uint64_t now = loop_now();

	w->starving = false;
	if (now - w->fed < w->timeout * NSEC_PER_SEC / 4)
		return;
	if (ioctl(w->fd, WDIOC_KEEPALIVE, 0))
		log_line(LOG_ERR, "watchdog %s cannot be fed: %s", w->path,
			 strerror(errno));
	else
		w->fed = now;
}

static void starve(struct watchdog *w, const char *group)
{
	if (!w->starving)
		log_line(LOG_ERR,
			 "the session has expired and group %s has tasks or grants: %s resets this machine",
			 group, w->path);
	w->starving = true;
}

static bool holds(const struct cgspan_group *g, bool use)
{
	unsigned int r;

	for (r = 0; r < g->n_res; r++)
		if (g->res[r].used || (!use && g->res[r].lease))
			return true;
	return false;
}

/* First reset group with use or, if not @use, a lease or member; or NULL. */
static const char *find(const struct enforce_view *v, bool use)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (v->groups[i].on_expiry == CGSPAN_ON_EXPIRY_RESET &&
		    (holds(&v->groups[i], use) ||
		     (!use && v->members[i])))
			return v->groups[i].path;
	return NULL;
}

static bool expired(struct enforce *e)
{
	struct cgspan_session session;
	struct cgspan_node node;

	return cgspan_node_get(enforce_kernel(e), &node, &session, NULL) ||
	       session.state == CGSPAN_SESSION_EXPIRED;
}

int watchdog_guard(struct watchdog *w, struct enforce *e,
		   const struct enforce_view *v, struct cgspan_err *err)
{
	const char *group = find(v, false), *busy;
	int ret;

	if (!group) {
		watchdog_disarm(w);
		return 0;
	}
	ret = arm(w, group, err);
	if (ret)
		return ret;
	busy = find(v, true);
	if (busy && expired(e))
		starve(w, busy);
	else
		feed(w);
	return 0;
}

int watchdog_new(struct watchdog **out, const char *path,
		 unsigned int timeout_ms, struct cgspan_err *err)
{
	struct watchdog *w = calloc(1, sizeof(*w));

	if (!w)
		return cgspan_err_nomem(err);
	w->path = path;
	w->timeout = timeout_ms / 1000;
	w->fd = -1;
	*out = w;
	return 0;
}

void watchdog_free(struct watchdog *w)
{
	if (w && w->fd >= 0)
		close(w->fd);
	free(w);
}
