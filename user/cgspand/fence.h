/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fencing by agents: a node whose heartbeat has stopped is switched off by
 * a command of the configuration; only when that has succeeded are its leases
 * given back to the pools.
 */
#ifndef CGSPAN_FENCE_H
#define CGSPAN_FENCE_H

#include <stddef.h>
#include <stdint.h>

struct cgspan_err;
struct config_agent;
struct fence;
struct sd_event;
struct store;

/**
 * fence_new() - ready to fence
 * @out: free it with fence_free()
 * @event: the event loop
 * @s: the store
 * @agents: kept by the caller
 * @n: their number
 * @by: this node's name, kept by the caller
 * @err: why it failed
 *
 * Return: 0 or -ENOMEM.
 */
int fence_new(struct fence **out, struct sd_event *event, struct store *s,
	      const struct config_agent *agents, size_t n, const char *by,
	      struct cgspan_err *err);

/**
 * fence_free() - end; to be called after store_close()
 * @f: may be NULL; a running agent goes on by itself
 */
void fence_free(struct fence *f);

/**
 * fence_silent() - a node's heartbeat has stopped
 * @f: the fence
 * @node: its name
 * @hb_rev: mod_rev of its heartbeat, as it was seen last
 *
 * Runs the node's agent, again and again until it succeeds or the node speaks;
 * never two at a time. One that hangs is killed, even if the node has spoken.
 * Without an agent for it, says what an admin can do.
 */
void fence_silent(struct fence *f, const char *node, int64_t hb_rev);

/**
 * fence_finish() - a node has been fenced, and perhaps not to the end
 * @f: the fence
 * @node: its name
 *
 * Whoever fences takes several steps, and may die between two of them. After
 * a while, what the node still holds is given back; if it has come back since,
 * nothing is done.
 */
void fence_finish(struct fence *f, const char *node);

/**
 * fence_speaks() - a silent node's heartbeat goes on
 * @f: the fence
 * @node: its name
 */
void fence_speaks(struct fence *f, const char *node);

/**
 * agent_words() - the words of an agent's command
 * @command: parted by blanks; "%n" stands for @node, "%%" for "%"
 * @node: a node's name
 * @out: a NULL-terminated array in one piece of memory, to be freed
 *
 * Return: 0 or -ENOMEM.
 */
int agent_words(const char *command, const char *node, char ***out);

#endif /* CGSPAN_FENCE_H */
