/* SPDX-License-Identifier: GPL-2.0 */
#ifndef CGSPAN_CONFIG_STORE_H
#define CGSPAN_CONFIG_STORE_H

#include "store/store.h"

struct config;

/**
 * config_store_open() - open the store that a configuration names
 * @out: the store; close it with store_close()
 * @event: the loop; it must outlive the store
 * @c: has a store; may be freed after the call
 * @on_state: see store_open()
 * @arg: for @on_state
 * @err: why it failed
 *
 * Reads the file of the password. See store_open().
 *
 * Return: 0 or a negative errno.
 */
int config_store_open(struct store **out, struct sd_event *event,
		      const struct config *c, store_state_fn *on_state,
		      void *arg, struct cgspan_err *err);

#endif /* CGSPAN_CONFIG_STORE_H */
