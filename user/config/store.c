// SPDX-License-Identifier: GPL-2.0
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

int config_store_open(struct store **out, struct sd_event *event,
		      const struct config *c, store_state_fn *on_state,
		      void *arg, struct cgspan_err *err)
{
	struct store_conf conf = {
		.url = c->store,
		.prefix = c->prefix,
		.cacert = c->cacert,
		.cert = c->cert,
		.key = c->key,
		.user = c->user,
	};
	char *password = NULL;
	int ret = 0;

	if (c->password_file)
		ret = config_password(c->password_file, &password, err);
	if (ret)
		return ret;
	conf.password = password;
	ret = store_open(out, event, &conf, on_state, arg, err);
	if (password)
		explicit_bzero(password, strlen(password));
	free(password);
	return ret;
}
