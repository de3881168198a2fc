// SPDX-License-Identifier: GPL-2.0
#include "conf.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config.h"

int conf_read(struct cmd *c, struct config *config, struct cgspan_err *err)
{
	bool named = c->config || getenv(CONFIG_ENV);
	int ret;

	ret = config_load(config, c->config, err);
	if (ret == -ENOENT && !named)
		ret = 0;
	return ret ? ret : config_check(config, err);
}

int conf_dir(struct cmd *c, struct cgspan_err *err)
{
	char copy[PATH_MAX];
	const char *dir;

	snprintf(copy, sizeof(copy), "%s", config_path(c->config));
	dir = dirname(copy);
	if (!mkdir(dir, 0755) || errno == EEXIST)
		return 0;
	return cgspan_err_set(err, -errno, "cannot make %.100s: %s", dir,
			      strerror(errno));
}
