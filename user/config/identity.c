// SPDX-License-Identifier: GPL-2.0
#include "identity.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <systemd/sd-id128.h>

_Static_assert(ID_LEN >= SD_ID128_STRING_MAX, "an id does not fit");

int identity_name(char out[CGSPAN_NAME_LEN + 1], const char *name,
		  struct cgspan_err *err)
{
	struct utsname host;

	uname(&host);
	host.nodename[strcspn(host.nodename, ".")] = '\0';
	snprintf(out, CGSPAN_NAME_LEN + 1, "%.*s", CGSPAN_NAME_LEN,
		 name ? name : host.nodename);
	if (cgspan_name_check(out, err))
		return cgspan_err_wrap(err,
				       "this node needs a name (node = NAME in the configuration)");
	return 0;
}

int identity_read(struct identity *id, const char *name, const uint8_t *uuid,
		  struct cgspan_err *err)
{
	sd_id128_t machine, boot, module;
	int ret;

	ret = identity_name(id->name, name, err);
	if (ret)
		return ret;
	ret = sd_id128_get_machine(&machine);
	if (ret < 0)
		return cgspan_err_set(err, ret,
				      "this machine has no id in /etc/machine-id (%s): run systemd-machine-id-setup",
				      strerror(-ret));
	ret = sd_id128_get_boot(&boot);
	if (ret < 0)
		return cgspan_err_set(err, ret,
				      "cannot read /proc/sys/kernel/random/boot_id: %s",
				      strerror(-ret));
	memcpy(id->boot_id, boot.bytes, sizeof(id->boot_id));
	memcpy(module.bytes, uuid, sizeof(module.bytes));
	sd_id128_to_string(machine, id->machine);
	sd_id128_to_string(boot, id->boot);
	sd_id128_to_string(module, id->uuid);
	return 0;
}
