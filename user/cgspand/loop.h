/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time: the only clock that cgspand/ reads, and the only way in which it arms
 * a timer. A test may replace this file, with a clock of its own. For all else,
 * call sd_event_*() directly. Times are nanoseconds of CLOCK_BOOTTIME in the
 * time namespace of this process. For times of the kernel module, see
 * enforce_clock().
 */
#ifndef CGSPAN_LOOP_H
#define CGSPAN_LOOP_H

#include <stdint.h>
#include <systemd/sd-event.h>

#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

struct cgspan_err;

/**
 * loop_now() - read the clock, ns of CLOCK_BOOTTIME
 */
uint64_t loop_now(void);

/**
 * loop_timer() - make a timer, disarmed; loop_arm() sets its time
 * @fn: called with @arg at the time of the last loop_arm()
 * @out: release it with sd_event_source_disable_unref()
 * @err: may be NULL
 *
 * Return: 0 or a negative errno.
 */
int loop_timer(sd_event *event, sd_event_time_handler_t fn, void *arg,
	       sd_event_source **out, struct cgspan_err *err);

/**
 * loop_arm() - call a timer's function once; an idle loop does by @when + 1 ms
 * @when: ns of loop_now(); a time in the past means as soon as the loop runs,
 *	but not in this call
 */
void loop_arm(sd_event_source *timer, uint64_t when);

/**
 * loop_disarm() - cancel loop_arm()
 */
void loop_disarm(sd_event_source *timer);

#endif /* CGSPAN_LOOP_H */
