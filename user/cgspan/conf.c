// SPDX-License-Identifier: GPL-2.0
#include "conf.h"

#include <errno.h>
#include <stdlib.h>

#include "config/file.h"

int conf_read(struct cmd *c, struct config *config, struct cgspan_err *err)
{
	bool named = c->config || getenv(CONFIG_ENV);
	int ret;

	ret = config_load(config, c->config, err);
	if (ret == -ENOENT && !named)
		ret = 0;
	return ret ? ret : config_check(config, err);
}
