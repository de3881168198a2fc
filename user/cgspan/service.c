// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "libcgspan/err.h"

#define UNIT	"cgspand.service"

/* systemctl prints its own errors. */
static int systemctl(const char *verb, const char *option, const char *more,
		     struct cgspan_err *err)
{
	char *const argv[] = {
		"systemctl", "--quiet", (char *)verb, UNIT, (char *)option,
		(char *)more, NULL
	};
	int ret, status;
	pid_t pid;

	ret = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (ret)
		return cgspan_err_set(err, -ret, "cannot run systemctl: %s",
				      strerror(ret));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return cgspan_err_set(err, -errno, "systemctl: %s",
					      strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return cgspan_err_set(err, -EIO,
			      "\"systemctl %s %s\" failed: see \"journalctl -u %s\"",
			      verb, UNIT, UNIT);
}

int service_enable(struct cgspan_err *err)
{
	if (sd_booted() <= 0)
		return 1;
	/* Ready means joined: the caller waits for that, with its time-out. */
	return systemctl("enable", "--now", "--no-block", err);
}

int service_disable(struct cgspan_err *err)
{
	if (sd_booted() <= 0 || systemctl("is-enabled", NULL, NULL, NULL))
		return 0;
	return systemctl("disable", "--now", NULL, err);
}
