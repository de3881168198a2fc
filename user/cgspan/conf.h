/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration of a call. */
#ifndef CGSPAN_CONF_H
#define CGSPAN_CONF_H

#include "cmd.h"

struct config;

/**
 * conf_read() - read the configuration and check it
 * @c: the call
 * @config: filled; release it with config_free(), also after an error
 * @err: why it failed
 *
 * The default file need not exist; one that the call or the environment names
 * must.
 *
 * Return: 0 or a negative errno.
 */
int conf_read(struct cmd *c, struct config *config, struct cgspan_err *err);

#endif /* CGSPAN_CONF_H */
