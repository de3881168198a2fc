/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop: sd-event with the few kinds of source that the daemon needs.
 * All times are nanoseconds of CLOCK_BOOTTIME as this process sees it; a time
 * that goes to or comes from the kernel module passes node_clock() instead.
 */
#ifndef CGSPAN_LOOP_H
#define CGSPAN_LOOP_H

#include <stdint.h>
#include <sys/types.h>

#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL

struct cgspan_err;
struct loop;
struct sd_event;
struct source;

typedef void loop_fn(void *arg);
typedef void loop_child_fn(void *arg, int status);

/**
 * loop_new() - a loop
 * @out: free it with loop_free() after all its sources
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_new(struct loop **out, struct cgspan_err *err);

/**
 * loop_free() - the end of a loop
 * @l: may be NULL
 */
void loop_free(struct loop *l);

/**
 * loop_event() - the sd-event below, for those who bring their own sources
 * @l: the loop
 *
 * Return: owned by the loop.
 */
struct sd_event *loop_event(struct loop *l);

/**
 * loop_run() - dispatch until loop_exit()
 * @l: the loop
 *
 * Return: what loop_exit() said, or a negative errno.
 */
int loop_run(struct loop *l);

/**
 * loop_exit() - make loop_run() return once the running callback is done
 * @l: the loop
 * @code: exit code of the process
 */
void loop_exit(struct loop *l, int code);

/**
 * loop_now() - what time it is
 *
 * Return: ns of CLOCK_BOOTTIME.
 */
uint64_t loop_now(void);

/**
 * loop_io() - call when a descriptor can be read
 * @l: the loop
 * @fd: stays the caller's
 * @fn: called as long as there is something to read
 * @arg: for @fn
 * @out: the source; end it with source_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_io(struct loop *l, int fd, loop_fn *fn, void *arg,
	    struct source **out, struct cgspan_err *err);

/**
 * loop_timer() - call once at a time; source_at() sets it
 * @l: the loop
 * @fn: called when the time has come
 * @arg: for @fn
 * @out: the source, off; end it with source_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_timer(struct loop *l, loop_fn *fn, void *arg, struct source **out,
	       struct cgspan_err *err);

/**
 * loop_defer() - call once, soon, not from within the caller
 * @l: the loop
 * @fn: called after source_at() with time 0
 * @arg: for @fn
 * @out: the source, off; end it with source_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_defer(struct loop *l, loop_fn *fn, void *arg, struct source **out,
	       struct cgspan_err *err);

/**
 * loop_signal() - call when a signal comes; blocks it for the process
 * @l: the loop
 * @sig: its number
 * @fn: called for it
 * @arg: for @fn
 * @out: the source; end it with source_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_signal(struct loop *l, int sig, loop_fn *fn, void *arg,
		struct source **out, struct cgspan_err *err);

/**
 * loop_child() - call when a child process ends; SIGCHLD must be blocked
 * @l: the loop
 * @pid: of the child
 * @fn: called with its wait status
 * @arg: for @fn
 * @out: the source; end it with source_free()
 * @err: why it failed
 *
 * Return: 0 or a negative errno.
 */
int loop_child(struct loop *l, pid_t pid, loop_child_fn *fn, void *arg,
	       struct source **out, struct cgspan_err *err);

/**
 * source_at() - arm a timer or a deferred call
 * @s: from loop_timer() or loop_defer()
 * @when: ns; one that has passed means now
 */
void source_at(struct source *s, uint64_t when);

/**
 * source_off() - disarm
 * @s: any source
 */
void source_off(struct source *s);

/**
 * source_free() - end a source; may be called from its own callback
 * @s: may be NULL
 */
void source_free(struct source *s);

#endif /* CGSPAN_LOOP_H */
