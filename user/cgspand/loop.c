// SPDX-License-Identifier: GPL-2.0
#include "loop.h"

#include <string.h>
#include <time.h>

#include "libcgspan/err.h"

#define ACCURACY_USEC	1000

uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

int loop_timer(sd_event *event, sd_event_time_handler_t fn, void *arg,
	       sd_event_source **out, struct cgspan_err *err)
{
	sd_event_source *timer = NULL;
	int ret;

	ret = sd_event_add_time(event, &timer, CLOCK_BOOTTIME, 0,
				ACCURACY_USEC, fn, arg);
	if (ret >= 0)
		ret = sd_event_source_set_enabled(timer, SD_EVENT_OFF);
	if (ret < 0) {
		sd_event_source_disable_unref(timer);
		return cgspan_err_set(err, ret, "cannot make a timer: %s",
				      strerror(-ret));
	}
	*out = timer;
	return 0;
}

void loop_arm(sd_event_source *timer, uint64_t when)
{
	sd_event_source_set_time(timer, when / 1000);
	sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

void loop_disarm(sd_event_source *timer)
{
	sd_event_source_set_enabled(timer, SD_EVENT_OFF);
}
