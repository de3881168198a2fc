// SPDX-License-Identifier: GPL-2.0
#include "identity.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <systemd/sd-id128.h>

static void to_text(const uint8_t *bytes, char text[ID_LEN])
{
	int i;

	for (i = 0; i < CGSPAN_ID_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static int read_name(char *out, const char *name, struct cgspan_err *err)
{
	struct utsname host;
	size_t len;

	if (!name) {
		uname(&host);
		name = host.nodename;
		len = strcspn(name, ".");
	} else {
		len = strlen(name);
	}
	if (len > CGSPAN_NAME_LEN)
		len = CGSPAN_NAME_LEN;
	snprintf(out, CGSPAN_NAME_LEN + 1, "%.*s", (int)len, name);
	if (cgspan_name_check(out, err))
		return cgspan_err_wrap(err,
				       "this node needs a name (node = NAME in the configuration)");
	return 0;
}

int identity_read(struct identity *id, const char *name, const uint8_t *uuid,
		  struct cgspan_err *err)
{
	sd_id128_t machine, boot;
	int ret;

	ret = read_name(id->name, name, err);
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
	to_text(machine.bytes, id->machine);
	to_text(boot.bytes, id->boot);
	to_text(uuid, id->uuid);
	return 0;
}
