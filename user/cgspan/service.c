// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "libcgspan/err.h"

/* systemctl prints its own errors. */
static int systemctl(const char *command, struct cgspan_err *err)
{
	if (!system(command))
		return 0;
	return cgspan_err_set(err, -EIO,
			      "\"%s\" failed: see \"journalctl -u cgspand\"",
			      command);
}

int service_enable(struct cgspan_err *err)
{
	if (sd_booted() <= 0)
		return 1;
	/* Ready means joined: the caller waits for that, with its time-out. */
	return systemctl("systemctl --quiet enable --now --no-block cgspand.service",
			 err);
}

int service_disable(struct cgspan_err *err)
{
	if (sd_booted() <= 0 ||
	    systemctl("systemctl --quiet is-enabled cgspand.service", NULL))
		return 0;
	return systemctl("systemctl --quiet disable --now cgspand.service", err);
}
