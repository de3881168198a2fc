// SPDX-License-Identifier: GPL-2.0
#include "session.h"

#include <errno.h>
#include <poll.h>

#include "store_sync.h"

static int wait(struct cgspan *k, struct cgspan_events *ev,
		enum cgspan_session_state state, uint64_t deadline,
		struct cgspan_err *err)
{
	struct pollfd pfd = { .fd = cgspan_event_fd(ev), .events = POLLIN };
	struct cgspan_session session;
	struct cgspan_event e;
	uint64_t now;
	int ret;

	for (;;) {
		/* Events may be lost: the state is read after each of them. */
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

int session_wait(struct cgspan *k, bool live, uint64_t deadline,
		 struct cgspan_err *err)
{
	struct cgspan_events *ev;
	int ret;

	ret = cgspan_event_open(&ev, CGSPAN_EVENT_SESSION, err);
	if (ret)
		return ret;
	ret = wait(k, ev, live ? CGSPAN_SESSION_LIVE : CGSPAN_SESSION_NONE,
		   deadline, err);
	cgspan_event_close(ev);
	return ret;
}
