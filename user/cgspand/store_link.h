/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store that this daemon works with: opens it as the configuration says,
 * asks for its identity until it answers, and tells later whether it is still
 * the same store.
 */
#ifndef CGSPAN_STORE_LINK_H
#define CGSPAN_STORE_LINK_H

#include "store/store.h"

struct cgspan_err;
struct config;
struct sd_event;
struct store_link;

/**
 * typedef store_link_known_fn - the store has answered for the first time
 * @arg: of struct store_link_conf
 * @ret: 0: the identity is known; -ENOMEM: it could not be kept
 */
typedef void store_link_known_fn(void *arg, int ret);

/**
 * struct store_link_conf - which store, and the functions to call
 * @event: the event loop
 * @config: names the store
 * @on_state: called when the store comes up or goes down
 * @known: called once
 * @arg: for both
 */
struct store_link_conf {
	struct sd_event *event;
	const struct config *config;
	store_state_fn *on_state;
	store_link_known_fn *known;
	void *arg;
};

/**
 * enum store_link_change - what has become of the store
 * @STORE_LINK_SAME: nothing
 * @STORE_LINK_BACK: it has gone back to an earlier revision
 * @STORE_LINK_OTHER: another store answers now
 */
enum store_link_change {
	STORE_LINK_SAME,
	STORE_LINK_BACK,
	STORE_LINK_OTHER,
};

/**
 * store_link_open() - open the store; one that is down is no error
 * @out: close it with store_link_close()
 * @conf: copied; @conf->config is used in this call only
 * @err: set on error
 *
 * Return: 0 or a negative errno.
 */
int store_link_open(struct store_link **out, const struct store_link_conf *conf,
		    struct cgspan_err *err);

/**
 * store_link_close() - close the store: no callback comes any more
 * @l: may be NULL
 */
void store_link_close(struct store_link *l);

/**
 * store_link_store() - the store itself, for requests
 * @l: the link
 *
 * Return: owned by @l.
 */
struct store *store_link_store(struct store_link *l);

/**
 * store_link_identity() - the identity that the store had at its first answer
 * @l: the link, after @known was called
 *
 * Return: owned by @l.
 */
const char *store_link_identity(const struct store_link *l);

/**
 * store_link_check() - compare the store with what it was at the last call
 * @l: the link, after @known was called
 *
 * Logs each change.
 *
 * Return: the change; each is returned once.
 */
enum store_link_change store_link_check(struct store_link *l);

#endif /* CGSPAN_STORE_LINK_H */
