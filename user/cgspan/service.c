// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "store_sync.h"

/* Errors of systemctl itself go to standard error. */
static int systemctl(const char *command, struct cgspan_err *err)
{
	if (!system(command))
		return 0;
	return cgspan_err_set(err, -EIO,
			      "\"%s\" failed: see \"journalctl -u cgspand\"",
			      command);
}

int service_enable(struct cgspan_err *err)
{
	if (sd_booted() <= 0)
		return 1;
	/*
	 * Do not wait for systemd's start job, which lasts until the daemon is
	 * ready: the caller waits for the session, with its own time-out.
	 */
	return systemctl("systemctl --quiet enable --now --no-block cgspand.service",
			 err);
}

int service_disable(struct cgspan_err *err)
{
	if (sd_booted() <= 0 ||
	    systemctl("systemctl --quiet is-enabled cgspand.service", NULL))
		return 0;
	return systemctl("systemctl --quiet disable --now cgspand.service", err);
}

static int wait_for(struct cgspan *k, struct cgspan_events *ev,
		    enum cgspan_session_state state, uint64_t deadline,
		    struct cgspan_err *err)
{
	struct pollfd pfd = { .fd = cgspan_event_fd(ev), .events = POLLIN };
	struct cgspan_session session;
	struct cgspan_event e;
	uint64_t now;
	int ret;

	for (;;) {
		/* Events may be lost, so after any event read the state. */
		do
			ret = cgspan_event_recv(ev, &e, err);
		while (!ret || ret == -ENOBUFS);
		if (ret != -EAGAIN)
			return ret;
		ret = cgspan_node_get(k, NULL, &session, err);
		if (ret || session.state == state)
			return ret;
		now = sync_now();
		if (now >= deadline)
			return -ETIME;
		poll(&pfd, 1, deadline - now);
	}
}

int service_wait(struct cgspan *k, bool live, uint64_t deadline,
		 struct cgspan_err *err)
{
	struct cgspan_events *ev;
	int ret;

	ret = cgspan_event_open(&ev, CGSPAN_EVENT_SESSION, err);
	if (ret)
		return ret;
	ret = wait_for(k, ev, live ? CGSPAN_SESSION_LIVE : CGSPAN_SESSION_NONE,
		       deadline, err);
	cgspan_event_close(ev);
	return ret;
}
