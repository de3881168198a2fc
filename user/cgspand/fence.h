/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fencing by agents. If the heartbeat of a node stops, run a command of the
 * configuration (its fence agent), which switches the node off. Only when that
 * has succeeded, give the leases of the node back to the pools.
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
 * fence_new() - a fence without jobs
 * @out: free it with fence_free()
 * @event: the event loop
 * @s: the store
 * @agents: the configured agents; must outlive the fence
 * @n: number of @agents
 * @by: this node's name; must outlive the fence
 * @err: set on error
 *
 * Return: 0 or -ENOMEM.
 */
int fence_new(struct fence **out, struct sd_event *event, struct store *s,
	      const struct config_agent *agents, size_t n, const char *by,
	      struct cgspan_err *err);

/**
 * fence_free() - free it and its jobs, after store_close(); agents run on
 */
void fence_free(struct fence *f);

/**
 * fence_silent() - a node's heartbeat has stopped
 * @hb_rev: mod_rev of its heartbeat, as it was seen last
 *
 * Runs the agent of the node, and again 20 s after each failure, until it
 * succeeds or the node speaks; never twice at a time. An agent that hangs is
 * killed after 60 s, even if the node has spoken. Without an agent for the
 * node, logs what an admin can do.
 */
void fence_silent(struct fence *f, const char *node, int64_t hb_rev);

/**
 * fence_finish() - complete a fencing that another daemon or command began
 *
 * Fencing takes several transactions, and may be interrupted by a crash. After
 * 20 s, gives back the leases that the node still has; does nothing if the node
 * has joined again.
 */
void fence_finish(struct fence *f, const char *node);

/**
 * fence_speaks() - a silent node has a new heartbeat: end its job if not off
 */
void fence_speaks(struct fence *f, const char *node);

/**
 * agent_words() - split the command of an agent into words
 * @command: split at blanks and tabs; "%n" stands for @node, "%%" for "%"
 * @node: a node's name
 *
 * Return: an array ended by NULL, freed by one free(); NULL: no memory.
 */
char **agent_words(const char *command, const char *node);

#endif /* CGSPAN_FENCE_H */
